package door

import (
	"context"
	"encoding/base64"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/job"
	"portico/platform/mail"
	"portico/platform/post"
	"portico/platform/web"
)

// newcomer is a session of a member of staff in a browser that the person had not used before.
type newcomer struct {
	Person  uuid.UUID `json:"person"`
	Session []byte    `json:"session"` // the start of its hash
}

var newDevice = job.New[newcomer]("door:new_device")

const (
	knownCookie = "known"
	knownMost   = 6 // persons that one browser remembers
	knownFor    = 400 * 24 * time.Hour
	noticeAfter = time.Minute // time to finish signing in, or to sign out again
)

// noteDevice promises a notice when staff signs in at a browser that is new to them. The browser itself remembers whom
// it knows, so that nothing has to be kept about it here.
func (d *Door) noteDevice(ctx context.Context, tx bun.Tx, r *web.Request, v auth.Viewer, before bool) error {
	firm, person := v.FirmID(), v.PersonID
	mark := base64.RawURLEncoding.EncodeToString(d.Key.MAC("known device", firm[:], person[:])[:12])
	known := strings.FieldsFunc(r.Cookie(knownCookie), func(c rune) bool { return c == '.' })
	for _, k := range known {
		if k == mark {
			return nil
		}
	}
	if known = append([]string{mark}, known...); len(known) > knownMost {
		known = known[:knownMost]
	}
	r.SetCookie(knownCookie, strings.Join(known, "."), knownFor)
	if !before { // everything is new at the first sign-in
		return nil
	}
	_, err := newDevice.Enqueue(ctx, tx, firm, newcomer{person, v.Session.Hash[:16]}, job.At(d.Now().Add(noticeAfter)))
	return err
}

// sendNotice tells a member of staff of a sign-in at a new browser, if it lasted.
func (d *Door) sendNotice(ctx context.Context, tx bun.Tx, firm uuid.UUID, n newcomer) error {
	s, err := findSession(ctx, tx, firm, n)
	if err != nil {
		return err
	}
	f, err := d.firm(ctx, tx, firm)
	if err != nil {
		return err
	}
	origin, err := d.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	at := s.CreatedAt.In(zone(f)).Format("Mon, Jan 2, 2006, 3:04 PM")
	return d.Post.Send(ctx, tx, f, post.Envelope{
		ID: job.Current(ctx).ID, Kind: newDevice.Name(), PersonID: n.Person, To: netmail.Address{Name: s.Name, Address: s.Email},
	}, mail.Letter{
		Subject: "New sign-in to " + f.Name, Greeting: "Hello " + called(s.Name),
		Lines: []string{
			"You signed in to the office with " + auth.BrowserName(s.Agent) + " on " + deviceWords(s.Agent) + ": " + at + ".",
			"Was it you? Then all is well. If not, end that session now, and tell an owner of the firm.",
		},
		Button: mail.Button{Label: "See my sessions", URL: origin + "/office/profile"},
	})
}

// deviceWords is a device within a sentence.
func deviceWords(agent string) string {
	switch name := auth.DeviceName(agent); name {
	case "Passkey":
		return "a device that we do not recognise"
	case "iPhone", "iPad", "Android":
		return "an " + name
	default:
		return "a " + name
	}
}
