// Package dashboard is the first page of either side: how the projects stand and what waits for the client; what needs
// attention in the office, and the palette that finds everything.
package dashboard

import (
	"embed"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/web"
)

//go:embed all:views style.css
var files embed.FS

var (
	see  = access.Client("dashboard:see", "")
	work = access.Staff("dashboard:work", access.Member)
)

// Module is the first page of portal and office.
var Module = module.Module{
	ID: "dashboard", Title: "Home", Icon: "house",
	Summary:     "How every project stands, what waits for the client, and what happened last.",
	Toggle:      module.Always,
	Permissions: []access.Permission{see, work},
	PortalNav:   []module.Nav{{Title: "Home", Icon: "house", Who: see, Order: 10, Tab: true}},
	OfficeNav:   []module.Nav{{Title: "Today", Icon: "layout-dashboard", Who: work, Order: 10}},
	Views:       files,
	Mount:       mount,
}

func init() { module.Register(Module) }

func mount(p module.Platform) (module.Section, error) {
	home, today := portal{board{p}}, office{board{p}}
	return module.Section{
		Portal: []web.Route{
			web.Get("/", see, home.index),
			web.Get("/cards/:card", see, home.card),
			web.Get("/search", see, home.search),
		},
		Office: []web.Route{
			web.Get("/", work, today.index),
			web.Get("/cards/:card", work, today.card),
			web.Get("/palette", work, today.palette),
		},
		Cards: []module.Card{
			{ID: "dashboard:waiting", Title: "Waiting for you", Side: auth.Portal, Who: see, Order: 10, Wide: true, Draw: home.waiting},
			{ID: "dashboard:next", Title: "What comes next", Side: auth.Portal, Who: see, Order: 30, Wide: true, Draw: home.next},
			{ID: "dashboard:projects", Title: "Where things stand", Side: auth.Portal, Who: see, Order: 40, Draw: home.standing},
			{ID: "dashboard:latest", Title: "Latest activity", Side: auth.Portal, Who: see, Order: 60, Wide: true, Draw: home.latest},

			{ID: "dashboard:mine", Title: "Your projects", Side: auth.Office, Who: work, Order: 50, Wide: true, Draw: today.mine},
			{ID: "dashboard:recent", Title: "Recent activity", Side: auth.Office, Who: work, Order: 60, Wide: true, Draw: today.recent},
			{ID: "dashboard:counts", Title: "At a glance", Side: auth.Office, Who: work, Order: 70, Draw: today.counts},
		},
	}, nil
}
