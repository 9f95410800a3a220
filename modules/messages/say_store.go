package messages

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/files"
	"portico/platform/id"
)

// hold makes changes of one conversation wait for each other, so that of two messages each comes after the other.
func hold(ctx context.Context, tx bun.IDB, v auth.Viewer, conversation uuid.UUID) error {
	var held int
	return db.Found(tx.NewRaw("select 1 from messages.conversation c where c.firm_id = ? and c.id = ? for no key update", v.FirmID(), conversation).Scan(ctx, &held))
}

// insertConversation keeps a new one; fresh is false when the same form came before.
func insertConversation(ctx context.Context, tx bun.IDB, v auth.Viewer, c Conversation) (fresh bool, err error) {
	done, err := tx.NewRaw(`
		insert into messages.conversation (firm_id, id, client_id, project_id, subject, internal, item_section, item_id, assigned_to, created_by)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (firm_id, id) do nothing`,
		v.FirmID(), c.ID, c.ClientID, db.NullID(c.ProjectID), c.Subject, c.Internal, c.ItemSection, db.NullID(c.ItemID), db.NullID(c.AssignedTo), v.PersonID).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// insertMessage keeps what was said; fresh is false when the same form came before. Its time is the clock's, not the
// transaction's: of two that wait for each other the later one is later.
func insertMessage(ctx context.Context, tx bun.IDB, v auth.Viewer, c Conversation, m Message) (at time.Time, fresh bool, err error) {
	var times []time.Time
	err = tx.NewRaw(`
		insert into messages.message (firm_id, id, client_id, conversation_id, person_id, contact_id, internal, body, by_mail, created_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, clock_timestamp())
		on conflict (firm_id, id) do nothing
		returning created_at`,
		v.FirmID(), m.ID, c.ClientID, c.ID, v.PersonID, db.NullID(m.ContactID), m.Internal, m.Body, m.ByMail).Scan(ctx, &times)
	if err != nil || len(times) == 0 {
		return at, false, err
	}
	return times[0], true, nil
}

// spoke notes what a message does to its conversation: a client's waits for an answer and brings back what was put away,
// one of staff to the client answers it, a note does neither.
func spoke(ctx context.Context, tx bun.IDB, v auth.Viewer, c Conversation, m Message) error {
	toAll := !m.Internal || c.Internal
	return db.One(tx.NewRaw(`
		update messages.conversation set
			noted_at = ?0,
			last_at = case when ?1 then ?0 else last_at end,
			waiting_since = case when ?2 then coalesce(waiting_since, ?0) when ?3 then null else waiting_since end,
			closed_at = case when ?2 then null else closed_at end,
			closed_by = case when ?2 then null else closed_by end,
			snoozed_until = case when ?2 then null else snoozed_until end
		where firm_id = ?4 and id = ?5`,
		m.CreatedAt, toAll, m.ByClient(), !m.Internal && !m.ByClient(), v.FirmID(), c.ID).Exec(ctx))
}

func insertAttachment(ctx context.Context, tx bun.IDB, v auth.Viewer, c Conversation, message uuid.UUID, row files.Row, scans bool) (uuid.UUID, error) {
	attachment, scan := id.New(), "off"
	if scans {
		scan = "waiting"
	}
	_, err := tx.NewRaw(`
		insert into messages.attachment (firm_id, id, conversation_id, message_id, file_id, name, media, size, scan)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.FirmID(), attachment, c.ID, message, row.ID, row.Name, row.Media, row.Size, scan).Exec(ctx)
	return attachment, err
}

// addParticipant lets somebody hear of a conversation.
func addParticipant(ctx context.Context, tx bun.IDB, v auth.Viewer, c Conversation, person, contact uuid.UUID) error {
	_, err := tx.NewRaw(`
		insert into messages.participant (firm_id, conversation_id, person_id, as_client, client_id, contact_id)
		values (?, ?, ?, ?, ?, ?)
		on conflict do nothing`,
		v.FirmID(), c.ID, person, contact != uuid.Nil, c.ClientID, db.NullID(contact)).Exec(ctx)
	return err
}

func dropParticipant(ctx context.Context, tx bun.IDB, v auth.Viewer, c Conversation, contact uuid.UUID) error {
	_, err := tx.NewRaw(`
		delete from messages.participant where firm_id = ? and conversation_id = ? and contact_id = ?`, v.FirmID(), c.ID, contact).Exec(ctx)
	return err
}

// changeBody keeps a correction, if the message may still be corrected.
func changeBody(ctx context.Context, tx bun.IDB, v auth.Viewer, message uuid.UUID, body string) error {
	return db.Found(db.One(tx.NewRaw(`
		update messages.message set body = ?, edited_at = now()
		where firm_id = ? and id = ? and withdrawn_at is null and person_id = ?`, body, v.FirmID(), message, v.PersonID).Exec(ctx)))
}

// withdrawMessage leaves a mark in its place. Its words stay for the firm's records, and nobody reads them any more.
func withdrawMessage(ctx context.Context, tx bun.IDB, v auth.Viewer, message uuid.UUID) error {
	return db.Found(db.One(tx.NewRaw(`
		update messages.message set withdrawn_at = now(), withdrawn_by = ?
		where firm_id = ? and id = ? and withdrawn_at is null and person_id = ?`, v.PersonID, v.FirmID(), message, v.PersonID).Exec(ctx)))
}

// scannedAs keeps what the scanner said of a file.
func scannedAs(ctx context.Context, tx bun.IDB, v auth.Viewer, attachment uuid.UUID, scan, virus string) error {
	return db.Found(db.One(tx.NewRaw("update messages.attachment set scan = ?, virus = ? where firm_id = ? and id = ?", scan, virus, v.FirmID(), attachment).Exec(ctx)))
}
