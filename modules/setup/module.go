// Package setup is where owners and admins decide how the firm looks, what its clients see, and who works in the office.
package setup

import (
	"embed"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/web"
)

//go:embed all:views style.css
var own embed.FS

// manage is asked for by every page here: to a member of staff they do not exist.
var manage = access.Staff("setup:manage", access.Admin)

// Module is the office's setup.
var Module = module.Module{
	ID: "setup", Title: "Setup", Icon: "settings",
	Summary:     "The firm, its brand, what clients see, and who works here.",
	Toggle:      module.Always,
	Permissions: []access.Permission{manage},
	OfficeNav:   []module.Nav{{Title: "Setup", Icon: "settings", Who: manage, Order: 900}},
	Views:       own,
	Mount:       mount,
}

func init() { module.Register(Module) }

const pictureBytes = 16 << 20

func mount(p module.Platform) (module.Section, error) {
	o := office{p}
	d := desk{o, &leads{now: p.Now}}
	return module.Section{
		Office: []web.Route{
			web.Get("/", manage, o.start),

			web.Get("/firm", manage, o.firm),
			web.Post("/firm", manage, o.saveFirm),
			web.Get("/branding", manage, o.branding),
			web.Post("/branding", manage, o.saveBranding).Upto(pictureBytes),
			web.Get("/branding/preview", manage, o.preview),
			web.Get("/portal", manage, o.portal),
			web.Post("/portal", manage, o.savePortal),
			web.Get("/sections", manage, o.sections),
			web.Post("/sections", manage, o.saveSections),

			web.Get("/address", manage, d.address),
			web.Post("/address", manage, d.saveAddress),
			web.Get("/address/change", manage, d.change),
			web.Post("/domains", manage, d.addDomain),
			web.Get("/domains/:domain", manage, d.domain),
			web.Delete("/domains/:domain", manage, d.removeDomain),
			web.Post("/domains/:domain/checks", manage, d.checkDomain),
			web.Post("/domains/:domain/choice", manage, d.chooseDomain),
			web.Delete("/domains/:domain/choice", manage, d.unchooseDomain),

			web.Get("/clients/:client", manage, o.client),
			web.Post("/clients/:client", manage, o.saveClient).Upto(pictureBytes),
			web.Get("/clients/:client/outcome", manage, o.outcome),
			web.Get("/projects/:project", manage, o.project),
			web.Post("/projects/:project", manage, o.saveProject),

			web.Get("/staff", manage, o.staff),
			web.Get("/staff/new", manage, o.newStaff),
			web.Post("/staff", manage, o.addStaff),
			web.Get("/staff/:person", manage, o.person),
			web.Post("/staff/:person", manage, o.savePerson).Upto(pictureBytes),
			web.Post("/staff/:person/role", manage, o.setRole),
			web.Post("/staff/:person/invitations", manage, o.inviteAgain),
			web.Post("/staff/:person/disabling", manage, o.disable),
			web.Delete("/staff/:person/disabling", manage, o.enable),
			web.Delete("/staff/:person/factors", manage, o.resetFactors),

			web.Get("/work", manage, o.work),
			web.Post("/work/:promise/tries", manage, o.runAgain),
			web.Post("/work/:promise/dismissal", manage, o.dismiss),
			web.Get("/activity", manage, o.activity),
		},
		Jobs:   d.jobs(),
		Search: o.find,
		Cards: []module.Card{
			{ID: "setup:work", Title: "Background work needs a look", Side: auth.Office, Who: manage, Order: 5, Draw: o.workCard},
			{ID: "setup:domains", Title: "Your domain needs a look", Side: auth.Office, Who: manage, Order: 6, Draw: d.domainCard},
		},
		ClientTabs: []module.Tab{
			{ID: "setup:client", Title: "Portal setup", Of: "client", Who: manage, Order: 80, Path: clientPath},
			{ID: "setup:project", Title: "Portal setup", Of: "project", Who: manage, Order: 80, Path: projectPath},
		},
	}, nil
}

func clientPath(id string) string  { return "/office/setup/clients/" + id }
func projectPath(id string) string { return "/office/setup/projects/" + id }
