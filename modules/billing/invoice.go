package billing

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/lang"
	"portico/platform/money"
)

// Stage is what staff decided about an invoice.
type Stage string

const (
	Draft    Stage = "draft"
	Approved Stage = "approved" // within the office
	Released Stage = "released" // clients see it and owe it
	Void     Stage = "void"     // was released, and is owed no more
	Merged   Stage = "merged"   // a part of a consolidated invoice, which is asked for instead
)

// State is a stage and, once released, what the allocations say. The database works it out from their sum, and nothing
// else has a say.
type State string

const (
	Open    State = "open"
	Partial State = "partial"
	Paid    State = "paid"
)

// Invoice is what a client is asked to pay for one project.
type Invoice struct {
	ID, ClientID, ProjectID uuid.UUID
	Stage                   Stage
	State                   State
	Number                  string // "" before release
	Title                   string
	Currency                string
	IssuedOn, DueOn         day.Day
	Net, Tax, Total         int64
	Paid                    int64 // the sum of its allocations
	Kind                    Kind
	RetainageRate           money.Rate
	Retained                int64     // of the work, kept back until later
	Used                    int64     // of a deposit: what went on from it
	PartOf                  uuid.UUID // the consolidated invoice that it was merged into
	Reserved                int64     // what open attempts to pay hold
	PayCard, PayBank        bool      // how it may be paid online
	AllowOver               bool      // more than is owed may be paid, and stays on account
	MinPayment              int64     // least part payment; 0: as the firm says
	Message                 string
	Notes                   string // staff only
	DraftedBy               uuid.UUID
	Writers                 []uuid.UUID `bun:",array"` // of what stands in it
	ApprovedAt, ReleasedAt  time.Time
	VoidedAt                time.Time
	VoidReason              string // staff only
	MailedAt                time.Time
	Imported                bool // from another program, with its number
	Version                 int
	CreatedAt               time.Time

	// what stood around the lines at the release; without IssuedFrom it was released before that was kept
	IssuedFrom, IssuedTo        []string `bun:",array"`
	IssuedTaxName, IssuedFooter string

	ClientName  string
	ProjectName string
	ProjectKey  string
	Drafter     string
	Approver    string
	Releaser    string
	Voider      string
}

func (i Invoice) amount(minor int64) money.Amount { return money.Of(minor, i.Currency) }

// Amount, NetAmount, TaxAmount, PaidAmount and Balance are its figures as money.
func (i Invoice) Amount() money.Amount     { return i.amount(i.Total) }
func (i Invoice) NetAmount() money.Amount  { return i.amount(i.Net) }
func (i Invoice) TaxAmount() money.Amount  { return i.amount(i.Tax) }
func (i Invoice) PaidAmount() money.Amount { return i.amount(i.Paid) }

// Balance is what is still owed: the total less the allocations; nothing once void.
func (i Invoice) Balance() money.Amount {
	if i.Stage == Void {
		return i.amount(0)
	}
	return i.amount(i.Total - i.Paid)
}

// Owed reports whether something is to be paid.
func (i Invoice) Owed() bool { return i.State == Open || i.State == Partial }

// Processing reports whether all that is owed is being paid at the moment.
func (i Invoice) Processing() bool { return i.Owed() && i.Reserved > 0 && i.Paid+i.Reserved >= i.Total }

// ReservedAmount is what is being paid at the moment; Free is what may be paid beside it.
func (i Invoice) ReservedAmount() money.Amount { return i.amount(i.Reserved) }
func (i Invoice) Free() money.Amount {
	if !i.Owed() {
		return i.amount(0)
	}
	return i.amount(i.Total - i.Paid - i.Reserved)
}

// Overdue reports whether it is owed and its day is over, in the firm's zone.
func (i Invoice) Overdue(today day.Day) bool { return i.Owed() && i.DueOn.Before(today) }

// Soon reports whether it is owed within a week.
func (i Invoice) Soon(today day.Day) bool {
	return i.Owed() && !i.Overdue(today) && today.Until(i.DueOn) <= 7
}

// wroteBy reports whether a person wrote anything of it.
func (i Invoice) wroteBy(person uuid.UUID) bool {
	return i.DraftedBy == person || slices.Contains(i.Writers, person)
}

// IsDraft, IsApproved, IsReleased and IsVoid are its stages.
func (i Invoice) IsDraft() bool    { return i.Stage == Draft }
func (i Invoice) IsApproved() bool { return i.Stage == Approved }
func (i Invoice) IsReleased() bool { return i.Stage == Released }
func (i Invoice) IsVoid() bool     { return i.Stage == Void }

// Name is its number, or what it is called before it has one.
func (i Invoice) Name() string {
	switch {
	case i.Number != "":
		return i.Number
	case i.Stage == Approved:
		return "To release"
	case i.Stage == Merged:
		return "Consolidated"
	}
	return "Draft"
}

// mark is how a state is shown: a colour, a word, a sign.
type mark struct {
	Kind string
	Text lang.Text
	Icon string
}

// markOf is the badge of an invoice; clients and staff read the same words but for what is not released.
func markOf(i Invoice, today day.Day, side auth.Side) mark {
	switch {
	case i.Stage == Draft:
		return mark{"outline", "Draft", "circle-dashed"}
	case i.Stage == Approved && side == auth.Portal:
		return mark{"muted", "Upcoming", "calendar"}
	case i.Stage == Approved:
		return mark{"info", "Approved", "check"}
	case i.Stage == Void:
		return mark{"muted", "Void¦invoice", "x"}
	case i.Stage == Merged:
		return mark{"muted", "Consolidated", "layers"}
	case i.State == Paid:
		return mark{"ok", "Paid¦invoice", ""}
	case i.Processing():
		return mark{"info", "Processing", "loader-circle"}
	case i.Overdue(today):
		return mark{"late", "Overdue¦invoice", ""}
	case i.State == Partial:
		return mark{"due", "Partly paid¦invoice", "circle-dot"}
	case i.Soon(today):
		return mark{"due", "Due soon", ""}
	}
	return mark{"outline", "Open¦state", "circle"}
}

// today is the day at the firm's place: what is due is due there, for everybody.
func today(firm auth.Firm, now time.Time) day.Day {
	zone, err := day.Zone(firm.Zone)
	if err != nil {
		zone = time.UTC
	}
	return day.Of(now.In(zone))
}

const (
	longestTitle = 160
	longestText  = 2000
)

// draftForm is an invoice as staff write it.
type draftForm struct {
	Project uuid.UUID `form:"project"`
	Title   string    `form:"title"`
	DueOn   day.Day   `form:"due_on"`
	Message string    `form:"message"`
	Notes   string    `form:"notes"`
	Version int       `form:"version"`
	Do      string    `form:"do"`           // "": save
	OnAll   string    `form:"discount_all"` // a discount for the whole invoice: it is put on every line

	Retainage string `form:"retainage"` // as typed, in percent

	Ways  waysForm
	Lines []lineForm
	Rate  money.Rate // the retainage, read
	Kind  Kind       // of a new one
}

// checkWords says what is wrong with an invoice's title, which is tidied, and its message.
func checkWords(wrong fault.Fields, title *string, message string) {
	*title = oneLine(*title)
	switch n := utf8.RuneCountInString(*title); {
	case n == 0:
		wrong["title"] = "Say what the invoice is for."
	case n > longestTitle:
		wrong["title"] = "Use at most 160 characters."
	}
	if utf8.RuneCountInString(message) > longestText {
		wrong["message"] = "Use at most 2,000 characters."
	}
}

// Check says what is wrong with it, apart from its lines.
func (f *draftForm) Check() fault.Fields {
	wrong := fault.Fields{}
	checkWords(wrong, &f.Title, f.Message)
	if utf8.RuneCountInString(f.Notes) > longestText {
		wrong["notes"] = "Use at most 2,000 characters."
	}
	return wrong
}

// reasonForm is why something is taken back.
type reasonForm struct {
	Reason  string `form:"reason"`
	Version int    `form:"version"` // of the invoice that was seen
}

// Check demands a reason.
func (f *reasonForm) Check() fault.Fields {
	switch n := utf8.RuneCountInString(f.Reason); {
	case n == 0:
		return fault.Fields{"reason": "Say why. Only staff read it."}
	case n > longestText:
		return fault.Fields{"reason": "Use at most 2,000 characters."}
	}
	return nil
}

func paragraphs(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// Paragraphs are the lines of the message.
func (i Invoice) Paragraphs() []string { return paragraphs(i.Message) }

var (
	errMoved     = fault.Conflict("Somebody has changed this invoice meanwhile. Please look at it again.")
	errNoLines   = fault.Conflict("This invoice has no lines yet. Add one first.")
	errNotDraft  = fault.Conflict("Only a draft can be changed. Take the approval back first.")
	errTwoEyes   = fault.Conflict("Somebody else has to approve what you wrote.")
	errPaying    = fault.Conflict("This invoice is being paid online at the moment. Wait until that is settled.")
	errHasCredit = fault.Conflict("A credit memo stands for lines of this invoice, and would stay on account. Reverse it first, then void the invoice.")
	errHasPaid   = fault.Conflict("Payments stand on this invoice. Reverse them first, then void it.")
)
