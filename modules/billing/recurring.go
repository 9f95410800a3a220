package billing

import (
	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/web"
)

// recurringRoutes are the pages of what is billed again and again.
func recurringRoutes(o office) []web.Route {
	return []web.Route{
		web.Get("/recurring", write, o.templates),
		web.Get("/recurring/new", write, o.newTemplate),
		web.Post("/recurring", write, o.addTemplate),
		web.Get("/recurring/:template", write, o.template),
		web.Post("/recurring/:template", write, o.saveTemplate),
		web.Delete("/recurring/:template", write, o.deleteTemplate),
		web.Get("/recurring/:template/edit", write, o.editTemplate),
		web.Get("/recurring/:template/deletion", write, o.askDeleteTemplate),
		web.Post("/recurring/:template/approval", settle, o.approveTemplate),
		web.Post("/recurring/:template/pause", write, o.pauseTemplate),
		web.Delete("/recurring/:template/pause", write, o.resumeTemplate),
	}
}

type templatesView struct {
	*web.Here
	Tabs     []web.NavItem
	Query    string
	State    string
	States   []choice
	Client   party
	Rows     []templateRow
	Narrowed bool
	Full     bool
}

type templateRow struct {
	Template
	Mark  mark
	Href  string
	Waits bool
}

func (o office) templates(r *web.Request) error {
	r.Title("Recurring invoices")
	f := templateFilter{Query: r.Query("q"), State: r.Query("state")}
	view := templatesView{
		Here: r.Here(), Tabs: o.tabs(r, "recurring"), Query: f.Query,
		States: []choice{{"", "All"}, {"running", "Running"}, {"paused", "Paused"}, {"ended", "Ended"}},
	}
	for _, s := range view.States {
		if s.Value == f.State {
			view.State = s.Value
		}
	}
	if text := r.Query("client"); text != "" {
		id, err := uuid.Parse(text)
		if err != nil {
			return fault.NotFound()
		}
		if view.Client, err = clientByID(r.Context(), r.Tx(), r.Viewer(), id); err != nil {
			return err
		}
		f.Client = view.Client.ID
	}
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	list, err := listTemplates(r.Context(), r.Tx(), r.Viewer(), f)
	if err != nil {
		return err
	}
	for _, t := range list {
		view.Rows = append(view.Rows, templateRow{t, t.mark(), r.Path("billing", "recurring", t.ID), t.Waits(s)})
	}
	view.Narrowed, view.Full = f.Query != "" || view.State != "" || f.Client != uuid.Nil, len(list) == mostTemplates
	return r.Show("billing/recurring", view)
}

type templateView struct {
	*web.Here
	Trail    []web.NavItem
	Template Template
	Mark     mark
	Next     []day.Day
	Runs     []run
	Lines    []sheetLine
	Waits    bool // its invoices stay drafts: nobody answers for what goes out
	Approves bool // the viewer may answer for it
	Mine     bool // the viewer may not, for having written it
}

func (office) loadTemplate(r *web.Request) (Template, error) {
	return web.Find(r, "template", templateByID)
}

func (o office) template(r *web.Request) error {
	t, err := o.loadTemplate(r)
	if err != nil {
		return err
	}
	view, err := o.templateView(r, t)
	if err != nil {
		return err
	}
	return r.Show("billing/template", view)
}

func (o office) templateView(r *web.Request, t Template) (templateView, error) {
	r.Title(t.Title)
	view := templateView{
		Here: r.Here(), Template: t, Mark: t.mark(),
		Trail: []web.NavItem{{Title: "Billing", Href: r.Path("billing")}, {Title: "Recurring", Href: r.Path("billing", "recurring")}, {Title: t.Title}},
	}
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return view, err
	}
	view.Waits = t.Waits(s)
	wrote := Invoice{Writers: t.Writers}.wroteBy(r.Viewer().PersonID)
	view.Mine = view.Waits && r.Viewer().May(settle) && s.SecondPerson && wrote
	view.Approves = view.Waits && r.Viewer().May(settle) && !view.Mine
	if !t.Over() {
		view.Next = t.rhythm().from(t.NextOn, t.Made, 6)
	}
	sheet := sheetView{Here: view.Here}
	sheet.Invoice.Currency = t.Currency
	sheet.fill(t.Lines, nil, s.TaxName)
	view.Lines = sheet.Lines
	if view.Runs, err = runsOf(r.Context(), r.Tx(), r.Viewer(), t.ID); err != nil {
		return view, err
	}
	at := today(r.Firm(), r.Now())
	for n, one := range view.Runs {
		view.Runs[n].Mark = markOf(Invoice{Stage: one.Stage, State: one.State, DueOn: one.DueOn}, at, r.Viewer().Side)
	}
	return view, nil
}
