package billing

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/web"
)

// paymentFilter is what a list of payments is narrowed to.
type paymentFilter struct {
	State    string // "": all; applied, unapplied, reversed
	Method   Method // "": all
	Client   uuid.UUID
	From, To day.Day // received; zero: open
	Query    string
	Sort     string // received or amount; with a minus from the top
}

var paymentStates = []choice{{"", "All states"}, {"applied", "Applied"}, {"unapplied", "Not all applied"}, {"reversed", "Reversed"}}

// allMethods are the ways in which money came, and the memo.
var allMethods = []Method{Card, Bank, Check, Transfer, Cash, Other, Credit}

func paymentFilterOf(r *web.Request) paymentFilter {
	f := paymentFilter{State: r.Query("show"), Method: Method(r.Query("method")), Query: r.Query("q"), Sort: r.Query("sort")}
	if !slices.ContainsFunc(paymentStates, func(c choice) bool { return c.Value == f.State }) {
		f.State = ""
	}
	if !slices.Contains(allMethods, f.Method) {
		f.Method = ""
	}
	if !slices.Contains([]string{"received", "amount"}, strings.TrimPrefix(f.Sort, "-")) {
		f.Sort = "-received"
	}
	f.Client, _ = uuid.Parse(r.Query("client"))
	f.From, _ = day.Parse(r.Query("from"))
	f.To, _ = day.Parse(r.Query("to"))
	return f
}

func (f paymentFilter) byAmount() bool { return strings.TrimPrefix(f.Sort, "-") == "amount" }

// cursorSort is what places in the list are named by.
func (f paymentFilter) cursorSort() string {
	if f.byAmount() {
		return "amount"
	}
	return "due"
}

// Narrowed reports whether anything is left out.
func (f paymentFilter) Narrowed() bool {
	f.Sort = ""
	return f != paymentFilter{}
}

// mostExported is how many payments one file holds.
const mostExported = 50_000

// paymentRoutes are the list as a file.
func paymentRoutes(o office) []web.Route {
	export := web.Get("/payments.csv", settle, o.exportPayments)
	export.Time = 30 * time.Second
	return []web.Route{export}
}

// exportPayments gives what the list's filter means as CSV. It leaves the house, so the person is asked to confirm who
// they are.
func (o office) exportPayments(r *web.Request) error {
	if err := r.Viewer().Confirmed(r.Now()); err != nil {
		return err
	}
	list, err := eachPayment(r.Context(), r.Tx(), r.Viewer(), paymentFilterOf(r), mostExported)
	if err != nil {
		return err
	}
	columns := []string{"Number", "Received", "Client", "Method", "Reference", "Currency", "Amount", "On invoices", "Left", "State", "Recorded by"}
	return r.Sheet("payments.csv", columns, func(add func(...string) error) error {
		for _, p := range list {
			err := add(p.Number, p.ReceivedOn.String(), p.ClientName, p.Method.Title(), p.Reference, p.Currency,
				p.Amount().Plain(), p.AllocatedAmount().Plain(), p.Left().Plain(), string(p.mark().Text), p.Recorder)
			if err != nil {
				return err
			}
		}
		return nil
	})
}
