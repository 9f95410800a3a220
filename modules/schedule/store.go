package schedule

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/fault"
)

// plans is where every read of schedules begins: staff read all, clients those that are online and viewable.
func plans(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("schedule.plan AS p").
		ColumnExpr(`p.project_id, p.client_id, p.online, p.viewable, p.revision, p.start_on, p.end_on, p.items, p.done, p.changed_at,
			p.published_at, p.baseline_at, pr.name AS project_name, pr.key AS project_key, pr.status, pr.shared, cl.name AS client_name,
			cl.archived_at IS NOT NULL AS archived`).
		Join("JOIN project AS pr ON pr.firm_id = p.firm_id AND pr.id = p.project_id").
		Join("JOIN client AS cl ON cl.firm_id = p.firm_id AND cl.id = p.client_id").
		Where("p.firm_id = ?", v.FirmID())
	switch v.Side {
	case auth.Office, auth.Program:
		return q
	case auth.Portal:
		return q.
			Where("p.online AND p.viewable AND p.published_at IS NOT NULL").
			Where("p.client_id = ?", v.ClientID).
			Where("p.project_id = any(?::uuid[])", pgdialect.Array(v.ProjectIDs(section)))
	}
	return q.Where("false")
}

func planOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (Plan, error) {
	var p Plan
	err := plans(tx, v).Where("p.project_id = ?", project).Scan(ctx, &p)
	return p, db.Found(err)
}

// hold makes the changes of one schedule wait for each other.
func hold(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) error {
	var there bool
	err := tx.NewRaw("select true from schedule.plan p where p.firm_id = ? and p.project_id = ? for no key update", v.FirmID(), project).Scan(ctx, &there)
	return db.Found(err)
}

// items is where every read of what staff plan begins. Clients read schedule.shown: see seen.
func items(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("schedule.item AS i").
		ColumnExpr(`i.id, i.project_id, i.phase_id, i.kind, i.position, i.title, i.client_title, i.client_text, i.internal_notes, i.vendor,
			i.assignee_id, pe.name AS assignee, i.start_on, i.end_on, i.workdays, i.not_before, i.progress, i.color, i.client_visible,
			i.base_start, i.base_end, i.deleted_at, i.version`).
		Join("LEFT JOIN person AS pe ON pe.firm_id = i.firm_id AND pe.id = i.assignee_id").
		Where("i.firm_id = ?", v.FirmID())
	if v.Side == auth.Office || v.Side == auth.Program {
		return q
	}
	return q.Where("false")
}

// mostItems is more than a schedule may have.
const mostItems = 5000

func itemsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) ([]Item, error) {
	var list []Item
	err := items(tx, v).
		Where("i.project_id = ?", project).
		Where("i.deleted_at IS NULL").
		Order("i.position", "i.id").
		Limit(mostItems+1).
		Scan(ctx, &list)
	return arrange(list), err
}

func itemOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project, item uuid.UUID) (Item, error) {
	var i Item
	err := items(tx, v).Where("i.project_id = ?", project).Where("i.id = ?", item).Scan(ctx, &i)
	return i, db.Found(err)
}

// itemByID is an item of whichever schedule, unless it was deleted.
func itemByID(ctx context.Context, tx bun.IDB, v auth.Viewer, item uuid.UUID) (Item, error) {
	var i Item
	err := items(tx, v).Where("i.id = ?", item).Where("i.deleted_at IS NULL").Scan(ctx, &i)
	return i, db.Found(err)
}

type linkRow struct {
	FromID, ToID uuid.UUID
	Relation     Relation
	Lag          int
}

// linksOf are the dependencies between what is not deleted.
func linksOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) ([]Link, error) {
	var rows []linkRow
	err := tx.NewRaw(`
		select l.from_id, l.to_id, l.relation, l.lag
		from schedule.link l
		join schedule.item a on a.firm_id = l.firm_id and a.id = l.from_id and a.deleted_at is null
		join schedule.item b on b.firm_id = l.firm_id and b.id = l.to_id and b.deleted_at is null
		where l.firm_id = ? and l.project_id = ?
		order by l.from_id, l.to_id`, v.FirmID(), project).Scan(ctx, &rows)
	links := make([]Link, len(rows))
	for n, row := range rows {
		links[n] = Link{row.FromID, row.ToID, row.Relation, row.Lag}
	}
	return links, err
}

// boardOf is a schedule as staff see it.
func boardOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (b board, err error) {
	if b.Plan, err = planOf(ctx, tx, v, project); err != nil {
		return b, err
	}
	if b.Items, err = itemsOf(ctx, tx, v, project); err != nil {
		return b, err
	}
	if b.Links, err = linksOf(ctx, tx, v, project); err != nil {
		return b, err
	}
	b.Calendar, b.DaysOff, err = calendarOf(ctx, tx, v, project)
	return b, err
}

// addPlan begins a project's schedule; there is one at most.
func addPlan(ctx context.Context, tx bun.IDB, v auth.Viewer, project, client uuid.UUID) error {
	done, err := tx.NewRaw(`
		insert into schedule.plan (firm_id, project_id, client_id, created_by) values (?, ?, ?, ?)
		on conflict do nothing`, v.FirmID(), project, client, db.NullID(v.PersonID)).Exec(ctx)
	if err == nil {
		err = db.One(done, nil)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Conflict("This project has a schedule already.")
	}
	return err
}

// touch notes that a schedule was changed, and what it comes to.
func touch(ctx context.Context, tx bun.IDB, v auth.Viewer, b board) error {
	at, done := b.whole()
	return db.One(tx.NewRaw(`
		update schedule.plan
		set revision = revision + 1, changed_at = clock_timestamp(), start_on = ?, end_on = ?, items = ?, done = ?
		where firm_id = ? and project_id = ?`, at.Start, at.End, len(b.Items), done, v.FirmID(), b.Plan.ProjectID).Exec(ctx))
}

// setSharing says whether clients may see a schedule at all.
func setSharing(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, online, viewable bool) error {
	return db.One(tx.NewRaw(`
		update schedule.plan set online = ?, viewable = ?, revision = revision + 1 where firm_id = ? and project_id = ?`,
		online, viewable, v.FirmID(), project).Exec(ctx))
}

// insertItem writes a new item at the end.
func insertItem(ctx context.Context, tx bun.IDB, v auth.Viewer, i Item) error {
	_, err := tx.NewRaw(`
		insert into schedule.item (firm_id, id, project_id, phase_id, kind, position, title, client_title, client_text, internal_notes, vendor,
			assignee_id, start_on, end_on, workdays, not_before, progress, color, client_visible)
		select ?, ?, ?, ?, ?, coalesce(max(o.position), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
		from schedule.item o
		where o.firm_id = ? and o.project_id = ?`,
		v.FirmID(), i.ID, i.ProjectID, db.NullID(i.PhaseID), i.Kind, i.Title, i.ClientTitle, i.ClientText, i.InternalNotes, i.Vendor,
		db.NullID(i.AssigneeID), i.StartOn, i.EndOn, i.Workdays, i.NotBefore, i.Progress, i.Color, i.ClientVisible,
		v.FirmID(), i.ProjectID).Exec(ctx)
	if err != nil {
		return err
	}
	return index(ctx, tx, v, i)
}

// saveItem writes all of an item.
func saveItem(ctx context.Context, tx bun.IDB, v auth.Viewer, i Item) error {
	err := db.One(tx.NewRaw(`
		update schedule.item
		set phase_id = ?, kind = ?, title = ?, client_title = ?, client_text = ?, internal_notes = ?, vendor = ?, assignee_id = ?, progress = ?,
			color = ?, client_visible = ?, start_on = ?, end_on = ?, not_before = ?, workdays = ?, version = version + 1, updated_at = now()
		where firm_id = ? and project_id = ? and id = ? and version = ? and deleted_at is null`,
		db.NullID(i.PhaseID), i.Kind, i.Title, i.ClientTitle, i.ClientText, i.InternalNotes, i.Vendor, db.NullID(i.AssigneeID), i.Progress,
		i.Color, i.ClientVisible, i.StartOn, i.EndOn, i.NotBefore, i.Workdays, v.FirmID(), i.ProjectID, i.ID, i.Version).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errMeanwhile
	}
	if err != nil {
		return err
	}
	return index(ctx, tx, v, i)
}

// saveDays writes when items are.
func saveDays(ctx context.Context, tx bun.IDB, v auth.Viewer, list []Item) error {
	if len(list) == 0 {
		return nil
	}
	ids, starts, ends, pins := make([]uuid.UUID, len(list)), make([]string, len(list)), make([]string, len(list)), make([]string, len(list))
	workdays, progress := make([]int, len(list)), make([]int, len(list))
	for n, i := range list {
		ids[n], starts[n], ends[n], pins[n], workdays[n], progress[n] = i.ID, i.StartOn.String(), i.EndOn.String(), i.NotBefore.String(), i.Workdays, i.Progress
	}
	_, err := tx.NewRaw(`
		update schedule.item i
		set start_on = n.start_on::date, end_on = n.end_on::date, not_before = nullif(n.pin, '')::date, workdays = n.workdays, progress = n.progress,
			version = i.version + 1, updated_at = now()
		from unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::int[], ?::int[]) as n (id, start_on, end_on, pin, workdays, progress)
		where i.firm_id = ? and i.id = n.id`,
		pgdialect.Array(ids), pgdialect.Array(starts), pgdialect.Array(ends), pgdialect.Array(pins), pgdialect.Array(workdays), pgdialect.Array(progress),
		v.FirmID()).Exec(ctx)
	return err
}

// setDeleted puts an item and, of a phase, its items away until the next publication, or brings them back.
func setDeleted(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, ids []uuid.UUID, away bool) error {
	_, err := tx.NewRaw(`
		update schedule.item set deleted_at = case when ? then now() end, version = version + 1
		where firm_id = ? and project_id = ? and id = any(?::uuid[])`, away, v.FirmID(), project, pgdialect.Array(ids)).Exec(ctx)
	return err
}

// forget removes items for good.
func forget(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, ids []uuid.UUID) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.NewRaw(`
		with loose as (
			update schedule.item set phase_id = null where firm_id = ?0 and project_id = ?1 and phase_id = any(?2::uuid[]) and not id = any(?2::uuid[]))
		delete from schedule.item where firm_id = ?0 and project_id = ?1 and id = any(?2::uuid[])`, v.FirmID(), project, pgdialect.Array(ids)).Exec(ctx)
	return err
}

// setPlaces writes the order of items.
func setPlaces(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, inOrder []uuid.UUID) error {
	_, err := tx.NewRaw(`
		update schedule.item i set position = n.position
		from unnest(?::uuid[]) with ordinality as n (id, position)
		where i.firm_id = ? and i.project_id = ? and i.id = n.id and i.position <> n.position`,
		pgdialect.Array(inOrder), v.FirmID(), project).Exec(ctx)
	return err
}

// putLinks makes these the dependencies of an item.
func putLinks(ctx context.Context, tx bun.IDB, v auth.Viewer, project, item uuid.UUID, links []Link) error {
	if _, err := tx.NewRaw("delete from schedule.link where firm_id = ? and project_id = ? and to_id = ?", v.FirmID(), project, item).Exec(ctx); err != nil {
		return err
	}
	return insertLinks(ctx, tx, v, project, links)
}

func insertLinks(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, links []Link) error {
	if len(links) == 0 {
		return nil
	}
	from, to, relations, lags := make([]uuid.UUID, len(links)), make([]uuid.UUID, len(links)), make([]string, len(links)), make([]int, len(links))
	for n, l := range links {
		from[n], to[n], relations[n], lags[n] = l.From, l.To, string(l.Relation), l.Lag
	}
	_, err := tx.NewRaw(`
		insert into schedule.link (firm_id, project_id, from_id, to_id, relation, lag)
		select ?, ?, n.* from unnest(?::uuid[], ?::uuid[], ?::text[], ?::int[]) as n
		on conflict (firm_id, project_id, from_id, to_id) do update set relation = excluded.relation, lag = excluded.lag`,
		v.FirmID(), project, pgdialect.Array(from), pgdialect.Array(to), pgdialect.Array(relations), pgdialect.Array(lags)).Exec(ctx)
	return err
}

// noteShifts keeps what moved, and why.
func noteShifts(ctx context.Context, tx bun.IDB, v auth.Viewer, project, cause uuid.UUID, reason string, moved []Moved) error {
	if len(moved) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, len(moved))
	days := make([][4]string, len(moved))
	for n, m := range moved {
		ids[n] = m.ID
		days[n] = [4]string{m.Was.Start.String(), m.Was.End.String(), m.Now.Start.String(), m.Now.End.String()}
	}
	column := func(at int) any {
		texts := make([]string, len(days))
		for n, d := range days {
			texts[n] = d[at]
		}
		return pgdialect.Array(texts)
	}
	_, err := tx.NewRaw(`
		insert into schedule.shift (firm_id, id, project_id, item_id, cause_id, old_start, old_end, new_start, new_end, reason, by_id)
		select ?, gen_random_uuid(), ?, n.id, nullif(?::uuid, n.id), n.a::date, n.b::date, n.c::date, n.d::date, ?, ?
		from unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[]) as n (id, a, b, c, d)`,
		v.FirmID(), project, db.NullID(cause), reason, db.NullID(v.PersonID), pgdialect.Array(ids), column(0), column(1), column(2), column(3)).Exec(ctx)
	return err
}

// setBaseline keeps how everything is planned now, or forgets it.
func setBaseline(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, on bool) error {
	_, err := tx.NewRaw(`
		update schedule.item set base_start = case when ?0 then start_on end, base_end = case when ?0 then end_on end
		where firm_id = ?1 and project_id = ?2`, on, v.FirmID(), project).Exec(ctx)
	if err != nil {
		return err
	}
	return db.One(tx.NewRaw(`
		update schedule.plan set baseline_at = case when ?0 then now() end, revision = revision + 1
		where firm_id = ?1 and project_id = ?2`, on, v.FirmID(), project).Exec(ctx))
}

// later is the later of two days.
func later(a, b day.Day) day.Day {
	if b.After(a) {
		return b
	}
	return a
}

// deletedWith are an item and, of a phase, those that were deleted with it; its phase comes back with it, too.
func deletedWith(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, i Item) (ids []uuid.UUID, err error) {
	err = tx.NewRaw(`
		select o.id from schedule.item o
		where o.firm_id = ?0 and o.project_id = ?1 and o.deleted_at is not null and (o.id in (?2, ?3) or o.phase_id = ?2 and o.deleted_at = ?4)`,
		v.FirmID(), project, i.ID, db.NullID(i.PhaseID), i.DeletedAt).Scan(ctx, &ids)
	return ids, err
}
