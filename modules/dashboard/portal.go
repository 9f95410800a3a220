package dashboard

import (
	"context"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/module"
	"portico/platform/web"
)

type portal struct{ board }

type homeView struct {
	*web.Here
	Greeting   string
	Main, Side []panel
	Nothing    bool // no project is shared yet
}

// index is the first page of a client.
func (p portal) index(r *web.Request) error {
	r.Title("Home")
	here := r.Here()
	view := homeView{Here: here, Greeting: greeting(here.Reader(), here.Now, r.Viewer().Name), Nothing: len(r.Viewer().Projects) == 0}
	view.Main, view.Side = columns(p.panels(r))
	return r.Show("dashboard/home", view)
}

// standingView is how the projects in view stand: in detail when there is one, as rows when there are more.
type standingView struct {
	*web.Here
	One  *standing
	Rows []standing
}

type standing struct {
	project
	Badge  badge
	Course course
	Href   string
}

// Place is where it is built, in one line.
func (s standing) Place() string { return place(s.Street, s.City) }

func place(street, city string) string {
	if street != "" && city != "" {
		return street + ", " + city
	}
	return street + city
}

func (p portal) standing(r *web.Request) (part web.Part, ok bool, err error) {
	found, err := projects(r.Context(), r.Tx(), r.Viewer())
	if err != nil || len(found) == 0 {
		return part, false, err
	}
	view := standingView{Here: r.Here()}
	for _, f := range found {
		s := standing{project: f, Badge: badgeOf(f.Status), Href: "/portal/" + f.Key}
		if f.Status == "active" {
			s.Course = courseOf(r.Here().Today(), f.StartsOn, f.EndsOn)
		}
		view.Rows = append(view.Rows, s)
	}
	if len(view.Rows) == 1 {
		view.One = &view.Rows[0]
	}
	return web.Draw("dashboard/_standing", view), true, nil
}

type nextView struct {
	*web.Here
	Projects []steps
	Done     bool // everything in view is completed
	Thanks   string
	Records  []web.NavItem // where they are, once everything is done
}

type steps struct {
	Name, Href string // Name "": there is only one project in view
	Steps      []string
}

const stepsShown = 5

func (p portal) next(r *web.Request) (part web.Part, ok bool, err error) {
	found, err := projects(r.Context(), r.Tx(), r.Viewer())
	if err != nil || len(found) == 0 {
		return part, false, err
	}
	view := nextView{Here: r.Here(), Done: true, Thanks: r.Firm().Name}
	for _, f := range found {
		view.Done = view.Done && f.Status == "completed"
		all := lines(f.NextSteps)
		if len(all) == 0 {
			continue
		}
		s := steps{Steps: all[:min(len(all), stepsShown)]}
		if len(found) > 1 {
			s.Name, s.Href = f.Name, "/portal/"+f.Key
		}
		view.Projects = append(view.Projects, s)
	}
	if view.Done {
		view.Records = p.records(r)
	}
	return web.Draw("dashboard/_next", view), true, nil
}

// records are the ways into the other sections.
func (p portal) records(r *web.Request) (ways []web.NavItem) {
	for _, m := range p.Catalog().Sections() {
		for _, nav := range m.PortalNav {
			if nav.Path == "" && r.Viewer().May(nav.Who) {
				ways = append(ways, web.NavItem{Title: r.Say(nav.Title), Icon: nav.Icon, Href: r.Path(m.ID)})
			}
		}
	}
	return ways
}

const latestShown = 6

type latestView struct {
	*web.Here
	Items []activity.Entry
}

func (p portal) latest(r *web.Request) (part web.Part, ok bool, err error) {
	v, within := r.Viewer(), map[string][]uuid.UUID{}
	all := len(v.ProjectIDs(""))
	for _, m := range p.Catalog().Sections() {
		if !v.May(access.Client(m.ID, m.ID)) || len(m.PortalNav) > 0 && !v.May(m.PortalNav[0].Who) {
			within[m.ID] = nil
		} else if projects := v.ProjectIDs(m.ID); len(projects) < all {
			within[m.ID] = projects
		}
	}
	items, err := activity.Latest(r.Context(), r.Tx(), v, within, latestShown)
	return web.Draw("dashboard/_latest", latestView{r.Here(), items}), true, err
}

type waitingView struct {
	*web.Here
	Items  []module.Todo
	Missed bool // a section did not answer
}

// waiting asks every section what waits for the viewer; one that fails is said to have failed, for "nothing to do"
// would be a lie.
func (p portal) waiting(r *web.Request) (part web.Part, ok bool, err error) {
	view := waitingView{Here: r.Here()}
	for _, m := range p.Catalog().Waiting(r.Viewer()) {
		err := r.Apart(cardTime, func() error {
			todos, err := m.Waiting(r.Context(), r.Tx(), r.Viewer())
			for _, todo := range todos {
				if todo.Icon == "" {
					todo.Icon = m.Icon
				}
				view.Items = append(view.Items, todo)
			}
			return err
		})
		if err != nil {
			if r.Context().Err() == context.Canceled {
				return part, false, err
			}
			r.Log().Error("what waits failed", "module", m.ID, "err", err)
			view.Missed = true
		}
	}
	urgent(view.Items)
	return web.Draw("dashboard/_waiting", view), true, nil
}
