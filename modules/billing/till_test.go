package billing

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/money"
	"portico/platform/portaltest"
)

var errLost = errors.New("connection reset")

// double is a provider in memory. What goes wrong is said beforehand, one thing a call.
type double struct {
	mu      sync.Mutex
	charges []*gateway.Charge
	refunds []*gateway.Refund
	setups  []*gateway.Setup
	creates int
	methods map[string]gateway.Status // what a saved method leads to
	before  []error                   // of the next calls that change something: before anything is done
	after   []error                   // once it is done
	looks   []error                   // of the next looks
	forgot  []string
}

func next(list *[]error) error {
	if len(*list) == 0 {
		return nil
	}
	err := (*list)[0]
	*list = (*list)[1:]
	return err
}

func (d *double) Create(_ context.Context, o gateway.Order) (gateway.Charge, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := next(&d.before); err != nil {
		return gateway.Charge{}, err
	}
	for _, c := range d.charges {
		if c.Key == o.Key {
			return *c, next(&d.after)
		}
	}
	d.creates++
	c := &gateway.Charge{
		ID: "ch_" + o.Key.String(), Key: o.Key, Firm: o.Firm, Invoice: o.Invoice, Kind: o.Kind, Amount: o.Amount, Currency: o.Currency,
		Status: gateway.NeedsAction, URL: "https://pay.test/" + o.Key.String(),
	}
	if to, saved := d.methods[o.Method]; saved {
		c.Status, c.URL, c.Method = to, "", gateway.Method{Brand: "Visa", Last4: "4242"}
	}
	d.charges = append(d.charges, c)
	return *c, next(&d.after)
}

func (d *double) find(fits func(*gateway.Charge) bool) (gateway.Charge, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := next(&d.looks); err != nil {
		return gateway.Charge{}, err
	}
	for _, c := range d.charges {
		if fits(c) {
			return *c, nil
		}
	}
	return gateway.Charge{}, gateway.ErrUnknown
}

func (d *double) Find(_ context.Context, id string) (gateway.Charge, error) {
	return d.find(func(c *gateway.Charge) bool { return c.ID == id })
}

func (d *double) FindByKey(_ context.Context, key uuid.UUID) (gateway.Charge, error) {
	return d.find(func(c *gateway.Charge) bool { return c.Key == key })
}

func (d *double) Cancel(ctx context.Context, id string) (gateway.Charge, error) {
	d.mu.Lock()
	for _, c := range d.charges {
		if c.ID == id && c.Status == gateway.NeedsAction {
			c.Status, c.URL = gateway.Canceled, ""
		}
	}
	d.mu.Unlock()
	return d.Find(ctx, id)
}

func (d *double) List(context.Context, time.Time) (list []gateway.Charge, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.charges {
		list = append(list, *c)
	}
	return list, next(&d.looks)
}

func (d *double) Refund(_ context.Context, o gateway.RefundOrder) (gateway.Refund, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := next(&d.before); err != nil {
		return gateway.Refund{}, err
	}
	for _, r := range d.refunds {
		if r.Key == o.Key {
			return *r, next(&d.after)
		}
	}
	for _, c := range d.charges {
		if c.ID == o.Charge {
			c.Refunded += o.Amount
		}
	}
	r := &gateway.Refund{ID: "re_" + o.Key.String(), Key: o.Key, Charge: o.Charge, Status: gateway.Succeeded, Amount: o.Amount}
	d.refunds = append(d.refunds, r)
	return *r, next(&d.after)
}

func (d *double) FindRefund(_ context.Context, id string, key uuid.UUID) (gateway.Refund, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.refunds {
		if id != "" && r.ID == id || id == "" && r.Key == key {
			return *r, next(&d.looks)
		}
	}
	return gateway.Refund{}, gateway.ErrUnknown
}

func (d *double) Save(_ context.Context, o gateway.SaveOrder) (gateway.Setup, error) {
	s := &gateway.Setup{ID: "seti_" + o.Key.String(), Key: o.Key, Status: gateway.NeedsAction, URL: "https://pay.test/save"}
	d.setups = append(d.setups, s)
	return *s, next(&d.before)
}

func (d *double) FindSetup(_ context.Context, id string) (gateway.Setup, error) {
	for _, s := range d.setups {
		if s.ID == id {
			return *s, nil
		}
	}
	return gateway.Setup{}, gateway.ErrUnknown
}

func (d *double) Forget(_ context.Context, token string) error {
	d.forgot = append(d.forgot, token)
	return nil
}

func (d *double) Verify(gateway.Header, []byte, time.Time) (gateway.Event, error) {
	return gateway.Event{}, nil
}

// till is a firm with a client, a contact and an account at the double.
type till struct {
	testing.TB
	site    *portaltest.Site
	d       *double
	e       engine
	v       auth.Viewer
	project party
	contact uuid.UUID
	account uuid.UUID
	method  uuid.UUID
}

func openTill(t testing.TB) *till {
	site := portaltest.Open(t, Module)
	s := &till{TB: t, site: site, d: &double{methods: map[string]gateway.Status{"pm_good": gateway.Succeeded, "pm_bank": gateway.Pending, "pm_bad": gateway.Failed}}}
	s.v = auth.System(site.FirmID())
	s.e = engine{
		Platform: module.Platform{Pool: site.Pool, Ops: site.Ops, Bell: site.Bell, Log: site.Log, Now: site.Now},
		open:     func(context.Context, bun.IDB, uuid.UUID, uuid.UUID) (gateway.Gateway, error) { return s.d, nil },
	}
	ana := site.Person("ana")
	s.contact, s.account, s.method = ana.ContactID, id.New(), id.New()
	s.project = party{ID: id.New(), ClientID: ana.ClientID, Currency: "USD"}
	s.write("insert into project (firm_id, id, client_id, key, name, currency) values (?, ?, ?, 'till', 'Till', 'USD')", s.v.FirmID(), s.project.ID, s.project.ClientID)
	s.write("update billing.account set active = false where firm_id = ?", s.v.FirmID())
	s.write(`insert into billing.account (firm_id, id, provider, title, credentials, hook_key, active)
		values (?, ?, 'sandbox', 'Double', '', ?, true)`, s.v.FirmID(), s.account, s.account.String())
	s.write(`insert into billing.method (firm_id, id, contact_id, account_id, kind, token) values (?, ?, ?, ?, 'card', 'pm_good')`,
		s.v.FirmID(), s.method, s.contact, s.account)
	return s
}

func (s *till) write(query string, args ...any) {
	s.Helper()
	if _, err := s.site.DB(s).NewRaw(query, args...).Exec(s.Context()); err != nil {
		s.Fatal(err)
	}
}

func read[T any](s *till, query string, args ...any) (value T) {
	s.Helper()
	if err := s.site.DB(s).NewRaw(query, args...).Scan(s.Context(), &value); err != nil {
		s.Fatal(err)
	}
	return value
}

func (s *till) in(fn func(ctx context.Context, tx bun.Tx) error) error {
	return db.InTx(s.Context(), s.site.Pool, s.v.FirmID(), fn)
}

func (s *till) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// bill releases an invoice that can be paid in every way.
func (s *till) bill(total int64) uuid.UUID {
	s.Helper()
	var invoice uuid.UUID
	s.must(s.in(func(ctx context.Context, tx bun.Tx) (err error) {
		line := Line{Position: 1, Text: "Work", Quantity: money.One, Price: total}
		line.work()
		if invoice, err = addDraft(ctx, tx, s.v, s.project, draftForm{Title: "Work"}, []Line{line}); err != nil {
			return err
		}
		if err := setApproved(ctx, tx, s.v, Invoice{ID: invoice, Version: 1}, true); err != nil {
			return err
		}
		_, err = release(ctx, tx, s.v, []tick{{invoice, 2}}, day.Of(s.site.Now()))
		return err
	}))
	s.write("update billing.invoice set pay_card = true, pay_bank = true where id = ?", invoice)
	return invoice
}

func (s *till) basket(amount int64, invoices ...uuid.UUID) basket {
	b := basket{
		ID: id.New(), ClientID: s.project.ClientID, ContactID: s.contact, AccountID: s.account, Kind: gateway.Card, MethodID: s.method,
		Currency: s.project.Currency, Return: "https://portal.test/back",
	}
	for _, i := range invoices {
		b.Items = append(b.Items, basketItem{i, amount})
	}
	return b
}

func (s *till) start(b basket) (batch Batch, err error) {
	err = s.in(func(ctx context.Context, tx bun.Tx) (err error) {
		batch, err = startBatch(ctx, tx, s.v, b)
		return err
	})
	return batch, err
}

// press starts a payment of one invoice and gives its attempt.
func (s *till) press(b basket) uuid.UUID {
	s.Helper()
	batch, err := s.start(b)
	s.must(err)
	return batch.Attempts[0].ID
}

func (s *till) settle(attempt uuid.UUID) {
	s.Helper()
	s.must(s.in(func(ctx context.Context, tx bun.Tx) error {
		return s.e.settle(ctx, tx, s.v.FirmID(), settling{attempt})
	}))
}

func (s *till) attempt(id uuid.UUID) (a Attempt) {
	s.Helper()
	s.must(s.in(func(ctx context.Context, tx bun.Tx) (err error) {
		a, err = attemptByID(ctx, tx, s.v, id)
		return err
	}))
	return a
}

func (s *till) invoice(id uuid.UUID) (i Invoice) {
	s.Helper()
	s.must(s.in(func(ctx context.Context, tx bun.Tx) (err error) {
		i, err = invoiceByID(ctx, tx, s.v, id)
		return err
	}))
	return i
}

// is demands how an attempt and its invoice stand, and that the books agree.
func (s *till) is(attempt uuid.UUID, status Status, state State, paid, reserved int64) {
	s.Helper()
	a := s.attempt(attempt)
	i := s.invoice(a.InvoiceID)
	if a.Status != status || i.State != state || i.Paid != paid || i.Reserved != reserved {
		s.Errorf("the attempt is %s, the invoice %s with %d paid and %d reserved; want %s, %s, %d, %d", a.Status, i.State, i.Paid, i.Reserved, status, state, paid, reserved)
	}
	s.agrees()
}

func (s *till) agrees() {
	s.Helper()
	s.must(s.in(func(ctx context.Context, tx bun.Tx) error {
		broken, err := invariants(ctx, tx, s.v.FirmID(), true)
		broken = slices.DeleteFunc(broken, func(b breach) bool {
			return b.Name == "nobody has to say what became of an online payment" || b.Name == "the provider has no payment of ours that is missing here"
		})
		if len(broken) > 0 {
			s.Errorf("the books break: %v", broken)
		}
		return err
	}))
}

// told is what people were told, in order.
func (s *till) told() (what []string) {
	s.Helper()
	s.must(s.site.DB(s).NewRaw("select o.payload->>'What' from outbox o where o.kind = 'billing:news' order by o.created_at, o.id").Scan(s.Context(), &what))
	return what
}

func permutations[T any](list []T) (all [][]T) {
	if len(list) == 0 {
		return [][]T{nil}
	}
	for n, one := range list {
		for _, rest := range permutations(slices.Delete(slices.Clone(list), n, n+1)) {
			all = append(all, append([]T{one}, rest...))
		}
	}
	return all
}

func day0(s *till) day.Day { return day.Of(s.site.Now()) }
