package dashboard

import (
	"strings"

	"fmt"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/web"
)

type office struct{ board }

type todayView struct {
	*web.Here
	Greeting   string
	Main, Side []panel
}

// index is the first page of staff.
func (o office) index(r *web.Request) error {
	r.Title("Today")
	here := r.Here()
	view := todayView{Here: here, Greeting: greeting(here.Reader(), here.Now, r.Viewer().Name)}
	view.Main, view.Side = columns(o.panels(r))
	return r.Show("dashboard/today", view)
}

const (
	mineShown   = 8
	recentShown = 12
)

type mineView struct {
	*web.Here
	Projects []mine
}

type mine struct {
	assignment
	Badge badge
	Href  string // the project's first page in the office
	Late  bool   // its planned end is over
}

func (o office) mine(r *web.Request) (part web.Part, ok bool, err error) {
	found, err := assignments(r.Context(), r.Tx(), r.Viewer(), mineShown)
	if err != nil || len(found) == 0 {
		return part, false, err
	}
	tabs := o.Catalog().Tabs("project", r.Viewer())
	view := mineView{Here: r.Here()}
	for _, a := range found {
		m := mine{assignment: a, Badge: badgeOf(a.Status), Href: r.Path("clients", a.ClientID)}
		if len(tabs) > 0 {
			m.Href = tabs[0].Path(a.ID.String())
		}
		m.Late = a.Status == "active" && !a.EndsOn.IsZero() && a.EndsOn.Before(r.Here().Today())
		view.Projects = append(view.Projects, m)
	}
	return web.Draw("dashboard/_mine", view), true, nil
}

type recentView struct {
	*web.Here
	Items []happening
}

type happening struct {
	activity.Entry
	Client string
	Href   string
}

func (o office) recent(r *web.Request) (part web.Part, ok bool, err error) {
	entries, err := activity.Latest(r.Context(), r.Tx(), r.Viewer(), nil, recentShown)
	if err != nil {
		return part, false, err
	}
	var ids []uuid.UUID
	for _, e := range entries {
		if e.ClientID != uuid.Nil {
			ids = append(ids, e.ClientID)
		}
	}
	names, err := clientNames(r.Context(), r.Tx(), r.Viewer(), ids)
	if err != nil {
		return part, false, err
	}
	view := recentView{Here: r.Here()}
	for _, e := range entries {
		h := happening{Entry: e, Client: names[e.ClientID]}
		if h.Client != "" {
			h.Href = r.Path("clients", e.ClientID)
		} else if page, ok := e.Data["page"].(string); ok && o.enters(r, page) {
			h.Client, h.Href = "Show it", r.Path()+"/"+page
		}
		view.Items = append(view.Items, h)
	}
	return web.Draw("dashboard/_recent", view), true, nil
}

// enters reports whether the viewer finds the section of a page in the menu.
func (o office) enters(r *web.Request, page string) bool {
	id, _, _ := strings.Cut(page, "/")
	for _, m := range o.Catalog().Modules {
		for _, nav := range m.OfficeNav {
			if m.ID == id && r.Viewer().May(nav.Who) {
				return true
			}
		}
	}
	return false
}

type countsView struct {
	*web.Here
	Figures []figure
	Begin   []step // where a firm without clients begins
}

type figure struct{ Title, Number, Note, Href string }

func (o office) counts(r *web.Request) (part web.Part, ok bool, err error) {
	t, err := count(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return part, false, err
	}
	view := countsView{Here: r.Here(), Figures: []figure{
		{Title: "Clients", Number: upTo(t.Clients), Note: upTo(t.Portals) + " with the portal on"},
		{Title: "Active projects", Number: upTo(t.Active), Note: upTo(t.Planned) + " planned"},
	}}
	if t.Clients == 0 {
		view.Begin = o.begin(r)
	}
	return web.Draw("dashboard/_counts", view), true, nil
}

type step struct{ Title, Sub, Href, Icon string }

// begin are the first steps of a new firm, as far as the viewer may go there.
func (o office) begin(r *web.Request) (steps []step) {
	for _, m := range o.Catalog().Modules {
		for _, nav := range m.OfficeNav {
			if nav.Path != "" || !r.Viewer().May(nav.Who) {
				continue
			}
			switch m.ID {
			case "setup":
				steps = append(steps, step{"Set up your portal", "Logo, color and what clients see", r.Path(m.ID), nav.Icon})
			case "clients":
				steps = append(steps, step{"Add your first client", "Then a project, and an invitation", r.Path(m.ID, "new"), nav.Icon})
			}
		}
	}
	return steps
}

// upTo writes a number that was counted no further than most.
func upTo(n int) string {
	if n > most {
		return "1,000+"
	}
	if n == 1000 {
		return "1,000"
	}
	return fmt.Sprint(n)
}
