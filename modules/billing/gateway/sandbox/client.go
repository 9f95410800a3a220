package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/modules/billing/gateway"
	"portico/platform/secret"
)

// NewKey makes the key of a new account.
func NewKey() string { return keyPrefix + secret.Token() }

// wire speaks with the provider.
type wire struct {
	base   string
	client *http.Client
	header map[string]string
}

func newWire(address string) wire {
	w := wire{base: strings.TrimSuffix(address, "/"), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: 10 * time.Second}}}
	if path, unix := strings.CutPrefix(address, "unix:"); unix {
		w.base = "http://practice"
		w.client.Transport = &http.Transport{
			MaxIdleConnsPerHost: 16, IdleConnTimeout: 10 * time.Second,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, "unix", path)
			},
		}
	}
	return w
}

// call asks the provider. What is neither done nor refused is an error that says nothing.
func (w wire) call(ctx context.Context, method, path string, send, into any) error {
	q, err := gateway.Ask(ctx, method, w.base+path, send)
	if err != nil {
		return err
	}
	for name, value := range w.header {
		q.Header.Set(name, value)
	}
	a, err := w.client.Do(q)
	if err != nil {
		return fmt.Errorf("practice provider: %w", err)
	}
	defer func() { _ = a.Body.Close() }()
	answer := json.NewDecoder(io.LimitReader(a.Body, 32<<20))
	switch a.StatusCode {
	case http.StatusOK:
		return answer.Decode(into)
	case http.StatusNotFound:
		return gateway.ErrUnknown
	case http.StatusUnprocessableEntity:
		var p problem
		if err := answer.Decode(&p); err != nil {
			return err
		}
		return &gateway.Error{Code: p.Code, Text: p.Text}
	}
	return fmt.Errorf("practice provider: status %d", a.StatusCode)
}

// Account is what a firm's account at the provider needs to be spoken with.
type Account struct {
	Address string   // "unix:/path" or "http://host:port"
	Key     string   // NewKey
	Secrets []string // of its reports; the first is signed with now
	Firm    uuid.UUID
	Hook    string // where it is told; "": nowhere
	Pages   string // how the addresses of its pages begin: "https://host/billing/practice/"
}

// Client is an account at the provider.
type Client struct {
	wire
	Account
}

var _ gateway.Gateway = (*Client)(nil)

// Dial readies a client. It does no I/O.
func Dial(a Account) *Client {
	c := &Client{wire: newWire(a.Address), Account: a}
	c.header = map[string]string{"Authorization": "Bearer " + a.Key, firmHeader: a.Firm.String()}
	if a.Hook != "" && len(a.Secrets) > 0 {
		c.header[hookHeader], c.header[secretHeader] = a.Hook, a.Secrets[0]
	}
	return c
}

// Ping asks whether the provider is there and takes the key.
func (c *Client) Ping(ctx context.Context) error {
	return c.call(ctx, http.MethodGet, "/v1/ping", nil, &struct{}{})
}

func (c *Client) charge(ctx context.Context, method, path string, send any) (ch gateway.Charge, err error) {
	err = c.call(ctx, method, path, send, &ch)
	return c.led(ch), err
}

// led turns a page's token into its address.
func (c *Client) led(ch gateway.Charge) gateway.Charge {
	if ch.URL != "" {
		ch.URL = c.Pages + ch.URL
	}
	return ch
}

// Create makes a charge, or gives back the one that was made with the order's key.
func (c *Client) Create(ctx context.Context, o gateway.Order) (gateway.Charge, error) {
	return c.charge(ctx, http.MethodPost, "/v1/charges", o)
}

// Find looks a charge up by its id.
func (c *Client) Find(ctx context.Context, id string) (gateway.Charge, error) {
	return c.charge(ctx, http.MethodGet, "/v1/charges/"+url.PathEscape(id), nil)
}

// FindByKey looks a charge up by the key it was made with.
func (c *Client) FindByKey(ctx context.Context, key uuid.UUID) (gateway.Charge, error) {
	return c.charge(ctx, http.MethodGet, "/v1/charges?key="+key.String(), nil)
}

// Cancel ends a charge that nobody has paid yet.
func (c *Client) Cancel(ctx context.Context, id string) (gateway.Charge, error) {
	return c.charge(ctx, http.MethodPost, "/v1/charges/"+url.PathEscape(id)+"/cancel", nil)
}

// List gives what was made or changed since then.
func (c *Client) List(ctx context.Context, since time.Time) (list []gateway.Charge, err error) {
	err = c.call(ctx, http.MethodGet, "/v1/charges?since="+url.QueryEscape(since.UTC().Format(time.RFC3339Nano)), nil, &list)
	for i := range list {
		list[i] = c.led(list[i])
	}
	return list, err
}

// Refund gives money back, once per key.
func (c *Client) Refund(ctx context.Context, o gateway.RefundOrder) (r gateway.Refund, err error) {
	err = c.call(ctx, http.MethodPost, "/v1/refunds", o, &r)
	return r, err
}

// FindRefund looks a refund up by its id, or by its key.
func (c *Client) FindRefund(ctx context.Context, id string, key uuid.UUID) (r gateway.Refund, err error) {
	path := "/v1/refunds/" + url.PathEscape(id)
	if id == "" {
		path = "/v1/refunds?key=" + key.String()
	}
	err = c.call(ctx, http.MethodGet, path, nil, &r)
	return r, err
}

// Save begins the saving of a method.
func (c *Client) Save(ctx context.Context, o gateway.SaveOrder) (gateway.Setup, error) {
	return c.setup(ctx, http.MethodPost, "/v1/setups", o)
}

// FindSetup answers what became of it.
func (c *Client) FindSetup(ctx context.Context, id string) (gateway.Setup, error) {
	return c.setup(ctx, http.MethodGet, "/v1/setups/"+url.PathEscape(id), nil)
}

func (c *Client) setup(ctx context.Context, method, path string, send any) (s gateway.Setup, err error) {
	err = c.call(ctx, method, path, send, &s)
	if s.URL != "" {
		s.URL = c.Pages + s.URL
	}
	return s, err
}

// Forget removes a saved method.
func (c *Client) Forget(ctx context.Context, token string) error {
	return c.call(ctx, http.MethodDelete, "/v1/methods/"+url.PathEscape(token), nil, &struct{}{})
}

// Verify reads a report.
func (c *Client) Verify(header http.Header, body []byte, now time.Time) (gateway.Event, error) {
	return verify(c.Secrets, header, body, now)
}

// Stand is what the control page shows.
func (c *Client) Stand(ctx context.Context) (s Stand, err error) {
	err = c.call(ctx, http.MethodGet, "/v1/stand", nil, &s)
	return s, err
}

// SetFaults says what the provider does wrong from now on, for this account.
func (c *Client) SetFaults(ctx context.Context, f Faults) error {
	return c.call(ctx, http.MethodPut, "/v1/faults", f, &Faults{})
}

// Advance lets time pass for this account: debits arrive or fail, late reports are sent.
func (c *Client) Advance(ctx context.Context, by time.Duration) error {
	return c.call(ctx, http.MethodPost, "/v1/advance", by, &struct{}{})
}

// Do does something to a charge at the provider's own desk.
func (c *Client) Do(ctx context.Context, charge string, deed Deed) error {
	return c.call(ctx, http.MethodPost, "/v1/charges/"+url.PathEscape(charge)+"/"+url.PathEscape(string(deed)), nil, &struct{}{})
}

// Desk is where payers stand: it needs no account, only a page's token.
type Desk struct{ wire }

// NewDesk readies it. It does no I/O.
func NewDesk(address string) *Desk { return &Desk{newWire(address)} }

func (d *Desk) page(ctx context.Context, method, path string, send any) (p Page, err error) {
	err = d.call(ctx, method, "/pages/"+path, send, &p)
	return p, err
}

// Page is what the payer sees.
func (d *Desk) Page(ctx context.Context, token string) (Page, error) {
	return d.page(ctx, http.MethodGet, url.PathEscape(token), nil)
}

// Enter gives the provider a card or an account.
func (d *Desk) Enter(ctx context.Context, token string, e Entry) (Page, error) {
	return d.page(ctx, http.MethodPost, url.PathEscape(token)+"/entry", e)
}

// Answer tells the bank whether it is the payer.
func (d *Desk) Answer(ctx context.Context, token string, yes bool) (Page, error) {
	return d.page(ctx, http.MethodPost, url.PathEscape(token)+"/answer", yes)
}

// Leave goes back without paying.
func (d *Desk) Leave(ctx context.Context, token string) (Page, error) {
	return d.page(ctx, http.MethodPost, url.PathEscape(token)+"/leaving", nil)
}
