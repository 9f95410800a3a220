package billing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/money"
	"portico/platform/portaltest"
)

var errBack = errors.New("back")

// ledger is what the test believes, worked out in the plainest way.
type ledger struct {
	t        *rapid.T
	ctx      context.Context
	tx       bun.Tx
	v        auth.Viewer
	project  party
	today    day.Day
	invoices []*believed
	payments []Payment
	stands   map[[2]uuid.UUID]int64 // payment, invoice

	e       engine
	account uuid.UUID
	tries   []*tried
	back    map[uuid.UUID]int64 // what went back of a payment
}

type believed struct {
	id    uuid.UUID
	total int64
	void  bool
	name  string
}

func (l *ledger) paid(invoice uuid.UUID) (sum int64) {
	for at, amount := range l.stands {
		if at[1] == invoice {
			sum += amount
		}
	}
	return sum
}

func (l *ledger) used(payment uuid.UUID) (sum int64) {
	for at, amount := range l.stands {
		if at[0] == payment {
			sum += amount
		}
	}
	return sum
}

func (l *ledger) must(err error) {
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *ledger) bill() {
	var lines []Line
	for n := range rapid.IntRange(1, 5).Draw(l.t, "lines") {
		line := Line{
			Position: n + 1, Text: "Work", Quantity: money.Quantity(rapid.Int64Range(1, 50_000).Draw(l.t, "quantity")),
			Price:    rapid.Int64Range(-2_000, 500_000).Draw(l.t, "price"),
			Discount: money.Rate(rapid.SampledFrom([]int{0, 0, 333, 1000, 10000}).Draw(l.t, "discount")),
			TaxRate:  money.Rate(rapid.SampledFrom([]int{0, 825, 1900, 700}).Draw(l.t, "tax")),
		}
		line.work()
		lines = append(lines, line)
	}
	if sumOf(lines).total() < 0 {
		return
	}
	invoice, err := addDraft(l.ctx, l.tx, l.v, l.project, draftForm{Title: "Work"}, lines)
	l.must(err)
	i := Invoice{ID: invoice, ClientID: l.project.ClientID, ProjectID: l.project.ID, Version: 1}
	l.must(setApproved(l.ctx, l.tx, l.v, i, true))
	list, err := release(l.ctx, l.tx, l.v, []tick{{invoice, 2}}, l.today)
	l.must(err)
	_, err = l.tx.NewRaw("update billing.invoice set pay_card = true, pay_bank = true, allow_over = true where firm_id = ? and id = ?", l.v.FirmID(), invoice).Exec(l.ctx)
	l.must(err)
	l.invoices = append(l.invoices, &believed{id: invoice, total: sumOf(lines).total(), name: list[0].Number})
}

func (l *ledger) pay() {
	p := Payment{
		ClientID: l.project.ClientID, Method: rapid.SampledFrom([]Method{Check, Transfer, Credit}).Draw(l.t, "method"),
		Currency: l.project.Currency, Total: rapid.Int64Range(1, 900_000).Draw(l.t, "amount"), ReceivedOn: l.today,
	}
	p, fresh, err := addPayment(l.ctx, l.tx, l.v, p, id.New())
	l.must(err)
	if !fresh {
		l.t.Fatal("a new payment is not new")
	}
	l.payments = append(l.payments, p)
}

// put lays some of a payment on an invoice: what fits is taken, what does not is refused and changes nothing.
func (l *ledger) put() {
	if len(l.payments) == 0 || len(l.invoices) == 0 {
		return
	}
	p := rapid.SampledFrom(l.payments).Draw(l.t, "payment")
	i := rapid.SampledFrom(l.invoices).Draw(l.t, "invoice")
	amount := rapid.Int64Range(1, 400_000).Draw(l.t, "part")
	reversed := !slices.ContainsFunc(l.payments, func(q Payment) bool { return q.ID == p.ID && q.ReversedAt.IsZero() })
	fits := !i.void && !reversed && l.paid(i.id)+l.held(i.id)+amount <= i.total && l.used(p.ID)+l.back[p.ID]+amount <= p.Total
	kept, err := invoiceByID(l.ctx, l.tx, l.v, i.id)
	l.must(err)
	_, err = l.tx.ExecContext(l.ctx, "savepoint put")
	l.must(err)
	err = allocate(l.ctx, l.tx, l.v, p, kept, amount, l.today)
	if fits != (err == nil) {
		l.t.Fatalf("%d on an invoice of %d with %d paid, of a payment of %d with %d used: %v", amount, i.total, l.paid(i.id), p.Total, l.used(p.ID), err)
	}
	if err != nil {
		_, err = l.tx.ExecContext(l.ctx, "rollback to savepoint put")
		l.must(err)
		return
	}
	l.stands[[2]uuid.UUID{p.ID, i.id}] += amount
}

func (l *ledger) takeBack() {
	if len(l.payments) == 0 {
		return
	}
	n := rapid.IntRange(0, len(l.payments)-1).Draw(l.t, "which")
	p := l.payments[n]
	if !p.ReversedAt.IsZero() || p.Method.Online() {
		return
	}
	p.Refunded = l.back[p.ID]
	standing, err := allocationsOfPayments(l.ctx, l.tx, l.v, p.ID)
	l.must(err)
	l.must(reverse(l.ctx, l.tx, l.v, p, standing, "bounced", l.today))
	l.payments[n].ReversedAt = time.Unix(1, 0)
	for at := range l.stands {
		if at[0] == p.ID {
			delete(l.stands, at)
		}
	}
}

func (l *ledger) cancel() {
	if len(l.invoices) == 0 {
		return
	}
	i := rapid.SampledFrom(l.invoices).Draw(l.t, "invoice")
	kept, err := invoiceByID(l.ctx, l.tx, l.v, i.id)
	l.must(err)
	err = void(l.ctx, l.tx, l.v, kept, "wrong", l.today)
	if may := !i.void && l.paid(i.id) == 0 && l.held(i.id) == 0; may != (err == nil) {
		l.t.Fatalf("void of an invoice with %d paid, void before: %v: %v", l.paid(i.id), i.void, err)
	}
	i.void = i.void || err == nil
}

// agrees compares everything that is shown with what the test believes.
func (l *ledger) agrees() {
	broken, err := invariants(l.ctx, l.tx, l.v.FirmID(), true)
	l.must(err)
	if len(broken) > 0 {
		l.t.Fatalf("the books break: %v", broken)
	}
	var owed, left int64
	for _, i := range l.invoices {
		kept, err := invoiceByID(l.ctx, l.tx, l.v, i.id)
		l.must(err)
		want := Open
		switch paid := l.paid(i.id); {
		case i.void:
			want = State(Void)
		case paid >= i.total:
			want = Paid
		case paid > 0:
			want = Partial
		}
		if kept.State != want || kept.Paid != l.paid(i.id) || kept.Reserved != l.held(i.id) {
			l.t.Fatalf("an invoice of %d with %d paid is %s with %d, not %s", i.total, l.paid(i.id), kept.State, kept.Paid, want)
		}
		if !i.void {
			owed += i.total - l.paid(i.id)
		}
	}
	for _, p := range l.payments {
		if p.ReversedAt.IsZero() {
			left += p.Total - l.used(p.ID) - l.back[p.ID]
		}
	}
	list, err := statements(l.ctx, l.tx, l.v, l.project.ClientID, l.today.Add(-1), l.today)
	l.must(err)
	closing := int64(0)
	for _, s := range list {
		if s.Opening+s.Invoiced-s.Paid != s.Closing {
			l.t.Fatalf("the statement does not add up: %+v", s)
		}
		closing += s.Closing
	}
	sums, err := balances(l.ctx, l.tx, l.v, l.project.ClientID, uuid.Nil)
	l.must(err)
	var b balance
	if len(sums) > 0 {
		b = sums[0]
	}
	if closing != owed || b.Invoiced-b.Paid != owed || b.Unapplied != left {
		l.t.Fatalf("owed %d: the statement says %d, the totals %d; left %d: the totals say %d", owed, closing, b.Invoiced-b.Paid, left, b.Unapplied)
	}
}

// TestTheBooksAlwaysAgree lets random people bill, pay by hand and online, credit, refund, object, reverse and void in
// currencies with 0, 2 and 3 decimals: balances, states, totals, statements and the double-entry books say the same.
func TestTheBooksAlwaysAgree(t *testing.T) {
	site := portaltest.Open(t, Module)
	v := auth.Viewer{Side: auth.Office, Firm: auth.Firm{ID: site.FirmID()}, Role: access.Owner}
	rapid.Check(t, func(rt *rapid.T) {
		err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
			l := &ledger{t: rt, ctx: ctx, tx: tx, v: v, today: day.Of(site.Now()), stands: map[[2]uuid.UUID]int64{}, back: map[uuid.UUID]int64{}}
			l.e = engine{Platform: module.Platform{Bell: site.Bell, Log: slog.New(slog.DiscardHandler), Now: site.Now}}
			l.account = id.New()
			client, project := id.New(), id.New()
			l.project = party{ID: project, ClientID: client, Currency: rapid.SampledFrom([]string{"USD", "JPY", "KWD"}).Draw(rt, "currency")}
			for _, statement := range []string{
				"insert into client (firm_id, id, name) values (?0, ?1, 'Random')",
				"insert into project (firm_id, id, client_id, key, name, currency) values (?0, ?2, ?1, ?2::text, 'Random', ?3)",
				"update billing.account set active = false where firm_id = ?0",
				"insert into billing.account (firm_id, id, provider, title, credentials, hook_key, active) values (?0, ?4, 'sandbox', 'Random', '', ?4::text, true)",
			} {
				_, err := tx.NewRaw(statement, site.FirmID(), client, project, l.project.Currency, l.account).Exec(ctx)
				l.must(err)
			}
			steps := []func(){
				l.bill, l.bill, l.pay, l.put, l.put, l.takeBack, l.cancel,
				l.press, l.press, l.press, l.hear, l.hear, l.hear, l.giveBack, l.object, l.giveBack,
			}
			for range rapid.IntRange(3, 40).Draw(rt, "steps") {
				rapid.SampledFrom(steps).Draw(rt, "step")()
			}
			l.agrees()
			return errBack
		})
		if !errors.Is(err, errBack) {
			rt.Fatal(err)
		}
	})
}

// TestEveryPromiseOfTheBooksIsLookedAt breaks each on purpose, as nobody can who works through the program.
func TestEveryPromiseOfTheBooksIsLookedAt(t *testing.T) {
	s := openTill(t)
	site, firm := s.site, s.v.FirmID()
	s.bought(10_000)
	s.press(s.basket(500, s.bill(10_000)))
	s.write("update outbox set done_at = now() where kind not like 'x%'")
	faults := map[string]string{
		"an invoice keeps free what is being paid":                                     "update billing.invoice set reserved = reserved - 1 where reserved > 0",
		"what was paid online is in the books, once":                                   "update billing.attempt set payment_id = null where status = 'succeeded'",
		"what was paid online has the provider's number":                               "update billing.attempt set gateway_id = null",
		"no more went back than came in, and the payment says how much":                "insert into billing.refund (firm_id, id, payment_id, amount, status) select firm_id, gen_random_uuid(), id, 1, 'succeeded' from billing.payment where method = 'card'",
		"what stands with the provider is what came, less what went and what it keeps": "update billing.entry set amount = amount + 1 where account = 'clearing'",
		"nobody has to say what became of an online payment":                           "update billing.attempt set status = 'needs_review' where status = 'created'",
		"nothing that was sent to a provider is unknown for an hour":                   "update billing.attempt set status = 'unknown', sent_at = now() - interval '2 hours' where status = 'created'",
		"what a provider reports is looked into":                                       "insert into billing.event (firm_id, account_id, id, type, object, ref, body, received_at) select firm_id, id, 'evt', '', '', '', '', now() - interval '1 hour' from billing.account where active",
		"no promise of billing waits for long":                                         "update outbox set done_at = null, next_at = now() - interval '1 hour' where kind = 'billing:settle'",
		"no promise of billing was given up":                                           "update outbox set done_at = null, dead_at = now() where kind = 'billing:settle'",
		"the provider has no payment of ours that is missing here":                     "insert into billing.stray (firm_id, id, account_id, gateway_id, what, status, kind, amount, currency) select firm_id, gen_random_uuid(), id, 'ch', 'orphan', 'succeeded', 'card', 1, 'USD' from billing.account where active",

		"every journal adds up to nothing":                  "update billing.entry set amount = amount + 1 where (journal_id, n) in (select journal_id, n from billing.entry where account = 'cash' limit 1)",
		"an invoice is paid by its allocations":             "update billing.invoice set paid = paid - 1 where state = 'paid'",
		"the books say of an invoice what it says itself":   "update billing.entry set amount = amount + 1 where account in ('receivable', 'revenue') and invoice_id is not null",
		"a payment is where its allocations are":            "update billing.payment set allocated = allocated - 1",
		"an invoice comes to what its lines come to":        "update billing.line set net = net + 1",
		"the totals are those of the invoices":              "update billing.total set invoiced = invoiced + 1 where project_id is not null",
		"what is unapplied is what is left of the payments": "update billing.total set unapplied = unapplied + 1 where project_id is null",
		"invoices are numbered without a gap":               "update billing.invoice set ordinal = ordinal + 1 where ordinal = (select max(ordinal) from billing.invoice i where i.firm_id = invoice.firm_id)",
	}
	for name, fault := range map[string]string{
		"deposits held are what the books hold":                  "update billing.invoice set kind = 'deposit' where state = 'paid' and tax = 0",
		"retainage is what the invoices keep back":               "insert into billing.contract (firm_id, project_id, client_id, currency, retained) select firm_id, id, client_id, currency, 5 from project on conflict (firm_id, project_id) do update set retained = 5",
		"an invoice keeps back what its lines say":               "update billing.invoice set retained = 5",
		"a consolidated invoice comes to what its parts come to": "update billing.invoice set kind = 'consolidated' where stage = 'released'",
		"a credit memo comes to what its lines come to":          "insert into billing.credit_line (firm_id, payment_id, position, invoice_id, text, net) select p.firm_id, p.id, 1, (select i.id from billing.invoice i where i.firm_id = p.firm_id limit 1), 'x', 1 from billing.payment p",
		"what was handed over is billed once":                    "update billing.line set source = 'time', source_id = invoice_id",
	} {
		faults[name] = fault
	}
	for _, p := range promises(firm, true) {
		fault, planned := faults[p.name]
		if !planned {
			t.Errorf("nothing shows that this is looked at: %s", p.name)
			continue
		}
		err := site.DB(t).RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
			before, err := invariants(ctx, tx, firm, true)
			if err != nil || len(before) > 0 {
				return fmt.Errorf("before: %v %w", before, err)
			}
			if _, err := tx.ExecContext(ctx, fault); err != nil {
				return err
			}
			broken, err := invariants(ctx, tx, firm, true)
			if err == nil && !slices.ContainsFunc(broken, func(b breach) bool { return b.Name == p.name }) {
				t.Errorf("this passes: %s (found %v)", p.name, broken)
			}
			return errors.Join(err, errBack)
		})
		if !errors.Is(err, errBack) {
			t.Errorf("%s: %v", p.name, err)
		}
	}
}

// TestTheBooksCannotBeRewritten: not even the program can.
func TestTheBooksCannotBeRewritten(t *testing.T) {
	site := portaltest.Open(t, Module)
	for _, statement := range []string{
		"update billing.entry set amount = 1", "delete from billing.entry", "update billing.journal set kind = 'void'",
		"delete from billing.journal", "update billing.allocation set amount = 1", "delete from billing.allocation",
	} {
		err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, statement)
			return err
		})
		if err == nil {
			t.Errorf("this passes: %s", statement)
		}
	}
}
