// Package door is the front door: sign-in, mailed links, second factors, and the pages of every state in which a person
// may find themselves before a session.
package door

import (
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"portico/platform/fact"
	"portico/platform/firm"
	"portico/platform/job"
	"portico/platform/mail"
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
	Log       *slog.Logger
	Now       func() time.Time
	Mailbox   *mail.Mailbox // nil: no viewer
}

// Routes are the door's pages.
func (d *Door) Routes() []web.Route { return nil }

// Jobs are the mails that the door promises.
func (d *Door) Jobs() []job.Handler { return nil }
