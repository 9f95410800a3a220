package modules_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing"
	"portico/modules/billing/gateway/sandbox/sandboxtest"
	"portico/platform/db"
	"portico/platform/fact"
	"portico/platform/portaltest"
)

func mapleID(t *testing.T, site *portaltest.Site) string {
	t.Helper()
	var id string
	if err := site.DB(t).QueryRowContext(t.Context(), "select id from project where firm_id = ? and key = 'maple-street'", site.FirmID()).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// typesHours types hours into fields of the week sheet.
func typesHours(t *testing.T, b *portaltest.Browser, project, task string, hours map[string]string) {
	t.Helper()
	for on, text := range hours {
		a := b.Post("/office/time/week/cells", url.Values{"cell": {"c-0-0"}, "project": {project}, "task": {task}, "on": {on}, "c-0-0": {text}}, "HX-Request", "true")
		if a.Status != 200 {
			t.Fatalf("%s %s: %d %s", on, text, a.Status, a.Body)
		}
	}
}

// TestEachHourIsBilledOnce: whoever presses how often, and however often jobs run, an entry is on one invoice at most; a
// void invoice gives it back.
func TestEachHourIsBilledOnce(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	maple := mapleID(t, site)
	exec(t, site, "delete from time.expense where firm_id = ?", site.FirmID())
	exec(t, site, "delete from time.entry where firm_id = ?", site.FirmID())
	exec(t, site, "delete from billing.charge where firm_id = ? and source = 'time'", site.FirmID())
	diego, maria := site.As("diego").For(t), site.As("maria").For(t)
	typesHours(t, diego, maple, "Night work", map[string]string{"2026-11-02": "1:30", "2026-11-03": "90m", "2026-11-04": "2"})
	diego.Post("/office/time/week/submission", url.Values{"week": {"2026-11-02"}})
	all := url.Values{"kind": {"time"}, "all": {"1"}, "list": {"q=Night+work"}}
	if a := maria.Post("/office/time/handovers", all); a.Status != 303 {
		t.Fatal(a.Status)
	}
	if n := rows(t, site, "select count(*) from time.entry where task = 'Night work' and handed_at is not null"); n != 0 {
		t.Errorf("%d were billed before they were approved", n)
	}
	maria.Post("/office/time/approvals", all)
	var both sync.WaitGroup
	for n := range 5 {
		b := site.As([]string{"maria", "priya"}[n%2]).For(t)
		both.Add(1)
		go func() {
			defer both.Done()
			if n == 0 {
				b.Post("/office/time/projects/"+maple+"/handovers", url.Values{})
				return
			}
			b.Post("/office/time/handovers", all)
		}()
	}
	both.Wait()
	if n := rows(t, site, "select count(*) from outbox where kind like 'fact:TimeApproved:%' and created_at > now() - interval '10 minutes' and payload->>'text' like 'Night work%'"); n != 3 {
		t.Errorf("%d facts of 3 entries", n)
	}
	site.Settle(t)
	charged := func() int {
		return rows(t, site, "select count(*) from billing.charge where source = 'time' and text like 'Night work%'")
	}
	if n := charged(); n != 3 {
		t.Fatalf("%d charges", n)
	}
	again := func() { // as if jobs ran a second time
		exec(t, site, "update outbox set done_at = null, next_at = now() where done_at is not null and ( kind like 'fact:TimeApproved:%' or kind like 'fact:LinesBilled:%')")
		site.Settle(t)
	}
	again()
	maria.Open("/office/billing/projects/"+maple).Sees(t, "Night work, Mon, Nov 2, 2026, 1:30 h", "$138.00") // 1.5 × 92
	for _, on := range []string{"Mon, Nov 2", "Tue, Nov 3", "Wed, Nov 4"} {
		maria.Tick("Tick Night work, " + on)
	}
	draft := maria.Press("Put on the draft").Sees(t, "Hours worked", "$460.00").SeesNot(t, "$92.00").Path() // rates are for staff
	again()
	if n := charged(); n != 3 {
		t.Errorf("%d charges after everything ran again", n)
	}
	state := func(want string, n int) {
		t.Helper()
		if is := rows(t, site, "select count(*) from time.entry where task = 'Night work' and state = '"+want+"'"); is != n {
			t.Errorf("%d are %s, not %d", is, want, n)
		}
	}
	state("approved", 3) // a draft is no invoice
	maria.Open(draft).Follow("Approve and release").Press("Approve and release")
	site.Settle(t)
	again()
	state("invoiced", 3)
	maria.Post("/office/time/handovers", all)
	maria.Post("/office/time/returns", all)
	state("invoiced", 3)
	maria.Post("/office/time/projects/"+maple+"/locks", url.Values{"to": {"2026-11-03"}})
	state("finalised", 2)
	maria.Open(draft).Follow("Void this invoice").Fill("Reason", "Wrong client").Press("Void this invoice").Sees(t, "is void")
	site.Settle(t)
	state("approved", 3)
	if n := rows(t, site, "select count(*) from time.entry where task = 'Night work' and invoice_id is null and handed_at is not null"); n != 3 {
		t.Errorf("%d came back to billing", n)
	}
	maria.Open("/office/billing/projects/"+maple).Sees(t, "Not billed yet", "Night work, Mon, Nov 2, 2026")
	// taken back, it is gone from billing; what billing then bills all the same counts
	maria.Post("/office/time/handovers?_method=DELETE", all)
	site.Settle(t)
	if n := charged(); n != 0 {
		t.Errorf("%d charges are left", n)
	}
	var id string
	if err := site.DB(t).QueryRowContext(t.Context(), "select id from time.entry where task = 'Night work' limit 1").Scan(&id); err != nil {
		t.Fatal(err)
	}
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		return site.Bus.Publish(ctx, tx, site.FirmID(), fact.LinesBilled{ClientID: site.Person("ana").ClientID, ProjectID: uuid.MustParse(maple), InvoiceID: uuid.MustParse(maple), Source: fact.FromTime, IDs: []uuid.UUID{uuid.MustParse(id)}})
	})
	if err != nil {
		t.Fatal(err)
	}
	site.Settle(t)
	state("invoiced", 1)
}

// TestAWeekOfTimeBecomesAPaidInvoice in a real browser: typed with the keyboard, submitted, approved, billed, released, and
// paid by the client.
func TestAWeekOfTimeBecomesAPaidInvoice(t *testing.T) {
	portaltest.Chromium(t)
	var clock atomic.Pointer[portaltest.Site]
	provider := sandboxtest.Start(t, func() time.Time {
		if site := clock.Load(); site != nil {
			return site.Now()
		}
		return time.Now()
	})
	site := portaltest.Configured(t, map[string]string{"PORTICO_SANDBOX": provider.Address})
	clock.Store(site)
	exec(t, site, "update billing.account set active = false")
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		return billing.ConnectPractice(ctx, tx, site.Host.Key, site.FirmID())
	})
	if err != nil {
		t.Fatal(err)
	}
	site.Work()
	maple := mapleID(t, site)
	const week = "2026-08-03"

	diego := site.Chrome(t, "diego", 1280, false)
	diego.Open("/office/time?week=" + week)
	diego.Eval(fmt.Sprintf(`document.querySelector("#line-project").value = %q`, maple), nil)
	diego.Eval(`document.querySelector("#line-task").value = "Tiling"`, nil).Press("Add a row").Sees(t, "Tiling")
	diego.Eval(`document.querySelector("[name='c-0-0']").focus()`, nil)
	diego.Keys("7:30").Keys("\t").Keys("7.5").Keys("\t").Keys("450m").Keys("\t").Keys("8h").Keys("\t").Keys("soon").Keys("\t")
	diego.Until("the advice", `document.querySelector("#wrong-c-0-4")`).Until("what was typed to be there", `document.querySelector("[name='c-0-4']").value === "soon"`)
	diego.Eval(`document.querySelector("[name='c-0-4']").focus()`, nil).Keys("6").Keys("\r")
	diego.Until("the sum of the week", `document.querySelector("#week-sum").textContent === "36:30" && document.querySelector("[name='c-0-1']").value === "7:30"`)
	diego.Fits(t).Axe(t).Screen(360, true).Fits(t).Axe(t).Screen(1280, false)
	diego.Press("Submit the week").Sees(t, "Submitted: 36:30 hours")

	maria := site.Chrome(t, "maria", 1280, false)
	maria.Open("/office/time/entries?state=submitted&q=Tiling").Sees(t, "5 entries, 36:30 hours")
	maria.Eval(`document.querySelector("input[data-tick-all]").click()`, nil).Press("Approve").Sees(t, "Approved: 36:30 hours")
	maria.Open("/office/time/entries?state=unbilled&q=Tiling").Eval(`document.querySelector("input[data-tick-all]").click()`, nil).Press("Bill").Sees(t, "With billing: 36:30 hours")
	site.Settle(t)
	maria.Open("/office/billing/projects/"+maple).Sees(t, "Tiling, Mon, Aug 3, 2026")
	maria.Eval(`document.querySelectorAll("input[data-tick]").forEach((box) => { if (box.ariaLabel.startsWith("Tick Tiling")) box.click(); })`, nil)
	maria.Press("Put on the draft").Sees(t, "Hours worked").Sees(t, "$3,358.00") // 36.5 × 92
	maria.Press("Approve and release").Sees(t, "Cancel").Press("Approve and release").Sees(t, "Owed")
	site.Settle(t)
	if n := rows(t, site, "select count(*) from time.entry where task = 'Tiling' and state = 'invoiced'"); n != 5 {
		t.Errorf("%d entries are invoiced", n)
	}

	ana := site.Chrome(t, "ana", 360, false)
	ana.Open("/portal/all/time").Sees(t, "August 2026").Eval(`document.querySelectorAll(".time-month").forEach((month) => { month.open = true; })`, nil).Sees(t, "Tiling").Fits(t).Axe(t)
	ana.Open("/portal/all/billing").Sees(t, "Hours worked")
	ana.Eval(`[...document.querySelectorAll("a.row-link")].find((a) => a.textContent.includes("Hours worked")).click()`, nil).Sees(t, "Tiling, Mon, Aug 3, 2026").Press("Pay $3,358.00")
	if !strings.Contains(ana.Path(), "/billing/") {
		t.Errorf("at %s", ana.Path())
	}
	ana.Sees(t, "$3,358.00").Press("Pay $3,358.00").Sees(t, "This is Portico's practice provider")
	ana.Fill("Card number", "4242424242424242").Press("Pay $3,358.00").Sees(t, "Thank you").Sees(t, "$3,358.00 is paid")
}
