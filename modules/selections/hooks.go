package selections

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/comment"
	"portico/platform/db/paging"
	"portico/platform/module"
	"portico/platform/search"
	"portico/platform/web"
)

// waiting answers what waits for the viewer's choice.
func (d desk) waiting(ctx context.Context, tx bun.Tx, v auth.Viewer) ([]module.Todo, error) {
	if !v.May(choose) {
		return nil, nil
	}
	list, err := openOf(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	here := &web.Here{Viewer: v}
	today := d.today(v)
	var todos []module.Todo
	for _, s := range list {
		todo := module.Todo{Title: "Choose: " + s.Title, Detail: s.ProjectName, Href: here.Path("selections", s.ID), Icon: "palette", Due: s.DueOn}
		if s.Room != "" {
			todo.Detail = s.Room + ", " + s.ProjectName
		}
		if s.State == Selected {
			if _, priced := s.Sum(); !priced {
				continue // it waits for us
			}
			todo.Title = "Approve: " + s.Title
		}
		switch {
		case s.Overdue(today):
			todo.Kind = "late"
		case s.Soon(today):
			todo.Kind = "due"
		}
		todos = append(todos, todo)
	}
	return todos, nil
}

// find answers the search of either side.
func (d desk) find(ctx context.Context, tx bun.Tx, v auth.Viewer, typed string, limit int) ([]search.Hit, error) {
	if !v.May(see) && !v.May(keep) || len(search.Typed(typed)) == 0 {
		return nil, nil
	}
	found, err := listed(ctx, tx, v, filter{Query: typed, Sort: "-changed"}, paging.Place{})
	if err != nil {
		return nil, err
	}
	here := &web.Here{Viewer: v}
	var hits []search.Hit
	for _, s := range found.Selections[:min(len(found.Selections), limit)] {
		hit := search.Hit{Title: s.Title, Detail: s.mark(d.today(v), v.Side == auth.Office).Text + ", " + s.ProjectName, Icon: "palette", Href: here.Path("selections", s.ID)}
		if v.Side == auth.Office {
			hit.Detail += ", " + s.ClientName
		}
		hits = append(hits, hit)
	}
	return hits, nil
}

type deskCard struct {
	*web.Here
	Lines []deskLine
}

type deskLine struct{ Title, Sub, Href, Kind, Icon string }

// card says what the office has to do about selections.
func (o office) card(r *web.Request) (web.Part, bool, error) {
	view := deskCard{Here: r.Here()}
	for _, one := range []struct{ state, one, many, sub, kind, icon string }{
		{"asked", "change asked for", "changes asked for", "after the client had approved", "due", "message-square"},
		{"price", "selection to price", "selections to price", "a choice has no price yet", "due", "tag"},
		{"overdue", "selection overdue", "selections overdue", "the client has not decided in time", "late", "clock"},
		{"order", "selection to order", "selections to order", "approved, not ordered yet", "info", "truck"},
	} {
		n, err := count(r.Context(), r.Tx(), r.Viewer(), filter{State: one.state, Today: r.Here().Today()})
		if err != nil {
			return web.Part{}, false, err
		}
		if n > 0 {
			view.Lines = append(view.Lines, deskLine{counted(min(n, few), one.one, one.many), one.sub, r.Path("selections") + "?state=" + one.state, one.kind, one.icon})
		}
	}
	said, err := comment.Unanswered(r.Context(), r.Tx(), r.Viewer(), "selections", 3)
	if err != nil {
		return web.Part{}, false, err
	}
	for _, c := range said {
		view.Lines = append(view.Lines, deskLine{c.Author + ": " + c.Excerpt(), "waits for an answer", r.Path("selections", c.ThingID), "info", "message-circle"})
	}
	return web.Draw("selections/_desk_card", view), len(view.Lines) > 0, nil
}

type portalCard struct {
	*web.Here
	Tiles []tile
	More  int
}

// card shows the client what is to be chosen next, with its face.
func (p portal) card(r *web.Request) (web.Part, bool, error) {
	list, err := openOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil || len(list) == 0 {
		return web.Part{}, false, err
	}
	set, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return web.Part{}, false, err
	}
	view := portalCard{Here: r.Here(), More: max(0, len(list)-3)}
	for _, s := range list[:min(3, len(list))] {
		view.Tiles = append(view.Tiles, tileOf(r.Here(), s, set, p.today(r.Viewer())))
	}
	return web.Draw("selections/_card", view), true, nil
}

// ownDecisions are what the viewer has decided and said, for the export of their own data.
func ownDecisions(ctx context.Context, tx bun.Tx, v auth.Viewer) ([]module.Table, error) {
	list, err := decidedBy(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	var tables []module.Table
	if len(list) > 0 {
		table := module.Table{Name: "selections_decided", Columns: []string{"at", "selection", "decision", "choices", "signature"}}
		for _, d := range list {
			table.Rows = append(table.Rows, []string{d.At.UTC().Format(time.RFC3339), d.Title, d.Act, d.Names, d.Signature})
		}
		tables = append(tables, table)
	}
	said, err := comment.Own(ctx, tx, v, "selections")
	if err != nil || len(said) == 0 {
		return tables, err
	}
	table := module.Table{Name: "selections_comments", Columns: []string{"at", "text"}}
	for _, c := range said {
		table.Rows = append(table.Rows, []string{c.CreatedAt.UTC().Format(time.RFC3339), c.Text})
	}
	return append(tables, table), nil
}

// keeps are our tables, for the export of everything.
func keeps() []module.Kept {
	return []module.Kept{
		{Table: "selections.setting", Columns: module.Words("at_once credits remind_days tax_rate")},
		{Table: "selections.book", Of: "client_id", Columns: module.Words("project_id client_id opens")},
		{Table: "selections.heading", Of: "client_id", Columns: module.Words("id client_id project_id kind title position")},
		{Table: "selections.allowance", Of: "client_id", Columns: module.Words("id client_id project_id title amount shared notes created_at")},
		{Table: "selections.selection", Of: "client_id", Columns: module.Words(`id client_id project_id category_id room_id allowance_id kind title specification
			instructions trade_info notes due_on item_id item_title item_offset required several may_decline may_propose open_ended state released_at
			decided_at ordered_on order_notes created_at changed_at`)},
		{Table: "selections.choice", Of: "client_id", Columns: module.Words("id client_id selection_id title text link vendor cost markup price by_client position created_by created_at")},
		{Table: "selections.pick", Of: "client_id", Columns: module.Words("choice_id client_id selection_id approved price at")},
		{Table: "selections.decision", Of: "client_id", Columns: module.Words(`id client_id selection_id act choices allowance used difference actor_id actor_name by_client
			behalf way signature reason note at`)},
		{Table: "selections.change", Of: "client_id", Columns: module.Words("id client_id project_id selection_id allowance_id text amount on_day invoice_id voided_at created_at")},
		{Table: "selections.request", Of: "client_id", Columns: module.Words("id client_id selection_id reason state answer person_id name created_at answered_at")},
		{Table: "selections.file", Of: "client_id", Columns: module.Words("id client_id selection_id choice_id file_id kind by_client position created_by created_at")},
		{Table: "selections.reminder", Of: "client_id", Columns: module.Words("project_id contact_id client_id on_day")},
		{Table: "selections.copying", Why: "ids of forms, so that one that is sent twice copies once"},
		{Table: "selections.template", Columns: module.Words("id title body size currency created_at")},
	}
}

// audit answers where the changes told to billing are not what approvals come to.
func audit(ctx context.Context, tx bun.Tx, firm uuid.UUID) ([]string, error) {
	v := auth.System(firm)
	set, err := settingOf(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	list, err := accountsOf(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	var wrong []string
	for _, a := range list {
		// an allowance that is not used up may have been given back before the firm changed its mind, or not yet
		least, most := need(a.Has, a.Amount, a.Approved, true, a.Open == 0), need(a.Has, a.Amount, a.Approved, false, false)
		if !set.Credits && a.Told != most && a.Told != least || set.Credits && (a.Told < min(least, most) || a.Told > most) {
			wrong = append(wrong, fmt.Sprintf("selections %s: changes of %s are told, approvals come to %s", a.ID, plain(a.Told), plain(most)))
		}
	}
	return wrong, nil
}

func plain(minor int64) string { return strconv.FormatInt(minor, 10) + " minor units" }
