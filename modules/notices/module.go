// Package notices is the bell: what somebody was told, and how each person and the firm want notices to come.
package notices

import (
	"embed"

	"portico/platform/access"
	"portico/platform/module"
	"portico/platform/web"
)

//go:embed all:views page.css
var folder embed.FS

var (
	own    = access.Client("notices:own", "")
	staff  = access.Staff("notices:staff", access.Member)
	manage = access.Staff("notices:manage", access.Admin)
)

// Module is the bell. The bell itself and the person's menu lead to it, so it has no place in the navigation.
var Module = module.Module{
	ID: "notices", Title: "Notifications", Icon: "bell",
	Summary:     "What each person is told of, in the portal and the office, by mail and by push.",
	Toggle:      module.Always,
	Permissions: []access.Permission{own, staff, manage},
	PersonNav: []module.Nav{
		{Title: "Notifications", Path: "choices", Icon: "bell", Who: own, Order: 10},
		{Title: "Notifications", Path: "choices", Icon: "bell", Who: staff, Order: 10},
	},
	Views: folder,
	Mount: mount,
}

func init() { module.Register(Module) }

func mount(p module.Platform) (module.Section, error) {
	on := pages{p}
	return module.Section{
		Portal: on.routes(own),
		Office: append(on.routes(staff),
			web.Get("/settings", manage, on.settings),
			web.Post("/settings", manage, on.saveSettings),
		),
		Setups: []module.SetupPage{{
			Title: "Notifications", Summary: "What people are told of unless they choose otherwise, the hour of daily mails, and quiet hours.",
			Icon: "bell", Who: manage, Path: "notices/settings",
		}},
		Demo: on.story,
	}, nil
}

// routes are the same on both sides.
func (p pages) routes(who access.Permission) []web.Route {
	routes := []web.Route{
		web.Get("/", who, p.inbox),
		web.Get("/bell", who, p.bell),
		web.Post("/reading", who, p.readAll),
		web.Post("/:notice/reading", who, p.read),
		web.Get("/choices", who, p.choices),
		web.Post("/choices", who, p.saveChoices),
	}
	for i, route := range routes {
		routes[i] = route.BeyondPreview()
	}
	return routes
}
