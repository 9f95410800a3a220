package billing

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/search"
)

// addDraft writes a new invoice, which only staff see.
func addDraft(ctx context.Context, tx bun.IDB, v auth.Viewer, project party, f draftForm, lines []Line) (uuid.UUID, error) {
	invoice := id.New()
	if f.Kind == "" {
		f.Kind = Work
	}
	lines, retained := keepBack(lines, f.Rate)
	s := sumOf(lines)
	_, err := tx.NewRaw(`
		insert into billing.invoice (firm_id, id, client_id, project_id, title, currency, due_on, net, tax, total, message, notes, drafted_by, writers,
			kind, retainage_rate, retained)
		values (?0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, array_remove(array[?12::uuid], null), ?13, ?14, ?15)`,
		v.FirmID(), invoice, project.ClientID, project.ID, f.Title, project.Currency, f.DueOn, s.Net, s.Tax, s.total(),
		f.Message, f.Notes, db.NullID(v.PersonID), f.Kind, f.Rate, retained).Exec(ctx)
	if err != nil {
		return invoice, err
	}
	if err := putWays(ctx, tx, v, invoice, f.Ways); err != nil {
		return invoice, err
	}
	return invoice, putLines(ctx, tx, v, invoice, lines, f.Title)
}

// saveDraft changes a draft, if nobody else has since. Saved as it is, nothing changes: it is nobody else's then.
func saveDraft(ctx context.Context, tx bun.IDB, v auth.Viewer, i Invoice, f draftForm, lines []Line) (changed bool, err error) {
	if !i.IsDraft() {
		return false, errNotDraft
	}
	kept, err := linesOf(ctx, tx, v, i.ID)
	if err != nil {
		return false, err
	}
	retained := i.Retained
	if i.Kind.Fixed() {
		lines = kept
	} else {
		lines, retained = keepBack(known(kept, lines), f.Rate)
	}
	if f.Version == i.Version && f.says(i) && slices.Equal(kept, lines) {
		return false, nil
	}
	s := sumOf(lines)
	err = db.One(tx.NewRaw(`
		update billing.invoice
		set title = ?0, due_on = ?1, net = ?2, tax = ?3, total = ?4, message = ?5, notes = ?6, drafted_by = ?7,
			writers = array_remove(array_append(array_remove(writers, ?7::uuid), ?7::uuid), null), version = version + 1, updated_at = now(),
			retainage_rate = ?11, retained = ?12
		where firm_id = ?8 and id = ?9 and version = ?10 and stage = 'draft'`,
		f.Title, f.DueOn, s.Net, s.Tax, s.total(), f.Message, f.Notes, db.NullID(v.PersonID),
		v.FirmID(), i.ID, f.Version, f.Rate, retained).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return false, fault.Conflict("Somebody has changed this invoice meanwhile. What you typed is still here: save again to replace theirs.")
	}
	if err != nil {
		return false, err
	}
	if f.Ways.Told {
		if err := setWays(ctx, tx, v, i.ID, f.Ways); err != nil {
			return true, err
		}
	}
	if err := putLines(ctx, tx, v, i.ID, lines, f.Title); err != nil {
		return true, err
	}
	return true, freeSources(ctx, tx, v, i.ID, lines)
}

// says reports whether it reads like a kept invoice, apart from the lines.
func (f draftForm) says(i Invoice) bool {
	return f.Title == i.Title && f.DueOn == i.DueOn && f.Message == i.Message && f.Notes == i.Notes && f.Ways.says(i) && f.Rate == i.RetainageRate
}

// putLines replaces the lines and the words by which a draft is found.
func putLines(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID, lines []Line, title string) error {
	if _, err := tx.NewRaw("delete from billing.line where firm_id = ? and invoice_id = ?", v.FirmID(), invoice).Exec(ctx); err != nil {
		return err
	}
	for _, l := range lines {
		_, err := tx.NewRaw(`
			insert into billing.line (firm_id, invoice_id, position, text, quantity, price, discount, tax_rate, net, tax, source, source_id, section, project_id)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			v.FirmID(), invoice, l.Position, l.Text, l.Quantity, l.Price, l.Discount, l.TaxRate, l.Net, l.Tax,
			cmp.Or(l.Source, "hand"), db.NullID(l.SourceID), db.NullID(l.Section), db.NullID(l.ProjectID)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("line %d: %w", l.Position, err)
		}
	}
	return putWords(ctx, tx, v, invoice, title)
}

// putWords writes what an invoice is found by.
func putWords(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID, texts ...string) error {
	if _, err := tx.NewRaw("delete from billing.invoice_word where firm_id = ? and invoice_id = ?", v.FirmID(), invoice).Exec(ctx); err != nil {
		return err
	}
	words := search.Words(texts...)
	if len(words) == 0 {
		return nil
	}
	_, err := tx.NewRaw(`
		insert into billing.invoice_word (firm_id, word, invoice_id)
		select ?, w.word, ? from unnest(?::text[]) as w (word)`, v.FirmID(), invoice, pgdialect.Array(words)).Exec(ctx)
	return err
}

// deleteDraft removes what never had a number. What it was made of is there again.
func deleteDraft(ctx context.Context, tx bun.IDB, v auth.Viewer, i Invoice) error {
	if err := freeSources(ctx, tx, v, i.ID, nil); err != nil {
		return err
	}
	if err := takeApart(ctx, tx, v, i); err != nil {
		return err
	}
	err := db.One(tx.NewRaw(`
		delete from billing.invoice where firm_id = ? and id = ? and stage = 'draft'`, v.FirmID(), i.ID).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errNotDraft
	}
	return err
}

// setApproved moves an invoice on from draft, or back, if it is still what was loaded.
func setApproved(ctx context.Context, tx bun.IDB, v auth.Viewer, i Invoice, on bool) error {
	from, to := Approved, Draft
	if on {
		from, to = Draft, Approved
	}
	err := db.One(tx.NewRaw(`
		update billing.invoice
		set stage = ?0, approved_by = case when ?1 then ?2::uuid end, approved_at = case when ?1 then now() end,
			version = version + 1, updated_at = now()
		where firm_id = ?3 and id = ?4 and stage = ?5 and version = ?6`,
		to, on, db.NullID(v.PersonID), v.FirmID(), i.ID, from, i.Version).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errMoved
	}
	return err
}

// release gives approved invoices their numbers, in the order in which they were made, and writes them into the books:
// clients see them and owe them from now on. One that is not what was seen any more is left out.
func release(ctx context.Context, tx bun.IDB, v auth.Viewer, ticks []tick, on day.Day) ([]Invoice, error) {
	ids, seen := make([]uuid.UUID, len(ticks)), map[uuid.UUID]int{}
	for n, t := range ticks {
		ids[n], seen[t.ID] = t.ID, t.Version
	}
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	var clients []uuid.UUID
	err = tx.NewRaw(`
		select distinct i.client_id from billing.invoice i
		where i.firm_id = ? and i.id = any(?::uuid[])
		order by i.client_id`, v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &clients)
	if err != nil {
		return nil, err
	}
	from, err := ownHead(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	to, err := holdClients(ctx, tx, v, clients)
	if err != nil {
		return nil, err
	}
	var list []Invoice
	err = tx.NewRaw(`
		select i.id, i.client_id, i.project_id, i.number, i.title, i.currency, i.net, i.tax, i.total, i.due_on, i.version, i.kind, i.retained
		from billing.invoice i
		where i.firm_id = ? and i.id = any(?::uuid[]) and i.stage = 'approved'
		order by i.id
		for update`, v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &list)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(i Invoice) bool { return seen[i.ID] != i.Version })
	if len(list) == 0 {
		return nil, nil
	}
	ordinals, err := giveNumbers(ctx, tx, v, s, list)
	if err != nil {
		return nil, err
	}
	for n := range list {
		i := &list[n]
		i.IssuedOn, i.Stage = on, Released
		if i.DueOn.IsZero() {
			i.DueOn = on.Add(s.TermsDays)
		}
		if i.DueOn.Before(on) {
			i.DueOn = on
		}
	}
	if err := putIssued(ctx, tx, v, list, ordinals, heads{from, to, s.TaxName, s.Footer}); err != nil {
		return nil, err
	}
	if err := bookIssues(ctx, tx, v, list, on); err != nil {
		return nil, err
	}
	return list, tellOf(ctx, tx, v, list)
}

// giveNumbers gives numbers to invoices that have none. A draft from another program keeps its own, which is none of our count.
func giveNumbers(ctx context.Context, tx bun.IDB, v auth.Viewer, s Setting, list []Invoice) ([]sql.NullInt64, error) {
	ordinals, fresh := make([]sql.NullInt64, len(list)), 0
	for _, i := range list {
		if i.Number == "" {
			fresh++
		}
	}
	if fresh == 0 {
		return ordinals, nil
	}
	next, err := takeNumbers(ctx, tx, v, "invoice", fresh)
	if err != nil {
		return nil, err
	}
	var given []string
	for n := range list {
		if i := &list[n]; i.Number == "" {
			i.Number, ordinals[n] = numbered(s.InvoicePrefix, next), sql.NullInt64{Int64: next, Valid: true}
			given = append(given, i.Number)
			next++
		}
	}
	taken, err := numbersTaken(ctx, tx, v, given)
	for number := range taken {
		return nil, fault.Conflict("The number " + number + " is taken by an invoice from another program. Change the beginning of yours in Billing > Settings first.")
	}
	return ordinals, err
}

// void ends an invoice that nobody has paid anything on. Its number stays: there is no gap.
func void(ctx context.Context, tx bun.IDB, v auth.Viewer, i Invoice, reason string, on day.Day) error {
	if i.Paid != 0 {
		return errHasPaid
	}
	if i.Reserved != 0 {
		return errPaying
	}
	if err := holdClient(ctx, tx, v, i.ClientID); err != nil {
		return err
	}
	if credited, err := anyCredited(ctx, tx, v, i.ID); err != nil || credited {
		return cmp.Or(err, errHasCredit)
	}
	err := db.One(tx.NewRaw(`
		update billing.invoice
		set stage = 'void', voided_by = ?, voided_at = now(), void_reason = ?, version = version + 1, updated_at = now()
		where firm_id = ? and id = ? and version = ? and stage = 'released' and paid = 0 and reserved = 0`,
		db.NullID(v.PersonID), reason, v.FirmID(), i.ID, i.Version).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errMoved
	}
	if err != nil {
		return err
	}
	if err := bookIssue(ctx, tx, v, i, "void", on, -1); err != nil {
		return err
	}
	if err := tellOf(ctx, tx, v, []Invoice{i}); err != nil {
		return err
	}
	if err := freeSources(ctx, tx, v, i.ID, nil); err != nil {
		return err
	}
	return takeApart(ctx, tx, v, i)
}
