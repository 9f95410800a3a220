package door

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fact"
	"portico/platform/fault"
	"portico/platform/secret"
	"portico/platform/web"
)

// enter begins the session that has been proved, in a transaction that writes, and answers where to go. Whoever was
// signed in at this browser before is not any more.
func (d *Door) enter(ctx context.Context, tx bun.Tx, r *web.Request, n auth.NewSession, to string) (path string, err error) {
	n.Firm, n.IP, n.Agent, n.Replaces = r.Firm().ID, r.IP(), r.Agent(), r.Viewer().Session.Hash
	before, err := cameBefore(ctx, tx, n.Firm, n.Person)
	if err != nil {
		return "", err
	}
	token, err := auth.Start(ctx, tx, n)
	if err != nil {
		return "", err
	}
	in, err := auth.Load(ctx, tx, n.Firm, secret.Hash(token), d.Now())
	if err != nil {
		return "", err
	}
	if in.Side == auth.Portal {
		err = d.noteVisit(ctx, tx, in.Viewer)
	} else {
		err = d.noteDevice(ctx, tx, r, in.Viewer, before)
	}
	if err != nil {
		return "", err
	}
	r.SetSession(token)
	if r.Cookie(askedCookie) != "" {
		r.SetCookie(askedCookie, "", 0)
	}
	return onward(in.Viewer, to), nil
}

// noteVisit tells the rest of the house that a contact has come, and whether it was for the first time.
func (d *Door) noteVisit(ctx context.Context, tx bun.Tx, v auth.Viewer) error {
	first, err := accept(ctx, tx, v.FirmID(), v.ContactID)
	if err != nil {
		return err
	}
	if first {
		err := activity.Record(ctx, tx, v, activity.Entry{
			Verb: "contact.accepted", Text: "opened the portal for the first time", ClientID: v.ClientID, SubjectID: v.ContactID,
		})
		if err != nil {
			return err
		}
		if err := d.Bus.Publish(ctx, tx, v.FirmID(), fact.PortalActivated{ClientID: v.ClientID, ContactID: v.ContactID}); err != nil {
			return err
		}
	}
	// a session has no id of its own; the start of its hash names it and opens nothing
	session, err := uuid.FromBytes(v.Session.Hash[:16])
	if err != nil {
		return err
	}
	return d.Bus.Publish(ctx, tx, v.FirmID(), fact.ContactSignedIn{ClientID: v.ClientID, ContactID: v.ContactID, SessionID: session})
}

// onward is where a new session begins: with a duty, with the welcome, or with what was wished for.
func onward(v auth.Viewer, to string) string {
	switch {
	case v.Session.Duty != auth.NoDuty:
		return with("/sign-in/second-factor", to)
	case v.Side == auth.Portal && !v.Levels().Portal().On:
		return "/closed"
	case !v.Session.Welcomed:
		return with("/welcome", to)
	}
	return wished(v, to)
}

// wished is the page that was asked for, if it lies on the viewer's side.
func wished(v auth.Viewer, to string) string {
	to = local(to)
	if to == "" || within(to, "/portal") && v.Side != auth.Portal || within(to, "/office") && v.Side != auth.Office {
		return home(v)
	}
	return to
}

func home(v auth.Viewer) string {
	if v.Side == auth.Office {
		return "/office"
	}
	return "/portal/all"
}

func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/") || strings.HasPrefix(path, folder+"?")
}

// local keeps a return path on this site; the door itself and the start are no places to return to.
func local(to string) string {
	to = web.LocalPath(to)
	for _, folder := range []string{"/sign-in", "/sign-out", "/welcome", "/switch", "/closed", choicePath} {
		if within(to, folder) {
			return ""
		}
	}
	if to == "/" || len(to) > 1000 {
		return ""
	}
	return to
}

// next is where the person was going: ?to= in an address, next in a form.
func next(r *web.Request) string {
	if r.Method() == "POST" {
		return local(r.Value("next"))
	}
	return local(r.Query("to"))
}

// choose picks what a person signs in as: what the wished page needs, else the preferred.
func choose(identities []auth.Identity, to string) *auth.Identity {
	for _, i := range identities {
		if within(to, "/portal") && i.Side == auth.Portal && i.Open() {
			return &i
		}
	}
	return auth.Preferred(identities)
}

// denied reports that a sign-in was refused because access is off.
func denied(err error) bool { return fault.Is(err, fault.Denied) }
