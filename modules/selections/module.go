// Package selections is where clients choose: tiles, taps, lamps and colours, with pictures and prices, against what the
// contract allows for them; and where staff prepare the choices and see what is still to be made.
package selections

import (
	"embed"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/notice"
)

//go:embed all:views style.css page.css migrations
var own embed.FS

var (
	see    = access.Client("selections:see", "selections")
	choose = access.Client("selections:choose", "selections").With(access.MakeSelections)
	keep   = access.Staff("selections:keep", access.Member)
	rule   = access.Staff("selections:rule", access.Admin) // settings
)

// Module is the section.
var Module = module.Module{
	ID: "selections", Title: "Selections", Icon: "palette",
	Summary:     "What the client chooses: with pictures, prices, allowances and deadlines.",
	Toggle:      module.Switched,
	Permissions: []access.Permission{see, choose, keep, rule},
	PortalNav:   []module.Nav{{Title: "Selections", Icon: "palette", Who: see, Order: 25, Tab: true}},
	OfficeNav:   []module.Nav{{Title: "Selections", Icon: "palette", Who: keep, Order: 330}},
	Notices:     []notice.Kind{chooseNotice, decidedNotice, commentNotice},
	Presets:     map[string]bool{"builder": true, "events": true},
	Views:       own,
	Migrations:  module.Dir(own, "migrations"),
	Mount:       mount,
}

func init() { module.Register(Module) }

func mount(p module.Platform) (module.Section, error) {
	d := desk{p}
	if p.Files != nil {
		p.Files.Watch(purpose, guard)
	}
	return module.Section{
		Portal:      portalRoutes(d),
		Office:      officeRoutes(d),
		Jobs:        d.handlers(),
		Subscribers: d.subscribers(),
		Cards: []module.Card{
			{ID: "selections:open", Title: "Your selections", Side: auth.Portal, Who: see, Order: 44, Wide: true, Path: "selections", Draw: portal{d}.card},
			{ID: "selections:waiting", Title: "Selections", Side: auth.Office, Who: keep, Order: 35, Path: "selections", Draw: office{d}.card},
		},
		ClientTabs: []module.Tab{
			{ID: "selections:client", Title: "Selections", Of: "client", Who: keep, Order: 43, Path: func(id string) string { return "/office/selections/clients/" + id }},
			{ID: "selections:project", Title: "Selections", Of: "project", Who: keep, Order: 43, Path: func(id string) string { return "/office/selections/projects/" + id }},
		},
		Waiting: d.waiting,
		Setups: []module.SetupPage{
			{Title: "Selections", Summary: "When clients are reminded, what becomes of an allowance that is not used up, and when changes are billed.", Icon: "palette", Who: rule, Path: "selections/settings"},
		},
		Search: d.find,
		Thing:  thing,
		Still:  seen,
		Demo:   d.tell,
		Own:    ownDecisions,
		Keeps:  keeps(),
		Audit:  audit,
	}, nil
}

// desk is what both sides do with selections.
type desk struct{ module.Platform }
