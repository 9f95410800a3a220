package modules_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/platform/portaltest"
	"portico/platform/portaltest/loadtest"
)

// invoiced is a site with so many invoices, so many of them Ana's; one of hers has twenty lines.
type invoiced struct {
	*portaltest.Site
	one uuid.UUID
}

func fillInvoices(b *testing.B, all, anas int) invoiced {
	b.Helper()
	site := portaltest.Open(b)
	s := invoiced{Site: site}
	firm, ana := site.FirmID(), site.Person("ana").ClientID
	for _, query := range []string{`
		create table filled as
		select n, gen_random_uuid() as client_id, gen_random_uuid() as project_id from generate_series(1, ?1) n`, `
		insert into client (firm_id, id, name, portal_on) select ?0, client_id, 'Household ' || n, true from filled`, `
		insert into project (firm_id, id, client_id, key, name, status) select ?0, project_id, client_id, 'filled-' || n, 'Kitchen ' || n, 'active' from filled`, `
		insert into filled select 0, p.client_id, p.id from project p where p.firm_id = ?0 and p.key = 'maple-street'`, `
		insert into billing.invoice (firm_id, id, client_id, project_id, stage, number, imported, title, currency, issued_on, due_on, net, total, paid)
		select ?0, gen_random_uuid(), f.client_id, f.project_id, 'released', 'M-' || x.g, true, 'Work on the house', 'USD', x.on_day, x.on_day + 14, 100000, 100000,
			case when x.n = 0 then case when x.g < ?2 - 20 then 100000 else 0 end when x.g % 10 < 8 then 100000 when x.g % 10 = 8 then 40000 else 0 end
		from (select g, date '2020-01-01' + (g % 2500)::int as on_day, case when g < ?2 then 0 else 1 + g % ?1 end as n from generate_series(0, ?3 - 1) g) x
		join filled f on f.n = x.n`, `
		insert into billing.line (firm_id, invoice_id, position, text, quantity, price, net, tax)
		select ?0, i.id, g, 'Work on the house, part ' || g, 1000, 5000, 5000, 0 from billing.invoice i, generate_series(1, 20) g where i.firm_id = ?0 and i.number = 'M-7'`, `
		insert into billing.total (firm_id, client_id, project_id, id, currency, invoiced, paid)
		select i.firm_id, i.client_id, i.project_id, i.project_id, i.currency, sum(i.total), sum(i.paid) from billing.invoice i
		where i.firm_id = ?0 and i.number like 'M-%' and i.client_id <> ?4 group by 1, 2, 3, 4, 5`,
		`delete from billing.invoice i using (
			select i.id from billing.invoice i join client c on c.firm_id = i.firm_id and c.id = i.client_id
			where c.firm_id = ?0 and c.name = 'Household 1' order by i.id offset 20) more where i.firm_id = ?0 and i.id = more.id`,
		"drop table filled", "vacuum analyze billing.invoice", "vacuum analyze billing.line", "vacuum analyze billing.total", "vacuum analyze client", "vacuum analyze project",
	} {
		if _, err := site.DB(b).NewRaw(query, firm, max(1, (all-anas)/50), anas, all, ana).Exec(b.Context()); err != nil {
			b.Fatalf("%v\n%s", err, query)
		}
	}
	if err := site.DB(b).NewRaw("select id from billing.invoice where firm_id = ? and number = 'M-7'", firm).Scan(b.Context(), &s.one); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkInvoices asks for pages of a firm with 1,000,000 invoices, 100,000 of them Ana's, of which she owes 20; and in turns
// for the same of one with 1,000 and 100. The ratios are what counts.
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
		{"office-client", "maria", func(s invoiced) string { return "/office/billing/clients/" + s.Person("ana").ClientID.String() }},
		{"office-list-of-client", "maria", func(s invoiced) string { return "/office/billing?client=" + s.Person("ana").ClientID.String() }},
		{"office-search", "maria", func(invoiced) string { return "/office/billing?q=cabinets" }},
		{"palette", "maria", func(invoiced) string { return "/office/palette?q=cabinets" }},
		{"palette-misspelled", "maria", func(invoiced) string { return "/office/palette?q=cabinest" }},
		{"portal-search", "ana", func(invoiced) string { return "/portal/all/search?q=house" }},
		{"portal-search-nothing", "ana", func(invoiced) string { return "/portal/all/search?q=househlod" }},
		{"portal-list", "ana", func(invoiced) string { return "/portal/all/billing" }},
		{"portal-paid", "ana", func(invoiced) string { return "/portal/all/billing?state=paid" }},
		{"portal-owed", "ana", func(invoiced) string { return "/portal/all/billing?state=owed" }},
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
	twenty := textOf(b, many.Site, "select id from client where firm_id = ? and name = 'Household 1'", many.FirmID())
	b.Run("of-raw", func(b *testing.B) { loadtest.ListPage(b, many.Site, "/office/billing?client="+twenty) })
}
