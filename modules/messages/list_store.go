package messages

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/db/paging"
)

const onPage = 30

// listConversations gives one page, the latest first. A page begins beside a conversation, not at a number: what is said
// meanwhile moves a conversation to the front, and none is shown twice or passed over because of it.
func listConversations(ctx context.Context, tx bun.IDB, v auth.Viewer, f filter, from paging.Place, now time.Time) ([]Conversation, paging.Turns, error) {
	at := bun.Safe("c.noted_at")
	if v.Side == auth.Portal {
		at = "c.last_at"
	}
	down := !from.Back
	var list []Conversation
	q := filtered(conversations(tx, v, &list), v, f, now)
	if !from.At.IsZero() {
		q = q.Where("(?, c.id) ? (?::timestamptz, ?)", at, paging.Beyond(down), from.At.Key, from.At.ID)
	}
	if err := q.OrderExpr("? ?, c.id ?", at, paging.Way(down), paging.Way(down)).Limit(onPage + 1).Scan(ctx); err != nil {
		return nil, paging.Turns{}, err
	}
	list, turns := paging.Cut(list, onPage, from, func(c Conversation) paging.Cursor { return paging.Cursor{Key: stamp(c.At), ID: c.ID} })
	return list, turns, describe(ctx, tx, v, list)
}

func filtered(q *bun.SelectQuery, v auth.Viewer, f filter, now time.Time) *bun.SelectQuery {
	awake := "c.snoozed_until IS NULL OR c.snoozed_until <= ?"
	switch f.Box {
	case boxOpen:
		q = q.Where("c.closed_at IS NULL")
		if v.Side == auth.Office {
			q = q.Where(awake, now)
		}
	case boxMine:
		q = q.Where("c.closed_at IS NULL").Where(awake, now).Where("c.assigned_to = ?", v.PersonID)
	case boxUnassigned:
		q = q.Where("c.closed_at IS NULL").Where(awake, now).Where("c.assigned_to IS NULL")
	case boxUnread: // wherever it is: the menu counts it, too
		q = q.Where("EXISTS (?)", unreadOf(q, v).ColumnExpr("1"))
	case boxWaiting:
		q = q.Where("c.closed_at IS NULL").Where(awake, now).Where("c.waiting_since IS NOT NULL")
	case boxSnoozed:
		q = q.Where("c.closed_at IS NULL").Where("c.snoozed_until > ?", now)
	case boxClosed:
		q = q.Where("c.closed_at IS NOT NULL")
	}
	if f.Client != uuid.Nil {
		q = q.Where("c.client_id = ?", f.Client)
	}
	if f.Project != uuid.Nil {
		q = q.Where("c.project_id = ?", f.Project)
	}
	if f.Query != "" {
		hits := forReaders(q.NewSelect().
			TableExpr("messages.message AS m").
			ColumnExpr("m.conversation_id").
			Where("m.firm_id = c.firm_id").
			Where("m.withdrawn_at IS NULL").
			Where("m.words @@ to_tsquery('simple', ?)", tsquery(f.Query)), v)
		q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("strpos(lower(c.subject), lower(?)) > 0", f.Query).
				WhereOr("strpos(lower(cl.name), lower(?)) > 0", f.Query).
				WhereOr("c.id IN (?)", hits)
		})
	}
	return q
}

// unreadOf are the messages of messages.conversation AS c that the viewer has not read: those of others. A new member of
// staff has not missed what was said before.
func unreadOf(from interface{ NewSelect() *bun.SelectQuery }, v auth.Viewer) *bun.SelectQuery {
	asClient := v.Side == auth.Portal
	q := from.NewSelect().
		TableExpr("messages.message AS m").
		Where("m.firm_id = c.firm_id").
		Where("m.conversation_id = c.id").
		Where("m.withdrawn_at IS NULL").
		Where("NOT (m.person_id = ? AND (m.contact_id IS NOT NULL) = ?)", v.PersonID, asClient).
		Where(`m.created_at > coalesce(
			(SELECT r.read_to FROM messages.reading AS r WHERE r.firm_id = c.firm_id AND r.conversation_id = c.id AND r.person_id = ? AND r.as_client = ?),
			(SELECT st.created_at FROM staff AS st WHERE NOT ? AND st.firm_id = c.firm_id AND st.person_id = ?),
			'-infinity')`, v.PersonID, asClient, asClient, v.PersonID)
	return forReaders(q, v)
}

// describe adds what a list says of each conversation: its last message, and how many the viewer has not read.
func describe(ctx context.Context, tx bun.IDB, v auth.Viewer, list []Conversation) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, len(list))
	at := map[uuid.UUID]*Conversation{}
	for i := range list {
		ids[i] = list[i].ID
		at[list[i].ID] = &list[i]
	}
	var last []struct {
		ConversationID uuid.UUID
		Author, Body   string
		Internal       bool
		Files          int
	}
	latest := messages(tx, v, (*Message)(nil)).
		Where("m.conversation_id = any(?::uuid[])", pgdialect.Array(ids)).
		Where("m.withdrawn_at IS NULL").
		DistinctOn("m.conversation_id").
		OrderExpr("m.conversation_id, m.created_at DESC, m.id DESC")
	err := tx.NewSelect().
		TableExpr("(?) AS l", latest).
		ColumnExpr("l.conversation_id, l.author, l.body, l.internal").
		ColumnExpr("(SELECT count(*) FROM messages.attachment AS a WHERE a.firm_id = ? AND a.message_id = l.id) AS files", v.FirmID()).
		Scan(ctx, &last)
	if err != nil {
		return err
	}
	for _, l := range last {
		c := at[l.ConversationID]
		c.LastAuthor, c.LastText, c.LastInternal, c.LastFiles = l.Author, l.Body, l.Internal, l.Files
	}
	var counts []struct {
		ID uuid.UUID
		N  int
	}
	q := tx.NewSelect().
		TableExpr("messages.conversation AS c").
		ColumnExpr("c.id").
		ColumnExpr("(?) AS n", unreadOf(tx, v).ColumnExpr("count(*)")).
		Where("c.id = any(?::uuid[])", pgdialect.Array(ids))
	if err := visible(q, v).Scan(ctx, &counts); err != nil {
		return err
	}
	for _, n := range counts {
		at[n.ID].Unread = n.N
	}
	return nil
}

// unread are the conversations with something that the viewer has not read, the latest first.
func unread(ctx context.Context, tx bun.IDB, v auth.Viewer, most int) (list []Conversation, more bool, err error) {
	q := conversations(tx, v, &list)
	q = q.Where("EXISTS (?)", unreadOf(tx, v).ColumnExpr("1")).OrderExpr("at DESC, c.id DESC").Limit(int64(most) + 1)
	if err := q.Scan(ctx); err != nil {
		return nil, false, err
	}
	if len(list) > most {
		list, more = list[:most], true
	}
	return list, more, describe(ctx, tx, v, list)
}

// looked is how many conversations, the latest, are looked at to count what is new: every page asks.
const looked = 200

// unreadCount is how many of the latest conversations have something that the viewer has not read.
func unreadCount(ctx context.Context, tx bun.Tx, v auth.Viewer) (n int, err error) {
	if v.Side == auth.Office {
		return unreadByStaff(ctx, tx, v)
	}
	latest := visible(tx.NewSelect().TableExpr("messages.conversation AS c").Column("c.firm_id", "c.id"), v).
		OrderExpr("c.last_at DESC, c.id DESC").
		Limit(looked)
	err = tx.NewSelect().
		TableExpr("(?) AS c", latest).
		ColumnExpr("count(*)").
		Join("JOIN LATERAL (?) AS new ON true", unreadOf(tx, v).ColumnExpr("1").Limit(1)). // asked one by one: EXISTS would read all messages
		Scan(ctx, &n)
	return n, err
}

// unreadByStaff is the same for staff, who see all: planned once, because their long lists ask for it at every page. What
// was read to its end is told by the conversation alone, and its messages are not looked at.
func unreadByStaff(ctx context.Context, tx bun.Tx, v auth.Viewer) (n int, err error) {
	err = db.Hot(ctx, tx, &n, `
		select count(*)
		from (
			select c.id, c.noted_at, coalesce(
				(select r.read_to from messages.reading r where r.firm_id = ?0 and r.conversation_id = c.id and r.person_id = ?1 and not r.as_client),
				(select st.created_at from staff st where st.firm_id = ?0 and st.person_id = ?1), '-infinity') as seen
			from messages.conversation c
			where c.firm_id = ?0
			order by c.noted_at desc, c.id desc
			limit ?2
		) c
		join lateral (
			select 1 from messages.message m
			where m.firm_id = ?0 and m.conversation_id = c.id and m.withdrawn_at is null
				and not (m.person_id = ?1 and m.contact_id is null) and m.created_at > c.seen
			limit 1
		) new on true
		where c.noted_at > c.seen`, v.FirmID(), v.PersonID, looked)
	return n, err
}

// waitingFor are those in which a client waits for an answer, the longest first.
func waitingFor(ctx context.Context, tx bun.IDB, v auth.Viewer, most int, now time.Time) (list []Conversation, n int, err error) {
	if n, err = waitingCount(ctx, tx, v, now); err != nil || n == 0 {
		return nil, 0, err
	}
	err = filtered(conversations(tx, v, &list), v, filter{Box: boxWaiting}, now).OrderExpr("c.waiting_since, c.id").Limit(int64(most)).Scan(ctx)
	if err != nil {
		return nil, 0, err
	}
	return list, n, describe(ctx, tx, v, list)
}

// waitingCount is how many there are.
func waitingCount(ctx context.Context, tx bun.IDB, v auth.Viewer, now time.Time) (n int, err error) {
	all, err := filtered(conversations(tx, v, (*Conversation)(nil)), v, filter{Box: boxWaiting}, now).Count(ctx)
	return int(all), err
}
