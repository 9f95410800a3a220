// Package schedule is what is done when: staff plan phases, tasks and milestones with what depends on what, and publish
// them; clients see what was published for them, as a chart, a list or a month, and in their own calendar.
package schedule

import (
	"embed"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/notice"
	"portico/platform/plan"
)

//go:embed all:views style.css page.css migrations
var own embed.FS

// section is the switch that opens the pages here.
const section = "schedule"

var (
	see          = access.Client("schedule:see", section)
	seeAssignees = access.Client("schedule:assignees", section).InArea("assignees")
	keep         = access.Staff("schedule:keep", access.Member)
	rule         = access.Staff("schedule:rule", access.Admin) // the work calendar
)

// Module is the section.
var Module = module.Module{
	ID: "schedule", Title: "Schedule", Icon: "calendar-days",
	Summary: "Phases and milestones of each project as a chart, a list and a month, with a calendar feed.",
	Toggle:  module.Switched,
	Areas: []access.Area{
		{ID: "assignees", Title: "Who does it", Summary: "The member of your team who is given an item is named beside it."},
	},
	Permissions: []access.Permission{see, seeAssignees, keep, rule},
	PortalNav:   []module.Nav{{Title: "Schedule", Icon: "calendar-days", Who: see, Order: 50}},
	OfficeNav:   []module.Nav{{Title: "Schedule", Icon: "calendar-days", Who: keep, Order: 340}},
	Notices:     []notice.Kind{publishedNotice},
	Presets: map[string]bool{
		"builder": true, "builder/assignees": false, "agency": true, "agency/assignees": false,
		"services": true, "services/assignees": false, "events": true, "events/assignees": false,
	},
	Views:      own,
	Migrations: module.Dir(own, "migrations"),
	Mount:      mount,
}

func init() { module.Register(Module) }

func mount(p module.Platform) (module.Section, error) {
	d := desk{p}
	portal, office := portal{d}, office{d}
	if p.Board != nil {
		plan.Items.Answer(p.Board, answer)
	}
	return module.Section{
		Portal: portal.routes(),
		Office: office.routes(),
		Public: publicRoutes(d),
		Jobs:   d.handlers(),
		Cards: []module.Card{
			{ID: "schedule:next", Title: "On the schedule", Side: auth.Portal, Who: see, Order: 300, Path: section, Draw: portal.card},
			{ID: "schedule:desk", Title: "Schedules", Side: auth.Office, Who: keep, Order: 42, Path: section, Draw: office.card},
		},
		ClientTabs: []module.Tab{
			{ID: "schedule:project", Title: "Schedule", Of: "project", Who: keep, Order: 40, Path: func(id string) string { return "/office/schedule/projects/" + id }},
		},
		Setups: []module.SetupPage{
			{Title: "Work calendar", Summary: "Days of work, holidays, and how clients see schedules first.", Icon: "calendar-check", Who: rule, Path: "schedule/calendar"},
		},
		Search:   find,
		Thing:    thing,
		Still:    still,
		Demo:     d.tellStory,
		Own:      ownAddresses,
		HandOver: handOver,
		Keeps:    keeps(),
	}, nil
}

// desk is what both sides do with schedules.
type desk struct{ module.Platform }
