package setup

import (
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/web"
)

// projectForm is what one project narrows; the switches have the names of the sections.
type projectForm struct {
	Version int  `form:"version"`
	Shared  bool `form:"shared"`
}

type projectView struct {
	*web.Here
	Trail        []web.NavItem
	Tabs         []web.NavItem
	Client       clientRow
	Project, Was projectRow
	Portal       access.Answer
	Lines        []line
	ClientSetup  string
	Latest       string // when the page was drawn, as the log counts
	Meanwhile    []happening
}

func (o office) loadProject(r *web.Request) (projectRow, clientRow, error) {
	id, err := r.ID("project")
	if err != nil {
		return projectRow{}, clientRow{}, err
	}
	project, err := findProject(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return projectRow{}, clientRow{}, err
	}
	client, err := findClient(r.Context(), r.Tx(), r.Viewer(), project.ClientID)
	return project, client, err
}

func (o office) projectView(r *web.Request, client clientRow, now, want projectRow) projectView {
	r.Title(now.Name + ": portal setup")
	levels := access.Levels{
		FirmOn: r.Firm().PortalOn, FirmSays: r.Firm().Switches,
		ClientOn: client.PortalOn, ClientSays: client.Switches, ProjectSays: []access.Switches{want.Switches},
	}
	return projectView{
		Here: r.Here(), Client: client, Project: want, Was: now, Portal: levels.Portal(), Tabs: o.tabs(r, "project", now.ID),
		Trail: []web.NavItem{
			{Title: "Clients", Href: r.Path("clients")}, {Title: client.Name, Href: r.Path("clients", client.ID)},
			{Title: now.Name},
		},
		Lines: projectLines(o.catalog(), levels, want.Switches, now.Switches), ClientSetup: clientPath(client.ID.String()),
	}
}

func (o office) project(r *web.Request) error {
	now, client, err := o.loadProject(r)
	if err != nil {
		return err
	}
	recent, err := activity.Of(r.Context(), r.Tx(), r.Viewer(), uuid.Nil, now.ID, time.Time{}, 1)
	if err != nil {
		return err
	}
	view := o.projectView(r, client, now, now)
	view.Latest = latest(recent)
	return r.Show("setup/project", view)
}

func (o office) saveProject(r *web.Request) error {
	var form projectForm
	wrong := r.Bind(&form)
	now, client, err := o.loadProject(r)
	if err != nil {
		return err
	}
	want := now
	want.Version, want.Shared, want.Switches = form.Version, form.Shared, copied(now.Switches)
	for _, key := range keys(o.catalog()) {
		state, ok := parseState(r.Value(fieldOf(key)))
		if !ok || state == On {
			wrong = fault.Field(idOf(key), "A project can only narrow: choose as the client, or off.")
			state = Inherit
		}
		with(want.Switches, key, state)
	}
	var others []happening
	if wrong == nil {
		others, wrong = o.keepProject(r, now, want)
	}
	if wrong == nil {
		return r.Go(projectPath(now.ID.String()))
	}
	if fault.Is(wrong, fault.Clash) {
		if now, client, err = o.loadProject(r); err != nil {
			return err
		}
		want.Version = now.Version
	}
	view := o.projectView(r, client, now, want)
	view.Meanwhile, view.Latest = others, newest(others, r.Value("latest"))
	return r.Again("setup/project", view, wrong)
}

func (o office) keepProject(r *web.Request, now, want projectRow) ([]happening, error) {
	was, is := diff(map[string]any{"shared: " + now.Key: now.Shared}, map[string]any{"shared: " + now.Key: want.Shared})
	old, next := switchesDiff(now.Switches, want.Switches, projectWords)
	for key := range next {
		was[key], is[key] = old[key], next[key]
	}
	if len(is) == 0 && now.Version == want.Version {
		r.Toast("Nothing was changed.")
		return nil, nil
	}
	err := saveProject(r.Context(), r.Tx(), r.Viewer(), want)
	if fault.Is(err, fault.Clash) {
		recent, err := activity.Of(r.Context(), r.Tx(), r.Viewer(), uuid.Nil, now.ID, time.Time{}, 20)
		if err != nil {
			return nil, err
		}
		others := meanwhile(recent, moment(r.Value("latest")), titlesWith(o.catalog(), []projectRow{now}))
		return others, moved(others)
	}
	if err != nil {
		return nil, err
	}
	r.Toast("Saved.")
	return nil, activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "project.setup", Text: "changed the portal setup of " + now.Name, ClientID: now.ClientID, ProjectID: now.ID, SubjectID: now.ID,
		Data: map[string]any{"before": was, "after": is},
	})
}
