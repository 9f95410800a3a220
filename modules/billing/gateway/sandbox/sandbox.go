// Package sandbox is a payment provider to practise with. It is a program of its own with a file of its own, spoken to
// over HTTP like any other provider, and it behaves like one: cards are declined, banks ask for a second step, debits
// settle or fail days later and are taken back, answers are lost and reports come late, twice and out of order. No
// real money moves, and no real card is taken: it knows its own practice numbers and refuses all others.
package sandbox

import (
	"time"

	"github.com/google/uuid"

	"portico/modules/billing/gateway"
)

// Faults are what the provider does wrong. The figures are percents.
type Faults struct {
	Before  int `json:"before"`  // requests that are answered with an error before anything was done
	After   int `json:"after"`   // requests that are done and answered with an error
	Hang    int `json:"hang"`    // requests that are done and never answered
	Dropped int `json:"dropped"` // reports that are never sent
	Late    int `json:"late"`    // reports that are sent later
	LateBy  int `json:"late_by"` // by how many seconds
	Twice   int `json:"twice"`   // reports that are sent twice

	Shuffled bool `json:"shuffled"` // reports come in any order

	// Next befalls the next requests that change something, one each, before chance decides: "before", "after", "hang"
	// or "" for nothing.
	Next []string `json:"next,omitempty"`
}

// Step is where the payer is on the provider's page.
type Step string

const (
	Enter Step = "enter" // enters a card or an account
	Ask   Step = "bank"  // the bank asks whether it is the payer: the second step of a card payment
	Over  Step = "over"  // nothing more to do here
)

// Page is what a payer sees at the provider.
type Page struct {
	Token       string
	Firm        uuid.UUID
	Step        Step
	Saving      bool // a method is saved; nothing is paid
	Kind        gateway.Kind
	Amount      int64
	Currency    string
	Description string
	Email       string
	Return      string
	Status      gateway.Status
	Failure     gateway.Failure // of the last try
	Brand       string
	Last4       string
}

// Entry is what a payer enters.
type Entry struct {
	Number  string `json:"number"` // of a card or an account
	Routing string `json:"routing,omitempty"`
}

// Listed is a charge as the control page shows it.
type Listed struct {
	gateway.Charge
	Description string
	Changed     time.Time
	Next        time.Time // when something happens to it by itself; zero: nothing
	Does        string    // what its number is for
}

// Reports are how many reports the provider has to tell.
type Reports struct{ Sent, Dropped, Waiting, Refused int }

// Stand is what the control page shows of an account.
type Stand struct {
	Charges []Listed
	Refunds []gateway.Refund
	Faults  Faults
	Reports Reports
	Hook    string
}

// Deed is what happens to a charge on command.
type Deed string

// The deeds of the control page.
const (
	Settle  Deed = "settle"  // a bank debit arrives
	Fail    Deed = "fail"    // a bank debit does not
	TakeOut Deed = "return"  // a debit that arrived is taken back by the bank
	Dispute Deed = "dispute" // the payer objects
	Win     Deed = "win"     // the firm is right
	Lose    Deed = "lose"    // the payer is
	Back    Deed = "refund"  // all of it is given back, at the provider's own desk
)
