package messages

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/search"
	"portico/platform/web"
)

const onCard = 4

// cardView is a few conversations on the first page of either side.
type cardView struct {
	*web.Here
	Rows  []Conversation
	Count int
	More  bool
}

// unreadCard is what the client has not read.
func (d desk) unreadCard(r *web.Request) (web.Part, bool, error) {
	list, more, err := unread(r.Context(), r.Tx(), r.Viewer(), onCard)
	if err != nil || len(list) == 0 {
		return web.Part{}, false, err
	}
	return web.Draw("messages/_card", cardView{Here: r.Here(), Rows: list, More: more}), true, nil
}

// unreadMark is how many conversations have something new, for the menu of an open page.
func (d desk) unreadMark(r *web.Request) error {
	if !r.IsPart() {
		return r.Go(r.Path(section))
	}
	n, err := unreadCount(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	return r.Parts(web.Draw("_count", web.NavItem{Href: r.Path(section), Asks: true, Badge: n}))
}

// waitingCard is what clients wait for, the longest first.
func (d desk) waitingCard(r *web.Request) (web.Part, bool, error) {
	list, n, err := waitingFor(r.Context(), r.Tx(), r.Viewer(), onCard, r.Now())
	if err != nil || n == 0 {
		return web.Part{}, false, err
	}
	return web.Draw("messages/_waiting_card", cardView{Here: r.Here(), Rows: list, Count: n}), true, nil
}

// waiting is what waits for the client to be read.
func (d desk) waiting(ctx context.Context, tx bun.Tx, v auth.Viewer) ([]module.Todo, error) {
	if !v.May(see) {
		return nil, nil
	}
	list, _, err := unread(ctx, tx, v, 5)
	if err != nil {
		return nil, err
	}
	here := web.Here{Viewer: v}
	var todos []module.Todo
	for _, c := range list {
		todos = append(todos, module.Todo{
			Title: here.Say("Read: %s", c.Subject), Detail: c.About() + " · " + here.Count(c.Unread, "%s new message", "%s new messages"), Href: here.Path(section, c.ID), Kind: "info",
		})
	}
	return todos, nil
}

// find answers the search of either side by subject, and by what was said as far as the viewer reads it.
func find(ctx context.Context, tx bun.Tx, v auth.Viewer, typed string, limit int) ([]search.Hit, error) {
	if !v.May(see) && !v.May(keep) {
		return nil, nil
	}
	list, err := findConversations(ctx, tx, v, typed, limit)
	if err != nil {
		return nil, err
	}
	here := web.Here{Viewer: v}
	hits := make([]search.Hit, len(list))
	for i, c := range list {
		hits[i] = search.Hit{Title: c.Subject, Detail: c.About(), Icon: "message-circle", Href: here.Path(section, c.ID)}
		if v.Side == auth.Office {
			hits[i].Detail = c.ClientName + " · " + c.About()
		}
	}
	return hits, nil
}

// talk is where anybody who may write begins a conversation about an item of any section.
func talk(v auth.Viewer, about string, item uuid.UUID) string {
	if v.ViewAs != uuid.Nil || !v.May(write) && !v.May(keep) {
		return ""
	}
	here := web.Here{Viewer: v}
	return here.Path(section, "new") + "?about=" + about + "&item=" + item.String()
}

// ownMessages is what the viewer has written, for the export of own data.
func ownMessages(ctx context.Context, tx bun.Tx, v auth.Viewer) ([]module.Table, error) {
	rows, err := writtenBy(ctx, tx, v)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	table := module.Table{Name: "messages", Columns: []string{"at", "conversation", "text", "edited_at", "withdrawn_at"}}
	for _, m := range rows {
		table.Rows = append(table.Rows, []string{stamp(m.CreatedAt), m.Subject, m.Body, stamp(m.EditedAt), stamp(m.WithdrawnAt)})
	}
	return []module.Table{table}, nil
}

// handOver passes on what somebody who leaves has taken.
func handOver(ctx context.Context, tx bun.Tx, v auth.Viewer, from, to uuid.UUID) (int, error) {
	return passOn(ctx, tx, v, from, to)
}

// keeps are our tables, for the export of everything.
func keeps() []module.Kept {
	const passing = "It is work of the moment."
	return []module.Kept{
		{Table: "messages.conversation", Of: "client_id", Columns: module.Words(`id client_id project_id subject internal item_section item_id assigned_to snoozed_until
			closed_at closed_by waiting_since last_at created_by created_at`)},
		{Table: "messages.participant", Of: "client_id", Columns: module.Words("conversation_id person_id as_client client_id contact_id added_at")},
		{Table: "messages.message", Of: "client_id", Columns: module.Words(`id client_id conversation_id person_id contact_id internal body by_mail created_at edited_at
			withdrawn_at withdrawn_by`)},
		{Table: "messages.attachment", Of: "conversation_id", Through: "messages.conversation", Columns: module.Words("id conversation_id message_id file_id name media size scan virus created_at")},
		{Table: "messages.reading", Of: "conversation_id", Through: "messages.conversation", Columns: module.Words("conversation_id person_id as_client read_to read_at")},
		{Table: "messages.canned", Columns: module.Words("id title body created_by created_at updated_at")},
		{Table: "messages.address", Why: "It opens the door for answers by mail."},
		{Table: "messages.arrival", Why: "It is work of the moment, and what strangers sent."},
		{Table: "messages.draft", Why: passing},
		{Table: "messages.typing", Why: passing},
	}
}
