package envelopes

import (
	"encoding/hex"
	"time"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/web"
)

// tableView is an envelope as one recipient sees it.
type tableView struct {
	*web.Here
	Talk     string // where one asks about it; "": nowhere
	Trail    []web.NavItem
	Envelope Envelope
	Me       Recipient
	Way      way
	At       string
	Mood     mood
	Step     Step
	Host     hostess
	Proved   bool
	Parties  []signatory
	Marks    []mark
	Document string // where its pages are; "": not to be read now
	Copy     string // where the sealed file is
	Next     string // the envelope that replaces this one
	Passed   string // who acts instead
	Ender    string // who declined, or made it void
	Reason   string
}

// Guest reports whether the page stands outside of portal and office.
func (v tableView) Guest() bool { return v.Way == byLink || v.Way == inPerson }

// Deed is what the button says.
func (v tableView) Deed() string {
	if v.Me.Role == Approver {
		return "Approve"
	}
	return "Sign"
}

// Until is the last day to act; zero: there is none.
func (v tableView) Until() time.Time { return v.Local(v.Me.ExpiresAt) }

// signatory is one of the recipients, as the others see it: no addresses, and nothing of how they signed.
type signatory struct {
	Name, Does, State, Kind string
	At                      time.Time
	Me                      bool
}

// mark is something that stands on a page: measures in ten-thousandths.
type mark struct {
	Page, X, Y, W, H int
	Kind             FieldKind
	Text, Strokes    string
}

func (t table) view(r *web.Request, s seat) (tableView, error) {
	e, now := s.Envelope, r.Now()
	r.Title(e.Title)
	v := tableView{
		Here: r.Here(), Envelope: e, Me: s.Me, Way: s.Way, At: s.At, Mood: s.mood(now), Step: e.step(now), Host: s.Host, Proved: s.Proved,
		Parties: signatories(r.Here(), e, s.Me.ID, now), Marks: marks(e),
		Trail: []web.NavItem{{Title: r.Say("Contracts"), Href: r.Path("envelopes")}, {Title: e.Title}},
	}
	if s.Way == byOffice {
		v.Trail = []web.NavItem{{Title: r.Say("Contracts"), Href: r.Path("envelopes")}, {Title: e.Title, Href: r.Path("envelopes", e.ID)}, {Title: r.Say("Sign")}}
	}
	if s.reads() {
		v.Document = s.At + "/document"
		if e.SealedID != uuid.Nil && s.Me.ForwardedID == uuid.Nil {
			v.Copy = s.At + "/copy"
		}
	}
	if to, ok := e.Recipient(s.Me.ForwardedID); ok {
		v.Passed = to.Name
	}
	switch e.Status {
	case Void:
		v.Reason = e.VoidReason
	case Declined:
		for _, one := range e.Recipients {
			if !one.DeclinedAt.IsZero() {
				v.Ender, v.Reason = one.Name, one.Reason
			}
		}
	}
	if e.NextID != uuid.Nil && s.Way == byPortal { // only where it reaches the viewer, too
		_, err := byID(r.Context(), r.Tx(), s.viewer, e.NextID)
		if err == nil {
			v.Next = r.Path("envelopes", e.NextID)
		} else if !fault.Is(err, fault.Missing) {
			return v, err
		}
	}
	return v, nil
}

func signatories(here *web.Here, e Envelope, me uuid.UUID, now time.Time) []signatory {
	var list []signatory
	for _, one := range e.Recipients {
		if !one.Role.Acts() && one.ID != me {
			continue // who reads along is between them and the firm
		}
		p := signatory{Name: one.Name, Does: here.Say(one.Role.Title()), Me: one.ID == me}
		if one.Role == Countersigner {
			p.Does = here.Say("Signs for %s", here.Viewer.Firm.Name)
		}
		switch {
		case one.ForwardedID != uuid.Nil:
			p.State, p.Kind = here.Say("Handed over"), "muted"
		case !one.DeclinedAt.IsZero():
			p.State, p.Kind, p.At = here.Say("Declined"), "late", one.DeclinedAt
		case !one.SignedAt.IsZero() && one.Role == Approver:
			p.State, p.Kind, p.At = here.Say("Approved"), "ok", one.SignedAt
		case !one.SignedAt.IsZero():
			p.State, p.Kind, p.At = here.Say("Signed"), "ok", one.SignedAt
		case !e.Open() || !one.Role.Acts():
			p.State, p.Kind = "", ""
		case one.Expired(now):
			p.State, p.Kind = here.Say("Time is over"), "late"
		case may(e, one, now):
			p.State, p.Kind = here.Say("Next"), "sign"
		default:
			p.State, p.Kind = here.Say("Later"), "muted"
		}
		list = append(list, p)
	}
	return list
}

// marks are what those have put on the pages who have signed already.
func marks(e Envelope) []mark {
	var list []mark
	for _, f := range e.Fields {
		by, ok := e.Recipient(f.RecipientID)
		if !ok || by.SignedAt.IsZero() {
			continue
		}
		m := mark{Page: f.Page, X: f.X, Y: f.Y, W: f.W, H: f.H, Kind: f.Kind, Text: f.Value}
		switch f.Kind {
		case SignatureField:
			m.Text, m.Strokes = by.Signature.Typed(), by.Signature.Drawing()
		case InitialsField:
			m.Text, m.Strokes = by.Initials.Typed(), by.Initials.Drawing()
		case DateField:
			if on, err := day.Parse(f.Value); err == nil {
				m.Text = on.Midnight().Format("Jan 2, 2006")
			}
		}
		list = append(list, m)
	}
	return list
}

// paperView is the page on which somebody signs.
type paperView struct {
	tableView
	Form      answer
	Hash      string
	Fields    []fieldView
	Signature bool // ink is asked for
	Initials  bool
	Agreement []string
	Prove     string // the way to a fresh factor, when that is what is missing
	Today     time.Time
}

// fieldView is one of the signer's own fields.
type fieldView struct {
	Field
	Name  string
	Input string // what the form calls it
	Value string
}

// Asked reports whether somebody fills it in by hand.
func (f fieldView) Asked() bool { return f.Kind == TextField || f.Kind == CheckboxField }

func (t table) paper(r *web.Request, s seat, a answer) (*paperView, error) {
	v, err := t.view(r, s)
	if err != nil {
		return nil, err
	}
	r.Named(r.Say(v.Deed()) + ": " + s.Envelope.Title)
	fields := s.Envelope.fieldsFor(s.Me.ID)
	p := &paperView{tableView: v, Form: a, Hash: hex.EncodeToString(s.Envelope.FileHash), Agreement: agreement(r.Firm()), Today: r.Here().Now}
	p.Signature, p.Initials = wants(s.Me, fields)
	for _, f := range fields {
		p.Fields = append(p.Fields, fieldView{Field: f, Name: f.Name(), Input: fieldName(f.ID), Value: a.Values[f.ID]})
	}
	return p, nil
}

// Wrong is what is wrong with a field, once the form was refused.
func (v *paperView) Wrong(f fieldView) string { return v.Error(f.Input) }

// Asks reports whether there is anything to fill in.
func (v *paperView) Asks() bool {
	for _, f := range v.Fields {
		if f.Asked() {
			return true
		}
	}
	return false
}

// Promise is what somebody confirms.
func (v *paperView) Promise() string {
	if v.Me.Role == Approver {
		return v.Say("I, %s, approve this %s.", v.Me.Name, v.Envelope.Kind.Noun())
	}
	return v.Say("I, %s, sign this %s and mean my signature to bind me.", v.Me.Name, v.Envelope.Kind.Noun())
}

// Button says the deed and its object.
func (v *paperView) Button() string {
	if v.Me.Role == Approver {
		return v.Say("Approve %s", v.Envelope.Kind.Noun())
	}
	return v.Say("Sign %s", v.Envelope.Kind.Noun())
}

// MayAct reports whether the viewer has the right to sign, beyond being asked to.
func (v tableView) MayAct() bool { return v.Way != byPortal || v.Viewer.May(sign) }
