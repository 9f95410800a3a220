package billing

import (
	"net/url"
	"strconv"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/web"
)

// buckets are how long something is overdue, in days.
var buckets = []struct {
	ID, Title string
	From, To  int
}{
	{"current", "Not due yet", -100000, 0}, {"30", "1–30 days", 1, 30}, {"60", "31–60 days", 31, 60}, {"90", "61–90 days", 61, 90}, {"older", "Over 90 days", 91, 100000},
}

// ageingReport is what clients owed on a day, by how long it was overdue then.
func ageingReport(r *web.Request) (report, error) {
	now := today(r.Firm(), r.Now())
	is := report{ID: "", Title: "Ageing", Day: true, On: dayAsked(r.Query("on"), now), Empty: "What clients owe appears here, by how long it is overdue. On this day they owed nothing."}
	is.Sub = "What clients owed on " + dateText(is.On) + ", by how long it was overdue."
	list, err := ageing(r.Context(), r.Tx(), r.Viewer(), is.On, now)
	if err != nil {
		return is, err
	}
	here := r.Here()
	behind := func(a aged, bucket string) string {
		q := url.Values{"on": {is.On.String()}, "currency": {a.Currency}}
		if a.ClientID != uuid.Nil {
			q.Set("client", a.ClientID.String())
		}
		if bucket != "" {
			q.Set("bucket", bucket)
		}
		return r.Path("billing", "reports", "invoices") + "?" + q.Encode()
	}
	row := func(a aged) reportRow {
		name := mainCell("All clients", "")
		if a.ClientID != uuid.Nil {
			name = mainCell(a.ClientName, r.Path("billing", "clients", a.ClientID, "statement")+"?to="+is.On.String())
		}
		cells := reportRow{name}
		for n, b := range buckets {
			cells = append(cells, amountCell(here, a.parts()[n], a.Currency, behind(a, b.ID)))
		}
		return append(cells, amountCell(here, a.sum(), a.Currency, behind(a, "")))
	}
	at := map[string]int{}
	for _, a := range list {
		n, known := at[a.Currency]
		if !known {
			n = len(is.Tables)
			at[a.Currency] = n
			is.Tables = append(is.Tables, reportTable{Title: a.Currency, Columns: columnsOf("Client", "#Not due yet", "#1–30 days", "#31–60 days", "#61–90 days", "#Over 90 days", "#Owed")})
		}
		is.Tables[n].Rows = append(is.Tables[n].Rows, row(a))
		is.Tables[n].Sum = row(sumAged(list, a.Currency))
	}
	return is, nil
}

func sumAged(list []aged, currency string) aged {
	sum := aged{Currency: currency}
	for _, a := range list {
		if a.Currency == currency {
			sum.Current, sum.D30, sum.D60, sum.D90, sum.Older = sum.Current+a.Current, sum.D30+a.D30, sum.D60+a.D60, sum.D90+a.D90, sum.Older+a.Older
		}
	}
	return sum
}

// owedReport are the invoices behind a figure of the ageing.
func owedReport(r *web.Request) (report, error) {
	now := today(r.Firm(), r.Now())
	is := report{ID: "invoices", Title: "Owed invoices", Day: true, On: dayAsked(r.Query("on"), now), Empty: "No invoice was owed then."}
	is.Trail = []web.NavItem{{Title: "Ageing", Href: r.Path("billing", "reports") + "?on=" + is.On.String()}, {Title: "Invoices"}}
	f := owedFilter{On: is.On, Today: now, Currency: r.Query("currency"), Least: -100000, Most: 100000}
	is.Sub = "Owed on " + dateText(is.On)
	for _, b := range buckets {
		if r.Query("bucket") == b.ID {
			f.Least, f.Most = b.From, b.To
			is.Sub += ": " + b.Title
		}
	}
	if text := r.Query("client"); text != "" {
		client, err := uuid.Parse(text)
		if err != nil {
			return is, fault.NotFound()
		}
		of, err := clientByID(r.Context(), r.Tx(), r.Viewer(), client)
		if err != nil {
			return is, err
		}
		f.Client = client
		is.Title = "Owed by " + of.Name
	}
	for _, key := range []string{"client", "bucket", "currency"} {
		if value := r.Query(key); value != "" {
			is.Keep = append(is.Keep, choice{key, value})
		}
	}
	list, err := owedThen(r.Context(), r.Tx(), r.Viewer(), f)
	for _, o := range list {
		is.add(r, o.Currency, columnsOf("Invoice", "Client", "Due", "#Days late", "#Total", "#Owed"), reportRow{
			mainCell(o.Number, r.Path("billing", "invoices", o.ID)), textCell(o.ClientName, r.Path("billing", "clients", o.ClientID)), dayCell(o.DueOn),
			countCell(max(o.DueOn.Until(is.On), 0)), amountCell(r.Here(), o.Total, o.Currency, ""), amountCell(r.Here(), o.Owed, o.Currency, ""),
		}, o.Owed, 5)
	}
	return is, err
}

// add puts a row into the table of its currency, and its amount into the sum in that column.
func (is *report) add(r *web.Request, title string, columns []reportColumn, row reportRow, amount int64, at int) {
	for n := range is.Tables {
		if t := &is.Tables[n]; t.Title == title {
			t.Rows = append(t.Rows, row)
			if at > 0 {
				t.Sum[at] = amountCell(r.Here(), t.Sum[at].minor+amount, title, "")
			}
			return
		}
	}
	t := reportTable{Title: title, Columns: columns, Rows: []reportRow{row}}
	if at > 0 {
		t.Sum = make(reportRow, len(columns))
		t.Sum[0] = mainCell("Together", "")
		t.Sum[at] = amountCell(r.Here(), amount, title, "")
	}
	is.Tables = append(is.Tables, t)
}

// paidReport is what came in over a span of days, by how.
func paidReport(r *web.Request) (report, error) {
	is := report{ID: "paid", Title: "Paid by method", Span: true, Empty: "What clients pay appears here, by how they pay. In this time nothing came in."}
	is.From, is.To = span(r.Query("from"), r.Query("to"), today(r.Firm(), r.Now()))
	is.Sub = "What came in from " + dateText(is.From) + " to " + dateText(is.To) + ", and what went back. Credit memos are no money."
	list, err := paidBy(r.Context(), r.Tx(), r.Viewer(), is.From, is.To)
	here := r.Here()
	sums := map[string]paidPart{}
	row := func(name string, p paidPart, href string) reportRow {
		return reportRow{mainCell(name, href), countCell(p.N), amountCell(here, p.Received, p.Currency, href), amountCell(here, p.Back, p.Currency, href), amountCell(here, p.Received-p.Back, p.Currency, href)}
	}
	for _, p := range list {
		href := r.Path("billing", "reports", "payments") + "?" + url.Values{"from": {is.From.String()}, "to": {is.To.String()}, "method": {string(p.Method)}, "currency": {p.Currency}}.Encode()
		is.add(r, p.Currency, columnsOf("Method", "#Payments", "#Received", "#Went back", "#Together"), row(p.Method.Title(), p, href), 0, 0)
		sum := sums[p.Currency]
		sum.Currency = p.Currency
		if p.Method != Credit {
			sum.N, sum.Received, sum.Back = sum.N+p.N, sum.Received+p.Received, sum.Back+p.Back
		}
		sums[p.Currency] = sum
	}
	for n := range is.Tables {
		is.Tables[n].Sum = row("Money", sums[is.Tables[n].Title], "")
	}
	return is, err
}

// moneyReport are the bookings behind a figure of what came in.
func moneyReport(r *web.Request) (report, error) {
	is := report{ID: "payments", Title: "Payments", Span: true, Empty: "Nothing came in or went back in this time."}
	is.From, is.To = span(r.Query("from"), r.Query("to"), today(r.Firm(), r.Now()))
	method := Method(r.Query("method"))
	is.Trail = []web.NavItem{{Title: "Paid by method", Href: r.Path("billing", "reports", "paid") + "?from=" + is.From.String() + "&to=" + is.To.String()}, {Title: "Payments"}}
	if method.Title() != "" {
		is.Title = method.Title()
		is.Keep = append(is.Keep, choice{"method", string(method)})
	}
	if currency := r.Query("currency"); currency != "" {
		is.Keep = append(is.Keep, choice{"currency", currency})
	}
	list, err := moneyMoved(r.Context(), r.Tx(), r.Viewer(), is.From, is.To, method, r.Query("currency"))
	for _, m := range list {
		what := map[string]string{"receive": "Received", "reverse": "Reversed", "refund": "Refunded", "refund_failed": "Refund failed", "refund_elsewhere": "Paid back another way", "dispute_lost": "Dispute lost", "return": "Returned by the bank"}[m.Kind]
		is.add(r, m.Currency, columnsOf("Payment", "Client", "Day", "What", "Reference", "#Amount"), reportRow{
			mainCell(m.Number, r.Path("billing", "payments", m.ID)), textCell(m.ClientName, r.Path("billing", "clients", m.ClientID)), dayCell(m.OnDay),
			textCell(what, ""), textCell(m.Reference, ""), amountCell(r.Here(), m.Amount, m.Currency, ""),
		}, m.Amount, 5)
	}
	return is, err
}

// revenueReport is what was invoiced, month by month.
func revenueReport(r *web.Request) (report, error) {
	is := report{ID: "revenue", Title: "Revenue and tax", Span: true, Empty: "What you invoice appears here, month by month. In this time it was nothing."}
	is.From, is.To = span(r.Query("from"), r.Query("to"), today(r.Firm(), r.Now()))
	is.Sub = "What was invoiced from " + dateText(is.From) + " to " + dateText(is.To) + ", less what was made void. Credit memos are not taken off."
	list, err := revenue(r.Context(), r.Tx(), r.Viewer(), is.From, is.To)
	here := r.Here()
	row := func(name string, m earned, href string) reportRow {
		return reportRow{mainCell(name, href), amountCell(here, m.Net, m.Currency, href), amountCell(here, m.Tax, m.Currency, href), amountCell(here, m.Net+m.Tax, m.Currency, href)}
	}
	sums := map[string]earned{}
	for _, m := range list {
		from, to := m.Month, lastOfMonth(m.Month)
		if from.Before(is.From) {
			from = is.From
		}
		if to.After(is.To) {
			to = is.To
		}
		href := r.Path("billing", "reports", "bookings") + "?" + url.Values{"from": {from.String()}, "to": {to.String()}, "currency": {m.Currency}}.Encode()
		is.add(r, m.Currency, columnsOf("Month", "#Revenue", "#Tax", "#Invoiced"), row(m.Month.Midnight().Format("January 2006"), m, href), 0, 0)
		sum := sums[m.Currency]
		sum.Currency, sum.Net, sum.Tax = m.Currency, sum.Net+m.Net, sum.Tax+m.Tax
		sums[m.Currency] = sum
	}
	for n := range is.Tables {
		is.Tables[n].Sum = row("Together", sums[is.Tables[n].Title], "")
	}
	return is, err
}

func lastOfMonth(d day.Day) day.Day {
	next := day.Of(d.Midnight().AddDate(0, 1, 0))
	return next.Add(-1)
}

// bookingsReport are the invoices behind a month.
func bookingsReport(r *web.Request) (report, error) {
	is := report{ID: "bookings", Title: "Invoiced", Span: true, Empty: "Nothing was invoiced in this time."}
	is.From, is.To = span(r.Query("from"), r.Query("to"), today(r.Firm(), r.Now()))
	is.Trail = []web.NavItem{{Title: "Revenue and tax", Href: r.Path("billing", "reports", "revenue")}, {Title: "Invoices"}}
	if currency := r.Query("currency"); currency != "" {
		is.Keep = append(is.Keep, choice{"currency", currency})
	}
	list, err := invoicedIn(r.Context(), r.Tx(), r.Viewer(), is.From, is.To, r.Query("currency"))
	for _, b := range list {
		is.add(r, b.Currency, columnsOf("Invoice", "Client", "Day", "What", "#Revenue", "#Tax", "#Invoiced"), reportRow{
			mainCell(b.Number, r.Path("billing", "invoices", b.ID)), textCell(b.ClientName, r.Path("billing", "clients", b.ClientID)), dayCell(b.OnDay),
			textCell(map[string]string{"issue": "Issued", "void": "Made void"}[b.Kind], ""), amountCell(r.Here(), b.Net, b.Currency, ""), amountCell(r.Here(), b.Tax, b.Currency, ""),
			amountCell(r.Here(), b.Net+b.Tax, b.Currency, ""),
		}, b.Net+b.Tax, 6)
	}
	return is, err
}

// depositsReport is what is held for clients and stands on no invoice yet, as the books have it.
func depositsReport(r *web.Request) (report, error) {
	is := report{ID: "deposits", Title: "Deposits held", Day: true, On: dayAsked(r.Query("on"), today(r.Firm(), r.Now())), Empty: "On this day no deposit was held."}
	is.Sub = "Received from clients until " + dateText(is.On) + ", and neither put on an invoice nor given back by then."
	list, err := depositsHeld(r.Context(), r.Tx(), r.Viewer(), is.On)
	for _, d := range list {
		is.add(r, d.Currency, columnsOf("Client", "#Held"), reportRow{mainCell(d.ClientName, r.Path("billing", "clients", d.ClientID)), amountCell(r.Here(), d.Held, d.Currency, "")}, d.Held, 1)
	}
	return is, err
}

// unreconciledReport is where providers and books do not say the same, and money that stands on no invoice.
func unreconciledReport(r *web.Request) (report, error) {
	is := report{ID: "unreconciled", Title: "Unreconciled", Empty: "Providers and books say the same, and every payment stands on an invoice."}
	is.Sub = "Online payments on which the provider and the books do not agree yet, and payments that stand on no invoice."
	here := r.Here()
	loose, err := looseEnds(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return is, err
	}
	for _, part := range []struct{ kind, title, help string }{
		{"gateway", "Paid at the provider, not in the books", "The reconciler books these by itself. One that stays here needs a look."},
		{"unknown", "Not known yet", "Sent to the provider, and nobody has said what became of it."},
		{"refund", "Refunds not known yet", "Sent to the provider, and nobody has said what became of it."},
		{"books", "In the books, not at the provider", "Recorded as paid online, with no payment at a provider behind it."},
		{"differs", "Amounts that differ", "The books have another amount than the provider."},
		{"left", "On no invoice", "Money on account. Put it on an invoice, or give it back."},
	} {
		t := reportTable{Title: part.title, Help: part.help, Columns: columnsOf("What", "Client", "Day", "State", "#Amount")}
		for _, l := range loose {
			if l.Kind != part.kind {
				continue
			}
			href := ""
			switch {
			case l.PaymentID != uuid.Nil:
				href = r.Path("billing", "payments", l.PaymentID)
			case l.InvoiceID != uuid.Nil:
				href = r.Path("billing", "invoices", l.InvoiceID)
			}
			t.Rows = append(t.Rows, reportRow{
				mainCell(l.Number, href), textCell(l.ClientName, r.Path("billing", "clients", l.ClientID)), dayCell(l.OnDay), textCell(statusText(l.Status), ""), amountCell(here, l.Amount, l.Currency, href),
			})
		}
		if len(t.Rows) > 0 {
			t.Title += " (" + strconv.Itoa(len(t.Rows)) + ")"
			is.Tables = append(is.Tables, t)
		}
	}
	return is, nil
}

// statusText is a status as people read it.
func statusText(status string) string {
	if said, known := map[string]string{
		"needs_review": "Needs a look", "unknown": "Unknown", "succeeded": "Succeeded", "unapplied": "On account", "part_refunded": "Refunded in part", "disputed": "Disputed",
	}[status]; known {
		return said
	}
	return status
}
