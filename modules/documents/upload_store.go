package documents

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/id"
)

// sending is an upload under way. Its pieces lie in the store below its id until they are joined.
type sending struct {
	ID, ClientID, PlaceID, DocumentID uuid.UUID
	PersonID, ContactID               uuid.UUID
	Name                              string
	Size                              int64
	Mark, Remark                      string
	Shared, Tells                     bool
	Arrived                           int64
	Pieces                            int
	State                             string
	Problem                           string
	MadeID                            uuid.UUID
}

// sendings is where every read of uploads begins: a person's own, on the side where they were begun.
func sendings(tx bun.IDB, v auth.Viewer, into any) *bun.SelectQuery {
	q := tx.NewSelect().
		Model(into).
		ModelTableExpr("documents.upload AS u").
		Column("u.id", "u.client_id", "u.place_id", "u.document_id", "u.person_id", "u.contact_id", "u.name", "u.size", "u.mark", "u.remark",
			"u.shared", "u.tells", "u.arrived", "u.pieces", "u.state", "u.problem", "u.made_id").
		Where("u.firm_id = ?", v.FirmID())
	switch v.Side {
	case auth.Program:
		return q
	case auth.Office:
		return q.Where("u.person_id = ? AND u.contact_id IS NULL", v.PersonID)
	case auth.Portal:
		return q.Where("u.person_id = ? AND u.contact_id = ?", v.PersonID, v.ContactID)
	}
	return q.Where("false")
}

func sendingByID(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID, hold bool) (sending, error) {
	var u sending
	q := sendings(tx, v, &u).Where("u.id = ?", id)
	if hold {
		q = q.For("UPDATE OF u")
	}
	return u, db.Found(q.Scan(ctx))
}

// sameSending is the upload of the same file that broke off: nothing of it is sent twice.
func sameSending(ctx context.Context, tx bun.IDB, v auth.Viewer, p place, u sending) (sending, error) {
	var same sending
	err := sendings(tx, v, &same).
		Where("u.place_id = ?", p.ID).
		Where("u.state = 'arriving'").
		Where("u.name = ? AND u.size = ? AND u.mark = ? AND u.document_id IS NOT DISTINCT FROM ?", u.Name, u.Size, u.Mark, db.NullID(u.DocumentID)).
		Order("u.id DESC").
		Limit(1).
		Scan(ctx)
	return same, db.Found(err)
}

// underWay is how many bytes are promised room, and by how many uploads of this person.
func underWay(ctx context.Context, tx bun.IDB, v auth.Viewer) (bytes int64, own int, err error) {
	err = tx.NewRaw(`
		select coalesce(sum(u.size), 0), count(*) filter (where u.person_id = ?)
		from documents.upload u
		where u.firm_id = ? and u.state in ('arriving', 'joining')`, v.PersonID, v.FirmID()).Scan(ctx, &bytes, &own)
	return bytes, own, err
}

func addSending(ctx context.Context, tx bun.IDB, v auth.Viewer, p place, u *sending) error {
	u.ID, u.ClientID, u.PlaceID, u.State = id.New(), p.ClientID, p.ID, "arriving"
	_, err := tx.NewRaw(`
		insert into documents.upload (firm_id, id, client_id, place_id, document_id, person_id, contact_id, name, size, mark, remark, shared, tells)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.FirmID(), u.ID, u.ClientID, u.PlaceID, db.NullID(u.DocumentID), v.PersonID, db.NullID(v.ContactID), u.Name, u.Size, u.Mark, u.Remark, u.Shared, u.Tells).Exec(ctx)
	return err
}

// choose brings what was wished beside the file up to date when an upload goes on.
func choose(ctx context.Context, tx bun.IDB, v auth.Viewer, same, wished sending) error {
	return db.One(tx.NewRaw(`
		update documents.upload set remark = ?, shared = ?, tells = ?, updated_at = now()
		where firm_id = ? and id = ?`, wished.Remark, wished.Shared, wished.Tells, v.FirmID(), same.ID).Exec(ctx))
}

func tookPiece(ctx context.Context, tx bun.IDB, v auth.Viewer, u sending) error {
	return db.One(tx.NewRaw(`
		update documents.upload set arrived = ?, pieces = ?, state = ?, updated_at = now()
		where firm_id = ? and id = ?`, u.Arrived, u.Pieces, u.State, v.FirmID(), u.ID).Exec(ctx))
}

func endSending(ctx context.Context, tx bun.IDB, v auth.Viewer, u sending) error {
	return db.One(tx.NewRaw(`
		update documents.upload set state = ?, problem = ?, made_id = ?, updated_at = now()
		where firm_id = ? and id = ?`, u.State, u.Problem, db.NullID(u.MadeID), v.FirmID(), u.ID).Exec(ctx))
}

// dropSendings removes uploads that nobody has gone on with, and answers whose pieces are to go.
func dropSendings(ctx context.Context, tx bun.IDB, v auth.Viewer, before time.Time) (dropped []uuid.UUID, err error) {
	err = tx.NewRaw(`
		delete from documents.upload
		where firm_id = ? and updated_at < ?
		returning id`, v.FirmID(), before).Scan(ctx, &dropped)
	return dropped, err
}

func dropSending(ctx context.Context, tx bun.IDB, v auth.Viewer, u sending) error {
	_, err := tx.NewRaw(`delete from documents.upload where firm_id = ? and id = ?`, v.FirmID(), u.ID).Exec(ctx)
	return err
}
