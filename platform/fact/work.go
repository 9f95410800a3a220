package fact

import "github.com/google/uuid"

// Billable is something that a section wants billed: once, however often it is told of. Told again before it stands on
// an invoice, the newer words and figures count. Amounts are what the client pays: no cost, no margin.
type Billable struct {
	ID        uuid.UUID `json:"id"` // the section's own
	ClientID  uuid.UUID `json:"client"`
	ProjectID uuid.UUID `json:"project"`
	Text      string    `json:"text"`     // the client reads it on the invoice
	On        string    `json:"on"`       // its day, 2026-11-26
	Quantity  int64     `json:"quantity"` // thousandths: 1500 is 1.5
	Price     int64     `json:"price"`    // of one, in minor units
	Currency  string    `json:"currency"`
	TaxRate   int       `json:"tax_rate"` // basis points: 825 is 8.25 %
}

// TimeApproved: hours of work may be billed.
type TimeApproved struct{ Billable }

// ExpenseApproved: what was spent for a project may be billed.
type ExpenseApproved struct{ Billable }

// ChoicePriced: what a client chose costs more, or less, than the contract has for it.
type ChoicePriced struct{ Billable }

// ChangeOrderApproved: everybody has approved a change of the contract, which its price raises or lowers. AtOnce asks
// for a draft invoice of its own right away.
type ChangeOrderApproved struct {
	Billable
	AtOnce bool `json:"at_once"`
}

// ChangeOrderVoided: a change that everybody had approved does not count after all.
type ChangeOrderVoided struct {
	ID        uuid.UUID `json:"id"` // as in ChangeOrderApproved
	ClientID  uuid.UUID `json:"client"`
	ProjectID uuid.UUID `json:"project"`
}

// The sources of what is billed.
const (
	FromTime        = "time"
	FromExpense     = "expense"
	FromChoice      = "choice"
	FromChangeOrder = "change_order"
)

// BillableWithdrawn: what was told of is not to be billed after all. What stands on an invoice already stays there.
type BillableWithdrawn struct {
	Source string    `json:"source"` // FromTime, ...
	ID     uuid.UUID `json:"id"`
}

// LinesBilled: an invoice with these things went out to the client.
type LinesBilled struct {
	ClientID  uuid.UUID   `json:"client"`
	ProjectID uuid.UUID   `json:"project"`
	InvoiceID uuid.UUID   `json:"invoice"`
	Source    string      `json:"source"`
	IDs       []uuid.UUID `json:"ids"` // the section's own
}

// LinesReturned: these things are not billed any more, because their invoice was made void.
type LinesReturned struct {
	ClientID  uuid.UUID   `json:"client"`
	ProjectID uuid.UUID   `json:"project"`
	Source    string      `json:"source"`
	IDs       []uuid.UUID `json:"ids"`
}

// MilestoneMoved: a milestone of a project is planned for another day. Draws that wait for it become due then.
type MilestoneMoved struct {
	ProjectID uuid.UUID `json:"project"`
	Milestone string    `json:"milestone"` // by its name, as the payment schedule has it
	On        string    `json:"on"`        // the new day, 2026-11-26
}

// ScheduleItemMoved: what clients may see of a schedule is planned for other days, or bears another name. Told for
// every published item, milestone or not; told again, the newer days count.
type ScheduleItemMoved struct {
	ProjectID uuid.UUID `json:"project"`
	ItemID    uuid.UUID `json:"item"`
	Title     string    `json:"title"` // as clients read it
	Start     string    `json:"start"` // 2026-11-26
	End       string    `json:"end"`   // its last day
}

// ScheduleItemRemoved: an item is gone from the schedule. What hung on it keeps the day that it had.
type ScheduleItemRemoved struct {
	ProjectID uuid.UUID `json:"project"`
	ItemID    uuid.UUID `json:"item"`
}

func (TimeApproved) fact()        {}
func (ExpenseApproved) fact()     {}
func (ChoicePriced) fact()        {}
func (ChangeOrderApproved) fact() {}
func (ChangeOrderVoided) fact()   {}
func (BillableWithdrawn) fact()   {}
func (LinesBilled) fact()         {}
func (LinesReturned) fact()       {}
func (MilestoneMoved) fact()      {}
func (ScheduleItemMoved) fact()   {}
func (ScheduleItemRemoved) fact() {}
