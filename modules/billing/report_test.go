package billing

import (
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/demo"
	"portico/platform/portaltest"
)

// TestReportsTieToTheBooks: on many invoices, the sum of each report is the sum of an account of the books.
func TestReportsTieToTheBooks(t *testing.T) {
	site := portaltest.OpenEmpty(t, Module)
	if _, err := site.LoadMany(t.Context(), demo.Size{Firms: 1, Clients: 40, Projects: 90, Invoices: 1500, Seed: 11}); err != nil {
		t.Fatal(err)
	}
	var firm uuid.UUID
	if err := site.DB(t).NewRaw("select firm_id from firm").Scan(t.Context(), &firm); err != nil {
		t.Fatal(err)
	}
	var now day.Day // behind the last booking, wherever the clock of the demo stands
	if err := site.DB(t).NewRaw("select max(on_day) from billing.journal").Scan(t.Context(), &now); err != nil {
		t.Fatal(err)
	}
	v := auth.Viewer{Side: auth.Office, Firm: auth.Firm{ID: firm}}
	var currency string
	if err := site.DB(t).NewRaw("select currency from billing.entry group by 1 order by count(*) desc limit 1").Scan(t.Context(), &currency); err != nil {
		t.Fatal(err)
	}
	err := db.InTx(t.Context(), site.Pool, firm, func(ctx context.Context, tx bun.Tx) error {
		book := func(query string, args ...any) (sum int64) {
			t.Helper()
			err := tx.NewRaw(`select coalesce(sum(e.amount), 0)::bigint from billing.entry e join billing.journal j on j.firm_id = e.firm_id and j.id = e.journal_id
				where e.currency = ? and `+query, append([]any{currency}, args...)...).Scan(ctx, &sum)
			if err != nil {
				t.Fatal(err)
			}
			return sum
		}
		for _, on := range []day.Day{now, now.Add(-1), now.Add(-40), now.Add(-200), now.Add(-600), now.Add(-2000)} {
			list, err := ageing(ctx, tx, v, on, now)
			if err != nil {
				return err
			}
			want := book("e.account = 'receivable' and j.on_day <= ?", on)
			if !on.Before(now) {
				want = book("e.account = 'receivable'")
			}
			all := sumAged(list, currency)
			if got := all.sum(); got != want {
				t.Errorf("owed on %s: %d, in the books %d", on, got, want)
			}
			// what is behind each figure adds up to it
			for n, b := range buckets {
				behind, err := owedThen(ctx, tx, v, owedFilter{On: on, Today: now, Currency: currency, Least: b.From, Most: b.To})
				if err != nil {
					return err
				}
				sum := int64(0)
				for _, o := range behind {
					sum += o.Owed
				}
				if sum != all.parts()[n] {
					t.Errorf("%s on %s: %d behind %d", b.Title, on, sum, all.parts()[n])
				}
			}
		}
		from, to := now.Add(-300), now.Add(-20)
		parts, err := paidBy(ctx, tx, v, from, to)
		if err != nil {
			return err
		}
		sum, n := int64(0), 0
		for _, p := range parts {
			if p.Currency != currency {
				continue
			}
			sum += p.Received - p.Back
			moves, err := moneyMoved(ctx, tx, v, from, to, p.Method, p.Currency)
			if err != nil {
				return err
			}
			behind := int64(0)
			for _, m := range moves {
				behind += m.Amount
			}
			if behind != p.Received-p.Back {
				t.Errorf("%s: %d behind %d", p.Method, behind, p.Received-p.Back)
			}
			n += len(moves)
		}
		if want := book("e.account in ('cash', 'clearing', 'credits') and j.on_day between ? and ?", from, to); sum != want || n == 0 {
			t.Errorf("paid: %d, in the books %d (%d moves)", sum, want, n)
		}
		months, err := revenue(ctx, tx, v, from, to)
		if err != nil {
			return err
		}
		net, tax := int64(0), int64(0)
		for _, m := range months {
			if m.Currency != currency {
				continue
			}
			net, tax = net+m.Net, tax+m.Tax
		}
		if want := -book("e.account = 'revenue' and j.on_day between ? and ?", from, to); net != want || net == 0 {
			t.Errorf("revenue: %d, in the books %d", net, want)
		}
		if want := -book("e.account = 'tax' and j.on_day between ? and ?", from, to); tax != want || tax == 0 {
			t.Errorf("tax: %d, in the books %d", tax, want)
		}
		bookings, err := invoicedIn(ctx, tx, v, from, to, currency)
		if err != nil {
			return err
		}
		for _, b := range bookings {
			net -= b.Net
		}
		if net != 0 {
			t.Errorf("%d of the revenue has nothing behind it", net)
		}
		if list, err := ageing(ctx, tx, auth.Viewer{Side: auth.Portal, Firm: auth.Firm{ID: firm}}, now, now); err != nil || len(list) != 0 {
			t.Errorf("a client reads the ageing: %v %v", list, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestReportsAreReadFollowedAndTakenAlong: pages, what is behind a number, and CSV.
func TestReportsAreReadFollowedAndTakenAlong(t *testing.T) {
	site := portaltest.Open(t, Module)
	maria := site.As("maria").For(t)
	if _, err := site.DB(t).NewRaw("update client set name = '=cmd() & Sons' where name = 'Ana & Tom Rivera'").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	maria.Open("/office/billing").Follow("Reports").Sees(t, "Ageing", "Not due yet", "Over 90 days", "=cmd() & Sons", "All clients")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(maria.Get("/office/billing/reports?as=csv").Body), "\ufeff"))).ReadAll()
	if err != nil || len(rows) < 2 || rows[0][1] != "Client" || rows[0][7] != "Owed" {
		t.Fatalf("%v %v", rows, err)
	}
	var owed int64
	if err := site.DB(t).NewRaw("select sum(total - paid) from billing.invoice where stage = 'released' and firm_id = ?", site.FirmID()).Scan(t.Context(), &owed); err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for _, row := range rows[1:] {
		if strings.Contains(row[1], "cmd") && row[1] != "'=cmd() & Sons" {
			t.Errorf("a spreadsheet would run %q", row[1])
		}
		var whole, part int64
		if _, err := fmt.Sscanf(row[7], "%d.%d", &whole, &part); err != nil {
			t.Fatal(err)
		}
		sum += whole*100 + part
	}
	if sum != owed {
		t.Errorf("the file comes to %d, %d is owed", sum, owed)
	}
	maria.Open("/office/billing/reports/invoices").Sees(t, "Owed invoices", "Days late", "Together", "INV-")
	maria.Open("/office/billing/reports?on=2020-01-01").Sees(t, "On this day they owed nothing.")
	maria.Open("/office/billing/reports").Follow("Paid by method").Sees(t, "Received", "Went back", "Money").Follow("Check").Sees(t, "Received", "Together")
	maria.Open("/office/billing/reports").Follow("Unreconciled").Sees(t, "Unreconciled")
	maria.Open("/office/billing/reports").Follow("Revenue and tax").Sees(t, "Revenue", "Together").Follow(time.Now().Format("2006")).Sees(t, "Issued")
	maria.Open("/office/billing/reports/deposits").Sees(t, "On this day no deposit was held.")
	for _, path := range []string{"", "/paid", "/revenue", "/unreconciled", "/invoices", "/bookings", "/payments", "/deposits"} {
		if a := maria.Get("/office/billing/reports" + path + "?as=csv&client=" + uuid.NewString()); a.Status != 200 && !(path == "/invoices" && a.Status == 404) {
			t.Errorf("%s: %d", path, a.Status)
		}
		if a := site.As("ana").Get("/office/billing/reports" + path); a.Status == 200 {
			t.Errorf("a client reads %s", path)
		}
	}
}
