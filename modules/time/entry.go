package time

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/lang"
	"portico/platform/money"
)

// State is how far time or an expense has come.
type State string

const (
	Draft     State = "draft"     // its writer's alone
	Submitted State = "submitted" // waits for approval
	Approved  State = "approved"  // may be billed
	Invoiced  State = "invoiced"  // stands on an invoice that is out
	Finalised State = "finalised" // locked
)

// Entry is a stretch of work of one person on one day.
type Entry struct {
	ID, ClientID, ProjectID, PersonID uuid.UUID
	WorkDate                          day.Day
	Minutes                           int
	Task                              string
	ClientNote, InternalNotes         string
	Billable                          bool
	State                             State
	Rate                              *int64 // of an hour, once it was handed over
	Currency                          string
	Returned                          string
	HandedAt                          time.Time
	InvoiceID                         uuid.UUID
	Imported                          bool
	Version                           int

	Project, Client, Person string
	LeadID                  uuid.UUID
	Worth                   int64 // of an hour by the rates as they are now; 0: there is none
	Priced                  bool
}

// What names the work for people.
func (e Entry) What() string {
	if e.Task == "" {
		return noTask
	}
	return e.Task
}

// noTask is how work without a task is called.
const noTask = "General"

// Hours writes its minutes as 1:30.
func (e Entry) Hours() string { return clock(e.Minutes) }

// Editable reports whether its writer may change it.
func (e Entry) Editable() bool { return e.State == Draft }

// Handed reports whether billing has been told of it.
func (e Entry) Handed() bool { return !e.HandedAt.IsZero() }

// Hour is what an hour costs: as it was handed over, or as the rates are now.
func (e Entry) Hour() (price int64, known bool) {
	if e.Rate != nil && e.Handed() {
		return *e.Rate, true
	}
	return e.Worth, e.Priced
}

// Price is what it comes to.
func (e Entry) Price() money.Amount {
	hour, _ := e.Hour()
	return worth(hour, e.Minutes, e.Currency)
}

// worth is what minutes cost at a price of an hour: the same arithmetic as a line of an invoice.
func worth(hour int64, minutes int, currency string) money.Amount {
	return money.Of(hour, currency).Times(quantity(minutes))
}

// quantity are minutes in thousandths of an hour, as a line has them.
func quantity(minutes int) money.Quantity {
	return money.Quantity((int64(minutes)*1000*2 + 60) / 120) // to the nearest
}

// Expense is something bought for a project.
type Expense struct {
	ID, ClientID, ProjectID, PersonID uuid.UUID
	SpentOn                           day.Day
	Category, Vendor                  string
	Cost, Tax                         int64
	Markup                            money.Rate
	Price                             int64 // what the client pays
	Currency                          string
	ClientNote, InternalNotes         string
	Billable                          bool
	ReceiptID                         uuid.UUID
	ReceiptMedia                      string
	State                             State
	Returned                          string
	HandedAt                          time.Time
	InvoiceID                         uuid.UUID
	Version                           int

	Project, Client, Person string
	LeadID                  uuid.UUID
}

// Spent is what it cost us, Charged what it costs the client.
func (e Expense) Spent() money.Amount   { return money.Of(e.Cost, e.Currency) }
func (e Expense) Charged() money.Amount { return money.Of(e.Price, e.Currency) }
func (e Expense) Editable() bool        { return e.State == Draft }
func (e Expense) Handed() bool          { return !e.HandedAt.IsZero() }

// price is the cost with the markup on it.
func (e Expense) price() int64 {
	cost := e.Spent()
	return cost.Add(cost.Part(e.Markup)).Minor
}

// OpenReceipt reports whether a client may see the receipt where receipts are shown: beside a price with a markup it
// would tell the markup.
func (e Expense) OpenReceipt() bool { return e.ReceiptID != uuid.Nil && e.Markup == 0 }

// mark is a state as people read it: a word, a colour and an icon.
type mark struct {
	Kind string
	Text lang.Text
	Icon string
}

func markOf(s State, handed, billable bool) mark {
	switch {
	case s == Draft:
		return mark{"muted", "Draft", "pencil"}
	case s == Submitted:
		return mark{"due", "Submitted", "clock"}
	case s == Approved && handed:
		return mark{"sign", "With billing", "hand-coins"}
	case s == Approved && !billable:
		return mark{"outline", "Approved, not billed", "circle-check"}
	case s == Approved:
		return mark{"info", "Approved", "check"}
	case s == Invoiced:
		return mark{"ok", "Invoiced", "receipt"}
	}
	return mark{"brand", "Finalised", "lock"}
}

// mayApprove says who approves work in a project: owners and admins, and its lead where the firm lets leads. A lead's
// own work is approved by somebody else.
func mayApprove(v auth.Viewer, leads bool, lead, writer uuid.UUID) bool {
	if v.May(rule) {
		return true
	}
	return leads && v.May(write) && lead == v.PersonID && lead != uuid.Nil && writer != v.PersonID
}

// longest texts, in letters.
const (
	longestTask = 80
	longestNote = 400
	longestText = 4000
)

// oneLine is a text without line breaks and double blanks.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func tooLong(text string, most int) bool { return utf8.RuneCountInString(text) > most }

var (
	errMoved  = fault.Conflict("Somebody has changed this meanwhile. Please look again.")
	errLocked = fault.Conflict("This is submitted or further along and cannot be changed any more. Whoever approves it can send it back.")
)

// sentBefore is what a form says that came before: nothing when it is the same form pressed twice, that what was typed
// since is not kept when it is not.
func sentBefore(same bool) error {
	if same {
		return nil
	}
	return errSent
}

var errSent = fault.Conflict("This form was sent before, and what it said then is kept. To write this down as well, press again.")

// orNew is the id that a form brought, or one for what came without a form.
func orNew(key uuid.UUID) uuid.UUID {
	if key == uuid.Nil {
		return id.New()
	}
	return key
}

// forAll reports whether the viewer acts for everybody in the firm.
func forAll(v auth.Viewer) bool {
	return v.Side == auth.Program || v.Side == auth.Office && v.Role.AtLeast(access.Admin)
}
