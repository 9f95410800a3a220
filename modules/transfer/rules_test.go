package transfer

import (
	"bytes"
	"fmt"
	"testing"

	"portico/platform/module"
	"portico/platform/sheet"
)

var plants = module.Import{
	ID: "garden:plants",
	Fields: []module.ImportField{
		{ID: "name", Title: "Plant", Needed: true, Names: []string{"name", "species"}},
		{ID: "phone", Title: "Phone", Names: []string{"phone", "tel"}},
		{ID: "other", Title: "Phone", Group: "Contact", Names: []string{"mobile", "phone"}},
	},
	Key: func(r module.ImportRow, _ module.ImportSettings) string { return r.Get("name") },
}

func TestColumnsAreGuessedOnce(t *testing.T) {
	columns := []sheet.Column{{At: 0, Name: "Species"}, {At: 2, Name: "PHONE"}, {At: 3, Name: "Phone"}, {At: 5, Name: "x"}}
	m := guess(plants, columns)
	if m["name"].Column != 0 || m["phone"].Column != 2 || m["other"].Column != 3 {
		t.Errorf("%v", m)
	}
	again := m.named(columns).in([]sheet.Column{{At: 1, Name: "Phone"}, {At: 4, Name: "PHONE"}, {At: 7, Name: "Species"}})
	if again["name"].Column != 7 || again["phone"].Column != 4 || again["other"].Column != 1 {
		t.Errorf("in another order: %v", again)
	}
	if headOf(columns) != headOf([]sheet.Column{columns[2], columns[0], columns[3], columns[1]}) || headOf(columns) == headOf(columns[:2]) {
		t.Error("the head of a file is its columns in any order")
	}
}

// TestAListOfInvoicesIsNotTakenForClients: the page says what the columns look like, as far as somebody can take it.
func TestAListOfInvoicesIsNotTakenForClients(t *testing.T) {
	clients := module.Import{ID: "clients:clients", Many: "clients", Fields: []module.ImportField{{ID: "name", Title: "Name", Needed: true, Names: []string{"client name"}}, {ID: "city", Title: "City"}}}
	contacts := module.Import{ID: "clients:contacts", Fields: []module.ImportField{{ID: "name", Title: "Client name", Needed: true}, {ID: "a", Title: "Number"}, {ID: "b", Title: "Total"}}}
	invoices := module.Import{ID: "billing:invoices", Many: "invoices", Fields: []module.ImportField{{ID: "client", Title: "Client name", Needed: true}, {ID: "number", Title: "Number", Needed: true}, {ID: "total", Title: "Total"}}}
	columns := func(names ...string) (all []sheet.Column) {
		for at, name := range names {
			all = append(all, sheet.Column{At: at, Name: name})
		}
		return all
	}
	all := []module.Import{clients, contacts, invoices}
	if k, found := likelier(all, clients, columns("Client Name", "Number", "Total")); !found || k.ID != invoices.ID {
		t.Errorf("a list of invoices looks like %q", k.ID)
	}
	for _, head := range [][]sheet.Column{columns("Client Name", "City"), columns("Client Name", "Total"), columns("Client Name")} {
		if k, found := likelier(all, clients, head); found {
			t.Errorf("a list of clients looks like %q", k.ID)
		}
	}
	if k, found := likelier(all[:2], clients, columns("Client Name", "Number", "Total")); found {
		t.Errorf("where nobody takes invoices it looks like %q", k.ID)
	}
}

func TestAFixedValueFillsWhatIsEmpty(t *testing.T) {
	m := mapping{"name": {Column: 1, Fixed: "Rose"}, "phone": {Column: -1, Fixed: "1"}, "other": {Column: 9}}
	r := m.row(sheet.Row{Number: 3, Cells: []string{"a", ""}})
	if r.Get("name") != "Rose" || r.Get("phone") != "1" || r.Get("other") != "" || r.Number != 3 {
		t.Errorf("%+v", r)
	}
	if r := m.row(sheet.Row{Cells: []string{"a", "'=Lily"}}); r.Get("name") != "=Lily" {
		t.Errorf("%+v", r)
	}
}

func TestRowsOfOneRecordAreFoundWhereverTheyStand(t *testing.T) {
	for text, want := range map[string]struct {
		groups int
		apart  bool
	}{
		"1,a\n2,a\n3,b\n":    {2, false},
		"1,a\n2,b\n3,a\n":    {2, true},
		"1,a\n2,\n3,\n4,a\n": {3, true},
		"1,\n2,\n":           {2, false},
		"1,\"a\nb\"\n2,x\n":  {2, false},
	} {
		groups, apart, err := grouped(sheet.NewCopied(bytes.NewReader([]byte(text)), 0), plants, Import{Mapping: mapping{"name": {Column: 0}}})
		if err != nil || len(groups) != want.groups || apart != want.apart {
			t.Errorf("%q: %v %v %v", text, groups, apart, err)
		}
	}
}

func TestNumbersAreWritten(t *testing.T) {
	if got := fmt.Sprint(count(1, "client", "clients"), ", ", count(1204, "client", "clients"), ", ", number(1234567), ", ", number(12)); got != "1 client, 1,204 clients, 1,234,567, 12" {
		t.Error(got)
	}
}

func TestALineOfTotalsIsNoRecord(t *testing.T) {
	record := func(values ...string) *module.Record {
		row := module.ImportRow{Number: 9, Values: map[string]string{}}
		for i, value := range values {
			row.Values[fmt.Sprint(i)] = value
		}
		return &module.Record{Rows: []module.ImportRow{row}}
	}
	for _, values := range [][]string{{"Total"}, {"Total: 2", ""}, {"", "Grand total", "$1,250.00"}, {"Summe", "1.250,00 €"}, {"Subtotal:"}} {
		r := record(values...)
		if refuseTotals(r); !r.Refused() {
			t.Errorf("%q was taken", values)
		}
	}
	for _, values := range [][]string{{"Total Construction"}, {"Total", "office@total.example"}, {"Ana", "12"}, {"", ""}} {
		r := record(values...)
		if refuseTotals(r); r.Refused() {
			t.Errorf("%q was refused", values)
		}
	}
}
