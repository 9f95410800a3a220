package selections_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/modules/selections"
	"portico/platform/fact"
	"portico/platform/id"
	"portico/platform/portaltest"
)

func TestStaffPrepareSelections(t *testing.T) {
	site := portaltest.Open(t, selections.Module)
	project := func() string { return ask(t, site, "select id::text from project where key = 'maple-garden'") }
	t.Run("a selection with choices is made, released and told", func(t *testing.T) {
		site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
			before := len(site.Mails())
			ben.Open("/office/selections/projects/"+project()).Sees(t, "Nothing to choose yet").Follow("New selection")
			ben.Press("Save as a draft").Has(t, 422).Sees(t, "Say what is to be chosen")
			ben.Fill("Title", "Paving of the terrace").Fill("or a new category", "Outside").Fill("or a new room", "Terrace").Choose("Allowance", "Its own, of the amount beside").
				Fill("Amount of its own allowance", "2,000").Fill("Choose by", site.Now().AddDate(0, 0, 5).Format("2006-01-02")).Fill("Internal notes", "secret note").Press("Save as a draft").Has(t, 200).Sees(t, "Paving of the terrace", "Draft", "$2,000.00")
			ben.Follow("New choice").Fill("Name", "Bluestone").Press("Save choice").Has(t, 422).Sees(t, "Enter what the client pays")
			ben.Fill("Cost", "1500").Fill("Markup", "40").Fill("Vendor", "Quarry & Sons").Attach("Pictures", "from-quarry.png", picture(t)).Press("Save choice").Has(t, 200).Sees(t, "Bluestone", "$2,100.00", "+$100.00 upgrade")
			site.As("ana").For(t).Open("/portal/all/selections").SeesNot(t, "Paving")
			ben.Press("Show to the client").Sees(t, "The client sees it now")
			site.As("ana").For(t).Open("/portal/all/selections").Sees(t, "Paving of the terrace", "Terrace")
			mails := site.Mails()
			if len(mails) != before+1 || mails[before].Subject != "Something to choose for Maple Street garden" || !strings.Contains(mails[before].Text, "Paving of the terrace") || strings.Contains(mails[before].Text, "Quarry") {
				t.Errorf("%d mails: %+v", len(mails)-before, mails[len(mails)-1].Text)
			}
			ben.Press("Hide again").Sees(t, "It is a draft again")
			ben.Follow("Bluestone").Follow("Remove").Sees(t, "Remove “Bluestone”?").SeesNot(t, "has chosen it")
			ben.Open("/office/selections/"+called(t, site, "Paving of the terrace")).Follow("Delete").Sees(t, "Its choices go with it, 1 in all").Press("Delete it").Sees(t, "Deleted.")
			if got := ask(t, site, "select count(*)::text from selections.file f join selections.selection s on s.id = f.selection_id where s.title = 'Paving of the terrace'"); got != "0" {
				t.Errorf("%s files are left", got)
			}
		})
	})
	t.Run("an approval that was given elsewhere is recorded with its proof", func(t *testing.T) {
		site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
			page := "/office/selections/" + called(t, site, "Kitchen faucet")
			ben.Open(page).Follow("Approve for the client").Press("Record the approval").Has(t, 422).Sees(t, "Say who has approved it", "Say how you were told", "Write down what was said", "Say what was chosen")
			ben.Tick("Arc, brushed brass").Choose("Who has approved it", "Ana Rivera").Choose("How you were told", "On the phone").Fill("What was said, and when", "CALLED AT NINE").
				Attach("Proof", "ana-signed.png", picture(t)).Press("Record the approval").Has(t, 200).Sees(t, "Recorded as approved by Ana Rivera. The client is told.", "CALLED AT NINE", "ana-signed.png", "Ben Lindqvist for Ana Rivera (on the phone) approved")
			if got := changes(t, site); got != "Kitchen faucet: Arc, brushed brass 17000" {
				t.Error(got)
			}
			if m := site.MailTo("ana"); m.Subject != "Recorded as approved: Kitchen faucet" || strings.Contains(m.Text, "CALLED") {
				t.Errorf("%s: %s", m.Subject, m.Text)
			}
			site.As("ana").For(t).Open("/portal/all/selections/"+called(t, site, "Kitchen faucet")).Sees(t, "Ben Lindqvist for Ana Rivera (on the phone) approved").SeesNot(t, "CALLED AT NINE", "ana-signed")
			ben.Fill("Order number, delivery", "PO-77").Press("It is ordered").Sees(t, "PO-77", "Ordered")
			site.As("ana").For(t).Open("/portal/all/selections/"+called(t, site, "Kitchen faucet")).Sees(t, "It was ordered on").SeesNot(t, "PO-77")
			ben.Open(page).Press("It is not ordered").SeesNot(t, "PO-77")
			if a := ben.Post("/office/selections/choices/"+ask(t, site, "select id::text from selections.choice where title = 'Arc, brushed brass'"), url.Values{"title": {"x"}, "price": {"1"}, "version": {"1"}}); a.Status != 409 {
				t.Errorf("what is approved can be changed: %d", a.Status)
			}
		})
	})
	t.Run("choices stand in the order that staff give them", func(t *testing.T) {
		site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
			page := "/office/selections/" + called(t, site, "Backsplash tile")
			ben.Open(page).Press("Move Stacked clay up").Press("Move Zellige, sage down")
			if !ordered(ben.Text(), "Zellige, sea", "Zellige, sage", "Stacked clay", "Subway, white") {
				t.Error("staff read another order")
			}
			ben.Follow("New choice").Fill("Name", "Cork").Fill("Client price", "500").Press("Save choice")
			ana := site.As("ana").For(t).Open("/portal/all/selections/" + called(t, site, "Backsplash tile"))
			if !ordered(ana.Text(), "Zellige, sea", "Zellige, sage", "Stacked clay", "Subway, white", "Cork") {
				t.Error("clients read another order")
			}
		})
	})
	t.Run("a choice that was chosen is not removed behind the client's back", func(t *testing.T) {
		defer site.Snapshot(t)()
		site.As("ana").For(t).Open("/portal/all/selections/" + called(t, site, "Backsplash tile")).Press("Choose this: Zellige, sage")
		ben := site.As("ben").For(t)
		ben.Open("/office/selections/"+called(t, site, "Backsplash tile")).Follow("Zellige, sage").Follow("Remove").Sees(t, "The client has chosen it").Press("Remove choice").Sees(t, "Removed.").SeesNot(t, "Client price $1,480.00")
		if got := state(t, site, "Backsplash tile"); got != "released" {
			t.Errorf("it is %s", got)
		}
		if got := ask(t, site, "select for_client::text from activity where text like 'removed the choice “Zellige, sage”, which was chosen%'"); got != "true" {
			t.Error("the client does not read that it is gone")
		}
	})
	t.Run("selections are copied, and kept as a template", func(t *testing.T) {
		defer site.Snapshot(t)()
		ben := site.As("ben").For(t)
		maple := ask(t, site, "select id::text from project where key = 'maple-street'")
		ben.Open("/office/selections/projects/"+project()+"/copies").Press("Copy from Maple Street remodel").Sees(t, "9 selections are copied, as drafts", "Backsplash tile", "Tile, kitchen and bath")
		if got := ask(t, site, `select string_agg(distinct state, ',') || ' ' || count(*) || ' ' || count(allowance_id) || ' ' || (select count(*) from selections.pick p where p.selection_id in (select id from selections.selection where project_id = ?))
			from selections.selection where project_id = ?`, project(), project()); got != "draft 9 6 0" {
			t.Error(got)
		}
		ben.Open("/office/selections/projects/"+maple+"/copies").Fill("Name of the template", "Kitchen and bath").Press("Keep").Sees(t, "Kept as a template", "Kitchen and bath", "9")
		attic := ask(t, site, "select id::text from project where key = 'maple-attic'")
		ben.Open("/office/selections/projects/"+attic+"/copies").Press("Use Kitchen and bath").Sees(t, "9 selections are copied")
		ben.Open("/office/selections/projects/"+attic+"/release").Press("Show to the client").Sees(t, "9 selections are released")
		ben.Open("/office/selections/templates").Press("Delete Kitchen and bath").Sees(t, "Deleted")
	})
	t.Run("reminders go out once before a deadline and once after it, and when staff press the button", func(t *testing.T) {
		defer site.Snapshot(t)()
		do(t, site, "update selections.selection set due_on = null where title <> 'Backsplash tile'")
		do(t, site, "update selections.selection set due_on = '2027-02-03', reminders = 0 where title = 'Backsplash tile'")
		before := len(site.Mails())
		site.Clock.Freeze(time.Date(2027, 2, 1, 15, 30, 0, 0, time.UTC)) // its own clock may strike, too
		run := func() { job(t, site, "selections:find_reminders") }
		run()
		run()
		mails := site.Mails()[before:]
		if len(mails) != 1 || mails[0].Subject != "Please choose for Maple Street remodel" || !strings.Contains(mails[0].Text, "Wed, Feb 3, 2027") {
			t.Errorf("%d mails: %+v", len(mails), mails)
		}
		site.Clock.Freeze(time.Date(2027, 2, 4, 15, 30, 0, 0, time.UTC))
		run()
		run()
		if n := len(site.Mails()) - before; n != 2 {
			t.Errorf("%d mails", n)
		}
		ben := site.As("ben").For(t)
		ben.Open("/office/selections/projects/"+ask(t, site, "select id::text from project where key = 'maple-street'")).Press("Remind").Sees(t, "The reminder is on its way")
		if n := len(site.Mails()) - before; n != 3 {
			t.Errorf("%d mails", n)
		}
	})
	t.Run("deadlines follow the schedule", func(t *testing.T) {
		defer site.Snapshot(t)()
		item := id.New()
		do(t, site, "update selections.selection set item_id = ?, item_title = 'Tiling', item_offset = -14, due_on = '2026-12-06' where title = 'Backsplash tile'", item)
		maple := site.DB(t).NewRaw("select id from project where key = 'maple-street'")
		told := fact.ScheduleItemMoved{ItemID: item, Title: "Tiling and grout", Start: "2026-12-21", End: "2026-12-24"}
		if err := maple.Scan(t.Context(), &told.ProjectID); err != nil {
			t.Fatal(err)
		}
		publish(t, site, told)
		if got := ask(t, site, "select due_on::text || ' ' || item_title from selections.selection where title = 'Backsplash tile'"); got != "2026-12-10 Tiling and grout" {
			t.Error(got)
		}
		publish(t, site, fact.ScheduleItemRemoved{ProjectID: told.ProjectID, ItemID: item})
		if got := ask(t, site, "select due_on::text || ' ' || (item_id is null) from selections.selection where title = 'Backsplash tile'"); got != "2026-12-10 true" {
			t.Error(got)
		}
	})
	t.Run("headings, allowances and settings", func(t *testing.T) {
		defer site.Snapshot(t)()
		maria := site.As("maria").For(t)
		at := "/office/selections/projects/" + ask(t, site, "select id::text from project where key = 'maple-street'")
		maria.Open(at+"/headings").Fill("New room", "Garage").Press("Add room").Sees(t, "Garage").Press("Move Garage up")
		maria.Press("Remove Tile").Sees(t, "Its selections are still there")
		maria.Open(at).Sees(t, "Without a category")
		maria.Open(at+"/allowances/new").Fill("Name", "Lamps").Fill("Amount", "1,250.50").Press("Save").Sees(t, "Lamps", "$1,250.50")
		maria.Open("/office/selections/settings").Fill("Remind clients", "90").Press("Save changes").Has(t, 422).Sees(t, "up to 60 days")
		maria.Fill("Remind clients", "5").Tick("Give back what").Press("Save changes").Sees(t, "Saved.")
		maria.Open(at).Choose("Beside the allowance", "Cost and markup of every choice").Press("Save").Sees(t, "Saved.")
		site.As("ana").For(t).Open("/portal/all/selections/"+called(t, site, "Kitchen faucet")).Sees(t, "$455.00", "$165.00", "$40.00 credit").SeesNot(t, "Hill Country")
	})
}
