package envelopes

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/web"
)

// way is how somebody came to sign.
type way string

const (
	byPortal way = "portal" // signed in, as the contact
	byLink   way = "link"   // through a mailed link
	inPerson way = "host"   // on a device of the firm, handed over by staff
	byOffice way = "office" // staff, for the firm
)

// seat is the place of one recipient at an envelope: what is read, who reads, and how they came. All ways of signing are the
// same pages around a seat; they differ in how it is found.
type seat struct {
	Envelope Envelope
	Me       Recipient
	Way      way
	At       string // where its pages begin
	Host     hostess
	Proved   bool // whoever sits here has shown who they are, as far as that is asked for

	viewer auth.Viewer // who reads, holds, and is named in what is recorded
}

// hostess is the member of staff on whose device somebody signs.
type hostess struct {
	ID   uuid.UUID
	Name string
}

// mood is what an envelope is to one recipient.
type mood string

const (
	toSign    mood = "turn"     // it is their turn
	toWait    mood = "wait"     // others come first
	toRead    mood = "read"     // nothing is asked of them
	hasSigned mood = "signed"   // others are still to sign
	allSigned mood = "sealing"  // the final file is being made
	isDone    mood = "complete" // there is a final file
	isRefused mood = "declined"
	isVoid    mood = "void"
	isLate    mood = "expired"
	isPassed  mood = "passed" // handed over to somebody else
)

// mood says it.
func (s seat) mood(now time.Time) mood {
	e, me := s.Envelope, s.Me
	switch {
	case me.ForwardedID != uuid.Nil:
		return isPassed
	case e.Status == Void:
		return isVoid
	case e.Status == Declined:
		return isRefused
	case e.Status == Complete:
		return isDone
	case e.Status == Sealing:
		return allSigned
	case !me.Role.Acts():
		return toRead
	case !me.SignedAt.IsZero():
		return hasSigned
	case may(e, me, now):
		return toSign
	case me.Expired(now):
		return isLate
	}
	return toWait
}

// own is the recipient as whom somebody acts who is named more than once: where it is their turn, else where something is
// asked of them, else the first.
func (e Envelope) own(is func(Recipient) bool, now time.Time) (me Recipient, ok bool) {
	best := -1
	for _, r := range e.Recipients {
		if !is(r) {
			continue
		}
		rank := 0
		switch {
		case may(e, r, now):
			rank = 3
		case r.Role.Acts() && !r.Done():
			rank = 2
		case r.Role.Acts():
			rank = 1
		}
		if rank > best {
			me, best, ok = r, rank, true
		}
	}
	return me, ok
}

// table are the pages around a seat.
type table struct {
	desk
	sit func(*web.Request) (seat, error)
}

// seated finds the seat first. Where there is none, a page may say why.
func (t table) seated(fn func(*web.Request, seat) error) web.Handler {
	return func(r *web.Request) error {
		s, err := t.sit(r)
		var page *shut
		var to elsewhere
		if errors.As(err, &page) {
			return page.show(r)
		}
		if errors.As(err, &to) {
			return r.Go(to.to)
		}
		if err != nil {
			return err
		}
		return fn(r, s)
	}
}

// shut is a page for somebody who cannot go on: why, and the way out.
type shut struct {
	Code              int
	Icon, Kind, Title string
	Lines             []string
	Actions           []shutAction
}

type shutAction struct {
	Title, Href string
	Post        bool
}

// Error makes a page the answer of whoever looks for a seat.
func (s *shut) Error() string { return s.Title }

func (s *shut) show(r *web.Request) error {
	r.StandAlone()
	r.Title(s.Title)
	if err := r.Show("envelopes/shut", shutPage{Here: r.Here(), Shut: *s}); err != nil {
		return err
	}
	r.Status(s.Code)
	return nil
}

type shutPage struct {
	*web.Here
	Shut shut
}
