package stripe

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	api "github.com/stripe/stripe-go/v86"

	"portico/modules/billing/gateway"
)

// Create makes a charge, or gives back the one that was made with the order's key: the key is Stripe's idempotency key.
func (g *Gateway) Create(ctx context.Context, o gateway.Order) (gateway.Charge, error) {
	means, err := means(o.Kind, o.Currency)
	if err != nil {
		return gateway.Charge{}, err
	}
	amount, err := toStripe(o.Amount, o.Currency)
	if err != nil {
		return gateway.Charge{}, err
	}
	var c gateway.Charge
	switch {
	case o.Method != "":
		c, err = g.charge(ctx, o, means, amount)
	case o.Fields:
		c, err = g.openFields(ctx, o, means, amount)
	default:
		c, err = g.openPage(ctx, o, means, amount)
	}
	if unsure(err) {
		if found, looked := g.FindByKey(ctx, o.Key); looked == nil && found.Amount == o.Amount && found.Currency == o.Currency {
			return found, nil
		}
	}
	if err != nil {
		return c, wrong(err)
	}
	c, err = g.Find(ctx, c.ID)
	return c, gateway.Unsure(err) // an answer to a repeated key is as old as the first one
}

// unsure: the charge may have been made all the same. Stripe repeats a 500 to the same key for a day; and it refuses a key
// whose parameters are not the same to the letter, though it may only be the payer's new address that differs.
func unsure(err error) bool {
	said, ok := err.(*api.Error) //nolint:errorlint // the client returns it as it is
	return ok && (said.HTTPStatusCode >= 500 || said.Type == api.ErrorTypeIdempotency)
}

func meta(o gateway.Order) map[string]string {
	m := map[string]string{metaAttempt: o.Key.String(), metaFirm: o.Firm.String(), metaInvoice: o.Invoice.String()}
	switch {
	case o.Method != "":
	case o.Fields:
		m[metaPage] = "fields"
	default:
		m[metaPage] = "checkout"
	}
	return m
}

// charge charges a saved method. A declined one is a charge that failed.
func (g *Gateway) charge(ctx context.Context, o gateway.Order, means string, amount int64) (gateway.Charge, error) {
	p := &api.PaymentIntentCreateParams{
		Amount: &amount, Currency: api.String(strings.ToLower(o.Currency)), PaymentMethod: &o.Method, PaymentMethodTypes: api.StringSlice([]string{means}),
		Confirm: api.Bool(true), Description: text(o.Description), Customer: text(o.Customer), Metadata: meta(o),
	}
	if o.OffSession {
		p.OffSession = api.Bool(true)
	} else {
		p.ReturnURL = text(o.Return)
	}
	p.SetIdempotencyKey(o.Key.String())
	intent, err := g.api.V1PaymentIntents.Create(ctx, p)
	if said, ok := err.(*api.Error); ok && said.PaymentIntent != nil { //nolint:errorlint // the client returns it as it is
		return gateway.Charge{ID: said.PaymentIntent.ID}, nil
	}
	if err != nil {
		return gateway.Charge{}, err
	}
	return gateway.Charge{ID: intent.ID}, nil
}

// openFields begins a charge whose card is entered in Stripe's fields on a page of ours.
func (g *Gateway) openFields(ctx context.Context, o gateway.Order, means string, amount int64) (gateway.Charge, error) {
	p := &api.PaymentIntentCreateParams{
		Amount: &amount, Currency: api.String(strings.ToLower(o.Currency)), PaymentMethodTypes: api.StringSlice([]string{means}),
		Description: text(o.Description), Customer: text(o.Customer), Metadata: meta(o),
	}
	p.SetIdempotencyKey(o.Key.String())
	intent, err := g.api.V1PaymentIntents.Create(ctx, p)
	if err != nil {
		return gateway.Charge{}, err
	}
	return gateway.Charge{ID: intent.ID}, nil
}

// openPage begins a Checkout Session: Stripe's page, for one charge.
func (g *Gateway) openPage(ctx context.Context, o gateway.Order, means string, amount int64) (gateway.Charge, error) {
	p := &api.CheckoutSessionCreateParams{
		Mode: api.String("payment"), PaymentMethodTypes: api.StringSlice([]string{means}), Metadata: meta(o), ClientReferenceID: api.String(o.Key.String()),
		SuccessURL: &o.Return, CancelURL: &o.Return, Customer: text(o.Customer),
		LineItems: []*api.CheckoutSessionCreateLineItemParams{{
			Quantity: api.Int64(1),
			PriceData: &api.CheckoutSessionCreateLineItemPriceDataParams{
				Currency: api.String(strings.ToLower(o.Currency)), UnitAmount: &amount,
				ProductData: &api.CheckoutSessionCreateLineItemPriceDataProductDataParams{Name: api.String(named(o.Description))},
			},
		}},
		PaymentIntentData: &api.CheckoutSessionCreatePaymentIntentDataParams{Metadata: meta(o), Description: text(o.Description)},
	}
	if o.Customer == "" {
		p.CustomerEmail = text(o.Email)
	}
	if means == "us_bank_account" { // the payer signs in at the bank; two small deposits would take days
		p.PaymentMethodOptions = &api.CheckoutSessionCreatePaymentMethodOptionsParams{
			USBankAccount: &api.CheckoutSessionCreatePaymentMethodOptionsUSBankAccountParams{VerificationMethod: api.String("instant")},
		}
	}
	p.SetIdempotencyKey(o.Key.String())
	s, err := g.api.V1CheckoutSessions.Create(ctx, p)
	if err != nil {
		return gateway.Charge{}, err
	}
	return gateway.Charge{ID: s.ID}, nil
}

func named(description string) string {
	if description == "" {
		return "Invoice"
	}
	return description
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Find looks a charge up by its session's or its intent's id.
func (g *Gateway) Find(ctx context.Context, id string) (gateway.Charge, error) {
	if strings.HasPrefix(id, "cs_") {
		p := &api.CheckoutSessionRetrieveParams{}
		for _, more := range withIntent("payment_intent") {
			p.AddExpand(more)
		}
		s, err := g.api.V1CheckoutSessions.Retrieve(ctx, id, p)
		if err != nil {
			return gateway.Charge{}, wrong(err)
		}
		return g.ofSession(ctx, s)
	}
	p := &api.PaymentIntentRetrieveParams{}
	for _, more := range []string{"latest_charge.balance_transaction", "payment_method"} {
		p.AddExpand(more)
	}
	intent, err := g.api.V1PaymentIntents.Retrieve(ctx, id, p)
	if err != nil {
		return gateway.Charge{}, wrong(err)
	}
	if intent.Metadata[metaPage] == "checkout" { // its name is the session's: never two names for one charge
		return g.bySession(ctx, intent.ID)
	}
	return g.ofIntent(ctx, intent)
}

func withIntent(at string) []string {
	return []string{at, at + ".latest_charge.balance_transaction", at + ".payment_method"}
}

// bySession finds the session that an intent belongs to.
func (g *Gateway) bySession(ctx context.Context, intent string) (gateway.Charge, error) {
	p := &api.CheckoutSessionListParams{PaymentIntent: &intent}
	p.Limit = api.Int64(1)
	for _, more := range withIntent("data.payment_intent") {
		p.AddExpand(more)
	}
	for s, err := range g.api.V1CheckoutSessions.List(ctx, p).All(ctx) {
		if err != nil {
			return gateway.Charge{}, wrong(err)
		}
		return g.ofSession(ctx, s)
	}
	return gateway.Charge{}, fmt.Errorf("stripe: the session of an intent is not in its list yet")
}

// ofSession reads a session and, once the payer has sent it, its intent.
func (g *Gateway) ofSession(ctx context.Context, s *api.CheckoutSession) (c gateway.Charge, err error) {
	if s.Mode != api.CheckoutSessionModePayment {
		return c, gateway.ErrUnknown
	}
	if s.PaymentIntent != nil {
		if c, err = g.ofIntent(ctx, s.PaymentIntent); err != nil {
			return c, err
		}
	}
	c.ID, c.Amount, c.Currency = s.ID, fromStripe(s.AmountTotal, s.Currency), strings.ToUpper(string(s.Currency))
	c.Made = time.Unix(s.Created, 0).UTC()
	ours(&c, s.Metadata)
	if s.PaymentIntent == nil && len(s.PaymentMethodTypes) > 0 {
		c.Kind = kindOf(s.PaymentMethodTypes[0])
	}
	switch s.Status {
	case api.CheckoutSessionStatusOpen: // a refused card can be replaced there
		c.Status, c.URL = gateway.NeedsAction, s.URL
	case api.CheckoutSessionStatusExpired:
		if c.Status != gateway.Succeeded && c.Status != gateway.Pending {
			c.Status, c.URL, c.Failure = gateway.Canceled, "", gateway.Failure{Code: "canceled", Text: "The payment was not made in time."}
		}
	}
	return c, nil
}

func ours(c *gateway.Charge, meta map[string]string) {
	c.Key, _ = uuid.Parse(meta[metaAttempt])
	c.Firm, _ = uuid.Parse(meta[metaFirm])
	c.Invoice, _ = uuid.Parse(meta[metaInvoice])
}

func (g *Gateway) ofIntent(ctx context.Context, i *api.PaymentIntent) (c gateway.Charge, err error) {
	c = gateway.Charge{
		ID: i.ID, Amount: fromStripe(i.Amount, i.Currency), Currency: strings.ToUpper(string(i.Currency)), Kind: gateway.Card,
		Status: statusOf(i.Status), Failure: failureOf(i.LastPaymentError), Made: time.Unix(i.Created, 0).UTC(),
	}
	ours(&c, i.Metadata)
	if len(i.PaymentMethodTypes) > 0 {
		c.Kind = kindOf(i.PaymentMethodTypes[0])
	}
	if i.PaymentMethod != nil {
		c.Method = methodOf(i.PaymentMethod)
		c.Kind = c.Method.Kind
	}
	if i.Metadata[metaPage] == "fields" && i.Status == api.PaymentIntentStatusRequiresPaymentMethod { // a refused card can be replaced there
		c.Status = gateway.NeedsAction
	}
	switch c.Status {
	case gateway.NeedsAction:
		if c.URL = goOn(i.NextAction); c.URL == "" && i.Metadata[metaPage] == "fields" {
			c.Secret = i.ClientSecret
		}
	case gateway.Succeeded:
		c.Failure = gateway.Failure{}
	case gateway.Canceled:
		c.Failure = gateway.Failure{Code: "canceled", Text: "The payment was canceled."}
	}
	if ch := i.LatestCharge; ch != nil && c.Status == gateway.Succeeded {
		c.Refunded = fromStripe(ch.AmountRefunded, ch.Currency)
		if bt := ch.BalanceTransaction; bt != nil && bt.Currency == i.Currency {
			c.Fee = fromStripe(bt.Fee, bt.Currency)
		}
		if ch.Disputed {
			err = g.disputed(ctx, &c, i.ID)
		}
	}
	return c, err
}

// statusOf: an intent without a method is one whose method was refused, because ours begin with one, but for those whose
// card is entered in fields.
func statusOf(s api.PaymentIntentStatus) gateway.Status {
	switch s {
	case api.PaymentIntentStatusRequiresAction, api.PaymentIntentStatusRequiresConfirmation:
		return gateway.NeedsAction
	case api.PaymentIntentStatusProcessing, api.PaymentIntentStatusRequiresCapture:
		return gateway.Pending
	case api.PaymentIntentStatusSucceeded:
		return gateway.Succeeded
	case api.PaymentIntentStatusCanceled:
		return gateway.Canceled
	}
	return gateway.Failed
}

func goOn(next *api.PaymentIntentNextAction) string {
	switch {
	case next == nil:
		return ""
	case next.RedirectToURL != nil:
		return next.RedirectToURL.URL
	case next.VerifyWithMicrodeposits != nil:
		return next.VerifyWithMicrodeposits.HostedVerificationURL
	}
	return ""
}

// disputed reads what became of an objection. A bank that could not collect takes a debit back in the same way; that is no
// objection, and there is nothing to answer.
func (g *Gateway) disputed(ctx context.Context, c *gateway.Charge, intent string) error {
	p := &api.DisputeListParams{PaymentIntent: &intent}
	p.Limit = api.Int64(1)
	for d, err := range g.api.V1Disputes.List(ctx, p).All(ctx) {
		if err != nil {
			return wrong(err)
		}
		if c.Kind == gateway.Bank && returned[d.Reason] {
			c.Returned, c.Failure = true, gateway.Failure{Code: "returned", Text: "The bank took the payment back."}
			return nil
		}
		status, counts := disputeStatus[d.Status]
		if !counts {
			return nil
		}
		c.Dispute = &gateway.Dispute{ID: d.ID, Status: status, Amount: fromStripe(d.Amount, d.Currency), Reason: strings.ReplaceAll(string(d.Reason), "_", " ")}
		if d.EvidenceDetails != nil && d.EvidenceDetails.DueBy > 0 {
			c.Dispute.AnswerBy = time.Unix(d.EvidenceDetails.DueBy, 0).UTC()
		}
		return nil
	}
	return nil
}

var returned = map[api.DisputeReason]bool{
	api.DisputeReasonInsufficientFunds: true, api.DisputeReasonIncorrectAccountDetails: true, api.DisputeReasonBankCannotProcess: true,
	api.DisputeReasonCheckReturned: true,
}

// disputeStatus: a mere question of the bank (a warning) takes no money and is not in here.
var disputeStatus = map[api.DisputeStatus]string{
	api.DisputeStatusNeedsResponse: "open", api.DisputeStatusUnderReview: "open", api.DisputeStatusWon: "won", api.DisputeStatusLost: "lost",
}

func methodOf(m *api.PaymentMethod) gateway.Method {
	of := gateway.Method{Token: m.ID, Kind: kindOf(string(m.Type))}
	if m.Customer != nil {
		of.Customer = m.Customer.ID
	}
	switch {
	case m.Card != nil:
		of.Brand, of.Last4 = brand(string(m.Card.Brand)), m.Card.Last4
		if m.Card.ExpYear > 0 {
			of.Expires = time.Date(int(m.Card.ExpYear), time.Month(m.Card.ExpMonth)+1, 0, 0, 0, 0, 0, time.UTC)
		}
	case m.USBankAccount != nil:
		of.Brand, of.Last4 = m.USBankAccount.BankName, m.USBankAccount.Last4
	case m.SEPADebit != nil:
		of.Brand, of.Last4 = "SEPA debit", m.SEPADebit.Last4
	}
	return of
}

func brand(word string) string {
	known := map[string]string{
		"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "discover": "Discover", "diners": "Diners Club", "jcb": "JCB",
		"unionpay": "UnionPay", "eftpos_au": "eftpos", "cartes_bancaires": "Cartes Bancaires",
	}
	if name := known[word]; name != "" {
		return name
	}
	return "Card"
}

// Cancel ends a charge that is not paid yet. What Stripe will not cancel any more is answered as it stands.
func (g *Gateway) Cancel(ctx context.Context, id string) (gateway.Charge, error) {
	var err error
	if strings.HasPrefix(id, "cs_") {
		_, err = g.api.V1CheckoutSessions.Expire(ctx, id, &api.CheckoutSessionExpireParams{})
	} else {
		_, err = g.api.V1PaymentIntents.Cancel(ctx, id, &api.PaymentIntentCancelParams{})
	}
	if err = wrong(err); err != nil {
		if said, ok := gateway.Definite(err); !ok || said.Code != "request" {
			return gateway.Charge{}, err
		}
	}
	return g.Find(ctx, id)
}
