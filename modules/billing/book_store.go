package billing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/id"
)

// entry is one side of a booking: debit is +, credit is -.
type entry struct {
	Account string
	Invoice uuid.UUID
	Amount  int64
}

// book writes a journal and its entries, which must add up to nothing. What is nothing itself is left out.
func book(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID, kind, sourceType string, source uuid.UUID, currency string, on day.Day, entries ...entry) error {
	if err := balanced(kind, sourceType, source, entries); err != nil {
		return err
	}
	journal := id.New()
	_, err := tx.NewRaw(`
		insert into billing.journal (firm_id, id, client_id, kind, source_type, source_id, on_day, by_id)
		values (?, ?, ?, ?, ?, ?, ?, ?)`,
		v.FirmID(), journal, client, kind, sourceType, source, on, db.NullID(v.PersonID)).Exec(ctx)
	if err != nil {
		return err
	}
	for n, e := range entries {
		if e.Amount == 0 {
			continue
		}
		_, err := tx.NewRaw(`
			insert into billing.entry (firm_id, journal_id, n, account, invoice_id, currency, amount)
			values (?, ?, ?, ?, ?, ?, ?)`,
			v.FirmID(), journal, n, e.Account, db.NullID(e.Invoice), currency, e.Amount).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// balanced says which journal does not add up to nothing.
func balanced(kind, sourceType string, source uuid.UUID, entries []entry) error {
	var left int64
	for _, e := range entries {
		left += e.Amount
	}
	if left != 0 {
		return fmt.Errorf("journal %s of %s %s does not balance", kind, sourceType, source)
	}
	return nil
}

// bookIssue books what an invoice comes to, or takes it out again (sign -1).
func bookIssue(ctx context.Context, tx bun.IDB, v auth.Viewer, i Invoice, kind string, on day.Day, sign int64) error {
	entries, err := issued(ctx, tx, v, i, sign)
	if err != nil {
		return err
	}
	if err := book(ctx, tx, v, i.ClientID, kind, "invoice", i.ID, i.Currency, on, entries...); err != nil {
		return err
	}
	return addTotal(ctx, tx, v, i.ClientID, i.home(), balance{Currency: i.Currency, Invoiced: sign * i.Total})
}

// addTotal moves the maintained totals: the project's row, or, without a project, the client's own.
func addTotal(ctx context.Context, tx bun.IDB, v auth.Viewer, client, project uuid.UUID, b balance) error {
	row := project
	if project == uuid.Nil {
		row = client
	}
	// an insert is checked before it turns into an update: a row that is there is tried first
	err := db.One(tx.NewRaw(`
		update billing.total
		set invoiced = invoiced + ?, paid = paid + ?, unapplied = unapplied + ?
		where firm_id = ? and client_id = ? and id = ? and currency = ?`,
		b.Invoiced, b.Paid, b.Unapplied, v.FirmID(), client, row, b.Currency).Exec(ctx))
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	_, err = tx.NewRaw(`
		insert into billing.total as t (firm_id, client_id, project_id, id, currency, invoiced, paid, unapplied)
		values (?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (firm_id, client_id, id, currency) do update
		set invoiced = t.invoiced + excluded.invoiced, paid = t.paid + excluded.paid, unapplied = t.unapplied + excluded.unapplied`,
		v.FirmID(), client, db.NullID(project), row, b.Currency, b.Invoiced, b.Paid, b.Unapplied).Exec(ctx)
	return err
}

// holdClient makes money of one client move one after the other, so that no two ever wait for each other.
func holdClient(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) error {
	var held uuid.UUID
	err := tx.NewRaw("select cl.id from client cl where cl.firm_id = ? and cl.id = ? for no key update", v.FirmID(), client).Scan(ctx, &held)
	return db.Found(err)
}

// addPayment writes a payment or credit, books it as the client's unapplied money, and answers whether it is new: a
// form that is sent twice is one payment.
func addPayment(ctx context.Context, tx bun.IDB, v auth.Viewer, p Payment, key uuid.UUID) (Payment, bool, error) {
	if err := holdClient(ctx, tx, v, p.ClientID); err != nil {
		return p, false, err
	}
	err := tx.NewRaw(`
		select p.id from billing.payment p where p.firm_id = ? and p.form_key = ?`, v.FirmID(), key).Scan(ctx, &p.ID)
	if !errors.Is(err, sql.ErrNoRows) {
		return p, false, err
	}
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return p, false, err
	}
	kind, prefix := "receipt", s.ReceiptPrefix
	switch p.Method {
	case Credit:
		kind, prefix = "credit", s.CreditPrefix
	case FromDeposit:
		kind, prefix = "deposit", depositPrefix
	}
	n, err := takeNumbers(ctx, tx, v, kind, 1)
	if err != nil {
		return p, false, err
	}
	p.ID, p.Number = id.New(), numbered(prefix, n)
	_, err = tx.NewRaw(`
		insert into billing.payment (firm_id, id, client_id, project_id, method, number, currency, amount, received_on, reference, notes, form_key, recorded_by, deposit_id, tax)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.FirmID(), p.ID, p.ClientID, db.NullID(p.ProjectID), p.Method, p.Number, p.Currency, p.Total, p.ReceivedOn, p.Reference, p.Notes,
		key, db.NullID(v.PersonID), db.NullID(p.DepositID), p.Tax).Exec(ctx)
	if err != nil {
		return p, false, err
	}
	if err := useDeposit(ctx, tx, v, p.DepositID, p.Total); err != nil {
		return p, false, err
	}
	err = book(ctx, tx, v, p.ClientID, "receive", "payment", p.ID, p.Currency, p.ReceivedOn,
		append(p.sources(p.Total), entry{Account: "unapplied", Amount: -p.Total})...)
	if err != nil {
		return p, false, err
	}
	return p, true, addTotal(ctx, tx, v, p.ClientID, uuid.Nil, balance{Currency: p.Currency, Unapplied: p.Total})
}

// accountOf is where money stands that came so: at the provider, until it pays it out, or with the firm.
func accountOf(m Method) string {
	switch m {
	case Credit:
		return "credits"
	case Card, Bank:
		return "clearing"
	}
	return "cash"
}

// allocate puts a part of a payment on an invoice, or, with a minus, takes it off. The checks of both rows decide
// whether it fits: more than is owed, or than is left, never does.
func allocate(ctx context.Context, tx bun.IDB, v auth.Viewer, p Payment, i Invoice, amount int64, on day.Day) error {
	if p.Method == FromDeposit && i.Kind == Deposit {
		return errFromHeld // money would go round in circles
	}
	if amount < 0 && i.Kind == Deposit {
		if err := freeDeposit(ctx, tx, v, i.ID, -amount, on); err != nil {
			return err
		}
	}
	err := db.One(tx.NewRaw(`
		update billing.invoice
		set paid = paid + ?0, version = version + 1, updated_at = now()
		where firm_id = ?1 and id = ?2 and stage = 'released' and paid + ?0 >= 0 and paid + reserved + ?0 <= total`,
		amount, v.FirmID(), i.ID).Exec(ctx))
	if err != nil {
		return covered(err)
	}
	err = db.One(tx.NewRaw(`
		update billing.payment
		set allocated = allocated + ?0
		where firm_id = ?1 and id = ?2 and reversed_at is null and allocated + ?0 between 0 and amount - refunded`,
		amount, v.FirmID(), p.ID).Exec(ctx))
	if err != nil {
		return covered(err)
	}
	allocation := id.New()
	_, err = tx.NewRaw(`
		insert into billing.allocation (firm_id, id, payment_id, invoice_id, amount, on_day, by_id)
		values (?, ?, ?, ?, ?, ?, ?)`, v.FirmID(), allocation, p.ID, i.ID, amount, on, db.NullID(v.PersonID)).Exec(ctx)
	if err != nil {
		return err
	}
	err = book(ctx, tx, v, p.ClientID, "apply", "allocation", allocation, p.Currency, on,
		entry{Account: "unapplied", Amount: amount}, entry{"receivable", i.ID, -amount})
	if err != nil {
		return err
	}
	if err := addTotal(ctx, tx, v, p.ClientID, i.home(), balance{Currency: p.Currency, Paid: amount}); err != nil {
		return err
	}
	return addTotal(ctx, tx, v, p.ClientID, uuid.Nil, balance{Currency: p.Currency, Unapplied: -amount})
}

// covered says in words that a change of the rows' checks did not fit.
func covered(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return errCovered
	}
	return err
}

// reverse takes a payment back: off its invoices, and out of the books.
func reverse(ctx context.Context, tx bun.IDB, v auth.Viewer, p Payment, standing []Allocation, reason string, on day.Day) error {
	for _, a := range standing {
		i, err := invoiceByID(ctx, tx, v, a.InvoiceID)
		if err != nil {
			return err
		}
		if err := allocate(ctx, tx, v, p, i, -a.Total, on); err != nil {
			return err
		}
	}
	err := db.One(tx.NewRaw(`
		update billing.payment
		set reversed_by = ?, reversed_at = now(), reversal_reason = ?
		where firm_id = ? and id = ? and reversed_at is null and allocated = 0`,
		db.NullID(v.PersonID), reason, v.FirmID(), p.ID).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errReversed
	}
	if err != nil {
		return err
	}
	if err := useDeposit(ctx, tx, v, p.DepositID, -p.Total); err != nil {
		return err
	}
	left := p.Total - p.Refunded // what went back before is booked already
	err = book(ctx, tx, v, p.ClientID, "reverse", "payment", p.ID, p.Currency, on,
		append(p.sources(-left), entry{Account: "unapplied", Amount: left})...)
	if err != nil {
		return err
	}
	return addTotal(ctx, tx, v, p.ClientID, uuid.Nil, balance{Currency: p.Currency, Unapplied: -left})
}
