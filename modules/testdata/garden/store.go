package garden

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/id"
)

type plant struct {
	ID        uuid.UUID
	Name      string
	Project   string
	WateredAt time.Time
}

// Watered reports whether the promise was kept.
func (p plant) Watered() bool { return !p.WateredAt.IsZero() }

// plants are those that the viewer may see: staff all of the firm's, a client those of the projects in view.
func plants(ctx context.Context, tx bun.IDB, v auth.Viewer) (list []plant, err error) {
	err = tx.NewRaw(`
		select p.id, p.name, pr.name as project, p.watered_at
		from garden.plant p
		join project pr on pr.firm_id = p.firm_id and pr.id = p.project_id
		where p.firm_id = ? and (? or p.project_id in (?))
		order by p.name, p.id
		limit 100`,
		v.FirmID(), v.Side != auth.Portal, inView(v)).Scan(ctx, &list)
	return list, err
}

// inView is never empty, for SQL knows no empty list.
func inView(v auth.Viewer) any { return bun.List(append(v.ProjectIDs("garden"), uuid.Nil)) }

func findPlant(ctx context.Context, tx bun.IDB, v auth.Viewer, plantID uuid.UUID) (p plant, err error) {
	err = tx.NewRaw(`
		select p.id, p.name, pr.name as project, p.watered_at
		from garden.plant p
		join project pr on pr.firm_id = p.firm_id and pr.id = p.project_id
		where p.firm_id = ? and p.id = ? and (? or p.project_id in (?))`,
		v.FirmID(), plantID, v.Side != auth.Portal, inView(v)).Scan(ctx, &p)
	return p, db.Found(err)
}

// sow puts a plant into a project of the firm; the database refuses one of another firm.
func sow(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, name string) (uuid.UUID, error) {
	plantID := id.New()
	err := db.One(tx.NewRaw(`
		insert into garden.plant (firm_id, id, project_id, name)
		select pr.firm_id, ?, pr.id, ?
		from project pr
		where pr.firm_id = ? and pr.id = ?`, plantID, name, v.FirmID(), project).Exec(ctx))
	return plantID, db.Found(err)
}

func water(ctx context.Context, tx bun.IDB, v auth.Viewer, plantID uuid.UUID, now time.Time) error {
	return db.Found(db.One(tx.NewRaw(`
		update garden.plant set watered_at = coalesce(watered_at, ?)
		where firm_id = ? and id = ?`, now, v.FirmID(), plantID).Exec(ctx)))
}

func uproot(ctx context.Context, tx bun.IDB, v auth.Viewer, plantID uuid.UUID) error {
	return db.Found(db.One(tx.NewRaw("delete from garden.plant where firm_id = ? and id = ?", v.FirmID(), plantID).Exec(ctx)))
}

type bed struct {
	ID   uuid.UUID
	Name string
}

func beds(ctx context.Context, tx bun.IDB, v auth.Viewer) (list []bed, err error) {
	err = tx.NewRaw("select id, name from project where firm_id = ? order by name, id limit 100", v.FirmID()).Scan(ctx, &list)
	return list, err
}
