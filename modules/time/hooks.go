package time

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/money"
	"portico/platform/search"
	"portico/platform/web"
)

type ownCard struct {
	*web.Here
	Timer    timerView
	Today    string // hours written down for today
	Week     string
	Waiting  int // to be approved by the viewer
	Returned int // came back to the viewer
	Last     int // drafts of the weeks before: to be handed in
}

// card says on the office's first page how the viewer's own time stands, and what waits for approval.
func (o office) card(r *web.Request) (web.Part, bool, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return web.Part{}, false, err
	}
	card := ownCard{Here: r.Here()}
	if card.Timer, err = o.timerView(r, nil); err != nil {
		return web.Part{}, false, err
	}
	week := s.weekOf(today(r))
	totals, err := dayTotals(ctx, tx, v, span{v.PersonID, week, week.Add(6)})
	if err != nil {
		return web.Part{}, false, err
	}
	sum := 0
	for _, minutes := range totals {
		sum += minutes
	}
	card.Today, card.Week = clock(totals[today(r)]), clock(sum)
	if card.Waiting, err = waitingFor(ctx, tx, v, s.LeadsApprove); err != nil {
		return web.Part{}, false, err
	}
	if card.Returned, card.Last, err = undone(ctx, tx, v, week); err != nil {
		return web.Part{}, false, err
	}
	if !card.Timer.Running && sum == 0 && card.Waiting+card.Returned+card.Last == 0 {
		return web.Part{}, false, nil
	}
	return web.Draw("time/_own_card", card), true, nil
}

// find answers the search of either side: notes on projects, and time and expenses by their words.
func find(ctx context.Context, tx bun.Tx, v auth.Viewer, typed string, limit int) ([]search.Hit, error) {
	if !v.May(see) && !v.May(write) || len(search.Typed(typed)) == 0 {
		return nil, nil
	}
	here := &web.Here{Viewer: v}
	var hits []search.Hit
	notes, err := findRemarks(ctx, tx, v, typed, limit)
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		href := here.Path("time") + "#notes"
		if v.Side == auth.Office {
			href = here.Path("time", "notes", n.ID)
		}
		hits = append(hits, search.Hit{Title: short(n.Text, 70), Detail: "Note, " + n.Project + ", " + v.Reader().Day(n.OnDay), Icon: "timer", Href: href})
	}
	found, err := findWork(ctx, tx, v, typed, limit)
	if err != nil {
		return nil, err
	}
	for _, e := range found {
		href := here.Path("time", "projects", e.ProjectID, "months", monthKey(e.Month))
		if v.Side == auth.Office {
			href = here.Path("time", "entries", e.ID)
		}
		title := Entry{Task: e.Task}.What()
		if e.ClientNote != "" {
			title += ": " + e.ClientNote
		}
		hits = append(hits, search.Hit{Title: short(title, 70), Detail: clock(e.Minutes) + " h, " + e.Project + ", " + v.Reader().Day(e.WorkDate), Icon: "timer", Href: href})
	}
	return hits[:min(len(hits), limit)], nil
}

// short keeps a text within so many letters, on one line.
func short(text string, most int) string {
	letters := []rune(oneLine(text))
	if len(letters) <= most {
		return string(letters)
	}
	return strings.TrimSpace(string(letters[:most-1])) + "…"
}

// ownRows are what the section keeps about a member of staff: own time, expenses and notes.
func ownRows(ctx context.Context, tx bun.Tx, v auth.Viewer) ([]module.Table, error) {
	if v.PersonID == uuid.Nil {
		return nil, nil
	}
	list, spent, notes, err := ownOf(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	var tables []module.Table
	if len(list) > 0 {
		t := module.Table{Name: "time_entries", Columns: []string{"day", "project", "task", "hours", "note", "internal_notes", "state"}}
		for _, e := range list {
			t.Rows = append(t.Rows, []string{e.WorkDate.String(), e.Project, e.Task, e.Hours(), e.ClientNote, e.InternalNotes, string(e.State)})
		}
		tables = append(tables, t)
	}
	if len(spent) > 0 {
		t := module.Table{Name: "time_expenses", Columns: []string{"day", "project", "category", "vendor", "amount", "currency", "note", "internal_notes", "state"}}
		for _, e := range spent {
			t.Rows = append(t.Rows, []string{e.SpentOn.String(), e.Project, e.Category, e.Vendor, money.Of(e.Cost, e.Currency).Plain(), e.Currency, e.ClientNote, e.InternalNotes, string(e.State)})
		}
		tables = append(tables, t)
	}
	if len(notes) > 0 {
		t := module.Table{Name: "time_notes", Columns: []string{"day", "project", "text", "written_at"}}
		for _, n := range notes {
			t.Rows = append(t.Rows, []string{n.OnDay.String(), n.Project, n.Text, n.CreatedAt.UTC().Format(time.RFC3339)})
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// handOver passes on the projects that somebody leads who leaves.
func handOver(ctx context.Context, tx bun.Tx, v auth.Viewer, from, to uuid.UUID) (int, error) {
	return passLeads(ctx, tx, v, from, to)
}

// keeps are our tables, for the export of everything.
func keeps() []module.Kept {
	return []module.Kept{
		{Table: "time.setting", Columns: module.Words("round_to round_up sunday_first leads_approve show_people show_rate markup time_tax expense_tax updated_at")},
		{Table: "time.rate", Columns: module.Words("id person_id project_id price currency updated_at")},
		{Table: "time.terms", Of: "client_id", Columns: module.Words("project_id client_id agreed_minutes lead_id updated_at")},
		{Table: "time.entry", Of: "client_id", Columns: module.Words(`id client_id project_id person_id work_date minutes task client_note internal_notes billable state rate
			currency returned submitted_at approved_by approved_at handed_at invoice_id finalised_at imported created_at updated_at`)},
		{Table: "time.expense", Of: "client_id", Columns: module.Words(`id client_id project_id person_id spent_on category vendor cost tax markup price currency client_note internal_notes
			billable receipt_id receipt_media state returned submitted_at approved_by approved_at handed_at invoice_id finalised_at created_at updated_at`)},
		{Table: "time.remark", Of: "client_id", Columns: module.Words("id client_id project_id person_id on_day text client_viewable created_at updated_at")},
		{Table: "time.timer", Why: "It is work of the moment."},
		{Table: "time.line", Why: "Rows of week sheets in which nothing is written."},
	}
}
