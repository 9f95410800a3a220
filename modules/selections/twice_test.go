package selections_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/modules/selections"
	"portico/platform/portaltest"
)

// hidden is what a page's form sends without being seen.
func hidden(t *testing.T, page []byte, name string) string {
	t.Helper()
	_, after, there := strings.Cut(string(page), `name="`+name+`" value="`)
	value, _, _ := strings.Cut(after, `"`)
	if !there || value == "" {
		t.Fatalf("the page has no %s", name)
	}
	return value
}

func projectCalled(t *testing.T, site *portaltest.Site, key string) string {
	t.Helper()
	return ask(t, site, "select id::text from project where key = ?", key)
}

func TestWhatIsPressedTwice(t *testing.T) {
	site := portaltest.Open(t, selections.Module)
	maple := projectCalled(t, site, "maple-street")
	t.Run("a copy is made once, and so is a template", func(t *testing.T) {
		defer site.Snapshot(t)()
		garden := projectCalled(t, site, "maple-garden")
		at := "/office/selections/projects/" + garden
		ben := site.As("ben")
		page := ben.Get(at + "/copies").Body
		form := url.Values{"from": {maple}, "key": {hidden(t, page, "key")}}
		there := func() string {
			return ask(t, site, "select count(*)::text from selections.selection where project_id = ?", garden)
		}
		for range 2 {
			if a := ben.Post(at+"/copies", form); a.Status != 303 {
				t.Fatal(a.Status)
			}
		}
		if got := there(); got != "9" {
			t.Errorf("%s selections after one copy that was pressed twice", got)
		}
		ben.For(t).Open(at).Sees(t, "They are copied already.")
		if got := ask(t, site, "select count(*)::text from activity where verb = 'selections.copied'"); got != "1" {
			t.Errorf("%s copies are noted", got)
		}
		// the page was opened again: this one is meant
		form.Set("key", hidden(t, ben.Get(at+"/copies").Body, "key"))
		ben.Post(at+"/copies", form)
		if got := there(); got != "18" {
			t.Errorf("%s selections after a second copy", got)
		}
		keep := url.Values{"title": {"Kitchen and bath"}, "key": {hidden(t, page, "key")}}
		for range 2 {
			if a := ben.Post(at+"/templates", keep); a.Status != 303 {
				t.Fatal(a.Status)
			}
		}
		if got := ask(t, site, "select count(*)::text from selections.template where title = 'Kitchen and bath'"); got != "1" {
			t.Errorf("%s templates", got)
		}
	})
	t.Run("a contact is reminded once a day", func(t *testing.T) {
		defer site.Snapshot(t)()
		site.Clock.Freeze(time.Date(2027, 2, 1, 15, 30, 0, 0, time.UTC))
		do(t, site, "update selections.selection set due_on = null")
		ben := site.As("ben").For(t)
		before := len(site.Mails())
		mails := func() int { site.Settle(t); return len(site.Mails()) - before }
		remind := func() *portaltest.Browser { return ben.Open("/office/selections/projects/" + maple).Press("Remind") }
		remind().Sees(t, "The reminder is on its way")
		remind().Sees(t, "was reminded today already", "The next reminder can go out tomorrow")
		ben.Open("/office/selections/"+called(t, site, "Backsplash tile")).Press("Remind").Sees(t, "was reminded today already")
		if n := mails(); n != 1 {
			t.Errorf("%d mails", n)
		}
		if got := ask(t, site, "select count(*)::text from activity where verb = 'selections.reminded'"); got != "1" {
			t.Errorf("%s reminders are noted", got)
		}
		site.Clock.Freeze(time.Date(2027, 2, 2, 15, 30, 0, 0, time.UTC))
		remind().Sees(t, "The reminder is on its way")
		if n := mails(); n != 2 {
			t.Errorf("%d mails on two days", n)
		}
		site.Clock.Freeze(time.Date(2027, 2, 3, 15, 30, 0, 0, time.UTC))
		do(t, site, "update project set shared = false where id = ?", maple)
		remind().Sees(t, "Nobody was reminded", "whether the project is shared")
		do(t, site, "update project set shared = true where id = ?", maple)
		remind().Sees(t, "The reminder is on its way")
		if n := mails(); n != 3 {
			t.Errorf("%d mails on three days", n)
		}
	})
	t.Run("a reminder is not used up while nobody reads it", func(t *testing.T) {
		ana := site.Person("ana").ContactID
		for name, change := range map[string][2]string{
			"the project is not shared":        {"update project set shared = false", "update project set shared = true where key = 'maple-street'"},
			"the section is off for the firm":  {`update firm set switches = switches || '{"selections": false}'`, `update firm set switches = switches || '{"selections": true}'`},
			"the section is off there":         {`update project set switches = switches || '{"selections": false}'`, `update project set switches = switches || '{"selections": true}'`},
			"nobody may choose":                {"update contact set rights = array_remove(rights, 'make_selections')", "update contact set rights = array_append(rights, 'make_selections') where id = '" + ana.String() + "'"},
			"nobody was invited":               {"update contact set invited_at = null", "update contact set invited_at = now() where id = '" + ana.String() + "'"},
			"mails to the client do come back": {"update contact set bounced_at = now()", "update contact set bounced_at = null where id = '" + ana.String() + "'"},
		} {
			t.Run(name, func(t *testing.T) {
				defer site.Snapshot(t)()
				site.Clock.Freeze(time.Date(2027, 2, 1, 15, 30, 0, 0, time.UTC))
				do(t, site, "update selections.selection set due_on = case when title = 'Backsplash tile' then date '2027-02-03' end, reminders = 0")
				before := len(site.Mails())
				look := func() string {
					job(t, site, "selections:find_reminders")
					return ask(t, site, "select reminders::text from selections.selection where title = 'Backsplash tile'")
				}
				do(t, site, change[0])
				if used := look(); used != "0" || len(site.Mails()) != before {
					t.Errorf("%s reminders are used up, %d mails went out", used, len(site.Mails())-before)
				}
				do(t, site, change[1])
				if used := look(); used != "1" || len(site.Mails()) != before+1 {
					t.Errorf("%s reminders are used up, %d mails went out when somebody reads it", used, len(site.Mails())-before)
				}
			})
		}
	})
}

func TestAnotherCurrency(t *testing.T) {
	site := portaltest.Open(t, selections.Module)
	maple, garden := projectCalled(t, site, "maple-street"), projectCalled(t, site, "maple-garden")
	do(t, site, "update selections.choice set markup = 4000")
	ben := site.As("ben").For(t)
	ben.Open("/office/selections/projects/"+maple+"/copies").Fill("Name of the template", "In dollars").Press("Keep").Sees(t, "Kept as a template")
	do(t, site, "insert into selections.template (firm_id, id, title, body, size) select firm_id, gen_random_uuid(), 'Of old', body - 'currency', size from selections.template") // of a firm that had several
	// what is in a project: choices with a price, with a cost, with a markup; allowances with an amount, and all of them
	amounts := func(project string) string {
		return ask(t, site, `
			select count(c.price) || ' ' || count(c.cost) || ' ' || (count(c.markup) > 0) || ' ' || (select count(*) filter (where a.amount <> 0) || ' of ' || count(*) from selections.allowance a where a.project_id = ?0)
			from selections.choice c join selections.selection s on s.firm_id = c.firm_id and s.id = c.selection_id where s.project_id = ?0`, project)
	}
	whole := amounts(maple)
	for _, one := range []struct{ currency, press, sees, amounts string }{
		{"USD", "Use In dollars", "9 selections are copied, as drafts.", whole},
		{"USD", "Use Of old", "the currency that they were in was not kept, and this project is in USD.", "0 0 true 0 of 5"},
		{"USD", "Copy from Maple Street remodel", "9 selections are copied, as drafts.", whole},
		{"JPY", "Use In dollars", "without prices, costs and allowances: they are in USD, and this project is in JPY.", "0 0 true 0 of 5"},
		{"JPY", "Copy from Maple Street remodel", "without prices, costs and allowances: they are in USD, and this project is in JPY.", "0 0 true 0 of 5"},
		{"JPY", "Use Of old", "the currency that they were in was not kept, and this project is in JPY.", "0 0 true 0 of 5"},
	} {
		t.Run(one.currency+" "+one.press, func(t *testing.T) {
			defer site.Snapshot(t)()
			do(t, site, "update project set currency = ? where id = ?", one.currency, garden)
			page := ben.Open("/office/selections/projects/" + garden + "/copies")
			switch {
			case one.currency == "JPY":
				page.Sees(t, "in USD, without prices, costs and allowances")
			case one.press != "Use Of old":
				page.SeesNot(t, "in USD, without prices, costs and allowances")
			}
			page.Press(one.press).Sees(t, one.sees, "Backsplash tile")
			if got := amounts(garden); got != one.amounts {
				t.Errorf("%s, want %s (of %s)", got, one.amounts, whole)
			}
			if one.amounts != whole && ask(t, site, "select count(*)::text from activity where verb = 'selections.copied' and text like '%, without amounts'") != "1" {
				t.Error("nobody reads later that the amounts were left out")
			}
		})
	}
}
