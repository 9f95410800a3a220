package billing

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	facts "portico/platform/fact"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/money"
	"portico/platform/portaltest"
)

// TestPartsArePaidToTheCent: what was paid on the whole is what its parts have, none has more than it comes to, and each
// is less than a cent away from its share.
func TestPartsArePaidToTheCent(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		totals := rapid.SliceOfN(rapid.Int64Range(0, 9_000_000_000), 1, 30).Draw(rt, "totals")
		var all int64
		for _, one := range totals {
			all += one
		}
		paid := rapid.Int64Range(0, all).Draw(rt, "paid")
		var sum int64
		for n, share := range sharesOf(paid, totals) {
			sum += share
			if share < 0 || share > totals[n] {
				rt.Fatalf("a part of %d has %d", totals[n], share)
			}
			if all > 0 {
				exact := money.Amount{Minor: totals[n]}.Share([]int64{paid, all - paid})[0].Minor
				if share < exact-1 || share > exact+1 {
					rt.Fatalf("a part of %d has %d of %d, and not %d", totals[n], share, paid, exact)
				}
			}
		}
		if sum != paid && all > 0 {
			rt.Fatalf("%d paid, %d in parts", paid, sum)
		}
	})
}

// TestSharesOfAContractComeToIt: draws of 100 % are the contract, whatever was drawn already and however it was changed.
func TestSharesOfAContractComeToIt(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := contract{Currency: rapid.SampledFrom([]string{"USD", "JPY", "KWD"}).Draw(rt, "currency"), Total: rapid.Int64Range(100_000, 90_000_000_000).Draw(rt, "contract")}
		var draws []draw
		left := money.Whole
		for left > 0 {
			share := min(left, money.Rate(rapid.IntRange(1, 6000).Draw(rt, "share")))
			draws = append(draws, draw{Share: share, Currency: c.Currency})
			left -= share
		}
		sum := func() (all int64) {
			for _, d := range draws {
				all += d.Minor
			}
			return all
		}
		if inShares(c, draws); sum() != c.Total {
			rt.Fatalf("%d of %d", sum(), c.Total)
		}
		for n := range draws[:rapid.IntRange(0, len(draws)-1).Draw(rt, "drawn")] {
			draws[n].InvoiceID, draws[n].Billed = uuid.New(), draws[n].Minor
		}
		c.Total += rapid.Int64Range(0, 5_000_000).Draw(rt, "more")
		if inShares(c, draws); sum() != c.Total {
			rt.Fatalf("changed: %d of %d", sum(), c.Total)
		}
	})
}

// instruments are a ledger with deposits, retainage and consolidated invoices in it.
type instruments struct {
	ledger
	garden   party
	deposits []uuid.UUID
	wholes   []uuid.UUID
}

func (l *instruments) try(do func() error) error {
	_, err := l.tx.ExecContext(l.ctx, "savepoint try")
	l.must(err)
	failed := do()
	if failed != nil {
		_, err = l.tx.ExecContext(l.ctx, "rollback to savepoint try")
		l.must(err)
	}
	return failed
}

func (l *instruments) draft(project party, kind Kind, rate money.Rate, price int64) Invoice {
	work := Line{Position: 1, Text: "Work", Quantity: money.One, Price: price}
	if kind == Work {
		work.TaxRate = money.Rate(rapid.SampledFrom([]int{0, 825, 1900}).Draw(l.t, "tax"))
	}
	work.work()
	invoice, err := addDraft(l.ctx, l.tx, l.v, project, draftForm{Title: "Work", Kind: kind, Rate: rate}, []Line{work})
	l.must(err)
	i, err := invoiceByID(l.ctx, l.tx, l.v, invoice)
	l.must(err)
	return i
}

func (l *instruments) out(i Invoice) error {
	return l.try(func() error {
		if err := setApproved(l.ctx, l.tx, l.v, i, true); err != nil {
			return err
		}
		_, err := release(l.ctx, l.tx, l.v, []tick{{i.ID, i.Version + 1}}, l.today)
		if err == nil {
			l.invoices = append(l.invoices, &believed{id: i.ID, total: i.Total})
		}
		return err
	})
}

func (l *instruments) price() int64 { return rapid.Int64Range(1, 500_000).Draw(l.t, "price") }

func (l *instruments) ask() {
	i := l.draft(l.project, Deposit, 0, l.price())
	l.must(l.out(i))
	l.deposits = append(l.deposits, i.ID)
}

func (l *instruments) keepBack() {
	l.must(l.out(l.draft(l.project, Work, money.Rate(rapid.SampledFrom([]int{1, 500, 1000, 10000}).Draw(l.t, "rate")), l.price())))
}

// askKept asks for retainage: no more than is kept back.
func (l *instruments) askKept() {
	c, err := contractOf(l.ctx, l.tx, l.v, l.project)
	l.must(err)
	amount := rapid.Int64Range(1, 60_000).Draw(l.t, "kept")
	if err := l.out(l.draft(l.project, Retainage, 0, amount)); (err == nil) != (amount <= c.Retained-c.Asked) {
		l.t.Fatalf("%d of %d kept back: %v", amount, c.Retained-c.Asked, err)
	}
}

func (l *instruments) use() {
	if len(l.deposits) == 0 {
		return
	}
	i, err := invoiceByID(l.ctx, l.tx, l.v, rapid.SampledFrom(l.deposits).Draw(l.t, "deposit"))
	l.must(err)
	amount := rapid.Int64Range(1, 300_000).Draw(l.t, "used")
	back := rapid.IntRange(0, 3).Draw(l.t, "back") == 0
	err = l.try(func() error {
		if back {
			_, err := addReturn(l.ctx, l.tx, l.v, i, returned{Method: Check, Total: amount, OnDay: l.today}, id.New())
			return err
		}
		p, _, err := addPayment(l.ctx, l.tx, l.v, Payment{
			ClientID: i.ClientID, Method: FromDeposit, Currency: i.Currency, Total: amount, ReceivedOn: l.today, DepositID: i.ID,
		}, id.New())
		if err == nil {
			l.payments = append(l.payments, p)
		}
		return err
	})
	if (err == nil) != (amount <= i.Paid-i.Used) {
		l.t.Fatalf("%d of %d held: %v", amount, i.Paid-i.Used, err)
	}
}

// merge makes one invoice of two projects' drafts, or of a draft that keeps something back.
func (l *instruments) merge() {
	list := []Invoice{l.draft(l.project, Work, 1000, l.price()), l.draft(l.garden, Work, 0, l.price()), l.draft(l.garden, Work, 333, l.price())}
	whole, err := consolidate(l.ctx, l.tx, l.v, draftForm{Title: "All of it"}, list)
	l.must(err)
	i, err := invoiceByID(l.ctx, l.tx, l.v, whole)
	l.must(err)
	if rapid.IntRange(0, 4).Draw(l.t, "apart") == 0 {
		l.must(deleteDraft(l.ctx, l.tx, l.v, i))
		return
	}
	l.must(l.out(i))
	l.wholes = append(l.wholes, whole)
}

// put is the ledger's, but for money of deposits on deposits.
func (l *instruments) put() {
	if len(l.payments) == 0 || len(l.invoices) == 0 {
		return
	}
	p := rapid.SampledFrom(l.payments).Draw(l.t, "payment")
	i, err := invoiceByID(l.ctx, l.tx, l.v, rapid.SampledFrom(l.invoices).Draw(l.t, "invoice").id)
	l.must(err)
	amount := rapid.Int64Range(1, 300_000).Draw(l.t, "part")
	_ = l.try(func() error { return allocate(l.ctx, l.tx, l.v, p, i, amount, l.today) })
	l.reload()
}

// undo reverses a payment, and with it what a deposit went on as; or voids an invoice.
func (l *instruments) undo() {
	if len(l.payments) > 0 && rapid.Bool().Draw(l.t, "a payment") {
		p, err := paymentByID(l.ctx, l.tx, l.v, rapid.SampledFrom(l.payments).Draw(l.t, "payment").ID)
		l.must(err)
		if p.Reversed() {
			return
		}
		standing, err := allocationsOfPayments(l.ctx, l.tx, l.v, p.ID)
		l.must(err)
		if err := l.try(func() error { return reverse(l.ctx, l.tx, l.v, p, standing, "bounced", l.today) }); err != nil && !errors.Is(err, errGivenBack) {
			l.t.Fatal(err)
		}
		l.reload()
		return
	}
	if len(l.invoices) == 0 {
		return
	}
	at := rapid.SampledFrom(l.invoices).Draw(l.t, "invoice")
	i, err := invoiceByID(l.ctx, l.tx, l.v, at.id)
	l.must(err)
	err = l.try(func() error { return void(l.ctx, l.tx, l.v, i, "wrong", l.today) })
	if err == nil {
		at.void = true
	} else if !at.void && i.Paid == 0 && !errors.Is(err, errAskedSince) {
		l.t.Fatal(err)
	}
}

// reload believes what the rows say of where money stands: whether they agree with everything else is asked afterwards.
func (l *instruments) reload() {
	l.stands = map[[2]uuid.UUID]int64{}
	for n := range l.payments {
		p, err := paymentByID(l.ctx, l.tx, l.v, l.payments[n].ID)
		l.must(err)
		l.payments[n].ReversedAt = p.ReversedAt
		standing, err := allocationsOfPayments(l.ctx, l.tx, l.v, p.ID)
		l.must(err)
		for _, a := range standing {
			l.stands[[2]uuid.UUID{p.ID, a.InvoiceID}] += a.Total
		}
	}
}

// TestTheBooksAgreeOverEveryInstrument lets random people ask for deposits, use them, keep back, ask for it, merge,
// pay, reverse and void: whatever they do, every promise holds, and parts have what their whole has.
func TestTheBooksAgreeOverEveryInstrument(t *testing.T) {
	site := portaltest.Open(t, Module)
	v := auth.Viewer{Side: auth.Office, Firm: auth.Firm{ID: site.FirmID()}, Role: access.Owner}
	rapid.Check(t, func(rt *rapid.T) {
		err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
			l := &instruments{ledger: ledger{t: rt, ctx: ctx, tx: tx, v: v, today: day.New(2026, 11, 26), stands: map[[2]uuid.UUID]int64{}}}
			client := id.New()
			currency := rapid.SampledFrom([]string{"USD", "JPY", "KWD"}).Draw(rt, "currency")
			l.project, l.garden = party{ID: id.New(), ClientID: client, Currency: currency}, party{ID: id.New(), ClientID: client, Currency: currency}
			_, err := tx.NewRaw("insert into client (firm_id, id, name) values (?0, ?1, 'Random')", site.FirmID(), client).Exec(ctx)
			l.must(err)
			for _, p := range []party{l.project, l.garden} {
				_, err := tx.NewRaw("insert into project (firm_id, id, client_id, key, name, currency) values (?0, ?2, ?1, ?2::text, 'Random', ?3)",
					site.FirmID(), client, p.ID, currency).Exec(ctx)
				l.must(err)
			}
			steps := []func(){l.ask, l.keepBack, l.askKept, l.use, l.use, l.merge, l.pay, l.pay, l.put, l.put, l.put, l.undo, l.undo}
			for range rapid.IntRange(3, 18).Draw(rt, "steps") {
				rapid.SampledFrom(steps).Draw(rt, "step")()
			}
			l.reload()
			l.agrees()
			for _, whole := range l.wholes {
				i, err := invoiceByID(ctx, tx, v, whole)
				l.must(err)
				parts, err := sectionsOf(ctx, tx, v, whole)
				l.must(err)
				var total, paid int64
				for _, p := range paidParts(i, parts) {
					total, paid = total+p.Amount.Minor, paid+p.Paid.Minor
				}
				if total != i.Total || paid != i.Paid {
					rt.Fatalf("parts come to %d of %d, and have %d of %d", total, i.Total, paid, i.Paid)
				}
			}
			return errBack
		})
		if !errors.Is(err, errBack) {
			rt.Fatal(err)
		}
	})
}

// TestSectionsHearWhatBecameOfTheirThings: of what is out with which invoice, and of what is not billed any more.
func TestSectionsHearWhatBecameOfTheirThings(t *testing.T) {
	site := portaltest.Open(t, Module)
	bus := facts.NewBus()
	_, err := bus.Seal([]facts.Subscriber{
		facts.On("time:mark_billed", func(context.Context, bun.Tx, uuid.UUID, facts.LinesBilled) error { return nil }),
		facts.On("time:mark_unbilled", func(context.Context, bun.Tx, uuid.UUID, facts.LinesReturned) error { return nil }),
	})
	if err != nil {
		t.Fatal(err)
	}
	v := auth.Viewer{Side: auth.Office, Firm: auth.Firm{ID: site.FirmID()}, Role: access.Owner}
	err = db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		var project party
		err := tx.NewRaw("select id, client_id, currency from project where firm_id = ? and key = 'maple-street'", site.FirmID()).Scan(ctx, &project)
		if err != nil {
			return err
		}
		c := charge{ClientID: project.ClientID, ProjectID: project.ID, Source: "time", SourceID: id.New(), Text: "Hours", Quantity: money.One, Price: 9000, Currency: "USD", OnDay: day.New(2026, 11, 20)}
		if err := putCharge(ctx, tx, v, c); err != nil {
			return err
		}
		list, err := unbilledOf(ctx, tx, v, project.ID, nil)
		if err != nil {
			return err
		}
		invoice, err := draftCharges(ctx, tx, v, project, "Hours", list)
		if err != nil {
			return err
		}
		if _, err := draftCharges(ctx, tx, v, project, "Hours again", list); !errors.Is(err, errBilled) {
			t.Errorf("billed twice: %v", err)
		}
		return errors.Join(errBack, heard(t, ctx, tx, v, bus, invoice, list[0]))
	})
	if !errors.Is(err, errBack) {
		t.Fatal(err)
	}
}

func heard(t *testing.T, ctx context.Context, tx bun.Tx, v auth.Viewer, bus *facts.Bus, invoice uuid.UUID, c charge) error {
	t.Helper()
	news := func() (kinds []string) {
		h := handover{module.Platform{Bus: bus}}
		if err := h.tell(ctx, tx, v.FirmID(), chargesTold{[]uuid.UUID{c.ID}}); err != nil {
			t.Fatal(err)
		}
		err := tx.NewRaw("select kind from outbox where firm_id = ? and kind like 'fact:Lines%' order by id", v.FirmID()).Scan(ctx, &kinds)
		if err != nil {
			t.Fatal(err)
		}
		return kinds
	}
	if got := news(); len(got) != 1 || got[0] != "fact:LinesReturned:time:mark_unbilled" {
		t.Errorf("of a draft: %v", got)
	}
	i, err := invoiceByID(ctx, tx, v, invoice)
	if err != nil {
		return err
	}
	if err := setApproved(ctx, tx, v, i, true); err != nil {
		return err
	}
	if _, err := release(ctx, tx, v, []tick{{invoice, i.Version + 1}}, day.New(2026, 11, 26)); err != nil {
		return err
	}
	if got := news(); len(got) != 2 || got[1] != "fact:LinesBilled:time:mark_billed" {
		t.Errorf("of a released invoice: %v", got)
	}
	if i, err = invoiceByID(ctx, tx, v, invoice); err != nil {
		return err
	}
	if err := void(ctx, tx, v, i, "wrong", day.New(2026, 11, 26)); err != nil {
		return err
	}
	if got := news(); len(got) != 3 || got[2] != "fact:LinesReturned:time:mark_unbilled" {
		t.Errorf("of a void invoice: %v", got)
	}
	return nil
}
