package clients

import (
	"slices"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/module"
	"portico/platform/sight"
	"portico/platform/web"
)

// sightView is what a contact sees as its form stands, and which level decided it.
type sightView struct {
	Name   string
	Closed string // why nothing is seen yet; "": the portal is open
	Lines  []sightLine
}

// sightLine is one section, or an area of one.
type sightLine struct {
	Title string
	On    bool
	By    string
	Not   []string // on, but not in these projects
	Area  bool
}

// sightOf asks platform/access for a contact as the form wants it. While the portal is closed it answers what there will
// be, once it is open.
func (o office) sightOf(r *web.Request, c Contact) (*sightView, error) {
	client, err := sight.Load(r.Context(), r.Tx(), r.Viewer(), c.ClientID)
	if err != nil {
		return nil, err
	}
	as := sight.Contact{Name: c.Name, Access: c.Access, Rights: c.Rights, Limited: c.Limited, Chosen: c.Projects, DisabledAt: c.DisabledAt}
	levels := client.Levels(r.Firm(), as)
	view := &sightView{Name: c.Name, Closed: closedBy(levels.Portal(), c)}
	levels.FirmOn, levels.ClientOn, levels.Contact.Portal = true, true, true
	projects := client.Reaches(as)
	for _, s := range o.p.Catalog().Shows(levels) {
		view.Lines = append(view.Lines, sightLineOf(s, projects, false))
		for _, a := range s.Areas {
			if s.On {
				view.Lines = append(view.Lines, sightLineOf(a, projects, true))
			}
		}
	}
	return view, nil
}

func sightLineOf(s module.Sight, projects []sight.Project, area bool) sightLine {
	l := sightLine{Title: s.Title, On: s.On, By: s.By.Words(), Area: area}
	for _, i := range s.Not {
		l.Not = append(l.Not, projects[i].Name)
	}
	return l
}

func closedBy(answer access.Answer, c Contact) string {
	switch {
	case answer.On:
		return ""
	case answer.By == access.ByFirm:
		return "The portal is off for the whole firm."
	case answer.By == access.ByClient:
		return "The portal of this client is off."
	case c.Portal():
		return "The access of this contact is disabled."
	}
	return "This contact has no portal access."
}

// contactOutcome answers what would come of the form as it stands, without keeping anything.
func (o office) contactOutcome(r *web.Request) error {
	client, contact, err := o.clientAndContact(r, findClient)
	if err != nil {
		return err
	}
	if !r.IsPart() {
		return r.Go(r.Path("clients", client.ID, "contacts", contact.ID))
	}
	form := contactFormOf(contact)
	form.Grant, form.Limited, form.Rights, form.Projects = r.Query("grant") != "", r.Query("limited") != "", r.Queries("rights"), nil
	for _, text := range r.Queries("projects") {
		if id, err := uuid.Parse(text); err == nil {
			form.Projects = append(form.Projects, id)
		}
	}
	view, err := o.sightOf(r, form.onto(contact))
	if err != nil {
		return err
	}
	return r.Parts(web.Draw("clients/_sight", view))
}

// withProjects gives the contact the names of its chosen projects, for people to read: all are the client's.
func (c Contact) withProjects(all []Project) Contact {
	c.Named = nil
	for _, p := range all {
		if slices.Contains(c.Projects, p.ID) {
			c.Named = append(c.Named, p.Name+" ("+p.Key+")")
		}
	}
	slices.Sort(c.Named)
	return c
}

// keepingUnseen keeps those of its projects that the form did not offer: archived ones, which come back some day.
func (c Contact) keepingUnseen(before Contact, offered []Project) Contact {
	if !c.Limited || !before.Limited {
		return c
	}
	c.Projects = slices.Clone(c.Projects)
	for _, id := range before.Projects {
		if !slices.ContainsFunc(offered, func(p Project) bool { return p.ID == id }) && !slices.Contains(c.Projects, id) {
			c.Projects = append(c.Projects, id)
		}
	}
	return c
}
