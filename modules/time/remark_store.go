package time

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/id"
)

// Remark is a note on a project.
type Remark struct {
	ID, ClientID, ProjectID, PersonID uuid.UUID
	OnDay                             day.Day
	Text                              string
	ClientViewable                    bool
	Version                           int
	CreatedAt                         time.Time
	Person, Project                   string
}

// remarksIn is where every read of notes begins: staff read all, clients what is marked for them, where notes are on.
func remarksIn(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("time.remark AS n").
		ColumnExpr("n.id, n.client_id, n.project_id, n.person_id, n.on_day, n.text, n.client_viewable, n.version, n.created_at").
		ColumnExpr("p.name AS person, pr.name AS project").
		Join("JOIN person AS p ON p.firm_id = n.firm_id AND p.id = n.person_id").
		Join("JOIN project AS pr ON pr.firm_id = n.firm_id AND pr.id = n.project_id").
		Where("n.firm_id = ?", v.FirmID())
	switch {
	case v.Side == auth.Office, v.Side == auth.Program:
		return q
	case v.May(areas[remarks]):
		return q.
			Where("n.client_id = ?", v.ClientID).
			Where("n.client_viewable").
			Where("n.project_id = any(?::uuid[])", pgdialect.Array(v.ProjectIDs("time/"+remarks)))
	}
	return q.Where("false")
}

// mostRemarks is what a page shows of them: the newest.
const mostRemarks = 100

func listRemarks(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) ([]Remark, error) {
	q := remarksIn(tx, v).Order("n.on_day DESC", "n.id DESC").Limit(mostRemarks)
	if project != uuid.Nil {
		q = q.Where("n.project_id = ?", project)
	}
	var list []Remark
	err := q.Scan(ctx, &list)
	return list, err
}

func remarkByID(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (Remark, error) {
	var n Remark
	err := remarksIn(tx, v).Where("n.id = ?", id).Scan(ctx, &n)
	return n, db.Found(err)
}

func addRemark(ctx context.Context, tx bun.IDB, v auth.Viewer, n Remark) (uuid.UUID, error) {
	n.ID = id.New()
	err := db.One(tx.NewRaw(`
		insert into time.remark (firm_id, id, client_id, project_id, person_id, on_day, text, client_viewable)
		select pr.firm_id, ?, pr.client_id, pr.id, ?, ?, ?, ?
		from project pr
		where pr.firm_id = ? and pr.id = ?`, n.ID, v.PersonID, n.OnDay, n.Text, n.ClientViewable, v.FirmID(), n.ProjectID).Exec(ctx))
	return n.ID, db.Found(err)
}

func saveRemark(ctx context.Context, tx bun.IDB, v auth.Viewer, n Remark) error {
	err := db.One(tx.NewRaw(`
		update time.remark set on_day = ?, text = ?, client_viewable = ?, version = version + 1, updated_at = now()
		where firm_id = ? and id = ? and version = ?`, n.OnDay, n.Text, n.ClientViewable, v.FirmID(), n.ID, n.Version).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errMoved
	}
	return err
}

func dropRemark(ctx context.Context, tx bun.IDB, v auth.Viewer, n Remark) error {
	return db.Found(db.One(tx.NewRaw("delete from time.remark where firm_id = ? and id = ?", v.FirmID(), n.ID).Exec(ctx)))
}
