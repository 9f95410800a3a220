package billing

import (
	"strconv"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/web"
)

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
