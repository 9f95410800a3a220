package notice

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
)

// row is a notice as it is kept.
type row struct {
	bun.BaseModel `bun:"table:notice,alias:n"`

	FirmID      uuid.UUID `bun:",pk"`
	ID          uuid.UUID `bun:",pk"`
	PersonID    uuid.UUID
	ContactID   uuid.UUID `bun:",nullzero"`
	Kind        string
	ItemID      uuid.UUID `bun:",nullzero"`
	Title, Body string
	Path        string
	Bundle      string
	Items       int
	Bell        bool
	Folded      bool
	Mail, Push  string
	CreatedAt   time.Time
	ReadAt      time.Time `bun:",nullzero"`
}

func (r row) section() string { return Kind{ID: r.Kind}.Section() }

func (e entry) row(firm uuid.UUID, now time.Time) row {
	r := row{
		FirmID: firm, ID: e.ID, PersonID: e.Person, ContactID: e.Contact, Kind: e.Kind.ID, ItemID: e.Item,
		Title: e.Title, Body: e.Body, Path: e.Path, Bundle: e.Bundle, Items: e.Items,
		Bell: e.to.ways(e.Kind).Bell, Mail: e.mail, Push: "off", CreatedAt: now,
	}
	if e.Items > 1 && e.Many != nil {
		r.Title = cut(e.Many(e.reader(), e.Items), 300)
	}
	return r
}

func insert(ctx context.Context, tx bun.IDB, rows []row) error {
	_, err := tx.NewInsert().Model(&rows).On("CONFLICT DO NOTHING").Exec(ctx)
	return err
}

// stateOf is what has become of the mail of a notice.
func stateOf(ctx context.Context, tx bun.IDB, firm, id uuid.UUID) (mail string, known bool, err error) {
	err = tx.NewRaw("select n.mail from notice n where n.firm_id = ? and n.id = ?", firm, id).Scan(ctx, &mail)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return mail, err == nil, err
}

// told are those of some notices that are written already.
func told(ctx context.Context, tx bun.IDB, firm uuid.UUID, ids []uuid.UUID) (map[uuid.UUID]bool, error) {
	var found []uuid.UUID
	err := tx.NewRaw("select n.id from notice n where n.firm_id = ? and n.id = any(?::uuid[])", firm, pgdialect.Array(ids)).Scan(ctx, &found)
	known := make(map[uuid.UUID]bool, len(ids))
	for _, id := range found {
		known[id] = true
	}
	return known, err
}

func setMail(ctx context.Context, tx bun.IDB, firm uuid.UUID, state string, ids ...uuid.UUID) error {
	_, err := tx.NewRaw("update notice set mail = ? where firm_id = ? and id = any(?::uuid[])", state, firm, pgdialect.Array(ids)).Exec(ctx)
	return err
}

func setPush(ctx context.Context, tx bun.IDB, firm uuid.UUID, state string, id uuid.UUID) error {
	_, err := tx.NewRaw("update notice set push = ? where firm_id = ? and id = ?", state, firm, id).Exec(ctx)
	return err
}

// bundle lets new notices take the place of unread ones of the same bundle. Who writes into a bundle does so alone.
func bundle(ctx context.Context, tx bun.IDB, firm uuid.UUID, all []entry) error {
	var mine []int
	for i, e := range all {
		if e.Bundle != "" {
			mine = append(mine, i)
		}
	}
	if len(mine) == 0 {
		return nil
	}
	slices.SortFunc(mine, func(a, b int) int { // all in one order: nobody waits in a circle
		return cmp.Or(slices.Compare(all[a].Person[:], all[b].Person[:]), cmp.Compare(all[a].Bundle, all[b].Bundle))
	})
	people, contacts, bundles := make([]uuid.UUID, len(mine)), make([]uuid.UUID, len(mine)), make([]string, len(mine))
	for n, i := range mine {
		people[n], contacts[n], bundles[n] = all[i].Person, all[i].Contact, all[i].Bundle
	}
	_, err := tx.NewRaw(`
		select pg_advisory_xact_lock(hashtextextended(x.person::text || x.bundle, 7261))
		from unnest(?::uuid[], ?::text[]) as x (person, bundle)`, pgdialect.Array(people), pgdialect.Array(bundles)).Exec(ctx)
	if err != nil {
		return err
	}
	var folded []struct {
		PersonID, ContactID uuid.UUID
		Bundle              string
		Items               int
	}
	err = tx.NewRaw(`
		update notice n set folded = true
		from unnest(?::uuid[], ?::uuid[], ?::text[]) as x (person, contact, bundle)
		where n.firm_id = ? and n.person_id = x.person and coalesce(n.contact_id, ?) = x.contact and n.bundle = x.bundle
			and n.bell and not n.folded and n.read_at is null
		returning n.person_id, n.contact_id, n.bundle, n.items`,
		pgdialect.Array(people), pgdialect.Array(contacts), pgdialect.Array(bundles), firm, uuid.Nil).Scan(ctx, &folded)
	for _, f := range folded {
		for _, i := range mine {
			if e := &all[i]; e.Person == f.PersonID && e.Contact == f.ContactID && e.Bundle == f.Bundle {
				e.Items += f.Items
				break
			}
		}
	}
	return err
}

// inbox is where every read of the bell begins: what the viewer was told, as who is looking now.
func inbox(tx bun.IDB, v auth.Viewer, into any) *bun.SelectQuery {
	q := tx.NewSelect().Model(into).
		Where("n.firm_id = ?", v.FirmID()).
		Where("n.person_id = ?", v.PersonID).
		Where("n.bell AND NOT n.folded")
	if v.Side == auth.Portal {
		return q.Where("n.contact_id = ?", v.ContactID)
	}
	if v.Side != auth.Office {
		q = q.Where("false")
	}
	return q.Where("n.contact_id IS NULL")
}

func unread(ctx context.Context, tx bun.IDB, v auth.Viewer, most int64) (rows []row, err error) {
	err = inbox(tx, v, &rows).Where("n.read_at IS NULL").Order("n.created_at DESC", "n.id").Limit(most).Scan(ctx)
	return rows, err
}

func pageOf(ctx context.Context, tx bun.IDB, v auth.Viewer, onlyUnread bool, offset, most int64) (rows []row, err error) {
	q := inbox(tx, v, &rows).Order("n.created_at DESC", "n.id").Offset(offset).Limit(most)
	if onlyUnread {
		q = q.Where("n.read_at IS NULL")
	}
	return rows, q.Scan(ctx)
}

func byID(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (r row, err error) {
	err = inbox(tx, v, &r).Where("n.id = ?", id).Scan(ctx)
	return r, db.Found(err)
}

// rowOf is one for a job.
func rowOf(ctx context.Context, tx bun.IDB, firm, id uuid.UUID) (r row, err error) {
	err = tx.NewSelect().Model(&r).Where("n.firm_id = ? AND n.id = ?", firm, id).Scan(ctx)
	return r, db.Found(err)
}

// reading is what was read: one notice, all that told of an item of a section, or everything.
type reading struct {
	notice  uuid.UUID
	section string
	item    uuid.UUID
}

func markRead(ctx context.Context, tx bun.IDB, v auth.Viewer, read reading) (n int64, err error) {
	q := tx.NewUpdate().Model((*row)(nil)).
		Set("read_at = now()").
		Where("n.firm_id = ?", v.FirmID()).
		Where("n.person_id = ?", v.PersonID).
		Where("coalesce(n.contact_id, ?) = ?", uuid.Nil, v.ContactID).
		Where("n.read_at IS NULL")
	if read.notice != uuid.Nil {
		q = q.Where("n.id = ?", read.notice)
	}
	if read.section != "" {
		q = q.Where("n.kind LIKE ?", read.section+":%").Where("n.item_id = ?", read.item)
	}
	done, err := q.Exec(ctx)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

// mailable reports whether mails reach a contact, as far as is known.
func mailable(ctx context.Context, tx bun.IDB, firm, contact uuid.UUID) (ok bool, err error) {
	err = tx.NewRaw("select ct.bounced_at is null from contact ct where ct.firm_id = ? and ct.id = ?", firm, contact).Scan(ctx, &ok)
	return ok, err
}

// personOf is the person that a contact is; Nil: it has no account.
func personOf(ctx context.Context, tx bun.IDB, firm, contact uuid.UUID) (person uuid.UUID, err error) {
	err = tx.NewRaw("select ct.person_id from contact ct where ct.firm_id = ? and ct.id = ?", firm, contact).Scan(ctx, &person)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return person, err
}

// waiting is somebody for whom a daily mail is gathered.
type waiting struct {
	PersonID, ContactID uuid.UUID
	Zone                string
	Oldest              time.Time
}

func gathered(ctx context.Context, tx bun.IDB, firm uuid.UUID, most int) (list []waiting, err error) {
	err = tx.NewRaw(`
		select n.person_id, n.contact_id, p.zone, min(n.created_at) as oldest
		from notice n
		join person p on p.firm_id = n.firm_id and p.id = n.person_id
		where n.firm_id = ? and n.mail = 'daily'
		group by n.person_id, n.contact_id, p.zone
		order by oldest
		limit ?`, firm, most).Scan(ctx, &list)
	return list, err
}

// dailyOf is what is gathered for one of them; what was read meanwhile, or stands in a later one, is among it.
func dailyOf(ctx context.Context, tx bun.IDB, firm, person, contact uuid.UUID, before time.Time) (rows []row, err error) {
	err = tx.NewSelect().Model(&rows).
		Where("n.firm_id = ? AND n.person_id = ? AND coalesce(n.contact_id, ?) = ?", firm, person, uuid.Nil, contact).
		Where("n.mail = 'daily' AND n.created_at < ?", before.UTC()).
		Order("n.created_at", "n.id").
		Limit(1000).
		Scan(ctx)
	return rows, err
}

// forget removes what nobody looks for any more.
func forget(ctx context.Context, tx bun.IDB, firm uuid.UUID, before time.Time) error {
	_, err := tx.NewRaw(`
		delete from notice n
		using (
			select o.id from notice o where o.firm_id = ?0 and o.created_at < ?1 order by o.created_at limit 100000
		) old
		where n.firm_id = ?0 and n.id = old.id`, firm, before.UTC()).Exec(ctx)
	return err
}
