package documents

import (
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"portico/platform/db/paging"
	"portico/platform/fault"
	"portico/platform/web"
)

// office are the pages of staff.
type office struct{ archive }

func (o office) routes() []web.Route {
	return []web.Route{
		web.Get("/", keep, o.index),
		web.Get("/clients/:client", keep, o.client),
		web.Get("/projects/:project", keep, o.project),

		web.Get("/places/:place/files.zip", keep, o.pack),
		large(web.Post("/places/:place/files", keep, o.sendTo)),
		web.Delete("/places/:place/files", keep, o.trashMany),
		web.Post("/places/:place/sharing", keep, o.shareMany),
		web.Delete("/places/:place/sharing", keep, o.hideMany),
		web.Post("/places/:place/uploads", keep, o.beginAt),
		web.Get("/uploads/:upload", keep, o.offset),
		pieceRoute(web.Post("/uploads/:upload/pieces", keep, o.piece)),
		web.Delete("/uploads/:upload", keep, o.forget),

		web.Get("/places/:place/folders/new", keep, o.newFolder),
		web.Post("/places/:place/folders", keep, o.addFolder),
		web.Get("/folders/:folder", keep, o.folder),
		web.Get("/folders/:folder/edit", keep, o.editFolder),
		web.Post("/folders/:folder", keep, o.saveFolder),
		web.Post("/folders/:folder/sharing", keep, o.shareFolder),
		web.Delete("/folders/:folder/sharing", keep, o.hideFolder),
		web.Get("/folders/:folder/place", keep, o.whereFolder),
		web.Post("/folders/:folder/place", keep, o.moveFolder),
		web.Delete("/folders/:folder", keep, o.trashFolder),
		web.Delete("/folders/:folder/deletion", keep, o.restoreFolder),

		web.Get("/files/:document", keep, o.document),
		web.Get("/files/:document/edit", keep, o.editDocument),
		web.Post("/files/:document", keep, o.saveDocument),
		web.Post("/files/:document/sharing", keep, o.shareDocument),
		web.Delete("/files/:document/sharing", keep, o.hideDocument),
		web.Get("/files/:document/place", keep, o.whereDocument),
		web.Post("/files/:document/place", keep, o.moveDocument),
		web.Delete("/files/:document", keep, o.trashDocument),
		web.Delete("/files/:document/deletion", keep, o.restoreDocument),
		large(web.Post("/files/:document/versions", keep, o.addVersion)),
		web.Post("/files/:document/uploads", keep, o.beginVersion),
		web.Post("/files/:document/versions/:version/choice", keep, o.takeBack),

		web.Get("/trash", keep, o.trash),
		slow(web.Delete("/trash", rule, o.emptyTrash)),
		web.Get("/settings", rule, o.settings),
		web.Post("/settings", rule, o.saveSettings),
	}
}

// slow is a route that may have much to do.
func slow(r web.Route) web.Route {
	r.Time = time.Minute
	return r
}

type indexView struct {
	*web.Here
	Tabs      []web.NavItem
	Filter    filter
	Rows      []row
	page      page
	All, Only string
	paging.Turns
}

// Head gives a column's heading.
func (v indexView) Head(column, title, class string) web.Head {
	return v.Sorts(v.Filter.Sort, column, title, class, column == "name")
}

// Counted says how many files there are.
func (v indexView) Counted() string { return v.page.counted(v.Here) }

// index lists what came last, or what a search finds in everything.
func (o office) index(r *web.Request) error {
	r.Title("Documents")
	here := r.Here()
	f := filterOf(r, place{})
	f.Sort = "-changed" // the order of its index
	view := indexView{Here: here, Tabs: o.tabs(r, "files"), Filter: f, All: here.With("only", ""), Only: here.With("only", "clients")}
	found, err := listIn(r.Context(), r.Tx(), r.Viewer(), f, r.Place().If(sorts.Fits(f.Sort)))
	if err != nil {
		return err
	}
	view.page = found
	view.Turns = here.Turned(found.Turns)
	for _, d := range found.Documents {
		one := rowOf(here, d)
		one.Where = whereOf(here, d, true)
		view.Rows = append(view.Rows, one)
	}
	return r.Show("documents/index", view)
}

func (o office) tabs(r *web.Request, current string) []web.NavItem {
	items := []web.NavItem{
		{Title: "Files", Href: r.Path("documents"), Current: current == "files"},
		{Title: "Trash", Href: r.Path("documents", "trash"), Current: current == "trash"},
	}
	if r.Viewer().May(rule) {
		items = append(items, web.NavItem{Title: "Settings", Href: r.Path("documents", "settings"), Current: current == "settings"})
	}
	return items
}

func (o office) client(r *web.Request) error  { return o.open(r, "client") }
func (o office) project(r *web.Request) error { return o.open(r, "project") }
func (o office) folder(r *web.Request) error  { return o.open(r, "folder") }

func (o office) open(r *web.Request, kind string) error {
	p, err := o.placeAt(r, kind, kind)
	if err != nil {
		return err
	}
	return o.browse(r, p, o.tabsOf(r, p))
}

// tabsOf are those of a client's or project's page, with this one among them.
func (o office) tabsOf(r *web.Request, p place) []web.NavItem {
	if p.Folder() {
		return nil
	}
	var items []web.NavItem
	for _, tab := range o.Catalog().Tabs(p.Kind, r.Viewer()) {
		items = append(items, web.NavItem{Title: tab.Title, Href: tab.Path(p.ID.String()), Current: tab.ID == "documents:"+p.Kind})
	}
	return items
}

func (o office) pack(r *web.Request) error {
	p, err := o.placeAt(r, "place", "")
	if err != nil {
		return err
	}
	return o.zip(r, p)
}

func (o office) sendTo(r *web.Request) error {
	p, err := o.placeAt(r, "place", "")
	if err != nil {
		return err
	}
	return o.send(r, p, o.tabsOf(r, p))
}

func (o office) beginAt(r *web.Request) error {
	p, err := o.placeAt(r, "place", "")
	if err != nil {
		return err
	}
	return o.begin(r, p, uuid.Nil)
}

// arrivedCard shows what clients sent lately.
func (o office) arrivedCard(r *web.Request) (web.Part, bool, error) {
	list, err := latest(r.Context(), r.Tx(), r.Viewer(), 14, 5, true)
	if err != nil || len(list) == 0 {
		return web.Part{}, false, err
	}
	view := cardView{Here: r.Here()}
	for _, d := range list {
		one := rowOf(r.Here(), d)
		one.Where = whereOf(r.Here(), d, true)
		view.Rows = append(view.Rows, one)
	}
	return web.Draw("documents/_card", view), true, nil
}

type trashView struct {
	*web.Here
	Tabs       []web.NavItem
	Rows       []thrown
	Prev, Next string
	Text       string
	Empties    bool
}

func (o office) trash(r *web.Request) error {
	r.Title("Trash")
	at, err := strconv.Atoi(r.Query("page"))
	if err != nil || at < 1 || at > 200 {
		at = 1
	}
	list, more, err := inTrash(r.Context(), r.Tx(), r.Viewer(), at-1)
	if err != nil {
		return err
	}
	view := trashView{Here: r.Here(), Tabs: o.tabs(r, "trash"), Rows: list, Empties: r.Viewer().May(rule)}
	if at > 1 {
		view.Prev = r.Here().With("page", at-1)
	}
	if more {
		view.Next = r.Here().With("page", at+1)
	}
	if len(list) > 0 {
		view.Text = fmt.Sprintf("%d–%d", (at-1)*pageSize+1, (at-1)*pageSize+len(list))
	}
	return r.Show("documents/trash", view)
}

func (o office) emptyTrash(r *web.Request) error {
	if err := o.purgeBefore(r.Context(), r.Tx(), r.Viewer(), r.Now().AddDate(100, 0, 0)); err != nil {
		return err
	}
	if err := o.record(r, "documents.emptied", "emptied the trash of documents", uuid.Nil, uuid.Nil, uuid.Nil, nil); err != nil {
		return err
	}
	r.Toast("The trash is empty.")
	return r.Go(r.Path("documents", "trash"))
}

type settingsForm struct {
	Quota string `form:"quota"` // gigabytes
	Tells bool   `form:"tells"`
}

type settingsView struct {
	*web.Here
	Tabs    []web.NavItem
	Usage   usage
	Form    settingsForm
	Most    string // what the installation allows; "": any
	Scanner bool
}

func (o office) settings(r *web.Request) error {
	view, err := o.settingsView(r)
	if err != nil {
		return err
	}
	return r.Show("documents/settings", view)
}

func (o office) settingsView(r *web.Request) (settingsView, error) {
	r.Title("Documents: settings")
	u, err := usageOf(r.Context(), r.Tx(), r.Viewer(), o.Files.Quota)
	view := settingsView{Here: r.Here(), Tabs: o.tabs(r, "settings"), Usage: u, Scanner: o.Files.Scanner != nil}
	if view.Form.Tells = u.Tells; u.Own > 0 {
		view.Form.Quota = strconv.FormatInt(u.Own>>30, 10)
	}
	if o.Files.Quota > 0 {
		view.Most = sizeText(o.Files.Quota)
	}
	return view, err
}

const mostQuota = 1 << 20 // gigabytes

func (o office) saveSettings(r *web.Request) error {
	view, err := o.settingsView(r)
	if err != nil {
		return err
	}
	before := view.Form
	if err := r.Bind(&view.Form); err != nil {
		return r.Again("documents/settings", view, err)
	}
	gigabytes := int64(0)
	if view.Form.Quota != "" {
		n, err := strconv.ParseInt(view.Form.Quota, 10, 64)
		if err != nil || n < 0 || n > mostQuota {
			return r.Again("documents/settings", view, fault.Field("quota", "Enter a whole number of gigabytes, or nothing."))
		}
		gigabytes = n
	}
	if err := saveSetting(r.Context(), r.Tx(), r.Viewer(), gigabytes<<30, view.Form.Tells); err != nil {
		return err
	}
	changes := changesOf(map[string]any{"limit": before.Quota, "tells": before.Tells}, map[string]any{"limit": view.Form.Quota, "tells": view.Form.Tells})
	if changes != nil {
		if err := o.record(r, "documents.set", "changed the settings of documents", uuid.Nil, uuid.Nil, uuid.Nil, changes); err != nil {
			return err
		}
	}
	r.Toast("Saved.")
	return r.Go(r.Path("documents", "settings"))
}
