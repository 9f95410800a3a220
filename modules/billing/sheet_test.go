package billing

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"

	"portico/platform/auth"
	"portico/platform/money"
	"portico/platform/paper"
	"portico/platform/portaltest"
	"portico/platform/web"
)

var moneyOnPage = regexp.MustCompile(`class="money[^"]*"[^>]*>([^<]+)<`)

// anyInvoice is one with lines of any kind, as they are worked out when they are saved.
func anyInvoice(r *rand.Rand, currency string) (Invoice, []Line) {
	i := Invoice{Stage: Released, State: Open, Number: "INV-1", Title: "Any", Currency: currency}
	lines := make([]Line, 1+r.IntN(8))
	for n := range lines {
		lines[n] = Line{Position: n + 1, Text: fmt.Sprint("Line ", n), Quantity: money.One, Price: r.Int64N(10_000_000)}
		if r.IntN(2) == 0 {
			lines[n].Quantity = money.Quantity(1 + r.Int64N(250_000))
		}
		if r.IntN(3) == 0 {
			lines[n].Discount = money.Rate(r.Int64N(10_001))
		}
		if r.IntN(2) == 0 {
			lines[n].TaxRate = []money.Rate{825, 700, 1900, 50, 1}[r.IntN(5)]
		}
		lines[n].work()
		i.Net, i.Tax = i.Net+lines[n].Net, i.Tax+lines[n].Tax
	}
	i.Total = i.Net + i.Tax
	if r.IntN(2) == 0 && i.Total > 1 {
		i.Paid = r.Int64N(i.Total)
	}
	return i, lines
}

// compare draws so many invoices, and stops at the first that differs.
func compare(t *testing.T, here *web.Here, invoices int, draw func(sheetView) (string, error)) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // any numbers do
	for range invoices {
		i, lines := anyInvoice(random, []string{"USD", "JPY", "KWD", "EUR"}[random.IntN(4)])
		v := sheetView{Here: here, Invoice: i, Plain: true}
		v.fill(lines, nil, "Sales tax")
		page, err := draw(v)
		if err != nil {
			t.Error(err)
		}
		var sheet paper.Sheet
		if v.table(&sheet); !agree(t, v, page, sheet) {
			return
		}
	}
}

// T17: what the page shows, what the document says and what is charged are the same to the last digit, of any invoice.
func TestPageDocumentAndChargeAgree(t *testing.T) {
	here := &web.Here{Viewer: auth.Viewer{Firm: auth.Firm{Locale: "en-US"}}}
	compare(t, here, 10_000, func(sheetView) (string, error) { return "", nil }) // drawing a page takes longer than all else
	portaltest.Within(t, func(r *web.Request) error {
		compare(t, r.Here(), 500, func(v sheetView) (string, error) {
			page, err := r.Drawn(web.Draw("billing/_sheet", v))
			return string(page), err
		})
		return nil
	}, Module)
}

func agree(t *testing.T, v sheetView, page string, sheet paper.Sheet) bool {
	t.Helper()
	var onPage, onPaper []string
	for _, found := range moneyOnPage.FindAllStringSubmatch(page, -1) {
		if found[1] != "Price" && found[1] != "Amount" {
			onPage = append(onPage, found[1])
		}
	}
	for _, row := range sheet.Rows {
		if !v.Plain {
			onPaper = append(onPaper, row[2])
		}
		onPaper = append(onPaper, row[len(row)-1])
	}
	for _, sum := range sheet.Sums {
		onPaper = append(onPaper, sum.Value)
	}
	read := func(text string) int64 {
		a, err := money.Parse(text, v.Invoice.Currency, v.Locale())
		if err != nil {
			t.Errorf("%q is no amount: %v", text, err)
		}
		return a.Minor
	}
	var lines, taxes int64
	for _, row := range sheet.Rows {
		lines += read(row[len(row)-1])
	}
	for _, sum := range sheet.Sums[min(1, len(v.Taxes)):][:len(v.Taxes)] {
		taxes += read(sum.Value)
	}
	left := read(sheet.Sums[len(sheet.Sums)-1].Value)
	if page != "" && !slices.Equal(onPage, onPaper) || lines+taxes != v.Invoice.Total || left != v.Invoice.Free().Minor {
		t.Errorf("of %+v the page says %q, the document %q; lines %d and taxes %d; %d would be charged", v.Invoice, onPage, onPaper, lines, taxes, v.Invoice.Free().Minor)
		return false
	}
	return true
}
