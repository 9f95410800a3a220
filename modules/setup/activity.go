package setup

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/people"
	"portico/platform/web"
)

const activityRows = 50

type activityView struct {
	*web.Here
	Trail    []web.NavItem
	Staff    []option
	Kinds    []option
	Projects []option // of the chosen client
	Ask      logAsk
	Client   named   // the chosen one
	Which    []named // clients that the typed words may mean
	Items    []happening
	Next     string
	First    bool
	Narrow   bool
	Back     string // how far back words were looked for
	Export   string
	Check    *checkView
}

// named is somebody or something with a way to it.
type named struct{ ID, Name, Href string }

// logAsk is what the address asks of the log.
type logAsk struct {
	Who, Kind, Client, Project, About, Words, From, Until string
}

func (a logAsk) narrow() bool { return a != logAsk{} }

func askOf(r *web.Request) logAsk {
	return logAsk{
		Who: r.Query("who"), Kind: r.Query("kind"), Client: r.Query("client"), Project: r.Query("project"), About: r.Query("about"),
		Words: r.Query("q"), From: r.Query("from"), Until: r.Query("until"),
	}
}

// filter is that in values; what cannot be read asks for nothing.
func (a logAsk) filter(zone *time.Location) activity.Filter {
	f := activity.Filter{Kind: a.Kind, Words: a.Words}
	f.Actor, _ = uuid.Parse(a.Who)
	f.Client, _ = uuid.Parse(a.Client)
	f.Project, _ = uuid.Parse(a.Project)
	if d, err := day.Parse(a.From); err == nil && !d.IsZero() {
		f.From = begins(d, zone)
	}
	if d, err := day.Parse(a.Until); err == nil && !d.IsZero() {
		f.Until = begins(d.Add(1), zone)
	}
	return f
}

// begins is the first instant of a day in a zone.
func begins(d day.Day, zone *time.Location) time.Time {
	at := d.Midnight()
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, zone)
}

// activity is the log of the firm: who did what, when and from where, and what it was before.
func (o office) activity(r *web.Request) error {
	r.Title("Activity")
	view := activityView{Here: r.Here(), Trail: o.trail(r), Ask: askOf(r)}
	view.Narrow = view.Ask.narrow()
	if err := o.about(r, &view); err != nil {
		return err
	}
	after := placeOf(r.Query("after"))
	view.First = after.At.IsZero()
	var found activity.Found
	var err error
	if !view.open() {
		asked := view.Ask.filter(r.Here().Now.Location())
		asked.News = !view.Narrow // an import of thousands is one line, until somebody asks for something
		found, err = activity.Find(r.Context(), r.Tx(), r.Viewer(), asked, after, activityRows)
	}
	if err != nil {
		return err
	}
	if !found.Next.At.IsZero() {
		view.Next = r.Here().With("after", stamp(found.Next.At)+"."+found.Next.ID.String())
	}
	if !found.Back.IsZero() {
		view.Back = r.Here().Local(found.Back).Format("Mon, Jan 2, 2006")
	}
	titles := titles(o.catalog())
	for _, e := range found.Entries {
		h := happeningOf(e, titles)
		h.Href = r.Path("setup", "activity", e.ID)
		view.Items = append(view.Items, h)
	}
	if err := o.choices(r, &view, found.Entries); err != nil {
		return err
	}
	view.Export = strings.Replace(r.Here().With("after", ""), "/activity", "/activity.csv", 1)
	if r.Viewer().May(owners) {
		if view.Check, err = o.checkView(r); err != nil {
			return err
		}
		if r.IsPart() && r.Header("HX-Target") == "log-check" {
			return r.Parts(web.Draw("setup/_log_check", view.Check))
		}
	}
	return r.Show("setup/activity", view)
}

// open reports whether it is not clear yet which client is meant.
func (view *activityView) open() bool { return view.Ask.About != "" && view.Client.ID == "" }

// about finds the client whom the typed words mean; when they mean several, one has to be chosen.
func (o office) about(r *web.Request, view *activityView) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if view.Ask.About != "" {
		clients, err := clientsCalled(ctx, tx, v, view.Ask.About)
		if err != nil {
			return err
		}
		view.Ask.Client = ""
		if len(clients) == 1 {
			view.Ask.Client = clients[0].ID.String()
		}
		without := *r.Here()
		without.URL = without.With("about", "")
		for _, c := range clients {
			view.Which = append(view.Which, named{c.ID.String(), c.Name, without.With("client", c.ID)})
		}
	}
	client, _ := uuid.Parse(view.Ask.Client)
	if client == uuid.Nil {
		return nil
	}
	c, err := findClient(ctx, tx, v, client)
	if err != nil {
		return err
	}
	view.Which, view.Client = nil, named{c.ID.String(), c.Name, r.Path("clients", c.ID)}
	projects, err := projectsOf(ctx, tx, v, client)
	for _, p := range projects {
		view.Projects = append(view.Projects, option{p.ID.String(), p.Name})
	}
	return err
}

// kindTitles name the groups of deeds; a section's own is called as the section.
var kindTitles = map[string]string{
	"client": "Clients", "contact": "Contacts", "project": "Projects", "staff": "Staff", "firm": "Firm settings", "work": "Background work",
	"preview": "Looking as a contact", "portal": "Portal setup", "person": "Own profile", "profile": "Own profile", "session": "Sign-in",
}

// choices are what can be chosen: who works here, whoever else is in view, and the kinds of deeds that there are.
func (o office) choices(r *web.Request, view *activityView, entries []activity.Entry) error {
	staff, err := people.ListStaff(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	for _, s := range staff {
		view.Staff = append(view.Staff, option{s.PersonID.String(), s.Name})
	}
	known := func(o option) bool { return o.Value == view.Ask.Who }
	if i := slices.IndexFunc(entries, func(e activity.Entry) bool { return e.ActorID.String() == view.Ask.Who }); i >= 0 && !slices.ContainsFunc(view.Staff, known) {
		view.Staff = append(view.Staff, option{view.Ask.Who, entries[i].ActorName})
	}
	groups, err := activity.Groups(r.Context(), r.Tx(), r.Viewer())
	for _, group := range groups {
		view.Kinds = append(view.Kinds, option{group, o.kindOf(group)})
	}
	slices.SortFunc(view.Kinds, func(a, b option) int { return cmp.Compare(a.Title, b.Title) })
	if strings.Contains(view.Ask.Kind, ".") { // one deed, from an entry's page
		view.Kinds = append(view.Kinds, option{view.Ask.Kind, o.kindOf(view.Ask.Kind)})
	}
	return err
}

// kindOf is a group or a deed in words: "client.changed" is "Clients: changed".
func (o office) kindOf(kind string) string {
	group, deed, one := strings.Cut(kind, ".")
	title := kindTitles[group]
	for _, m := range o.Catalog().Modules {
		if title == "" && m.ID == group {
			title = m.Title
		}
	}
	if title == "" && group != "" {
		title = strings.ToUpper(group[:1]) + strings.ReplaceAll(group[1:], "_", " ")
	}
	if one {
		title += ": " + strings.ReplaceAll(deed, "_", " ")
	}
	return title
}

// origin is from where something was done, in words: "Chrome on a Mac, 203.0.113.7".
func origin(e activity.Entry) string {
	var parts []string
	if e.Agent != "" {
		parts = append(parts, auth.BrowserName(e.Agent)+" on "+deviceOf(e.Agent))
	}
	if e.IP != "" {
		parts = append(parts, e.IP)
	}
	return strings.Join(parts, ", ")
}

func deviceOf(agent string) string {
	switch name := auth.DeviceName(agent); name {
	case "Passkey": // what it says of a browser that it does not know
		return "an unknown device"
	case "iPad", "iPhone", "Android":
		return "an " + name
	default:
		return "a " + name
	}
}

// placeOf reads where the page before ended.
func placeOf(text string) activity.Place {
	at, id, _ := strings.Cut(text, ".")
	parsed, err := uuid.Parse(id)
	if err != nil {
		return activity.Place{}
	}
	return activity.Place{At: moment(at), ID: parsed}
}
