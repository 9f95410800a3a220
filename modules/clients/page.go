package clients

import (
	"net/url"
	"strings"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/web"
)

// queryOf is what follows the path of an address, with its question mark.
func queryOf(address string) string {
	if _, query, ok := strings.Cut(address, "?"); ok {
		return "?" + query
	}
	return ""
}

// listed is "name, phone and city".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// top is one client with what stands above each of its pages.
type top struct {
	*web.Here
	Client Client
	FirmOn bool
	Top    module.ClientTop
}

func (o office) top(r *web.Request, c Client, tab string) (t top, err error) {
	t = top{Here: r.Here(), Client: c, FirmOn: r.Viewer().Firm.PortalOn}
	t.Top, err = o.p.Catalog().ClientTop(r, c.ID, c.Name, tab)
	return t, err
}

// clientTop is the head of the pages of one client, also of those that other sections bring.
func (o office) clientTop(r *web.Request, id uuid.UUID) (t module.ClientTop, err error) {
	c, err := findClient(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return t, err
	}
	home, firmOn := r.Path("clients", c.ID), r.Viewer().Firm.PortalOn
	t = module.ClientTop{
		Name: c.Name, Sub: c.KindTitle(), Archived: c.Archived(), PortalOn: c.PortalOn, Jump: r.Path("clients", "jump"),
		Trail:   []web.NavItem{{Title: "Clients", Href: r.Path("clients")}, {Title: c.Name}},
		Restore: home + "/archive", Edit: home + "/edit", Archive: home + "/archive",
		ViewAs:  r.Path("view-as") + "?client=" + c.ID.String() + "&from=" + url.QueryEscape(r.Here().URL),
		FirmOff: !firmOn && !c.Archived(), Setup: o.setup(r),
	}
	if firmOn {
		t.Portal = home + "/portal"
	}
	if address := c.Address(); address != "" {
		t.Sub += " · " + address
	}
	if t.Prev, t.Next, err = neighbours(r.Context(), r.Tx(), r.Viewer(), c); err != nil {
		return t, err
	}
	for _, near := range []*module.NearClient{t.Prev, t.Next} {
		if near != nil {
			near.Href = r.Path("clients", near.ID)
		}
	}
	return t, nil
}

// tabs are those of all modules; the one in view is current.
func (o office) tabs(r *web.Request, of string, id uuid.UUID) []web.NavItem {
	path, _, _ := strings.Cut(r.Here().URL, "?")
	var tabs []web.NavItem
	for _, tab := range o.p.Catalog().Tabs(of, r.Viewer()) {
		href := tab.Path(id.String())
		tabs = append(tabs, web.NavItem{Title: tab.Title, Href: href, Current: path == href})
	}
	return tabs
}

// setup is where the firm's portal is switched on, as far as there is such a section and the viewer may go there.
func (o office) setup(r *web.Request) string {
	for _, m := range o.p.Catalog().Modules {
		for _, nav := range m.OfficeNav {
			if m.ID == setupModule && nav.Path == "" && r.Viewer().May(nav.Who) {
				return r.Path(m.ID, "portal")
			}
		}
	}
	return ""
}

// portalSetup is the tab where one client's portal is set up; "" for who may not.
func (o office) portalSetup(r *web.Request, client uuid.UUID) string {
	for _, tab := range o.p.Catalog().Tabs("client", r.Viewer()) {
		if strings.HasPrefix(tab.ID, setupModule+":") {
			return tab.Path(client.String())
		}
	}
	return ""
}

const setupModule = "setup"

type overviewView struct {
	top
	Contacts []Contact
	Projects []Project
	Latest   []happening
}

func (o office) overview(r *web.Request) error {
	client, err := o.client(r)
	if err != nil {
		return err
	}
	head, err := o.top(r, client, "clients:overview")
	if err != nil {
		return err
	}
	view := overviewView{top: head}
	if view.Contacts, err = contactsOf(r.Context(), r.Tx(), r.Viewer(), client.ID, false); err != nil {
		return err
	}
	if view.Projects, err = projectsOf(r.Context(), r.Tx(), r.Viewer(), client.ID, false); err != nil {
		return err
	}
	if view.Latest, err = o.happenings(r, client.ID, uuid.Nil, 6); err != nil {
		return err
	}
	r.Title(client.Name)
	return r.Show("clients/overview", view)
}

type activityView struct {
	top
	Items []happening
	Older string
}

const activityPage = 50

func (o office) activity(r *web.Request) error {
	client, err := o.client(r)
	if err != nil {
		return err
	}
	head, err := o.top(r, client, "clients:activity")
	if err != nil {
		return err
	}
	view := activityView{top: head}
	if view.Items, err = o.happenings(r, client.ID, uuid.Nil, activityPage); err != nil {
		return err
	}
	view.Older = older(r.Here(), view.Items, activityPage)
	r.Title("Activity of " + client.Name)
	return r.Show("clients/activity", view)
}

type archiveView struct {
	*web.Here
	Client Client
}

func (o office) askArchive(r *web.Request) error {
	client, err := o.client(r)
	if err != nil {
		return err
	}
	if client.Archived() {
		return r.Go(r.Path("clients", client.ID))
	}
	r.Title("Archive " + client.Name)
	return r.Show("clients/archive", archiveView{r.Here(), client})
}

func (o office) archive(r *web.Request) error { return o.putAway(r, true) }
func (o office) restore(r *web.Request) error { return o.putAway(r, false) }

func (o office) putAway(r *web.Request, away bool) error {
	id, err := r.ID("client")
	if err != nil {
		return err
	}
	client, err := holdClient(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	if err := archiveClient(r.Context(), r.Tx(), r.Viewer(), client, away); err != nil {
		return err
	}
	r.Toast(client.Name + map[bool]string{true: " was archived.", false: " was restored."}[away])
	return r.Go(r.Path("clients", client.ID))
}

// archiveMany is for the ticked ones of the list. The button says which way.
func (o office) archiveMany(r *web.Request) error {
	var form struct {
		IDs []uuid.UUID `form:"id"`
		Way string      `form:"way"`
	}
	if err := r.Bind(&form); err != nil {
		return fault.BadRequest("Those clients could not be read.")
	}
	away := form.Way != "restore"
	for _, id := range sorted(form.IDs) {
		client, err := holdClient(r.Context(), r.Tx(), r.Viewer(), id)
		if err != nil {
			return err
		}
		if err := archiveClient(r.Context(), r.Tx(), r.Viewer(), client, away); err != nil {
			return err
		}
	}
	switch n := len(form.IDs); {
	case n == 0:
		r.Warn("Nothing was ticked.")
	case away:
		r.Toast(counted(picked{Count: n}, n, "client", "clients") + " archived.")
	default:
		r.Toast(counted(picked{Count: n}, n, "client", "clients") + " restored.")
	}
	return r.Go(r.Path("clients"))
}
