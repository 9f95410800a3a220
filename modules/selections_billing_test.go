package modules_test

import (
	"context"
	"math/rand/v2"
	"net/url"
	"testing"

	"github.com/uptrace/bun"

	"portico/platform/db"
	"portico/platform/portaltest"
)

// TestAnUpgradeChangesTheContractInARealBrowser: a client chooses over the allowance, approves, and billing's contract has
// it, for both sides.
func TestAnUpgradeChangesTheContractInARealBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is not a unit test")
	}
	portaltest.Chromium(t)
	site := portaltest.Open(t)
	site.Develop(t)
	id := func(title string) string {
		var one string
		if err := site.DB(t).NewRaw("select id::text from selections.selection where title = ?", title).Scan(t.Context(), &one); err != nil {
			t.Fatal(err)
		}
		return one
	}
	project := site.DB(t).NewRaw("select id::text from project where key = 'maple-street'")
	var maple string
	if err := project.Scan(t.Context(), &maple); err != nil {
		t.Fatal(err)
	}
	ana := site.Chrome(t, "ana", 360, false).Open("/portal/all")
	ana.Sees(t, "Choose: Kitchen faucet").Fits(t)
	ana.Open("/portal/maple-street/selections").Sees(t, "Backsplash tile").Fits(t).Axe(t)
	ana.Until("pictures", `[...document.querySelectorAll(".selections-faces img")].some((i) => i.complete && i.naturalWidth > 100)`)
	ana.Open("/portal/maple-street/selections/"+id("Kitchen faucet")).Sees(t, "+$170.00 upgrade").Fits(t).Axe(t)
	ana.Press("Compare side by side").Until("the comparison", `location.pathname.endsWith("/comparison")`).Quiet().Sees(t, "Your contract").Axe(t)
	ana.Open("/portal/maple-street/selections/"+id("Kitchen faucet")).Eval(`document.querySelector(".selections-do button").click()`, nil)
	ana.Sees(t, "Approve, +$170.00").Eval(`document.querySelector(".selections-panel a.primary").click()`, nil)
	ana.Sees(t, "Allowance in your contract").Fits(t).Axe(t)
	ana.Fill("Your name", "Ana Rivera").Eval(`document.querySelector("[name=sure]").click()`, nil)
	ana.Press("Approve, +$170.00").Sees(t, "The team takes it from here")
	site.Settle(t)
	if sum := contractChanges(t, site); sum != 170_00 {
		t.Errorf("billing has changes of %d", sum)
	}
	maria := site.Chrome(t, "maria", 1280, true).Open("/office/selections/projects/" + maple)
	maria.Sees(t, "$170.00").Fits(t).Axe(t)
	maria.Open("/office/billing/projects/"+maple).Sees(t, "Kitchen faucet: Arc, brushed brass")
	maria.Open("/office/selections/" + id("Kitchen faucet")).Fits(t).Axe(t)
	maria.Open("/office/selections/" + id("Kitchen faucet") + "/edit").Fits(t).Axe(t)
	maria.Open("/office/selections/" + id("Backsplash tile") + "/choices/new").Fits(t).Axe(t)
	maria.Open("/office").Sees(t, "1 selection to order")
}

// contractChanges are the changes that billing counts, without those of its own story.
func contractChanges(t *testing.T, site *portaltest.Site) (sum int64) {
	t.Helper()
	err := site.DB(t).NewRaw(`select coalesce(sum(c.amount), 0)::bigint from billing.contract_change c
		where c.voided_at is null and c.change_order_id in (select id from selections.change)`).Scan(t.Context(), &sum)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// TestBillingFollowsApprovalsInAnyOrder approves, declines and opens again in any order; what billing adds to the contract
// is always what approvals exceed the allowance by.
func TestBillingFollowsApprovalsInAnyOrder(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	exec(t, site, "update selections.selection set due_on = null")
	ana, ben := site.As("ana"), site.As("ben")
	type row struct {
		ID, State, Title string
		MayDecline       bool
	}
	var rows []row
	find := func() {
		rows = nil
		err := site.DB(t).NewRaw(`select id::text, state, title, may_decline from selections.selection
			where title in ('Backsplash tile', 'Bathroom floor', 'Heated towel rail') order by title`).Scan(t.Context(), &rows)
		if err != nil {
			t.Fatal(err)
		}
	}
	rng := rand.New(rand.NewPCG(5, 8))
	over := 0
	for step := range 24 {
		find()
		one := rows[rng.IntN(len(rows))]
		page := "/portal/all/selections/" + one.ID
		switch {
		case one.State != "released" && one.State != "selected":
			ben.Post("/office/selections/"+one.ID+"/reopening", url.Values{})
		case one.MayDecline && rng.IntN(4) == 0:
			ana.Post(page+"/refusal", url.Values{"reason": {"Not yet"}})
		default:
			var choices []string
			if err := site.DB(t).NewRaw("select id::text from selections.choice where selection_id = ? order by position", one.ID).Scan(t.Context(), &choices); err != nil {
				t.Fatal(err)
			}
			ana.Post(page+"/picks", url.Values{"choice": {choices[rng.IntN(len(choices))]}})
			ana.Open(page + "/approval")
			ana.Fill("Your name", "Ana Rivera").Tick("I approve this choice").Submit()
		}
		site.Settle(t)
		var want int64
		err := site.DB(t).NewRaw(`
			select coalesce(sum(greatest(0, approved - allowance)), 0)::bigint from (
				select coalesce(sum(p.price), 0) as approved, coalesce(max(a.amount), 0) as allowance
				from selections.selection s
				left join selections.allowance a on a.id = s.allowance_id
				left join selections.pick p on p.selection_id = s.id and p.approved
				group by coalesce(s.allowance_id, s.id)) x`).Scan(t.Context(), &want)
		if err != nil {
			t.Fatal(err)
		}
		if want > 0 {
			over++
		}
		if got := contractChanges(t, site); got != want {
			t.Fatalf("step %d, %s: billing adds %d, approvals come to %d", step, one.Title, got, want)
		}
	}
	if over < 5 {
		t.Errorf("only %d steps went over an allowance", over)
	}
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		for _, m := range site.Catalog.Modules {
			if m.ID == "selections" {
				wrong, err := m.Audit(ctx, tx, site.FirmID())
				if len(wrong) > 0 {
					t.Error(wrong)
				}
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
