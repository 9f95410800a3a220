package modules_test

import (
	"context"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"portico/platform/portaltest"
)

// TestWhatIsOnADraftIsNotTakenBack: an hour is with its writer, or on an invoice, and never both, whoever is quicker.
func TestWhatIsOnADraftIsNotTakenBack(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	maple := mapleID(t, site)
	exec(t, site, "delete from time.expense where firm_id = ?", site.FirmID())
	exec(t, site, "delete from time.entry where firm_id = ?", site.FirmID())
	exec(t, site, "delete from billing.charge where firm_id = ? and source in ('time', 'expense')", site.FirmID())
	diego, maria := site.As("diego").For(t), site.As("maria").For(t)
	all := url.Values{"kind": {"time"}, "all": {"1"}, "list": {"q=Night+work"}}
	tab, back := "/office/billing/projects/"+maple, "/office/time/handovers?_method=DELETE"
	handOver := func() {
		t.Helper()
		maria.Post("/office/time/handovers", all)
		site.Settle(t)
	}
	handed := func(want int) {
		t.Helper()
		if n := rows(t, site, "select count(*) from time.entry where task = 'Night work' and handed_at is not null"); n != want {
			t.Errorf("%d are with billing, not %d", n, want)
		}
		if n := rows(t, site, `select count(*) from billing.charge c join time.entry e on e.firm_id = c.firm_id and e.id = c.source_id where c.source = 'time' and c.invoice_id is not null and e.handed_at is null`); n != 0 {
			t.Errorf("%d are with their writer and on a draft", n)
		}
	}
	typesHours(t, diego, maple, "Night work", map[string]string{"2026-11-02": "1:30", "2026-11-03": "2", "2026-11-04": "1"})
	diego.Post("/office/time/week/submission", url.Values{"week": {"2026-11-02"}})
	maria.Post("/office/time/approvals", all)
	handOver()

	// on a draft it stays; the rest comes back
	draft := maria.Open(tab).Tick("Tick Night work, Mon, Nov 2").Tick("Tick Night work, Wed, Nov 4").Press("Put on the draft").Sees(t, "Night work, Mon, Nov 2, 2026").Path()
	maria.Post(back, all)
	maria.Open("/office/time/entries?q=Night+work").Sees(t, "Taken back from billing: 2:00 hours. The rest stands on a draft invoice already: remove its lines there first.")
	site.Settle(t)
	handed(2)
	maria.Post(back, all)
	maria.Open("/office/time/entries?q=Night+work").Sees(t, "All of it stands on a draft invoice already. Remove its lines there first.")
	handed(2)
	maria.Open(draft).Follow("Edit").Press("Remove line 1").Press("Save draft").Sees(t, "Saved.").SeesNot(t, "Mon, Nov 2")
	maria.Post(back, all)
	site.Settle(t)
	handed(1)
	maria.Open(tab).SeesNot(t, "Night work")

	// what jobs deliver late changes nothing
	again := func(fact string) {
		t.Helper()
		exec(t, site, "update outbox set done_at = null, next_at = now() where done_at is not null and kind like 'fact:"+fact+":%'")
		site.Settle(t)
	}
	again("TimeApproved")
	maria.Open(tab).SeesNot(t, "Night work")
	handOver()
	again("BillableWithdrawn")
	maria.Open(tab).Sees(t, "Night work, Mon, Nov 2, 2026", "Night work, Tue, Nov 3, 2026")

	// at the same moment: a draft is being made, and whoever wants the hours back waits for it
	meanwhile := func(statements []string, press func() portaltest.Answer) portaltest.Answer {
		t.Helper()
		answer := make(chan portaltest.Answer, 1)
		err := site.DB(t).RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
			for _, s := range statements {
				if _, err := tx.ExecContext(ctx, s); err != nil {
					return err
				}
			}
			go func() { answer <- press() }()
			for t.Context().Err() == nil && len(answer) == 0 && rows(t, site, "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == 0 {
				runtime.Gosched()
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return <-answer
	}
	first := "(select id from time.entry where task = 'Night work' and work_date = '2026-11-02')"
	one := url.Values{"kind": {"time"}, "all": {"1"}, "list": {"q=Night+work&to=2026-11-02"}}
	meanwhile([]string{
		"select from time.entry where id = " + first + " for share",
		"update billing.charge set invoice_id = '" + draft[strings.LastIndex(draft, "/")+1:] + "' where source_id = " + first,
	}, func() portaltest.Answer { return maria.Post(back, one) })
	handed(3)
	exec(t, site, "update billing.charge set invoice_id = null where source_id = "+first)

	// and the other way round
	charge := textOf(t, site, "select id from billing.charge where source_id = "+first)
	a := meanwhile([]string{"update time.entry set handed_at = null where id = " + first}, func() portaltest.Answer {
		return maria.Post(tab+"/charges", url.Values{"id": {charge}, "to": {"new"}})
	})
	if a.Status != 409 || !strings.Contains(string(a.Body), "taken back from billing meanwhile") {
		t.Errorf("%d", a.Status)
	}
	handed(2)
}
