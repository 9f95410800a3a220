// Package stripe is the gateway to Stripe. Payers enter what they pay with on Stripe's own pages, to which they are sent and
// from which they come back: no card number ever reaches us, and no page of ours runs a script of theirs.
//
// A charge is a Checkout Session when the payer enters something, and a PaymentIntent when a saved method is charged. The
// session exists before its intent does, so it is the charge's name from beginning to end; whoever looks an intent up that
// belongs to a session gets the session's charge.
package stripe

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	api "github.com/stripe/stripe-go/v86"

	"portico/modules/billing/gateway"
)

// Options open a firm's account.
type Options struct {
	Key     string   // secret or restricted
	Secrets []string // of the webhook: the one in use, and the one before
	URL     string   // of a double; "": Stripe itself
}

// Gateway is a firm's account at Stripe.
type Gateway struct {
	api     *api.Client
	secrets []string
}

var _ gateway.Gateway = (*Gateway)(nil)

// line is shared by all accounts: only headers tell them apart.
var line = &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 16, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 5 * time.Second}, Timeout: 30 * time.Second}

// New readies an account. It does no I/O. Nothing is tried again in here: whoever calls knows what an unanswered request
// means, and asks again with the same key.
func New(o Options) *Gateway {
	config := &api.BackendConfig{
		HTTPClient: line, MaxNetworkRetries: api.Int64(0), EnableTelemetry: api.Bool(false), LeveledLogger: &api.LeveledLogger{Level: api.LevelNull},
	}
	if o.URL != "" {
		config.URL = api.String(o.URL)
	}
	return &Gateway{api: api.NewClient(o.Key, api.WithBackends(api.NewBackendsWithConfig(config))), secrets: o.Secrets}
}

// The names of what we write beside every object.
const (
	metaAttempt = "portico_attempt"
	metaFirm    = "portico_firm"
	metaInvoice = "portico_invoice"
	metaPage    = "portico_page" // "checkout": the intent belongs to a session; "fields": its card is entered on a page of ours
	metaRefund  = "portico_refund"
	metaCharge  = "portico_charge"
	metaReason  = "portico_reason"
	metaSetup   = "portico_setup"
)

// means are Stripe's words for what a kind is paid with, in a currency.
func means(kind gateway.Kind, currency string) (string, error) {
	switch {
	case kind == gateway.Card:
		return "card", nil
	case strings.EqualFold(currency, "USD"):
		return "us_bank_account", nil
	case strings.EqualFold(currency, "EUR"):
		return "sepa_debit", nil
	}
	return "", &gateway.Error{Code: "request", Text: "Bank debits are possible in US dollars and in euros only."}
}

func kindOf(means string) gateway.Kind {
	if strings.HasSuffix(means, "_debit") || strings.HasSuffix(means, "_bank_account") {
		return gateway.Bank
	}
	return gateway.Card
}

// wrong sorts what Stripe says into what is definite and what says nothing about the money.
func wrong(err error) error {
	var said *api.Error
	if !errors.As(err, &said) {
		return err
	}
	switch status := said.HTTPStatusCode; {
	case status == http.StatusUnauthorized:
		return &gateway.Error{Code: "credentials", Text: unknownKey}
	case status == http.StatusForbidden:
		return &gateway.Error{Code: "credentials", Text: "This key may not do that: it lacks a permission."}
	case status == http.StatusNotFound, said.Code == api.ErrorCodeResourceMissing:
		return gateway.ErrUnknown
	case said.Type == api.ErrorTypeCard:
		why := failureOf(said)
		return &gateway.Error{Code: why.Code, Text: why.Text}
	case said.Type == api.ErrorTypeIdempotency && status != http.StatusConflict:
		return &gateway.Error{Code: "request", Text: "This was asked before, and differently."}
	case said.Type == api.ErrorTypeInvalidRequest && status == http.StatusBadRequest:
		return &gateway.Error{Code: "request", Text: refusal(said)}
	}
	return err
}

// refusal names what Stripe does not like, without repeating what was sent.
func refusal(said *api.Error) string {
	text := "Stripe refused the request"
	if said.Code != "" {
		text += " (" + string(said.Code) + ")"
	}
	if said.Param != "" {
		text += ", because of " + said.Param
	}
	return text + "."
}

// failureOf words a decline for the payer. Why exactly a bank declines is often not for the payer's ears.
func failureOf(said *api.Error) gateway.Failure {
	if said == nil {
		return gateway.Failure{}
	}
	for _, f := range []struct{ word, code, text string }{
		{"insufficient_funds", "insufficient_funds", "There is not enough money on it."},
		{"expired_card", "expired", "The card has expired."},
		{"authentication", "authentication", "Your bank could not confirm that it was you."},
		{"limit", "limit", "It is over a limit that the bank has set."},
		{"canceled", "canceled", "The payment was canceled."},
		{"debit_not_authorized", "declined", "The bank says that the debit was not agreed to."},
		{"account_closed", "declined", "The account is closed."},
		{"no_account", "declined", "The bank does not know this account."},
		{"declined", "declined", "The card was declined."},
	} {
		if strings.Contains(string(said.DeclineCode), f.word) || strings.Contains(string(said.Code), f.word) {
			return gateway.Failure{Code: f.code, Text: f.text}
		}
	}
	return gateway.Failure{Code: "other", Text: "The bank could not process it."}
}

// steps: Stripe counts some currencies in other parts than the rest of the world.
func toStripe(amount int64, currency string) (int64, error) {
	switch strings.ToUpper(currency) {
	case "ISK", "UGX":
		return amount * 100, nil
	case "BHD", "JOD", "KWD", "OMR", "TND":
		if amount%10 != 0 {
			return 0, &gateway.Error{Code: "request", Text: "Stripe takes this currency in steps of 0.010 only."}
		}
	}
	return amount, nil
}

func fromStripe(amount int64, currency api.Currency) int64 {
	switch strings.ToUpper(string(currency)) {
	case "ISK", "UGX":
		return amount / 100
	}
	return amount
}

// Forget removes a saved method. What is gone already, or belongs to nobody any more, is no error.
func (g *Gateway) Forget(ctx context.Context, token string) error {
	_, err := g.api.V1PaymentMethods.Detach(ctx, token, &api.PaymentMethodDetachParams{})
	if err = wrong(err); err == nil || errors.Is(err, gateway.ErrUnknown) {
		return nil
	}
	if said, ok := gateway.Definite(err); ok && said.Code == "request" {
		m, looked := g.api.V1PaymentMethods.Retrieve(ctx, token, &api.PaymentMethodRetrieveParams{})
		if looked == nil && m.Customer == nil || errors.Is(wrong(looked), gateway.ErrUnknown) {
			return nil
		}
	}
	return err
}
