package billing

import (
	"strconv"

	"portico/platform/day"
	"portico/platform/money"
	"portico/platform/web"
)

// reportRoutes are what staff read out of the books.
func reportRoutes(o office) []web.Route {
	return []web.Route{
		web.Get("/reports", write, o.report(ageingReport)),
		web.Get("/reports/invoices", write, o.report(owedReport)),
		web.Get("/reports/paid", write, o.report(paidReport)),
		web.Get("/reports/payments", write, o.report(moneyReport)),
		web.Get("/reports/unreconciled", write, o.report(unreconciledReport)),
		web.Get("/reports/revenue", write, o.report(revenueReport)),
		web.Get("/reports/bookings", write, o.report(bookingsReport)),
		web.Get("/reports/deposits", write, o.report(depositsReport)),
	}
}

// report is one as it is shown, printed and taken along as CSV: all three say the same.
type report struct {
	ID, Title, Sub string
	Trail          []web.NavItem // of what is behind a number
	Day, Span      bool          // what it asks for
	On, From, To   day.Day
	Tables         []reportTable
	Empty          string
	Keep           []choice // what an address keeps when the day changes
}

// reportTable is a table of it: of one currency, or of one question.
type reportTable struct {
	Title, Help string
	Columns     []reportColumn
	Rows        []reportRow
	Sum         reportRow
	Cut         int // so many rows are shown; CSV has all
}

type reportColumn struct {
	Title string
	Money bool
}

type reportRow []reportCell

// reportCell is one figure or word, with what is behind it.
type reportCell struct {
	Text, Href string
	Plain      string // without signs and groups, for programs
	Money      bool
	Main       bool // what the row is about
	Column     string
	minor      int64
}

// shownInReport is how many rows a page has.
const shownInReport = 200

// amountCell is an amount; nothing has no link.
func amountCell(here *web.Here, minor int64, currency, href string) reportCell {
	a := money.Of(minor, currency)
	if minor == 0 {
		href = ""
	}
	return reportCell{Text: here.Money(a), Plain: a.Plain(), Href: href, Money: true, minor: minor}
}

func textCell(text, href string) reportCell { return reportCell{Text: text, Plain: text, Href: href} }
func mainCell(text, href string) reportCell {
	return reportCell{Text: text, Plain: text, Href: href, Main: true}
}
func dayCell(d day.Day) reportCell {
	if d.IsZero() {
		return reportCell{}
	}
	return reportCell{Text: dateText(d), Plain: d.String()}
}
func countCell(n int) reportCell {
	return reportCell{Text: strconv.Itoa(n), Plain: strconv.Itoa(n), Money: true}
}

func columnsOf(list ...string) (columns []reportColumn) {
	for _, title := range list {
		if title[0] == '#' {
			columns = append(columns, reportColumn{title[1:], true})
		} else {
			columns = append(columns, reportColumn{title, false})
		}
	}
	return columns
}

type reportView struct {
	*web.Here
	Report  report
	Tabs    []web.NavItem
	Reports []web.NavItem
	Export  string
}

// report shows one, or gives it as CSV.
func (o office) report(of func(*web.Request) (report, error)) web.Handler {
	return func(r *web.Request) error {
		is, err := of(r)
		if err != nil {
			return err
		}
		r.Title(is.Title)
		if r.Query("as") == "csv" {
			return is.sheet(r)
		}
		for n := range is.Tables {
			is.Tables[n].fit()
		}
		view := reportView{Here: r.Here(), Report: is, Tabs: o.tabs(r, "reports"), Export: r.Here().With("as", "csv")}
		held, err := anyDeposits(r.Context(), r.Tx(), r.Viewer())
		if err != nil {
			return err
		}
		for _, item := range []choice{{"", "Ageing"}, {"paid", "Paid by method"}, {"unreconciled", "Unreconciled"}, {"revenue", "Revenue and tax"}, {"deposits", "Deposits held"}} {
			if item.Value == "deposits" && !held {
				continue
			}
			href := r.Path("billing", "reports")
			if item.Value != "" {
				href += "/" + item.Value
			}
			view.Reports = append(view.Reports, web.NavItem{Title: item.Title, Href: href, Current: is.ID == item.Value})
		}
		return r.Show("billing/report", view)
	}
}

// fit names the columns beside the cells, for narrow screens, and cuts what is too long for a page.
func (t *reportTable) fit() {
	if len(t.Rows) > shownInReport {
		t.Rows, t.Cut = t.Rows[:shownInReport], shownInReport
	}
	for _, row := range append(t.Rows, t.Sum) {
		for n := range row {
			row[n].Column = t.Columns[n].Title
		}
	}
}

// sheet is the report as CSV: one table under another, each row with what it belongs to.
func (is report) sheet(r *web.Request) error {
	var columns []string
	if len(is.Tables) > 0 {
		columns = []string{"Part"}
		for _, c := range is.Tables[0].Columns {
			columns = append(columns, c.Title)
		}
	}
	name := "billing-" + is.ID
	if is.ID == "" {
		name = "billing-ageing"
	}
	return r.Sheet(name+".csv", columns, func(add func(...string) error) error {
		for n, t := range is.Tables {
			if n > 0 && !sameHeads(t.Columns, is.Tables[0].Columns) {
				head := []string{"Part"}
				for _, c := range t.Columns {
					head = append(head, c.Title)
				}
				if err := add(head...); err != nil {
					return err
				}
			}
			for _, row := range t.Rows {
				cells := []string{t.Title}
				for _, c := range row {
					cells = append(cells, c.Plain)
				}
				if err := add(cells...); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func sameHeads(a, b []reportColumn) bool {
	if len(a) != len(b) {
		return false
	}
	for n := range a {
		if a[n] != b[n] {
			return false
		}
	}
	return true
}

// dayAsked is the day that an address asks for; today otherwise.
func dayAsked(text string, today day.Day) day.Day {
	d, err := day.Parse(text)
	if err != nil || d.Year() < 1900 || d.Year() > 2200 {
		return today
	}
	return d
}
