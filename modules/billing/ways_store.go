package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// setWays writes how an invoice may be paid.
func setWays(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID, f waysForm) error {
	_, err := tx.NewRaw(`
		update billing.invoice set pay_card = ?, pay_bank = ?, allow_over = ?, min_payment = nullif(?, 0)
		where firm_id = ? and id = ?`, f.Card, f.Bank, f.Over, f.least, v.FirmID(), invoice).Exec(ctx)
	return err
}

// putWays writes it for a new invoice: as asked for, or as the firm's settings say.
func putWays(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID, f waysForm) error {
	if f.Told {
		return setWays(ctx, tx, v, invoice, f)
	}
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return err
	}
	return setWays(ctx, tx, v, invoice, usualWays(s))
}
