package schedule

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/plan"
)

// answer tells other sections what is planned: staff all of it as it is planned now, clients what they see, jobs all that was
// published last, because what staff are about to move is not so yet.
func answer(ctx context.Context, q plan.Question) ([]plan.Item, error) {
	var list []plan.Item
	switch q.Viewer.Side {
	case auth.Portal:
		all, err := seenOf(ctx, q.Tx, q.Viewer, q.ProjectID)
		if err != nil {
			return nil, err
		}
		for _, s := range all {
			list = append(list, plan.Item{ID: s.ID, Title: s.Title, ClientTitle: s.Title, Visible: true, Milestone: s.Kind == Milestone, Start: s.StartOn, End: s.EndOn})
		}
	case auth.Program:
		all, err := shownOf(ctx, q.Tx, q.Viewer, q.ProjectID)
		if err != nil {
			return nil, err
		}
		titles, err := titlesOf(ctx, q.Tx, q.Viewer, q.ProjectID)
		if err != nil {
			return nil, err
		}
		for _, s := range all {
			list = append(list, plan.Item{
				ID: s.ID, Title: titles[s.ID], ClientTitle: s.Title, Visible: s.Visible, Milestone: s.Kind == Milestone, Start: s.StartOn, End: s.EndOn,
			})
		}
	default:
		all, err := itemsOf(ctx, q.Tx, q.Viewer, q.ProjectID)
		if err != nil {
			return nil, err
		}
		for _, i := range all {
			list = append(list, plan.Item{
				ID: i.ID, Title: i.Title, ClientTitle: i.ForClient(), Visible: i.ClientVisible, Milestone: i.Kind == Milestone, Start: i.StartOn, End: i.EndOn,
			})
		}
	}
	slices.SortStableFunc(list, func(a, b plan.Item) int { return b.Start.Until(a.Start) })
	return list, nil
}

// ownAddresses are the calendar addresses that the viewer has made, for the export of own data.
func ownAddresses(ctx context.Context, tx bun.Tx, v auth.Viewer) ([]module.Table, error) {
	if v.Side != auth.Portal {
		return nil, nil
	}
	list, err := ownFeeds(ctx, tx, v)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	table := module.Table{Name: "schedule_calendar_addresses", Columns: []string{"made", "ended"}}
	for _, f := range list {
		ended := ""
		if !f.RevokedAt.IsZero() {
			ended = f.RevokedAt.UTC().Format(time.RFC3339)
		}
		table.Rows = append(table.Rows, []string{f.CreatedAt.UTC().Format(time.RFC3339), ended})
	}
	return []module.Table{table}, nil
}

// handOver passes on what somebody has still to do.
func handOver(ctx context.Context, tx bun.Tx, v auth.Viewer, from, to uuid.UUID) (int, error) {
	n, err := openWith(ctx, tx, v, from)
	if err != nil || to == uuid.Nil || n == 0 {
		return n, err
	}
	mates, err := matesOf(ctx, tx, v, uuid.Nil)
	if err != nil {
		return 0, err
	}
	at := slices.IndexFunc(mates, func(m mate) bool { return m.ID == to })
	if at < 0 {
		return 0, fault.NotFound()
	}
	if err := reassign(ctx, tx, v, from, to); err != nil {
		return 0, err
	}
	return n, activity.Record(ctx, tx, v, activity.Entry{
		Verb: "schedule.handed_over", Text: "handed over to " + mates[at].Name + " " + counted(n, "item") + " of schedules", SubjectID: to,
	})
}

// keeps are our tables, for the export of everything.
func keeps() []module.Kept {
	return []module.Kept{
		{Table: "schedule.plan", Of: "client_id", Columns: module.Words(`project_id client_id online viewable revision start_on end_on items done changed_at
			published_at baseline_at created_by created_at`)},
		{Table: "schedule.item", Columns: module.Words(`id project_id phase_id kind position title client_title client_text internal_notes vendor assignee_id
			start_on end_on workdays not_before progress color client_visible base_start base_end deleted_at created_at updated_at`)},
		{Table: "schedule.link", Columns: module.Words("project_id from_id to_id relation lag")},
		{Table: "schedule.shift", Columns: module.Words("id project_id item_id cause_id old_start old_end new_start new_end reason by_id at notice_id")},
		{Table: "schedule.shown", Of: "client_id", Columns: module.Words(`item_id project_id client_id phase_id kind position title client_text start_on end_on color
			visible sequence published_at`)},
		{Table: "schedule.notice", Of: "client_id", Columns: module.Words("id project_id client_id message first told by_id at")},
		{Table: "schedule.change", Columns: module.Words("notice_id item_id kind item_kind position title old_title old_start old_end new_start new_end reason hidden")},
		{Table: "schedule.feed", Of: "client_id", Columns: module.Words("id client_id contact_id person_id created_at revoked_at")},
		{Table: "schedule.template", Columns: module.Words("id name body items workdays created_by created_at")},
		{Table: "schedule.day_off", Columns: module.Words("id project_id first_on last_on works name created_at")},
		{Table: "schedule.setting", Columns: module.Words("week default_view updated_at")},
		{Table: "schedule.word", Why: "It is made of the items, for the search."},
	}
}
