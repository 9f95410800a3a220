package billing_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/uptrace/bun"

	"portico/platform/db"
)

// TestTheDemoShowsARefundAndADispute: what its contacts and staff do once the practice provider answers.
func TestTheDemoShowsARefundAndADispute(t *testing.T) {
	site := online(t)
	site.Work()
	said, err := json.Marshal(map[string]any{"Ana": site.Person("ana").ContactID, "Omar": site.Person("omar").ContactID, "Priya": site.Person("priya").ID})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range site.Jobs {
		if h.Name == "billing:tell_paying" {
			err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error { return h.Run(ctx, tx, site.FirmID(), said) })
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	until(t, "a refund and a dispute", func() bool {
		return one[bool](t, site, `select exists (select from billing.refund where status = 'succeeded') and exists (select from billing.dispute where status = 'open')`)
	})
	maria := site.As("maria").For(t)
	maria.Open("/office/billing/payments").Sees(t, "Partly refunded", "Disputed")
	site.As("ana").For(t).Open("/portal/all/billing/payments").Sees(t, "Partly refunded", "Under way")
	omar := site.As("omar").For(t)
	omar.Open("/portal/all/billing/methods").SeesNot(t, "0259")
}
