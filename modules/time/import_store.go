package time

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/module"
)

// worksNamed are the projects of these names or short names, in small letters.
func worksNamed(ctx context.Context, tx bun.IDB, v auth.Viewer, wanted []string) ([]work, error) {
	var list []work
	err := works(tx, v).
		Where("(lower(pr.name) = any(?0::text[]) OR pr.key = any(?0::text[]))", pgdialect.Array(wanted)).
		Scan(ctx, &list)
	return list, err
}

func colleaguesWithMail(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]mailed, error) {
	var list []mailed
	err := tx.NewRaw(`
		select p.id, p.name, p.email
		from staff s
		join person p on p.firm_id = s.firm_id and p.id = s.person_id
		where s.firm_id = ?
		order by s.disabled_at is not null, p.id`, v.FirmID()).Scan(ctx, &list)
	return list, err
}

// entriesLike says of each of these entries how many are there already that say the same.
func entriesLike(ctx context.Context, tx bun.IDB, v auth.Viewer, all []Entry) (map[int]sameAs, error) {
	there := map[int]sameAs{}
	if len(all) == 0 {
		return there, nil
	}
	var people, projects []uuid.UUID
	var minutes []int
	var tasks, notes []string
	for _, e := range all {
		people, projects, minutes = append(people, e.PersonID), append(projects, e.ProjectID), append(minutes, e.Minutes)
		tasks, notes = append(tasks, e.Task), append(notes, e.ClientNote)
	}
	var rows []sameAs
	err := tx.NewRaw(`
		select w.n - 1 as n, found.count, found.id
		from unnest(?::uuid[], ?::uuid[], ?::text[], ?::integer[], ?::text[], ?::text[]) with ordinality as w (person, project, day, minutes, task, note, n)
		join lateral (
			select count(*) as count, (array_agg(e.id order by e.id))[1] as id
			from time.entry e
			where e.firm_id = ? and e.person_id = w.person and e.work_date = w.day::date and e.project_id = w.project
				and e.minutes = w.minutes and e.task = w.task and e.client_note = w.note) found on found.count > 0`,
		pgdialect.Array(people), pgdialect.Array(projects), pgdialect.Array(onDays(all)), pgdialect.Array(minutes), pgdialect.Array(tasks), pgdialect.Array(notes),
		v.FirmID()).Scan(ctx, &rows)
	for _, row := range rows {
		there[row.N] = row
	}
	return there, err
}

// putEntries adds imported entries.
func putEntries(ctx context.Context, tx bun.IDB, v auth.Viewer, list []Entry) error {
	var ids, clients, projects, people []uuid.UUID
	var minutes []int
	var billable []bool
	var tasks, notes, internal, states, currencies []string
	for _, e := range list {
		ids, clients, projects, people = append(ids, e.ID), append(clients, e.ClientID), append(projects, e.ProjectID), append(people, e.PersonID)
		minutes, billable = append(minutes, e.Minutes), append(billable, e.Billable)
		tasks, notes, internal = append(tasks, e.Task), append(notes, e.ClientNote), append(internal, e.InternalNotes)
		states, currencies = append(states, string(e.State)), append(currencies, e.Currency)
	}
	_, err := tx.NewRaw(`
		insert into time.entry (firm_id, id, client_id, project_id, person_id, work_date, minutes, task, client_note, internal_notes, billable, state, currency,
			approved_at, approved_by, finalised_at, imported)
		select ?, w.id, w.client, w.project, w.person, w.day::date, w.minutes, w.task, w.note, w.internal, w.billable, w.state, w.currency,
			case when w.state <> 'draft' then now() end, case when w.state <> 'draft' then ?::uuid end, case when w.state = 'finalised' then now() end, true
		from unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::integer[], ?::text[], ?::text[], ?::text[], ?::boolean[], ?::text[], ?::text[])
			as w (id, client, project, person, day, minutes, task, note, internal, billable, state, currency)`,
		v.FirmID(), db.NullID(v.PersonID), pgdialect.Array(ids), pgdialect.Array(clients), pgdialect.Array(projects), pgdialect.Array(people), pgdialect.Array(onDays(list)),
		pgdialect.Array(minutes), pgdialect.Array(tasks), pgdialect.Array(notes), pgdialect.Array(internal), pgdialect.Array(billable), pgdialect.Array(states),
		pgdialect.Array(currencies)).Exec(ctx)
	return err
}

// dropImported removes imported entries that are as they came, and answers which.
func dropImported(ctx context.Context, tx bun.IDB, v auth.Viewer, traces []module.Trace) (gone []uuid.UUID, err error) {
	var ids []uuid.UUID
	var versions []int
	for _, t := range traces {
		ids, versions = append(ids, t.ID), append(versions, t.Version)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	err = tx.NewRaw(`
		delete from time.entry e
		using unnest(?::uuid[], ?::integer[]) as t (id, version)
		where e.firm_id = ? and e.id = t.id and e.version = t.version and e.imported and e.handed_at is null and e.invoice_id is null
		returning e.id`, pgdialect.Array(ids), pgdialect.Array(versions), v.FirmID()).Scan(ctx, &gone)
	return gone, err
}
