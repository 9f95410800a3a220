package clients

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/web"
)

// office are the pages of the register; there are none on the portal's side.
type office struct{ p module.Platform }

// choice is one of a few: of a select, or of a row of chips.
type choice struct {
	Value, Title, Href string
	Current            bool
}

type indexView struct {
	*web.Here
	Query, Sort, State, Portal, Kind string
	Rows                             []clientRow
	Drawn                            listDrawn
	Page                             picked
	Narrowed                         bool // a filter or a search hides rows
	Export                           string
	Links                            []web.NavItem // what other sections offer for the clients of the list
}

// listDrawn are the parts of the list that no template draws: it is the busiest page of the office.
type listDrawn struct{ State, Portal, Kind, ByName, ByAdded, Rows template.HTML }

func (v indexView) drawn(r *web.Request) listDrawn {
	type option struct{ Value, Title string }
	pick := func(name, label, value string, options ...option) template.HTML {
		return web.DrawPick(r.Markup(), name, label, value, options)
	}
	return listDrawn{
		State:  pick("state", "Active or archived", v.State, option{"", "Active"}, option{"archived", "Archived"}),
		Portal: pick("portal", "Portal", v.Portal, option{"", "Any portal"}, option{"on", "Portal on"}, option{"off", "Portal off"}),
		Kind:   pick("kind", "Kind", v.Kind, option{"", "All kinds"}, option{"household", "Households"}, option{"company", "Companies"}),
		ByName: v.Head("name", "Client").Draw(r.Markup()), ByAdded: v.Head("added", "Added").Draw(r.Markup()),
		Rows: v.rows(r.Markup()),
	}
}

func (o office) index(r *web.Request) error {
	sort, by := sortOf(r.Query("sort"))
	filter := clientFilterOf(r.Query("state"), r.Query("portal"), r.Query("kind"))
	page, err := filter.listing().pick(r.Context(), r.Tx(), r.Viewer(), r.Query("q"), by, r.Place())
	if err != nil {
		return err
	}
	rows, err := clientRows(r.Context(), r.Tx(), r.Viewer(), page.IDs)
	if err != nil {
		return err
	}
	r.Title("Clients")
	view := indexView{
		Here: r.Here(), Query: r.Query("q"), Sort: sort, Portal: filter.Portal, Kind: filter.Kind, Rows: rows, Page: page,
	}
	if filter.Archived {
		view.State = "archived"
	}
	view.Narrowed = view.Query != "" || view.State != "" || view.Portal != "" || view.Kind != ""
	view.Export = r.Path("clients", "list.csv") + queryOf(view.URL)
	if !filter.Archived {
		view.Links = o.tabs(r, "clients", uuid.Nil)
	}
	view.Drawn = view.drawn(r)
	return r.Show("clients/index", view)
}

// ForAll is the way to something that is done with all clients of the list, as it is narrowed.
func (v indexView) ForAll(link web.NavItem) string {
	q := url.Values{"all": {"1"}}
	for name, value := range map[string]string{"q": v.Query, "kind": v.Kind, "portal": v.Portal} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return link.Href + "?" + q.Encode()
}

// Head is a column's heading that sorts.
func (v indexView) Head(column, title string) web.Head {
	return v.Sorts(v.Sort, column, title, "", column == "name")
}

// Counted says how many there are.
func (v indexView) Counted() string { return counted(v.Page, len(v.Rows), "client", "clients") }

// Prev and Next are the neighbouring pages.
func (v indexView) Prev() string { return v.Turned(v.Page.Turns).Prev }
func (v indexView) Next() string { return v.Turned(v.Page.Turns).Next }

func counted(p picked, shown int, one, many string) string {
	switch {
	case p.More:
		return fmt.Sprintf("More than %s %s", thousands(few), many)
	case p.Count == 1:
		return "1 " + one
	case p.Prev == "" && p.Next == "":
		return fmt.Sprintf("%s %s", thousands(p.Count), many)
	}
	return fmt.Sprintf("%d of %s %s", shown, thousands(p.Count), many)
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

func (o office) fresh(r *web.Request) error {
	r.Title("New client")
	return r.Show("clients/form", clientView{Here: r.Here(), Form: &clientForm{Kind: "household"}, New: true})
}

// clientView is the form of a client, new or not.
type clientView struct {
	*web.Here
	Form      *clientForm
	Client    Client
	New       bool
	Same      *Client // there is one of that name and address
	Meanwhile *meanwhile
}

// Action is where the form goes.
func (v clientView) Action() string {
	if v.New {
		return v.Path("clients")
	}
	return v.Path("clients", v.Client.ID)
}

// Back is where its Cancel leads.
func (v clientView) Back() string { return v.Action() }

// Kinds are what a client can be.
func (v clientView) Kinds() []choice {
	return []choice{{Value: "household", Title: "Household"}, {Value: "company", Title: "Company"}}
}

func (o office) create(r *web.Request) error {
	form := &clientForm{}
	view := clientView{Here: r.Here(), Form: form, New: true}
	r.Title("New client")
	if err := r.Bind(form); err != nil {
		return r.Again("clients/form", view, err)
	}
	client := form.onto(Client{})
	if err := insertClient(r.Context(), r.Tx(), r.Viewer(), &client); err != nil {
		return err
	}
	if !form.Anyway {
		same, is, err := sameClient(r.Context(), r.Tx(), r.Viewer(), client)
		if err != nil {
			return err
		}
		if is {
			view.Same = &same
			return r.Again("clients/form", view, fault.Invalid("There is a client of this name already."))
		}
	}
	if form.ContactName != "" {
		first := Contact{
			ClientID: client.ID, Name: form.ContactName, Email: form.ContactEmail, Phone: form.ContactPhone, IsPrimary: true, Access: "none",
			Rights: slices.Clone(access.AllRights), // as the contact form ticks them: an invitation later gives no empty portal
		}
		if err := insertContact(r.Context(), r.Tx(), r.Viewer(), client, &first); err != nil {
			return err
		}
	}
	r.Toast(client.Name + " was added.")
	return r.Go(r.Path("clients", client.ID))
}

func (o office) edit(r *web.Request) error {
	client, err := o.client(r)
	if err != nil {
		return err
	}
	r.Title("Edit " + client.Name)
	return r.Show("clients/form", clientView{Here: r.Here(), Form: formOf(client), Client: client})
}

func (o office) save(r *web.Request) error {
	id, err := r.ID("client")
	if err != nil {
		return err
	}
	client, err := holdClient(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	form := &clientForm{}
	view := clientView{Here: r.Here(), Form: form, Client: client}
	r.Title("Edit " + client.Name)
	if err := r.Bind(form); err != nil {
		return r.Again("clients/form", view, err)
	}
	after := form.onto(client)
	if form.Version != client.Version {
		view.Meanwhile, err = o.meanwhile(r, client.ID, client.ID, client.fields(), after.fields())
		if err != nil {
			return err
		}
		form.Version = client.Version
		return r.Again("clients/form", view, fault.Invalid("Somebody else has changed this client meanwhile."))
	}
	if len(changed(client.fields(), after.fields())) == 0 {
		return r.Go(r.Path("clients", client.ID))
	}
	if err := updateClient(r.Context(), r.Tx(), r.Viewer(), client, after); err != nil {
		return err
	}
	if renamed := after.Name != client.Name || after.Email != client.Email; renamed && !form.Anyway {
		same, is, err := sameClient(r.Context(), r.Tx(), r.Viewer(), after)
		if err != nil {
			return err
		}
		if is {
			view.Same = &same
			return r.Again("clients/form", view, fault.Invalid("There is another client of this name."))
		}
	}
	r.Toast("Saved.")
	return r.Go(r.Path("clients", client.ID))
}

// client loads the client of the address.
func (o office) client(r *web.Request) (Client, error) {
	return web.Find(r, "client", findClient)
}

// meanwhile is what a second editor is told.
type meanwhile struct {
	Who         string
	When        string
	Differences []difference
}

func (o office) meanwhile(r *web.Request, client, subject uuid.UUID, stored, typed []field) (*meanwhile, error) {
	who, at, err := lastEditor(r.Context(), r.Tx(), r.Viewer(), client, subject)
	if err != nil {
		return nil, err
	}
	m := &meanwhile{Who: who, Differences: differences(stored, typed)}
	if m.Who == "" {
		m.Who = "Somebody"
	}
	if !at.IsZero() {
		m.When = r.Here().Ago(at)
	}
	return m, nil
}

// CloudOf is the cloud of one row.
func (v indexView) CloudOf(c Client) string {
	if c.PortalOn && v.Viewer.Firm.PortalOn {
		return "on"
	}
	return "off"
}

// CloudText says it in one word: the column's head has the other.
func (v indexView) CloudText(c Client) string {
	return map[string]string{"on": "On", "off": "Off"}[v.CloudOf(c)]
}

// Crumbs lead back.
func (v clientView) Crumbs() []web.NavItem {
	crumbs := []web.NavItem{{Title: "Clients", Href: v.Path("clients")}}
	if v.New {
		return append(crumbs, web.NavItem{Title: "New client"})
	}
	return append(crumbs, web.NavItem{Title: v.Client.Name, Href: v.Path("clients", v.Client.ID)}, web.NavItem{Title: "Edit"})
}
