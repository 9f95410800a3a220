// Package checkbook is the gateway to Checkbook.io, by which clients in the United States pay from their bank account: we
// ask for an invoice there, Checkbook writes to the payer by mail, the payer pays with a digital check, and the money
// arrives some days later.
//
// What its API does not have is not made up here. It gives nothing back (that is done outside, and recorded), it keeps no
// method for later, it has no field for our own keys (they stand in the description, where its search finds them), its
// reports carry no time, and a payment that the bank takes back after it had arrived looks like one that never did.
package checkbook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/modules/billing/gateway"
)

// Addresses of the API, and of the pages on which payers sign in.
const (
	liveURL    = "https://api.checkbook.io/v3"
	sandboxURL = "https://api.sandbox.checkbook.io/v3"
	livePage   = "https://app.checkbook.io"
	testPage   = "https://sandbox.checkbook.io"
)

// Options open a firm's account.
type Options struct {
	Publisher string // the publishable key
	Key       string // the secret one
	Secrets   []string
	Live      bool
	Firm      uuid.UUID
	URL       string // of a double; "": Checkbook itself
}

// Gateway is a firm's account at Checkbook.
type Gateway struct {
	Options
	page string
}

var _ gateway.Gateway = (*Gateway)(nil)

var line = &http.Client{
	Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 8, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 5 * time.Second},
	Timeout:   30 * time.Second,
}

// New readies an account. It does no I/O.
func New(o Options) *Gateway {
	g := &Gateway{o, testPage}
	if o.Live {
		g.page = livePage
	}
	switch {
	case o.URL != "":
	case o.Live:
		g.URL = liveURL
	default:
		g.URL = sandboxURL
	}
	return g
}

// Check asks whether the keys work.
func (g *Gateway) Check(ctx context.Context) error {
	return g.call(ctx, http.MethodGet, "/invoice?per_page=10&page=1", "", nil, &json.RawMessage{})
}

// invoice is a request for money, in Checkbook's words.
type invoice struct {
	ID          string      `json:"id,omitempty"`
	Status      string      `json:"status,omitempty"`
	Amount      json.Number `json:"amount"`
	Date        string      `json:"date,omitempty"`
	Description string      `json:"description"`
	Name        string      `json:"name"`
	Recipient   string      `json:"recipient"`
}

func (g *Gateway) call(ctx context.Context, method, path, key string, send, into any) error {
	q, err := gateway.Ask(ctx, method, g.URL+path, send)
	if err != nil {
		return err
	}
	q.Header.Set("Authorization", g.Publisher+":"+g.Key)
	q.Header.Set("Accept", "application/json")
	if key != "" {
		q.Header.Set("Idempotency-Key", key)
	}
	a, err := line.Do(q)
	if err != nil {
		return fmt.Errorf("checkbook: %w", err)
	}
	defer func() { _ = a.Body.Close() }()
	switch status := a.StatusCode; {
	case status == http.StatusNoContent:
		return nil
	case status < 300:
		return json.NewDecoder(io.LimitReader(a.Body, 8<<20)).Decode(into)
	case status == http.StatusUnauthorized:
		return &gateway.Error{Code: "credentials", Text: "Checkbook does not know these keys. Sandbox keys work in the sandbox only, and live keys with real money only."}
	case status == http.StatusForbidden:
		return &gateway.Error{Code: "permission", Text: "Checkbook does not allow that with these keys."}
	case status == http.StatusNotFound:
		return gateway.ErrUnknown
	case status == http.StatusBadRequest:
		return &gateway.Error{Code: "request", Text: "Checkbook refused the request."}
	}
	return fmt.Errorf("checkbook: status %d", a.StatusCode)
}

// Create asks for an invoice at Checkbook, which writes to the payer.
func (g *Gateway) Create(ctx context.Context, o gateway.Order) (gateway.Charge, error) {
	switch {
	case o.Kind != gateway.Bank || !strings.EqualFold(o.Currency, "USD"):
		return gateway.Charge{}, &gateway.Error{Code: "request", Text: "Checkbook takes bank payments in US dollars only."}
	case o.Method != "":
		return gateway.Charge{}, unsupported("Checkbook keeps no account for later: the payer enters it there each time.")
	case o.Email == "":
		return gateway.Charge{}, &gateway.Error{Code: "request", Text: "Checkbook writes to the payer by mail, and there is no address."}
	}
	name := o.Name
	if name == "" {
		name = o.Email
	}
	var is invoice
	err := g.call(ctx, http.MethodPost, "/invoice", o.Key.String(), invoice{
		Amount: dollars(o.Amount), Description: o.Description + " (" + refOf(o) + ")", Name: name, Recipient: o.Email,
	}, &is)
	if err != nil {
		return gateway.Charge{}, err
	}
	c, err := g.Find(ctx, is.ID)
	return c, gateway.Unsure(err) // the answer to a repeated key is as old as the first one
}

func unsupported(text string) error { return &gateway.Error{Code: "unsupported", Text: text} }

// Find looks an invoice up.
func (g *Gateway) Find(ctx context.Context, id string) (gateway.Charge, error) {
	var is invoice
	if err := g.call(ctx, http.MethodGet, "/invoice/"+url.PathEscape(id), "", nil, &is); err != nil {
		return gateway.Charge{}, err
	}
	return g.charge(is)
}

func (g *Gateway) charge(is invoice) (c gateway.Charge, err error) {
	c = gateway.Charge{ID: is.ID, Kind: gateway.Bank, Currency: "USD", Made: madeAt(is.Date), Method: gateway.Method{Kind: gateway.Bank, Brand: "Checkbook.io"}}
	if c.Amount, err = cents(is.Amount); err != nil {
		return c, err
	}
	if key, invoice, ours := readRef(is.Description); ours {
		c.Key, c.Invoice, c.Firm = key, invoice, g.Firm
	}
	switch is.Status {
	case "UNPAID":
		c.Status, c.URL = gateway.NeedsAction, g.page
	case "IN_PROCESS", "MAILED", "PRINTED":
		c.Status = gateway.Pending
	case "PAID":
		c.Status = gateway.Succeeded
	case "REFUNDED":
		c.Status, c.Refunded = gateway.Succeeded, c.Amount
	case "VOID", "EXPIRED":
		c.Status, c.Failure = gateway.Canceled, gateway.Failure{Code: "canceled", Text: "The payment was not made."}
	case "FAILED":
		c.Status, c.Failure = gateway.Failed, gateway.Failure{Code: "other", Text: "The bank could not pay it."}
	default:
		return c, fmt.Errorf("checkbook: status %q means nothing here", is.Status)
	}
	return c, nil
}

// Cancel voids what is not paid yet. What cannot be voided any more is answered as it stands.
func (g *Gateway) Cancel(ctx context.Context, id string) (gateway.Charge, error) {
	err := g.call(ctx, http.MethodDelete, "/invoice/"+url.PathEscape(id), "", nil, &json.RawMessage{})
	if said, definite := gateway.Definite(err); err != nil && !errors.Is(err, gateway.ErrUnknown) && (!definite || said.Code != "request") {
		return gateway.Charge{}, err
	}
	return g.Find(ctx, id)
}

// Refund is not possible here.
func (g *Gateway) Refund(context.Context, gateway.RefundOrder) (gateway.Refund, error) {
	return gateway.Refund{}, unsupported("Checkbook gives nothing back through its API. Send the client a check or a transfer, and record it here.")
}

// FindRefund finds none.
func (g *Gateway) FindRefund(context.Context, string, uuid.UUID) (gateway.Refund, error) {
	return gateway.Refund{}, gateway.ErrUnknown
}

// Save is not possible here.
func (g *Gateway) Save(context.Context, gateway.SaveOrder) (gateway.Setup, error) {
	return gateway.Setup{}, unsupported("Checkbook keeps no account for later. Pay one invoice at a time.")
}

// FindSetup finds none.
func (g *Gateway) FindSetup(context.Context, string) (gateway.Setup, error) {
	return gateway.Setup{}, gateway.ErrUnknown
}

// Forget has nothing to forget.
func (g *Gateway) Forget(context.Context, string) error { return nil }
