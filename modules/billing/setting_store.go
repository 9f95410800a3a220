package billing

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
)

func settingOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (Setting, error) {
	s := defaults
	err := tx.NewRaw(`
		select s.invoice_prefix, s.credit_prefix, s.receipt_prefix, s.terms_days, s.second_person, s.show_upcoming,
			s.tax_rate, s.tax_name, s.footer, s.pay_card, s.pay_bank, s.part_payment, s.min_payment, s.allow_over, s.version
		from billing.setting s
		where s.firm_id = ?`, v.FirmID()).Scan(ctx, &s)
	if errors.Is(err, sql.ErrNoRows) {
		return defaults, nil
	}
	return s, err
}

// saveSetting writes it if nobody else has since. The first number counts only as long as nothing has one: later there
// would be a gap.
func saveSetting(ctx context.Context, tx bun.IDB, v auth.Viewer, s Setting, first int64) error {
	done, err := tx.NewRaw(`
		insert into billing.setting as s (firm_id, invoice_prefix, credit_prefix, receipt_prefix, terms_days, second_person,
			show_upcoming, tax_rate, tax_name, footer, pay_card, pay_bank, part_payment, min_payment, allow_over)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (firm_id) do update
		set invoice_prefix = excluded.invoice_prefix, credit_prefix = excluded.credit_prefix,
			receipt_prefix = excluded.receipt_prefix, terms_days = excluded.terms_days, second_person = excluded.second_person,
			show_upcoming = excluded.show_upcoming, tax_rate = excluded.tax_rate, tax_name = excluded.tax_name,
			footer = excluded.footer, pay_card = excluded.pay_card, pay_bank = excluded.pay_bank, part_payment = excluded.part_payment,
			min_payment = excluded.min_payment, allow_over = excluded.allow_over, version = s.version + 1, updated_at = now()
		where s.version = ?`,
		v.FirmID(), s.InvoicePrefix, s.CreditPrefix, s.ReceiptPrefix, s.TermsDays, s.SecondPerson,
		s.ShowUpcoming, s.TaxRate, s.TaxName, s.Footer, s.PayCard, s.PayBank, s.PartPayment, s.MinPayment, s.AllowOver, s.Version).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return fault.Conflict("Somebody has changed these settings meanwhile. What you typed is still here: save again to replace theirs.")
	}
	if first == 0 {
		return nil
	}
	_, err = tx.NewRaw(`
		insert into billing.counter as c (firm_id, kind, last)
		select ?0, 'invoice', ?1
		where not exists (select from billing.invoice i where i.firm_id = ?0 and i.ordinal is not null)
		on conflict (firm_id, kind) do update set last = excluded.last`, v.FirmID(), first-1).Exec(ctx)
	return err
}

// lastNumber is the last one given of a kind.
func lastNumber(ctx context.Context, tx bun.IDB, v auth.Viewer, kind string) (n int64, err error) {
	err = tx.NewRaw("select c.last from billing.counter c where c.firm_id = ? and c.kind = ?", v.FirmID(), kind).Scan(ctx, &n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// released reports whether any invoice has a number of our own.
func released(ctx context.Context, tx bun.IDB, v auth.Viewer) (any bool, err error) {
	err = tx.NewRaw("select exists (select from billing.invoice i where i.firm_id = ? and i.ordinal is not null)", v.FirmID()).Scan(ctx, &any)
	return any, err
}

// takeNumbers gives the first of n numbers that nobody else gets. The row is held until the transaction ends: a
// transaction that fails takes none.
func takeNumbers(ctx context.Context, tx bun.IDB, v auth.Viewer, kind string, n int) (first int64, err error) {
	err = tx.NewRaw(`
		insert into billing.counter as c (firm_id, kind, last)
		values (?0, ?1, ?2)
		on conflict (firm_id, kind) do update set last = c.last + ?2
		returning c.last - ?2 + 1`, v.FirmID(), kind, n).Scan(ctx, &first)
	return first, err
}
