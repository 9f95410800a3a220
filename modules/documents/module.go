// Package documents is where a project's papers and photos lie: folders and files with versions, shared with the client
// or not, from either side.
package documents

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
	see    = access.Client("documents:see", "documents")
	upload = access.Client("documents:upload", "documents") // and the client's uploads are on: see mayUpload
	keep   = access.Staff("documents:keep", access.Member)
	rule   = access.Staff("documents:rule", access.Admin) // settings, and what is gone for good
)

// Module is the section.
var Module = module.Module{
	ID: "documents", Title: "Documents", Icon: "folder",
	Summary:     "Folders, files and photos of each project, with versions, and uploads from clients where they are allowed.",
	Toggle:      module.Switched,
	Permissions: []access.Permission{see, upload, keep, rule},
	PortalNav:   []module.Nav{{Title: "Documents", Icon: "folder", Who: see, Order: 30, Tab: true}},
	OfficeNav:   []module.Nav{{Title: "Documents", Icon: "folder", Who: keep, Order: 320}},
	Notices:     []notice.Kind{newNotice, virusNotice},
	Presets:     map[string]bool{"builder": true, "agency": true, "services": true, "events": true},
	Views:       own,
	Migrations:  module.Dir(own, "migrations"),
	Mount:       mount,
}

func init() { module.Register(Module) }

func mount(p module.Platform) (module.Section, error) {
	a := archive{p}
	portal, office := portal{a}, office{a}
	if p.Files != nil {
		p.Files.Watch(purpose, guard)
	}
	return module.Section{
		Portal: portal.routes(),
		Office: office.routes(),
		Jobs:   a.handlers(),
		Cards: []module.Card{
			{ID: "documents:latest", Title: "New documents", Side: auth.Portal, Who: see, Order: 320, Path: "documents", Draw: portal.latestCard},
			{ID: "documents:arrived", Title: "New from clients", Side: auth.Office, Who: keep, Order: 45, Path: "documents", Draw: office.arrivedCard},
		},
		ClientTabs: []module.Tab{
			{ID: "documents:client", Title: "Documents", Of: "client", Who: keep, Order: 45, Path: func(id string) string { return "/office/documents/clients/" + id }},
			{ID: "documents:project", Title: "Documents", Of: "project", Who: keep, Order: 45, Path: func(id string) string { return "/office/documents/projects/" + id }},
		},
		Still:  still,
		Search: find,
		Words:  wordsKnown,
		Demo:   a.tell,
		Own:    ownUploads,
		Keeps:  keeps(),
	}, nil
}

// archive is what both sides do with documents.
type archive struct{ module.Platform }
