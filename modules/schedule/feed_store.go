package schedule

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

// feedByHash gives a feed that lives to whoever holds its address, as long as its contact is the person who made it.
func feedByHash(ctx context.Context, tx bun.IDB, v auth.Viewer, hash []byte) (Feed, error) {
	var f Feed
	err := tx.NewRaw(`
		select f.id, f.client_id, f.contact_id, f.created_at
		from schedule.feed f
		join contact ct on ct.firm_id = f.firm_id and ct.id = f.contact_id and ct.person_id = f.person_id
		where f.firm_id = ? and f.hash = ? and f.revoked_at is null`, v.FirmID(), hash).Scan(ctx, &f)
	return f, db.Found(err)
}

// feedOf is the viewer's own.
func feedOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (Feed, error) {
	var f Feed
	err := tx.NewRaw(`
		select f.id, f.client_id, f.contact_id, f.created_at from schedule.feed f
		where f.firm_id = ? and f.contact_id = ? and f.person_id = ? and f.revoked_at is null`, v.FirmID(), v.ContactID, v.PersonID).Scan(ctx, &f)
	return f, db.Found(err)
}

func addFeed(ctx context.Context, tx bun.IDB, v auth.Viewer, feed uuid.UUID, hash []byte) error {
	_, err := tx.NewRaw(`
		insert into schedule.feed (firm_id, id, client_id, contact_id, person_id, hash) values (?, ?, ?, ?, ?, ?)
		on conflict do nothing`, v.FirmID(), feed, v.ClientID, v.ContactID, v.PersonID, hash).Exec(ctx)
	return err
}

// endFeed revokes the viewer's own, and answers whether there was one.
func endFeed(ctx context.Context, tx bun.IDB, v auth.Viewer) (had bool, err error) {
	done, err := tx.NewRaw(`
		update schedule.feed set revoked_at = now()
		where firm_id = ? and contact_id = ? and revoked_at is null`, v.FirmID(), v.ContactID).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// ownFeeds are all that the viewer ever had, for the export of own data.
func ownFeeds(ctx context.Context, tx bun.IDB, v auth.Viewer) (list []Feed, err error) {
	err = tx.NewRaw(`
		select f.id, f.client_id, f.contact_id, f.created_at, f.revoked_at from schedule.feed f
		where f.firm_id = ? and f.client_id = ? and f.contact_id = ? and f.person_id = ?
		order by f.id
		limit 1000`, v.FirmID(), v.ClientID, v.ContactID, v.PersonID).Scan(ctx, &list)
	return list, err
}
