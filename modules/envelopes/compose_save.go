package envelopes

import (
	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/web"
)

func (o office) saveDraft(r *web.Request) error {
	e, err := o.holding(r)
	if err != nil {
		return err
	}
	var form draftForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	form.Lines, form.Stages = linesTyped(r), stagesTyped(r)
	if e.Status != Draft {
		return errMoved
	}
	if form.arrange() {
		view, err := o.editing(r, e, form)
		if err != nil {
			return err
		}
		return r.Show("envelopes/edit", view)
	}
	if wrong == nil || fault.Is(wrong, fault.Bad) {
		_, problems := form.read(e, r.Here().Locale())
		wrong = together(wrong, problems)
	}
	if wrong == nil {
		wrong = o.change(r, &e, form)
	}
	if wrong != nil {
		if fault.Is(wrong, fault.Clash) {
			form.Version = e.Version
		}
		view, err := o.editing(r, e, form)
		if err != nil {
			return err
		}
		return r.Again("envelopes/edit", view, wrong)
	}
	r.Toast("Saved.")
	return r.Go(r.Path("envelopes", e.ID, "people"))
}

// together adds complaints about fields to those that there are.
func together(wrong error, problems fault.Fields) error {
	if len(problems) == 0 {
		return wrong
	}
	if f, is := fault.Of(wrong); is && f.Fields != nil {
		for name, text := range problems {
			f.Fields[name] = text
		}
		return wrong
	}
	return fault.InFields(problems)
}

// change keeps what was written, and draws the document anew where it is written here.
func (o office) change(r *web.Request, e *Envelope, form draftForm) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if form.Version != e.Version {
		return errMoved
	}
	project := account{}
	if form.Project != uuid.Nil {
		var err error
		if project, err = projectByID(ctx, tx, v, form.Project); err != nil || project.ClientID != e.ClientID {
			return fault.Field("project", "Choose a project of this client.")
		}
		if project.Currency != e.Currency {
			return fault.Field("project", "This project has another currency. Make a new document for it.")
		}
	}
	c, _ := form.read(*e, r.Here().Locale())
	was := map[string]any{"title": e.Title, "kind": string(e.Kind), "amount": e.Amount().Plain(), "project": e.ProjectName}
	e.Kind, e.Title, e.ProjectID, e.ProjectName, e.Body, e.Total = form.Kind, form.Title, project.ID, project.Name, form.Body, c.total
	e.AtOnce = form.AtOnce && form.Kind == ChangeOrder
	if e.Source != "template" {
		e.Body = ""
	}
	if err := updateDraft(ctx, tx, v, e); err != nil {
		return err
	}
	if err := putLines(ctx, tx, v, *e, c.lines); err != nil {
		return err
	}
	if err := putStages(ctx, tx, v, *e, c.stages); err != nil {
		return err
	}
	switch {
	case e.Source == "template":
		if err := o.draw(ctx, tx, r.Here(), e); err != nil {
			return err
		}
	case !noFile(form.File):
		if err := o.attachFile(r, e, form.File); err != nil {
			return err
		}
	}
	if err := index(ctx, tx, v, e.ID); err != nil {
		return err
	}
	changes := activity.Changes(was, map[string]any{"title": e.Title, "kind": string(e.Kind), "amount": e.Amount().Plain(), "project": e.ProjectName})
	return note(ctx, tx, v, *e, "envelopes.changed", "changed the draft “"+e.Title+"”", changes)
}
