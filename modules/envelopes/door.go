package envelopes

import (
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/secret"
	"portico/platform/web"
)

// doorRoutes are the pages behind a mailed link, and those on a device that staff have handed over.
func doorRoutes(d desk) []web.Route {
	t := table{d, door{d}.sit}
	routes := t.routes("/sign/:token", access.Public, access.Public)
	routes = append(routes, t.codeRoutes("/sign/:token")...)
	routes = append(routes, t.handoverRoutes("/sign/:token", access.Public)...)
	for i, one := range routes {
		if one.Method == "GET" {
			routes[i] = one.Tries("sign-look", 3000, trySpan)
		} else {
			routes[i] = one.Tries("sign-act", 120, trySpan)
		}
	}
	return routes
}

// trySpan is how long tries from one address are counted: nobody guesses links, or codes.
const trySpan = 10 * time.Minute

type door struct{ desk }

// sit finds whose link it is. Whoever holds the link sees and signs this one document as this one person, and nothing else.
func (d door) sit(r *web.Request) (seat, error) {
	unlisted(r)
	if pass, ok := strings.CutPrefix(r.Param("token"), passMark); ok {
		return d.sitInPerson(r, pass)
	}
	system := auth.System(r.Firm().ID)
	envelope, recipient, err := byToken(r.Context(), r.Tx(), system, secret.Hash(r.Param("token")))
	if fault.Is(err, fault.Missing) {
		return seat{}, errUnknownLink(r)
	}
	if err != nil {
		return seat{}, err
	}
	s, err := d.seatOf(r, envelope, recipient)
	if err != nil {
		return s, err
	}
	if s.Me.Role == Copy && s.Envelope.SealedID == uuid.Nil {
		return s, errUnknownLink(r) // there is nothing yet of which to have a copy
	}
	s.Way, s.At = byLink, "/sign/"+url.PathEscape(r.Param("token"))
	s.Proved = !s.Envelope.AskCode && !s.Me.AskCode || d.proved(r, s.Me)
	return s, d.admit(r, s)
}

// seatOf loads an envelope as one of its recipients, in whose name is recorded what happens.
func (d desk) seatOf(r *web.Request, envelope, recipient uuid.UUID) (seat, error) {
	system := auth.System(r.Firm().ID)
	e, err := byID(r.Context(), r.Tx(), system, envelope)
	if err != nil {
		return seat{}, err
	}
	me, ok := e.Recipient(recipient)
	if !ok || e.Status == Draft {
		return seat{}, fault.NotFound()
	}
	if me.ContactID != uuid.Nil {
		who, err := standingOf(r.Context(), r.Tx(), system, me.ContactID)
		if err != nil {
			return seat{}, err
		}
		if who.barred(me.Role) {
			return seat{}, errBarred(r)
		}
	}
	if r.Firm().Suspended {
		return seat{}, errBarred(r)
	}
	system.Name, system.From = me.Name, r.Viewer().From
	return seat{Envelope: e, Me: me, viewer: system}, nil
}

// admit looks at who holds the link, where the browser says so: staff never read a client's mail for them, and a person who
// is signed in as somebody else is told whose link it is.
func (d door) admit(r *web.Request, s seat) error {
	v, me := r.Viewer(), s.Me
	if me.PersonID != uuid.Nil { // of the firm: signed in, in the office
		return elsewhere{"/office/envelopes/" + s.Envelope.ID.String() + "/sign"}
	}
	switch {
	case v.Side == auth.Office || v.ViewAs != uuid.Nil || v.SignedIn() && v.Role != access.NoRole && v.ContactID != me.ContactID:
		return &shut{
			Code: 403, Icon: "user-x", Kind: "late", Title: r.Say("This link is not yours"),
			Lines: []string{
				"It was mailed to " + me.Name + ", who alone may sign with it. You are signed in as " + v.Name + ", of " + r.Firm().Name + ".",
				"Does " + me.Name + " sit beside you? Open the contract in the office and choose “Sign in person”: then hand your device over.",
			},
			Actions: []shutAction{{Title: r.Say("Open it in the office"), Href: "/office/envelopes/" + s.Envelope.ID.String()}},
		}
	case v.Side == auth.Portal && v.ContactID == me.ContactID && v.May(see):
		return elsewhere{"/portal/all/envelopes/" + s.Envelope.ID.String()}
	case v.Side == auth.Portal && v.ContactID != me.ContactID:
		return &shut{
			Code: 403, Icon: "users", Kind: "due", Title: "This link is for " + me.Name,
			Lines: []string{
				"You are signed in as " + v.Name + ". Nobody signs for somebody else by accident: sign out first, then open the link again from the mail.",
			},
			Actions: []shutAction{{Title: r.Say("Sign out"), Href: "/sign-out", Post: true}, {Title: "Stay signed in as " + v.Name, Href: "/portal/all"}},
		}
	}
	return nil
}

// elsewhere sends a browser to where a seat is for this visitor.
type elsewhere struct{ to string }

// Error makes it an answer.
func (e elsewhere) Error() string { return "moved" }

func errUnknownLink(r *web.Request) error {
	return &shut{
		Code: 404, Icon: "link", Kind: "due", Title: r.Say("This link does not work"),
		Lines: []string{
			"It may be incomplete, or a newer mail has replaced it. Please open the newest message about the document, and press its button.",
			whom(r, "Still nothing?"),
		},
	}
}

func errBarred(r *web.Request) error {
	return &shut{
		Code: 403, Icon: "lock", Kind: "late", Title: r.Say("Signing is switched off for you"),
		Lines: []string{r.Firm().Name + " has switched it off for now. Nothing that you signed before is lost.", whom(r, "Is that a surprise?")},
	}
}

// whom says whom to ask.
func whom(r *web.Request, question string) string {
	f := r.Firm()
	switch {
	case f.Phone != "" && f.Email != "":
		return question + " Write to " + f.Email + " or call " + f.Phone + "."
	case f.Phone != "":
		return question + " Call " + f.Phone + "."
	case f.Email != "":
		return question + " Write to " + f.Email + "."
	}
	return question + " Ask your contact at " + f.Name + "."
}

// unlisted keeps a page with a token in its address out of search machines, other sites' logs and caches.
func unlisted(r *web.Request) {
	r.StandAlone()
	if r.Viewer().Side == auth.Stranger {
		r.NameVisit()
	}
	r.SetHeader("Referrer-Policy", "no-referrer")
	r.SetHeader("X-Robots-Tag", "noindex, nofollow")
	r.SetHeader("Cache-Control", "no-store")
}
