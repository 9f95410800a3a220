package host

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/brand"
	"portico/platform/files"
	"portico/platform/module"
	"portico/platform/web"
)

// frame is what the shell around a page shows: only what this viewer may reach.
func (h *Host) frame(r *web.Request) web.Shell {
	v, reader := r.Viewer(), r.Here().Reader()
	shell := web.Shell{
		Lang: reader.Code, Dir: reader.Dir, Theme: v.Theme, Side: "stranger",
		Firm: web.ShellFirm{
			Name: v.Firm.Name, Key: v.Firm.Key, Email: v.Firm.Email, Phone: v.Firm.Phone,
			LogoURL: files.URL(v.Firm.LogoID, "medium"), ThemeURL: brand.URL(v.Firm.BrandColor),
			TouchURL: iconURL(v.Firm, "touch.png"),
		},
	}
	switch v.Side {
	case auth.Office:
		shell.Side = "office"
		shell.Nav = h.nav(r, v, func(m module.Mounted) []module.Nav { return m.OfficeNav })
		if v.Alarm.Text != "" {
			shell.Banner = &web.Banner{Kind: "late", Text: v.Alarm.Text, Href: "/office/" + v.Alarm.Path, Action: v.Alarm.Action}
		}
	case auth.Portal:
		if !v.Levels().Portal().On || v.Session.Duty != auth.NoDuty {
			return shell
		}
		shell.Side = "portal"
		if logo := files.URL(v.ClientLogo, "medium"); logo != "" {
			shell.Firm.LogoURL = logo
		}
		shell.Nav = h.nav(r, v, func(m module.Mounted) []module.Nav { return m.PortalNav })
		shell.Scope = scopeMenu(r, v)
		shell.SearchURL = r.Path("search")
	default:
		return shell
	}
	if v.Session.Duty != auth.NoDuty {
		shell.Side, shell.Nav, shell.Banner = "stranger", nil, nil
		return shell
	}
	shell.Person = &web.ShellPerson{Name: v.Name, Email: v.Email, PhotoURL: files.URL(v.PhotoID, "thumb")}
	if v.ViewAs != uuid.Nil { // an account belongs to its person alone
		shell.LiveURL, shell.Preview = web.LivePreview, v.ContactID.String()
		return shell
	}
	shell.LiveURL = "/live"
	shell.More = []web.NavItem{{Title: r.Say("Your profile"), Href: r.Path("profile"), Icon: "user", Current: r.Here().Module == "profile"}}
	shell.More = append(shell.More, h.nav(r, v, func(m module.Mounted) []module.Nav { return m.PersonNav })...)
	shell.Bell = h.bell(r)
	if v.Places > 1 {
		shell.Switch = []web.NavItem{{Title: r.Say("Other places"), Href: "/switch", Icon: "arrow-left-right"}}
	}
	return shell
}

// bellModule is the one to whose page the bell leads.
const bellModule = "notices"

// bell counts what the viewer was told and has not read. The viewer says whether there is anything at all, so that a page
// asks nothing more where there is not.
func (h *Host) bell(r *web.Request) *web.Bell {
	if !slices.ContainsFunc(h.Catalog.Modules, func(m module.Mounted) bool { return m.ID == bellModule }) {
		return nil
	}
	unread := 0
	if r.Viewer().News {
		count := func(ctx context.Context, tx bun.Tx) (err error) {
			unread, err = h.Notices.Unread(ctx, tx, r.Viewer())
			return err
		}
		err := count(r.Context(), r.Tx())
		if errors.Is(err, sql.ErrTxDone) { // a form that was refused is shown after its transaction was given up
			err = r.Deliver(count)
		}
		if err != nil {
			r.Log().Warn("bell not counted", "err", err)
		}
	}
	bell := web.BellOf(r.Path(bellModule), unread, r.Here().Module == bellModule)
	return &bell
}

func (h *Host) nav(r *web.Request, v auth.Viewer, of func(module.Mounted) []module.Nav) []web.NavItem {
	type placed struct {
		module.Nav
		item web.NavItem
	}
	var found []placed
	here := r.Here()
	path, room := h.standsAt(here, v)
	for _, m := range h.Catalog.Modules {
		for _, nav := range of(m) {
			if !v.May(nav.Who) {
				continue
			}
			href := h.href(here, m, nav)
			item := web.NavItem{
				Title: r.Say(nav.Title), Icon: nav.Icon, Href: href,
				Current: path == href || m.ID == room && (nav.Path == "" || strings.HasPrefix(path, href+"/")),
			}
			if nav.Path == "" && m.Unread != nil && v.ViewAs == uuid.Nil {
				item.Asks, item.Badge = true, unread(r, m)
			}
			found = append(found, placed{nav, item})
		}
	}
	slices.SortStableFunc(found, func(a, b placed) int { return a.Order - b.Order })
	items := make([]web.NavItem, 0, len(found))
	for _, f := range found {
		items = append(items, f.item)
	}
	return one(items)
}

// unread counts what is new in a section; where that fails, the page is shown without.
func unread(r *web.Request, m module.Mounted) (n int) {
	count := func(ctx context.Context, tx bun.Tx) (err error) {
		n, err = m.Unread(ctx, tx, r.Viewer())
		return err
	}
	err := count(r.Context(), r.Tx())
	if errors.Is(err, sql.ErrTxDone) { // a form that was refused is shown after its transaction was given up
		err = r.Deliver(count)
	}
	if err != nil {
		r.Log().Warn("what is new was not counted", "section", m.ID, "err", err)
	}
	return n
}

// standsAt is the path and the module by which the page is found in the menu. A tab of a client or a project, and what
// stands below it, belongs to that client or project, whichever module brings it.
func (h *Host) standsAt(here *web.Here, v auth.Viewer) (path, room string) {
	path, _, _ = strings.Cut(here.URL, "?")
	if !namesSomething(path) {
		return path, here.Module
	}
	for _, of := range []string{"client", "project"} {
		tabs := h.Catalog.Tabs(of, v)
		for _, tab := range tabs {
			before, after, _ := strings.Cut(tab.Path(mark), mark)
			rest, begins := strings.CutPrefix(path, before)
			id, below, _ := strings.Cut(rest, "/")
			if _, err := uuid.Parse(id); begins && err == nil && strings.HasPrefix("/"+below+"/", after+"/") {
				room, _, _ = strings.Cut(tabs[0].ID, ":")
				return tabs[0].Path(id), room
			}
		}
	}
	return path, here.Module
}

// namesSomething reports whether an id stands in the path. Most lists have none, and need not be compared with every tab.
func namesSomething(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if len(part) == 36 && part[8] == '-' {
			return true
		}
	}
	return false
}

const mark = "*" // stands for an id

// one keeps a single item current: the one with the longest address.
func one(items []web.NavItem) []web.NavItem {
	best := -1
	for i := range items {
		if items[i].Current && (best < 0 || len(items[i].Href) > len(items[best].Href)) {
			best = i
		}
	}
	for i := range items {
		items[i].Current = i == best
	}
	return items
}

func (h *Host) href(here *web.Here, m module.Mounted, nav module.Nav) string {
	if m.ID == homeModule && nav.Path == "" {
		return here.Path()
	}
	parts := []any{m.ID}
	for _, p := range strings.FieldsFunc(nav.Path, func(c rune) bool { return c == '/' }) {
		parts = append(parts, p)
	}
	return here.Path(parts...)
}

// homeModule is the one whose pages stand at the start of either side: /portal/all and /office.
const homeModule = "dashboard"

func scopeMenu(r *web.Request, v auth.Viewer) *web.ScopeMenu {
	if len(v.Projects) == 0 {
		return nil
	}
	rest := ""
	if m := r.Here().Module; m != "" && m != homeModule {
		rest = "/" + m
	}
	menu := &web.ScopeMenu{Current: r.Say("All projects")}
	menu.Items = append(menu.Items, web.NavItem{Title: menu.Current, Href: "/portal/all" + rest, Current: v.Scope == nil})
	if len(v.Projects) == 1 { // nothing to choose: its name says where one is
		menu.Current = v.Projects[0].Name
	}
	for _, p := range v.Projects {
		current := v.Scope != nil && v.Scope.ID == p.ID
		if current {
			menu.Current = p.Name
		}
		narrowed := v
		narrowed.Scope = &p
		href := "/portal/" + p.Key
		if h := r.Here().Module; h != "" && narrowed.May(access.Client("", sectionOf(h))) {
			href += rest
		}
		menu.Items = append(menu.Items, web.NavItem{Title: p.Name, Href: href, Current: current})
	}
	return menu
}

// sectionOf is the section that a module's pages need; the modules that are always there need none.
func sectionOf(id string) string {
	for _, m := range module.All() {
		if m.ID == id && m.Toggle == module.Switched {
			return id
		}
	}
	return ""
}
