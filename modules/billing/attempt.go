package billing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/money"
)

// Status is how an attempt to pay stands. It only ever moves on: a report of what was before is passed over.
type Status string

const (
	Waiting     Status = "waiting"         // for its method, which the payer is entering
	Created     Status = "created"         // promised to the provider
	Submitting  Status = "submitting"      // on its way there
	Unknown     Status = "unknown"         // sent, and nobody said what became of it
	NeedsAction Status = "requires_action" // the payer has to go to the provider's page
	Pending     Status = "pending"         // accepted; the money is on its way
	Succeeded   Status = "succeeded"
	Failed      Status = "failed"
	Canceled    Status = "canceled"
	PartBack    Status = "part_refunded"
	Refunded    Status = "refunded"
	Disputed    Status = "disputed"
	Returned    Status = "returned" // a bank debit that the bank took back
	NeedsReview Status = "needs_review"
)

// Attempt is one try to pay one invoice.
type Attempt struct {
	ID, BatchID, InvoiceID, ClientID, AccountID uuid.UUID
	Kind                                        gateway.Kind
	Total                                       int64 `bun:"amount"`
	Held                                        int64 // of it what the invoice keeps free for it; the rest is more than was owed
	Fee                                         int64
	Currency                                    string
	Status                                      Status
	GatewayID                                   string
	URL                                         string // where the payer goes on; "" when there is nothing to do
	FailureCode, FailureText                    string // text: for the payer
	Review                                      string // staff only
	Tries, Looks                                int
	GiveUp                                      bool
	SentAt, LookAt, LookedAt                    time.Time
	EndedAt, CreatedAt, UpdatedAt               time.Time
	PaymentID                                   uuid.UUID // what it became in the books; Nil: nothing yet

	InvoiceNumber, InvoiceTitle string
	ProjectName                 string
	ReceiptNumber               string
	Payer                       string // the contact's name; "" through a link
	ContactID                   uuid.UUID
}

// Amount is what the payer pays.
func (a Attempt) Amount() money.Amount { return money.Of(a.Total, a.Currency) }

// FeeAmount is what the provider keeps of it.
func (a Attempt) FeeAmount() money.Amount { return money.Of(a.Fee, a.Currency) }

// Open reports whether it may still be paid: its amount is kept free on the invoice.
func (a Attempt) Open() bool {
	switch a.Status {
	case Waiting, Created, Submitting, Unknown, NeedsAction, Pending, NeedsReview:
		return true
	}
	return false
}

// Paid reports whether money came, whatever happened to it later.
func (a Attempt) Paid() bool {
	switch a.Status {
	case Succeeded, PartBack, Refunded, Disputed, Returned:
		return true
	}
	return false
}

// Batch is one press of Pay: an attempt for each invoice of it. One without attempts only saves a method.
type Batch struct {
	ID, ClientID, ContactID, LinkID uuid.UUID // ContactID is Nil for a guest, LinkID for everybody else
	AccountID, MethodID             uuid.UUID
	Kind                            gateway.Kind
	Keep, Auto                      bool
	Currency                        string
	SetupStatus                     gateway.Status // of the method being entered: "created" before the provider answered; "" when there is none
	SetupID, SetupURL, SetupText    string
	ReturnURL                       string
	MailsReceipt                    bool // to an address that a guest named
	CreatedAt                       time.Time
	SentAt, LookAt                  time.Time
	Looks                           int

	Attempts []Attempt `bun:"-"`
}

// SetupCreated is a saving of a method that the provider has not answered yet.
const SetupCreated gateway.Status = "created"

// Next is where the payer has to go now; "" when there is nothing to do.
func (b Batch) Next() string {
	if b.SetupStatus == gateway.NeedsAction {
		return b.SetupURL
	}
	for _, a := range b.Attempts {
		if a.Status == NeedsAction {
			return a.URL
		}
	}
	return ""
}

// Settled reports whether nothing will change any more by itself soon: all is paid, failed, or on its way for days.
func (b Batch) Settled() bool {
	if b.SetupStatus == SetupCreated || b.SetupStatus == gateway.NeedsAction {
		return false
	}
	for _, a := range b.Attempts {
		switch a.Status {
		case Waiting, Created, Submitting, Unknown, NeedsAction:
			return false
		}
	}
	return true
}

// Topic is what the live bell says when something of the batch changes.
func (b Batch) Topic() string { return batchTopic(b.ID) }

func batchTopic(batch uuid.UUID) string { return "billing@batch:" + batch.String() }

// basket is what somebody wants to pay, and how.
type basket struct {
	ID                  uuid.UUID // made with the form: pressed twice, it is one batch
	ClientID, ContactID uuid.UUID // ContactID is Nil for a guest
	LinkID              uuid.UUID
	AccountID           uuid.UUID
	Kind                gateway.Kind
	MethodID            uuid.UUID // Nil: entered on the provider's page
	Keep                bool      // a new one is kept afterwards
	Auto                bool      // nobody is at the screen
	Currency            string
	Items               []basketItem // none: only a method is to be saved
	Return              string       // the whole address that the payer comes back to
	ReceiptTo           string       // of a guest: where the receipt is mailed to; "": nowhere
}

// basketItem is one invoice of a basket. More than is owed becomes money on account, where the invoice allows that.
type basketItem struct {
	InvoiceID uuid.UUID
	Amount    int64
}

// opener gives the provider's side of a firm's account. It is an opener for tests and for whoever keeps the credentials.
type opener func(ctx context.Context, tx bun.IDB, firm, account uuid.UUID) (gateway.Gateway, error)

var (
	errBatchDiffers = fault.Conflict("This payment was sent before, and differently. Please open the page again.")
	errAccountGone  = fault.Conflict("Online payment is not possible at the moment. Please ask us.")
	errMethodGone   = fault.Conflict("This payment method cannot be used any more. Please choose another one.")
	errCurrencies   = fault.Conflict("Invoices in different currencies are paid one after the other.")
)

// startBatch promises a payment in the caller's transaction: every invoice keeps the amount free from now on, and the
// worker hands it to the provider. The same basket again is the same batch; another basket with its id is refused. What
// cannot be paid is a fault.Conflict that says why: paid already, or being paid by whom.
func startBatch(ctx context.Context, tx bun.IDB, v auth.Viewer, b basket) (Batch, error) {
	if err := holdClient(ctx, tx, v, b.ClientID); err != nil {
		return Batch{}, err
	}
	if was, err := batchAgain(ctx, tx, v, b); err != nil || was.ID != uuid.Nil {
		return was, err
	}
	if b.needsSetup() && b.ContactID == uuid.Nil {
		return Batch{}, fault.BadRequest("A payment without signing in is for one invoice.")
	}
	if err := fitsAccount(ctx, tx, v, b); err != nil {
		return Batch{}, err
	}
	attempts := make([]Attempt, len(b.Items))
	for n, item := range b.Items {
		held, err := reserve(ctx, tx, v, b, item)
		if err != nil {
			return Batch{}, err
		}
		attempts[n] = newAttempt(b, item, held)
	}
	if err := insertBatch(ctx, tx, v, b, attempts); err != nil {
		return Batch{}, err
	}
	return batchByID(ctx, tx, auth.System(v.FirmID()), b.ID)
}

// needsSetup reports whether the method is entered before anything is charged: for several invoices it is entered once,
// and what is to be kept is entered where it can be kept.
func (b basket) needsSetup() bool {
	return b.MethodID == uuid.Nil && (len(b.Items) != 1 || b.Keep)
}

// hurry asks the provider at once how a batch stands: the payer has come back from its page, which proves nothing. Asked
// again within seconds it does nothing.
func hurry(ctx context.Context, tx bun.IDB, v auth.Viewer, batch uuid.UUID) error {
	b, err := batchByID(ctx, tx, v, batch)
	if err != nil {
		return err
	}
	return hurryBatch(ctx, tx, v, b)
}

// cancelBatch gives up what is not paid yet. The worker ends it at the provider first, so it may turn out to be paid.
func cancelBatch(ctx context.Context, tx bun.IDB, v auth.Viewer, batch uuid.UUID) error {
	b, err := batchByID(ctx, tx, v, batch)
	if err != nil {
		return err
	}
	if err := holdClient(ctx, tx, v, b.ClientID); err != nil { // a worker may be at it
		return err
	}
	jobs, err := giveUp(ctx, tx, v, b)
	if err != nil {
		return err
	}
	if !b.entered() {
		if _, err := settleSetup.Enqueue(ctx, tx, v.FirmID(), settingUp{b.ID}); err != nil {
			return err
		}
	}
	return settleAttempt.EnqueueEach(ctx, tx, v.FirmID(), jobs)
}

func newAttempt(b basket, item basketItem, held int64) Attempt {
	a := Attempt{ID: id.New(), InvoiceID: item.InvoiceID, Total: item.Amount, Held: held, Status: Created}
	if b.needsSetup() {
		a.Status = Waiting
	}
	return a
}
