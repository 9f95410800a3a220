package time

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/web"
)

// portal are the pages of clients.
type portal struct{ module.Platform }

func (p portal) routes() []web.Route {
	return []web.Route{
		web.Get("/", see, p.index),
		web.Get("/projects/:project/months/:month", see, p.month),
		web.Get("/hours.csv", see, p.hoursTable),
		web.Get("/expenses.csv", see, p.expensesTable),
		web.Get("/document", see, p.document),
	}
}

// seesTime and seesExpenses report whether any area of them is on.
func seesTime(v auth.Viewer) bool {
	return v.May(areas[unbilledTime]) || v.May(areas[billedTime]) || v.May(areas[finalisedTime])
}

func seesExpenses(v auth.Viewer) bool {
	return v.May(areas[unbilledExpenses]) || v.May(areas[billedExpenses])
}

type shownView struct {
	*web.Here
	Jobs      []*jobShown
	Budgets   []budgetView
	Remarks   []Remark
	Several   bool // projects are named
	Time      bool // areas of time are on
	Spending  bool // areas of expenses are on
	Notes     bool
	Hours     string // tables, "" when there is nothing in them
	Expenses  string
	Document  string
	Sum       string
	People    bool // rows say who worked
	ShowsNone bool
}

// shownAtOnce is how many entries stand on the first page; months with more have a page of their own.
const shownAtOnce = 400

func (p portal) index(r *web.Request) error {
	r.Title("Time")
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view := shownView{
		Here: r.Here(), Several: v.Scope == nil && len(v.Projects) > 1, Time: seesTime(v), Spending: seesExpenses(v), Notes: v.May(areas[remarks]),
	}
	s := newShelf(view.Here, v)
	if err := s.fill(ctx, tx, v, uuid.Nil, 0, shownAtOnce); err != nil {
		return err
	}
	view.Jobs = s.list()
	minutes := 0
	for _, j := range view.Jobs {
		minutes += j.Minutes
		if j.Times {
			view.Hours = r.Path("time", "hours.csv")
		}
		for _, m := range j.Months {
			if len(m.Expenses) > 0 {
				view.Expenses = r.Path("time", "expenses.csv")
			}
			view.People = view.People || namesPeople(m)
		}
	}
	view.Sum = clock(minutes)
	if view.Hours != "" || view.Expenses != "" {
		view.Document = r.Path("time", "document")
	}
	var err error
	if view.Budgets, err = budgetsIn(r); err != nil {
		return err
	}
	if view.Remarks, err = listRemarks(ctx, tx, v, uuid.Nil); err != nil {
		return err
	}
	view.ShowsNone = len(view.Jobs)+len(view.Budgets)+len(view.Remarks) == 0
	return r.Show("time/portal", view)
}

func namesPeople(m *monthShown) bool {
	for _, t := range m.Tasks {
		for _, row := range t.Rows {
			if row.Person != "" {
				return true
			}
		}
	}
	return false
}

// fill reads what the viewer may see: all of it, or one month of a project.
func (s *shelf) fill(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, month int, most int) error {
	if seesTime(v) {
		added, err := sums(ctx, tx, v, project, month)
		if err != nil {
			return err
		}
		s.sums(added)
		rows, err := shownOf(ctx, tx, v, project, month, most)
		if err != nil {
			return err
		}
		s.rows(rows)
	}
	if seesExpenses(v) {
		spent, err := shownExpensesOf(ctx, tx, v, project, month, mostRows)
		if err != nil {
			return err
		}
		s.spent(spent)
	}
	return nil
}

type monthView struct {
	*web.Here
	Trail    []web.NavItem
	Job      *jobShown
	Month    *monthShown
	Hours    string
	Document string
	People   bool
}

// month is one month of a project with all of its rows.
func (p portal) month(r *web.Request) error {
	v := r.Viewer()
	project, err := r.ID("project")
	if err != nil {
		return err
	}
	month, ok := monthIn(r.Param("month"))
	if !ok {
		return fault.NotFound()
	}
	s := newShelf(r.Here(), v)
	if err := s.fill(r.Context(), r.Tx(), v, project, month, mostRows); err != nil {
		return err
	}
	list := s.list()
	if len(list) != 1 || len(list[0].Months) != 1 {
		return fault.NotFound()
	}
	job, m := list[0], list[0].Months[0]
	m.Open = true
	r.Title(m.Title + ", " + job.Name)
	query := "?project=" + project.String() + "&month=" + m.Key
	view := monthView{
		Here: r.Here(), Job: job, Month: m, Document: r.Path("time", "document") + query, People: namesPeople(m),
		Trail: []web.NavItem{{Title: r.Say("Time"), Href: r.Path("time")}, {Title: job.Name + ", " + m.Title}},
	}
	if len(m.Tasks) > 0 {
		view.Hours = r.Path("time", "hours.csv") + query
	}
	return r.Show("time/month", view)
}

// spanIn is what a table or a document is narrowed to.
func spanIn(r *web.Request) (project uuid.UUID, month int) {
	id, err := uuid.Parse(r.Query("project"))
	m, ok := monthIn(r.Query("month"))
	if err != nil || !ok {
		return uuid.Nil, 0
	}
	return id, m
}

// mostTable is how many rows a client's table has.
const mostTable = 200_000

func (p portal) hoursTable(r *web.Request) error {
	v, ctx := r.Viewer(), r.Lasting()
	if !seesTime(v) {
		return fault.NotFound()
	}
	project, month := spanIn(r)
	names := newShelf(r.Here(), v).names
	s, err := settingOf(r.Context(), r.Tx(), v)
	if err != nil {
		return err
	}
	columns := []string{"Project", "Month", "Task", "Date", "Hours", "Hours and minutes", "Note", "State"}
	if s.ShowPeople {
		columns = append(columns, "Person")
	}
	return r.Sheet("hours.csv", columns, func(add func(...string) error) error {
		return db.InTx(ctx, p.Pool, v.FirmID(), func(_ context.Context, tx bun.Tx) error {
			list, err := shownOf(ctx, tx, v, project, month, mostTable)
			if err != nil {
				return err
			}
			for _, e := range list {
				cells := []string{names[e.ProjectID], monthKey(e.Month), Entry{Task: e.Task}.What(), e.WorkDate.String(), hours(e.Minutes), e.Hours(), e.ClientNote, r.Say(string(e.Mark().Text))}
				if s.ShowPeople {
					cells = append(cells, e.Person)
				}
				if err := add(cells...); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func (p portal) expensesTable(r *web.Request) error {
	v, ctx := r.Viewer(), r.Lasting()
	if !seesExpenses(v) {
		return fault.NotFound()
	}
	project, month := spanIn(r)
	names := newShelf(r.Here(), v).names
	columns := []string{"Project", "Month", "Category", "Date", "Amount", "Currency", "Note", "State"}
	return r.Sheet("expenses.csv", columns, func(add func(...string) error) error {
		return db.InTx(ctx, p.Pool, v.FirmID(), func(_ context.Context, tx bun.Tx) error {
			list, err := shownExpensesOf(ctx, tx, v, project, month, mostTable)
			if err != nil {
				return err
			}
			for _, e := range list {
				if err := add(names[e.ProjectID], monthKey(e.Month), e.Category, e.SpentOn.String(), e.Charged().Plain(), e.Currency, e.ClientNote, r.Say(string(e.Mark().Text))); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

type budgetCard struct {
	*web.Here
	Budgets []budgetView
	Several bool
}

// budgetCard says on the dashboard how many hours are left.
func (p portal) budgetCard(r *web.Request) (web.Part, bool, error) {
	list, err := budgets(r.Context(), r.Tx(), r.Viewer(), openIn(r.Viewer(), budget))
	if err != nil || len(list) == 0 {
		return web.Part{}, false, err
	}
	card := budgetCard{Here: r.Here(), Several: len(list) > 1}
	for _, b := range list[:min(len(list), 3)] {
		card.Budgets = append(card.Budgets, budgetView{Budget: b, There: true})
	}
	return web.Draw("time/_budget_card", card), true, nil
}
