package alarm

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

func said(ctx context.Context, tx bun.IDB, firm uuid.UUID, section string) (Line, error) {
	var l Line
	err := tx.NewRaw("select al.text, al.path, al.action from alarm al where al.firm_id = ? and al.section = ?", firm, section).Scan(ctx, &l)
	if errors.Is(err, sql.ErrNoRows) {
		return Line{}, nil
	}
	return l, err
}

func raise(ctx context.Context, tx bun.IDB, firm uuid.UUID, section string, l Line) error {
	_, err := tx.NewRaw(`
		insert into alarm (firm_id, section, text, path, action) values (?, ?, ?, ?, ?)
		on conflict (firm_id, section) do update set text = excluded.text, path = excluded.path, action = excluded.action`,
		firm, section, l.Text, l.Path, l.Action).Exec(ctx)
	return err
}

func drop(ctx context.Context, tx bun.IDB, firm uuid.UUID, section string) error {
	_, err := tx.NewRaw("delete from alarm where firm_id = ? and section = ?", firm, section).Exec(ctx)
	return err
}
