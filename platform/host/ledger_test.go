package host_test

import (
	"embed"
	"fmt"
	"html/template"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/db"
	"portico/platform/module"
	"portico/platform/portaltest"
	"portico/platform/view"
	"portico/platform/web"
)

// ledger is a section as later ones will be, made for measuring: a page of 20 of a client's 100 invoices, with the names
// of their projects and their totals. It costs four statements, the viewer's included.
var ledger = module.Module{
	ID: "ledger", Title: "Ledger", Summary: "Twenty of a client's hundred invoices", Icon: "receipt", Toggle: module.Always,
	Views: module.Dir(ledgerFiles, "testdata/ledger"), Migrations: module.Dir(ledgerFiles, "testdata/ledger/migrations"),
	Permissions: []access.Permission{seeLedger},
	Mount: func(module.Platform) (module.Section, error) {
		return module.Section{Office: []web.Route{web.Get("/:client", seeLedger, showLedger)}}, nil
	},
}

//go:embed all:testdata/ledger
var ledgerFiles embed.FS

var seeLedger = access.Staff("ledger:see", access.Member)

const (
	ledgerClient = `select c.name, c.street, c.city from client c where c.firm_id = $1 and c.id = $2`
	ledgerTotals = `
		select count(*) as n, sum(i.amount)::bigint as billed, sum(i.paid)::bigint as paid
		from ledger.invoice i
		where i.firm_id = $1 and i.client_id = $2`
	ledgerRows = `
		select i.id, i.number, i.state, i.amount, i.due_on, p.key as project_key, p.name as project, p.street
		from ledger.invoice i
		join project p on p.firm_id = $1 and p.id = i.project_id
		where i.firm_id = $1 and i.client_id = $2
		order by i.due_on desc, i.id
		limit 20`
)

type ledgerRow struct {
	ID            uuid.UUID
	Number, State string
	Amount        int64
	DueOn         time.Time
	ProjectKey    string
	Project       string
	Street        string
}

type ledgerLine struct {
	Number, Href, Project, ProjectHref, Street, State, Kind, Due, DueISO, Amount string
}

type ledgerView struct {
	*web.Here
	Client, Place, Billed, Paid, Open, Counted, Next string
	Rows                                             []ledgerLine
	Drawn                                            template.HTML
}

// rows writes what testdata/ledger/views/_rows.html draws, as the office's list of clients does with its own.
func (v ledgerView) rows(m *view.Markup) template.HTML {
	for _, l := range v.Rows {
		m.Raw("\n" + `<tr><td class="card-title"><a class="row-link" href="`).Path(l.Href).Raw(`">`).Text(l.Number).Raw("</a></td>\n")
		m.Raw(`<td data-label="Project"><a class="link" href="`).Path(l.ProjectHref).Raw(`">`).Text(l.Project).Raw("</a></td>\n")
		m.Raw(`<td data-label="Address" class="hide-medium">`).Text(l.Street).Raw("</td>\n")
		m.Raw(`<td class="card-status"><span class="badge `).Text(l.Kind).Raw(`">`).Icon("check").Text(l.State).Raw("</span></td>\n")
		m.Raw(`<td data-label="Due"><time datetime="`).Text(l.DueISO).Raw(`">`).Text(l.Due).Raw("</time></td>\n")
		m.Raw(`<td class="money card-amount">`).Text(l.Amount).Raw("</td></tr>\n")
	}
	return m.Done()
}

func showLedger(r *web.Request) error {
	client, err := r.ID("client")
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	var who struct{ Name, Street, City string }
	if err := db.Named(ctx, tx, &who, ledgerClient, v.FirmID(), client); err != nil {
		return err
	}
	var totals struct{ N, Billed, Paid int64 }
	if err := db.Named(ctx, tx, &totals, ledgerTotals, v.FirmID(), client); err != nil {
		return err
	}
	var rows []ledgerRow
	if err := db.Named(ctx, tx, &rows, ledgerRows, v.FirmID(), client); err != nil {
		return err
	}
	r.Title(who.Name)
	page := ledgerView{
		Here: r.Here(), Client: who.Name, Place: who.Street + ", " + who.City,
		Billed: dollars(totals.Billed), Paid: dollars(totals.Paid), Open: dollars(totals.Billed - totals.Paid),
		Counted: fmt.Sprintf("1 to %d of %d", len(rows), totals.N), Next: r.Here().With("page", 2),
	}
	for _, row := range rows {
		page.Rows = append(page.Rows, ledgerLine{
			Number: row.Number, Href: r.Path("ledger", client, row.ID), Project: row.Project, ProjectHref: r.Path("clients", client, row.ProjectKey),
			Street: row.Street, State: row.State, Kind: map[string]string{"Paid": "ok", "Due": "due", "Late": "late"}[row.State],
			Due: view.Day(row.DueOn), DueISO: row.DueOn.Format(time.DateOnly), Amount: dollars(row.Amount),
		})
	}
	page.Drawn = page.rows(r.Markup())
	if r.Query("slowly") != "" {
		drawn, err := r.Drawn(web.Draw("ledger/_rows", page))
		if err != nil {
			return err
		}
		page.Drawn = drawn
	}
	return r.Show("ledger/index", page)
}

func dollars(cents int64) string { return fmt.Sprintf("$%d.%02d", cents/100, cents%100) }

// book is a firm's ledger: so many clients with a hundred invoices each.
type book struct {
	firm, client uuid.UUID
	path         string
}

// keepLedger fills the ledger of the demo firm; the page that is measured is that of a client in the middle.
func keepLedger(t testing.TB, site *portaltest.Site, clients int) book {
	t.Helper()
	firm := site.FirmID()
	owner := site.DB(t)
	run := func(query string, args ...any) {
		t.Helper()
		if _, err := owner.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	run(`insert into client (firm_id, id, name, street, city)
		select ?, gen_random_uuid(), 'Rivera & Chen household ' || n, n || ' Maple Street', 'Austin' from generate_series(1, ?) n`, firm, clients)
	run(`insert into project (firm_id, id, client_id, key, name, street)
		select c.firm_id, gen_random_uuid(), c.id, left(c.id::text, 8) || n, c.street || ' kitchen and bath ' || n, c.street
		from client c, generate_series(1, 3) n
		where c.firm_id = ? and c.name like 'Rivera & Chen household %'`, firm)
	run(`insert into ledger.invoice (firm_id, id, client_id, project_id, number, state, amount, paid, due_on)
		select p.firm_id, gen_random_uuid(), p.client_id, p.id, 'INV-' || n, (array['Paid', 'Due', 'Late'])[1 + n % 3],
			n * 1234, case when n % 3 = 0 then n * 1234 else 0 end, date '2026-01-01' + n
		from project p, generate_series(1, 100) n
		where p.firm_id = ? and p.name like '%kitchen and bath 1'`, firm)
	run("analyze")
	b := book{firm: firm}
	err := owner.NewRaw(`select c.id from client c where c.firm_id = ? and c.name = 'Rivera & Chen household ' || ?`,
		firm, (clients+1)/2).Scan(t.Context(), &b.client)
	if err != nil {
		t.Fatal(err)
	}
	b.path = "/office/ledger/" + b.client.String()
	return b
}
