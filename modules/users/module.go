// Package users is the office's list of portal users: who was invited, who has come, who may not; and invitations and
// changes of access for many at once.
package users

import (
	"embed"
	"time"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/fact"
	"portico/platform/job"
	"portico/platform/module"
	"portico/platform/web"
)

//go:embed all:views style.css migrations
var files embed.FS

func init() { module.Register(Module) }

// Every member of staff invites, as on a contact's own page. To shut many out at once is for owners and admins.
var (
	see      = access.Staff("users:see", access.Member)
	inviting = access.Staff("users:invite", access.Member)
	barring  = access.Staff("users:bar", access.Admin)
)

// Module is the manifest.
var Module = module.Module{
	ID: "users", Title: "Portal users", Icon: "user-check",
	Summary:     "Who was invited into the portal and who has come: invite many at once, send again, disable and enable.",
	Toggle:      module.Always,
	Permissions: []access.Permission{see, inviting, barring},
	OfficeNav:   []module.Nav{{Title: "Portal users", Icon: "user-check", Who: see, Order: 25}},
	Views:       files, Migrations: module.Dir(files, "migrations"),
	Mount: mount,
}

func mount(p module.Platform) (module.Section, error) {
	on := office{p}
	return module.Section{
		Office: []web.Route{
			web.Get("/", see, on.index),
			lasting(web.Get("/list.csv", see, on.export)),

			lasting(web.Get("/invitation", inviting, on.askInvite)),
			web.Get("/sendings", see, on.sendings),
			lasting(web.Post("/sendings", inviting, on.send)),
			web.Get("/sendings/:sending", see, on.sending),
			web.Post("/sendings/:sending/pause", inviting, on.pause),
			web.Delete("/sendings/:sending/pause", inviting, on.resume),
			web.Post("/sendings/:sending/end", inviting, on.cancel),

			lasting(web.Get("/access", inviting, on.askGrant)),
			lasting(web.Post("/access", inviting, on.grant)),
			lasting(web.Get("/disabled", barring, on.askDisable)),
			lasting(web.Post("/disabled", barring, on.disable)),
			lasting(web.Get("/enabled", barring, on.askEnable)),
			lasting(web.Post("/enabled", barring, on.enable)),
		},
		Jobs:        []job.Handler{pumped.Handle(on.pump)},
		Subscribers: []fact.Subscriber{fact.On("users:note_acceptance", on.noteAcceptance)},
		Cards: []module.Card{
			{ID: "users:bounced", Title: "Invitations that came back", Side: auth.Office, Who: see, Order: 35, Path: "users?state=bounced", Draw: on.bounced},
			{ID: "users:perhaps", Title: "Invitations that perhaps went out", Side: auth.Office, Who: see, Order: 36, Path: "users?state=perhaps", Draw: on.unsure},
		},
		Search: find,
		Demo:   tell,
		Keeps: []module.Kept{
			{Table: "users.sending", Columns: module.Words("id again note state rate by_id by_name tally total created_at finished_at")},
			{Table: "users.sending_row", Columns: module.Words("sending_id contact_id state reason mail_id released_at at"), Of: "contact_id"},
		},
	}, nil
}

// lasting is for what looks at 100,000 contacts at once.
func lasting(r web.Route) web.Route {
	r.Time = 60 * time.Second
	return r
}
