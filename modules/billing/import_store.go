package billing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/module"
)

// The rows of an import, as they are written: many in one statement.
type (
	invoiceInsert struct {
		bun.BaseModel `bun:"table:billing.invoice,alias:i"`

		FirmID, ID, ClientID, ProjectID uuid.UUID
		Stage                           Stage
		Number                          sql.NullString
		Title, Currency                 string
		IssuedOn, DueOn                 day.Day
		Net, Tax, Total, Paid           int64
		Message, Notes                  string
		DraftedBy                       uuid.NullUUID
		Writers                         []uuid.UUID `bun:",array"`
		ReleasedAt, VoidedAt            *time.Time
		VoidReason                      string
		IssuedFrom, IssuedTo            []string `bun:",array"`
		IssuedTaxName                   string
		Imported                        bool
		PayCard, PayBank, AllowOver     bool
		NoReminders, NoFees             bool
	}
	lineInsert struct {
		bun.BaseModel `bun:"table:billing.line,alias:l"`

		FirmID, InvoiceID uuid.UUID
		Position          int
		Text              string
		Quantity, Price   int64
		Discount, TaxRate int
		Net, Tax          int64
	}
	wordInsert struct {
		bun.BaseModel `bun:"table:billing.invoice_word,alias:w"`

		FirmID    uuid.UUID
		Word      string
		InvoiceID uuid.UUID
	}
	paymentInsert struct {
		bun.BaseModel `bun:"table:billing.payment,alias:p"`

		FirmID, ID, ClientID uuid.UUID
		Method               Method
		Number, Currency     string
		Amount, Allocated    int64
		ReceivedOn           day.Day
		Reference, Notes     string
		FormKey              uuid.UUID
		RecordedBy           uuid.NullUUID
		Imported             bool
	}
	allocationInsert struct {
		bun.BaseModel `bun:"table:billing.allocation,alias:al"`

		FirmID, ID, PaymentID, InvoiceID uuid.UUID
		Amount                           int64
		OnDay                            day.Day
		ByID                             uuid.NullUUID
	}
	journalInsert struct {
		bun.BaseModel `bun:"table:billing.journal,alias:j"`

		FirmID, ID, ClientID uuid.UUID
		Kind, SourceType     string
		SourceID             uuid.UUID
		OnDay                day.Day
		ByID                 uuid.NullUUID
	}
	entryInsert struct {
		bun.BaseModel `bun:"table:billing.entry,alias:e"`

		FirmID, JournalID uuid.UUID
		N                 int
		Account           string
		InvoiceID         uuid.NullUUID
		Currency          string
		Amount            int64
	}
)

func nullText(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

// hold keeps the clients of a batch from being changed by others meanwhile, in one order for all, and reads whom an
// invoice is addressed to.
func (b *brought) hold(ctx context.Context, tx bun.IDB) error {
	ids := make([]uuid.UUID, 0, len(b.clients))
	for client := range b.clients {
		ids = append(ids, client)
	}
	var list []party
	err := tx.NewRaw(`
		select cl.id, cl.name, cl.street, cl.city, cl.region, cl.postcode, cl.country from client cl
		where cl.firm_id = ? and cl.id = any(?::uuid[])
		order by cl.id
		for no key update`, b.v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &list)
	for _, c := range list {
		b.to[c.ID] = addressOf(c)
	}
	return err
}

func waysOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (w ways, err error) {
	w = ways{PayCard: true, PayBank: true}
	err = tx.NewRaw("select s.pay_card, s.pay_bank, s.allow_over from billing.setting s where s.firm_id = ?", v.FirmID()).Scan(ctx, &w)
	if errors.Is(err, sql.ErrNoRows) {
		return w, nil
	}
	return w, err
}

// projectsOf are the projects of each client.
func projectsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, clients []uuid.UUID) (map[uuid.UUID][]party, error) {
	var list []party
	err := tx.NewRaw(`
		select pr.id, pr.client_id, pr.name, pr.currency, pr.status from project pr
		where pr.firm_id = ? and pr.client_id = any(?::uuid[])
		order by pr.created_at, pr.id`, v.FirmID(), pgdialect.Array(clients)).Scan(ctx, &list)
	of := map[uuid.UUID][]party{}
	for _, p := range list {
		of[p.ClientID] = append(of[p.ClientID], p)
	}
	return of, err
}

// numbersTaken are the invoices that have one of the numbers.
func numbersTaken(ctx context.Context, tx bun.IDB, v auth.Viewer, numbers []string) (map[string]Invoice, error) {
	var list []Invoice
	err := invoices(tx, v).Where("i.number = any(?::text[])", pgdialect.Array(numbers)).Scan(ctx, &list)
	taken := map[string]Invoice{}
	for _, i := range list {
		taken[i.Number] = i
	}
	return taken, err
}

// ownCount is how far our own numbers have come.
type ownCount struct {
	any  bool
	last int64
}

func ownNumbers(ctx context.Context, tx bun.IDB, v auth.Viewer) (c ownCount, err error) {
	if c.any, err = released(ctx, tx, v); err != nil {
		return c, err
	}
	c.last, err = lastNumber(ctx, tx, v, "invoice")
	return c, err
}

// goOnFrom makes our own numbers begin after those that were brought, as long as there are none.
func goOnFrom(ctx context.Context, tx bun.IDB, v auth.Viewer, n int64) error {
	_, err := tx.NewRaw(`
		insert into billing.counter as c (firm_id, kind, last)
		select ?0, 'invoice', ?1
		where not exists (select from billing.invoice i where i.firm_id = ?0 and i.ordinal is not null)
		on conflict (firm_id, kind) do update set last = greatest(c.last, excluded.last)`, v.FirmID(), n).Exec(ctx)
	return err
}

// like is how many payments of an import there are that say the same as a record.
type like struct {
	ID uuid.UUID
	N  int
}

func paymentsLike(ctx context.Context, tx bun.IDB, v auth.Viewer, records []*module.Record) ([]like, error) {
	clients, days, amounts, references, numbers := []uuid.UUID{}, []string{}, []int64{}, []string{}, []string{}
	invoices, credits := []uuid.UUID{}, []bool{}
	for _, r := range records {
		i := r.State.(*income)
		clients, amounts = append(clients, i.ClientID), append(amounts, i.Total)
		on := i.ReceivedOn.String()
		if i.ReceivedOn.IsZero() {
			on = "0001-01-01"
		}
		days, references, numbers = append(days, on), append(references, i.Reference), append(numbers, i.Number)
		invoices, credits = append(invoices, i.invoice.ID), append(credits, i.IsCredit())
	}
	var rows []struct {
		like
		At int
	}
	err := tx.NewRaw(`
		select w.at - 1 as at, count(*) as n, min(p.id::text)::uuid as id
		from unnest(?::uuid[], ?::date[], ?::bigint[], ?::text[], ?::text[], ?::uuid[], ?::boolean[]) with ordinality as w (client, on_day, amount, reference, number, invoice, credit, at)
		join billing.payment p on p.firm_id = ? and p.client_id = w.client and p.received_on = w.on_day and p.amount = w.amount
			and p.imported and not p.undone and p.reference = w.reference and (w.number = '' or p.number = w.number) and (p.method = 'credit') = w.credit
			and (w.invoice = '00000000-0000-0000-0000-000000000000' or p.allocated = 0
				or exists (select from billing.allocation al where al.firm_id = p.firm_id and al.payment_id = p.id and al.invoice_id = w.invoice))
		group by w.at`,
		pgdialect.Array(clients), pgdialect.Array(days), pgdialect.Array(amounts), pgdialect.Array(references), pgdialect.Array(numbers), pgdialect.Array(invoices),
		pgdialect.Array(credits), v.FirmID()).Scan(ctx, &rows)
	list := make([]like, len(records))
	for _, r := range rows {
		list[r.At] = r.like
	}
	return list, err
}

// owedOn loads invoices that money may still come onto, for as long as the transaction lasts. Paid counts what an open
// attempt holds.
func owedOn(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) (map[uuid.UUID]*Invoice, error) {
	var list []Invoice
	err := tx.NewRaw(`
		select i.id, i.client_id, i.project_id, i.number, i.issued_on, i.total, i.paid + i.reserved as paid
		from billing.invoice i
		where i.firm_id = ? and i.id = any(?::uuid[]) and i.stage = 'released'
		order by i.id
		for update`, v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &list)
	of := map[uuid.UUID]*Invoice{}
	for n := range list {
		of[list[n].ID] = &list[n]
	}
	return of, err
}

// insertBrought writes a batch.
func insertBrought(ctx context.Context, tx bun.Tx, b *brought) error {
	for _, write := range []func() error{
		func() error { return insertAll(ctx, tx, b.invoices) }, func() error { return insertAll(ctx, tx, b.lines) },
		func() error { return insertAll(ctx, tx, b.words) }, func() error { return insertAll(ctx, tx, b.payments) },
		func() error { return b.settleSpent(ctx, tx) }, func() error { return insertAll(ctx, tx, b.allocations) },
		func() error { return insertAll(ctx, tx, b.journals) }, func() error { return insertAll(ctx, tx, b.entries) },
		func() error { return addTotals(ctx, tx, b) },
	} {
		if err := write(); err != nil {
			return err
		}
	}
	return nil
}

const insertedAtOnce = 2000

func insertAll[T any](ctx context.Context, tx bun.Tx, rows []T) error {
	for part := range slices.Chunk(rows, insertedAtOnce) {
		if _, err := tx.NewInsert().Model(&part).Exec(ctx); err != nil {
			return fmt.Errorf("%T: %w", part, err)
		}
	}
	return nil
}

// settleSpent moves what is paid on invoices that were there before: their checks decide whether it fits.
func (b *brought) settleSpent(ctx context.Context, tx bun.Tx) error {
	if len(b.spend) == 0 {
		return nil
	}
	ids, amounts := make([]uuid.UUID, 0, len(b.spend)), make([]int64, 0, len(b.spend))
	for invoice, amount := range b.spend {
		ids, amounts = append(ids, invoice), append(amounts, amount)
	}
	clear(b.spend)
	done, err := tx.NewRaw(`
		update billing.invoice i
		set paid = i.paid + d.amount, updated_at = now()
		from unnest(?::uuid[], ?::bigint[]) as d (id, amount)
		where i.firm_id = ? and i.id = d.id and i.stage = 'released'`, pgdialect.Array(ids), pgdialect.Array(amounts), b.v.FirmID()).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n != int64(len(ids)) {
		return errors.Join(err, errCovered)
	}
	return nil
}

// addTotals moves the maintained totals of a batch. An insert is checked before it turns into an update, so rows that
// are there come first; the clients are held, so nobody adds one in between.
func addTotals(ctx context.Context, tx bun.Tx, b *brought) error {
	if len(b.totals) == 0 {
		return nil
	}
	var clients, projects, rows []uuid.UUID
	var currencies []string
	var invoiced, paid, unapplied []int64
	for key, sum := range b.totals {
		row := key.Project
		if row == uuid.Nil {
			row = key.Client
		}
		clients, projects, rows, currencies = append(clients, key.Client), append(projects, key.Project), append(rows, row), append(currencies, key.Currency)
		invoiced, paid, unapplied = append(invoiced, sum.Invoiced), append(paid, sum.Paid), append(unapplied, sum.Unapplied)
	}
	_, err := tx.NewRaw(`
		with d as (
			select d.client, nullif(d.project, '00000000-0000-0000-0000-000000000000') as project, d.row, d.currency, d.invoiced, d.paid, d.unapplied
			from unnest(?1::uuid[], ?2::uuid[], ?3::uuid[], ?4::text[], ?5::bigint[], ?6::bigint[], ?7::bigint[]) as d (client, project, row, currency, invoiced, paid, unapplied)
		), there as (
			update billing.total t
			set invoiced = t.invoiced + d.invoiced, paid = t.paid + d.paid, unapplied = t.unapplied + d.unapplied
			from d
			where t.firm_id = ?0 and t.client_id = d.client and t.id = d.row and t.currency = d.currency
			returning t.client_id, t.id, t.currency
		)
		insert into billing.total (firm_id, client_id, project_id, id, currency, invoiced, paid, unapplied)
		select ?0, d.client, d.project, d.row, d.currency, d.invoiced, d.paid, d.unapplied
		from d
		where not exists (select from there t where t.client_id = d.client and t.id = d.row and t.currency = d.currency)`,
		b.v.FirmID(), pgdialect.Array(clients), pgdialect.Array(projects), pgdialect.Array(rows), pgdialect.Array(currencies),
		pgdialect.Array(invoiced), pgdialect.Array(paid), pgdialect.Array(unapplied)).Exec(ctx)
	return err
}

// standingPart is what of an imported payment stands on an invoice.
type standingPart struct {
	PaymentID, InvoiceID, ClientID, ProjectID uuid.UUID
	Currency                                  string
	Amount                                    int64
	OnDay                                     day.Day
}

func traced(traces []module.Trace) (ids []uuid.UUID, versions []int) {
	for _, t := range traces {
		ids, versions = append(ids, t.ID), append(versions, t.Version)
	}
	return ids, versions
}

// untouchedPayments are those that nobody has moved, reversed or given back since they came, and where they stand.
func untouchedPayments(ctx context.Context, tx bun.Tx, v auth.Viewer, traces []module.Trace) (list []Payment, standing []standingPart, err error) {
	if len(traces) == 0 {
		return nil, nil, nil
	}
	ids, versions := traced(traces)
	err = tx.NewRaw(`
		select p.id, p.client_id, p.method, p.number, p.currency, p.amount, p.allocated, p.received_on
		from billing.payment p
		join unnest(?::uuid[], ?::integer[]) as t (id, version) on t.id = p.id
		where p.firm_id = ? and p.imported and not p.undone and p.reversed_at is null
			and t.version = (select count(*) from billing.allocation al where al.firm_id = p.firm_id and al.payment_id = p.id)
			and not exists (select from billing.refund r where r.firm_id = p.firm_id and r.payment_id = p.id)
		order by p.id
		for update of p`, pgdialect.Array(ids), pgdialect.Array(versions), v.FirmID()).Scan(ctx, &list)
	if err != nil || len(list) == 0 {
		return nil, nil, err
	}
	err = tx.NewRaw(`
		select al.payment_id, al.invoice_id, al.amount, al.on_day, i.client_id, i.project_id, i.currency
		from billing.allocation al
		join billing.invoice i on i.firm_id = al.firm_id and i.id = al.invoice_id
		where al.firm_id = ? and al.payment_id = any(?::uuid[])`, v.FirmID(), pgdialect.Array(idsOf(list))).Scan(ctx, &standing)
	return list, standing, err
}

func idsOf(list []Payment) (ids []uuid.UUID) {
	for _, p := range list {
		ids = append(ids, p.ID)
	}
	return ids
}

// hidePayments ends payments of an import that was taken back. Their numbers are free again.
func hidePayments(ctx context.Context, tx bun.Tx, v auth.Viewer, list []Payment) error {
	if len(list) == 0 {
		return nil
	}
	_, err := tx.NewRaw(`
		update billing.payment p
		set allocated = 0, reversed_by = ?, reversed_at = now(), reversal_reason = 'The import was undone.', undone = true, number = p.number || ' ' || p.id
		where p.firm_id = ? and p.id = any(?::uuid[])`, nullID(v.PersonID), v.FirmID(), pgdialect.Array(idsOf(list))).Exec(ctx)
	return err
}

// untouchedInvoices are those that are as they came: nothing is paid on them, or tried to be.
func untouchedInvoices(ctx context.Context, tx bun.Tx, v auth.Viewer, traces []module.Trace) (list []Invoice, err error) {
	if len(traces) == 0 {
		return nil, nil
	}
	ids, versions := traced(traces)
	err = tx.NewRaw(`
		select i.id, i.client_id, i.project_id, i.stage, i.number, i.title, i.currency, i.issued_on, i.net, i.tax, i.total
		from billing.invoice i
		join unnest(?::uuid[], ?::integer[]) as t (id, version) on t.id = i.id and t.version = i.version
		where i.firm_id = ? and i.imported and i.paid = 0 and i.reserved = 0 and i.stage in ('draft', 'released', 'void')
			and not exists (select from billing.attempt a where a.firm_id = i.firm_id and a.invoice_id = i.id)
		order by i.id
		for update of i`, pgdialect.Array(ids), pgdialect.Array(versions), v.FirmID()).Scan(ctx, &list)
	return list, err
}

// hideInvoices removes drafts, and takes what was sent out of sight.
func hideInvoices(ctx context.Context, tx bun.Tx, v auth.Viewer, list []Invoice) error {
	var ids []uuid.UUID
	for _, i := range list {
		ids = append(ids, i.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	for _, statement := range []string{
		"delete from billing.invoice i where i.firm_id = ? and i.id = any(?::uuid[]) and i.stage = 'draft'",
		"delete from billing.invoice_word w where w.firm_id = ? and w.invoice_id = any(?::uuid[])",
		`update billing.invoice i set stage = 'undone', number = i.number || ' ' || i.id, version = i.version + 1, updated_at = now()
		where i.firm_id = ? and i.id = any(?::uuid[])`,
	} {
		if _, err := tx.NewRaw(statement, v.FirmID(), pgdialect.Array(ids)).Exec(ctx); err != nil {
			return fmt.Errorf("%s: %w", strings.Fields(statement)[0], err)
		}
	}
	return nil
}

// unbilled are those of the projects that an import added on which no invoice stands.
func unbilled(ctx context.Context, tx bun.Tx, v auth.Viewer, traces []module.Trace) (free []uuid.UUID, err error) {
	if len(traces) == 0 {
		return nil, nil
	}
	ids, _ := traced(traces)
	err = tx.NewRaw(`
		select t.id from unnest(?::uuid[]) as t (id)
		where not exists (select from billing.invoice i where i.firm_id = ? and i.project_id = t.id and i.stage <> 'undone')`,
		pgdialect.Array(ids), v.FirmID()).Scan(ctx, &free)
	return free, err
}
