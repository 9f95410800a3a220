package schedule

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/web"
)

// Template is a schedule without days.
type Template struct {
	ID        uuid.UUID
	Name      string
	Body      templateBody `bun:"type:jsonb"`
	Items     int
	Workdays  int
	CreatedAt time.Time
}

// templateBody is what a template keeps. Items name each other by their place in the list.
type templateBody struct {
	Items []templateItem `json:"items"`
	Links []templateLink `json:"links"`
}

type templateItem struct {
	Kind        Kind   `json:"kind"`
	Phase       int    `json:"phase"` // place of its phase; -1: none
	Title       string `json:"title"`
	ClientTitle string `json:"client_title,omitempty"`
	ClientText  string `json:"client_text,omitempty"`
	Vendor      string `json:"vendor,omitempty"`
	Workdays    int    `json:"workdays"`
	Pin         int    `json:"pin"` // days of work from the beginning before which it does not start; -1: none
	Color       string `json:"color,omitempty"`
	Visible     bool   `json:"visible"`
}

type templateLink struct {
	From     int      `json:"from"`
	To       int      `json:"to"`
	Relation Relation `json:"relation"`
	Lag      int      `json:"lag"`
}

// bodyOf takes the days out of a schedule.
func bodyOf(b board) (body templateBody) {
	at, _ := b.whole()
	place := map[uuid.UUID]int{}
	for n, i := range b.Items {
		place[i.ID] = n
	}
	for _, i := range b.Items {
		one := templateItem{
			Kind: i.Kind, Phase: -1, Title: i.Title, ClientTitle: i.ClientTitle, ClientText: i.ClientText, Vendor: i.Vendor, Workdays: i.Workdays, Pin: -1,
			Color: i.Color, Visible: i.ClientVisible,
		}
		if p, in := place[i.PhaseID]; in && i.PhaseID != uuid.Nil {
			one.Phase = p
		}
		if !i.NotBefore.IsZero() {
			one.Pin = max(0, b.Calendar.Between(at.Start, i.NotBefore))
		}
		body.Items = append(body.Items, one)
	}
	for _, l := range b.Links {
		body.Links = append(body.Links, templateLink{place[l.From], place[l.To], l.Relation, l.Lag})
	}
	return body
}

// board plans a template from a day on.
func (t templateBody) board(p Plan, c Calendar, start day.Day) board {
	b := board{Plan: p, Calendar: c}
	start = c.Next(start)
	ids := make([]uuid.UUID, len(t.Items))
	for n := range t.Items {
		ids[n] = id.New()
	}
	for n, one := range t.Items {
		i := Item{
			ID: ids[n], ProjectID: p.ProjectID, Kind: one.Kind, Title: one.Title, ClientTitle: one.ClientTitle, ClientText: one.ClientText, Vendor: one.Vendor,
			Workdays: one.Workdays, Color: one.Color, ClientVisible: one.Visible, StartOn: start, EndOn: start, Version: 1,
		}
		if one.Phase >= 0 && one.Phase < len(ids) && one.Kind != Phase {
			i.PhaseID = ids[one.Phase]
		}
		if one.Pin >= 0 {
			i.NotBefore = c.Shift(start, one.Pin)
		}
		b.Items = append(b.Items, i)
	}
	for _, l := range t.Links {
		if l.From >= 0 && l.From < len(ids) && l.To >= 0 && l.To < len(ids) {
			b.Links = append(b.Links, Link{ids[l.From], ids[l.To], l.Relation, l.Lag})
		}
	}
	return b
}

// useTemplate fills an empty schedule.
func useTemplate(ctx context.Context, tx bun.IDB, v auth.Viewer, p Plan, t Template, start day.Day) error {
	c, _, err := calendarOf(ctx, tx, v, p.ProjectID)
	if err != nil {
		return err
	}
	next, _, err := t.Body.board(p, c, start).planned(nil)
	if err != nil {
		return err
	}
	for _, i := range next.Items {
		if err := insertItem(ctx, tx, v, i); err != nil {
			return err
		}
	}
	if err := insertLinks(ctx, tx, v, p.ProjectID, next.Links); err != nil {
		return err
	}
	return touch(ctx, tx, v, next)
}

type templatesView struct {
	*web.Here
	Tabs []web.NavItem
	List []Template
}

// templates are what schedules can begin with.
func (o office) templates(r *web.Request) error {
	r.Title("Schedule templates")
	view := templatesView{Here: r.Here(), Tabs: o.tabs(r, "templates")}
	var err error
	if view.List, err = listTemplates(r.Context(), r.Tx(), r.Viewer()); err != nil {
		return err
	}
	return r.Show("schedule/templates", view)
}

type templateForm struct {
	Name string `form:"name"`
}

// Check is what can be wrong with it.
func (f *templateForm) Check() fault.Fields {
	f.Name = strings.Join(strings.Fields(f.Name), " ")
	switch {
	case f.Name == "":
		return fault.Fields{"name": "Enter a name for the template."}
	case utf8.RuneCountInString(f.Name) > 80:
		return fault.Fields{"name": "Use at most 80 characters."}
	}
	return nil
}

type nameView struct {
	frame
	Form templateForm
}

// keepTemplate makes a template of a project's schedule.
func (o office) keepTemplate(r *web.Request) error {
	p, b, err := o.boardOf(r)
	if err != nil {
		return err
	}
	var form templateForm
	wrong := r.Bind(&form)
	if wrong == nil && len(b.Items) == 0 {
		wrong = fault.Conflict("There is nothing on the schedule yet.")
	}
	if wrong != nil {
		r.Title("Keep as a template")
		return r.Again("schedule/template_name", nameView{o.frame(r, p, "Keep as a template"), form}, wrong)
	}
	at, _ := b.whole()
	t := Template{ID: id.New(), Name: form.Name, Body: bodyOf(b), Items: len(b.Items), Workdays: b.Calendar.Count(at.Start, at.End)}
	if err := addTemplate(r.Context(), r.Tx(), r.Viewer(), t); err != nil {
		return err
	}
	if err := note(r.Context(), r.Tx(), r.Viewer(), b.Plan, t.ID, "template_made", "made the schedule template “"+t.Name+"”", nil); err != nil {
		return err
	}
	r.Toast("“" + t.Name + "” is a template now.")
	return r.Go(r.Path(section, "projects", p.ID))
}

// dropTemplate removes one. Schedules that began with it stay.
func (o office) dropTemplate(r *web.Request) error {
	one, err := r.ID("template")
	if err != nil {
		return err
	}
	name, err := deleteTemplate(r.Context(), r.Tx(), r.Viewer(), one)
	if err != nil {
		return err
	}
	if err := note(r.Context(), r.Tx(), r.Viewer(), Plan{}, one, "template_deleted", "deleted the schedule template “"+name+"”", nil); err != nil {
		return err
	}
	r.Toast("“" + name + "” is gone.")
	return r.Go(r.Path(section, "templates"))
}
