package billing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/day"
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
		where i.firm_id = ? and i.id = any(?::uuid[]) and i.id = d.id and i.stage = 'released'`,
		pgdialect.Array(ids), pgdialect.Array(amounts), b.v.FirmID(), pgdialect.Array(ids)).Exec(ctx) // by the key: nobody knows how many an unnested list has
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
