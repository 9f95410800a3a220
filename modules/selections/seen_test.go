package selections_test

import (
	"testing"

	"portico/modules/selections"
	"portico/platform/portaltest"
)

// TestNobodyApprovesWhatChangedMeanwhile: a page for approving is open while something changes that it shows, or that was
// decided with it. What was pressed does not count; the page says so, keeps what was typed, and can be pressed again.
func TestNobodyApprovesWhatChangedMeanwhile(t *testing.T) {
	site := portaltest.Open(t, selections.Module)
	faucet := "Kitchen faucet" // $450 of its own allowance; brass is $620
	page := "/" + called(t, site, faucet) + "/approval"
	sides := map[string]struct {
		open  func(t *testing.T) *portaltest.Browser
		press string // "" : it is another one by then
	}{
		"the client": {func(t *testing.T) *portaltest.Browser {
			return site.As("ana").For(t).Open("/portal/all/selections"+page).Has(t, 200).Fill("Your name", "Ana Rivera").Tick("I approve this choice")
		}, ""},
		"staff for the client": {func(t *testing.T) *portaltest.Browser {
			return site.As("ben").For(t).Open("/office/selections"+page).Sees(t, "Adds $170.00 to the contract", "No change to the contract").Tick("Arc, brushed brass").
				Choose("Who has approved it", "Ana Rivera").Choose("How you were told", "On the phone").Fill("What was said, and when", "At nine")
		}, "Record the approval"},
	}
	const choice = "update selections.choice set "
	changes := []struct {
		what, statement string
		button          string // as the client reads it then
		counts          string // what the contract changes by in the end; "": nobody needs to look again
	}{
		{"the price went up", choice + "price = 65000 where title = 'Arc, brushed brass'", "Approve, +$200.00", "20000"},
		{"the price went down", choice + "price = 45000 where title = 'Arc, brushed brass'", "Approve this choice", "0"},
		{"it has another name", choice + "title = 'Arc, brushed brass, thin' where title = 'Arc, brushed brass'", "Approve, +$170.00", "17000"},
		{"it is described in other words", choice + "text = 'Lacquered' where title = 'Arc, brushed brass'", "Approve, +$170.00", "17000"},
		{"it has another picture", "delete from selections.file where choice_id = (select id from selections.choice where title = 'Arc, brushed brass')", "Approve, +$170.00", "17000"},
		{"something else is asked for", "update selections.selection set specification = 'With a spray' where title = 'Kitchen faucet'", "Approve, +$170.00", "17000"},
		{"the contract has more for it", "update selections.allowance set amount = 50000 where id = (select allowance_id from selections.selection where title = 'Kitchen faucet')", "Approve, +$120.00", "12000"},
		{"what staff alone see is none of it", "update selections.choice set vendor = 'Another', cost = 1, markup = 2", "Approve, +$170.00", ""},
		{"notes are none of it", "update selections.selection set notes = 'x', trade_info = 'y', order_notes = 'z'", "Approve, +$170.00", ""},
	}
	for who, side := range sides {
		for _, c := range changes {
			t.Run(who+": "+c.what, func(t *testing.T) {
				defer site.Snapshot(t)()
				do(t, site, "delete from selections.request")
				site.As("ana").For(t).Open("/portal/all/selections/"+called(t, site, faucet)).Press("Choose this: Arc, brushed brass").Sees(t, "Approve, +$170.00")
				open := side.open(t)
				do(t, site, c.statement)
				press, first := side.press, side.press
				if press == "" {
					press, first = c.button, "Approve, +$170.00"
				}
				want := "17000"
				open.Press(first)
				if c.counts != "" {
					want = c.counts
					open.Has(t, 409).Sees(t, "have changed since this page was opened")
					if got := state(t, site, faucet); got != "selected" || changed(t, site) != "0" {
						t.Fatalf("it is %s, the contract is changed by %s", got, changed(t, site))
					}
					open.Press(press)
				}
				open.Has(t, 200)
				if got := state(t, site, faucet); got != "approved" || changed(t, site) != want {
					t.Errorf("it is %s, the contract is changed by %s, not by %s", got, changed(t, site), want)
				}
			})
		}
	}
	t.Run("another choice was made in another tab", func(t *testing.T) {
		defer site.Snapshot(t)()
		do(t, site, "delete from selections.request")
		at := "/portal/all/selections/" + called(t, site, faucet)
		site.As("ana").For(t).Open(at).Press("Choose this: Arc, brushed brass")
		open := sides["the client"].open(t)
		site.As("ana").For(t).Open(at).Press("Choose this: Square, steel")
		open.Press("Approve, +$170.00").Has(t, 409).Sees(t, "have changed since", "Square, steel").SeesNot(t, "Arc, brushed brass")
		open.Press("Approve this choice").Has(t, 200)
		if got := ask(t, site, "select c.title from selections.pick p join selections.choice c on c.id = p.choice_id where p.approved and c.selection_id = ?", called(t, site, faucet)); got != "Square, steel" {
			t.Errorf("%s is approved", got)
		}
		// and what was decided meanwhile stays decided
		if a := site.As("ben").Get("/office/selections" + page); a.Status != 409 {
			t.Errorf("what is approved is offered again: %d", a.Status)
		}
	})
	t.Run("others used up what two share", func(t *testing.T) {
		defer site.Snapshot(t)()
		ana := site.As("ana").For(t)
		ana.Open("/portal/all/selections/" + called(t, site, "Backsplash tile")).Press("Choose this: Zellige, sage")
		first := site.As("ana").For(t).Open("/portal/all/selections/"+called(t, site, "Backsplash tile")+"/approval").Fill("Your name", "Ana").Tick("I approve this choice")
		staff := site.As("ben").For(t).Open("/office/selections/"+called(t, site, "Backsplash tile")+"/approval").Sees(t, "No change to the contract").Tick("Zellige, sage").
			Choose("Who has approved it", "Ana Rivera").Choose("How you were told", "On the phone").Fill("What was said, and when", "At nine")
		ana.Open("/portal/all/selections/"+called(t, site, floor)+"/approval").Fill("Your name", "Ana").Tick("I approve this choice").Press("Approve this choice").Has(t, 200)
		first.Press("Approve this choice").Has(t, 409).Sees(t, "Approve, +$430.00")
		staff.Press("Record the approval").Has(t, 409).Sees(t, "have changed since", "Adds $430.00 to the contract").Press("Record the approval").Has(t, 200)
		if got := changed(t, site); got != "43000" {
			t.Errorf("the contract is changed by %s", got)
		}
	})
}

// changed is what approvals have changed in the contract.
func changed(t *testing.T, site *portaltest.Site) string {
	t.Helper()
	return ask(t, site, "select coalesce(sum(amount), 0)::text from selections.change where voided_at is null")
}
