package auth

import (
	"cmp"
	"errors"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/fault"
)

// Lifetime bounds the sessions of one side.
type Lifetime struct {
	Idle     time.Duration // from the last activity
	Absolute time.Duration // from the sign-in, whatever happens
}

// LifetimeOf gives the lifetime of a side's sessions.
func LifetimeOf(side Side) Lifetime {
	if side == Office {
		return Lifetime{Idle: 12 * time.Hour, Absolute: 7 * day}
	}
	return Lifetime{Idle: 30 * day, Absolute: 180 * day}
}

const day = 24 * time.Hour

// touchAfter throttles the sliding of a session.
const touchAfter = 15 * time.Minute

// Fresh is how long a step-up lasts.
const Fresh = 10 * time.Minute

// NewSession is a sign-in that has been proved.
type NewSession struct {
	Firm, Person uuid.UUID
	Contact      uuid.UUID // Nil: the office
	Factors      int       // 2: a passkey, or a password and a code; 0 counts as 1
	SSO          bool      // the firm's own provider has said who it is
	Mailed       bool      // a link that was mailed to the person
	IP, Agent    string
	Unproved     bool   // nothing was shown just now: what asks for a fresh factor asks
	Replaces     []byte // the hash of the cookie that the browser had before: that session ends
}

func (n NewSession) side() Side {
	if n.Contact == uuid.Nil {
		return Office
	}
	return Portal
}

// Loaded is a viewer with what only the door needs to know.
type Loaded struct {
	Viewer
	TouchDue  bool      // call Touch in a transaction that writes, and send the cookie again
	IdleUntil time.Time // when the session ends by itself
	HasFactor bool      // staff: a TOTP or a passkey is set up
}

// OffersFactor reports whether to ask an owner, once, to set up a second factor; it can be skipped. A firm that
// demands one says so through Duty instead.
func (l Loaded) OffersFactor() bool {
	return l.Side == Office && OffersFactor(l.Role, l.Session.Welcomed, l.HasFactor)
}

// OffersFactor is that rule.
func OffersFactor(role access.Role, welcomed, has bool) bool {
	return role == access.Owner && !welcomed && !has
}

// DutyOf says what a member of staff must do first: show the factor that is set up, or set up the one that the firm
// demands of the role.
func DutyOf(role access.Role, demanded []string, has bool, factors int) Duty {
	switch {
	case role == access.NoRole || factors >= 2:
		return NoDuty
	case has:
		return SecondFactor
	case slices.Contains(demanded, string(role)):
		return EnrolFactor
	}
	return NoDuty
}

// Confirmed is nil when the viewer has shown a factor lately; otherwise it asks to step up. Staff with a second factor
// show that one, also where they are a contact: who has their mail alone must not get from there into the office.
func (v Viewer) Confirmed(now time.Time) error {
	if v.SignedIn() && (!v.Session.HasFactor || v.Session.Factors >= 2) && now.Sub(v.Session.ConfirmedAt) < Fresh {
		return nil
	}
	return fault.StepUp()
}

// Identity is one thing that a person is: staff, or a contact of one client. A session is for one of them.
type Identity struct {
	Side       Side
	ContactID  uuid.UUID   // portal
	ClientID   uuid.UUID   // portal
	ClientName string      // portal
	ClientLogo uuid.UUID   // portal
	PortalOn   bool        // portal: the firm's and the client's are on
	Role       access.Role // office
	NeedsSSO   bool        // office: it opens by single sign-on alone
}

// Open reports whether there is something to see behind it.
func (i Identity) Open() bool { return i.Side == Office || i.PortalOn }

// Preferred is the identity that a sign-in without a wish begins with: one that opens, the office first. Nil of none.
func Preferred(identities []Identity) *Identity {
	if len(identities) == 0 {
		return nil
	}
	best := slices.MinFunc(identities, func(a, b Identity) int {
		return cmp.Compare(rankOf(a), rankOf(b))
	})
	return &best
}

func rankOf(i Identity) int {
	switch {
	case i.NeedsSSO:
		return 2
	case i.Side == Office:
		return 0
	case i.PortalOn:
		return 1
	}
	return 3
}

// Elsewhere is another firm in which the same address has access.
type Elsewhere struct {
	FirmID, PersonID uuid.UUID
	FirmKey, Name    string
	LogoID           uuid.UUID
	Office           bool     // as staff
	Clients          []string // names of the clients whose contact it is
}

// Device is a session as its person sees it.
type Device struct {
	ID         string // names the session, opens nothing
	Side       Side
	ClientName string
	SignedInAt time.Time
	LastSeenAt time.Time
	IP, Agent  string
	Current    bool
}

// CleanEmail gives the one spelling under which an address is stored; ok is false when it is none.
func CleanEmail(typed string) (email string, ok bool) {
	email = strings.ToLower(strings.TrimSpace(typed))
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > 254 || strings.ContainsAny(email, "\"\r\n\t ") {
		return "", false
	}
	return email, true
}

// ErrNoAccess refuses a sign-in to a person whose access has been withdrawn.
func ErrNoAccess() error {
	return fault.Forbidden("Your access to this portal is switched off. Please ask the team to switch it on again.")
}

var errUseSSO = &fault.Error{Kind: fault.Denied, Message: "Your firm asks you to come in by its single sign-on."}

var errUseMail = &fault.Error{Kind: fault.Denied, Message: "Please come in as a client by a link that we mail you."}

// NeedsMail reports that a sign-in as a client was refused because the firm's provider can speak for this person: nobody but
// the client may act as the client, so that only a mailed link opens the portal.
func NeedsMail(err error) bool { return errors.Is(err, errUseMail) }

// NeedsSSO reports that a sign-in was refused because the firm lets this person in by single sign-on alone.
func NeedsSSO(err error) bool { return errors.Is(err, errUseSSO) }
