package messages

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// findConversations looks through everything that the viewer may read, whether open or closed.
func findConversations(ctx context.Context, tx bun.IDB, v auth.Viewer, typed string, limit int) (list []Conversation, err error) {
	err = filtered(conversations(tx, v, &list), v, filter{Box: boxAll, Query: typed}, time.Time{}).
		OrderExpr("at DESC, c.id DESC").
		Limit(int64(limit)).
		Scan(ctx)
	return list, err
}

// writing is one message of its author's own data.
type writing struct {
	Subject, Body                    string
	CreatedAt, EditedAt, WithdrawnAt time.Time
}

func writtenBy(ctx context.Context, tx bun.IDB, v auth.Viewer) (list []writing, err error) {
	err = tx.NewRaw(`
		select c.subject, m.body, m.created_at, m.edited_at, m.withdrawn_at
		from messages.message m
		join messages.conversation c on c.firm_id = m.firm_id and c.id = m.conversation_id
		where m.firm_id = ? and m.person_id = ? and (m.contact_id is not null) = ? and (not ? or m.client_id = ?)
		order by m.created_at, m.id`,
		v.FirmID(), v.PersonID, v.Side == auth.Portal, v.Side == auth.Portal, v.ClientID).Scan(ctx, &list)
	return list, err
}
