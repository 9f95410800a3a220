package envelopes

import (
	"bytes"
	"encoding/hex"
	"net/url"
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/web"
)

// inkBody is room for two drawings and the words around them.
const inkBody = 512 << 10

// routes are the pages of a table below an address: who may look, and who may act.
func (t table) routes(at string, look, act access.Permission) []web.Route {
	return []web.Route{
		web.Get(at, look, t.seated(t.show)),
		web.Get(at+"/document", look, t.seated(t.document)),
		web.Get(at+"/copy", look, t.seated(t.copy)),
		web.Post(at+"/opening", act, t.seated(t.open)),
		web.Get(at+"/signing", act, t.seated(t.form)),
		web.Post(at+"/signing", act, t.seated(t.sign)).Upto(inkBody),
		web.Get(at+"/declining", act, t.seated(t.declineForm)),
		web.Post(at+"/declining", act, t.seated(t.decline)),
	}
}

// show is what the envelope is to whoever sits here.
func (t table) show(r *web.Request, s seat) error {
	view, err := t.view(r, s)
	if err != nil {
		return err
	}
	if s.Way == byLink || s.Way == inPerson {
		return r.Show("envelopes/guest", view)
	}
	view.Talk = t.Catalog().Talk(r.Viewer(), "envelopes", s.Envelope.ID)
	return r.Show("envelopes/contract", view)
}

// open begins the reading. It takes a press: the programs that look into mails follow links and press nothing.
func (t table) open(r *web.Request, s seat) error {
	now := r.Now()
	e, err := hold(r.Context(), r.Tx(), s.viewer, s.Envelope.ID)
	if err != nil {
		return err
	}
	me, ok := e.Recipient(s.Me.ID)
	if !ok {
		return fault.NotFound()
	}
	if me.OpenedAt.IsZero() && e.Open() && me.ForwardedID == uuid.Nil {
		if err := setOpened(r.Context(), r.Tx(), s.viewer, me.ID, now); err != nil {
			return err
		}
		if err := record(r.Context(), r.Tx(), s.viewer, &e, s.event("opened", now)); err != nil {
			return err
		}
		t.ring(r.Context(), s.viewer, &e)
	}
	switch {
	case !s.Proved:
		return r.Go(s.prove("/signing"))
	case s.mood(now) == toSign:
		return r.Go(s.At + "/signing")
	}
	return r.Go(s.At)
}

// prove is where whoever sits here shows who they are, and goes on from there.
func (s seat) prove(next string) string {
	if s.Way == byPortal || s.Way == byOffice {
		return "/sign-in/confirm?to=" + url.QueryEscape(s.At+next)
	}
	return s.At + "/code"
}

// event is one of this seat.
func (s seat) event(kind string, now time.Time) Event {
	what := Event{Kind: kind, At: now, RecipientID: s.Me.ID, Name: s.Me.Name, Email: s.Me.Email}
	switch s.Way {
	case byPortal, byOffice:
		what.PersonID = s.viewer.PersonID
	case byLink:
		what.Side = "link"
	case inPerson:
		what.Side, what.PersonID = "link", s.Host.ID
	}
	return what
}

// form is the page on which somebody reads and signs.
func (t table) form(r *web.Request, s seat) error {
	if s.mood(r.Now()) != toSign {
		return r.Go(s.At)
	}
	if !s.Proved && s.viewer.ViewAs == uuid.Nil {
		return r.Go(s.prove("/signing"))
	}
	if s.Me.OpenedAt.IsZero() && s.Way != byPortal && s.Way != byOffice {
		return r.Go(s.At)
	}
	view, err := t.paper(r, s, answer{Kind: "typed", InitialsKind: "typed"})
	if err != nil {
		return err
	}
	return r.Show("envelopes/sign", view)
}

var (
	errProveAgain = fault.Invalid("Some time has passed since you signed in. Confirm that it is you, then press the button again: what you entered is kept here.")
	errOtherFile  = fault.Invalid("The document has changed since you opened this page. Please read it again before you sign.")
)

// sign takes what the form says, all at once. What is refused comes back as it was, also a drawing.
func (t table) sign(r *web.Request, s seat) error {
	if s.mood(r.Now()) != toSign {
		return r.Go(s.At) // pressed twice, or something happened meanwhile: the page says what
	}
	if !s.Proved && (s.Way == byLink || s.Way == inPerson) {
		return r.Go(s.prove("/signing"))
	}
	var a answer
	wrong := r.Bind(&a)
	if fault.Is(wrong, fault.Unintelligible) || fault.Is(wrong, fault.Oversize) {
		return wrong
	}
	fields := s.Envelope.fieldsFor(s.Me.ID)
	a.take(fields, r.Value)
	if wrong == nil {
		wrong = fault.InFields(a.check(s.Me, fields))
	}
	if read, err := hex.DecodeString(a.Document); wrong == nil && (err != nil || !bytes.Equal(read, s.Envelope.FileHash)) {
		wrong = errOtherFile
	}
	if wrong == nil && !s.Proved {
		wrong = errProveAgain
	}
	if wrong == nil {
		wrong = t.commit(r, s, a)
	}
	if wrong == nil {
		return r.Go(s.At)
	}
	view, err := t.paper(r, s, a)
	if err != nil {
		return err
	}
	if f, ok := fault.Of(wrong); ok && f == errProveAgain {
		view.Prove = s.prove("/signing")
	}
	return r.Again("envelopes/sign", view, wrong)
}

// document is the file that is signed.
func (t table) document(r *web.Request, s seat) error {
	if !s.reads() {
		return fault.NotFound()
	}
	return t.serve(r, s.Envelope.FileID, files.Show(files.PDF, pdfName(s.Envelope.Title, ".pdf")))
}

// copy is the sealed file.
func (t table) copy(r *web.Request, s seat) error {
	if !s.reads() || s.Envelope.SealedID == uuid.Nil || s.Me.ForwardedID != uuid.Nil {
		return fault.NotFound()
	}
	return t.serve(r, s.Envelope.SealedID, files.Download(files.PDF, pdfName(s.Envelope.Title, ", signed.pdf")))
}

// reads reports whether whoever sits here may read the document: a guest has opened it by pressing a button, and typed a
// code where one is asked for; who passed it on reads it no more.
func (s seat) reads() bool {
	if s.Way == byPortal || s.Way == byOffice {
		return true
	}
	opened := !s.Me.OpenedAt.IsZero() || s.Envelope.SealedID != uuid.Nil
	return s.Proved && opened && s.Me.ForwardedID == uuid.Nil
}

func (t table) serve(r *web.Request, file uuid.UUID, headers map[string]string) error {
	object, err := t.Files.Store.Open(r.Lasting(), files.Key(r.Firm().ID, file, ""))
	if err != nil {
		return err
	}
	return r.Range(object, object.Size, headers)
}
