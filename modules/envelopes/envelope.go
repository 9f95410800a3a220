package envelopes

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/lang"
	"portico/platform/money"
)

// Kind is what a document does once all have signed.
type Kind string

const (
	Contract    Kind = "contract"     // gives the contract sum and the payment schedule
	ChangeOrder Kind = "change_order" // changes the contract sum
	Proposal    Kind = "proposal"     // is accepted
	Deposit     Kind = "deposit"      // asks for a deposit
	Design      Kind = "design"       // is approved
	Other       Kind = "other"
)

// Kinds in the order in which forms offer them.
var Kinds = []Kind{Contract, ChangeOrder, Proposal, Deposit, Design, Other}

// Title names a kind for people.
func (k Kind) Title() string {
	return map[Kind]string{
		Contract: "Contract", ChangeOrder: "Change order", Proposal: "Proposal", Deposit: "Deposit agreement", Design: "Design approval", Other: "Document",
	}[k]
}

// Noun is it within a sentence: "change order".
func (k Kind) Noun() lang.Text { return lang.Text(strings.ToLower(k.Title())) }

// Priced reports whether the document is about an amount.
func (k Kind) Priced() bool {
	return k == Contract || k == ChangeOrder || k == Proposal || k == Deposit
}

// Status is how far an envelope is. Only what was decided is kept; Stage says the rest.
type Status string

const (
	Draft    Status = "draft"    // clients see nothing of it
	Sent     Status = "sent"     // waits for its recipients
	Sealing  Status = "sealing"  // all have signed; a worker makes the final file
	Complete Status = "complete" // sealed and mailed
	Declined Status = "declined" // one said no: the rest cannot sign
	Void     Status = "void"     // withdrawn after it was sent
)

// Role is what a recipient is asked for.
type Role string

const (
	Signer        Role = "signer"
	Approver      Role = "approver"      // says yes, signs nothing
	Viewer        Role = "viewer"        // reads along
	Copy          Role = "copy"          // gets the sealed file
	Countersigner Role = "countersigner" // of the firm, after all others
)

// Roles in the order in which forms offer them.
var Roles = []Role{Signer, Approver, Countersigner, Viewer, Copy}

// Title names a role for people.
func (r Role) Title() string {
	return map[Role]string{
		Signer: "Signs", Approver: "Approves", Viewer: "Reads along", Copy: "Gets a copy", Countersigner: "Signs for us, at the end",
	}[r]
}

// Acts reports whether the envelope waits for such a recipient.
func (r Role) Acts() bool { return r == Signer || r == Approver || r == Countersigner }

// Envelope is a document on its way to be signed.
type Envelope struct {
	ID, ClientID, ProjectID uuid.UUID
	Kind                    Kind
	Title, Message          string
	Status                  Status
	Ordered                 bool
	DeadlineDays            int // for each signer, from when it is their turn; 0: none
	RemindDays              int // 0: not by itself
	AskCode                 bool
	Source                  string // pdf, template
	Body                    string // Markdown, of a template
	Currency                string
	Total                   int64 `bun:"amount"` // minor units
	AtOnce                  bool
	Revision                int
	SupersedesID            uuid.UUID
	FileID                  uuid.UUID // the PDF that is signed
	FileHash                []byte
	Pages                   int
	SealedID                uuid.UUID
	SealedHash              []byte
	Events                  int
	Head                    []byte
	SentAt, CompletedAt     time.Time
	DeclinedAt, VoidedAt    time.Time
	VoidReason              string
	SentBy, CreatedBy       uuid.UUID
	Version                 int
	CreatedAt, UpdatedAt    time.Time

	ClientName, ProjectName, ProjectKey string
	Sender                              string    // who sent it
	NextID                              uuid.UUID // the revision after this one

	Recipients []Recipient `bun:"-"`
	Fields     []Field     `bun:"-"`
}

// Amount is what it is about.
func (e Envelope) Amount() money.Amount { return money.Of(e.Total, e.Currency) }

// Open reports whether somebody may still sign.
func (e Envelope) Open() bool { return e.Status == Sent }

// Recipient is one of those to whom an envelope goes.
type Recipient struct {
	ID, EnvelopeID, ClientID          uuid.UUID
	Position                          int
	Role                              Role
	ContactID, PersonID               uuid.UUID // a contact, a member of staff, or neither: somebody with an address
	Name, Email                       string
	TokenHash                         []byte
	LinkNo                            int
	NotifiedAt, OpenedAt, ConsentedAt time.Time
	SignedAt, DeclinedAt              time.Time
	Reason                            string
	ExpiresAt, ExpiredAt, RemindedAt  time.Time
	Reminders                         int
	AskCode                           bool
	CodeHash                          []byte
	CodeUntil                         time.Time
	CodeTries                         int
	VerifiedAt                        time.Time
	Signature, Initials               *Ink      `bun:"type:jsonb"`
	HostID                            uuid.UUID // on whose device it was signed, in person
	ForwardedID                       uuid.UUID // who acts instead
	Version                           int
}

// Done reports whether nothing is waited for from a recipient.
func (r Recipient) Done() bool {
	return !r.Role.Acts() || !r.SignedAt.IsZero() || !r.DeclinedAt.IsZero() || r.ForwardedID != uuid.Nil
}

// Expired reports whether a recipient's time to act is over.
func (r Recipient) Expired(now time.Time) bool {
	return !r.Done() && !r.ExpiresAt.IsZero() && !now.Before(r.ExpiresAt)
}

// Ink is a signature or initials: typed, or drawn as strokes of points, x and y in ten-thousandths of a box that is three
// times as wide as high.
type Ink struct {
	Kind    string     `json:"kind"` // typed, drawn
	Text    string     `json:"text,omitempty"`
	Strokes [][][2]int `json:"strokes,omitempty"`
}

// FieldKind is what goes into a field.
type FieldKind string

const (
	SignatureField FieldKind = "signature"
	InitialsField  FieldKind = "initials"
	DateField      FieldKind = "date" // the day of signing, filled in by itself
	TextField      FieldKind = "text"
	CheckboxField  FieldKind = "checkbox"
)

// FieldKinds in the order in which they are offered.
var FieldKinds = []FieldKind{SignatureField, InitialsField, DateField, TextField, CheckboxField}

// Title names a kind of field.
func (k FieldKind) Title() string {
	return map[FieldKind]string{
		SignatureField: "Signature", InitialsField: "Initials", DateField: "Date signed", TextField: "Text", CheckboxField: "Checkbox",
	}[k]
}

// Field is a place on a page. Measures are ten-thousandths of the page as it is seen, from its top left.
type Field struct {
	ID, EnvelopeID, ClientID, RecipientID uuid.UUID
	Page, X, Y, W, H                      int
	Kind                                  FieldKind
	Label                                 string
	Required                              bool
	Value                                 string
	FilledAt                              time.Time
}

// Line is one of the price table.
type Line struct {
	Position int
	Text     string
	Quantity int64 // thousandths
	Price    int64 // of one, minor units
	TaxRate  int   // basis points
}

// Stage is one of the payment schedule.
type Stage struct {
	Position int
	Title    string
	Share    int   // of the amount, basis points; 0: a fixed amount
	Amount   int64 // minor units
	DueOn    string
}
