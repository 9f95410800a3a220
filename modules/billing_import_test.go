package modules_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"portico/modules/billing"
	"portico/platform/db"
	"portico/platform/module"
	"portico/platform/portaltest"
)

const (
	asInvoices = "Invoices"
	asPayments = "Payments"
)

// booksAgree asks every promise of the books.
func booksAgree(t testing.TB, site *portaltest.Site) {
	t.Helper()
	section, err := billing.Module.Mount(module.Platform{})
	if err != nil {
		t.Fatal(err)
	}
	err = db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		broken, err := section.Audit(ctx, tx, site.FirmID())
		if len(broken) > 0 {
			t.Errorf("the books do not agree: %v", broken)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// raw is a file of another program, read in the plainest way: its rows by the names of their columns.
func raw(t testing.TB, file, first string) (content []byte, rows []map[string]string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "imports", file))
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(all, func(row []string) bool { return slices.Contains(row, first) })
	for _, row := range all[at+1:] {
		is := map[string]string{}
		for n, name := range all[at] {
			is[name] = row[n]
		}
		rows = append(rows, is)
	}
	return content, rows
}

// cents are the minor units of an amount with two decimals.
func cents(t testing.TB, text string) int {
	t.Helper()
	clean := strings.NewReplacer("$", "", ",", "", " ", "", "(", "-", ")", "").Replace(text)
	if clean == "" {
		return 0
	}
	is, ok := new(big.Rat).SetString(clean)
	if !ok {
		t.Fatalf("no amount: %q", text)
	}
	is.Mul(is, big.NewRat(100, 1))
	if !is.IsInt() {
		t.Fatalf("not in cents: %q", text)
	}
	return int(is.Num().Int64())
}

// bring takes a file from the first page to the last, and answers with where it ended.
func bring(t *testing.T, site *portaltest.Site, b *portaltest.Browser, kind, file string, content []byte, button string) string {
	t.Helper()
	upload(b, kind, filepath.Base(file), content).For(t).Sees(t, "Which column is what?")
	through(t, site, b, button).Sees(t, "Done")
	return b.Path()
}

const takenOver = " from billing.invoice where imported and stage <> 'undone'"

// TestInvoicesAndPaymentsOfOtherProgramsComeToTheCent works out what the files say, and compares.
func TestInvoicesAndPaymentsOfOtherProgramsComeToTheCent(t *testing.T) {
	t.Run("Invoice Ninja", func(t *testing.T) {
		t.Parallel()
		site := portaltest.Open(t)
		maria := site.As("maria")
		people, clients := raw(t, "invoiceninja/clients.csv", "Balance")
		bring(t, site, maria, asClients, "clients.csv", people, "Import 20 clients")
		mails := len(site.Mails())

		content, rows1 := raw(t, "invoiceninja/invoices.csv", "Invoice Number")
		total, paid, seen := 0, 0, map[string]bool{}
		for _, r := range rows1 {
			if !seen[r["Invoice Number"]] { // a number is one invoice
				seen[r["Invoice Number"]] = true
				total += cents(t, r["Amount"])
				paid += cents(t, r["Paid"])
			}
		}
		path := bring(t, site, maria, asInvoices, "invoices.csv", content, "Import 400 invoices")
		if n := rows(t, site, "select count(*)"+takenOver); n != len(seen) {
			t.Errorf("%d invoices, the file has %d", n, len(seen))
		}
		if n := rows(t, site, "select sum(total)"+takenOver); n != total {
			t.Errorf("they come to %d, in the file to %d", n, total)
		}
		if n := rows(t, site, "select sum(paid)"+takenOver); n != paid {
			t.Errorf("%d is paid, in the file %d", n, paid)
		}
		// one row stands there twice: by the total it counts once
		maria.For(t).Sees(t, "The same row stands there 2 times. By the total it counts once.")
		for _, ask := range []string{
			"select count(*) from billing.invoice where number = '2' and total = 2667 and paid = 694 and state = 'partial' and issued_on = '2020-02-19' and due_on = '2020-02-29' and ordinal is null and imported",
			"select count(*) from billing.invoice i join billing.line l on l.invoice_id = i.id where i.number = '1' and l.quantity = 10000 and l.price = 135 and l.net = 1350 and l.text like 'et: Ad neque%'",
			"select count(*) from billing.invoice where number = '780' and state = 'paid'",
			"select count(*) from project where name = 'Earlier invoices' and not shared having count(*) = 20",
			"select count(*) from billing.payment where imported and reference = 'Paid before the move' and allocated = amount having count(*) = 400",
		} {
			if rows(t, site, "select count(*) from ("+ask+") x") == 0 || rows(t, site, ask) == 0 {
				t.Errorf("not there: %s", ask)
			}
		}
		booksAgree(t, site)
		// of each client the program itself says what is owed and paid; of one it counts a credit that stands in no invoice
		for _, c := range clients {
			owed := rows(t, site, "select coalesce(sum(i.total - i.paid), 0)"+strings.Replace(takenOver, "billing.invoice", "billing.invoice i join client c on c.id = i.client_id", 1)+" and c.name = ?", c["Name"])
			got := rows(t, site, "select coalesce(sum(i.paid), 0)"+strings.Replace(takenOver, "billing.invoice", "billing.invoice i join client c on c.id = i.client_id", 1)+" and c.name = ?", c["Name"])
			credit := 0
			if c["Name"] == "Ludwig Krajcik DVM" {
				credit = 40000
			}
			if owed != cents(t, c["Balance"])+credit || got != cents(t, c["Paid to Date"]) {
				t.Errorf("%s owes %d and has paid %d; the program says %s and %s", c["Name"], owed, got, c["Balance"], c["Paid to Date"])
			}
		}

		content, rows2 := raw(t, "invoiceninja/payments.csv", "Invoice Number")
		sum, credits := 0, 0
		for _, r := range rows2 {
			sum += cents(t, r["Amount"])
			if strings.Contains(r["Amount"], "(") {
				credits -= cents(t, r["Amount"])
			}
		}
		bring(t, site, maria, asPayments, "payments.csv", content, "Import 401 payments")
		if n := rows(t, site, "select sum(case method when 'credit' then -amount else amount end) from billing.payment where imported and reference <> 'Paid before the move'"); n != sum {
			t.Errorf("payments come to %d, in the file to %d", n, sum)
		}
		if n := rows(t, site, "select sum(amount) from billing.payment where imported and method = 'credit'"); n != credits {
			t.Errorf("credits come to %d, in the file to %d", n, credits)
		}
		if n := rows(t, site, "select count(*)"+takenOver+" and state <> 'paid'"); n != 0 {
			t.Errorf("%d are owed although everything is paid", n)
		}
		booksAgree(t, site)

		// again: nothing of it is new
		upload(maria, asPayments, "payments.csv", content).Press("Check the rows").Has(t, 200).Sees(t, "401 are there already")
		upload(maria, asInvoices, "invoices.csv", mustRead(t, "invoiceninja/invoices.csv")).Press("Check the rows").Has(t, 200).Sees(t, "400 are there already")

		// the invoices cannot go as long as the payments stand on them; then all of it goes, and comes again
		maria.Open(path).Press("Undo all of it")
		site.Settle(t)
		maria.Open(path).Sees(t, "Not undone", "It has been changed, paid or used since.")
		if n := len(site.Mails()); n != mails {
			t.Errorf("%d mails went out", n-mails)
		}
		booksAgree(t, site)
	})
	t.Run("FreshBooks", func(t *testing.T) {
		t.Parallel()
		site := portaltest.Open(t)
		maria := site.As("maria")
		content, raws := raw(t, "freshbooks/invoices.csv", "Invoice #")
		total := 0
		for _, r := range raws {
			total += cents(t, r["Line Total"])
		}
		bring(t, site, maria, asInvoices, "invoices.csv", content, "Import 1 invoice")
		if n := rows(t, site, "select total from billing.invoice where number = '0000001' and state = 'open' and issued_on = '2021-01-28'"); n != total {
			t.Errorf("%d, in the file %d", n, total)
		}
		if n := rows(t, site, "select count(*) from billing.invoice i join billing.line l on l.invoice_id = i.id where i.number = '0000001' and l.net = l.price * l.quantity / 1000"); n != len(raws) {
			t.Errorf("%d lines, in the file %d", n, len(raws))
		}
		if n := rows(t, site, "select count(*) from client where name = 'X-Men'"); n != 1 {
			t.Error("its client was not added")
		}
		booksAgree(t, site)
	})
	t.Run("Zoho", func(t *testing.T) {
		t.Parallel()
		site := portaltest.Open(t)
		maria := site.As("maria")
		bring(t, site, maria, asClients, "contacts.csv", mustRead(t, "zoho/contacts.csv"), "Import 5 clients")
		content, raws := raw(t, "zoho/invoices.csv", "Invoice Number")
		total, items, seen := 0, 0, map[string]bool{}
		for _, r := range raws {
			items += cents(t, r["Item Total"])
			if !seen[r["Invoice Number"]] {
				seen[r["Invoice Number"]] = true
				total += cents(t, r["Total"])
			}
		}
		path := bring(t, site, maria, asInvoices, "invoices.csv", content, "Import 3 invoices")
		if n := rows(t, site, "select sum(total)"+takenOver+" and stage = 'draft' and number like 'INV-0%'"); n != total || n != items {
			t.Errorf("%d, in the file %d", n, total)
		}
		if n := rows(t, site, "select count(*) from billing.line l join billing.invoice i on i.id = l.invoice_id where i.imported"); n != len(raws) {
			t.Errorf("%d lines, in the file %d", n, len(raws))
		}
		if n := rows(t, site, "select count(*) from client where name = 'Jessica Jones'"); n != 1 {
			t.Errorf("%d of one client", n)
		}
		booksAgree(t, site)
		// a draft keeps its number when it is released, and takes none of ours
		last := rows(t, site, "select last from billing.counter where kind = 'invoice' and firm_id = ?", site.FirmID())
		draft := textOf(t, site, "select id::text from billing.invoice where number = 'INV-000001'")
		maria.Open("/office/billing/invoices/"+draft).Sees(t, "INV-000001", "Taken over from another program", "$489.75").Follow("Approve and release").Press("Approve and release").Sees(t, "Released as INV-000001")
		if n := rows(t, site, "select last from billing.counter where kind = 'invoice' and firm_id = ?", site.FirmID()); n != last {
			t.Error("it took a number of ours")
		}
		booksAgree(t, site)
		maria.Open(path).Press("Undo all of it")
		site.Settle(t)
		maria.Open(path).Sees(t, "Not undone", "INV-000001")
		if n := rows(t, site, "select count(*)"+takenOver); n != 1 {
			t.Errorf("%d stay", n)
		}
		booksAgree(t, site)
	})
}

func mustRead(t testing.TB, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "imports", file))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

const mixedInvoices = `Invoice list of Old Books
,,,,,,,,,,,,,,,
Customer,Invoice No.,Invoice Date,Due Date,Status,Total,Balance,Currency Code,Tax Amount,Item,Qty,Rate,Discount %,Line Subtotal,Project Name,Shipping
Ana & Tom Rivera,A-1,2026-01-05,2026-02-05,Partial,"$1,091.25",$91.25,USD,,Doors,3,333.333,,1000.00,Maple Street remodel,
Ana & Tom Rivera,A-1,2026-01-05,2026-02-05,Partial,"$1,091.25",$91.25,USD,,Hinges,7,12.50,,87.50,Maple Street remodel,3.75
Ana & Tom Rivera,A-2,2026-01-06,2026-02-06,Paid,110.00,0.00,USD,10.00,Paint,1,100.00,,100.00,Maple Street remodel,
Ana & Tom Rivera,A-3,2026-01-07,2026-02-07,Void,50.00,0.00,USD,,Mistake,1,50.00,,50.00,Maple Street remodel,
Ana & Tom Rivera,A-4,2026-01-08,2026-02-08,Overdue,90.00,90.00,USD,,Work,1,100.00,10,90.00,Maple Street remodel,
Ana & Tom Rivera,CN-5,2026-01-09,,Open,-30.00,-30.00,USD,,Returned,1,-30.00,,-30.00,,
Ana & Tom Rivera,A-6,2026-01-10,2026-02-10,Sent,abc,,USD,,Work,1,1.00,,1.00,,
Ana & Tom Rivera,A-7,soon,2026-02-10,Sent,1.00,,USD,,Work,1,1.00,,1.00,,
Ana & Tom Rivera,A-8,2026-01-10,2026-02-10,Lost,1.00,,USD,,Work,1,1.00,,1.00,,
Ana & Tom Rivera,A-9,2026-01-10,2026-02-10,Sent,5.00,,USD,,Work,1,1.00,,1.00,,
Somebody Else,A-9,2026-01-10,2026-02-10,Sent,5.00,,USD,,Work,1,1.00,,1.00,,
Ana & Tom Rivera,INV-9999,2026-01-10,2026-02-10,Sent,5.00,,USD,,Work,1,5.00,,5.00,,
Neue Kundin GmbH,A-10,2026-01-11,2026-02-11,Sent,119.00,,EUR,19.00,Arbeit,1,100.00,,100.00,,
`

// TestAnImportOfInvoicesIsCheckedUsedAndTakenBack is the way with errors, there and back.
func TestAnImportOfInvoicesIsCheckedUsedAndTakenBack(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	before := textOf(t, site, "select json_agg(t order by t.id, t.currency)::text from (select id, currency, invoiced, paid, unapplied from billing.total where invoiced + paid + unapplied <> 0) t")
	maria := site.As("maria")
	upload(maria, asInvoices, "mixed.csv", []byte(mixedInvoices)).For(t).Sees(t, "Which column is what?")
	maria.Press("Check the rows").Has(t, 200).Sees(t, "This is not an amount.", "abc", "This is not a date.", "soon", "Use draft, sent, partial, paid or void.",
		"Two clients have an invoice of this number.", "Your own invoices will have this number one day.")
	through2 := maria.Press("Import 6 invoices")
	site.Settle(t)
	path := through2.Path()
	maria.Open(path).Sees(t, "Done")
	for _, ask := range []string{
		"select 1 from billing.invoice where number = 'A-1' and total = 109125 and paid = 100000 and state = 'partial'",
		"select 1 from billing.line l join billing.invoice i on i.id = l.invoice_id where i.number = 'A-1' and l.text = 'Doors (3 × 333.333)' and l.net = 100000",
		"select 1 from billing.line l join billing.invoice i on i.id = l.invoice_id where i.number = 'A-1' and l.text = 'Shipping' and l.net = 375",
		"select 1 from billing.invoice where number = 'A-2' and net = 10000 and tax = 1000 and state = 'paid'",
		"select 1 from billing.line l join billing.invoice i on i.id = l.invoice_id where i.number = 'A-2' and l.tax_rate = 1000",
		"select 1 from billing.invoice where number = 'A-3' and stage = 'void' and paid = 0",
		"select 1 from billing.line l join billing.invoice i on i.id = l.invoice_id where i.number = 'A-4' and l.discount = 1000 and l.net = 9000",
		"select 1 from billing.payment where method = 'credit' and amount = 3000 and allocated = 0 and reference like 'Credit CN-5%'",
		"select 1 from billing.invoice i join project p on p.id = i.project_id where i.number = 'A-10' and i.currency = 'EUR' and i.tax = 1900 and p.name = 'Earlier invoices, EUR'",
	} {
		if rows(t, site, "select count(*) from ("+ask+") x") != 1 {
			t.Errorf("not there: %s", ask)
		}
	}
	booksAgree(t, site)
	maria.Open("/office/billing?q=A-10&state=all").Sees(t, "Neue Kundin GmbH")
	site.As("ana").Open("/portal/all/billing").Sees(t, "A-1", "A-4").SeesNot(t, "Earlier invoices")

	// staff work with one: it stays, and the rest goes
	a4 := textOf(t, site, "select id::text from billing.invoice where number = 'A-4'")
	maria.Open("/office/billing/invoices/"+a4).Follow("Void this invoice").Fill("Reason", "Was a mistake").Press("Void this invoice")
	maria.Open(path).Press("Undo all of it")
	site.Settle(t)
	maria.Open(path).Sees(t, "Not undone", "A-4 of Ana & Tom Rivera")
	booksAgree(t, site)
	if n := rows(t, site, "select count(*)"+takenOver); n != 1 {
		t.Errorf("%d stay", n)
	}
	if after := textOf(t, site, "select json_agg(t order by t.id, t.currency)::text from (select id, currency, invoiced, paid, unapplied from billing.total where invoiced + paid + unapplied <> 0) t"); after != before {
		t.Errorf("the totals were %s and are %s", before, after)
	}
	ana := site.As("ana")
	ana.Open("/portal/all/billing").SeesNot(t, "A-1")
	maria.Open("/office/billing?q=A-10&state=all").SeesNot(t, "Neue Kundin GmbH")
	if rows(t, site, "select count(*) from client where name = 'Neue Kundin GmbH' and archived_at is not null") != 1 {
		t.Error("the client that came with it is not put away")
	}
	// and it comes again, under the same numbers
	upload(maria, asInvoices, "mixed.csv", []byte(mixedInvoices)).Press("Check the rows").Has(t, 200).Sees(t, "1 is there already")
	maria.Press("Import 5 invoices")
	site.Settle(t)
	if n := rows(t, site, "select count(*)"+takenOver+" and number in ('A-1', 'A-2', 'A-3', 'A-10')"); n != 4 {
		t.Errorf("%d came again", n)
	}
	booksAgree(t, site)
}

// TestPaymentsGoToTheirInvoices: what is over stays on account.
func TestPaymentsGoToTheirInvoices(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	maria := site.As("maria")
	number := textOf(t, site, "select number from billing.invoice where state = 'open' and firm_id = ? and number is not null order by due_on limit 1", site.FirmID())
	client := textOf(t, site, "select c.name from billing.invoice i join client c on c.id = i.client_id where i.number = ? and i.firm_id = ?", number, site.FirmID())
	total := rows(t, site, "select total from billing.invoice where number = ? and firm_id = ?", number, site.FirmID())
	file := fmt.Sprintf("Payments\n\nClient,Invoice #,Amount,Payment Date,Method,Reference\n%q,%s,$%d.%02d,1/31/2026,Check,4711\n%q,,$12.00,1/31/2026,Cash,\n%q,NONE,$5.00,1/31/2026,,\n\"Nobody\",,$5.00,1/31/2026,,\n%q,,-,1/31/2026,,\n",
		client, number, total/100+3, total%100, client, client, client)
	path := bring(t, site, maria, asPayments, "payments.csv", []byte(file), "Import 3 payments")
	maria.For(t).Sees(t, "There is no client of this name.", "There is no invoice of this number: the money stays on account.")
	if rows(t, site, "select count(*) from billing.payment where imported and method = 'check' and reference = '4711' and allocated = ? and amount = ?", total, total+300) != 1 {
		t.Error("what is over does not stay on account")
	}
	if rows(t, site, "select count(*) from billing.invoice where number = ? and state = 'paid'", number) != 1 {
		t.Error("it is not paid")
	}
	booksAgree(t, site)
	maria.Open(path).Press("Undo all of it")
	site.Settle(t)
	maria.Open(path).Sees(t, "Undone").SeesNot(t, "Not undone")
	if rows(t, site, "select count(*) from billing.invoice where number = ? and paid = 0 and state = 'open'", number) != 1 {
		t.Error("it is still paid")
	}
	maria.Open("/office/billing/payments").SeesNot(t, "4711")
	booksAgree(t, site)
}
