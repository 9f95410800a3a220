package messages

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

// address is where one person's answers in one conversation come to.
type address struct {
	ID, ConversationID, ClientID uuid.UUID
	PersonID, ContactID          uuid.UUID
	Internal                     bool
}

// putAddress keeps an address, or gives the one that is there already.
func putAddress(ctx context.Context, tx bun.IDB, v auth.Viewer, a address) (address, error) {
	err := tx.NewRaw(`
		insert into messages.address as a (firm_id, id, conversation_id, client_id, person_id, contact_id, internal)
		values (?, ?, ?, ?, ?, ?, ?)
		on conflict (firm_id, conversation_id, person_id, (contact_id is null), internal) do update set contact_id = excluded.contact_id
		returning a.id`,
		v.FirmID(), a.ID, a.ConversationID, a.ClientID, a.PersonID, db.NullID(a.ContactID), a.Internal).Scan(ctx, &a.ID)
	return a, err
}

// firmOfAddress finds whose address it is: a mail does not name the firm, so this spans them.
func firmOfAddress(ctx context.Context, ops *bun.DB, id uuid.UUID) (firm uuid.UUID, known bool, err error) {
	err = ops.NewRaw("select a.firm_id from messages.address a where a.id = ? limit 1", id).Scan(ctx, &firm)
	if errors.Is(err, sql.ErrNoRows) {
		return uuid.Nil, false, nil
	}
	return firm, err == nil, err
}

// insertArrival keeps that a mail came; fresh is false when it came before.
func insertArrival(ctx context.Context, tx bun.IDB, v auth.Viewer, a arrival, key string) (fresh bool, err error) {
	done, err := tx.NewRaw(`
		insert into messages.arrival (firm_id, id, address_id, mail_key, sender, word) values (?, ?, ?, ?, ?, ?)
		on conflict (firm_id, address_id, mail_key) do nothing`, v.FirmID(), a.ID, a.AddressID, key, a.Sender, a.Word).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

func fileOfArrival(ctx context.Context, tx bun.IDB, v auth.Viewer, arrival, file uuid.UUID) error {
	return db.Found(db.One(tx.NewRaw("update messages.arrival set file_id = ? where firm_id = ? and id = ?", db.NullID(file), v.FirmID(), arrival).Exec(ctx)))
}

// arrivals is where every read of them begins: they are for staff.
func arrivals(tx bun.IDB, v auth.Viewer, into any) *bun.SelectQuery {
	q := tx.NewSelect().
		Model(into).
		ModelTableExpr("messages.arrival AS a").
		Column("a.id", "a.address_id", "a.file_id", "a.sender", "a.from_address", "a.from_name", "a.subject", "a.body", "a.files", "a.state", "a.why", "a.word", "a.created_at",
			"ad.conversation_id", "ad.client_id", "ad.person_id", "ad.contact_id", "ad.internal").
		ColumnExpr("c.subject AS conversation").
		ColumnExpr("cl.name AS client").
		ColumnExpr("coalesce(ct.name, p.name) AS person").
		Join("JOIN messages.address AS ad ON ad.firm_id = a.firm_id AND ad.id = a.address_id").
		Join("JOIN messages.conversation AS c ON c.firm_id = ad.firm_id AND c.id = ad.conversation_id").
		Join("JOIN client AS cl ON cl.firm_id = c.firm_id AND cl.id = c.client_id").
		Join("JOIN person AS p ON p.firm_id = ad.firm_id AND p.id = ad.person_id").
		Join("LEFT JOIN contact AS ct ON ct.firm_id = ad.firm_id AND ct.id = ad.contact_id").
		Where("a.firm_id = ?", v.FirmID())
	if v.Side != auth.Office && v.Side != auth.Program {
		q = q.Where("false")
	}
	return q
}

func arrivalByID(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (a arrival, err error) {
	err = arrivals(tx, v, &a).Where("a.id = ?", id).For("UPDATE OF a").Scan(ctx)
	return a, db.Found(err)
}

// heldMails wait for a decision, the latest first.
func heldMails(ctx context.Context, tx bun.IDB, v auth.Viewer) (list []arrival, err error) {
	err = arrivals(tx, v, &list).Where("a.state = 'held'").OrderExpr("a.created_at DESC, a.id DESC").Limit(100).Scan(ctx)
	return list, err
}

func heldCount(ctx context.Context, tx bun.IDB, v auth.Viewer) (n int, err error) {
	err = tx.NewRaw("select count(*) from messages.arrival a where a.firm_id = ? and a.state = 'held'", v.FirmID()).Scan(ctx, &n)
	return n, err
}

func describeArrival(ctx context.Context, tx bun.IDB, v auth.Viewer, a arrival) error {
	return db.Found(db.One(tx.NewRaw(`
		update messages.arrival set from_address = ?, from_name = ?, subject = ?, body = ?, files = ? where firm_id = ? and id = ?`,
		cut(a.FromAddress, 320), a.FromName, a.Subject, a.Body, a.Files, v.FirmID(), a.ID).Exec(ctx)))
}

// settleArrival keeps what became of a mail. What is said stands in the conversation, and needs no copy.
func settleArrival(ctx context.Context, tx bun.IDB, v auth.Viewer, arrival uuid.UUID, state, why string, message, by uuid.UUID) error {
	return db.Found(db.One(tx.NewRaw(`
		update messages.arrival set state = ?0, why = ?1, message_id = ?2, settled_by = ?3,
			body = case when ?0 = 'held' then body else '' end,
			settled_at = case when ?0 = 'held' then null else now() end
		where firm_id = ?4 and id = ?5`, state, why, db.NullID(message), db.NullID(by), v.FirmID(), arrival).Exec(ctx)))
}

// saidLately counts what came by one address.
func saidLately(ctx context.Context, tx bun.IDB, v auth.Viewer, address uuid.UUID, since time.Time) (n int, err error) {
	err = tx.NewRaw("select count(*) from messages.arrival a where a.firm_id = ? and a.address_id = ? and a.state = 'said' and a.created_at > ?",
		v.FirmID(), address, since).Scan(ctx, &n)
	return n, err
}

func cameLately(ctx context.Context, tx bun.IDB, v auth.Viewer, address uuid.UUID, since time.Time) (n int, err error) {
	err = tx.NewRaw("select count(*) from messages.arrival a where a.firm_id = ? and a.address_id = ? and a.created_at > ?",
		v.FirmID(), address, since).Scan(ctx, &n)
	return n, err
}

// overdueArrivals are those that nobody needs any more.
func overdueArrivals(ctx context.Context, tx bun.IDB, v auth.Viewer, before time.Time) (list []arrival, err error) {
	err = tx.NewRaw(`
		delete from messages.arrival a where a.firm_id = ? and a.created_at < ? and a.state <> 'new'
		returning a.id, a.file_id`, v.FirmID(), before).Scan(ctx, &list)
	return list, err
}
