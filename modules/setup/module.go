// Package setup is where owners and admins decide how the firm looks, what its clients see, and who works in the office.
package setup

import (
	"embed"
	"time"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/web"
)

//go:embed all:views style.css page.css migrations
var own embed.FS

// manage is asked for by every page here: to a member of staff they do not exist.
var manage = access.Staff("setup:manage", access.Admin)

// owners is for what is theirs alone.
var owners = access.Staff("setup:owners", access.Owner)

// Module is the office's setup.
var Module = module.Module{
	ID: "setup", Title: "Setup", Icon: "settings",
	Summary:     "The firm, its brand, what clients see, and who works here.",
	Toggle:      module.Always,
	Permissions: []access.Permission{manage, owners, ownSSO},
	OfficeNav:   []module.Nav{{Title: "Setup", Icon: "settings", Who: manage, Order: 900}},
	Views:       own,
	Migrations:  module.Dir(own, "migrations"),
	Mount:       mount,
}

func init() { module.Register(Module) }

const (
	pictureBytes = 16 << 20
	prepareTime  = time.Minute // a change of 100,000 clients is looked over in a few seconds
)

func mount(p module.Platform) (module.Section, error) {
	o := office{p}
	prepare := web.Post("/bulk", manage, o.prepare)
	prepare.Time = prepareTime
	d := desk{o, &leads{now: p.Now}}
	return module.Section{
		Office: []web.Route{
			web.Get("/", manage, o.start),

			web.Get("/firm", manage, o.firm),
			web.Post("/firm", manage, o.saveFirm),
			web.Get("/branding", manage, o.branding),
			web.Post("/branding", manage, o.saveBranding).Upto(pictureBytes),
			web.Get("/branding/preview", manage, o.preview),
			web.Get("/mails", manage, o.mailTexts),
			web.Get("/mails/:kind", manage, o.mailText),
			web.Post("/mails/:kind", manage, o.saveMailText),
			web.Delete("/mails/:kind", manage, o.restoreMailText),
			web.Get("/mails/:kind/preview", manage, o.drawnMailText),
			web.Post("/mails/:kind/preview", manage, o.previewMailText),
			web.Post("/mails/:kind/test", manage, o.testMailText).Tries("mail-test", 20, time.Hour),
			web.Get("/portal", manage, o.portal),
			web.Post("/portal", manage, o.savePortal),
			web.Get("/sso", ownSSO, o.sso),
			web.Post("/sso", ownSSO, o.saveSSO),
			web.Post("/sso/tests", ownSSO, o.testSSO).Tries("sso-test", 30, time.Minute),
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
			web.Get("/clients/:client/who", manage, o.who),
			web.Get("/bulk", manage, o.bulks),
			web.Get("/bulk/clients", manage, o.pick),
			web.Get("/bulk/new", manage, o.deed),
			prepare,
			web.Get("/bulk/:bulk", manage, o.bulk),
			web.Delete("/bulk/:bulk", manage, o.discardBulk),
			web.Post("/bulk/:bulk/run", manage, o.startBulk),
			web.Delete("/bulk/:bulk/run", manage, o.stopBulk),

			web.Get("/projects/:project", manage, o.project),
			web.Post("/projects/:project", manage, o.saveProject),

			web.Get("/staff", manage, o.staff),
			web.Get("/staff/new", manage, o.newStaff),
			web.Post("/staff", manage, o.addStaff),
			web.Get("/staff/several", manage, o.several),
			web.Post("/staff/several", manage, o.inviteSeveral),
			web.Get("/staff/:person", manage, o.person),
			web.Post("/staff/:person", manage, o.savePerson).Upto(pictureBytes),
			web.Post("/staff/:person/role", manage, o.setRole),
			web.Post("/staff/:person/invitations", manage, o.inviteAgain),
			web.Get("/staff/:person/disabling", manage, o.leaving),
			web.Post("/staff/:person/disabling", manage, o.disable),
			web.Delete("/staff/:person/disabling", manage, o.enable),
			web.Delete("/staff/:person/factors", manage, o.resetFactors),
			web.Post("/staff/:person/demands", manage, o.demandFactor),
			web.Delete("/staff/:person/account", manage, o.forgetAccount),
			web.Get("/staff/:person/projects", manage, o.personWork),
			web.Post("/staff/:person/projects", manage, o.saveWork),
			web.Post("/staff/:person/projects/memberships", manage, o.joinWork),

			web.Get("/work", manage, o.work),
			web.Post("/work/:promise/tries", manage, o.runAgain),
			web.Post("/work/:promise/dismissal", manage, o.dismiss),
			web.Get("/activity", manage, o.activity),
			web.Get("/activity.csv", manage, o.exportActivity),
			web.Post("/activity/checks", owners, o.checkLog),
			web.Get("/activity/:entry", manage, o.entry),
		},
		Jobs:        d.jobs(),
		Subscribers: o.subscribers(),
		Search:      o.find,
		Cards: []module.Card{
			{ID: "setup:log", Title: "The activity log is broken", Side: auth.Office, Who: owners, Order: 1, Draw: o.logCard},
			{ID: "setup:work", Title: "Background work needs a look", Side: auth.Office, Who: manage, Order: 5, Draw: o.workCard},
			{ID: "setup:domains", Title: "Your domain needs a look", Side: auth.Office, Who: manage, Order: 6, Draw: d.domainCard},
		},
		Keeps: []module.Kept{
			{Table: "setup.bulk", Columns: module.Words("id state portal_on uploads_on switches chosen plan clients by_id by_name created_at started_at ended_at")},
			{Table: "setup.bulk_client", Columns: module.Words("bulk_id client_id result was became"), Of: "client_id"},
		},
		ClientTabs: []module.Tab{
			{ID: "setup:client", Title: "Portal setup", Of: "client", Who: manage, Order: 80, Path: clientPath},
			{ID: "setup:bulk", Title: "Change portal setup", Of: "clients", Who: manage, Order: 10, Path: bulkPath},
			{ID: "setup:who", Title: "Who sees what", Of: "contacts", Who: manage, Order: 10, Path: whoPath},
			{ID: "setup:project", Title: "Portal setup", Of: "project", Who: manage, Order: 80, Path: projectPath},
		},
	}, nil
}

func clientPath(id string) string  { return "/office/setup/clients/" + id }
func projectPath(id string) string { return "/office/setup/projects/" + id }
func whoPath(id string) string     { return clientPath(id) + "/who" }
func bulkPath(string) string       { return "/office/setup/bulk/new" }
