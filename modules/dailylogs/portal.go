package dailylogs

import (
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/comment"
	"portico/platform/day"
	"portico/platform/db/paging"
	"portico/platform/fault"
	"portico/platform/web"
)

// portal are the pages of clients.
type portal struct{ journal }

func (p portal) routes() []web.Route {
	return []web.Route{
		web.Get("/", see, p.feed),
		web.Get("/photos", see, p.gallery),
		web.Get("/photos.zip", see, p.packAll),
		web.Get("/:log", see, p.show),
		web.Get("/:log/photos.zip", see, p.pack),
		web.Post("/:log/comments", say, p.comment).Tries("dailylogs-comment", 120, time.Hour),
		web.Delete("/:log/comments/:comment", say, p.dropComment),
	}
}

// dayGroup is one day of the feed.
type dayGroup struct {
	Day  day.Day
	Logs []entryView
}

// entryView is a log as it is drawn.
type entryView struct {
	*web.Here
	Entry
	People  []string // where that area is on
	Project string   // where several are in view
	Whole   bool     // on its own page
}

// Lines are the text as it is shown.
func (v entryView) Lines(text string) [][]comment.Piece { return comment.Lines(text) }

// Brief is its beginning, for a card.
func (v entryView) Brief() string { return excerpt(v.Told.Text, 220) }

type feedView struct {
	*web.Here
	Tabs    []web.NavItem
	Filter  filter
	Tags    []Tag
	Days    []dayGroup
	Photos  []photoDay
	Clear   string
	ZIP     string
	Gallery bool
	paging.Turns
}

type photoDay struct {
	Day    day.Day
	Photos []Photo
}

func (p portal) view(r *web.Request, title string, f filter, gallery bool) (feedView, error) {
	r.Title(title)
	here := r.Here()
	view := feedView{Here: here, Filter: f, Gallery: gallery, Tabs: []web.NavItem{
		{Title: r.Say("By day"), Href: r.Path("dailylogs") + f.query(), Current: !gallery},
		{Title: r.Say("Photos"), Href: r.Path("dailylogs", "photos") + f.query(), Current: gallery},
	}}
	view.Clear, _, _ = strings.Cut(here.URL, "?")
	view.ZIP = r.Path("dailylogs", "photos.zip") + f.query()
	var err error
	view.Tags, err = tagsInFeed(r.Context(), r.Tx(), r.Viewer())
	return view, err
}

// query is the filter as addresses carry it.
func (f filter) query() string {
	q := url.Values{}
	for name, value := range map[string]string{"from": f.From.String(), "to": f.To.String(), "q": f.Query} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Tag != uuid.Nil {
		q.Set("tag", f.Tag.String())
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func portalFilter(r *web.Request) filter {
	f := filterOf(r)
	f.State, f.Mine, f.Oldest, f.WithPhoto = "", false, false, false
	return f
}

// feed is what happened, day by day, the newest first.
func (p portal) feed(r *web.Request) error {
	f := portalFilter(r)
	view, err := p.view(r, "Daily logs", f, false)
	if err != nil {
		return err
	}
	list, turns, err := feed(r.Context(), r.Tx(), r.Viewer(), f, r.Place().If(byDay))
	if err != nil {
		return err
	}
	view.Turns = r.Here().Turned(turns)
	ids := make([]uuid.UUID, len(list))
	for i, e := range list {
		ids[i] = e.ID
	}
	counts, err := comment.Counts(r.Context(), r.Tx(), r.Viewer(), section, ids)
	if err != nil {
		return err
	}
	sees := p.sees(r)
	for _, e := range list {
		e.Comments = counts[e.ID]
		if n := len(view.Days); n == 0 || view.Days[n-1].Day != e.LogDate {
			view.Days = append(view.Days, dayGroup{Day: e.LogDate})
		}
		group := &view.Days[len(view.Days)-1]
		group.Logs = append(group.Logs, p.entry(r, e, sees))
	}
	return r.Show("dailylogs/feed", view)
}

// sees are the projects of which the client also reads who was on site.
func (portal) sees(r *web.Request) map[uuid.UUID]bool {
	sees := map[uuid.UUID]bool{}
	if v := r.Viewer(); v.May(seePeople) {
		for _, id := range v.ProjectIDs(section + "/people") {
			sees[id] = true
		}
	}
	return sees
}

func (portal) entry(r *web.Request, e Entry, sees map[uuid.UUID]bool) entryView {
	one := entryView{Here: r.Here(), Entry: e}
	if sees[e.ProjectID] {
		one.People = e.Told.People
	}
	if v := r.Viewer(); v.Scope == nil && len(v.Projects) > 1 {
		one.Project = e.Project
	}
	one.Told.People = nil
	return one
}

const inGallery = 60

// gallery are the photos of all days.
func (p portal) gallery(r *web.Request) error {
	f := portalFilter(r)
	f.Query = ""
	view, err := p.view(r, "Photos from site", f, true)
	if err != nil {
		return err
	}
	from := r.Place().If(byDay)
	list, err := feedPhotos(r.Context(), r.Tx(), r.Viewer(), f, from, inGallery+1)
	if err != nil {
		return err
	}
	page, turns := paging.Cut(list, inGallery, from, func(p Photo) paging.Cursor { return paging.Cursor{Key: p.LogDate.String(), ID: p.ID} })
	view.Turns = r.Here().Turned(turns)
	for _, one := range page {
		if n := len(view.Photos); n == 0 || view.Photos[n-1].Day != one.LogDate {
			view.Photos = append(view.Photos, photoDay{Day: one.LogDate})
		}
		group := &view.Photos[len(view.Photos)-1]
		group.Photos = append(group.Photos, one)
	}
	return r.Show("dailylogs/feed", view)
}

type entryPage struct {
	*web.Here
	Trail    []web.NavItem
	Log      entryView
	Comments commentsView
	Before   string // the address of the log before, and after
	After    string
	Talk     string // where one asks about it; "": nowhere
}

func (p portal) entryOf(r *web.Request) (Entry, error) {
	id, err := r.ID("log")
	if err != nil {
		return Entry{}, err
	}
	return entryByID(r.Context(), r.Tx(), r.Viewer(), id)
}

func (p portal) show(r *web.Request) error {
	e, err := p.entryOf(r)
	if err != nil {
		return err
	}
	view, err := p.page(r, e)
	if err != nil {
		return err
	}
	return r.Show("dailylogs/entry", view)
}

func (p portal) page(r *web.Request, e Entry) (entryPage, error) {
	r.Title("Daily log, %s", e.LogDate)
	view := entryPage{
		Here: r.Here(), Log: p.entry(r, e, p.sees(r)),
		Trail: []web.NavItem{{Title: r.Say("Daily logs"), Href: r.Path("dailylogs")}, {Title: r.Here().Reader().Day(e.LogDate)}},
		Talk:  p.Catalog().Talk(r.Viewer(), section, e.ID),
	}
	view.Log.Whole = true
	before, after, err := neighbours(r.Context(), r.Tx(), r.Viewer(), e)
	if err != nil {
		return view, err
	}
	if before != uuid.Nil {
		view.Before = r.Path("dailylogs", before)
	}
	if after != uuid.Nil {
		view.After = r.Path("dailylogs", after)
	}
	view.Comments, err = p.comments(r, e, comment.Form{})
	return view, err
}

func (p portal) comments(r *web.Request, e Entry, form comment.Form) (commentsView, error) {
	items, err := comment.Of(r.Context(), r.Tx(), r.Viewer(), section, e.ID, r.Place())
	return commentsView{Here: r.Here(), Items: items, Action: r.Path("dailylogs", e.ID, "comments"), May: r.Viewer().May(say), Form: form}, err
}

// comment says something about a log; the team is told by mail.
func (p portal) comment(r *web.Request) error {
	e, err := p.entryOf(r)
	if err != nil {
		return err
	}
	var form comment.Form
	err = r.Bind(&form)
	if err == nil {
		err = p.sayOn(r, comment.Thing{Section: section, ID: e.ID, ClientID: e.ClientID, ProjectID: e.ProjectID}, form, e.Project, e.LogDate)
	}
	if err != nil {
		view, drawn := p.page(r, e)
		if drawn != nil {
			return drawn
		}
		view.Comments.Form = form
		if r.IsPart() {
			return r.Again("dailylogs/_comments", view.Comments, err)
		}
		return r.Again("dailylogs/entry", view, err)
	}
	return p.showComments(r, e)
}

func (p portal) showComments(r *web.Request, e Entry) error {
	view, err := p.comments(r, e, comment.Form{})
	if err != nil {
		return err
	}
	return r.Done(r.Path("dailylogs", e.ID)+"#comments", web.Draw("dailylogs/_comments", view))
}

func (p portal) dropComment(r *web.Request) error {
	e, err := p.entryOf(r)
	if err != nil {
		return err
	}
	if err := p.takeBack(r, e.ID, e.ClientID, e.ProjectID); err != nil {
		return err
	}
	return p.showComments(r, e)
}

type latestView struct {
	*web.Here
	Log entryView
}

// latestCard is the last log, with its photos.
func (p portal) latestCard(r *web.Request) (web.Part, bool, error) {
	list, err := latest(r.Context(), r.Tx(), r.Viewer())
	if err != nil || len(list) == 0 {
		return web.Part{}, false, err
	}
	return web.Draw("dailylogs/_latest", latestView{r.Here(), p.entry(r, list[0], nil)}), true, nil
}

// errTooMany is said when one archive would hold too much.
var errTooMany = fault.Invalid("There are more than 2,000 photos here. Please choose a shorter time, and download them in parts.")
