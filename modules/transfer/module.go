// Package transfer is the way in and out for whole tables: imports of other programs' exports, and the export of all
// that a firm or one of its clients has here.
package transfer

import (
	"embed"
	"time"

	"portico/platform/access"
	"portico/platform/job"
	"portico/platform/module"
	"portico/platform/sheet"
	"portico/platform/web"
)

//go:embed all:views page.css migrations
var own embed.FS

// manage is asked for by every page here: a whole register goes in or out.
var manage = access.Staff("transfer:manage", access.Admin)

// Module is the manifest.
var Module = module.Module{
	ID: "transfer", Title: "Import & export", Icon: "arrow-up-down",
	Summary:     "Bring tables of other programs in, and take everything out.",
	Toggle:      module.Always,
	Permissions: []access.Permission{manage},
	OfficeNav:   []module.Nav{{Title: "Import & export", Icon: "arrow-up-down", Who: manage, Order: 850}},
	Views:       own, Migrations: module.Dir(own, "migrations"),
	Mount: mount,
}

func init() { module.Register(Module) }

// Reading 50 MB, or an Excel file of 100,000 rows, takes longer than a page.
const readingTime = 2 * time.Minute

func mount(p module.Platform) (module.Section, error) {
	o := office{p}
	upload := web.Post("/imports", manage, o.upload).Upto(sheet.MostBytes+(1<<20)).Tries("transfer_upload", 60, time.Hour)
	upload.Time = readingTime
	reshape := web.Post("/imports/:import/shape", manage, o.reshape)
	reshape.Time = readingTime
	columns := web.Post("/imports/:import/columns", manage, o.saveColumns)
	columns.Time = readingTime
	rejected := web.Get("/imports/:import/rejected.csv", manage, o.rejected)
	rejected.Time = readingTime
	return module.Section{
		Office: []web.Route{
			web.Get("/", manage, o.start),
			web.Get("/imports/new", manage, o.fresh),
			upload,
			web.Get("/imports/:import", manage, o.show),
			web.Delete("/imports/:import", manage, o.discard),
			web.Get("/imports/:import/columns", manage, o.columns),
			columns,
			reshape,
			web.Post("/imports/:import/run", manage, o.run),
			web.Delete("/imports/:import/run", manage, o.stop),
			web.Post("/imports/:import/undo", manage, o.undo),
			rejected,
			web.Delete("/saved/:saved", manage, o.forget),

			web.Get("/exports", manage, o.exports),
			web.Get("/exports/new", manage, o.freshExport),
			web.Post("/exports", manage, o.export),
			web.Get("/exports/:export", manage, o.showExport),
			web.Get("/exports/:export/export.zip", manage, o.download),
			web.Get("/clients/:client", manage, o.client),
			web.Post("/clients/:client/exports", manage, o.exportClient),
		},
		Jobs: []job.Handler{
			steps.Handle(o.work).Within(5 * time.Minute),
			making.Handle(o.make).Within(2 * time.Hour),
			ready.Handle(o.mail).Within(time.Minute),
			job.Every("17 * * * *", "transfer:tidy", o.tidy).Within(5 * time.Minute),
		},
		ClientTabs: []module.Tab{{ID: "transfer:client", Title: "Export", Of: "client", Who: manage, Order: 95, Path: clientPath}},
		Keeps:      keeps,
	}, nil
}

func clientPath(id string) string { return "/office/transfer/clients/" + id }
