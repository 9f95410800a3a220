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

// readTo is how far the viewer has read.
func readTo(ctx context.Context, tx bun.IDB, v auth.Viewer, conversation uuid.UUID) (at time.Time, err error) {
	err = tx.NewRaw(`
		select coalesce(r.read_to, 'epoch') from messages.reading r
		where r.firm_id = ? and r.conversation_id = ? and r.person_id = ? and r.as_client = ?`,
		v.FirmID(), conversation, v.PersonID, v.Side == auth.Portal).Scan(ctx, &at)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return at, err
}

// noteRead moves the mark forward, never back, and not beyond what was said: nobody has read what is still to come. moved
// says whether it was news.
func noteRead(ctx context.Context, tx bun.IDB, v auth.Viewer, conversation uuid.UUID, to time.Time) (moved bool, err error) {
	done, err := tx.NewRaw(`
		insert into messages.reading as r (firm_id, conversation_id, person_id, as_client, read_to, read_at)
		select ?0, ?1, ?2, ?3, least(?4::timestamptz, max(m.created_at)), now() from messages.message m where m.firm_id = ?0 and m.conversation_id = ?1
		on conflict (firm_id, conversation_id, person_id, as_client) do update set read_to = excluded.read_to, read_at = excluded.read_at
		where r.read_to is null or r.read_to < excluded.read_to`,
		v.FirmID(), conversation, v.PersonID, v.Side == auth.Portal, to).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// receipt is how far one participant of the client's side has read.
type receipt struct {
	Name          string
	ReadTo        time.Time
	ReadAt        time.Time
	ContactID     uuid.UUID
	Participating bool
}

// receiptsOf are those of the client's contacts; staff alone ask.
func receiptsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, c Conversation) (list []receipt, err error) {
	if v.Side != auth.Office {
		return nil, nil
	}
	err = tx.NewRaw(`
		select distinct on (p.id) coalesce(ct.name, p.name) as name, r.read_to, r.read_at
		from messages.reading r
		join person p on p.firm_id = r.firm_id and p.id = r.person_id
		left join contact ct on ct.firm_id = r.firm_id and ct.person_id = r.person_id and ct.client_id = ?
		where r.firm_id = ? and r.conversation_id = ? and r.as_client and r.read_to is not null
		order by p.id, ct.archived_at nulls first`, c.ClientID, v.FirmID(), c.ID).Scan(ctx, &list)
	return list, err
}

func saveDraft(ctx context.Context, tx bun.IDB, v auth.Viewer, conversation uuid.UUID, body string, internal bool) error {
	if body == "" {
		return dropDraft(ctx, tx, v, conversation)
	}
	_, err := tx.NewRaw(`
		insert into messages.draft (firm_id, conversation_id, person_id, as_client, body, internal)
		select ?0, ?1, ?2, ?3, ?4, ?5
		where not exists ( -- it was sent a moment ago, and this comes late
			select from messages.message m
			where m.firm_id = ?0 and m.conversation_id = ?1 and m.person_id = ?2 and m.body = ?4 and m.created_at > now() - interval '1 minute')
		on conflict (firm_id, conversation_id, person_id, as_client) do update
		set body = excluded.body, internal = excluded.internal, updated_at = now()`,
		v.FirmID(), conversation, v.PersonID, v.Side == auth.Portal, body, internal).Exec(ctx)
	return err
}

func dropDraft(ctx context.Context, tx bun.IDB, v auth.Viewer, conversation uuid.UUID) error {
	_, err := tx.NewRaw("delete from messages.draft where firm_id = ? and conversation_id = ? and person_id = ? and as_client = ?",
		v.FirmID(), conversation, v.PersonID, v.Side == auth.Portal).Exec(ctx)
	return err
}

// draftIsNote reports whether the draft was meant for staff.
func draftIsNote(ctx context.Context, tx bun.IDB, v auth.Viewer, conversation uuid.UUID) (note bool, err error) {
	err = tx.NewRaw("select d.internal from messages.draft d where d.firm_id = ? and d.conversation_id = ? and d.person_id = ? and d.as_client = ?",
		v.FirmID(), conversation, v.PersonID, v.Side == auth.Portal).Scan(ctx, &note)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return note, err
}

// noteTyping says until when the viewer counts as writing; the zero time ends it.
func noteTyping(ctx context.Context, tx bun.IDB, v auth.Viewer, conversation uuid.UUID, internal bool, until time.Time) error {
	if until.IsZero() {
		_, err := tx.NewRaw("delete from messages.typing where firm_id = ? and conversation_id = ? and person_id = ? and as_client = ?",
			v.FirmID(), conversation, v.PersonID, v.Side == auth.Portal).Exec(ctx)
		return err
	}
	_, err := tx.NewRaw(`
		insert into messages.typing (firm_id, conversation_id, person_id, as_client, internal, until)
		values (?, ?, ?, ?, ?, ?)
		on conflict (firm_id, conversation_id, person_id, as_client) do update set internal = excluded.internal, until = excluded.until`,
		v.FirmID(), conversation, v.PersonID, v.Side == auth.Portal, internal, until).Exec(ctx)
	return err
}

// typists are the others who write now; whoever writes a note is seen by staff alone.
func typists(ctx context.Context, tx bun.IDB, v auth.Viewer, conversation uuid.UUID, now time.Time) (names []string, err error) {
	asClient := v.Side == auth.Portal
	err = tx.NewRaw(`
		select p.name from messages.typing t
		join person p on p.firm_id = t.firm_id and p.id = t.person_id
		where t.firm_id = ? and t.conversation_id = ? and t.until > ? and not (t.person_id = ? and t.as_client = ?) and not (? and t.internal)
		order by p.name`, v.FirmID(), conversation, now, v.PersonID, asClient, asClient).Scan(ctx, &names)
	return names, err
}

func setAssignee(ctx context.Context, tx bun.IDB, v auth.Viewer, conversation, person uuid.UUID) error {
	return db.Found(db.One(tx.NewRaw("update messages.conversation set assigned_to = ? where firm_id = ? and id = ?",
		db.NullID(person), v.FirmID(), conversation).Exec(ctx)))
}

func setSnooze(ctx context.Context, tx bun.IDB, v auth.Viewer, conversation uuid.UUID, until time.Time) error {
	return db.Found(db.One(tx.NewRaw("update messages.conversation set snoozed_until = ? where firm_id = ? and id = ? and closed_at is null",
		nullTime(until), v.FirmID(), conversation).Exec(ctx)))
}

// setClosed puts it away, with what waits in it, or opens it again.
func setClosed(ctx context.Context, tx bun.IDB, v auth.Viewer, conversation uuid.UUID, closed bool) error {
	if closed {
		return db.Found(db.One(tx.NewRaw(`
			update messages.conversation set closed_at = now(), closed_by = ?, waiting_since = null, snoozed_until = null
			where firm_id = ? and id = ?`, v.PersonID, v.FirmID(), conversation).Exec(ctx)))
	}
	return db.Found(db.One(tx.NewRaw("update messages.conversation set closed_at = null, closed_by = null where firm_id = ? and id = ?",
		v.FirmID(), conversation).Exec(ctx)))
}

// passOn gives the open conversations of one member of staff to another; to nobody it only counts.
func passOn(ctx context.Context, tx bun.IDB, v auth.Viewer, from, to uuid.UUID) (n int, err error) {
	if to == uuid.Nil {
		err = tx.NewRaw("select count(*) from messages.conversation c where c.firm_id = ? and c.assigned_to = ? and c.closed_at is null", v.FirmID(), from).Scan(ctx, &n)
		return n, err
	}
	done, err := tx.NewRaw("update messages.conversation set assigned_to = ? where firm_id = ? and assigned_to = ? and closed_at is null", to, v.FirmID(), from).Exec(ctx)
	if err != nil {
		return 0, err
	}
	rows, err := done.RowsAffected()
	return int(rows), err
}
