package schedule

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

// mostTemplates is more than anybody keeps.
const mostTemplates = 500

func listTemplates(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]Template, error) {
	var list []Template
	err := tx.NewRaw(`
		select t.id, t.name, t.items, t.workdays, t.created_at from schedule.template t
		where t.firm_id = ?
		order by lower(t.name), t.id
		limit ?`, v.FirmID(), mostTemplates).Scan(ctx, &list)
	return list, err
}

func templateByID(ctx context.Context, tx bun.IDB, v auth.Viewer, one uuid.UUID) (Template, error) {
	var t Template
	err := tx.NewRaw(`
		select t.id, t.name, t.body, t.items, t.workdays, t.created_at from schedule.template t
		where t.firm_id = ? and t.id = ?`, v.FirmID(), one).Scan(ctx, &t)
	return t, db.Found(err)
}

func addTemplate(ctx context.Context, tx bun.IDB, v auth.Viewer, t Template) error {
	body, err := json.Marshal(t.Body)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		insert into schedule.template (firm_id, id, name, body, items, workdays, created_by) values (?, ?, ?, ?::jsonb, ?, ?, ?)`,
		v.FirmID(), t.ID, t.Name, string(body), t.Items, t.Workdays, db.NullID(v.PersonID)).Exec(ctx)
	return err
}

// deleteTemplate answers its name.
func deleteTemplate(ctx context.Context, tx bun.IDB, v auth.Viewer, one uuid.UUID) (name string, err error) {
	err = tx.NewRaw("delete from schedule.template where firm_id = ? and id = ? returning name", v.FirmID(), one).Scan(ctx, &name)
	return name, db.Found(err)
}
