package module

import (
	"portico/platform/access"
)

// Sight is what a contact, or a client as such, sees of one section or of one area of it, and which level decided it.
// The answers are platform/access's.
type Sight struct {
	Key, Title string // "billing" or "billing/paid"
	Icon       string // a section's
	access.Answer
	Not   []int   // on, but not in these projects: places in the levels' ProjectSays
	Areas []Sight // a section's
}

// Shows answers for every section that a firm can switch, in the order of their titles, and for its areas.
func (c *Catalog) Shows(l access.Levels) []Sight {
	var all []Sight
	for _, m := range c.Sections() {
		s := sight(l, m.Sees(""))
		s.Key, s.Title, s.Icon = m.ID, m.Title, m.Icon
		for _, a := range m.Areas {
			area := sight(l, m.Sees(a.ID))
			if !s.On {
				area.Answer, area.Not = s.Answer, nil
			}
			area.Key, area.Title = m.ID+"/"+a.ID, a.Title
			s.Areas = append(s.Areas, area)
		}
		all = append(all, s)
	}
	return all
}

func sight(l access.Levels, p access.Permission) Sight {
	s := Sight{Answer: l.May(p)}
	if !s.On || len(l.ProjectSays) < 2 {
		return s
	}
	for i, says := range l.ProjectSays {
		if !says.Leaves(p.Section, p.Area) {
			s.Not = append(s.Not, i)
		}
	}
	return s
}

// Sees is what the portal asks of a contact before it shows the section, or one area of it: the permission of the way in.
func (m Module) Sees(area string) access.Permission {
	if area == "" {
		for _, n := range m.PortalNav {
			if n.Who.Who == access.ForClient {
				return n.Who
			}
		}
	}
	for _, p := range m.Permissions {
		if p.Who == access.ForClient && p.Area == area {
			return p
		}
	}
	return access.Client(m.ID+":see", m.ID).InArea(area)
}

// SwitchTitles name the switches for people: "Billing", "Billing: Paid invoices".
func (c *Catalog) SwitchTitles() map[string]string {
	named := map[string]string{}
	for _, m := range c.Sections() {
		named[m.ID] = m.Title
		for _, a := range m.Areas {
			named[m.ID+"/"+a.ID] = m.Title + ": " + a.Title
		}
	}
	return named
}
