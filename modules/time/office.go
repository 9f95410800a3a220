package time

import (
	"time"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/day"
	"portico/platform/module"
	"portico/platform/web"
)

// office are the pages of staff.
type office struct{ module.Platform }

func (o office) routes() []web.Route {
	return []web.Route{
		web.Get("/", write, o.week),
		web.Post("/week", write, o.saveWeek),
		web.Post("/week/cells", write, o.saveCell),
		web.Post("/week/lines", write, o.addLine),
		web.Delete("/week/lines", write, o.dropLine),
		web.Post("/week/copies", write, o.copyWeek),
		web.Post("/week/submission", write, o.submit),
		web.Delete("/week/submission", write, o.takeBack),

		web.Post("/timer", write, o.startTimer),
		web.Post("/timer/entry", write, o.stopTimer),
		web.Delete("/timer", write, o.dropTimer),

		web.Get("/entries", write, o.entries),
		web.Get("/entries.csv", write, o.entriesTable),
		web.Get("/entries/new", write, o.newEntry),
		web.Post("/entries", write, o.addEntry),
		web.Get("/entries/:entry", write, o.entry),
		web.Post("/entries/:entry", write, o.saveEntry),
		web.Delete("/entries/:entry", write, o.dropEntry),

		web.Get("/expenses", write, o.expenses),
		web.Get("/expenses.csv", write, o.expensesTable),
		web.Get("/expenses/new", write, o.newExpense),
		pictured(web.Post("/expenses", write, o.addExpense)),
		web.Get("/expenses/:expense", write, o.expense),
		pictured(web.Post("/expenses/:expense", write, o.saveExpense)),
		web.Delete("/expenses/:expense", write, o.dropExpense),

		slow(web.Post("/submissions", write, o.submitMany)),
		slow(web.Post("/approvals", write, o.approve)),
		slow(web.Post("/returns", write, o.sendBack)),
		slow(web.Post("/handovers", rule, o.handOver)),
		slow(web.Delete("/handovers", rule, o.withdraw)),
		slow(web.Post("/locks", rule, o.lock)),

		web.Get("/clients/:client", write, o.client),
		web.Get("/projects/:project", write, o.project),
		web.Post("/projects/:project/terms", rule, o.saveTerms),
		web.Post("/projects/:project/rates", rule, o.addProjectRate),
		slow(web.Post("/projects/:project/handovers", rule, o.handOverProject)),
		slow(web.Post("/projects/:project/locks", rule, o.lockProject)),
		web.Post("/projects/:project/notes", write, o.addRemark),
		web.Get("/notes/:note", write, o.remark),
		web.Post("/notes/:note", write, o.saveRemark),
		web.Delete("/notes/:note", write, o.dropRemark),

		web.Get("/settings", rule, o.settings),
		web.Post("/settings", rule, o.saveSettings),
		web.Post("/rates", rule, o.addRate),
		web.Delete("/rates/:rate", rule, o.dropRate),
	}
}

// slow is a route that may have much to do.
func slow(r web.Route) web.Route {
	r.Time = time.Minute
	return r
}

// receiptBytes is the most of a photo or PDF.
const receiptBytes = 25 << 20

// pictured is a route that takes a receipt.
func pictured(r web.Route) web.Route {
	r = r.Upto(receiptBytes + 1<<20)
	r.Time = time.Minute
	return r
}

// tabs are the pages of the section.
func (office) tabs(r *web.Request, current string) ([]web.NavItem, error) {
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return nil, err
	}
	waiting, err := waitingFor(r.Context(), r.Tx(), r.Viewer(), s.LeadsApprove)
	if err != nil {
		return nil, err
	}
	items := []web.NavItem{
		{Title: "Week", Href: r.Path("time"), Current: current == "week"},
		{Title: "All time", Href: r.Path("time", "entries"), Current: current == "entries", Badge: min(waiting, 999)},
		{Title: "Expenses", Href: r.Path("time", "expenses"), Current: current == "expenses"},
	}
	if r.Viewer().May(rule) {
		items = append(items, web.NavItem{Title: "Rates and settings", Href: r.Path("time", "settings"), Current: current == "settings"})
	}
	return items, nil
}

// choice is an option of a menu.
type choice struct{ Value, Title string }

func projectChoices(list []work) (all []choice) {
	for _, w := range list {
		all = append(all, choice{w.ID.String(), w.Name + " · " + w.Client})
	}
	return all
}

func colleagueChoices(list []colleague) (all []choice) {
	for _, c := range list {
		all = append(all, choice{c.ID.String(), c.Name})
	}
	return all
}

// withChoice has a project in a menu that does not offer it, so that what is kept can be shown.
func withChoice(all []choice, id uuid.UUID, title string) []choice {
	if id == uuid.Nil {
		return all
	}
	for _, c := range all {
		if c.Value == id.String() {
			return all
		}
	}
	return append(all, choice{id.String(), title})
}

// record notes what happened in a project, for staff alone. Hours, money and rates are between a person and the admins.
func record(r *web.Request, client, project, subject uuid.UUID, verb, text string, data map[string]any) error {
	return activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: verb, Text: text, ClientID: client, ProjectID: project, SubjectID: subject, Data: data, Private: true,
	})
}

// today is the day where the viewer is.
func today(r *web.Request) day.Day { return r.Here().Today() }
