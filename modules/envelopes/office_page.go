package envelopes

import (
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/files"
	"portico/platform/money"
	"portico/platform/web"
)

type envelopeView struct {
	*web.Here
	Talk      string // where a conversation about it begins
	Trail     []web.NavItem
	Steps     []web.NavItem // of a draft
	Envelope  Envelope
	Step      Step
	Detail    string
	People    []personView
	History   []happening
	Lines     []lineView
	Net, Tax  money.Amount
	Stages    []stageView
	Lacks     []lackView
	PDF, Open string // where the document is shown
	Sealed    string // where the sealed file is downloaded
	Before    string // the version before this one
	Next      string // and the one after it
	MySign    string // where the viewer signs for the firm, when it is their turn
	Remind    bool   // somebody waits who can be reminded
	Withdraw  bool
	Correct   bool
}

// Draft reports whether it has not gone out.
func (v envelopeView) Draft() bool { return v.Envelope.Status == Draft }

type personView struct {
	Recipient
	Color, State, Mark string
	Late, Turn         bool
	Times              []moment
	Extend             string
	InPerson           string // where the device is handed over to them
	Fields             int
	Barred             string // why they cannot act, though it is on them: what changed after it went out
}

type moment struct {
	What string
	At   time.Time
	Note string
}

type happening struct {
	Text, Note, From string
	At               time.Time
	Icon, Kind       string
}

type lineView struct {
	Line
	Amount, Net money.Amount
	Number, Tax string
}

type stageView struct {
	Stage
	Sum   money.Amount
	Part  string
	DueAt string
}

type lackView struct{ Text, Href string }

// envelope is the page of a document: of a draft what it needs to go out, of all others how it stands.
func (o office) envelope(r *web.Request) error {
	e, err := o.load(r)
	if err != nil {
		return err
	}
	view, err := o.envelopeView(r, e)
	if err != nil {
		return err
	}
	view.Talk = o.Catalog().Talk(r.Viewer(), "envelopes", e.ID)
	return r.Show("envelopes/envelope", view)
}

func (o office) envelopeView(r *web.Request, e Envelope) (envelopeView, error) {
	ctx, tx, v, now := r.Context(), r.Tx(), r.Viewer(), r.Now()
	r.Title(e.Title)
	view := envelopeView{
		Here: r.Here(), Trail: trailOf(r, e), Envelope: e, Step: e.step(now), Detail: e.detail(r.Here(), now),
		Withdraw: e.voidable(), Correct: e.NextID == uuid.Nil && (e.Status == Sent || e.Status == Declined || e.Status == Void),
	}
	if e.FileID != uuid.Nil {
		view.Open = files.URL(e.FileID, "shown")
		view.PDF = view.Open
	}
	if e.SealedID != uuid.Nil {
		view.Sealed, view.PDF = files.URL(e.SealedID, "original"), files.URL(e.SealedID, "shown")
	}
	if e.SupersedesID != uuid.Nil {
		view.Before = r.Path("envelopes", e.SupersedesID)
	}
	if e.NextID != uuid.Nil {
		view.Next = r.Path("envelopes", e.NextID)
	}
	for _, one := range e.Recipients {
		view.People = append(view.People, o.personView(r, e, one, len(view.People)))
		waits := may(e, one, now) && !one.NotifiedAt.IsZero()
		view.Remind = view.Remind || waits && one.PersonID != v.PersonID
		if waits && one.Role == Countersigner && one.PersonID == v.PersonID {
			view.MySign = r.Path("envelopes", e.ID, "sign")
		}
	}
	lines, err := linesOf(ctx, tx, v, e.ID)
	if err != nil {
		return view, err
	}
	for _, l := range lines {
		one := lineView{Line: l, Amount: money.Of(l.Price, e.Currency), Net: l.net(e.Currency), Number: money.Quantity(l.Quantity).String()}
		if l.TaxRate != 0 {
			one.Tax = money.Rate(l.TaxRate).String() + "%"
		}
		view.Lines = append(view.Lines, one)
	}
	view.Net, view.Tax = sumOf(lines, e.Currency)
	stages, err := stagesOf(ctx, tx, v, e.ID)
	if err != nil {
		return view, err
	}
	each, _ := planned(stages, e.Amount())
	for n, s := range stages {
		one := stageView{Stage: s, Sum: each[n]}
		if s.Share != 0 {
			one.Part = money.Rate(s.Share).String() + "%"
		}
		view.Stages = append(view.Stages, one)
	}
	if e.Status == Draft {
		view.Steps = steps(r, e, "send")
		list, err := lacking(ctx, tx, v, e)
		for _, l := range list {
			view.Lacks = append(view.Lacks, lackView{l.Text, r.Path("envelopes", e.ID, l.Page)})
		}
		return view, err
	}
	if e.Open() {
		deaf, err := unreachableOf(ctx, tx, v, e.ID)
		if err != nil {
			return view, err
		}
		for n, one := range view.People {
			if !one.Done() {
				view.People[n].Barred = deaf[one.ID]
			}
		}
	}
	view.History, err = historyOf(r, e)
	return view, err
}

func (office) personView(r *web.Request, e Envelope, one Recipient, n int) personView {
	now := r.Now()
	p := personView{Recipient: one, Color: string(rune('1' + n%colors)), Late: one.Expired(now) && e.Open(), Turn: may(e, one, now)}
	for _, f := range e.Fields {
		if f.RecipientID == one.ID {
			p.Fields++
		}
	}
	add := func(what string, at time.Time, note string) {
		if !at.IsZero() {
			p.Times = append(p.Times, moment{what, at, note})
		}
	}
	add("Asked", one.NotifiedAt, "")
	add("Opened", one.OpenedAt, "")
	add("Code entered", one.VerifiedAt, "")
	add("Agreed to sign electronically", one.ConsentedAt, "")
	add("Reminded", one.RemindedAt, "")
	add(one.signedWord(), one.SignedAt, "")
	add("Declined", one.DeclinedAt, one.Reason)
	switch {
	case e.Status == Draft:
	case !one.SignedAt.IsZero():
		p.State, p.Mark = one.signedWord(), "ok"
	case !one.DeclinedAt.IsZero():
		p.State, p.Mark = "Declined", "late"
	case one.ForwardedID != uuid.Nil:
		to, _ := e.Recipient(one.ForwardedID)
		p.State, p.Mark = "Handed over to "+to.Name, "muted"
	case one.Role == Copy && e.Status == Complete:
		p.State, p.Mark = "Has the sealed file", "ok"
	case !one.Role.Acts() || e.Status != Sent:
	case p.Late:
		p.State, p.Mark = "Time is over", "late"
	case p.Turn && !one.OpenedAt.IsZero():
		p.State, p.Mark = "Has opened it", "info"
	case p.Turn:
		p.State, p.Mark = "Is asked", "due"
	default:
		p.State, p.Mark = "Comes later", "muted"
	}
	if e.Open() && !one.Done() && one.Role != Countersigner && !one.NotifiedAt.IsZero() {
		p.Extend = r.Path("envelopes", e.ID, "recipients", one.ID, "deadline")
	}
	if p.Turn && one.PersonID == uuid.Nil {
		p.InPerson = r.Path("envelopes", e.ID, "host", one.ID)
	}
	return p
}

func (r Recipient) signedWord() string {
	if r.Role == Approver {
		return "Approved"
	}
	return "Signed"
}

// marks are how the kinds of events look in a list.
var eventIcons = map[string][2]string{
	"created": {"pencil", ""}, "sent": {"send", "info"}, "notified": {"mail", ""}, "opened": {"mail-open", "info"}, "code_sent": {"key-round", ""},
	"verified": {"shield-check", ""}, "consented": {"check", ""}, "signed": {"pen-line", "sign"}, "approved": {"thumbs-up", "ok"}, "declined": {"circle-x", "late"},
	"forwarded": {"user-plus", ""}, "reminded": {"bell", ""}, "expired": {"clock", "late"}, "extended": {"timer", ""}, "corrected": {"file-pen", ""},
	"voided": {"x", "late"}, "hosted": {"smartphone", ""}, "finished": {"check-check", "ok"}, "sealed": {"lock", "ok"},
}

// historyOf is everything that happened, in words. From where it came is for admins.
func historyOf(r *web.Request, e Envelope) ([]happening, error) {
	events, err := eventsOf(r.Context(), r.Tx(), r.Viewer(), e.ID)
	if err != nil {
		return nil, err
	}
	admin := r.Viewer().Role.AtLeast(access.Admin)
	var list []happening
	for n := len(events) - 1; n >= 0; n-- {
		one := events[n]
		look := eventIcons[one.Kind]
		h := happening{Text: one.Title(), Note: one.Note, At: one.At, Icon: look[0], Kind: look[1]}
		if h.Icon == "" {
			h.Icon = "circle"
		}
		if one.Name != "" {
			h.Text += ": " + one.Name
		}
		if admin && one.IP != "" {
			h.From = one.IP
		}
		list = append(list, h)
	}
	return list, nil
}
