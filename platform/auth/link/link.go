// Package link keeps the links that a mail carries: invitations, sign-ins, handovers, changes of address. Looking at
// one changes nothing; using one is atomic.
package link

import (
	"time"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/secret"
)

// Purpose is what a link is for.
type Purpose string

const (
	Invite   Purpose = "invite"
	SignIn   Purpose = "sign_in"
	Handover Purpose = "handover" // from another firm of the same installation, never mailed
	Email    Purpose = "email"    // a change of one's own address; does not sign in
)

// Lifetime is how long a link works.
func (p Purpose) Lifetime() time.Duration {
	switch p {
	case Invite:
		return 7 * 24 * time.Hour
	case SignIn:
		return 15 * time.Minute
	case Handover:
		return time.Minute
	}
	return 24 * time.Hour
}

// lasting is how long links work again and again in a firm that chose so.
const lasting = 7 * 24 * time.Hour

// MaxTries is how many wrong codes burn a typed code.
const MaxTries = 5

// PerHour is how many mails with a link one address gets.
const PerHour = 3

// New is a link to be mailed.
type New struct {
	Firm      uuid.UUID
	Purpose   Purpose
	Outbox    uuid.UUID // the mail's outbox row: token and code are derived from it
	Person    uuid.UUID
	Contact   uuid.UUID // Invite: whom; SignIn: as whom, if it matters
	SentTo    string
	NonceHash []byte // of the cookie of the browser that asked; nil: none
	ReturnTo  string
}

// State is what a link, or a typed code, is worth now.
type State string

const (
	Live           State = "live"
	Unknown        State = "unknown"         // not a link of this firm
	Used           State = "used"            //
	Old            State = "old"             // past its time
	Ended          State = "ended"           // a newer one took its place, or it was withdrawn
	AddressChanged State = "address_changed" // it was sent to an address that is no longer the person's
	AccessOff      State = "access_off"      // the person's access is switched off
	PortalOff      State = "portal_off"      // the firm's or the client's portal is off
	WrongCode      State = "wrong_code"      // a typed code that fits nothing, or is burned
)

// Landing is what the page behind a link shows, and who comes in when it is used.
type Landing struct {
	State      State
	Purpose    Purpose
	PersonID   uuid.UUID
	Name       string // of the person
	SentTo     string
	ContactID  uuid.UUID // Nil: the link names none
	ClientName string
	ReturnTo   string
	NonceHash  []byte
	ExpiresAt  time.Time
	// Again: it was used before or is past its time, and works only because the firm lets links last. Whoever holds an
	// old mail has shown nothing fresh.
	Again bool

	// Identities are all that the person may sign in as. A link that names a contact signs in as that one.
	Identities []auth.Identity

	// A change of address is done when both the old and the new one have confirmed.
	NewEmail     string
	EmailChanged bool
}

// Known reports whether the person may be named and offered a new link: never to a stranger with a made-up token.
func (l Landing) Known() bool { return l.State != Unknown && l.State != WrongCode }

// SameBrowser reports whether the browser with that nonce asked for the link: only there may the page press its button
// by itself.
func (l Landing) SameBrowser(nonceHash []byte) bool {
	return len(nonceHash) > 0 && len(l.NonceHash) > 0 && secret.Same(l.NonceHash, nonceHash)
}

// Identity is as whom the link signs in: the contact that it names, else the preferred one; nil when there is none.
func (l Landing) Identity() *auth.Identity {
	if l.ContactID == uuid.Nil {
		return auth.Preferred(l.Identities)
	}
	for _, i := range l.Identities {
		if i.ContactID == l.ContactID {
			return &i
		}
	}
	return nil
}

// Session is the sign-in that using the link has proved; nil when there is nothing to sign in to. A handover proves an
// old sign-in in another firm, and nothing fresh: there and back again would be a way round every step-up. So would be a
// link of last week.
func (l Landing) Session(firm uuid.UUID) *auth.NewSession {
	as := l.Identity()
	if l.State != Live || l.Purpose == Email || as == nil {
		return nil
	}
	return &auth.NewSession{Firm: firm, Person: l.PersonID, Contact: as.ContactID, Unproved: l.Purpose == Handover || l.Again, Mailed: l.Purpose != Handover}
}

// facts are what the state of a link follows from; all instants were compared by PostgreSQL.
type facts struct {
	Purpose      Purpose
	Ended        bool
	Used         bool
	Expired      bool
	Lasting      bool // the firm lets links work again, and this one is of this week
	SameAddress  bool // it was sent to what is still the person's address
	NamesContact bool
	SamePerson   bool // the contact that it names is still this person
}

// stateOf says first what a new link could not mend, then what it could.
func stateOf(f facts, identities []auth.Identity, landed *auth.Identity) State {
	if f.Purpose != Email {
		switch {
		case !f.SameAddress || f.NamesContact && !f.SamePerson:
			return AddressChanged
		case landed == nil:
			return AccessOff
		case !landed.Open():
			return PortalOff
		}
	} else if len(identities) == 0 {
		return AccessOff
	}
	switch {
	case f.Ended:
		return Ended
	case f.Lasting && (f.Purpose == Invite || f.Purpose == SignIn):
		return Live
	case f.Used:
		return Used
	case f.Expired:
		return Old
	}
	return Live
}

// Recipient is the person behind an address who may be sent a sign-in link.
type Recipient struct {
	PersonID    uuid.UUID
	Name, Email string
	Locale      string
	Identities  []auth.Identity
	// LastHour counts the sign-in links and invitations of the last hour; from PerHour on, send no more.
	LastHour int
}
