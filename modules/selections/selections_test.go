package selections_test

import (
	"net/url"
	"strings"
	"testing"

	"portico/modules/selections"
	"portico/platform/portaltest"
)

func TestClientsChoose(t *testing.T) {
	site := portaltest.Open(t, selections.Module)
	site.Develop(t)

	t.Run("they see what each choice means, choose, and approve", func(t *testing.T) {
		site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
			ana.Open("/portal/all/selections").Has(t, 200).
				Sees(t, "Kitchen", "Upstairs bath", "Backsplash tile", "Kitchen faucet", "Overdue", "Due soon", "Hexagon, marble", "Oak floor").
				SeesNot(t, "Mirror and sconces", "Atlas Tile")
			if text := ana.Text(); !ordered(text, "Overdue Kitchen faucet", "Due soon Pendant lights", "To choose Backsplash tile", "Cabinet fronts") {
				t.Error("what is due first does not stand first")
			}
			ana.Open("/portal/all/selections?show=approved&by=category").Sees(t, "Countertop", "Cabinets and counters").SeesNot(t, "Backsplash tile")
			ana.Open("/portal/all/selections?show=chosen").Sees(t, floor).SeesNot(t, "Countertop")

			// 2,150 of 3,200 are chosen elsewhere
			ana.Open("/portal/all/selections/"+called(t, site, "Backsplash tile")).Sees(t, "+$430.00 upgrade", "$360.00 of the allowance is left", "$1,050.00 left")
			ana.Press("Compare side by side").Sees(t, "Your contract", "Subway, white", "Stacked clay")
		})
	})
	t.Run("several may be taken, and what is not used is given back where the firm does so", func(t *testing.T) {
		defer site.Snapshot(t)()
		do(t, site, "update selections.selection set several = true where title = 'Pendant lights'")
		do(t, site, "insert into selections.setting (firm_id, credits) values (?, true)", site.FirmID())
		ana := site.As("ana").For(t)
		page := "/portal/all/selections/" + called(t, site, "Pendant lights")
		ana.Open(page).Sees(t, "$60.00 credit", "$140.00 credit", "Choose one or more")
		ana.Press("Choose this: Brass dome").Press("Choose this: Opal globe").Sees(t, "Approve, +$700.00") // 840 + 760 of 900
		ana.Press("Take back: Brass dome").Sees(t, "Approve, −$140.00").Follow("Approve, −$140.00").Fill("Your name", "Ana").Tick("I approve this choice").Press("Approve, −$140.00").Has(t, 200)
		if got := changes(t, site); got != "Pendant lights: Opal globe -14000" {
			t.Error(got)
		}
		if wrong := audit(t, site); len(wrong) > 0 {
			t.Error(wrong)
		}
	})
	t.Run("an open one has only what the client proposes", func(t *testing.T) {
		defer site.Snapshot(t)()
		do(t, site, "update selections.selection set open_ended = true where title = 'Heated towel rail'")
		do(t, site, "delete from selections.choice where title like 'Towel rail%'")
		ana := site.As("ana").For(t)
		ana.Open("/portal/all/selections/"+called(t, site, "Heated towel rail")).Sees(t, "What do you have in mind?").Follow("Propose something else").
			Fill("What is it?", "A ladder of oak").Press("Propose it").Sees(t, "A ladder of oak", "Price to come")
		site.As("ben").For(t).Open("/office/selections?state=price").Sees(t, "Heated towel rail")
	})
	t.Run("within the allowance nothing changes, beyond it the contract does", func(t *testing.T) {
		site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
			page := "/portal/all/selections/" + called(t, site, "Kitchen faucet")
			ana.Open(page).Press("Choose this: Square, steel").Sees(t, "Chosen", "Approve this choice")
			ana.Press("Choose this: Arc, brushed brass").Sees(t, "Approve, +$170.00")
			if got := ask(t, site, "select count(*)::text from selections.pick p join selections.selection s on s.id = p.selection_id where s.title = 'Kitchen faucet'"); got != "1" {
				t.Errorf("%s are picked", got)
			}
			ana.Follow("Approve, +$170.00").Sees(t, "Allowance in your contract", "$450.00", "+$170.00")
			ana.Press("Approve, +$170.00").Has(t, 422).Sees(t, "Type your name to approve", "Tick this to approve")
			ana.Fill("Your name", "Ana Rivera").Tick("I approve this choice").Press("Approve, +$170.00").Has(t, 200).Sees(t, "Approved", "The team takes it from here", "+$170.00")
			if got := changes(t, site); got != "Kitchen faucet: Arc, brushed brass 17000" {
				t.Error(got)
			}
			ana.SeesNot(t, "Choose this")
			for path, form := range map[string]url.Values{"/picks": {"choice": {ask(t, site, "select id::text from selections.choice where title = 'Square, steel'")}}, "/approval": {"seen": {"0"}, "signature": {"x"}, "sure": {"1"}}} {
				if a := ana.Post(page+path, form); a.Status != 409 {
					t.Errorf("%s on what is approved: %d", path, a.Status)
				}
			}
			if m := site.MailTo("ben"); m.Subject != "Ana & Tom Rivera approved: Kitchen faucet" || strings.Contains(m.Text, "Hill Country") {
				t.Errorf("%s: %s", m.Subject, m.Text)
			}
			// a wish to change it is answered by opening it again: the change is void
			ana.Open(page).Fill("What would you like to change?", "The steel one, after all").Press("Ask for a change").Sees(t, "the team will answer")
			if a := ana.Post(page+"/requests", url.Values{"reason": {"again"}}); a.Status != 409 && a.Status != 422 {
				t.Errorf("a second wish: %d", a.Status)
			}
			ben := site.As("ben").For(t)
			ben.Open("/office/selections?state=asked").Sees(t, "Kitchen faucet").SeesNot(t, "Backsplash")
			ben.Follow("Kitchen faucet").Sees(t, "The steel one, after all").Follow("Open again").Sees(t, "becomes void").Press("Open again").Sees(t, "The client can choose again")
			if got := changes(t, site); got != "" || state(t, site, "Kitchen faucet") != "released" {
				t.Errorf("%q, %s", got, state(t, site, "Kitchen faucet"))
			}
			if m := site.MailTo("ana"); m.Subject != "You can choose again: Kitchen faucet" {
				t.Error(m.Subject)
			}
			ana.Open(page).Sees(t, "opened it again").SeesNot(t, "Approve, +")
		})
	})
	t.Run("two selections share an allowance, and the second one pays what is over", func(t *testing.T) {
		defer site.Snapshot(t)()
		ana := site.As("ana").For(t)
		approve := func(title, choice, button string) {
			t.Helper()
			ana.Open("/portal/all/selections/" + called(t, site, title))
			if choice != "" {
				ana.Press("Choose this: " + choice)
			}
			ana.Follow(button).Fill("Your name", "Ana").Tick("I approve this choice").Press(button).Has(t, 200)
		}
		approve("Backsplash tile", "Zellige, sage", "Approve this choice") // 1,480 of 3,200
		approve(floor, "", "Approve, +$430.00")                            // and 2,150
		if got := changes(t, site); got != "Bathroom floor: Hexagon, marble 43000" {
			t.Error(got)
		}
		if wrong := audit(t, site); len(wrong) > 0 {
			t.Error(wrong)
		}
		ben := site.As("ben").For(t)
		ben.Open("/office/selections/" + called(t, site, "Backsplash tile") + "/reopening").Press("Open again")
		if got := ask(t, site, "select coalesce(sum(amount), 0)::text from selections.change where voided_at is null"); got != "0" {
			t.Errorf("%s is left of nothing", got)
		}
		if wrong := audit(t, site); len(wrong) > 0 {
			t.Error(wrong)
		}
		// amounts that are not those of the page are not approved
		ana.Open("/portal/all/selections/" + called(t, site, "Backsplash tile")).Press("Choose this: Zellige, sea")
		if a := ana.Post("/portal/all/selections/"+called(t, site, "Backsplash tile")+"/approval", url.Values{"seen": {"0"}, "signature": {"Ana"}, "sure": {"1"}}); a.Status != 409 || !strings.Contains(string(a.Body), "have changed since") {
			t.Errorf("%d", a.Status)
		}
	})
	t.Run("what has no price is priced first, and confirmed", func(t *testing.T) {
		site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
			page := "/portal/all/selections/" + called(t, site, "Pendant lights")
			ana.Open(page).Sees(t, "Price to come").Press("Choose this: Black cone").Sees(t, "We are pricing it").SeesNot(t, "Approve")
			if a := ana.Post(page+"/approval", url.Values{"seen": {"0"}, "signature": {"Ana"}, "sure": {"1"}}); a.Status != 409 {
				t.Errorf("approved without a price: %d", a.Status)
			}
			if m := site.MailTo("ben"); !strings.Contains(m.Subject, "wants a price") {
				t.Error(m.Subject)
			}
			ben := site.As("ben").For(t)
			ben.Open("/office/selections?state=price").Sees(t, "Pendant lights").SeesNot(t, "Countertop")
			ben.Open("/office/selections/"+called(t, site, "Pendant lights")).Follow("Enter the price of Black cone").Untick("Still to be priced").
				Fill("Cost", "500").Fill("Markup", "30").Press("Save choice").Has(t, 200).Sees(t, "$650.00", "Margin", "$150.00")
			if m := site.MailTo("ana"); !strings.Contains(m.Subject, "There is a price for your choice") || strings.Contains(m.Text, "500") {
				t.Errorf("%s %s", m.Subject, m.Text)
			}
			ana.Open(page).Sees(t, "$650.00", "Approve this choice").SeesNot(t, "$500.00", "30%")
		})
	})
	t.Run("they propose, send pictures, comment, skip and decline", func(t *testing.T) {
		site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
			do(t, site, "update client set uploads_on = true where name = 'Ana & Tom Rivera'")
			page := "/portal/all/selections/" + called(t, site, "Backsplash tile")
			ana.Open(page).Follow("Propose something else").Press("Propose it").Has(t, 422).Sees(t, "Give it a name")
			ana.Fill("What is it?", "Handmade from Oaxaca").Fill("Where did you see it?", "tiles.example/oaxaca").Press("Propose it").Has(t, 200).Sees(t, "Handmade from Oaxaca", "Your proposal", "tiles.example")
			ana.Attach("Pictures of what you like", "GPS home.png", picture(t)).Press("Send pictures").Has(t, 200).Sees(t, "Inspiration", "Ana Rivera")
			ana.Fill("Your comment", "Which grout goes with it?").Press("Comment").Sees(t, "Which grout goes with it?")
			ana.Open(page).Sees(t, "Which grout goes with it?").Press("Withdraw the proposal Handmade").SeesNot(t, "Handmade from Oaxaca")
			rail := "/portal/all/selections/" + called(t, site, "Heated towel rail")
			ana.Open(rail).Follow("We do not want this").Press("Leave it out").Sees(t, "Not wanted")
			ana.Open(page).Follow("None of these").Press("Decline all choices").Has(t, 422).Sees(t, "Say what you are looking for")
			ana.Fill("What are you looking for?", "Something smaller").Press("Decline all choices").Sees(t, "Declined")
			if a := ana.Get(page + "/refusal?skip=1"); a.Status != 404 {
				t.Errorf("a required one can be skipped: %d", a.Status)
			}
		})
	})
	t.Run("whoever may not make selections looks and comments", func(t *testing.T) {
		do(t, site, "delete from contact_project where contact_id = ?", site.Person("tom").ContactID)
		do(t, site, "update contact set limited = false where id = ?", site.Person("tom").ContactID)
		tom := site.As("tom").For(t)
		page := "/portal/all/selections/" + called(t, site, "Kitchen faucet")
		tom.Open(page).Has(t, 200).Sees(t, "Only contacts who may make selections").SeesNot(t, "Choose this")
		choice := ask(t, site, "select id::text from selections.choice where title = 'Square, steel'")
		if a := tom.Post(page+"/picks", url.Values{"choice": {choice}}); a.Status != 404 {
			t.Errorf("tom chooses: %d", a.Status)
		}
		tom.Fill("Your comment", "I like steel").Press("Comment").Sees(t, "I like steel")
		if s := tom.Open("/portal/all/selections/"+called(t, site, "Countertop")).Has(t, 200).Sees(t, "Approved"); s.Count("form textarea[name=reason]") > 0 {
			t.Error("tom is offered what he may not ask for")
		}
	})
	t.Run("two who approve at once approve once", func(t *testing.T) {
		defer site.Snapshot(t)()
		page := "/portal/all/selections/" + called(t, site, "Kitchen faucet")
		do(t, site, "delete from selections.request")
		brass := ask(t, site, "select id::text from selections.choice where title = 'Arc, brushed brass'")
		if a := site.As("ana").Post(page+"/picks", url.Values{"choice": {brass}}); a.Status != 303 {
			t.Fatal(a.Status)
		}
		answers := make(chan int, 4)
		_, after, _ := strings.Cut(string(site.As("ana").Get(page+"/approval").Body), `name="seen" value="`)
		seen, _, _ := strings.Cut(after, `"`)
		for range 4 {
			ana := site.As("ana")
			go func() {
				answers <- ana.Post(page+"/approval", url.Values{"seen": {seen}, "signature": {"Ana"}, "sure": {"1"}}).Status
			}()
		}
		good := 0
		for range 4 {
			if status := <-answers; status == 303 {
				good++
			} else if status != 409 && status != 422 {
				t.Errorf("%d", status)
			}
		}
		if got := changes(t, site); good != 1 || got != "Kitchen faucet: Arc, brushed brass 17000" {
			t.Errorf("%d approvals: %s", good, got)
		}
	})
	t.Run("it belongs to nobody else", func(t *testing.T) {
		page := "/portal/all/selections/" + called(t, site, "Kitchen faucet")
		site.As("grace").For(t).Open(page).Has(t, 404)
		site.As("ana").For(t).Open("/portal/all/selections/"+called(t, site, "Mirror and sconces")).Has(t, 404)
		site.Firm("harbor").As("felix").Open("/office/selections/"+called(t, site, "Kitchen faucet")).Has(t, 404)
	})
}
