// Package gateway is the small interface behind which the providers of payments stand, and the words they are spoken to
// in. Whoever implements it moves money and keeps no books; the books are Portico's.
//
// The answers follow three rules. An error that is an *Error says something definite: it was refused, or it was declined.
// Every other error (a timeout, a broken connection, a 500) says nothing about the money: the caller asks again with the
// same key, or looks it up. And a charge reports what the provider holds now, however often it is asked.
package gateway

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// Kind is what a payment is made with.
type Kind string

const (
	Card Kind = "card"
	Bank Kind = "bank" // a direct debit or a digital check: settles or fails days later
)

// Status is how a charge, a refund or a saving of a method stands at the provider.
type Status string

const (
	NeedsAction Status = "requires_action" // the payer has to go to URL
	Pending     Status = "pending"         // accepted, the money is not there yet
	Succeeded   Status = "succeeded"
	Failed      Status = "failed"
	Canceled    Status = "canceled"
)

// Gateway is one firm's account at a provider. Its methods take as long as their context lets them.
type Gateway interface {
	// Create makes a charge, or gives back the one that was made with the order's key. With a method it is charged at
	// once; without one the payer enters it on the provider's page (Charge.URL).
	Create(ctx context.Context, order Order) (Charge, error)
	// Find looks a charge up by the provider's id.
	Find(ctx context.Context, id string) (Charge, error)
	// FindByKey looks a charge up by the key it was made with; ErrUnknown when the provider has none.
	FindByKey(ctx context.Context, key uuid.UUID) (Charge, error)
	// Cancel ends a charge that is not paid yet and answers how it stands then: it may have been paid meanwhile.
	Cancel(ctx context.Context, id string) (Charge, error)
	// List gives the charges that were made or changed since then, for the reconciler.
	List(ctx context.Context, since time.Time) ([]Charge, error)

	// Refund gives money back, once per key.
	Refund(ctx context.Context, order RefundOrder) (Refund, error)
	// FindRefund looks a refund up by the provider's id, or by its key when the id is empty; ErrUnknown when there is none.
	FindRefund(ctx context.Context, id string, key uuid.UUID) (Refund, error)

	// Save begins the saving of a method: the payer enters it on the provider's page (Setup.URL). Once per key.
	Save(ctx context.Context, order SaveOrder) (Setup, error)
	// FindSetup answers what became of it.
	FindSetup(ctx context.Context, id string) (Setup, error)
	// Forget removes a saved method at the provider; what is gone already is no error.
	Forget(ctx context.Context, token string) error

	// Verify reads what the provider reports. A forged or stale report is an *Error of Code "signature". Its content is a
	// hint only: whoever gets the event looks the object up.
	Verify(header http.Header, body []byte, now time.Time) (Event, error)
}

// Order is what is to be charged.
type Order struct {
	Key         uuid.UUID // the attempt: the provider's idempotency key, and in the charge's metadata
	Firm        uuid.UUID
	Invoice     uuid.UUID
	Kind        Kind
	Amount      int64 // minor units
	Currency    string
	Method      string // a saved method's token; empty: on the provider's page
	Customer    string // the payer's name at the provider, if there is one
	OffSession  bool   // nobody is at the screen: autopay
	Name        string // the payer's, for the provider's page; may be empty
	Description string // "Invoice INV-12": the payer reads it on the provider's page and on the statement
	Email       string // for the provider's page; may be empty
	Return      string // where the payer comes back to: an address that says nothing by itself
	Fields      bool   // a card is entered in the provider's own fields on a page of ours, which Charge.Secret opens
}

// Charge is a payment at the provider.
type Charge struct {
	ID       string
	Key      uuid.UUID // of the order, from its metadata; Nil: it was not made by Portico
	Firm     uuid.UUID // from its metadata
	Invoice  uuid.UUID
	Status   Status
	Kind     Kind
	Amount   int64
	Fee      int64 // what the provider keeps, if known
	Currency string
	URL      string // where the payer goes on; only for NeedsAction
	Secret   string // opens the provider's fields, when the payer goes on in them; of no use without the account's publishable key
	Failure  Failure
	Refunded int64
	Dispute  *Dispute
	Returned bool // a bank debit that was paid and taken back by the bank
	Made     time.Time
	Method   Method // what it was paid with, as far as known
}

// Failure says why a charge did not succeed, in a word of ours and in words for the payer.
type Failure struct {
	Code string // "declined", "insufficient_funds", "expired", "authentication", "canceled", "returned", "limit", "other"
	Text string
}

// Dispute is a payer's objection at the bank.
type Dispute struct {
	ID       string
	Status   string // "open", "won", "lost"
	Amount   int64
	Reason   string
	AnswerBy time.Time
}

// RefundOrder is what is to be given back of a charge.
type RefundOrder struct {
	Key    uuid.UUID
	Charge string
	Amount int64
	Reason string
}

// Refund is money given back.
type Refund struct {
	ID      string
	Key     uuid.UUID
	Charge  string
	Status  Status // Pending, Succeeded, Failed
	Amount  int64
	Failure Failure
}

// SaveOrder asks for a method to be kept for later.
type SaveOrder struct {
	Key      uuid.UUID
	Kind     Kind
	Customer string // empty: a new one is made
	Currency string // what will be paid in it; banks debit in their own
	Name     string
	Email    string
	Return   string
}

// Setup is the saving of a method.
type Setup struct {
	ID      string
	Key     uuid.UUID
	Status  Status // NeedsAction, Succeeded, Failed, Canceled
	URL     string
	Method  Method
	Failure Failure
}

// Method is a card or an account as the provider keeps it. The token is of no use without the firm's account.
type Method struct {
	Token    string
	Customer string
	Kind     Kind
	Brand    string // "Visa", "First Bank"
	Last4    string
	Expires  time.Time // zero: does not
}

// Event is what a provider reported.
type Event struct {
	ID     string // once only
	Type   string // the provider's own word
	Object Object
	Ref    string // the object's id at the provider
}

// Object is what an event is about.
type Object string

const (
	AboutCharge  Object = "charge"
	AboutRefund  Object = "refund"
	AboutSetup   Object = "setup"
	AboutDispute Object = "dispute" // Ref is the charge's id
	AboutNothing Object = ""        // of no interest
)
