package setup

import (
	"fmt"
	"strconv"
	"strings"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/sight"
	"portico/platform/web"
)

// whoRows is how many contacts a page of "Who sees what" shows.
const whoRows = 40

// cell is one answer of the table, and the level that gave it.
type cell struct {
	Title string // of its column
	On    bool
	By    access.Level
	Area  bool
	Some  string // on, but not in all projects: "2 of 3 projects"
}

// whoRow is one contact with all its answers.
type whoRow struct {
	sight.Contact
	Href     string
	Kind     string // of the badge that says how far the contact has come
	State    string
	Projects string // which of the client's projects the contact reaches
	Portal   cell
	Sections []cell
	Rights   []cell
}

type whoView struct {
	*web.Here
	Top        module.ClientTop
	Client     sight.Client
	FirmOn     bool
	AsOpen     bool // as if the portal were on for everybody
	Other      string
	Query      string
	Rows       []whoRow
	Heads      []cell // what the columns are: sections with their areas, then rights
	RightHeads []cell
	Counted    string
	Prev, Next string
}

// who is "Who sees what": every contact of a client against every section, area and right.
func (o office) who(r *web.Request) error {
	id, err := r.ID("client")
	if err != nil {
		return err
	}
	client, err := sight.Load(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	r.Title(client.Name + ": who sees what")
	view := whoView{
		Here: r.Here(), Client: client, FirmOn: r.Firm().PortalOn, AsOpen: r.Query("as") == "open", Query: r.Query("q"),
		Other: r.Here().With("as", "open"),
	}
	if view.AsOpen {
		view.Other = r.Here().With("as", "")
	}
	if view.Top, err = o.Catalog().ClientTop(r, client.ID, client.Name, "setup:client"); err != nil {
		return err
	}
	for _, s := range o.Catalog().Shows(access.Levels{}) {
		view.Heads = append(view.Heads, cell{Title: s.Title})
		for _, a := range s.Areas {
			view.Heads = append(view.Heads, cell{Title: a.Title, Area: true})
		}
	}
	for _, right := range access.AllRights {
		view.RightHeads = append(view.RightHeads, cell{Title: right.Title()})
	}
	view.fill(r, o.Catalog())
	return r.Show("setup/who", view)
}

// fill writes the rows of the page that the address asks for.
func (v *whoView) fill(r *web.Request, catalog *module.Catalog) {
	var meant []sight.Contact
	for _, c := range v.Client.Contacts {
		if v.Query == "" || fits(v.Query, c.Name, c.Title) {
			meant = append(meant, c)
		}
	}
	page, err := strconv.Atoi(r.Query("page"))
	page = max(page, 1)
	if from := (page - 1) * whoRows; err != nil || from >= len(meant) {
		page = 1
	}
	from, to := (page-1)*whoRows, min(page*whoRows, len(meant))
	v.Counted = fmt.Sprintf("%d contacts", len(meant))
	if len(meant) == 1 {
		v.Counted = "1 contact"
	}
	if page > 1 {
		v.Prev = v.With("page", page-1)
	}
	if to < len(meant) {
		v.Next = v.With("page", page+1)
	}
	for _, c := range meant[from:to] {
		v.Rows = append(v.Rows, v.row(r, catalog, c))
	}
}

func (v *whoView) row(r *web.Request, catalog *module.Catalog, c sight.Contact) whoRow {
	firm := r.Firm()
	levels := v.Client.Levels(firm, c)
	if v.AsOpen {
		levels = opened(v.Client, firm, c)
	}
	row := whoRow{Contact: c, Href: r.Path("clients", v.Client.ID, "contacts", c.ID), Projects: reached(v.Client, c)}
	row.Kind, row.State = stateOfContact(c)
	portal := levels.Portal()
	row.Portal = cell{Title: "Portal", On: portal.On, By: portal.By}
	for _, s := range catalog.Shows(levels) {
		row.Sections = append(row.Sections, cellOf(s, levels, false))
		for _, a := range s.Areas {
			row.Sections = append(row.Sections, cellOf(a, levels, true))
		}
	}
	for _, right := range access.AllRights {
		answer := levels.Right(right)
		row.Rights = append(row.Rights, cell{Title: right.Title(), On: answer.On, By: answer.By})
	}
	return row
}

func cellOf(s module.Sight, levels access.Levels, area bool) cell {
	c := cell{Title: s.Title, On: s.On, By: s.By, Area: area}
	if all := len(levels.ProjectSays); len(s.Not) > 0 {
		c.Some = fmt.Sprintf("%d of %d projects", all-len(s.Not), all)
	}
	return c
}

// opened are the levels as if nobody had to wait for the portal: for staff who prepare a client before switching it on.
func opened(c sight.Client, firm auth.Firm, contact sight.Contact) access.Levels {
	levels := c.Levels(firm, contact)
	levels.FirmOn, levels.ClientOn, levels.Contact.Portal = true, true, true
	return levels
}

func reached(c sight.Client, contact sight.Contact) string {
	all, some := len(c.Projects), len(c.Reaches(contact))
	switch {
	case all == 0:
		return "No project is shared"
	case !contact.Limited && all == 1:
		return "The shared project"
	case !contact.Limited && all == 2:
		return "Both shared projects"
	case !contact.Limited:
		return fmt.Sprintf("All %d shared projects", all)
	}
	return fmt.Sprintf("%d of %d shared projects", some, all)
}

// stateOfContact is how far a contact has come, in a word, and the colour of its badge.
func stateOfContact(c sight.Contact) (kind, text string) {
	switch {
	case c.Access != "portal":
		return "outline", "No portal access"
	case !c.DisabledAt.IsZero():
		return "muted", "Disabled"
	case !c.AcceptedAt.IsZero():
		return "ok", "Accepted"
	case !c.InvitedAt.IsZero():
		return "info", "Invited"
	}
	return "due", "Not invited"
}

// Level is the level in a word, for a small cell.
func (c cell) Level() string { return string(c.By) }

// Why is the whole sentence behind a cell, for whoever hears or points at it.
func (c cell) Why() string {
	word := "off"
	if c.On {
		word = "on"
	}
	return strings.TrimSuffix(fmt.Sprintf("%s: %s, decided %s, %s", c.Title, word, c.By.Words(), c.Some), ", ")
}
