// Package door is the front door: sign-in, mailed links, second factors, and the pages of every state in which a person
// may find themselves before a session.
package door

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/auth/sso"
	"portico/platform/fact"
	"portico/platform/firm"
	"portico/platform/invite"
	"portico/platform/job"
	"portico/platform/mail"
	"portico/platform/notice"
	"portico/platform/post"
	"portico/platform/secret"
	"portico/platform/web"
)

// Door is what the front door needs of the house.
type Door struct {
	Pool, Ops *bun.DB
	Key       secret.Key
	Firms     *firm.Directory
	Links     firm.Links
	Post      *post.Box
	Bus       *fact.Bus
	Notices   *notice.Desk
	SSO       *sso.Desk
	Log       *slog.Logger
	Now       func() time.Time
	Mailbox   *mail.Mailbox // nil: no viewer
}

// Routes are the door's pages.
func (d *Door) Routes() []web.Route {
	anyone, session := access.Public, access.Session
	routes := []web.Route{
		web.Get("/", anyone, d.start),
		web.Get("/portal", session, d.toPortal).OnDuty(),

		web.Get("/sign-in", anyone, d.signIn),
		often(web.Post("/sign-in", anyone, d.ask)),
		web.Get("/sign-in/sent", anyone, d.sent),
		web.Get("/sign-in/code", anyone, d.codeForm),
		often(web.Post("/sign-in/code", anyone, d.typed)),

		web.Get("/sign-in/link/:token", anyone, d.landing),
		often(web.Post("/sign-in/link", anyone, d.useLink)),
		often(web.Post("/sign-in/new-link", anyone, d.newLink)),

		often(web.Post("/sign-in/password", anyone, d.password)),
		often(web.Post("/sign-in/passkey/options", anyone, d.passkeyOptions)),
		often(web.Post("/sign-in/passkey", anyone, d.passkeySignIn)),

		often(web.Get("/sign-in/sso", anyone, d.startSSO)),
		often(web.Get(sso.Callback, anyone, d.finishSSO)),

		web.Get("/sign-in/second-factor", session, d.secondStep).OnDuty(),
		web.Post("/sign-in/second-factor", session, d.showFactor).OnDuty(),
		web.Post("/sign-in/second-factor/passkey/options", session, d.factorOptions).OnDuty(),
		web.Post("/sign-in/second-factor/passkey", session, d.factorPasskey).OnDuty(),

		web.Get("/sign-in/confirm", session, d.confirm),
		web.Post("/sign-in/confirm", session, d.confirmed),
		web.Post("/sign-in/confirm/code", session, d.confirmMail),
		web.Post("/sign-in/confirm/passkey/options", session, d.factorOptions),
		web.Post("/sign-in/confirm/passkey", session, d.confirmPasskey),

		web.Get("/welcome", session, d.welcome),
		web.Post("/welcome", session, d.welcomed),
		web.Post("/welcome/app", session, d.welcomeApp),
		web.Post("/welcome/passkey/options", session, d.passkeyAddOptions).OnDuty(),
		web.Post("/welcome/passkey", session, d.passkeyAdd).OnDuty(),

		web.Get("/office/view-as", auth.LookAs, d.askLooks),
		web.Get("/office/view-as/:contact", auth.LookAs, d.askLook),
		web.Post("/office/view-as/:contact", auth.LookAs, d.beginLook),
		web.Delete("/office/view-as", auth.LookAs, d.leaveLook).FromPreview(),

		web.Get(choicePath+"/:token", anyone, d.mailChoice),
		often(web.Post(choicePath+"/:token", anyone, d.chooseMails)).ByPrograms(),

		web.Get("/switch", session, d.places),
		web.Post("/switch", session, d.switchTo),
		web.Get("/closed", session, d.closed).OnDuty(),
		web.Post("/sign-out", anyone, d.signOut),
	}
	if d.Mailbox != nil {
		routes = append(routes, d.mailboxRoutes()...)
	}
	return routes
}

// often is the outer limit of what a stranger may send; the handlers have narrower ones, with kinder words.
func often(route web.Route) web.Route { return route.Tries("door", 300, time.Minute) }

// Jobs are the mails that the door promises.
func (d *Door) Jobs() []job.Handler {
	return []job.Handler{
		job.Every("23 4 * * *", "door:sweep", func(ctx context.Context, tx bun.Tx, firm uuid.UUID) error { return auth.Sweep(ctx, tx, firm) }),
		linkMail.Handle(d.sendLink).Within(time.Minute),
		newDevice.Handle(d.sendNotice).Within(time.Minute),
		codeMail.Handle(d.sendCode).Within(time.Minute),
		previewOver.Handle(d.closeLook),
		invite.Mail.Handle(d.sendInvitation).Within(time.Minute),
	}
}
