package setup

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/web"
)

// clientForm is all that setup decides for one client; the switches have the names of the sections.
type clientForm struct {
	Version   int         `form:"version"`
	PortalOn  bool        `form:"portal_on"`
	UploadsOn bool        `form:"uploads_on"`
	Shared    []uuid.UUID `form:"shared"`
	Seen      string      `form:"seen"` // the projects that the page showed, with their versions
	Logo      *web.File   `form:"logo"`
	Remove    bool        `form:"remove_logo"`
}

// seenProjects are the versions of the projects that a page showed: one made since stays as it is.
func seenProjects(text string) map[uuid.UUID]int {
	seen := map[uuid.UUID]int{}
	for _, word := range strings.Fields(text) {
		name, number, _ := strings.Cut(word, ":")
		version := 0
		if id, err := uuid.Parse(name); err == nil {
			_, _ = fmt.Sscan(number, &version)
			seen[id] = version
		}
	}
	return seen
}

func seenText(projects []projectRow) string {
	var words []string
	for _, p := range projects {
		words = append(words, fmt.Sprintf("%s:%d", p.ID, p.Version))
	}
	return strings.Join(words, " ")
}

// projectTick is one project that can be shared with the client.
type projectTick struct {
	projectRow
	Ticked   bool
	Narrowed int // switches that the project takes away
	Href     string
}

type clientView struct {
	*web.Here
	Top            module.ClientTop
	Client         clientRow // as the page shows it
	Was            clientRow // as it is kept
	FirmOn         bool
	Portal         access.Answer
	Lines          []line
	Projects       []projectTick
	Seen           string
	LogoURL, State string
	Remove         bool
	Latest         string // when the page was drawn, as the log counts
	Meanwhile      []happening
}

// shown is a client with the projects, as a page shows it or a form wants it.
type shown struct {
	clientRow
	Projects []projectRow
}

func (o office) loadClient(r *web.Request) (shown, error) {
	id, err := r.ID("client")
	if err != nil {
		return shown{}, err
	}
	client, err := findClient(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return shown{}, err
	}
	projects, err := projectsOf(r.Context(), r.Tx(), r.Viewer(), id)
	return shown{client, projects}, err
}

// shares reports whether the project is to be shared; one that the page did not know stays as it is.
func (s shown) shares(p projectRow) bool {
	for _, mine := range s.Projects {
		if mine.ID == p.ID {
			return mine.Shared
		}
	}
	return p.Shared
}

// levels are the facts for the client as such, from which platform/access answers.
func (s shown) levels(r *web.Request) access.Levels {
	return access.Levels{
		FirmOn: r.Firm().PortalOn, FirmSays: r.Firm().Switches,
		ClientOn: s.PortalOn, ClientSays: s.Switches, ProjectSays: saysOf(shownProjects(s.Projects)),
	}
}

func (o office) clientView(r *web.Request, now, want shown) (clientView, error) {
	r.Title(now.Name + ": portal setup")
	levels := want.levels(r)
	view := clientView{
		Here: r.Here(), Client: want.clientRow, Was: now.clientRow, FirmOn: levels.FirmOn, Portal: levels.Portal(),
		Seen:  seenText(now.Projects),
		Lines: clientLines(o.catalog(), levels, now.Switches, shownProjects(want.Projects)),
	}
	for _, p := range now.Projects {
		view.Projects = append(view.Projects, projectTick{p, want.shares(p), offs(p.Switches), projectPath(p.ID.String())})
	}
	state, err := pictureState(r.Context(), r.Tx(), r.Viewer(), o.Files, now.LogoID)
	view.State, view.LogoURL = state, logoURL(now.LogoID, state)
	if err != nil {
		return view, err
	}
	if view.Top, err = o.Catalog().ClientTop(r, now.ID, now.Name, "setup:client"); err != nil {
		return view, err
	}
	recent, err := activity.Of(r.Context(), r.Tx(), r.Viewer(), now.ID, uuid.Nil, time.Time{}, 1)
	view.Latest = latest(recent)
	return view, err
}

func offs(s access.Switches) int {
	n := 0
	for _, says := range s {
		if !says {
			n++
		}
	}
	return n
}

// tabs are those of the client's or project's page, with this one among them.
func (o office) tabs(r *web.Request, of string, id uuid.UUID) []web.NavItem {
	var items []web.NavItem
	for _, tab := range o.Catalog().Tabs(of, r.Viewer()) {
		items = append(items, web.NavItem{Title: tab.Title, Href: tab.Path(id.String()), Current: tab.ID == "setup:"+of})
	}
	return items
}

func (o office) client(r *web.Request) error {
	now, err := o.loadClient(r)
	if err != nil {
		return err
	}
	view, err := o.clientView(r, now, now)
	if err != nil {
		return err
	}
	return r.Show("setup/client", view)
}

// want is the client as the form wants it; a choice that is none of the three is refused.
func (o office) want(now shown, form clientForm, value func(string) string) (shown, error) {
	want := now
	want.PortalOn, want.UploadsOn, want.Switches = form.PortalOn, form.UploadsOn, copied(now.Switches)
	wrong := fault.Fields{}
	for _, key := range keys(o.catalog()) {
		state, ok := parseState(value(fieldOf(key)))
		if !ok {
			wrong[idOf(key)] = "Choose one of the three: as the firm, on, or off."
		}
		with(want.Switches, key, state)
	}
	ticked := map[uuid.UUID]bool{}
	for _, id := range form.Shared {
		ticked[id] = true
	}
	seen := seenProjects(form.Seen)
	want.Projects = nil
	for _, p := range now.Projects {
		if _, ok := seen[p.ID]; ok {
			p.Shared = ticked[p.ID]
		}
		want.Projects = append(want.Projects, p)
	}
	return want, fault.InFields(wrong)
}

// outcome answers what would come of the switches as they stand on the page, without keeping anything.
func (o office) outcome(r *web.Request) error {
	now, err := o.loadClient(r)
	if err != nil {
		return err
	}
	want := now
	want.PortalOn, want.Switches = r.Query("portal_on") != "", copied(now.Switches)
	for _, key := range keys(o.catalog()) {
		if state, ok := parseState(r.Query(fieldOf(key))); ok {
			with(want.Switches, key, state)
		}
	}
	view, err := o.clientView(r, now, want)
	if err != nil {
		return err
	}
	if !r.IsPart() {
		return r.Show("setup/client", view)
	}
	return r.Parts(web.Draw("setup/_outcome", view))
}

// StatusTitle is the status in words.
func (p projectTick) StatusTitle() string {
	if p.Status == "" {
		return ""
	}
	return strings.ToUpper(p.Status[:1]) + p.Status[1:]
}
