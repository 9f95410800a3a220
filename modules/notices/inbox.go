package notices

import (
	"strconv"
	"time"

	"portico/platform/module"
	"portico/platform/notice"
	"portico/platform/web"
)

// pages are the bell's, on both sides.
type pages struct{ module.Platform }

// atOnce is how many notices a page has.
const atOnce = 30

// group is what came on one day.
type group struct {
	Title string
	Items []item
}

// item is one notice with the sign of its section.
type item struct {
	notice.Item
	Icon string
}

type inboxView struct {
	*web.Here
	Tabs       []web.NavItem
	Groups     []group
	Unread     int
	Count      string // of what is unread, as the bell has it
	OnlyUnread bool
	Text       string
	Prev, Next string
}

func (p pages) inbox(r *web.Request) error {
	r.Title("Notifications")
	view := inboxView{Here: r.Here(), OnlyUnread: r.Query("show") == "unread"}
	page, _ := strconv.ParseInt(r.Query("page"), 10, 32)
	page = max(page, 1)
	list, more, err := p.Notices.List(r.Context(), r.Tx(), r.Viewer(), view.OnlyUnread, (page-1)*atOnce, atOnce)
	if err != nil {
		return err
	}
	if view.Unread, err = p.Notices.Unread(r.Context(), r.Tx(), r.Viewer()); err != nil {
		return err
	}
	view.Count = web.BellOf("", view.Unread, true).Count
	view.Groups = p.grouped(r.Here(), list)
	view.Tabs = []web.NavItem{
		{Title: r.Say("All"), Href: r.Path("notices"), Current: !view.OnlyUnread},
		{Title: r.Say("Unread"), Href: r.Path("notices") + "?show=unread", Current: view.OnlyUnread, Badge: view.Unread},
	}
	if page > 1 {
		view.Prev = r.Here().With("page", page-1)
	}
	if more {
		view.Next = r.Here().With("page", page+1)
	}
	return r.Show("notices/index", view)
}

// grouped puts notices under the days on which they came.
func (p pages) grouped(here *web.Here, list []notice.Item) []group {
	icons := map[string]string{}
	for _, m := range p.Catalog().Modules {
		icons[m.ID] = m.Icon
	}
	var groups []group
	for _, n := range list {
		title := dayTitle(here, n.At)
		if len(groups) == 0 || groups[len(groups)-1].Title != title {
			groups = append(groups, group{Title: title})
		}
		last := &groups[len(groups)-1]
		last.Items = append(last.Items, item{n, icons[n.Section]})
	}
	return groups
}

func dayTitle(here *web.Here, at time.Time) string {
	local := here.Local(at)
	switch local.Format(time.DateOnly) {
	case here.Now.Format(time.DateOnly):
		return here.Say("Today")
	case here.Now.AddDate(0, 0, -1).Format(time.DateOnly):
		return here.Say("Yesterday")
	}
	return here.Reader().Day(local)
}

// bell draws the bell of the page anew, when something has come or was read.
func (p pages) bell(r *web.Request) error {
	n, err := p.Notices.Unread(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	return r.Parts(web.Draw("_bell", web.BellOf(r.Path("notices"), n, false)))
}

// read notes that a notice was read, and leads to what it tells of.
func (p pages) read(r *web.Request) error {
	id, err := r.ID("notice")
	if err != nil {
		return err
	}
	path, err := p.Notices.Read(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	if r.Value("stay") == "1" {
		path = r.Path("notices")
	}
	return r.Go(path)
}

func (p pages) readAll(r *web.Request) error {
	if err := p.Notices.ReadAll(r.Context(), r.Tx(), r.Viewer()); err != nil {
		return err
	}
	r.Toast("All read.")
	return r.Go(r.Path("notices"))
}
