package clients

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/db"
	"portico/platform/db/paging"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/search"
)

const clientColumns = `c.id, c.name, c.kind, c.email, c.phone, c.street, c.city, c.region, c.postcode, c.country, c.notes, c.portal_on,
	c.logo_id, c.archived_at, c.version, c.created_at, c.updated_at`

// clients is where every read of a client begins: only staff and jobs of the firm have one.
func clients(v auth.Viewer, more string) string {
	if v.Side != auth.Office && v.Side != auth.Program {
		more = "and false"
	}
	return "select " + clientColumns + " from client c where c.firm_id = ? " + more
}

func findClient(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (c Client, err error) {
	err = tx.NewRaw(clients(v, "and c.id = ?"), v.FirmID(), id).Scan(ctx, &c)
	return c, db.Found(err)
}

// holdClient loads a client whose row nobody else changes until the transaction is over. Whoever changes contacts or
// projects holds the client first, so that all wait in one order.
func holdClient(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (c Client, err error) {
	err = tx.NewRaw(clients(v, "and c.id = ? for no key update"), v.FirmID(), id).Scan(ctx, &c)
	return c, db.Found(err)
}

// sameClient looks for another client with the name and address that the stored one has by now.
func sameClient(ctx context.Context, tx bun.IDB, v auth.Viewer, c Client) (Client, bool, error) {
	var same []Client
	err := tx.NewRaw(clients(v, `and c.id <> ? and c.email = ?
		and c.sort_name = (select n.sort_name from client n where n.firm_id = ? and n.id = ?)
		order by c.created_at
		limit 1`), v.FirmID(), c.ID, c.Email, v.FirmID(), c.ID).Scan(ctx, &same)
	if err != nil || len(same) == 0 {
		return Client{}, false, err
	}
	return same[0], true, nil
}

func insertClient(ctx context.Context, tx bun.IDB, v auth.Viewer, c *Client) error {
	c.ID, c.Version = id.New(), 1
	_, err := tx.NewRaw(`
		insert into client (firm_id, id, name, kind, email, phone, street, city, region, postcode, country, notes)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.FirmID(), c.ID, c.Name, c.Kind, c.Email, c.Phone, c.Street, c.City, c.Region, c.Postcode, c.Country, c.Notes).Exec(ctx)
	if err != nil {
		return fmt.Errorf("add client: %w", err)
	}
	if err := search.Index(ctx, tx, v.FirmID(), c.ID); err != nil {
		return err
	}
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "client.created", Text: "added the client " + c.Name, ClientID: c.ID, SubjectID: c.ID,
		Data: map[string]any{"after": asMap(c.fields())},
	})
}

// updateClient writes a client that is held.
func updateClient(ctx context.Context, tx bun.IDB, v auth.Viewer, before, after Client) error {
	err := db.Found(db.One(tx.NewRaw(`
		update client
		set name = ?, kind = ?, email = ?, phone = ?, street = ?, city = ?, region = ?, postcode = ?, country = ?, notes = ?,
			version = version + 1, updated_at = now()
		where firm_id = ? and id = ? and version = ?`,
		after.Name, after.Kind, after.Email, after.Phone, after.Street, after.City, after.Region, after.Postcode, after.Country,
		after.Notes, v.FirmID(), after.ID, before.Version).Exec(ctx)))
	if err != nil {
		return err
	}
	if err := search.Index(ctx, tx, v.FirmID(), after.ID); err != nil {
		return err
	}
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "client.changed", Text: "changed " + listed(changed(before.fields(), after.fields())) + " of " + after.Name,
		ClientID: after.ID, SubjectID: after.ID, Data: activity.Changes(asMap(before.fields()), asMap(after.fields())),
	})
}

// archiveClient puts a client away, or takes it back. Its portal goes off with it, and everybody's session.
func archiveClient(ctx context.Context, tx bun.IDB, v auth.Viewer, c Client, away bool) error {
	if c.Archived() == away {
		return nil
	}
	verb, text := "client.restored", "restored the client "+c.Name
	if away {
		verb, text = "client.archived", "archived the client "+c.Name
		if c.PortalOn {
			if err := switchPortal(ctx, tx, v, c, false); err != nil {
				return err
			}
		}
	}
	err := db.Found(db.One(tx.NewRaw(`
		update client
		set archived_at = case when ? then now() end, version = version + 1, updated_at = now()
		where firm_id = ? and id = ?`, away, v.FirmID(), c.ID).Exec(ctx)))
	if err != nil {
		return err
	}
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: verb, Text: text, ClientID: c.ID, SubjectID: c.ID,
		Data: activity.Changes(map[string]any{"archived": !away}, map[string]any{"archived": away}),
	})
}

// switchPortal turns a client's portal on or off. Off ends all sessions and links of its contacts at once.
func switchPortal(ctx context.Context, tx bun.IDB, v auth.Viewer, c Client, on bool) error {
	err := db.Found(db.One(tx.NewRaw(`
		update client set portal_on = ?, version = version + 1, updated_at = now()
		where firm_id = ? and id = ?`, on, v.FirmID(), c.ID).Exec(ctx)))
	if err != nil {
		return err
	}
	verb, text := "portal.activated", "activated the portal of "+c.Name
	if !on {
		verb, text = "portal.deactivated", "deactivated the portal of "+c.Name
		if err := endSessions(ctx, tx, v, c.ID); err != nil {
			return err
		}
	}
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: verb, Text: text, ClientID: c.ID, SubjectID: c.ID,
		Data: activity.Changes(map[string]any{"portal": !on}, map[string]any{"portal": on}),
	})
}

func endSessions(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) error {
	var contacts []uuid.UUID
	err := tx.NewRaw(`
		select ct.id from contact ct
		where ct.firm_id = ? and ct.client_id = ? and ct.person_id is not null
		order by ct.id`, v.FirmID(), client).Scan(ctx, &contacts)
	if err != nil {
		return err
	}
	for _, contact := range contacts {
		if err := auth.EndForContact(ctx, tx, v.FirmID(), contact); err != nil {
			return err
		}
		if err := link.RevokeFor(ctx, tx, v.FirmID(), contact); err != nil {
			return err
		}
	}
	return nil
}

// clientRow is one line of the list.
type clientRow struct {
	Client
	ContactName, ContactEmail string // of the first contact
	Contacts, Projects        int    // active ones
}

// clientRows loads the lines of a page, in its order.
func clientRows(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) (rows []clientRow, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = db.Hot(ctx, tx, &rows, `
		select ?, first.name as contact_name, first.email as contact_email,
			(select count(*) from contact n where n.firm_id = ? and n.client_id = c.id and n.archived_at is null) as contacts,
			(select count(*) from project p
				where p.firm_id = ? and p.client_id = c.id and p.status in ('planned', 'active')) as projects
		from client c
		left join lateral (
			select ct.name, ct.email from contact ct
			where ct.firm_id = ? and ct.client_id = c.id and ct.archived_at is null
			order by ct.is_primary desc, ct.created_at, ct.id
			limit 1
		) first on true
		where c.firm_id = ? and c.id = any(?::uuid[])`,
		bun.Safe(clientColumns), v.FirmID(), v.FirmID(), v.FirmID(), v.FirmID(), ids)
	if err != nil {
		return nil, fmt.Errorf("rows of clients: %w", err)
	}
	return paging.Arrange(rows, ids, func(c clientRow) uuid.UUID { return c.ID }), nil
}

// eachClient streams all clients that a filter means, in the order of their ids: for exports.
func eachClient(ctx context.Context, tx bun.IDB, v auth.Viewer, l listing, ids []uuid.UUID, fn func([]clientRow) error) error {
	last := uuid.Nil
	for {
		var page []uuid.UUID
		err := tx.NewRaw(`
			select t.id from client t
			where t.firm_id = ? and t.id > ? and ? and (not ? or t.id = any(?::uuid[]))
			order by t.id
			limit 1000`, v.FirmID(), last, l.Filter, len(ids) > 0, pgdialect.Array(ids)).Scan(ctx, &page)
		if err != nil || len(page) == 0 {
			return err
		}
		rows, err := clientRows(ctx, tx, v, page)
		if err != nil {
			return err
		}
		if err := fn(rows); err != nil {
			return err
		}
		last = page[len(page)-1]
	}
}

// lastEditor says who changed a thing last, and when.
func lastEditor(ctx context.Context, tx bun.IDB, v auth.Viewer, client, subject uuid.UUID) (name string, at time.Time, err error) {
	var row struct {
		ActorName string
		At        time.Time
	}
	err = tx.NewRaw(`
		select a.actor_name, a.at from activity a
		where a.firm_id = ? and a.client_id = ? and a.subject_id = ?
		order by a.at desc
		limit 1`, v.FirmID(), client, subject).Scan(ctx, &row)
	return row.ActorName, row.At, ignoreNone(err)
}

func ignoreNone(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// neighbours are the clients before and after this one by name, among those that are archived or not as it is.
func neighbours(ctx context.Context, tx bun.IDB, v auth.Viewer, c Client) (prev, next *module.NearClient, err error) {
	l := clientFilter{Archived: c.Archived()}.listing()
	for _, down := range []bool{true, false} {
		var parts []string
		var args []any
		for _, stretch := range l.Stretches {
			parts = append(parts, `
				(select t.id, t.name, t.sort_name
				from client t
				where t.firm_id = ? and ? and (t.sort_name, t.id) ? (
					(select n.sort_name from client n where n.firm_id = ? and n.id = ?), ?)
				order by t.sort_name ?, t.id ?
				limit 1)`)
			args = append(args, v.FirmID(), stretch, paging.Beyond(down), v.FirmID(), c.ID, c.ID, paging.Way(down), paging.Way(down))
		}
		args = append(args, paging.Way(down), paging.Way(down))
		var near []module.NearClient
		err := tx.NewRaw("select id, name from ("+strings.Join(parts, " union all ")+") t order by sort_name ?, id ? limit 1", args...).Scan(ctx, &near)
		if err != nil {
			return nil, nil, fmt.Errorf("neighbours: %w", err)
		}
		if len(near) > 0 && down {
			prev = &near[0]
		} else if len(near) > 0 {
			next = &near[0]
		}
	}
	return prev, next, nil
}

// addedSince are the newest clients.
func addedSince(ctx context.Context, tx bun.IDB, v auth.Viewer, since time.Time, limit int) (list []Client, err error) {
	err = tx.NewRaw(clients(v, "and c.archived_at is null and c.created_at > ? order by c.created_at desc, c.id limit ?"), v.FirmID(), since, limit).Scan(ctx, &list)
	return list, err
}
