package people

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/search"
)

// Named is a client that is there, with all of its addresses.
type Named struct {
	ID     uuid.UUID
	Name   string
	Emails []string `bun:",array"`
}

// ClientsNamed finds the clients of each name. The names are folded as the column sort_name is, in a step of its own:
// row-level security lets no index be asked with lower().
func ClientsNamed(ctx context.Context, tx bun.Tx, v auth.Viewer, wanted []string) (there map[int][]Named, err error) {
	var rows []struct {
		Named
		N int
	}
	err = tx.NewRaw(`
		with wanted as materialized (
			select w.n, lower(translate(w.name,
				'ÀÁÂÃÄÅàáâãäåĀāĂăĄąÇçĆćČčĎďĐđÈÉÊËèéêëĒēĖėĘęĚěĞğÌÍÎÏìíîïĪīİıŁłÑñŃńŇňÒÓÔÕÖØòóôõöøŌōŐőŘřŚśŞşŠšŢţŤťÙÚÛÜùúûüŪūŮůŰűŲųÝýÿŹźŻżŽž',
				'AAAAAAaaaaaaAaAaAaCcCcCcDdDdEEEEeeeeEeEeEeEeGgIIIIiiiiIiIiLlNnNnNnOOOOOOooooooOoOoRrSsSsSsTtTtUUUUuuuuUuUuUuUuYyyZzZzZz'
			)) collate "C" as sort_name
			from unnest(?::text[]) with ordinality as w (name, n)
		)
		select w.n - 1 as n, c.id, c.name, array(
			select c.email where c.email <> ''
			union select ct.email from contact ct where ct.firm_id = ? and ct.client_id = c.id and ct.email <> '' and ct.archived_at is null
		) as emails
		from wanted w
		join client c on c.firm_id = ? and c.sort_name = w.sort_name
		where c.archived_at is null
		order by w.n, c.created_at, c.id`, pgdialect.Array(wanted), v.FirmID(), v.FirmID()).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("clients by name: %w", err)
	}
	there = map[int][]Named{}
	for _, row := range rows {
		there[row.N] = append(there[row.N], row.Named)
	}
	return there, nil
}

// Newcomer is a client that comes with something else that is its own: its name is all that is known.
type Newcomer struct {
	ID          uuid.UUID
	Name, Email string
}

// NewWork is a project for what comes from another program.
type NewWork struct {
	ID, ClientID   uuid.UUID
	Name, Currency string
	Status         string
}

// AddFrom adds clients and projects that an import of something else needs. Nobody sees the projects until staff share
// them.
func AddFrom(ctx context.Context, tx bun.IDB, v auth.Viewer, clients []Newcomer, works []NewWork) error {
	if len(clients)+len(works) == 0 {
		return nil
	}
	var entries []activity.Entry
	touched, of := []uuid.UUID{}, map[uuid.UUID]bool{}
	var names, emails []string
	var ids []uuid.UUID
	for _, c := range clients {
		ids, names, emails = append(ids, c.ID), append(names, c.Name), append(emails, strings.ToLower(c.Email))
		entries = append(entries, activity.Entry{
			Verb: "client.created", Text: "added the client " + c.Name + " by an import", ClientID: c.ID, SubjectID: c.ID,
			Data: map[string]any{"after": map[string]any{"name": c.Name, "email": c.Email}},
		})
		touched, of[c.ID] = append(touched, c.ID), true
	}
	_, err := tx.NewRaw(`
		insert into client (firm_id, id, name, email)
		select ?, c.id, c.name, c.email from unnest(?::uuid[], ?::text[], ?::text[]) as c (id, name, email)`,
		v.FirmID(), pgdialect.Array(ids), pgdialect.Array(names), pgdialect.Array(emails)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("add clients: %w", err)
	}
	if err := addWorks(ctx, tx, v, works); err != nil {
		return err
	}
	for _, w := range works {
		entries = append(entries, activity.Entry{
			Verb: "project.created", Text: "added the project " + w.Name + " by an import", ClientID: w.ClientID, ProjectID: w.ID, SubjectID: w.ID,
			Data: map[string]any{"after": map[string]any{"name": w.Name, "currency": w.Currency, "status": w.Status}},
		})
		if !of[w.ClientID] {
			touched, of[w.ClientID] = append(touched, w.ClientID), true
		}
	}
	if err := search.Index(ctx, tx, v.FirmID(), touched...); err != nil {
		return err
	}
	return activity.RecordEach(ctx, tx, v, entries)
}

func addWorks(ctx context.Context, tx bun.IDB, v auth.Viewer, works []NewWork) error {
	var ids, clients []uuid.UUID
	var keys, names, currencies, statuses []string
	for _, w := range works {
		ids, clients = append(ids, w.ID), append(clients, w.ClientID)
		keys = append(keys, "earlier-"+strings.ReplaceAll(w.ID.String(), "-", "")[20:]) // nobody types it
		names, currencies, statuses = append(names, w.Name), append(currencies, w.Currency), append(statuses, w.Status)
	}
	_, err := tx.NewRaw(`
		insert into project (firm_id, id, client_id, key, name, currency, status)
		select ?, w.id, w.client, w.key, w.name, w.currency, w.status
		from unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[]) as w (id, client, key, name, currency, status)`,
		v.FirmID(), pgdialect.Array(ids), pgdialect.Array(clients), pgdialect.Array(keys), pgdialect.Array(names), pgdialect.Array(currencies),
		pgdialect.Array(statuses)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("add projects: %w", err)
	}
	return nil
}

// PutAway archives clients and projects that AddFrom added and nobody has changed or used since: what stood in the books
// of one cannot be removed. It answers which are put away.
func PutAway(ctx context.Context, tx bun.IDB, v auth.Viewer, clients, works []uuid.UUID) (gone []uuid.UUID, err error) {
	err = tx.NewRaw(`
		with work as (
			update project p set status = 'archived', version = p.version + 1, updated_at = now()
			where p.firm_id = ?0 and p.id = any(?1::uuid[]) and p.version = 1 and not p.shared
			returning p.id
		), who as (
			update client c set archived_at = now(), version = c.version + 1, updated_at = now()
			where c.firm_id = ?0 and c.id = any(?2::uuid[]) and c.version = 1 and c.archived_at is null and not c.portal_on
				and not exists (select from project p where p.firm_id = c.firm_id and p.client_id = c.id and p.status <> 'archived' and p.id <> all(?1::uuid[]))
			returning c.id
		)
		select id from work union all select id from who`, v.FirmID(), pgdialect.Array(works), pgdialect.Array(clients)).Scan(ctx, &gone)
	if err != nil {
		return nil, fmt.Errorf("put away: %w", err)
	}
	var entries []activity.Entry
	for _, one := range gone {
		entries = append(entries, activity.Entry{Verb: "transfer.put_away", Text: "put away what an import had added", SubjectID: one})
	}
	return gone, activity.RecordEach(ctx, tx, v, entries)
}
