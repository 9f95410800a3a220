package dailylogs

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/comment"
	"portico/platform/day"
	"portico/platform/db/paging"
	"portico/platform/module"
	"portico/platform/web"
)

// office are the pages of staff.
type office struct{ journal }

func (o office) routes() []web.Route {
	photo := web.Post("/:log/photos/:key", write, o.sendPhoto).Upto(mostBytes + 1)
	photo.Time = 5 * time.Minute
	return []web.Route{
		web.Get("/", write, o.index),
		web.Get("/new", write, o.choose),
		web.Get("/clients/:client", write, o.client),
		web.Get("/projects/:project", write, o.project),
		web.Post("/projects/:project/logs", write, o.start),

		web.Get("/settings", rule, o.settings),
		web.Post("/settings", rule, o.saveSettings),
		web.Post("/settings/tags", rule, o.addTag),
		web.Delete("/settings/tags/:tag", rule, o.dropTag),
		web.Get("/settings/questions/new", rule, o.newQuestion),
		web.Post("/settings/questions", rule, o.addQuestion),
		web.Get("/settings/questions/:question", rule, o.question),
		web.Post("/settings/questions/:question", rule, o.saveQuestion),
		web.Post("/settings/questions/:question/place", rule, o.moveQuestion),
		web.Delete("/settings/questions/:question", rule, o.dropQuestion),
		web.Delete("/settings/questions/:question/deletion", rule, o.restoreQuestion),

		web.Get("/:log", write, o.show),
		web.Get("/:log/edit", write, o.edit),
		longRoute(web.Post("/:log", write, o.save)),
		web.Post("/:log/draft", write, o.keepDraft).Upto(1 << 20),
		web.Delete("/:log", write, o.discard),
		photo,
		web.Delete("/:log/photos/:photo", write, o.removePhoto),
		web.Post("/:log/opening", write, o.reopen),
		web.Post("/:log/withdrawal", write, o.withdraw),
		web.Post("/:log/sharing", write, o.share),
		web.Delete("/:log/sharing", write, o.hide),
		web.Post("/:log/notice", write, o.tellClient),
		web.Get("/:log/photos.zip", write, o.pack),
		web.Post("/:log/comments", write, o.comment),
		web.Delete("/:log/comments/:comment", write, o.dropComment),
	}
}

// log is the one of the address.
func (o office) log(r *web.Request) (Log, error) {
	id, err := r.ID("log")
	if err != nil {
		return Log{}, err
	}
	return logByID(r.Context(), r.Tx(), r.Viewer(), id)
}

// ring lets open pages of a client's logs follow, on both sides.
func (j journal) ring(ctx context.Context, firm, client uuid.UUID) {
	j.Bell.Publish(ctx, firm, "dailylogs@client:"+client.String())
}

// row is a log in the office's list.
type row struct {
	Log
	Href   string
	Tags   []Tag
	Thumbs []Photo
}

type listView struct {
	*web.Here
	Top      module.ClientTop // of a client's page
	Trail    []web.NavItem
	Tabs     []web.NavItem // of a project's page
	Heading  string
	Sub      string
	Project  uuid.UUID // where a log is begun; Nil: one has to choose
	Projects bool      // rows say of which project they are
	Filter   filter
	Rows     []row
	TagList  []Tag
	Sort     web.Head
	Clear    string
	Settings bool
	Drafts   []Log
	paging.Turns
}

// States are what the list can be narrowed to.
func (listView) States() []choice {
	return []choice{{draft, "Drafts"}, {submitted, "Submitted"}, {"hidden", "Not shared"}, {reopened, "Being changed"}, {withdrawn, "Withdrawn"}}
}

func filterOf(r *web.Request) filter {
	f := filter{Query: r.Query("q"), Mine: r.Query("mine") != "", Oldest: r.Query("sort") == "day", WithPhoto: r.Query("photos") != ""}
	f.From, _ = day.Parse(r.Query("from"))
	f.To, _ = day.Parse(r.Query("to"))
	f.Tag, _ = uuid.Parse(r.Query("tag"))
	for _, c := range (listView{}).States() {
		if c.Value == r.Query("state") {
			f.State = c.Value
		}
	}
	return f
}

func byDay(key string) bool {
	_, err := day.Parse(key)
	return err == nil
}

func (o office) index(r *web.Request) error {
	view := listView{Heading: "Daily logs", Sub: "What happened on site, from all projects.", Projects: true}
	var err error
	if view.Drafts, err = drafts(r.Context(), r.Tx(), r.Viewer(), 10); err != nil {
		return err
	}
	return o.list(r, view, filterOf(r))
}

func (o office) client(r *web.Request) error {
	id, err := r.ID("client")
	if err != nil {
		return err
	}
	name, err := clientName(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	view := listView{Heading: name, Projects: true}
	if view.Top, err = o.Catalog().ClientTop(r, id, name, "dailylogs:client"); err != nil {
		return err
	}
	f := filterOf(r)
	f.Client = id
	return o.list(r, view, f)
}

func (o office) project(r *web.Request) error {
	id, err := r.ID("project")
	if err != nil {
		return err
	}
	w, err := workByID(r.Context(), r.Tx(), r.Viewer(), today(r), id)
	if err != nil {
		return err
	}
	view := listView{Heading: w.Name, Sub: w.Client + " · Daily logs", Project: w.ID}
	view.Trail = []web.NavItem{{Title: "Clients", Href: r.Path("clients")}, {Title: w.Client, Href: r.Path("clients", w.ClientID)}, {Title: w.Name}}
	for _, tab := range o.Catalog().Tabs("project", r.Viewer()) {
		view.Tabs = append(view.Tabs, web.NavItem{Title: tab.Title, Href: tab.Path(w.ID.String()), Current: tab.ID == "dailylogs:project"})
	}
	f := filterOf(r)
	f.Project = w.ID
	return o.list(r, view, f)
}

func (o office) list(r *web.Request, view listView, f filter) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	r.Title(view.Heading)
	here := r.Here()
	view.Here, view.Filter, view.Settings = here, f, v.May(rule)
	view.Clear, _, _ = strings.Cut(here.URL, "?")
	view.Sort = web.Head{Title: "Day", Sort: "descending", Href: here.With("sort", "day")}
	if f.Oldest {
		view.Sort.Sort, view.Sort.Href = "ascending", here.With("sort", "")
	}
	list, turns, err := listLogs(ctx, tx, v, f, r.Place().If(byDay))
	if err != nil {
		return err
	}
	view.Turns = here.Turned(turns)
	ids := make([]uuid.UUID, len(list))
	for i, l := range list {
		ids[i] = l.ID
	}
	tags, err := tagsOf(ctx, tx, v, ids)
	if err != nil {
		return err
	}
	thumbs, err := thumbsOf(ctx, tx, v, ids, 2)
	if err != nil {
		return err
	}
	counts, err := comment.Counts(ctx, tx, v, section, ids)
	if err != nil {
		return err
	}
	for _, l := range list {
		l.Comments = counts[l.ID]
		one := row{Log: l, Href: r.Path("dailylogs", l.ID), Tags: tags[l.ID], Thumbs: thumbs[l.ID]}
		if l.mayWrite(v) && l.Draft() {
			one.Href = r.Path("dailylogs", l.ID, "edit")
		}
		view.Rows = append(view.Rows, one)
	}
	if view.TagList, err = listTags(ctx, tx, v); err != nil {
		return err
	}
	return r.Show("dailylogs/index", view)
}

type chooseView struct {
	*web.Here
	Trail []web.NavItem
	Query string
	Mine  []work
	Other []work
	More  bool
	Today day.Day
}

const mostWorks = 60

// choose is where a log is begun: one press on the project.
func (o office) choose(r *web.Request) error {
	r.Title("New daily log")
	view := chooseView{Here: r.Here(), Query: r.Query("q"), Today: today(r)}
	view.Trail = []web.NavItem{{Title: "Daily logs", Href: r.Path("dailylogs")}, {Title: "New"}}
	list, err := listWorks(r.Context(), r.Tx(), r.Viewer(), view.Today, view.Query, mostWorks+1)
	if err != nil {
		return err
	}
	view.More = len(list) > mostWorks
	for _, w := range list[:min(len(list), mostWorks)] {
		if w.Mine {
			view.Mine = append(view.Mine, w)
		} else {
			view.Other = append(view.Other, w)
		}
	}
	return r.Show("dailylogs/choose", view)
}

type cardView struct {
	*web.Here
	Drafts  []Log
	Works   []work
	Waiting []comment.Comment
}

// todayCard is where a log is begun and gone on with, and what clients have said about logs.
func (o office) todayCard(r *web.Request) (web.Part, bool, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view := cardView{Here: r.Here()}
	var err error
	if view.Drafts, err = drafts(ctx, tx, v, 3); err != nil {
		return web.Part{}, false, err
	}
	list, err := listWorks(ctx, tx, v, today(r), "", 40)
	if err != nil {
		return web.Part{}, false, err
	}
	for _, w := range list {
		if w.Mine && w.Status == "active" && w.Last.Before(today(r)) && !w.Draft && len(view.Works) < 3 {
			view.Works = append(view.Works, w)
		}
	}
	if view.Waiting, err = comment.Unanswered(ctx, tx, v, section, 3); err != nil {
		return web.Part{}, false, err
	}
	return web.Draw("dailylogs/_today", view), len(view.Drafts)+len(view.Works)+len(view.Waiting) > 0, nil
}

// longRoute is one that takes photos whole.
func longRoute(r web.Route) web.Route {
	r.Time = 10 * time.Minute
	return r.Upto(10 * mostBytes)
}
