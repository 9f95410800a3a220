package clients_test

import (
	"strings"
	"testing"

	"portico/modules/clients"
	"portico/platform/access"
	"portico/platform/module"
	"portico/platform/portaltest"
)

// plans is a section with an area, for what a contact sees.
var plans = module.Module{
	ID: "plans", Title: "Plans", Summary: "For a test.", Icon: "folder", Toggle: module.Switched, Areas: []access.Area{{ID: "drafts", Title: "Sketches"}},
	Mount: func(module.Platform) (module.Section, error) { return module.Section{}, nil },
}

func contactPage(site *portaltest.Site, who string) string {
	p := site.Person(who)
	return "/office/clients/" + p.ClientID.String() + "/contacts/" + p.ContactID.String()
}

func exec(t *testing.T, site *portaltest.Site, statement string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

func TestAContactsPageSaysWhatItSees(t *testing.T) {
	site := portaltest.Open(t, clients.Module, plans)
	exec(t, site, `update firm set switches = '{"plans": true}'`)
	page := contactPage(site, "tom")
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		ben.Open(page).Sees(t, "What Tom Rivera sees", "Plans Shown by the firm", "Sketches Hidden by the firm")
		exec(t, site, `update project set switches = '{"plans": false}' where key = 'maple-street'`)
		ben.Open(page).Tick("Only some of the client's projects").Tick("Maple Street remodel").Press("Save changes").Sees(t, "was saved")
		ben.Open(page).Sees(t, "Plans Hidden by the project")
		ben.Untick("Grant access to the portal").Press("Save changes")
	})
	exec(t, site, "update client set portal_on = false")
	site.As("ben").Open(page).Sees(t, "The portal of this client is off. Once that changes:")
	if a := site.As("ben").Get(page+"/outcome?grant=1&rights=nonsense&projects=x&limited=1", "HX-Request", "true"); a.Status != 200 || !strings.Contains(string(a.Body), "Tom Rivera") {
		t.Errorf("the outcome: %d", a.Status)
	}
}

func TestTwoSaversOfAContactsRights(t *testing.T) {
	site := portaltest.Open(t, clients.Module)
	maria, ben := site.As("maria").Open(contactPage(site, "tom")), site.As("ben").Open(contactPage(site, "tom"))
	maria.Tick("Only some of the client's projects").Tick("Maple Street garden").Untick("Maple Street remodel").Tick("Make payments").Press("Save changes").Has(t, 200)
	ben.Tick("Make selections").Press("Save changes").Has(t, 422).
		Sees(t, "Maria Okafor saved this", "Rights", "Chosen projects", "Maple Street garden (maple-garden)", "Nothing was overwritten.")
	var rights string
	if err := site.DB(t).NewRaw("select array_to_string(rights, ' ') from contact where id = ?", site.Person("tom").ContactID).Scan(t.Context(), &rights); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(rights, "make_payments") || strings.Contains(rights, "make_selections") {
		t.Errorf("half of the second saver's change was kept: %s", rights)
	}
	if ben.Count(`input[value="make_selections"][checked]`) != 1 {
		t.Error("what Ben chose is lost")
	}
	ben.Press("Save changes").Has(t, 200).Sees(t, "was saved")
	site.As("ben").Open("/office/clients/"+site.Person("tom").ClientID.String()+"/activity").Sees(t, "changed rights", "Chosen projects", "Maple Street garden (maple-garden)")
}

func TestAnArchivedProjectIsNotForgotten(t *testing.T) {
	site := portaltest.Open(t, clients.Module)
	tom := site.Person("tom").ContactID
	exec(t, site, "delete from contact_project where contact_id = ?", tom)
	exec(t, site, "update contact set limited = true where id = ?", tom)
	exec(t, site, `insert into contact_project (firm_id, contact_id, project_id, client_id)
		select p.firm_id, ?, p.id, p.client_id from project p where p.key in ('maple-street', 'maple-garden')`, tom)
	exec(t, site, "update project set status = 'archived' where key = 'maple-garden'")
	site.As("ben").Open(contactPage(site, "tom")).SeesNot(t, "Maple Street garden").Tick("Make payments").Press("Save changes").Has(t, 200)
	var n int
	if err := site.DB(t).NewRaw("select count(*) from contact_project where contact_id = ?", tom).Scan(t.Context(), &n); err != nil || n != 2 {
		t.Errorf("%d projects are kept, %v", n, err)
	}
}

func TestUnsavedChangesOfAContactAreCounted(t *testing.T) {
	site := portaltest.Open(t, clients.Module, plans)
	exec(t, site, `update firm set switches = '{"plans": true}'`)
	tab := site.Chrome(t, "maria", 1280, false)
	press := func(field string) {
		tab.Eval(`document.querySelector("`+field+`").click(); true`, nil)
		tab.Quiet()
	}
	tab.Open(contactPage(site, "tom")).Fits(t)
	press("[name=rights][value=make_payments]")
	tab.Sees(t, "1 unsaved change")
	press("[name=grant]")
	tab.Sees(t, "2 unsaved changes")
	tab.Sees(t, "This contact has no portal access.")
	var asks bool
	tab.Eval(`!dispatchEvent(new Event("beforeunload", {cancelable: true}))`, &asks)
	if !asks {
		t.Error("leaving does not ask")
	}
	press("[data-discard]")
	tab.Sees(t, "Plans")
	tab.Eval(`!dispatchEvent(new Event("beforeunload", {cancelable: true}))`, &asks)
	if asks {
		t.Error("nothing is unsaved, and leaving asks")
	}
}
