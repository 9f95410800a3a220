// Package profile is a person's own account, on either side: details, how one signs in, where one is signed in, and a
// copy of all that is kept.
package profile

import (
	"embed"
	"time"

	"portico/platform/access"
	"portico/platform/module"
	"portico/platform/web"
)

//go:embed all:views style.css
var folder embed.FS

var (
	own   = access.Client("profile:own", "")
	edit  = access.Client("profile:edit", "").With(access.EditProfile)
	staff = access.Staff("profile:staff", access.Member)
)

// Module is everybody's own account. The person's menu leads to it, so it has no place in the navigation.
var Module = module.Module{
	ID: "profile", Title: "Your profile", Icon: "user",
	Summary:     "Own details, ways to sign in, where one is signed in, and a copy of one's own data.",
	Toggle:      module.Always,
	Permissions: []access.Permission{own, edit, staff},
	Views:       folder,
	Mount:       mount,
}

func init() { module.Register(Module) }

const photoBytes = 16 << 20

func mount(p module.Platform) (module.Section, error) {
	on := pages{p}
	return module.Section{
		Portal: on.routes(own, edit),
		Office: append(on.routes(staff, staff),
			web.Get("/authenticator", staff, on.authenticator).BeyondPreview(),
			web.Post("/authenticator", staff, on.addAuthenticator).BeyondPreview(),
			web.Delete("/authenticator", staff, on.removeAuthenticator).BeyondPreview(),
			web.Post("/recovery-codes", staff, on.newRecoveryCodes).BeyondPreview(),
		),
		Jobs: on.jobs(),
		Own:  ownDevices,
	}, nil
}

// routes are the same on both sides; who may change the own details differs.
func (p pages) routes(own, edit access.Permission) []web.Route {
	routes := []web.Route{
		web.Get("/", own, p.profile),
		web.Post("/", edit, p.saveDetails).Upto(photoBytes),
		web.Post("/preferences", own, p.savePreferences),

		web.Get("/address", edit, p.address),
		web.Post("/address", edit, p.changeAddress),
		web.Get("/password", own, p.password),
		web.Post("/password", own, p.setPassword).Tries("own-password", 30, 10*time.Minute), // each try costs a hash
		web.Delete("/password", own, p.removePassword),
		web.Get("/passkeys", own, p.passkeys),
		web.Post("/passkeys", own, p.addPasskey),
		web.Post("/passkeys/options", own, p.passkeyOptions),
		web.Post("/passkeys/:passkey", own, p.renamePasskey),
		web.Delete("/passkeys/:passkey", own, p.removePasskey),

		web.Get("/push", own, p.push),
		web.Post("/push", own, p.pushOn).Tries("own-push", 30, 10*time.Minute),
		web.Post("/push/:device/test", own, p.pushTry).Tries("own-push-test", 60, time.Hour),
		web.Delete("/push/:device", own, p.pushOff),

		web.Delete("/sessions", own, p.endAll),
		web.Delete("/sessions/:session", own, p.endSession),

		web.Get("/export", own, p.export),
		web.Get("/export.zip", own, p.download).Tries("own-export", 30, time.Hour),
	}
	for i, route := range routes {
		routes[i] = route.BeyondPreview()
	}
	return routes
}
