package schedule

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
)

// Shown is an item as it was published last.
type Shown struct {
	ID             uuid.UUID
	ProjectID      uuid.UUID
	ProjectName    string
	ProjectKey     string
	PhaseID        uuid.UUID
	Kind           Kind
	Position       int
	Title          string
	ClientText     string
	StartOn, EndOn day.Day
	Color          string
	Progress       int
	Assignee       string      // where clients may know
	AfterIds       []uuid.UUID `bun:",array"`
	AfterKinds     []string    `bun:",array"`
	Visible        bool
	Hidden         bool // since then, or with its deletion: see shownOf
	Sequence       int
	PublishedAt    time.Time
}

// Span is when it is.
func (s Shown) Span() Span { return Span{s.StartOn, s.EndOn} }

// seen is where every read of a client begins: of schedules that are online and viewable, what was published as visible
// and is not hidden meanwhile. How far it has come is told as it is now.
func seen(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	named := []uuid.UUID{}
	if v.May(seeAssignees) {
		named = v.ProjectIDs(section + "/assignees")
	}
	q := tx.NewSelect().
		TableExpr("schedule.shown AS s").
		ColumnExpr(`s.item_id AS id, s.project_id, s.phase_id, s.kind, s.position, s.title, s.client_text, s.start_on, s.end_on, s.color,
			s.after_ids, s.after_kinds, s.visible, s.sequence, s.published_at, i.progress, pr.name AS project_name, pr.key AS project_key`).
		ColumnExpr("CASE WHEN s.project_id = any(?::uuid[]) THEN coalesce(pe.name, '') ELSE '' END AS assignee", pgdialect.Array(named)).
		Join("JOIN schedule.plan AS p ON p.firm_id = s.firm_id AND p.project_id = s.project_id AND p.online AND p.viewable").
		Join("JOIN schedule.item AS i ON i.firm_id = s.firm_id AND i.id = s.item_id AND i.client_visible").
		Join("JOIN project AS pr ON pr.firm_id = s.firm_id AND pr.id = s.project_id").
		Join("LEFT JOIN person AS pe ON pe.firm_id = i.firm_id AND pe.id = i.assignee_id").
		Where("s.firm_id = ?", v.FirmID()).
		Where("s.visible")
	if v.Side != auth.Portal || !v.May(see) {
		return q.Where("false")
	}
	return q.
		Where("s.client_id = ?", v.ClientID).
		Where("s.project_id = any(?::uuid[])", pgdialect.Array(v.ProjectIDs(section)))
}

// seenAll is all that the viewer may see, project by project in the order of the schedule.
func seenAll(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]Shown, error) {
	var list []Shown
	err := seen(tx, v).
		OrderExpr("pr.created_at DESC, s.project_id, s.position, s.item_id").
		Limit(2*mostItems).
		Scan(ctx, &list)
	return list, err
}

// seenOf is what the viewer may see of one project.
func seenOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) ([]Shown, error) {
	var list []Shown
	err := seen(tx, v).
		Where("s.project_id = ?", project).
		Order("s.position", "s.item_id").
		Limit(mostItems).
		Scan(ctx, &list)
	return list, err
}

func seenByID(ctx context.Context, tx bun.IDB, v auth.Viewer, item uuid.UUID) (Shown, error) {
	var s Shown
	err := seen(tx, v).Where("s.item_id = ?", item).Scan(ctx, &s)
	return s, db.Found(err)
}

// comingUp are the next items that are not over, milestones first where they fall on one day.
func comingUp(ctx context.Context, tx bun.IDB, v auth.Viewer, today day.Day, most int) ([]Shown, error) {
	var list []Shown
	err := seen(tx, v).
		Where("s.end_on >= ?", today).
		Where("i.progress < 100").
		OrderExpr("CASE WHEN s.start_on < ?0::date THEN s.end_on ELSE s.start_on END, s.kind <> 'milestone', s.position, s.item_id", today).
		Limit(int64(most)).
		Scan(ctx, &list)
	return list, err
}

// titlesOf are the titles of a project's items, as staff call them; of those that are put away, too.
func titlesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (map[uuid.UUID]string, error) {
	var list []struct {
		ID    uuid.UUID
		Title string
	}
	err := tx.NewRaw("select i.id, i.title from schedule.item i where i.firm_id = ? and i.project_id = ?", v.FirmID(), project).Scan(ctx, &list)
	titles := make(map[uuid.UUID]string, len(list))
	for _, i := range list {
		titles[i.ID] = i.Title
	}
	return titles, err
}

// shownOf is what was published last, hidden items too: for staff and for the rules.
func shownOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (map[uuid.UUID]Shown, error) {
	var list []Shown
	err := tx.NewRaw(`
		select s.item_id as id, s.project_id, s.phase_id, s.kind, s.position, s.title, s.client_text, s.start_on, s.end_on, s.color, s.visible,
			s.after_ids, s.after_kinds, s.sequence, s.published_at, not i.client_visible as hidden
		from schedule.shown s
		join schedule.item i on i.firm_id = s.firm_id and i.id = s.item_id
		where s.firm_id = ? and s.project_id = ?`, v.FirmID(), project).Scan(ctx, &list)
	known := make(map[uuid.UUID]Shown, len(list))
	for _, s := range list {
		known[s.ID] = s
	}
	return known, err
}
