package billing

import (
	"portico/platform/activity"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/web"
)

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
