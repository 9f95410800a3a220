package messages

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

// canned is where every read of the ready answers begins: they are for staff.
func canned(tx bun.IDB, v auth.Viewer, into any) *bun.SelectQuery {
	q := tx.NewSelect().
		Model(into).
		ModelTableExpr("messages.canned AS a").
		Column("a.id", "a.title", "a.body").
		Where("a.firm_id = ?", v.FirmID())
	if v.Side != auth.Office {
		q = q.Where("false")
	}
	return q
}

func cannedAnswers(ctx context.Context, tx bun.IDB, v auth.Viewer) (list []Canned, err error) {
	err = canned(tx, v, &list).OrderExpr("lower(a.title), a.id").Limit(200).Scan(ctx)
	return list, err
}

func cannedByID(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (a Canned, err error) {
	err = canned(tx, v, &a).Where("a.id = ?", id).Scan(ctx)
	return a, db.Found(err)
}

func titleTaken(ctx context.Context, tx bun.IDB, v auth.Viewer, a Canned) (taken bool, err error) {
	err = tx.NewRaw("select exists (select from messages.canned c where c.firm_id = ? and lower(c.title) = lower(?) and c.id <> ?)",
		v.FirmID(), a.Title, a.ID).Scan(ctx, &taken)
	return taken, err
}

func putAnswer(ctx context.Context, tx bun.IDB, v auth.Viewer, a Canned) error {
	_, err := tx.NewRaw(`
		insert into messages.canned (firm_id, id, title, body, created_by) values (?, ?, ?, ?, ?)
		on conflict (firm_id, id) do update set title = excluded.title, body = excluded.body, updated_at = now()`,
		v.FirmID(), a.ID, a.Title, a.Body, v.PersonID).Exec(ctx)
	return err
}

func deleteAnswer(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) error {
	return db.Found(db.One(tx.NewRaw("delete from messages.canned where firm_id = ? and id = ?", v.FirmID(), id).Exec(ctx)))
}
