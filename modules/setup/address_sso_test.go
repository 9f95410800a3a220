package setup_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"portico/modules/setup"
	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/auth/sso"
	"portico/platform/db"
	"portico/platform/domain"
	"portico/platform/domain/dnstest"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/portaltest"
	"portico/platform/web"
)

// withProvider gives the firm single sign-on; required lets its staff in no other way.
func withProvider(t *testing.T, site *portaltest.Site, required bool) {
	t.Helper()
	desk := sso.NewDesk(site.Host.Key, true, site.Now)
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		_, err := desk.Save(ctx, tx, auth.System(site.FirmID()), sso.Provider{
			Name: "Passgate", Issuer: "https://passgate.example", ClientID: "portico", Domains: []string{"northgate.example"}, Enabled: true,
		}, "secret")
		return err
	})
	must(t, err)
	require(t, site, required)
}

func require(t *testing.T, site *portaltest.Site, required bool) {
	t.Helper()
	_, err := site.DB(t).NewRaw("update sso_provider set required = ?", required).Exec(t.Context())
	must(t, err)
}

// admin is Priya, who came in by single sign-on.
func admin(t *testing.T, site *portaltest.Site) *portaltest.Browser {
	t.Helper()
	required := one[bool](t, site, "select required from sso_provider where firm_id = ?", site.FirmID())
	require(t, site, false)
	b := site.As("priya")
	_, err := site.DB(t).NewRaw("update session set sso = true where person_id = ?", site.Person("priya").ID).Exec(t.Context())
	must(t, err)
	require(t, site, required)
	return b.For(t)
}

var hang = access.Staff("wall:see", access.Member)

// wall is a page that shows the card about domains.
var wall = module.Module{
	ID: "wall", Title: "Wall", Icon: "zap", Summary: "For tests.", Toggle: module.Always, Permissions: []access.Permission{hang},
	Mount: func(p module.Platform) (module.Section, error) {
		return module.Section{Office: []web.Route{web.Get("/", hang, func(r *web.Request) error {
			for _, card := range p.Catalog().Cards(r.Viewer()) {
				if card.ID != "setup:domains" {
					continue
				}
				part, _, err := card.Draw(r)
				if err != nil {
					return err
				}
				return r.Parts(part)
			}
			return fault.NotFound()
		})}}, nil
	},
}

func TestAnAddressNamesWhatSingleSignOnNeedsBeforeItChanges(t *testing.T) {
	site := settled(t)
	const page = "/office/setup/address/change?key=northgate"
	maria := site.As("maria")
	maria.Open(page).SeesNot(t, "redirect address", sso.Callback)
	withProvider(t, site, false)
	callback := at(site, "northgate") + sso.Callback
	maria.Open(page).Sees(t, "Single sign-on", "First enter the new one at Passgate", callback).SeesNot(t, "all but owners")
	admin(t, site).Open(page).Sees(t, callback, "Change the address")

	require(t, site, true)
	maria.Open(page).Sees(t, callback, "all but owners come in no other way")
	priya := admin(t, site)
	priya.Open(page).Sees(t, "only an owner can move the portal")
	if a := priya.Get(page); strings.Contains(string(a.Body), "<button class=\"button primary\">Change the address") {
		t.Error("an admin is offered what is refused")
	}
	a := priya.Post("/office/setup/address", url.Values{"key": {"northgate"}, "was": {"demo"}})
	if a.Status != 409 || !strings.Contains(string(a.Body), "only an owner can move the portal") || one[string](t, site, "select key from firm where firm_id = ?", site.FirmID()) != "demo" {
		t.Errorf("an admin moves it: %d\n%s", a.Status, a.Body)
	}
	maria.Open(page).Press("Change the address")
	if got := maria.URL(); !strings.HasPrefix(got, at(site, "northgate")+"/sign-in/link/") {
		t.Fatalf("the owner is at %s", got)
	}
	maria.Press("Continue").Sees(t, "Protect your account") // an owner comes in, and shows a factor of her own
}

func TestADomainNamesWhatSingleSignOnNeeds(t *testing.T) {
	names := dnstest.Start(t)
	site := portaltest.Configured(t, map[string]string{"PORTICO_MAIN_FIRM": "nobody", "PORTICO_DNS": names.Address}, setup.Module, wall)
	const name = "portal.northgate.example.com"
	const page = "/office/setup/domains/" + name
	withProvider(t, site, true)
	maria := site.As("maria")
	maria.Open("/office/setup/address").Fill("Add a domain", name).Press("Add the domain").SeesNot(t, sso.Callback)
	names.Say(domain.Record(name), token(t, site, name))
	names.Lead(name, "203.0.113.7")
	there, back := strings.Replace(site.URL(), "demo.localhost", name, 1)+sso.Callback, site.URL()+sso.Callback
	maria.Press("Check now").Sees(t, "The portal answers here", "First enter the new one at Passgate", there)

	chosen := func() bool {
		t.Helper()
		return one[bool](t, site, "select exists (select from address where chosen and name = ?)", name)
	}
	refused := func(deed, path string) {
		t.Helper()
		was := chosen()
		a := admin(t, site).Post(path, url.Values{})
		if a.Status != 409 || !strings.Contains(string(a.Body), "only an owner can move the portal") || chosen() != was {
			t.Errorf("an admin may %s: %d", deed, a.Status)
		}
	}
	admin(t, site).Open(page).Sees(t, "only an owner can move the portal").SeesNot(t, "Make it the main address")
	refused("choose the domain", page+"/choice")
	maria.Press("Make it the main address").Sees(t, "Saved.", "Main address")
	maria.Open(page).Sees(t, "Use the portal name instead", back).SeesNot(t, there)
	admin(t, site).Open(page).Sees(t, "only an owner can move the portal").SeesNot(t, "Use the portal name instead", "Remove this domain")
	refused("give it up", page+"/choice?_method=DELETE")
	refused("remove it", page+"?_method=DELETE")
	require(t, site, false)
	admin(t, site).Open(page).Sees(t, back, "Remove this domain").Press("Use the portal name instead").Sees(t, "Saved.")

	tick(t, site)
	names.Say(domain.Record(name)) // the proof is gone
	site.Advance(25 * time.Hour)
	tick(t, site)
	site.Settle(t)
	mail := site.MailTo(site.Person("maria").Email)
	if !strings.Contains(mail.Subject, "does not lead to your portal any more") || !strings.Contains(mail.Text, back) || !strings.Contains(mail.Text, "entered at Passgate") {
		t.Errorf("mail %q: %s", mail.Subject, mail.Text)
	}
	site.As("maria").Open("/office/wall").Sees(t, "does not answer here any more", back, "entered at Passgate")
	_, err := site.DB(t).NewRaw("update sso_provider set enabled = false, required = false").Exec(t.Context())
	must(t, err)
	site.As("maria").Open("/office/wall").Sees(t, "does not answer here any more").SeesNot(t, "Passgate")
}
