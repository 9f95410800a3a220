package billing

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/lang"
	"portico/platform/money"
)

// Method is how money came; a credit memo lowers what is owed without any.
type Method string

const (
	Check    Method = "check"
	Cash     Method = "cash"
	Transfer Method = "transfer"
	Other    Method = "other"
	Credit   Method = "credit"
	Card     Method = "card" // online, as is Bank
	Bank     Method = "bank"

	FromDeposit Method = "deposit" // what was held is used; no money moves
)

// Title names the method for people.
func (m Method) Title() string {
	return map[Method]string{
		Check: "Check", Cash: "Cash", Transfer: "Bank transfer", Other: "Other", Credit: "Credit memo",
		Card: "Card", Bank: "Bank debit", FromDeposit: "Deposit",
	}[m]
}

// Said is the title for whoever reads another language.
func (m Method) Said() lang.Text {
	if m == Check {
		return "Check¦payment"
	}
	return lang.Text(m.Title())
}

// paid is what happened, with a place for the amount.
func (m Method) paid() string {
	return map[Method]string{
		Check: "%s paid by check", Cash: "%s paid by cash", Transfer: "%s paid by bank transfer", Other: "%s paid otherwise",
		Card: "%s paid by card", Bank: "%s paid by bank debit",
	}[m]
}

// proof is the title of what a client gets for a payment, with a place for its number.
func (m Method) proof() string {
	switch m {
	case Credit:
		return "Credit memo %s"
	case FromDeposit:
		return "From the deposit, %s"
	}
	return "Receipt %s"
}

// Online reports whether it came through a provider.
func (m Method) Online() bool { return m == Card || m == Bank }

// offline are the ways in which money comes past the portal.
var offline = []Method{Check, Transfer, Cash, Other}

// Payment is money received, or a credit given.
type Payment struct {
	ID, ClientID, ProjectID uuid.UUID
	Method                  Method
	Number                  string
	Currency                string
	Total                   int64 `bun:"amount"`
	Allocated               int64
	Refunded                int64 // what went back of it, or was lost in a dispute
	ReceivedOn              day.Day
	Reference               string
	Notes                   string // staff only
	ReversedAt              time.Time
	ReversalReason          string    // staff only
	DepositID               uuid.UUID // the deposit that it comes from
	Tax                     int64     // that a credit memo takes back
	CreatedAt               time.Time

	ClientName  string
	ProjectName string
	Recorder    string
	Reverser    string
}

// Of is so much in its currency.
func (p Payment) Of(minor int64) money.Amount { return money.Of(minor, p.Currency) }

// Noted is the reference as it reads alone: the number of a check says what it is.
func (p Payment) Noted() any { return noted(p.Method, p.Reference) }

func noted(m Method, reference string) any {
	if m == Check && reference != "" && strings.Trim(reference, "0123456789") == "" {
		return lang.M("no. %s", reference)
	}
	return reference
}

// Amount, AllocatedAmount and Left are its figures as money; Left is what stands on no invoice.
func (p Payment) Amount() money.Amount          { return money.Of(p.Total, p.Currency) }
func (p Payment) AllocatedAmount() money.Amount { return money.Of(p.Allocated, p.Currency) }
func (p Payment) RefundedAmount() money.Amount  { return money.Of(p.Refunded, p.Currency) }
func (p Payment) Left() money.Amount {
	if p.Reversed() {
		return money.Of(0, p.Currency)
	}
	return money.Of(p.Total-p.Allocated-p.Refunded, p.Currency)
}

// Reversed reports whether it was taken back.
func (p Payment) Reversed() bool { return !p.ReversedAt.IsZero() }

// IsCredit reports whether it is a credit memo.
func (p Payment) IsCredit() bool { return p.Method == Credit }

// Noun is what it is called.
func (p Payment) Noun() string {
	if p.IsCredit() {
		return "credit memo"
	}
	return "payment"
}

// mark is how it is shown to staff.
func (p Payment) mark() mark {
	switch {
	case p.Reversed():
		return mark{"muted", "Reversed", "undo-2"}
	case p.Left().Positive():
		return mark{"due", "Not all applied", "circle-dot"}
	case p.Refunded > 0 && p.Refunded >= p.Total:
		return mark{"muted", "Refunded", "undo-2"}
	case p.Refunded > 0:
		return mark{"info", "Partly refunded", "undo-2"}
	}
	return mark{"ok", "Applied", ""}
}

// Allocation is what of a payment stands on an invoice.
type Allocation struct {
	PaymentID, InvoiceID uuid.UUID
	Total                int64 `bun:"amount"`
	Currency             string
	OnDay                day.Day
	Method               Method
	Number               string // the payment's
	Reference            string
	InvoiceNumber        string
	InvoiceTitle         string
	ProjectName          string
}

// Noted is the payment's reference as it reads alone.
func (a Allocation) Noted() any { return noted(a.Method, a.Reference) }

// Amount is how much it is.
func (a Allocation) Amount() money.Amount { return money.Of(a.Total, a.Currency) }

// Where an amount goes: to one invoice, to the oldest ones, or nowhere yet.
const (
	toOldest = "oldest"
	toNone   = "none"
)

// paymentForm is a payment or a credit as staff enter it.
type paymentForm struct {
	Amount     string    `form:"amount"`
	Currency   string    `form:"currency"`
	Method     Method    `form:"method"`
	ReceivedOn day.Day   `form:"received_on"`
	Reference  string    `form:"reference"`
	Notes      string    `form:"notes"`
	To         string    `form:"to"` // an invoice's id, oldest or none
	Key        uuid.UUID `form:"key"`
}

// Check says what is wrong with it, apart from the amount.
func (f *paymentForm) Check() fault.Fields {
	wrong := fault.Fields{}
	f.Reference = oneLine(f.Reference)
	if f.ReceivedOn.IsZero() {
		wrong["received_on"] = "Enter the day."
	}
	if n := utf8.RuneCountInString(f.Reference); n > longestTitle {
		wrong["reference"] = "Use at most 160 characters."
	} else if n == 0 && f.Method == Credit {
		wrong["reference"] = "Say what the credit is for. The client reads it."
	}
	if utf8.RuneCountInString(f.Notes) > longestText {
		wrong["notes"] = "Use at most 2,000 characters."
	}
	if f.Method.Title() == "" || f.Method.Online() || f.Method == FromDeposit {
		wrong["method"] = "Choose one from the list."
	}
	if _, err := uuid.Parse(f.To); err != nil && f.To != toOldest && f.To != toNone {
		wrong["to"] = "Choose one from the list."
	}
	if f.Key == uuid.Nil {
		wrong[""] = "This form is out of date. Please open it again."
	}
	return wrong
}

var (
	errReversed = fault.Conflict("This has been reversed already.")
	errCovered  = fault.Conflict("This invoice is not owed any more, or by less than that. Please look at it again.")
)
