package module

import (
	"github.com/google/uuid"

	"portico/platform/web"
)

// ClientTop is what stands above every page of one client, whichever section brings the page. The shared fragment
// _client_top draws it; the module that keeps clients fills it (Section.ClientTop).
type ClientTop struct {
	*web.Here
	Name, Sub  string
	Trail      []web.NavItem
	Prev, Next *NearClient // nil: there is none
	Jump       string      // where clients are searched as one types; "": nowhere
	Archived   bool
	Restore    string // where an archived one is brought back
	Portal     string // where the client's portal is switched; "": the firm's is off
	PortalOn   bool
	ViewAs     string
	Edit       string
	Archive    string
	FirmOff    bool   // say that nobody can come in
	Setup      string // where that is changed; "" for who may not go there
	Tabs       []web.NavItem
}

// NearClient is the client before or after in the list. Its address is the tab in view.
type NearClient struct {
	ID         uuid.UUID
	Name, Href string
}

// ClientTop is the head of a client's page for the tab with that id: walking to the next client keeps the tab. Name is
// for a house without the module that keeps clients.
func (c *Catalog) ClientTop(r *web.Request, client uuid.UUID, name, tab string) (top ClientTop, err error) {
	top.Name = name
	for _, m := range c.Modules {
		if m.Section.ClientTop != nil {
			if top, err = m.Section.ClientTop(r, client); err != nil {
				return top, err
			}
		}
	}
	top.Here = r.Here()
	for _, t := range c.Tabs("client", r.Viewer()) {
		top.Tabs = append(top.Tabs, web.NavItem{Title: t.Title, Href: t.Path(client.String()), Current: t.ID == tab})
		for _, near := range []*NearClient{top.Prev, top.Next} {
			if near != nil && t.ID == tab {
				near.Href = t.Path(near.ID.String())
			}
		}
	}
	return top, nil
}
