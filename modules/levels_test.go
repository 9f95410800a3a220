package modules_test

import (
	"context"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/module"
	"portico/platform/portaltest"
	"portico/platform/secret"
	"portico/platform/web"
)

// Journeys of the four levels through the whole product, with one section more that asks for rights: a ledger.

var (
	readLedger = access.Client("ledger:read", "ledger").With(access.ViewInvoices)
	payLedger  = access.Client("ledger:pay", "ledger").InArea("open").With(access.MakePayments)
)

var ledger = module.Module{
	ID: "ledger", Title: "Ledger", Summary: "What was agreed to pay.", Icon: "folder", Toggle: module.Switched,
	Areas:       []access.Area{{ID: "open", Title: "Open sums"}},
	Permissions: []access.Permission{readLedger, payLedger},
	PortalNav:   []module.Nav{{Title: "Ledger", Icon: "folder", Who: readLedger, Order: 850}},
	Presets:     map[string]bool{"builder": true},
	Views:       fstest.MapFS{"views/index.html": {Data: []byte(`<h1>Ledger</h1>`)}},
	Mount: func(module.Platform) (module.Section, error) {
		show := func(r *web.Request) error { r.Title("Ledger"); return r.Show("ledger/index", r.Here()) }
		return module.Section{Portal: []web.Route{web.Get("/", readLedger, show), web.Get("/payment", payLedger, show)}}, nil
	},
}

func withLedger(t *testing.T) *portaltest.Site {
	t.Helper()
	return portaltest.Open(t, append(module.All(), ledger)...)
}

// whoSees reads the page "Who sees what" of the contact's client: for each column "on" or "off", and the level.
func whoSees(t *testing.T, site *portaltest.Site, contact string) map[string]string {
	t.Helper()
	return whoOf(t, site, site.Person(contact))
}

func whoOf(t *testing.T, site *portaltest.Site, contact portaltest.Person) map[string]string {
	t.Helper()
	page := site.As("maria").For(t).Open("/office/setup/clients/"+contact.ClientID.String()+"/who").Has(t, 200)
	for _, row := range strings.Split(page.Body(), "<tr>")[1:] {
		if !strings.Contains(row, "/contacts/"+contact.ContactID.String()) {
			continue
		}
		cells := map[string]string{}
		for _, m := range regexp.MustCompile(`title="(.+?): (on|off), decided by (?:the |this )(\w+)`).FindAllStringSubmatch(row, -1) {
			cells[html.UnescapeString(m[1])] = m[2] + " by " + m[3]
		}
		return cells
	}
	t.Fatalf("%s is not in the table", contact.Name)
	return nil
}

func wants(t *testing.T, what string, cells map[string]string, want map[string]string) {
	t.Helper()
	for column, answer := range want {
		if cells[column] != answer {
			t.Errorf("%s: %s is %q, want %q", what, column, cells[column], answer)
		}
	}
}

func status(t *testing.T, site *portaltest.Site, who, path string, want int) {
	t.Helper()
	if got := site.As(who).For(t).Get(path).Status; got != want {
		t.Errorf("%s at %s: %d, want %d", who, path, got, want)
	}
}

func setupOf(site *portaltest.Site, who string) string {
	return "/office/setup/clients/" + site.Person(who).ClientID.String()
}

// found is what every section's search answers to a client.
func found(t *testing.T, site *portaltest.Site, who, words string) (titles []string) {
	t.Helper()
	tx, err := db.BeginRead(t.Context(), site.Pool, site.FirmID())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	v := viewerOf(t, site, tx, who)
	for _, m := range site.Catalog.Modules {
		if m.Search == nil {
			continue
		}
		hits, err := m.Search(t.Context(), tx, v, words, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range hits {
			titles = append(titles, h.Title)
		}
	}
	return titles
}

func viewerOf(t *testing.T, site *portaltest.Site, tx bun.Tx, who string) auth.Viewer {
	t.Helper()
	loaded, err := auth.Load(context.WithoutCancel(t.Context()), tx, site.FirmID(), secret.Hash(site.Session(who)), site.Now())
	if err != nil {
		t.Fatal(err)
	}
	return loaded.Viewer
}

func TestASectionGoesOffForOneClientAndOnAgain(t *testing.T) {
	t.Parallel()
	site := withLedger(t)
	maria, ana := site.As("maria"), site.As("ana")
	everywhere := func(what string, there bool) {
		t.Helper()
		ana.Open("/portal/all").Has(t, 200)
		if has := ana.Count(`a[href="/portal/all/help"]`) > 0; has != there {
			t.Errorf("%s: a way into the section: %v", what, has)
		}
		if has := strings.Contains(ana.Text(), "How it works"); has != there {
			t.Errorf("%s: a card on the dashboard: %v", what, has)
		}
		if has := len(found(t, site, "ana", "draws")) > 0; has != there {
			t.Errorf("%s: found by a search: %v", what, has)
		}
		want := map[bool]int{true: 200, false: 404}[there]
		for _, path := range []string{"/portal/all/help", "/portal/all/help/articles/how-draws-work", "/portal/maple-street/help", "/portal/all/help/questions"} {
			status(t, site, "ana", path, want)
		}
		status(t, site, "grace", "/portal/all/help", 200)
	}
	everywhere("before", true)
	ana.Open("/portal/all/help/questions/new").Fill("Your question", "When is the paint dry?").Press("Send to the team")
	question := ana.Path()

	maria.Open(setupOf(site, "ana")).Choose("Help for this client", "Off").Press("Save changes").Sees(t, "Saved.", "by this client")
	everywhere("off", false)
	status(t, site, "ana", question, 404)
	before := len(site.Mails())
	site.As("ben").For(t).Open("/office/help/questions").Follow("When is the paint dry?").Fill("Answer", "On Friday.").Press("Send the answer")
	if n := len(site.Mails()) - before; n != 0 {
		t.Errorf("%d mails from a section that is off", n)
	}

	maria.Open(setupOf(site, "ana")).Choose("Help for this client", "As the firm").Press("Save changes").Sees(t, "Saved.")
	everywhere("on again", true)
	ana.Open(question).Has(t, 200).Sees(t, "When is the paint dry?", "On Friday.")
	if n := len(site.Mails()) - before; n != 0 {
		t.Errorf("%d mails come late", n)
	}
}

func TestTwoContactsWithDifferentRights(t *testing.T) {
	t.Parallel()
	site := withLedger(t)
	exec(t, site, `update firm set switches = switches || '{"ledger": true, "ledger/open": true}' where firm_id = ?`, site.FirmID())
	maria := site.As("maria")
	contacts := "/office/clients/" + site.Person("ana").ClientID.String() + "/contacts/"
	rights := func(who string, on map[string]bool) {
		maria.Open(contacts + site.Person(who).ContactID.String())
		for right, tick := range on {
			if tick {
				maria.Tick(right)
			} else {
				maria.Untick(right)
			}
		}
		maria.Press("Save changes").Sees(t, "was saved")
	}
	rights("ana", map[string]bool{"View invoices": true, "Make payments": true, "Send messages": true})
	rights("tom", map[string]bool{"View invoices": false, "Make payments": true, "Send messages": false})

	status(t, site, "ana", "/portal/all/ledger", 200)
	status(t, site, "ana", "/portal/all/ledger/payment", 200)
	status(t, site, "ana", "/portal/all/help/questions/new", 200)
	status(t, site, "tom", "/portal/all/ledger", 404)
	status(t, site, "tom", "/portal/all/help", 200)
	status(t, site, "tom", "/portal/all/help/questions/new", 404)
	if tom := site.As("tom"); strings.Contains(tom.Open("/portal/all").Body(), "/ledger") {
		t.Error("Tom is shown a way that he may not go")
	}
	wants(t, "ana", whoSees(t, site, "ana"), map[string]string{"Ledger": "on by firm", "Open sums": "on by firm", "View invoices": "on by contact", "Send messages": "on by contact"})
	wants(t, "tom", whoSees(t, site, "tom"), map[string]string{"Ledger": "off by contact", "Help": "on by firm", "View invoices": "off by contact", "Make payments": "on by contact", "Send messages": "off by contact"})

	rights("tom", map[string]bool{"View invoices": true})
	status(t, site, "tom", "/portal/all/ledger", 200)
	rights("tom", map[string]bool{"Make payments": false})
	status(t, site, "tom", "/portal/all/ledger/payment", 404)
	wants(t, "tom", whoSees(t, site, "tom"), map[string]string{"Ledger": "on by firm", "Open sums": "off by contact"})
	site.As("maria").For(t).Open("/office/setup/activity").Sees(t, "changed rights of Tom Rivera", "Rights")
}

func TestEachOfTheFourLevelsDecidesOnce(t *testing.T) {
	t.Parallel()
	site := withLedger(t)
	maria := site.As("maria")
	garden := func(what, answer string, statuses map[string]int) {
		t.Helper()
		wants(t, what, whoSees(t, site, "ana"), map[string]string{"Garden": answer})
		for path, want := range statuses {
			t.Run(what, func(t *testing.T) { status(t, site, "ana", path, want) })
		}
	}
	garden("to begin with", "on by firm", map[string]int{"/portal/all/garden": 200})

	maria.Open("/office/setup/sections").Untick("Garden").Press("Save changes").Sees(t, "Saved.")
	garden("the firm", "off by firm", map[string]int{"/portal/all/garden": 404})

	maria.Open(setupOf(site, "ana")).Choose("Garden for this client", "On").Press("Save changes").Sees(t, "Saved.")
	garden("the client", "on by client", map[string]int{"/portal/all/garden": 200, "/portal/maple-street/garden": 200})
	status(t, site, "grace", "/portal/all/garden", 404)

	for _, key := range []string{"maple-street", "maple-garden"} {
		var project string
		if err := site.DB(t).NewRaw("select id::text from project where key = ? and firm_id = ?", key, site.FirmID()).Scan(t.Context(), &project); err != nil {
			t.Fatal(err)
		}
		maria.Open("/office/setup/projects/"+project).Choose("Garden in this project", "Off").Press("Save changes").Sees(t, "Saved.")
		if key == "maple-street" {
			garden("one project", "on by client", map[string]int{"/portal/all/garden": 200, "/portal/maple-street/garden": 404, "/portal/maple-garden/garden": 200})
		}
	}
	garden("all projects", "off by project", map[string]int{"/portal/all/garden": 404})

	tom := site.Person("tom")
	page := "/office/clients/" + tom.ClientID.String() + "/contacts/" + tom.ContactID.String()
	maria.Open(page).Untick("Grant access to the portal").Press("Save changes").Sees(t, "was saved")
	wants(t, "the contact", whoOf(t, site, tom), map[string]string{"Portal": "off by contact", "Help": "off by contact", "Garden": "off by contact", "View invoices": "off by contact"})
	wants(t, "the other contact", whoSees(t, site, "ana"), map[string]string{"Portal": "on by client", "Help": "on by firm"})

	exec(t, site, "update contact set disabled_at = now() where id = ?", site.Person("ana").ContactID)
	wants(t, "a disabled contact", whoSees(t, site, "ana"), map[string]string{"Portal": "off by contact", "Help": "off by contact"})
	exec(t, site, "update client set portal_on = false where id = ?", site.Person("ana").ClientID)
	wants(t, "the client's portal", whoSees(t, site, "ana"), map[string]string{"Portal": "off by client", "Help": "off by client"})
	exec(t, site, "update firm set portal_on = false where firm_id = ?", site.FirmID())
	wants(t, "the firm's portal", whoSees(t, site, "ana"), map[string]string{"Portal": "off by firm", "Help": "off by firm"})
}

// TestWhoSeesWhatSaysWhatThePortalDoes compares the table with what the portal's own viewer of each contact may do, over
// many mixtures of switches.
func TestWhoSeesWhatSaysWhatThePortalDoes(t *testing.T) {
	t.Parallel()
	site := withLedger(t)
	for i, change := range []string{
		`update firm set switches = '{}'`,
		`update firm set switches = '{"help": true, "garden": true, "garden/harvest": true, "ledger": true, "team": true}'`,
		`update client set switches = '{"ledger/open": true, "garden/harvest": false, "team": false}'`,
		`update project set switches = '{"garden": false, "ledger/open": false}' where key = 'maple-street'`,
		`update project set switches = '{"ledger": false, "help": false}' where key = 'maple-garden'`,
		`update contact set limited = true where email like 'tom%'`,
		`update contact set rights = '{}' where email like 'grace%'`,
		`update project set switches = '{"garden": false, "help": false, "team": false}'`,
	} {
		exec(t, site, change)
		for _, who := range []string{"ana", "tom", "grace", "omar"} {
			cells := whoSees(t, site, who)
			tx, err := db.BeginRead(t.Context(), site.Pool, site.FirmID())
			if err != nil {
				t.Fatal(err)
			}
			v := viewerOf(t, site, tx, who)
			_ = tx.Rollback()
			for _, m := range site.Catalog.Sections() {
				want := map[string]bool{m.Title: v.May(m.Sees(""))}
				for _, a := range m.Areas {
					want[a.Title] = v.May(m.Sees(a.ID)) && want[m.Title]
				}
				for title, may := range want {
					if on := strings.HasPrefix(cells[title], "on"); on != may || cells[title] == "" {
						t.Errorf("mixture %d, %s: the table says %s is %q, the portal %v", i, who, title, cells[title], may)
					}
				}
				if len(m.PortalNav) == 0 || m.Portal == nil {
					continue
				}
				status(t, site, who, "/portal/all/"+m.ID, map[bool]int{true: 200, false: 404}[want[m.Title]])
			}
			for _, right := range access.AllRights {
				if on := strings.HasPrefix(cells[right.Title()], "on"); on != v.Levels().Right(right).On {
					t.Errorf("mixture %d, %s: %s", i, who, fmt.Sprint(right))
				}
			}
		}
	}
}
