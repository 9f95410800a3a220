package selections

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

func settingOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (Setting, error) {
	s := usual
	err := tx.NewRaw(`
		select s.at_once, s.credits, s.remind_days, s.tax_rate, s.version
		from selections.setting s
		where s.firm_id = ?`, v.FirmID()).Scan(ctx, &s)
	if errors.Is(err, sql.ErrNoRows) {
		return usual, nil
	}
	return s, err
}

func saveSetting(ctx context.Context, tx bun.IDB, v auth.Viewer, s Setting) error {
	return moved(db.One(tx.NewRaw(`
		insert into selections.setting as s (firm_id, at_once, credits, remind_days, tax_rate) values (?, ?, ?, ?, ?)
		on conflict (firm_id) do update set at_once = excluded.at_once, credits = excluded.credits, remind_days = excluded.remind_days,
			tax_rate = excluded.tax_rate, version = s.version + 1
		where s.version = ?`, v.FirmID(), s.AtOnce, s.Credits, s.RemindDays, s.TaxRate, s.Version).Exec(ctx)))
}
