package selections

import (
	"unicode/utf8"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/web"
)

type headingsView struct {
	*web.Here
	Trail             []web.NavItem
	Project           project
	Categories, Rooms []Heading
	Form              headingForm
	Of                string // whose form was refused
}

type headingForm struct {
	Kind  string `form:"kind"`
	Title string `form:"title"`
	Up    string `form:"up"`
	Down  string `form:"down"`
}

// Check is what can be wrong with it by itself.
func (f *headingForm) Check() fault.Fields { return checkName(&f.Title) }

// checkName is what can be wrong with the name of a heading or a template.
func checkName(title *string) fault.Fields {
	switch *title = oneLine(*title); {
	case *title == "":
		return fault.Fields{"title": "Give it a name."}
	case utf8.RuneCountInString(*title) > 60:
		return fault.Fields{"title": "Use at most 60 characters."}
	}
	return nil
}

func (o office) headingsView(r *web.Request, p project) (headingsView, error) {
	r.Title("Categories and rooms")
	view := headingsView{Here: r.Here(), Project: p, Trail: trail(r, p.ClientName, p.Name, p.ID, web.NavItem{Title: "Categories and rooms"})}
	list, err := headingsOf(r.Context(), r.Tx(), r.Viewer(), p.ID)
	for _, h := range list {
		if h.Kind == "category" {
			view.Categories = append(view.Categories, h)
		} else {
			view.Rooms = append(view.Rooms, h)
		}
	}
	return view, err
}

func (o office) headings(r *web.Request) error {
	p, err := o.at(r)
	if err != nil {
		return err
	}
	view, err := o.headingsView(r, p)
	if err != nil {
		return err
	}
	return r.Show("selections/headings", view)
}

func (o office) addHeading(r *web.Request) error {
	p, err := o.at(r)
	if err != nil {
		return err
	}
	var form headingForm
	err = r.Bind(&form)
	if form.Kind != "room" {
		form.Kind = "category"
	}
	if err == nil {
		_, err = headingCalled(r.Context(), r.Tx(), r.Viewer(), p, form.Kind, form.Title)
	}
	if err != nil {
		view, failed := o.headingsView(r, p)
		if failed != nil {
			return failed
		}
		view.Form, view.Of = form, form.Kind
		return r.Again("selections/headings", view, err)
	}
	if err := o.noteProject(r, p, "selections.heading", "added “"+form.Title+"” to the headings of selections", nil); err != nil {
		return err
	}
	return r.Go(r.Path("selections", "projects", p.ID, "headings"))
}

func (o office) saveHeading(r *web.Request) error {
	h, p, err := o.loadHeading(r)
	if err != nil {
		return err
	}
	var form headingForm
	err = r.Bind(&form)
	if err == nil {
		up := 0
		switch {
		case form.Up != "":
			up = 1
		case form.Down != "":
			up = -1
		}
		err = saveHeading(r.Context(), r.Tx(), r.Viewer(), h, p.ID, form.Title, up)
	}
	if err != nil {
		view, failed := o.headingsView(r, p)
		if failed != nil {
			return failed
		}
		view.Form, view.Of = form, h.ID.String()
		return r.Again("selections/headings", view, err)
	}
	err = o.noteProject(r, p, "selections.heading", "changed the heading “"+form.Title+"” of selections",
		activity.Changes(map[string]any{"title": h.Title}, map[string]any{"title": form.Title}))
	if err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), p.ClientID)
	return r.Go(r.Path("selections", "projects", p.ID, "headings"))
}

func (o office) loadHeading(r *web.Request) (Heading, project, error) {
	id, err := r.ID("heading")
	if err != nil {
		return Heading{}, project{}, err
	}
	h, of, err := headingByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return h, project{}, err
	}
	p, err := projectByID(r.Context(), r.Tx(), r.Viewer(), of)
	return h, p, err
}

func (o office) dropHeading(r *web.Request) error {
	h, p, err := o.loadHeading(r)
	if err != nil {
		return err
	}
	if err := dropHeading(r.Context(), r.Tx(), r.Viewer(), h); err != nil {
		return err
	}
	if err := o.noteProject(r, p, "selections.heading", "removed the heading “"+h.Title+"” of selections", nil); err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), p.ClientID)
	r.Toast("Removed. Its selections are still there.")
	return r.Go(r.Path("selections", "projects", p.ID, "headings"))
}
