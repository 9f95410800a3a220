package team

import (
	"slices"

	"github.com/google/uuid"

	"portico/platform/files"
)

// membership is one person on one project, as a client may see it.
type membership struct {
	PersonID, PhotoID               uuid.UUID
	Name, Title, Email, Phone       string
	ShowPhoto, ShowEmail, ShowPhone bool
	Project, Role                   string
	Contactable                     bool
	TitleIsRole                     bool // on some project: the title would tell of one that is not in view
}

// mate is one person of the team, with all roles in view.
type mate struct {
	Name, Title  string
	PhotoURL     string
	Email, Phone string // "": not shown
	PersonID     uuid.UUID
	Reachable    bool   // on some project, to be contacted
	Talk         string // where one writes to them in the portal; "": nowhere
	Roles        []role
}

// role is what a mate does, and where; Projects is empty when only one is in view.
type role struct {
	Text     string
	Projects []string
}

// mates puts the memberships of each person together, in the order in which they come. With more than one project in
// view each role says where.
func mates(all []membership, several bool) []mate {
	var found []mate
	at := map[uuid.UUID]int{}
	for _, m := range all {
		i, known := at[m.PersonID]
		if !known {
			i = len(found)
			at[m.PersonID] = i
			found = append(found, newMate(m))
		}
		found[i].join(m, several)
	}
	for i := range found {
		found[i].settle()
	}
	return found
}

func newMate(m membership) mate {
	n := mate{Name: m.Name, PersonID: m.PersonID}
	if !m.TitleIsRole {
		n.Title = m.Title
	}
	if m.ShowPhoto {
		n.PhotoURL = files.URL(m.PhotoID, "medium")
	}
	return n
}

func (n *mate) join(m membership, several bool) {
	n.Reachable = n.Reachable || m.Contactable
	if m.Contactable && m.ShowEmail {
		n.Email = m.Email
	}
	if m.Contactable && m.ShowPhone {
		n.Phone = m.Phone
	}
	text := m.Role
	if text == "" {
		text = m.Title
	}
	i := slices.IndexFunc(n.Roles, func(r role) bool { return r.Text == text })
	if i < 0 {
		i = len(n.Roles)
		n.Roles = append(n.Roles, role{Text: text})
	}
	if several {
		n.Roles[i].Projects = append(n.Roles[i].Projects, m.Project)
	}
}

// settle drops the title where a role says the same.
func (n *mate) settle() {
	if slices.ContainsFunc(n.Roles, func(r role) bool { return r.Text == n.Title }) {
		n.Title = ""
	}
}
