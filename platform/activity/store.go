package activity

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
)

const insertedAtOnce = 500

// insert writes entries and, in the same statement, that they wait for their seals.
func insert(ctx context.Context, tx bun.IDB, entries []Entry) error {
	for part := range slices.Chunk(entries, insertedAtOnce) {
		_, err := tx.NewRaw(`
			with entry as (?)
			insert into activity_unsealed (firm_id, id) select firm_id, id from entry`,
			tx.NewInsert().Model(&part).Returning("firm_id, id")).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// entries is where every read begins: staff read their firm's, private ones only as admins, a client what is meant for clients, of the projects in view.
func entries(tx bun.IDB, v auth.Viewer, into any) *bun.SelectQuery {
	q := tx.NewSelect().Model(into).Where("activity.firm_id = ?", v.FirmID())
	switch v.Side {
	case auth.Office:
		if !v.Role.AtLeast(access.Admin) {
			q = q.Where("(NOT activity.private OR activity.actor_id = ?)", v.PersonID)
		}
		return q
	case auth.Program:
		return q
	case auth.Portal:
		q = q.Where("activity.client_id = ?", v.ClientID).Where("activity.for_client")
		if ids := v.ProjectIDs(""); len(ids) > 0 {
			return q.Where("activity.project_id IS NULL OR activity.project_id IN (?)", bun.List(ids))
		}
		return q.Where("activity.project_id IS NULL")
	}
	return q.Where("false")
}

// Latest gives the newest entries that the viewer may read, without the parts of bigger deeds. Of the sections named here,
// whose verbs begin with their ids, only what is of the projects named with them: where a section is off, nothing of it
// happens.
func Latest(ctx context.Context, tx bun.IDB, v auth.Viewer, within map[string][]uuid.UUID, limit int) ([]Entry, error) {
	var list []Entry
	q := entries(tx, v, &list).Where("NOT activity.part").Order("activity.at DESC", "activity.id DESC").Limit(int64(limit))
	for _, section := range slices.Sorted(maps.Keys(within)) {
		beginning := section + "."
		if projects := within[section]; len(projects) > 0 {
			q = q.Where("(NOT starts_with(activity.verb, ?) OR activity.project_id IN (?))", beginning, bun.List(projects))
		} else {
			q = q.Where("NOT starts_with(activity.verb, ?)", beginning)
		}
	}
	return list, q.Scan(ctx)
}

// Of gives the newest entries about one client, or one of its projects; before pages back (zero: from the newest).
func Of(ctx context.Context, tx bun.IDB, v auth.Viewer, client, project uuid.UUID, before time.Time, limit int) ([]Entry, error) {
	var list []Entry
	q := entries(tx, v, &list).Order("activity.at DESC", "activity.id DESC").Limit(int64(limit))
	if client != uuid.Nil {
		q = q.Where("activity.client_id = ?", client)
	}
	if project != uuid.Nil {
		q = q.Where("activity.project_id = ?", project)
	}
	if !before.IsZero() {
		q = q.Where("activity.at < ?", before)
	}
	return list, q.Scan(ctx)
}
