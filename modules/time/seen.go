package time

import (
	"slices"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/module"
	"portico/platform/sight"
	"portico/platform/web"
)

// seenView is what a client gets to see of the section, for staff: which areas are on, and which level decided it.
type seenView struct {
	*web.Here
	Client string
	Closed string // why nothing is seen now; "": the portal is open
	Hidden bool   // the project is not shared with the client
	On     bool
	By     string
	Areas  []module.Sight
	Sum    string // what that comes to; "" where it is not added up
	Setup  string // where it is changed; "" for who may not go there
}

// Some reports whether any area is seen.
func (s seenView) Some() bool {
	return s.On && !s.Hidden && slices.ContainsFunc(s.Areas, func(a module.Sight) bool { return a.On })
}

// seenOf asks platform/access for a contact without limits, in one project or (uuid.Nil) in all that the client sees.
// While the portal is closed it answers what there will be, once it is open.
func (o office) seenOf(r *web.Request, c sight.Client, project uuid.UUID) seenView {
	levels := c.Levels(r.Firm(), anybody)
	view := seenView{Here: r.Here(), Client: c.Name, Closed: closedBy(levels)}
	levels.FirmOn, levels.ClientOn = true, true
	if project != uuid.Nil {
		at := slices.IndexFunc(c.Projects, func(p sight.Project) bool { return p.ID == project })
		view.Hidden = at < 0
		if at >= 0 {
			levels.ProjectSays = []access.Switches{c.Projects[at].Switches}
		}
	}
	for _, s := range o.Catalog().Shows(levels) {
		if s.Key == "time" {
			view.On, view.By, view.Areas = s.On, s.By.Words(), s.Areas
		}
	}
	of, id := "client", c.ID
	if project != uuid.Nil {
		of, id = "project", project
	}
	for _, tab := range o.Catalog().Tabs(of, r.Viewer()) {
		if tab.ID == "setup:"+of {
			view.Setup = tab.Path(id.String())
		}
	}
	return view
}

// anybody is a portal user of a client who is not limited to some of its projects.
var anybody = sight.Contact{Access: "portal"}

func closedBy(levels access.Levels) string {
	switch answer := levels.Portal(); {
	case answer.On:
		return ""
	case answer.By == access.ByFirm:
		return "The portal is off for the whole firm. Once it is on, this is seen:"
	}
	return "The portal of this client is off. Once it is on, this is seen:"
}
