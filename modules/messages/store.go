package messages

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
)

// visible narrows a query over messages.conversation AS c to what the viewer may see: staff the firm's, contacts those of
// their client that are not internal, in the projects in view. Those of the client as such are for all of its contacts
// whom nothing limits, and for those who take part.
func visible(q *bun.SelectQuery, v auth.Viewer) *bun.SelectQuery {
	q = q.Where("c.firm_id = ?", v.FirmID())
	switch v.Side {
	case auth.Office, auth.Program:
		return q
	case auth.Portal:
		q = q.Where("c.client_id = ?", v.ClientID).Where("NOT c.internal")
		ids := v.ProjectIDs(section)
		if v.Scope != nil {
			if len(ids) == 0 {
				return q.Where("false")
			}
			return q.Where("c.project_id IN (?)", bun.List(ids))
		}
		general := "c.project_id IS NULL"
		if v.Limited {
			general = `c.project_id IS NULL AND EXISTS (
				SELECT FROM messages.participant AS tp
				WHERE tp.firm_id = c.firm_id AND tp.conversation_id = c.id AND tp.contact_id = ?)`
		}
		return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			if v.Limited {
				q = q.Where(general, v.ContactID)
			} else {
				q = q.Where(general)
			}
			if len(ids) > 0 {
				q = q.WhereOr("c.project_id IN (?)", bun.List(ids))
			}
			return q
		})
	}
	return q.Where("false")
}

// conversations is where every read of them begins: no viewer, no rows.
func conversations(tx bun.IDB, v auth.Viewer, into any) *bun.SelectQuery {
	q := tx.NewSelect().
		Model(into).
		ModelTableExpr("messages.conversation AS c").
		Column("c.id", "c.client_id", "c.project_id", "c.subject", "c.internal", "c.item_section", "c.item_id", "c.closed_at", "c.created_at").
		ColumnExpr("cl.name AS client_name").
		ColumnExpr("coalesce(pr.name, '') AS project_name").
		ColumnExpr("coalesce(d.body, '') AS draft").
		Join("JOIN client AS cl ON cl.firm_id = c.firm_id AND cl.id = c.client_id").
		Join("LEFT JOIN project AS pr ON pr.firm_id = c.firm_id AND pr.id = c.project_id").
		Join("LEFT JOIN messages.draft AS d ON d.firm_id = c.firm_id AND d.conversation_id = c.id AND d.person_id = ? AND d.as_client = ? AND ?",
			v.PersonID, v.Side == auth.Portal, v.ViewAs == uuid.Nil) // who looks with somebody's eyes does not read what is not said yet
	if v.Side == auth.Portal {
		q = q.ColumnExpr("c.last_at AS at")
	} else {
		q = q.Column("c.assigned_to", "c.snoozed_until", "c.waiting_since").
			ColumnExpr("c.noted_at AS at").
			ColumnExpr("coalesce(ap.name, '') AS assignee_name").
			Join("LEFT JOIN person AS ap ON ap.firm_id = c.firm_id AND ap.id = c.assigned_to")
	}
	return visible(q, v)
}

// messages is where every read of them begins. Internal notes are left out here, where rows are read; what was withdrawn
// comes without its words.
func messages(tx bun.IDB, v auth.Viewer, into any) *bun.SelectQuery {
	q := tx.NewSelect().
		Model(into).
		ModelTableExpr("messages.message AS m").
		Column("m.id", "m.conversation_id", "m.person_id", "m.contact_id", "m.internal", "m.by_mail", "m.created_at", "m.edited_at", "m.withdrawn_at").
		ColumnExpr("CASE WHEN m.withdrawn_at IS NULL THEN m.body ELSE '' END AS body").
		ColumnExpr("coalesce(ct.name, p.name) AS author").
		ColumnExpr("CASE WHEN m.contact_id IS NULL AND s.show_photo THEN p.photo_id END AS photo_id").
		Join("JOIN messages.conversation AS c ON c.firm_id = m.firm_id AND c.id = m.conversation_id").
		Join("JOIN person AS p ON p.firm_id = m.firm_id AND p.id = m.person_id").
		Join("LEFT JOIN contact AS ct ON ct.firm_id = m.firm_id AND ct.id = m.contact_id").
		Join("LEFT JOIN staff AS s ON s.firm_id = m.firm_id AND s.person_id = m.person_id")
	return forReaders(visible(q, v), v)
}

// forReaders leaves out what is for staff alone, of messages.message AS m.
func forReaders(q *bun.SelectQuery, v auth.Viewer) *bun.SelectQuery {
	if v.Side == auth.Office || v.Side == auth.Program {
		return q
	}
	return q.Where("NOT m.internal")
}

func conversationByID(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (Conversation, error) {
	var c Conversation
	err := conversations(tx, v, &c).Where("c.id = ?", id).Scan(ctx)
	return c, db.Found(err)
}

// conversationsSeen are those of the named ones that the viewer may see.
func conversationsSeen(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) (seen []uuid.UUID, err error) {
	var list []Conversation
	err = conversations(tx, v, &list).Where("c.id IN (?)", bun.List(ids)).Scan(ctx)
	for _, c := range list {
		seen = append(seen, c.ID)
	}
	return seen, err
}

// messagesOf are the last ones of a conversation, in their order; more says whether there are earlier ones.
func messagesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, conversation uuid.UUID, most int) (list []Message, more bool, err error) {
	err = messages(tx, v, &list).
		Where("m.conversation_id = ?", conversation).
		OrderExpr("m.created_at DESC, m.id DESC").
		Limit(int64(most) + 1).
		Scan(ctx)
	if err != nil {
		return nil, false, err
	}
	if len(list) > most {
		list, more = list[:most], true
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list, more, attach(ctx, tx, v, list)
}

// attach gives messages their files; a withdrawn one has none any more.
func attach(ctx context.Context, tx bun.IDB, v auth.Viewer, list []Message) error {
	ids := make([]uuid.UUID, 0, len(list))
	at := map[uuid.UUID]int{}
	for i, m := range list {
		if !m.Withdrawn() {
			ids = append(ids, m.ID)
			at[m.ID] = i
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var all []Attachment
	err := tx.NewRaw(`
		select a.id, a.conversation_id, a.message_id, a.file_id, a.name, a.media, a.size, a.scan
		from messages.attachment a
		where a.firm_id = ? and a.message_id = any(?::uuid[])
		order by a.created_at, a.id`, v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &all)
	for _, a := range all {
		m := &list[at[a.MessageID]]
		m.Attachments = append(m.Attachments, a)
	}
	return err
}

func messageByID(ctx context.Context, tx bun.IDB, v auth.Viewer, conversation, id uuid.UUID) (Message, error) {
	var m Message
	err := messages(tx, v, &m).Where("m.conversation_id = ?", conversation).Where("m.id = ?", id).Scan(ctx)
	return m, db.Found(err)
}

// attachmentByFile is an attachment of a message that the viewer may read, whichever way it is named.
func attachmentByFile(ctx context.Context, tx bun.IDB, v auth.Viewer, file uuid.UUID) (Attachment, error) {
	var a Attachment
	err := attachments(tx, v, &a).Where("a.file_id = ?", file).Limit(1).Scan(ctx)
	return a, db.Found(err)
}

func attachmentByID(ctx context.Context, tx bun.IDB, v auth.Viewer, conversation, id uuid.UUID) (Attachment, error) {
	var a Attachment
	err := attachments(tx, v, &a).Where("a.conversation_id = ?", conversation).Where("a.id = ?", id).Scan(ctx)
	return a, db.Found(err)
}

func attachments(tx bun.IDB, v auth.Viewer, into any) *bun.SelectQuery {
	q := tx.NewSelect().
		Model(into).
		ModelTableExpr("messages.attachment AS a").
		Column("a.id", "a.conversation_id", "a.message_id", "a.file_id", "a.name", "a.media", "a.size", "a.scan").
		Join("JOIN messages.message AS m ON m.firm_id = a.firm_id AND m.id = a.message_id").
		Join("JOIN messages.conversation AS c ON c.firm_id = m.firm_id AND c.id = m.conversation_id").
		Where("m.withdrawn_at IS NULL")
	return forReaders(visible(q, v), v)
}

// guard watches over the files of this section: whoever reads a message opens its files, once they were looked into.
func guard(ctx context.Context, tx bun.IDB, v auth.Viewer, file uuid.UUID) (name string, err error) {
	a, err := attachmentByFile(ctx, tx, v, file)
	if err != nil {
		return "", err
	}
	if !v.May(see) && !v.May(keep) || !a.Open() {
		return "", fault.NotFound()
	}
	return a.Name, nil
}

func nullTime(t time.Time) sql.NullTime { return sql.NullTime{Time: t, Valid: !t.IsZero()} }
