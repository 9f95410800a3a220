package time

import (
	"portico/platform/activity"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/web"
)

type remarkForm struct {
	OnDay          day.Day `form:"on_day"`
	Text           string  `form:"text"`
	ClientViewable bool    `form:"client_viewable"`
	Version        int     `form:"version"`
}

func (f remarkForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if f.OnDay.IsZero() {
		wrong["on_day"] = "Enter the day."
	}
	switch {
	case f.Text == "":
		wrong["text"] = "Write something."
	case tooLong(f.Text, longestText):
		wrong["text"] = "Use at most 4,000 letters."
	}
	return wrong
}

// facts are what the log keeps of a note.
func (n Remark) facts() map[string]any {
	return map[string]any{"day": n.OnDay.String(), "text": n.Text, "the client sees it": n.ClientViewable}
}

func (f remarkForm) onto(n Remark) Remark {
	n.OnDay, n.Text, n.ClientViewable, n.Version = f.OnDay, f.Text, f.ClientViewable, f.Version
	return n
}

func (o office) addRemark(r *web.Request) error {
	w, err := o.loadWork(r)
	if err != nil {
		return err
	}
	var form remarkForm
	err = r.Bind(&form)
	n := form.onto(Remark{ProjectID: w.ID, ClientID: w.ClientID, PersonID: r.Viewer().PersonID})
	if err == nil {
		n.ID, err = addRemark(r.Context(), r.Tx(), r.Viewer(), n)
	}
	if err != nil {
		return o.refused(r, w, "note", err, func(view *projectView) { view.Remark = form })
	}
	if err := record(r, w.ClientID, w.ID, n.ID, "time.noted", "wrote a note on "+w.Name, map[string]any{"after": n.facts()}); err != nil {
		return err
	}
	r.Toast("The note is kept.")
	return r.Go(r.Path("time", "projects", w.ID) + "#notes")
}

type remarkView struct {
	*web.Here
	Trail  []web.NavItem
	Remark Remark
	Form   remarkForm
	Writes bool
	Back   string
}

func (o office) loadRemark(r *web.Request) (Remark, error) {
	id, err := r.ID("note")
	if err != nil {
		return Remark{}, err
	}
	return remarkByID(r.Context(), r.Tx(), r.Viewer(), id)
}

func (o office) remarkView(r *web.Request, n Remark, form remarkForm) remarkView {
	r.Title("Note on " + n.Project)
	back := r.Path("time", "projects", n.ProjectID)
	return remarkView{
		Here: r.Here(), Remark: n, Form: form, Writes: writesRemark(r, n), Back: back,
		Trail: []web.NavItem{{Title: n.Project, Href: back}, {Title: "Note"}},
	}
}

// writesRemark reports whether the viewer may change a note: its writer, and owners and admins.
func writesRemark(r *web.Request, n Remark) bool {
	return n.PersonID == r.Viewer().PersonID || r.Viewer().May(rule)
}

func (o office) remark(r *web.Request) error {
	n, err := o.loadRemark(r)
	if err != nil {
		return err
	}
	return r.Show("time/note", o.remarkView(r, n, remarkForm{n.OnDay, n.Text, n.ClientViewable, n.Version}))
}

func (o office) saveRemark(r *web.Request) error {
	was, err := o.loadRemark(r)
	if err != nil {
		return err
	}
	if !writesRemark(r, was) {
		return fault.Forbidden("Only " + was.Person + " can change this note.")
	}
	var form remarkForm
	err = r.Bind(&form)
	is := form.onto(was)
	if err == nil {
		err = saveRemark(r.Context(), r.Tx(), r.Viewer(), is)
	}
	if err != nil {
		if fault.Is(err, fault.Clash) {
			form.Version = was.Version
		}
		return r.Again("time/note", o.remarkView(r, was, form), err)
	}
	if changes := activity.Changes(was.facts(), is.facts()); changes != nil {
		if err := record(r, was.ClientID, was.ProjectID, was.ID, "time.note_changed", "changed a note on "+was.Project, changes); err != nil {
			return err
		}
	}
	r.Toast("Saved.")
	return r.Go(r.Path("time", "projects", was.ProjectID) + "#notes")
}

func (o office) dropRemark(r *web.Request) error {
	n, err := o.loadRemark(r)
	if err != nil {
		return err
	}
	if !writesRemark(r, n) {
		return fault.Forbidden("Only " + n.Person + " can delete this note.")
	}
	if err := dropRemark(r.Context(), r.Tx(), r.Viewer(), n); err != nil {
		return err
	}
	if err := record(r, n.ClientID, n.ProjectID, n.ID, "time.note_deleted", "deleted a note on "+n.Project, map[string]any{"before": n.facts()}); err != nil {
		return err
	}
	r.Toast("The note is deleted.")
	return r.Go(r.Path("time", "projects", n.ProjectID) + "#notes")
}
