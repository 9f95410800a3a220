package schedule

import (
	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/search"
	"portico/platform/web"
)

type chooseView struct {
	*web.Here
	Trail []web.NavItem
	Query string
	Found []account
}

// choose picks the project that a new schedule is for.
func (o office) choose(r *web.Request) error {
	r.Title("New schedule")
	view := chooseView{Here: r.Here(), Query: r.Query("q"), Trail: []web.NavItem{{Title: "Schedules", Href: r.Path(section)}, {Title: "New"}}}
	var err error
	if view.Found, err = projectChoices(r.Context(), r.Tx(), r.Viewer(), search.Typed(view.Query)); err != nil {
		return err
	}
	return r.Show("schedule/choose", view)
}

type beginForm struct {
	Template uuid.UUID `form:"template"`
	Start    day.Day   `form:"start"`
}

// begin makes a schedule: an empty one, or from a template.
func (o office) begin(r *web.Request) error {
	p, err := o.projectOf(r)
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	var form beginForm
	err = r.Bind(&form)
	if err == nil && p.Has {
		err = fault.Conflict("This project has a schedule already.")
	}
	if err == nil && p.Status == "archived" {
		err = fault.Conflict("The project is archived.")
	}
	if err == nil && form.Template != uuid.Nil && form.Start.IsZero() {
		err = fault.Field("start", "Enter the day on which the work begins.")
	}
	var t Template
	if err == nil && form.Template != uuid.Nil {
		if t, err = templateByID(ctx, tx, v, form.Template); fault.Is(err, fault.Missing) {
			err = fault.Field("template", "Choose one from the list.")
		}
	}
	if err == nil {
		err = addPlan(ctx, tx, v, p.ID, p.ClientID)
	}
	if err != nil {
		if p.Has {
			return err
		}
		view := projectView{frame: o.frame(r, p, ""), Form: form}
		templates, drawn := listTemplates(ctx, tx, v)
		if drawn != nil {
			return drawn
		}
		view.Templates = templates
		return r.Again("schedule/begin", view, err)
	}
	plan := Plan{ProjectID: p.ID, ClientID: p.ClientID}
	text := "began the schedule"
	if t.ID != uuid.Nil {
		if err := useTemplate(ctx, tx, v, plan, t, form.Start); err != nil {
			return err
		}
		text += " from the template “" + t.Name + "”"
	}
	if err := note(ctx, tx, v, plan, p.ID, "begun", text, nil); err != nil {
		return err
	}
	r.Toast("The schedule is there. The client sees nothing of it until you publish it.")
	return r.Go(r.Path(section, "projects", p.ID))
}
