// Package clients is the office's register: clients, their contacts and their projects, and who of them may come into
// the portal.
package clients

import (
	"embed"

	"portico/platform/access"
	"portico/platform/module"
	"portico/platform/web"
)

//go:embed all:views style.css
var files embed.FS

func init() { module.Register(Module) }

var (
	see    = access.Staff("clients:see", access.Member)
	change = access.Staff("clients:change", access.Member)
)

// Module is the manifest.
var Module = module.Module{
	ID: "clients", Title: "Clients", Icon: "users",
	Summary:     "Clients, their contacts and projects, and who of them may come into the portal.",
	Toggle:      module.Always,
	Permissions: []access.Permission{see, change},
	OfficeNav: []module.Nav{
		{Title: "Clients", Icon: "users", Who: see, Order: 20},
		{Title: "Projects", Path: "projects", Icon: "hammer", Who: see, Order: 30},
	},
	Views: files,
	Mount: mount,
}

func mount(p module.Platform) (module.Section, error) {
	on := office{p}
	export := web.Get("/list.csv", see, on.export)
	export.Time = exportTime
	return module.Section{
		Office: []web.Route{
			web.Get("/", see, on.index),
			export,
			web.Get("/jump", see, on.jump),
			web.Get("/new", change, on.fresh),
			web.Post("/", change, on.create),
			web.Post("/archive", change, on.archiveMany),

			web.Get("/projects", see, on.projects),
			web.Get("/projects/new", change, on.freshProject),
			web.Post("/projects", change, on.createProject),
			web.Get("/projects/:project", see, on.project),
			web.Get("/projects/:project/edit", change, on.editProject),
			web.Post("/projects/:project", change, on.saveProject),
			web.Get("/projects/:project/activity", see, on.projectActivity),
			web.Get("/projects/:project/portal", see, on.askProjectPortal),
			web.Post("/projects/:project/portal", change, on.showProject),
			web.Delete("/projects/:project/portal", change, on.hideProject),

			web.Get("/:client", see, on.overview),
			web.Get("/:client/edit", change, on.edit),
			web.Post("/:client", change, on.save),
			web.Get("/:client/activity", see, on.activity),
			web.Get("/:client/archive", change, on.askArchive),
			web.Post("/:client/archive", change, on.archive),
			web.Delete("/:client/archive", change, on.restore),
			web.Get("/:client/portal", see, on.askPortal),
			web.Post("/:client/portal", change, on.activate),
			web.Delete("/:client/portal", change, on.deactivate),
			web.Get("/:client/projects", see, on.projectsOfClient),

			web.Get("/:client/contacts", see, on.contacts),
			web.Get("/:client/contacts/new", change, on.freshContact),
			web.Post("/:client/contacts", change, on.createContact),
			web.Get("/:client/contacts/:contact", see, on.contact),
			web.Post("/:client/contacts/:contact", change, on.saveContact),
			web.Get("/:client/contacts/:contact/outcome", see, on.contactOutcome),
			web.Get("/:client/contacts/:contact/invitation", change, on.askInvite),
			web.Post("/:client/contacts/:contact/invitation", change, on.invite),
			web.Get("/:client/contacts/:contact/disabled", change, on.askDisable),
			web.Post("/:client/contacts/:contact/disabled", change, on.disable),
			web.Delete("/:client/contacts/:contact/disabled", change, on.enable),
			web.Get("/:client/contacts/:contact/copy", change, on.askCopy),
			web.Post("/:client/contacts/:contact/copy", change, on.copy),
			web.Get("/:client/contacts/:contact/archive", change, on.askArchiveContact),
			web.Post("/:client/contacts/:contact/archive", change, on.archiveContact),
			web.Delete("/:client/contacts/:contact/archive", change, on.restoreContact),
		},
		ClientTabs: []module.Tab{
			{ID: "clients:overview", Title: "Overview", Of: "client", Who: see, Order: 10, Path: at("")},
			{ID: "clients:contacts", Title: "Contacts", Of: "client", Who: see, Order: 20, Path: at("/contacts")},
			{ID: "clients:projects", Title: "Projects", Of: "client", Who: see, Order: 30, Path: at("/projects")},
			{ID: "clients:activity", Title: "Activity", Of: "client", Who: see, Order: 90, Path: at("/activity")},
			{ID: "clients:project", Title: "Overview", Of: "project", Who: see, Order: 10, Path: atProject("")},
			{ID: "clients:project_activity", Title: "Activity", Of: "project", Who: see, Order: 90, Path: atProject("/activity")},
		},
		Search:  find,
		Words:   wordsKnown,
		Imports: imports(),
		Cards:   on.cards(),

		ClientTop: on.clientTop,
	}, nil
}

func at(rest string) func(string) string {
	return func(id string) string { return "/office/clients/" + id + rest }
}

func atProject(rest string) func(string) string {
	return func(id string) string { return "/office/clients/projects/" + id + rest }
}
