package selections_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"portico/modules/selections"
	"portico/platform/db"
	"portico/platform/fact"
	"portico/platform/id"
	"portico/platform/portaltest"
)

func do(t *testing.T, site *portaltest.Site, statement string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, site *portaltest.Site, query string, args ...any) string {
	t.Helper()
	var answer string
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &answer); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

// called is the id of a selection, by its title.
func called(t *testing.T, site *portaltest.Site, title string) string {
	t.Helper()
	return ask(t, site, "select id::text from selections.selection where title = ?", title)
}

func state(t *testing.T, site *portaltest.Site, title string) string {
	t.Helper()
	return ask(t, site, "select state from selections.selection where title = ?", title)
}

// changes are the changes to the contract that count, as billing was told.
func changes(t *testing.T, site *portaltest.Site) string {
	t.Helper()
	return ask(t, site, "select coalesce(string_agg(text || ' ' || amount, '; ' order by created_at), '') from selections.change where voided_at is null")
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// ordered reports whether a text has these words, one after the other.
func ordered(text string, words ...string) bool {
	for _, w := range words {
		_, rest, there := strings.Cut(text, w)
		if !there {
			return false
		}
		text = rest
	}
	return true
}

const floor = "Bathroom floor"

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

// audit asks the section whether its figures are right.
func audit(t *testing.T, site *portaltest.Site) (wrong []string) {
	t.Helper()
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) (err error) {
		for _, m := range site.Catalog.Modules {
			if m.ID == "selections" {
				wrong, err = m.Audit(ctx, tx, site.FirmID())
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return wrong
}

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

// job runs clock work now.
func job(t *testing.T, site *portaltest.Site, name string) {
	t.Helper()
	do(t, site, "insert into outbox (firm_id, id, kind, payload) values (?, ?, ?, '{}')", site.FirmID(), id.New(), name)
	site.Settle(t)
}

func publish(t *testing.T, site *portaltest.Site, told fact.Fact) {
	t.Helper()
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		return site.Bus.Publish(ctx, tx, site.FirmID(), told)
	})
	if err != nil {
		t.Fatal(err)
	}
	site.Settle(t)
}

// TestNothingHiddenReachesAClient plants marks in all that is staff's, and looks for them in all that a client gets.
// chance is what ids and hashes are made of: any figures may stand in them.
var chance = regexp.MustCompile(`[0-9a-f-]{8,}`)

func TestNothingHiddenReachesAClient(t *testing.T) {
	site := portaltest.Open(t, selections.Module)
	site.Develop(t)
	do(t, site, "update client set uploads_on = true")
	ben := site.As("ben")
	faucet := called(t, site, "Kitchen faucet")
	ben.Open("/office/selections/" + faucet + "/approval")
	ben.Tick("Square, steel").Choose("Who has approved it", "Ana Rivera").Choose("How you were told", "On paper").Fill("What was said, and when", "CANARY-evidence").
		Attach("Proof", "CANARY-proof.png", picture(t)).Press("Record the approval")
	ben.Open("/office/selections/"+called(t, site, "Backsplash tile")).Fill("Your comment", "CANARY-internal").Tick("For staff only").Press("Comment")
	for _, statement := range []string{
		"update selections.selection set notes = 'CANARY-notes', trade_info = 'CANARY-trade', order_notes = 'CANARY-order'",
		"update selections.selection set title = 'CANARY-draft' where state = 'draft'",
		"update selections.choice set vendor = 'CANARY-vendor', cost = 7654321, markup = 4321",
		"update selections.allowance set notes = 'CANARY-allowance'",
		"update selections.decision set note = 'CANARY-note', ip = 'CANARY-ip'",
		"update file set name = 'CANARY-name.jpg' where purpose = 'selections'",
		"insert into selections.template (firm_id, id, title, body, size) select firm_id, gen_random_uuid(), 'CANARY-template', '{}', 1 from firm",
	} {
		do(t, site, statement)
	}
	ana := site.As("ana")
	pages := []string{"/portal/all", "/portal/all/selections", "/portal/maple-street/selections?by=category", "/portal/all/search?q=canary", "/portal/all/profile"}
	var ids []string
	if err := site.DB(t).NewRaw("select id::text from selections.selection where firm_id = ?", site.FirmID()).Scan(t.Context(), &ids); err != nil {
		t.Fatal(err)
	}
	for _, one := range ids {
		pages = append(pages, "/portal/all/selections/"+one, "/portal/all/selections/"+one+"/comparison", "/portal/all/selections/"+one+"/approval", "/portal/all/selections/"+one+"/refusal")
	}
	var shown []string
	if err := site.DB(t).NewRaw("select f.file_id::text from selections.file f where f.firm_id = ?", site.FirmID()).Scan(t.Context(), &shown); err != nil {
		t.Fatal(err)
	}
	for _, one := range shown {
		for _, variant := range []string{"thumb", "medium", "large", "original", "shown"} {
			pages = append(pages, "/files/"+one+"/"+variant)
		}
	}
	seen := 0
	for _, page := range pages {
		a := ana.Get(page)
		all := string(a.Body)
		for name, values := range a.Header {
			all += name + strings.Join(values, " ")
		}
		all = chance.ReplaceAllString(all, "#")
		for _, mark := range []string{"CANARY", "7654321", "76,543.21", "4321", "43.21"} {
			if i := strings.Index(all, mark); i >= 0 {
				t.Errorf("%s: …%s…", page, all[max(0, i-80):min(len(all), i+40)])
			}
		}
		if a.Status == 200 {
			seen++
		}
	}
	if seen < 30 {
		t.Errorf("only %d of %d pages were there", seen, len(pages))
	}
	for _, m := range site.Mails() {
		if strings.Contains(m.Recipient, "rivera") && strings.Contains(string(m.Raw), "CANARY") {
			t.Errorf("the mail %q", m.Subject)
		}
	}
}
