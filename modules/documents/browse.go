package documents

import (
	"strconv"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/db/paging"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/module"
	"portico/platform/web"
)

// row is a document in a list.
type row struct {
	Document
	Href     string
	Where    string // in lists of many places
	Download string
}

type folderRow struct {
	Folder
	Href string
}

// browseView is a place with what is in it.
type browseView struct {
	*web.Here
	Place   place
	Filter  filter
	Trail   []web.NavItem
	Tabs    []web.NavItem    // office, at the top of a client or project
	Top     module.ClientTop // office, at the top of a client
	Heading string
	Sub     string
	Office  bool
	MaySend bool
	Hidden  string // office: why clients do not see what is shared here
	Folders []folderRow
	Rows    []row
	page    page
	paging.Turns
	Send     sendView
	ZIP      string
	Pictures bool // there are some: the other look is worth offering
	List     string
	Grid     string
	Clear    string // the list without a search
}

// sendView is the form that files are sent with.
type sendView struct {
	*web.Here
	Action  string
	Uploads string // where our script begins an upload
	One     string // where it goes on with one, without its id
	Form    sendForm
	Office  bool
	Single  bool // a new version: one file
	Shared  bool // the place is open to the client
	Client  string
}

// Head gives a column's heading.
func (v browseView) Head(column, title, class string) web.Head {
	return v.Sorts(v.Filter.Sort, column, title, class, column == "name")
}

// Counted says how many files there are.
func (v browseView) Counted() string {
	if len(v.Rows) == 0 && v.Filter.Query == "" {
		return ""
	}
	return v.page.counted(v.Here)
}

// Ticks reports whether several files can be dealt with at once.
func (v browseView) Ticks() bool {
	return v.Office && !v.Filter.Grid && v.Filter.Query == "" && len(v.Rows) > 0
}

// Empty reports whether there is nothing here at all.
func (v browseView) Empty() bool { return len(v.Rows) == 0 && len(v.Folders) == 0 }

// browse shows a place.
func (a archive) browse(r *web.Request, p place, tabs []web.NavItem) error {
	view, err := a.browseView(r, p, tabs)
	if err != nil {
		return err
	}
	return r.Show("documents/place", view)
}

func (a archive) browseView(r *web.Request, p place, tabs []web.NavItem) (browseView, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	here := r.Here()
	f := filterOf(r, p)
	view := browseView{
		Here: here, Place: p, Filter: f, Tabs: tabs, Office: v.Side == auth.Office, Heading: p.Name,
		List: here.With("view", ""), Grid: here.With("view", "grid"), Clear: here.With("q", ""),
		ZIP: here.Path("documents", "places", p.ID, "files.zip"), Trail: trail(here, p, ""),
	}
	view.MaySend = view.Office || mayUpload(v) && (p.Kind != "client" || whole(v))
	view.Send = a.sendView(r, p)
	switch {
	case view.Office:
		view.Sub = p.ClientName
		if p.Folder() && p.Project != "" {
			view.Sub += " · " + p.Project
		}
		if p.Kind == "project" {
			view.Sub += " · Documents"
		}
		if p.Kind == "client" {
			top, err := a.Catalog().ClientTop(r, p.ID, p.Name, "documents:client")
			if err != nil {
				return view, err
			}
			view.Top = top
		}
		if shut := p.shut(); shut != "" {
			view.Hidden = "The client sees nothing in here, because the folder “" + shut + "” is not shared."
		} else if p.Folder() && !p.Shared {
			view.Hidden = "The client sees neither this folder nor what is in it."
		}
	case p.Kind == "client" || p.Kind == "project" && v.Scope != nil:
		view.Heading = r.Say("Documents")
		view.Trail = nil
	}
	r.Named(view.Heading)
	if f.Query == "" && f.Only == "" {
		if err := a.fillFolders(r, &view); err != nil {
			return view, err
		}
	}
	from := r.Place().If(sorts.Fits(f.Sort))
	if !from.At.IsZero() {
		view.Folders = nil
	}
	found, err := listIn(ctx, tx, v, f, from)
	if err != nil {
		return view, err
	}
	view.page = found
	view.Turns = here.Turned(found.Turns)
	for _, d := range found.Documents {
		one := rowOf(here, d)
		if f.Query != "" && d.PlaceID != p.ID {
			one.Where = whereOf(here, d, false)
		}
		view.Rows = append(view.Rows, one)
		view.Pictures = view.Pictures || d.Picture()
	}
	return view, nil
}

func (a archive) fillFolders(r *web.Request, view *browseView) error {
	p, v := view.Place, r.Viewer()
	var list []Folder
	if p.Kind == "client" {
		projects, err := projectsOf(r.Context(), r.Tx(), v, p.ClientID)
		if err != nil {
			return err
		}
		list = projects
	}
	if p.Kind != "client" || v.Side != auth.Portal || whole(v) {
		folders, err := foldersIn(r.Context(), r.Tx(), v, p)
		if err != nil {
			return err
		}
		list = append(list, folders...)
	}
	for _, f := range list {
		kind := f.Kind
		if kind == "" {
			kind = "folder"
		}
		view.Folders = append(view.Folders, folderRow{f, placePath(view.Here, kind, f.ID)})
	}
	return nil
}

func rowOf(here *web.Here, d Document) row {
	return row{Document: d, Href: here.Path("documents", "files", d.ID), Download: downloadOf(here, d)}
}

// downloadOf is where a file is saved from: clients get pictures as we made them, without what the camera told.
func downloadOf(here *web.Here, d Document) string {
	switch {
	case !d.Opens():
		return ""
	case d.Sort == "picture" && here.Viewer.Side == auth.Portal:
		if d.FileState != "ready" {
			return ""
		}
		return d.Large()
	}
	return files.URL(d.FileID, "original")
}

func whereOf(here *web.Here, d Document, client bool) string {
	where := ""
	add := func(text string) {
		if text != "" && where != "" {
			where += " / "
		}
		where += text
	}
	if client {
		add(d.ClientName)
	}
	if here.Viewer.Side == auth.Office || here.Viewer.Scope == nil {
		add(d.ProjectName)
	}
	add(d.FolderName)
	return where
}

func (a archive) sendView(r *web.Request, p place) sendView {
	here := r.Here()
	return sendView{
		Here: here, Action: here.Path("documents", "places", p.ID, "files"), Uploads: here.Path("documents", "places", p.ID, "uploads"),
		One: here.Path("documents", "uploads"), Office: r.Viewer().Side == auth.Office, Shared: p.Open(), Client: p.ClientName,
		Form: sendForm{Shared: p.Folder() && p.Open()},
	}
}

// send takes the files of the plain form.
func (a archive) send(r *web.Request, p place, tabs []web.NavItem) error {
	n, err := a.receive(r, p, uuid.Nil)
	if err != nil {
		view, drawn := a.browseView(r, p, tabs)
		if drawn != nil {
			return err
		}
		view.Send.Form.Remark, view.Send.Form.Shared, view.Send.Form.Tells = r.Value("remark"), r.Value("shared") != "", r.Value("tells") != ""
		return r.Again("documents/place", view, err)
	}
	r.Toast(arrivedText(n))
	return r.Go(p.path(r.Here()))
}

func arrivedText(n int) string {
	if n == 1 {
		return "The file has arrived."
	}
	return strconv.Itoa(n) + " files have arrived."
}

// documentView is one document.
type documentView struct {
	*web.Here
	Document
	Place    place
	Trail    []web.NavItem
	Office   bool
	Download string
	Shown    string // a browser shows it on a page of its own
	PDF      string // for the script that draws it
	Text     string
	More     bool // the text goes on
	Before   string
	After    string
	Versions []versionRow
	Locked   string // a sentence about what cannot be done with it
	Send     sendView
}

type versionRow struct {
	Version
	Href string
}

func (a archive) document(r *web.Request) error {
	view, err := a.documentView(r)
	if err != nil {
		return err
	}
	return r.Show("documents/document", view)
}

func (a archive) documentView(r *web.Request) (documentView, error) {
	d, p, err := a.load(r)
	if err != nil {
		return documentView{}, err
	}
	ctx, tx, v, here := r.Context(), r.Tx(), r.Viewer(), r.Here()
	r.Title(d.Name)
	view := documentView{
		Here: here, Document: d, Place: p, Trail: trail(here, p, d.Name), Office: v.Side == auth.Office, Download: downloadOf(here, d),
		Send: sendView{
			Here: here, Action: here.Path("documents", "files", d.ID, "versions"), Uploads: here.Path("documents", "files", d.ID, "uploads"),
			One: here.Path("documents", "uploads"), Office: true, Single: true, Shared: d.Open, Client: d.ClientName, Form: sendForm{Shared: true},
		},
	}
	if v.Side == auth.Portal && v.Scope != nil && !p.Folder() {
		view.Trail = []web.NavItem{{Title: here.Say("Documents"), Href: here.Path("documents")}, {Title: d.Name}}
	}
	if d.Opens() && d.Sort == "pdf" {
		view.Shown, view.PDF = files.URL(d.FileID, "shown"), files.URL(d.FileID, "original")
	}
	if d.Opens() && d.Sort == "text" {
		if view.Text, view.More, err = a.beginning(ctx, v.FirmID(), d); err != nil {
			return view, err
		}
	}
	view.Locked = troubleOf(d, view.Office)
	if d.Reading == "locked" || d.Reading == "damaged" {
		view.PDF = ""
	}
	before, after, err := neighbours(ctx, tx, v, d)
	if err != nil {
		return view, err
	}
	if before != uuid.Nil {
		view.Before = here.Path("documents", "files", before)
	}
	if after != uuid.Nil {
		view.After = here.Path("documents", "files", after)
	}
	if !view.Office {
		return view, nil
	}
	versions, err := versionsOf(ctx, tx, v, d)
	for _, n := range versions {
		one := versionRow{Version: n}
		if n.Opens() {
			one.Href = files.URL(n.FileID, "original")
		}
		view.Versions = append(view.Versions, one)
	}
	return view, err
}

// troubleOf says in a sentence why something is not as people expect it.
func troubleOf(d Document, office bool) string {
	switch {
	case d.Guarded == "scanning":
		return "This file is being looked at by the virus scanner. It can be opened in a moment."
	case d.Guarded == "infected":
		return "The virus scanner found something in this file. It is locked, and nobody can open it."
	case d.Reading == "locked":
		return "This PDF is protected by a password. Download it and open it with the password; it cannot be searched."
	case d.Reading == "damaged" && d.Sort == "pdf":
		return "This PDF is damaged, or not complete. It can be downloaded, and may not open."
	case d.Reading == "heavy":
		return "The text in this PDF could not be searched: it is too large, or takes too long to read."
	case d.Sort == "picture" && d.FileState == "damaged" && office:
		return "This picture cannot be shown: it may be damaged or too large. The original can be downloaded."
	case d.Sort == "picture" && d.FileState == "damaged":
		return "This picture cannot be shown: it may be damaged or too large. The team can still open the original."
	case d.Sort == "picture" && d.FileState == "new":
		return "This picture is being made ready. Load the page again in a moment."
	}
	return ""
}

// load gives the document of the address, with its place.
func (a archive) load(r *web.Request) (Document, place, error) {
	id, err := r.ID("document")
	if err != nil {
		return Document{}, place{}, err
	}
	d, err := documentByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return d, place{}, err
	}
	p, err := placeByID(r.Context(), r.Tx(), r.Viewer(), d.PlaceID)
	return d, p, err
}

// placeAt gives the place of the address; kind "" takes any.
func (a archive) placeAt(r *web.Request, name, kind string) (place, error) {
	id, err := r.ID(name)
	if err != nil {
		return place{}, err
	}
	p, err := placeByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err == nil && kind != "" && p.Kind != kind {
		return place{}, fault.NotFound()
	}
	return p, err
}
