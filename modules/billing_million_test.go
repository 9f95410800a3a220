package modules_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/platform/portaltest"
	"portico/platform/portaltest/loadtest"
)

// invoiced is a site with so many invoices, among them 20 of Ana's and so many of one client alone.
type invoiced struct {
	*portaltest.Site
	one, busy uuid.UUID // an invoice with twenty lines; a client with many
}

func fillInvoices(b *testing.B, all, busy int) invoiced {
	b.Helper()
	site := portaltest.Open(b)
	s := invoiced{Site: site, busy: uuid.Must(uuid.NewV7())}
	firm, ana := site.FirmID(), site.Person("ana").ClientID
	clients := max(1, (all-busy)/50)
	for _, query := range []string{`
		create table filled as
		select n, case when n = 0 then ?3::uuid else gen_random_uuid() end as client_id, gen_random_uuid() as project_id from generate_series(0, ?1) n`, `
		insert into client (firm_id, id, name, portal_on) select ?0, client_id, 'Household ' || n, true from filled`, `
		insert into project (firm_id, id, client_id, key, name, status) select ?0, project_id, client_id, 'filled-' || n, 'Kitchen ' || n, 'active' from filled`, `
		insert into billing.invoice (firm_id, id, client_id, project_id, stage, number, imported, title, currency, issued_on, due_on, net, total, paid)
		select ?0, gen_random_uuid(), f.client_id, f.project_id, 'released', 'M-' || x.g, true, 'Work on the house', 'USD', x.on_day, x.on_day + 14, 100000, 100000,
			case when x.g % 10 < 8 then 100000 when x.g % 10 = 8 then 40000 else 0 end
		from (select g, date '2020-01-01' + (g % 2500)::int as on_day, case when g < ?2 then 0 else 1 + g % ?1 end as n from generate_series(0, ?4 - 1) g) x
		join filled f on f.n = x.n`, `
		insert into billing.invoice (firm_id, id, client_id, project_id, stage, number, imported, title, currency, issued_on, due_on, net, total)
		select ?0, gen_random_uuid(), ?5, p.id, 'released', 'A-' || g, true, 'Draw ' || g, 'USD', date '2026-01-01' + g, date '2026-02-01' + g, 20000, 20000
		from generate_series(1, 20) g, (select id from project where firm_id = ?0 and client_id = ?5 order by created_at limit 1) p`, `
		insert into billing.line (firm_id, invoice_id, position, text, quantity, price, net, tax)
		select ?0, i.id, g, 'Work on the house, part ' || g, 1000, 1000, 1000, 0 from billing.invoice i, generate_series(1, 20) g where i.firm_id = ?0 and i.number = 'A-7'`, `
		insert into billing.total (firm_id, client_id, project_id, id, currency, invoiced, paid)
		select i.firm_id, i.client_id, i.project_id, i.project_id, i.currency, sum(i.total), sum(i.paid) from billing.invoice i
		where i.firm_id = ?0 and i.number like 'M-%' group by 1, 2, 3, 4, 5`,
		"drop table filled", "vacuum analyze billing.invoice", "vacuum analyze billing.line", "vacuum analyze billing.total", "vacuum analyze client", "vacuum analyze project",
	} {
		if _, err := site.DB(b).NewRaw(query, firm, clients, busy, s.busy, all, ana).Exec(b.Context()); err != nil {
			b.Fatalf("%v\n%s", err, query)
		}
	}
	if err := site.DB(b).NewRaw("select id from billing.invoice where firm_id = ? and number = 'A-7'", firm).Scan(b.Context(), &s.one); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkInvoices asks for pages of a firm with 1,000,000 invoices, 100,000 of them one client's, and in turns for the same
// of one with 1,000 and 100. The ratios are what counts.
func BenchmarkInvoices(b *testing.B) {
	few, many := fillInvoices(b, 1_000, 100), fillInvoices(b, 1_000_000, 100_000)
	for _, page := range []struct {
		name, who string
		path      func(s invoiced) string
	}{
		{"office-list", "maria", func(invoiced) string { return "/office/billing" }},
		{"office-overdue", "maria", func(invoiced) string { return "/office/billing?state=overdue" }},
		{"office-by-amount", "maria", func(invoiced) string { return "/office/billing?sort=-amount" }},
		{"office-invoice", "maria", func(s invoiced) string { return "/office/billing/invoices/" + s.one.String() }},
		{"office-busy-client", "maria", func(s invoiced) string { return "/office/billing/clients/" + s.busy.String() }},
		{"office-list-of-busy-client", "maria", func(s invoiced) string { return "/office/billing?client=" + s.busy.String() }},
		{"portal-list", "ana", func(invoiced) string { return "/portal/all/billing" }},
		{"portal-invoice", "ana", func(s invoiced) string { return "/portal/all/billing/invoices/" + s.one.String() }},
	} {
		b.Run(page.name, func(b *testing.B) {
			took := [2][]time.Duration{}
			asks := [2]func(){}
			for n, s := range []invoiced{few, many} {
				visitor := s.As(page.who).For(b)
				asks[n] = func() {
					begun := time.Now()
					if a := visitor.Get(page.path(s)); a.Status != 200 {
						b.Fatalf("%d for %s", a.Status, page.path(s))
					}
					took[n] = append(took[n], time.Since(begun))
				}
			}
			for range 5 { // statements are prepared
				asks[0]()
				asks[1]()
			}
			took = [2][]time.Duration{}
			for b.Loop() {
				asks[0]()
				asks[1]()
			}
			median := func(of []time.Duration) float64 { slices.Sort(of); return of[len(of)/2].Seconds() * 1000 }
			b.ReportMetric(median(took[0]), "ms-at-1k")
			b.ReportMetric(median(took[1]), "ms-at-1M")
			b.ReportMetric(median(took[1])/median(took[0]), "ratio")
			b.ReportMetric(0, "ns/op")
		})
	}
	b.Run("portal-list-of-raw", func(b *testing.B) { loadtest.ListPage(b, many.Site, "/office/billing?client="+many.Person("ana").ClientID.String()) })
}
