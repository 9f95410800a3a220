package selections

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/id"
	"portico/platform/search"
)

// Template is a project's selections, kept to begin another one with.
type Template struct {
	ID        uuid.UUID
	Title     string
	Size      int
	Currency  string // of its amounts
	CreatedAt time.Time
}

func templatesOf(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]Template, error) {
	var list []Template
	err := tx.NewRaw(`
		select t.id, t.title, t.size, t.created_at, coalesce(t.body->>'currency', t.currency) as currency from selections.template t
		where t.firm_id = ?
		order by lower(t.title), t.id
		limit 200`, v.FirmID()).Scan(ctx, &list)
	return list, err
}

// addTemplate keeps one; fresh is false when the same form kept it before.
func addTemplate(ctx context.Context, tx bun.IDB, v auth.Viewer, form templateForm, b blueprint) (fresh bool, err error) {
	body, err := json.Marshal(b)
	if err != nil {
		return false, err
	}
	key := form.Key
	if key == uuid.Nil {
		key = id.New()
	}
	return first(tx.NewRaw(`
		insert into selections.template (firm_id, id, title, body, size, currency) values (?, ?, ?, ?::jsonb, ?, ?)
		on conflict (firm_id, id) do nothing`, v.FirmID(), key, form.Title, string(body), len(b.Selections), b.Currency).Exec(ctx))
}

// addCopying notes that a form copies now; fresh is false when it has done so before.
func addCopying(ctx context.Context, tx bun.IDB, v auth.Viewer, p project, key uuid.UUID) (fresh bool, err error) {
	return first(tx.NewRaw(`
		insert into selections.copying (firm_id, id, client_id, project_id) values (?, ?, ?, ?)
		on conflict (firm_id, id) do nothing`, v.FirmID(), key, p.ClientID, p.ID).Exec(ctx))
}

// first reports whether a row was new.
func first(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

func templateByID(ctx context.Context, tx bun.IDB, v auth.Viewer, one uuid.UUID) (t Template, b blueprint, err error) {
	var row struct {
		Template
		Body string
	}
	err = tx.NewRaw(`
		select t.id, t.title, t.size, t.created_at, t.body::text as body, coalesce(t.body->>'currency', t.currency) as currency from selections.template t
		where t.firm_id = ? and t.id = ?`, v.FirmID(), one).Scan(ctx, &row)
	if err != nil {
		return t, b, db.Found(err)
	}
	err = json.Unmarshal([]byte(row.Body), &b)
	b.Currency = row.Currency
	return row.Template, b, err
}

func dropTemplate(ctx context.Context, tx bun.IDB, v auth.Viewer, one uuid.UUID) error {
	return db.Found(db.One(tx.NewRaw(`delete from selections.template where firm_id = ? and id = ?`, v.FirmID(), one).Exec(ctx)))
}

// source is a project that another one can begin with.
type source struct {
	ID               uuid.UUID
	Name, ClientName string
	Currency         string
	Size             int
}

const sourcesOffered = 30

// sourcesFor are other projects with selections: those found by words, else the newest ones.
func sourcesFor(ctx context.Context, tx bun.IDB, v auth.Viewer, p project, typed []string) ([]source, error) {
	some := tx.NewSelect().
		TableExpr("project AS p").
		ColumnExpr("p.id, p.client_id, p.name, p.currency, p.created_at").
		Where("p.firm_id = ?", v.FirmID()).
		Where("p.id <> ?", p.ID).
		Where("EXISTS (SELECT FROM selections.selection s WHERE s.firm_id = p.firm_id AND s.project_id = p.id)").
		OrderExpr("p.created_at DESC, p.id DESC").
		Limit(sourcesOffered)
	var list []source
	err := tx.NewSelect().
		TableExpr("(?) AS pr", search.Projects(some, v.FirmID(), typed)).
		ColumnExpr("pr.id, pr.name, pr.currency, cl.name AS client_name").
		ColumnExpr("(SELECT count(*) FROM selections.selection s WHERE s.firm_id = ? AND s.project_id = pr.id) AS size", v.FirmID()).
		Join("JOIN client cl ON cl.firm_id = ? AND cl.id = pr.client_id", v.FirmID()).
		OrderExpr("pr.created_at DESC, pr.id DESC").
		Scan(ctx, &list)
	return list, err
}
