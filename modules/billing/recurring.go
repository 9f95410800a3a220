package billing

import (
	"strconv"

	"github.com/google/uuid"

	"portico/platform/activity"
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
	id, err := r.ID("template")
	if err != nil {
		return Template{}, err
	}
	return templateByID(r.Context(), r.Tx(), r.Viewer(), id)
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
	var sheet sheetView
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

// templateEdit is the form: an invoice's lines with a rhythm around them.
type templateEdit struct {
	editView
	Rhythm   templateForm
	Units    []choice
	Days     []choice
	Becoming []choice
	Next     []day.Day // what it would come to
	Places   []string
	Settles  bool
}

// ApprovalHelp is for who cannot answer for what goes out by itself.
func (v templateEdit) ApprovalHelp() string {
	if v.Settles {
		return ""
	}
	return "An owner or admin approves it before anything goes out by itself."
}

func (o office) editingTemplate(r *web.Request, project party, t Template, draft draftForm, form templateForm) (templateEdit, error) {
	edit, err := o.editing(r, project, Invoice{}, draft)
	view := templateEdit{
		editView: edit, Rhythm: form, Places: placeNames(), Settles: r.Viewer().May(settle),
		Units:    []choice{{"week", "weeks"}, {"month", "months"}, {"quarter", "quarters"}, {"year", "years"}},
		Becoming: []choice{{"draft", "Drafts, for somebody to look at"}, {"approved", "Approved, to be released together"}, {"released", "Released to the client at once"}},
	}
	view.Invoice.ID = t.ID
	for n := range 30 {
		view.Days = append(view.Days, choice{strconv.Itoa(n + 1), "the " + ordinal(n+1)})
	}
	view.Days = append(view.Days, choice{"31", "the last day"})
	title := "New recurring invoice"
	view.Action, view.Back = r.Path("billing", "recurring"), r.Path("billing", "recurring")
	view.Trail = []web.NavItem{{Title: "Billing", Href: r.Path("billing")}, {Title: "Recurring", Href: view.Back}}
	if t.ID != uuid.Nil {
		title, view.Action = t.Title, r.Path("billing", "recurring", t.ID)
		view.Back = view.Action
	}
	r.Title(title)
	view.Trail = append(view.Trail, web.NavItem{Title: title})
	if typed, wrong := form.template(draft, nil); wrong["every"]+wrong["unit"]+wrong["on_day"]+wrong["starts_on"]+wrong["ends_on"]+wrong["times"] == "" {
		last := day.Day{}
		if t.ID != uuid.Nil && err == nil {
			last, err = lastRun(r.Context(), r.Tx(), r.Viewer(), t.ID)
		}
		h := typed.rhythm()
		view.Next = h.from(latest(h.beyond(last), h.Starts), t.Made, 6)
	}
	return view, err
}

func (o office) newTemplate(r *web.Request) error {
	if r.Query("project") == "" {
		return o.pickProject(r, "New recurring invoice", r.Path("billing", "recurring", "new"))
	}
	project, err := o.billable(r, r.Query("project"))
	if err != nil {
		return err
	}
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	form := templateForm{Every: "1", Unit: "month", OnDay: "1", StartsOn: today(r.Firm(), r.Now()), DueDays: strconv.Itoa(s.TermsDays), Becomes: Draft}
	view, err := o.editingTemplate(r, project, Template{}, draftForm{Project: project.ID}, form)
	if err != nil {
		return err
	}
	return r.Show("billing/template_edit", view)
}

func (o office) editTemplate(r *web.Request) error {
	t, err := o.loadTemplate(r)
	if err != nil {
		return err
	}
	project, err := o.projectOf(r, t)
	if err != nil {
		return err
	}
	draft := draftForm{Project: t.ProjectID, Title: t.Title, Message: t.Message, Notes: t.Notes, Version: t.Version}
	for _, l := range t.Lines {
		draft.Lines = append(draft.Lines, formOf(l, t.Currency))
	}
	view, err := o.editingTemplate(r, project, t, draft, templateFormOf(t))
	if err != nil {
		return err
	}
	return r.Show("billing/template_edit", view)
}

func (office) projectOf(r *web.Request, t Template) (party, error) {
	project, err := projectByID(r.Context(), r.Tx(), r.Viewer(), t.ProjectID)
	project.Currency = t.Currency
	return project, err
}

func (o office) addTemplate(r *web.Request) error {
	project, err := o.billable(r, r.Value("project"))
	if err != nil {
		return err
	}
	return o.keepTemplate(r, project, Template{})
}

func (o office) saveTemplate(r *web.Request) error {
	t, err := o.loadTemplate(r)
	if err != nil {
		return err
	}
	project, err := o.projectOf(r, t)
	if err != nil {
		return err
	}
	return o.keepTemplate(r, project, t)
}

// keepTemplate reads the form and writes what it says; was is what is kept so far.
func (o office) keepTemplate(r *web.Request, project party, was Template) error {
	draft, lines, wrong := o.typed(r, project.Currency)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	var form templateForm
	if err := r.Bind(&form); err != nil && wrong == nil {
		wrong = err
	}
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	if draft.arrange(s) {
		view, err := o.editingTemplate(r, project, was, draft, form)
		if err != nil {
			return err
		}
		return r.Show("billing/template_edit", view)
	}
	is, problems := form.template(draft, lines)
	if wrong == nil {
		wrong = fault.InFields(problems)
	}
	if wrong == nil {
		is.ID, is.ClientID, is.ProjectID, is.Currency = was.ID, project.ClientID, project.ID, project.Currency
		is.ID, wrong = o.kept(r, was, is)
	}
	if wrong != nil {
		if fault.Is(wrong, fault.Clash) {
			draft.Version = was.Version
		}
		view, err := o.editingTemplate(r, project, was, draft, form)
		if err != nil {
			return err
		}
		return r.Again("billing/template_edit", view, wrong)
	}
	r.Toast("Saved.")
	return r.Go(r.Path("billing", "recurring", is.ID))
}

// kept writes a template. Whoever may release answers for what goes out by itself, if a second person is not wanted.
func (o office) kept(r *web.Request, was, is Template) (uuid.UUID, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if is.Goes() && v.May(settle) {
		is.ApprovedBy = v.PersonID
	}
	last, h := day.Day{}, is.rhythm()
	if was.ID != uuid.Nil {
		var err error
		if last, err = lastRun(ctx, tx, v, was.ID); err != nil {
			return was.ID, err
		}
	}
	if next := h.from(latest(h.beyond(last), h.Starts), was.Made, 1); len(next) > 0 {
		is.NextOn = next[0]
	} else {
		return is.ID, fault.Field("ends_on", "It would never come: no day lies between the first and the last one.")
	}
	entry := activity.Entry{Verb: "billing.template", Text: "wrote the recurring invoice “" + is.Title + "”, " + is.Rhythm(), ClientID: is.ClientID, ProjectID: is.ProjectID}
	var err error
	if was.ID == uuid.Nil {
		is.ID, err = addTemplate(ctx, tx, v, is)
	} else {
		entry.Text = "changed the recurring invoice “" + is.Title + "”"
		entry.Data = activity.Changes(was.facts(), is.facts())
		err = saveTemplate(ctx, tx, v, is)
	}
	if err != nil {
		return is.ID, err
	}
	entry.SubjectID = is.ID
	return is.ID, activity.Record(ctx, tx, v, entry)
}

// facts are what the log keeps of it.
func (t Template) facts() map[string]any {
	return map[string]any{
		"title": t.Title, "rhythm": t.Rhythm(), "from": t.StartsOn.String(), "until": t.EndsOn.String(), "times": t.Times,
		"days to pay": t.DueDays, "becomes": string(t.Becomes), "total": sumOf(t.Lines).total(),
	}
}

// templateDeed is something that is done to a template as it was seen.
type templateDeed struct {
	verb, text, toast string
	to                string // where it leads
	do                func(Template) error
}

func (o office) onTemplate(r *web.Request, d templateDeed) error {
	t, err := o.loadTemplate(r)
	if err != nil {
		return err
	}
	var form seenForm
	wrong := r.Bind(&form)
	if wrong == nil && form.Version != t.Version {
		wrong = fault.Conflict("Somebody has changed this meanwhile. Please look at it again.")
	}
	if wrong == nil {
		wrong = d.do(t)
	}
	if wrong != nil {
		view, err := o.templateView(r, t)
		if err != nil {
			return err
		}
		return r.Again("billing/template", view, wrong)
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: d.verb, Text: d.text + " the recurring invoice “" + t.Title + "”", ClientID: t.ClientID, ProjectID: t.ProjectID, SubjectID: t.ID,
	})
	if err != nil {
		return err
	}
	if d.to == "" {
		d.to = r.Path("billing", "recurring", t.ID)
	}
	r.Toast(d.toast)
	return r.Go(d.to)
}

// approveTemplate answers for what goes out by itself.
func (o office) approveTemplate(r *web.Request) error {
	return o.onTemplate(r, templateDeed{"billing.template_approved", "approved", "Approved. Its invoices go on by themselves.", "", func(t Template) error {
		s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
		if err != nil {
			return err
		}
		if s.SecondPerson && (Invoice{Writers: t.Writers}).wroteBy(r.Viewer().PersonID) {
			return errTwoEyes
		}
		return approveTemplate(r.Context(), r.Tx(), r.Viewer(), t)
	}})
}

func (o office) pauseTemplate(r *web.Request) error {
	return o.onTemplate(r, templateDeed{"billing.template_paused", "paused", "Paused. Nothing comes of it until it goes on.", "", func(t Template) error {
		return pauseTemplate(r.Context(), r.Tx(), r.Viewer(), t, true, "", t.NextOn)
	}})
}

// resumeTemplate lets it go on from today: what was missed in the pause stays out.
func (o office) resumeTemplate(r *web.Request) error {
	return o.onTemplate(r, templateDeed{"billing.template_resumed", "resumed", "It goes on. What fell into the pause is not made up for.", "", func(t Template) error {
		if t.Archived {
			return fault.Conflict("This project is archived. Restore it before you bill it.")
		}
		next := day.Day{}
		if days := t.rhythm().from(latest(t.NextOn, today(r.Firm(), r.Now())), t.Made, 1); len(days) > 0 {
			next = days[0]
		}
		return pauseTemplate(r.Context(), r.Tx(), r.Viewer(), t, false, "", next)
	}})
}

func (o office) askDeleteTemplate(r *web.Request) error {
	t, err := o.loadTemplate(r)
	if err != nil {
		return err
	}
	r.Title("Delete “" + t.Title + "”")
	at := r.Path("billing", "recurring", t.ID)
	return r.Show("billing/confirm", confirmView{
		Here: r.Here(), Part: r.IsPart(), Title: "Delete “" + t.Title + "”?", Text: "Nothing comes of it any more. The invoices that were made stay as they are.",
		Facts:  []fact{{"Client", t.ClientName}, {"Each invoice", r.Here().Money(t.Amount())}, {"Comes", t.Rhythm()}},
		Action: at + "?_method=DELETE", Back: at, Do: "Delete it", Icon: "trash", Danger: true, Version: t.Version,
	})
}

func (o office) deleteTemplate(r *web.Request) error {
	return o.onTemplate(r, templateDeed{"billing.template_deleted", "deleted", "Deleted. The invoices that were made stay.", r.Path("billing", "recurring"), func(t Template) error {
		return deleteTemplate(r.Context(), r.Tx(), r.Viewer(), t)
	}})
}
