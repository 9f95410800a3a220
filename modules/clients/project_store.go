package clients

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/db/paging"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/lang"
	"portico/platform/search"
)

// projects is where every read of a project begins: only staff and jobs of the firm have one.
func projects(v auth.Viewer, more string) string {
	if v.Side != auth.Office && v.Side != auth.Program {
		more = "and false"
	}
	return `
		select pr.id, pr.client_id, pr.key, pr.name, pr.street, pr.city, pr.region, pr.postcode, pr.country, pr.status, pr.summary,
			pr.next_steps, pr.notes, pr.starts_on, pr.ends_on, pr.currency, pr.shared, pr.version, pr.created_at, pr.updated_at,
			c.name as client_name, c.portal_on as client_on
		from project pr
		join client c on c.firm_id = pr.firm_id and c.id = pr.client_id
		where pr.firm_id = ? ` + more
}

func findProject(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (p Project, err error) {
	err = tx.NewRaw(projects(v, "and pr.id = ?"), v.FirmID(), id).Scan(ctx, &p)
	return p, db.Found(err)
}

// projectsOf lists the projects of a client, the latest first; archived ones stand at the end or are left out.
func projectsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID, archived bool) (list []Project, err error) {
	err = tx.NewRaw(projects(v, `and pr.client_id = ? and (? or pr.status <> 'archived')
		order by pr.status = 'archived', pr.created_at desc, pr.id
		limit 500`), v.FirmID(), client, archived).Scan(ctx, &list)
	return list, err
}

// projectRows loads the lines of a page, in its order.
func projectRows(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) (rows []Project, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = tx.NewRaw(projects(v, "and pr.id = any(?::uuid[])"), v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("rows of projects: %w", err)
	}
	return paging.Arrange(rows, ids, func(p Project) uuid.UUID { return p.ID }), nil
}

// insertProject adds a project. Without a key of its own it takes the first free one that its name suggests.
func insertProject(ctx context.Context, tx bun.IDB, v auth.Viewer, client Client, p *Project) error {
	p.ID, p.Version, p.ClientID = id.New(), 1, client.ID
	suggested := p.Key == ""
	if suggested {
		key, err := freeKey(ctx, tx, v, keyFrom(p.Name))
		if err != nil {
			return err
		}
		p.Key = key
	}
	done, err := tx.NewRaw(`
		insert into project (firm_id, id, client_id, key, name, street, city, region, postcode, country, status, summary, next_steps,
			notes, starts_on, ends_on, currency, shared)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (firm_id, key) do nothing`,
		v.FirmID(), p.ID, p.ClientID, p.Key, p.Name, p.Street, p.City, p.Region, p.Postcode, p.Country, p.Status, p.Summary, p.NextSteps,
		p.Notes, p.StartsOn, p.EndsOn, p.Currency, p.Shared).Exec(ctx)
	if err != nil {
		return fmt.Errorf("add project: %w", err)
	}
	if n, _ := done.RowsAffected(); n == 0 {
		return keyTaken()
	}
	if err := search.Index(ctx, tx, v.FirmID(), p.ClientID); err != nil {
		return err
	}
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "project.created", Text: "added the project " + p.Name, ClientID: p.ClientID, ProjectID: p.ID, SubjectID: p.ID,
		Data: map[string]any{"after": asMap(p.fields())},
	})
}

func keyTaken() error {
	return fault.Field("key", "Another project has this short name. Please choose another one.")
}

// freeKey finds a key that no project has: as suggested, or with the next number.
func freeKey(ctx context.Context, tx bun.IDB, v auth.Viewer, key string) (string, error) {
	candidates := []string{key}
	for n := 2; n < 1000; n++ {
		candidates = append(candidates, keyNext(key, n))
	}
	var free string
	err := tx.NewRaw(`
		select k.key from unnest(?::text[]) with ordinality as k (key, n)
		where not exists (select from project p where p.firm_id = ? and p.key = k.key)
		order by k.n
		limit 1`, pgdialect.Array(candidates), v.FirmID()).Scan(ctx, &free)
	return free, db.Found(err)
}

// updateProject writes a project of a client that is held.
func updateProject(ctx context.Context, tx bun.IDB, v auth.Viewer, before, after Project) error {
	if after.Key != before.Key {
		var taken bool
		err := tx.NewRaw("select exists (select from project p where p.firm_id = ? and p.key = ?)", v.FirmID(), after.Key).Scan(ctx, &taken)
		if err != nil {
			return err
		}
		if taken {
			return keyTaken()
		}
	}
	err := db.Found(db.One(tx.NewRaw(`
		update project
		set key = ?, name = ?, street = ?, city = ?, region = ?, postcode = ?, country = ?, status = ?, summary = ?, next_steps = ?,
			notes = ?, starts_on = ?, ends_on = ?, currency = ?, shared = ?, version = version + 1, updated_at = now()
		where firm_id = ? and id = ? and version = ?`,
		after.Key, after.Name, after.Street, after.City, after.Region, after.Postcode, after.Country, after.Status, after.Summary,
		after.NextSteps, after.Notes, after.StartsOn, after.EndsOn, after.Currency, after.Shared, v.FirmID(), after.ID, before.Version).Exec(ctx)))
	if err != nil {
		return err
	}
	if err := search.Index(ctx, tx, v.FirmID(), after.ClientID); err != nil {
		return err
	}
	text := "changed " + listed(changed(before.fields(), after.fields())) + " of " + after.Name
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "project.changed", Text: text, ClientID: after.ClientID, ProjectID: after.ID, SubjectID: after.ID,
		Data: activity.Changes(asMap(before.fields()), asMap(after.fields())),
	})
	if err != nil {
		return err
	}
	return tellClient(ctx, tx, v, before, after)
}

// tellClient puts onto the client's own page what a client should read: that work is shown, goes on, or is done.
func tellClient(ctx context.Context, tx bun.IDB, v auth.Viewer, before, after Project) error {
	if !after.Visible() {
		return nil
	}
	var text lang.Message
	switch {
	case !before.Visible():
		text = lang.M("shared the project %s", after.Name)
	case before.Status == after.Status:
		return nil
	case after.Status == planned:
		text = lang.M("planned %s", after.Name)
	case after.Status == active:
		text = lang.M("started %s", after.Name)
	case after.Status == completed:
		text = lang.M("finished %s", after.Name)
	default:
		return nil
	}
	v.Name = v.Firm.Name // clients hear from the firm
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "project.shared", Said: text, ClientID: after.ClientID, ProjectID: after.ID, SubjectID: after.ID, ForClient: true,
	})
}
