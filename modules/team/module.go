// Package team tells clients who works on their projects, and lets the office say so.
package team

import (
	"embed"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/web"
)

//go:embed all:views style.css
var folder embed.FS

var (
	see    = access.Client("team:see", "team")
	manage = access.Staff("team:manage", access.Member)
)

// Module is the section.
var Module = module.Module{
	ID: "team", Title: "Team", Icon: "users-round",
	Summary:     "Who works on the project, in which role, and how to reach them.",
	Toggle:      module.Switched,
	Permissions: []access.Permission{see, manage},
	PortalNav:   []module.Nav{{Title: "Team", Icon: "users-round", Who: see, Order: 700}},
	Presets:     map[string]bool{"builder": true, "agency": true, "services": true, "events": true},
	Views:       folder,
	Mount:       mount,
}

func init() { module.Register(Module) }

func mount(p module.Platform) (module.Section, error) {
	client, staff := portal{p}, office{p}
	return module.Section{
		Portal: []web.Route{
			web.Get("/", see, client.index),
		},
		Office: []web.Route{
			web.Get("/:project", manage, staff.team),
			web.Post("/:project", manage, staff.save),
			web.Post("/:project/members", manage, staff.add),
		},
		Cards: []module.Card{
			{ID: "team:mates", Title: "Your team", Side: auth.Portal, Who: see, Order: 80, Path: "team", Draw: client.mates},
		},
		Thing: thing,
		ClientTabs: []module.Tab{
			{ID: "team:project", Title: "Team", Of: "project", Who: manage, Order: 300, Path: projectPath},
		},
	}, nil
}

func projectPath(id string) string { return "/office/team/" + id }
