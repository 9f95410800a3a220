package fact

import "github.com/google/uuid"

// EnvelopeSent: documents went out to be signed by contacts of one client.
type EnvelopeSent struct {
	ClientID   uuid.UUID   `json:"client"`
	ProjectID  uuid.UUID   `json:"project"`
	EnvelopeID uuid.UUID   `json:"envelope"`
	SignerIDs  []uuid.UUID `json:"signers"` // contacts
}

func (EnvelopeSent) fact() {}

// Agreement is what all have signed: about how much, and what of it is to be paid when. It is told once.
type Agreement struct {
	EnvelopeID uuid.UUID `json:"envelope"`
	ClientID   uuid.UUID `json:"client"`
	ProjectID  uuid.UUID `json:"project"` // Nil: the client's own
	Title      string    `json:"title"`   // the client reads it on invoices
	On         string    `json:"on"`      // the day of the last signature, 2026-11-26
	Amount     int64     `json:"amount"`  // without taxes, in minor units
	Currency   string    `json:"currency"`
	TaxRate    int       `json:"tax_rate"` // basis points
	Stages     []Stage   `json:"stages"`
}

// Stage is one of a payment schedule.
type Stage struct {
	Title  string `json:"title"`
	Share  int    `json:"share"`  // of the amount, basis points; 0: a fixed amount
	Amount int64  `json:"amount"` // minor units
	DueOn  string `json:"due_on"` // "": when staff say so
}

// ContractSigned: there is a contract, with its sum and its payment schedule.
type ContractSigned struct{ Agreement }

// ProposalAccepted: the client wants it done for that.
type ProposalAccepted struct{ Agreement }

// DepositRequested: the client has agreed to pay a deposit of that amount.
type DepositRequested struct{ Agreement }

// EnvelopeCompleted: all have signed a document, and it is sealed.
type EnvelopeCompleted struct {
	EnvelopeID uuid.UUID `json:"envelope"`
	ClientID   uuid.UUID `json:"client"`
	ProjectID  uuid.UUID `json:"project"`
	Kind       string    `json:"kind"` // contract, change_order, proposal, deposit, design, other
}

func (ContractSigned) fact()    {}
func (ProposalAccepted) fact()  {}
func (DepositRequested) fact()  {}
func (EnvelopeCompleted) fact() {}
