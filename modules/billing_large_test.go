package modules_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/db"
	"portico/platform/paper"
	"portico/platform/portaltest"
	"portico/platform/portaltest/stopwatch"
)

// manyInvoices is a file of n invoices of some clients, each with what is paid.
func manyInvoices(n, clients int) []byte {
	var b strings.Builder
	b.WriteString("Client,Invoice Number,Invoice Date,Due Date,Status,Amount,Paid,Item,Quantity,Rate\n")
	for i := range n {
		paid, status := i%7*100, "Partial"
		if paid == 0 {
			status = "Sent"
		}
		fmt.Fprintf(&b, "Family Number %d,X-%06d,2026-%02d-%02d,2026-12-31,%s,$%d.00,$%d.00,Work on the house,2,%d.00\n", i%clients, i, 1+i%12, 1+i%28, status, 1000+2*(i%500), paid, 500+i%500)
	}
	return []byte(b.String())
}

// importInvoices brings n invoices in, and answers how long the check, the import and the undo took.
func importInvoices(t testing.TB, site *portaltest.Site, n, clients int) (checked, imported, undone time.Duration, grown int64) {
	maria := site.As("maria")
	site.Work()
	before := resident(t)
	until := func(state string) {
		t.Helper()
		late, look := time.After(5*time.Minute), time.NewTicker(20*time.Millisecond)
		defer look.Stop()
		for textOf(t, site, "select state from transfer.import") != state {
			select {
			case <-look.C:
				grown = max(grown, resident(t)-before)
			case <-late:
				t.Fatalf("still %s", textOf(t, site, "select state || ' ' || rows_done from transfer.import"))
			}
		}
	}
	begun := time.Now()
	upload(maria, asInvoices, "many.csv", manyInvoices(n, clients)).Press("Check the rows").Has(t, 200)
	until("ready")
	checked = time.Since(begun)
	begun = time.Now()
	maria.Open(maria.Path()).Press("Import ")
	until("done")
	imported = time.Since(begun)
	if got := rows(t, site, "select count(*)"+takenOver); got != n {
		t.Errorf("%d invoices, want %d", got, n)
	}
	booksAgree(t, site)
	begun = time.Now()
	maria.Open(maria.Path()).Press("Undo all of it")
	until("undone")
	undone = time.Since(begun)
	if got := rows(t, site, "select count(*)"+takenOver); got != 0 {
		t.Errorf("%d invoices stay", got)
	}
	booksAgree(t, site)
	return checked, imported, undone, grown
}

func TestThreeThousandInvoicesComeAndGoInAMoment(t *testing.T) {
	site := portaltest.Open(t)
	checked, imported, undone, grown := importInvoices(t, site, 3000, 200)
	t.Logf("3,000 invoices: checked in %s, imported in %s, undone in %s, %d MB more", checked, imported, undone, grown>>20)
	stopwatch.Holds(t, "the import", 20*time.Second, checked+imported)
	if grown > 300<<20 {
		t.Errorf("it takes %d MB more", grown>>20)
	}
}

// BenchmarkImportInvoices is 100,000 rows, each an invoice with what is paid on it.
func BenchmarkImportInvoices(b *testing.B) {
	for b.Loop() {
		site := portaltest.Open(b)
		checked, imported, undone, grown := importInvoices(b, site, 100_000, 2_000)
		b.ReportMetric(checked.Seconds(), "s/check")
		b.ReportMetric(imported.Seconds(), "s/import")
		b.ReportMetric(undone.Seconds(), "s/undo")
		b.ReportMetric(float64(grown>>20), "MB/grown")
	}
}

// BenchmarkStatement is ten years of one client, with an invoice and a payment every three days.
func BenchmarkStatement(b *testing.B) {
	site := portaltest.Open(b)
	client := site.Person("ana").ClientID
	if err := fillYears(b, site, client); err != nil {
		b.Fatal(err)
	}
	maria := site.As("maria")
	path := "/office/billing/clients/" + client.String() + "/statement?from=2016-01-01&to=2026-12-31"
	for b.Loop() {
		if a := maria.Get(path); a.Status != 200 {
			b.Fatal(a.Status)
		}
	}
}

func fillYears(b *testing.B, site *portaltest.Site, client uuid.UUID) error {
	return db.InTx(b.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(`
			with p as (select id, currency from project where firm_id = ?0 and client_id = ?1 order by created_at limit 1),
			n as (select g, gen_random_uuid() as id, gen_random_uuid() as journal, date '2016-01-01' + 3 * g as on_day from generate_series(0, 1210) g),
			i as (insert into billing.invoice (firm_id, id, client_id, project_id, stage, number, imported, title, currency, issued_on, due_on, net, total)
				select ?0, n.id, ?1, p.id, 'released', 'Y-' || n.g, true, 'Work', p.currency, n.on_day, n.on_day + 14, 1000, 1000 from n, p returning id),
			j as (insert into billing.journal (firm_id, id, client_id, kind, source_type, source_id, on_day)
				select ?0, n.journal, ?1, 'issue', 'invoice', n.id, n.on_day from n returning id)
			insert into billing.entry (firm_id, journal_id, n, account, invoice_id, currency, amount)
			select ?0, n.journal, a.n, a.account, n.id, p.currency, a.amount from n, p, (values (0, 'receivable', 1000), (1, 'revenue', -1000)) a (n, account, amount)`,
			site.FirmID(), client).Exec(ctx)
		return err
	})
}

// BenchmarkInvoiceDocument is a PDF of twenty lines with names in four scripts.
func BenchmarkInvoiceDocument(b *testing.B) {
	s := paper.Sheet{
		Lang: "en-US", Title: "Invoice INV-1026", From: []string{"Northgate Builders"}, ToLabel: "For", To: []string{"株式会社 山田工務店", "شركة النور للمقاولات"}, Page: "Page",
		Columns: []paper.Column{{Title: "What"}, {Title: "Amount", Right: true, Width: 34}},
		Sums:    []paper.Pair{{Name: "Total", Value: "$98,765.43", Strong: true}},
	}
	for range 20 {
		s.Rows = append(s.Rows, []string{"Work on the house, श्रीमती and בית", "$1,851.75"})
	}
	for b.Loop() {
		if _, err := paper.Draw(s); err != nil {
			b.Fatal(err)
		}
	}
}
