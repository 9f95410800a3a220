package billing

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/db/paging"
	"portico/platform/demo"
	"portico/platform/portaltest"
	"portico/platform/portaltest/stopwatch"
)

// TestABigDemoIsTrue makes many invoices at once, and wants books that hold and lists that are quick.
func TestABigDemoIsTrue(t *testing.T) {
	site := portaltest.OpenEmpty(t, Module)
	made, err := site.LoadMany(t.Context(), demo.Size{Firms: 1, Clients: 60, Projects: 150, Invoices: 2500, Seed: 7})
	if err != nil || made.Invoices != 2500 {
		t.Fatalf("%+v %v", made, err)
	}
	var firm uuid.UUID
	if err := site.DB(t).NewRaw("select firm_id from firm").Scan(t.Context(), &firm); err != nil {
		t.Fatal(err)
	}
	err = db.InTx(t.Context(), site.Pool, firm, func(ctx context.Context, tx bun.Tx) error {
		broken, err := invariants(ctx, tx, firm, true)
		if len(broken) > 0 {
			t.Errorf("the books break: %v", broken)
		}
		v := auth.Viewer{Side: auth.Office, Firm: auth.Firm{ID: firm}}
		states := map[State]int{}
		for _, state := range []string{"draft", "approved", "open", "partial", "paid", "void"} {
			var n int
			if err := tx.NewRaw("select count(*) from billing.invoice where state = ?", state).Scan(ctx, &n); err != nil {
				return err
			}
			if states[State(state)] = n; n == 0 {
				t.Errorf("no invoice is %s", state)
			}
		}
		if states[Paid] < 1200 {
			t.Errorf("only %d are paid", states[Paid])
		}
		began := time.Now()
		for _, f := range []filter{{Sort: "-made"}, {Sort: "due", State: "overdue", Today: today(auth.Firm{Zone: "UTC"}, site.Now())}, {Sort: "-amount", State: "owed"}, {Sort: "-made", Query: "draw"}} {
			if _, err := pick(ctx, tx, v, f, paging.Place{}); err != nil {
				return err
			}
		}
		stopwatch.Holds(t, "four lists", 10*time.Second, time.Since(began))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
