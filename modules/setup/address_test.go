package setup_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/modules/setup"
	"portico/platform/domain"
	"portico/platform/domain/dnstest"
	"portico/platform/portaltest"
	"portico/worker"
)

// settled is a site where no firm lives at the installation's own name, as where there are several.
func settled(t *testing.T, environment ...string) *portaltest.Site {
	t.Helper()
	with := map[string]string{"PORTICO_MAIN_FIRM": "nobody"}
	for i := 0; i < len(environment); i += 2 {
		with[environment[i]] = environment[i+1]
	}
	return portaltest.Configured(t, with, setup.Module)
}

func at(site *portaltest.Site, key string) string {
	return strings.Replace(site.URL(), "//demo.", "//"+key+".", 1)
}

func TestAFirmChangesItsAddress(t *testing.T) {
	site := settled(t)
	before := site.URL()
	site.Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		maria.Open("/office/setup/address").Sees(t, before, "Your name now")
		maria.Fill("Name in the address", " https://Northgate.localhost ").Press("Show the address").Sees(t, at(site, "northgate"), "Free")
		maria.Press("Change the name").Sees(t, "Change the portal address", at(site, "northgate"), "leads to the new one until")
		if one[bool](t, site, "select key <> 'demo' from firm where firm_id = ?", site.FirmID()) {
			t.Fatal("it changed before it was confirmed")
		}
		maria.Press("Change the address") // leads to the new host, where a cookie of the old one is worth nothing
		if got := maria.URL(); !strings.HasPrefix(got, at(site, "northgate")+"/sign-in/link/") {
			t.Fatalf("Maria is at %s", got)
		}
		northgate := site.Firm("northgate")
		maria.Press("Continue").Sees(t, at(site, "northgate"), "Former addresses", before)
		if origin, err := site.Links.Origin(t.Context(), northgate.FirmID()); err != nil || origin != at(site, "northgate") {
			t.Errorf("links begin with %s, %v", origin, err)
		}

		// everybody else is led on, with path and question, and signs in again
		ben := northgate.As("ben")
		old := site.Stranger()
		old.SetSession(northgate.Session("ben"))
		for _, path := range []string{"/office/setup?a=b%20c&d=%2F", "/sign-in", "/files/x/y", "/live", "/portal/all"} {
			if a := old.Get(path); a.Status != 308 || a.Header.Get("Location") != at(site, "northgate")+path || len(a.Body) > 0 || a.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s at the former address: %d to %s, %d bytes, cookie %q", path, a.Status, a.Header.Get("Location"), len(a.Body), a.Header.Get("Set-Cookie"))
			}
		}
		if a := old.Post("/sign-in", url.Values{"email": {"ana.rivera@example.com"}}); a.Status != 308 && a.Status != 403 {
			t.Errorf("a form at the former address: %d", a.Status)
		}
		if a := ben.Get("/office"); a.Status != 200 && a.Status != 404 {
			t.Errorf("at the new one: %d", a.Status)
		}
		text := one[string](t, site, "select data::text from activity where verb = 'firm.address'")
		if !strings.Contains(text, before) || !strings.Contains(text, at(site, "northgate")) {
			t.Errorf("the log says %s", text)
		}

		// nobody else can have the former name; its firm can
		harbor := site.Firm("harbor").As("noor")
		harbor.Open("/office/setup/address").Fill("Name in the address", "demo").Press("Show the address").Sees(t, "This address is taken")
		harbor.Press("Change the name").Has(t, 422).Sees(t, "This address is taken")
		maria.Open("/office/setup/address").Follow("Go back to "+before).Sees(t, "Is it you?") // moving along proves nothing anew
		maria = northgate.As("maria")
		maria.Open("/office/setup/address").Follow("Go back to " + before).Press("Go back to this address")
		if got := maria.URL(); !strings.HasPrefix(got, before+"/sign-in/link/") {
			t.Errorf("back, Maria is at %s", got)
		}
		site.Firms.Forget()
	})
}

func TestNamesThatCannotBe(t *testing.T) {
	site := settled(t)
	maria := site.As("maria")
	for name, says := range map[string]string{
		"www": "reserved", "admin": "reserved", "mail": "reserved", "xn--demo": "reserved", "ab": "3 to 40", "-demo": "3 to 40", "de_mo": "3 to 40",
		"démo": "3 to 40", "demo.sub": "3 to 40", strings.Repeat("a", 41): "3 to 40", "harbor": "taken", "<script>": "3 to 40", "'; drop": "3 to 40",
	} {
		page := "/office/setup/address?key=" + url.QueryEscape(name)
		maria.Open(page).Sees(t, says)
		if a := maria.Get("/office/setup/address/change?key=" + url.QueryEscape(name)); a.Status != 422 || !strings.Contains(string(a.Body), says) {
			t.Errorf("%q: %d", name, a.Status)
		}
		if a := maria.Post("/office/setup/address", url.Values{"key": {name}, "was": {"demo"}}); a.Status != 422 {
			t.Errorf("saving %q: %d", name, a.Status)
		}
	}
	if one[string](t, site, "select key from firm where firm_id = ?", site.FirmID()) != "demo" {
		t.Error("it was changed")
	}
}

func TestAnAddressIsChangedWithCare(t *testing.T) {
	site := settled(t)
	maria := site.As("maria")
	form := func(key, was string) url.Values { return url.Values{"key": {key}, "was": {was}} }
	if a := maria.Post("/office/setup/address", form("northgate", "what-it-was")); a.Status != 409 {
		t.Errorf("somebody else was quicker: %d", a.Status)
	}
	for who, want := range map[string]int{"ben": 404, "ana": 404} {
		if a := site.As(who).Post("/office/setup/address", form("northgate", "demo")); a.Status != want {
			t.Errorf("%s: %d", who, a.Status)
		}
	}
	_, err := site.DB(t).NewRaw("update session set confirmed_at = now() - interval '1 hour'").Exec(t.Context())
	must(t, err)
	for _, a := range []portaltest.Answer{
		maria.Post("/office/setup/address", form("northgate", "demo")), maria.Get("/office/setup/address/change?key=northgate"),
	} {
		to := a.Header.Get("Location")
		if u, err := url.Parse(to); err != nil || u.Path != "/sign-in/confirm" || u.Query().Get("to") != "/office/setup/address/change?key=northgate" {
			t.Errorf("no proof is asked for: %d %s", a.Status, to)
		}
	}
	maria = site.As("maria")
	_, err = site.DB(t).NewRaw("insert into passkey (firm_id, id, person_id, name, credential) values (?, '\\x01', ?, 'key', '{}')", site.FirmID(), site.Person("maria").ID).Exec(t.Context())
	must(t, err)
	maria.Open("/office/setup/address/change?key=northgate").Sees(t, "Your only second factor is a passkey")
	if a := maria.Post("/office/setup/address", form("northgate", "demo")); a.Status != 409 {
		t.Errorf("Maria locks herself out: %d", a.Status)
	}
	_, err = site.DB(t).NewRaw("update passkey set person_id = ?", site.Person("priya").ID).Exec(t.Context())
	must(t, err)
	maria.Open("/office/setup/address/change?key=northgate").Sees(t, "A passkey is the only second factor of Priya")

	key := "demo"
	changes := 0
	for _, next := range []string{"north-1", "north-2", "north-3", "north-4", "north-5", "north-6", "north-7"} {
		b := site.Firm(key).As("maria")
		if a := b.Post("/office/setup/address", form(next, key)); a.Status == 303 {
			key = next
			changes++
		} else if a.Status != 409 {
			t.Errorf("%s: %d", next, a.Status)
		}
	}
	if changes != 5 {
		t.Errorf("%d changes within a day", changes)
	}
}

// withDNS is a site that asks a name server of the test.
func withDNS(t *testing.T) (*portaltest.Site, *dnstest.Server) {
	t.Helper()
	names := dnstest.Start(t)
	return settled(t, "PORTICO_DNS", names.Address), names
}

// tick is a beat of the clock.
func tick(t *testing.T, site *portaltest.Site) {
	t.Helper()
	_, err := worker.Tick(t.Context(), worker.Config{
		App: site.Pool, Ops: site.Ops, Redis: site.Redis, Handlers: site.Jobs, Log: site.Log, Clock: site.Now,
	})
	must(t, err)
}

func token(t *testing.T, site *portaltest.Site, name string) string {
	return one[string](t, site, "select token from domain where name = ? and firm_id = ?", name, site.FirmID())
}

func TestAFirmBringsADomain(t *testing.T) {
	site, names := withDNS(t)
	const name = "portal.northgate.example.com"
	site.Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		names.Say(domain.Record(name))
		names.Lead(name, "")
		for typed, says := range map[string]string{"203.0.113.7": "number", "demo.localhost": "belongs to the installation", "co.uk": "Many people share", "north gate.com": "no name", "": "Enter a name"} {
			if a := maria.Post("/office/setup/domains", url.Values{"domain": {typed}}); a.Status != 422 || !strings.Contains(string(a.Body), says) {
				t.Errorf("%q: %d", typed, a.Status)
			}
		}
		maria.Open("/office/setup/address").Fill("Add a domain", "https://Portal.Northgate.example.com/").Press("Add the domain")
		proof := token(t, site, name)
		maria.Sees(t, "Waiting for proof", "_portico-challenge."+name, proof, "CNAME")
		maria.Press("Check now").Sees(t, "The last check found no TXT record")
		names.Say(domain.Record(name), proof)
		maria.Press("Check now").Sees(t, name+" is proved", "The portal answers here")
		maria.Press("Make it the main address").Has(t, 409).Sees(t, "This domain leads nowhere yet")
		names.Lead(name, "203.0.113.7")
		maria.Press("Make it the main address").Sees(t, "Saved.", "Main address")
		if origin, err := site.Links.Origin(t.Context(), site.FirmID()); err != nil || !strings.HasPrefix(origin, "http://"+name) {
			t.Errorf("links begin with %s, %v", origin, err)
		}
		if place, err := site.Firms.ByHost(t.Context(), strings.ToUpper(name)+".:443"); err != nil || place.Firm != site.FirmID() || place.Old {
			t.Errorf("%+v %v", place, err)
		}
		noor := site.Firm("harbor").As("noor")
		if a := noor.Post("/office/setup/domains", url.Values{"domain": {name}}); a.Status != 422 || !strings.Contains(string(a.Body), "in use already") {
			t.Errorf("claimed by another firm: %d", a.Status)
		}
		for _, path := range []string{"/domains/" + name, "/domains/nothing.example.com"} {
			if a := noor.Get("/office/setup" + path); a.Status != 404 {
				t.Errorf("another firm's %s: %d", path, a.Status)
			}
		}
		maria.Open("/office/setup/domains/" + name).Press("Use the portal name instead")
		maria.Open("/office/setup/domains/"+name).Press("Remove this domain").Sees(t, name+" is removed")
		if _, err := site.Firms.ByHost(t.Context(), name); err == nil {
			t.Error("removed, and still there")
		}
		for _, verb := range []string{"domain.added", "domain.proved", "domain.chosen", "domain.removed"} {
			if !one[bool](t, site, "select exists (select from activity where verb = ?)", verb) {
				t.Errorf("the log knows nothing of %s", verb)
			}
		}
		_, err := site.DB(t).NewRaw("delete from activity where verb like 'domain.%'").Exec(t.Context())
		must(t, err)
	})
}

func TestDomainsAreLookedAtByThemselves(t *testing.T) {
	site, names := withDNS(t)
	const name = "portal.northgate.example.com"
	maria := site.As("maria")
	maria.Open("/office/setup/address").Fill("Add a domain", name).Press("Add the domain")
	names.Say(domain.Record(name), token(t, site, name))
	later := func(d time.Duration) {
		t.Helper()
		site.Advance(d)
		tick(t, site)
		site.Settle(t)
	}
	state := func() string {
		t.Helper()
		return one[string](t, site, "select state from domain where name = ?", name)
	}
	tick(t, site) // the clock of this installation begins
	later(10 * time.Minute)
	if state() != "proved" {
		t.Fatalf("it is %s", state())
	}
	if text := site.MailTo(site.Person("maria").Email); !strings.Contains(text.Subject, "is ready") {
		t.Errorf("mail %q", text.Subject)
	}
	must(t, site.DB(t).NewRaw("update address set chosen = true where name = ? returning true", name).Scan(t.Context(), new(bool)))

	names.Break(true) // the DNS is away: nothing is taken away, and the staff hear of it after some hours
	later(25 * time.Hour)
	if state() != "unsure" {
		t.Fatalf("it is %s", state())
	}
	later(7 * time.Hour)
	if text := site.MailTo(site.Person("maria").Email); !strings.Contains(text.Subject, "do not answer") {
		t.Errorf("mail %q", text.Subject)
	}
	if _, err := site.Firms.ByHost(t.Context(), name); err != nil {
		t.Errorf("taken away: %v", err)
	}
	names.Break(false)
	later(time.Hour)
	if state() != "proved" {
		t.Fatalf("it is %s", state())
	}

	names.Say(domain.Record(name)) // the record is gone
	later(25 * time.Hour)
	if state() != "lost" {
		t.Fatalf("it is %s", state())
	}
	if _, err := site.Firms.ByHost(t.Context(), name); err == nil {
		t.Error("a domain without its proof still answers")
	}
	text := site.MailTo(site.Person("maria").Email)
	if !strings.Contains(text.Subject, "does not lead to your portal any more") || !strings.Contains(text.Text, site.URL()+"/office/setup/domains/"+name) {
		t.Errorf("mail %q: %s", text.Subject, text.Text)
	}
	maria.Open("/office/setup/domains/"+name).Sees(t, "Taken off", "The TXT record is gone")
}
