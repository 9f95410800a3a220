package envelopes

import (
	"encoding/base64"
	"encoding/binary"
	"net/url"
	"time"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/people"
	"portico/platform/secret"
	"portico/platform/web"
)

// A pass opens one document for one recipient on one device that a member of staff has handed over, for an hour. The device
// is signed out of the office before: whoever holds it can do nothing else on it.
const (
	passMark = "p." // no token of a mailed link has a dot
	passLife = time.Hour
	passCode = 1 // a mailed code is asked for
)

// pass makes one for the browser that is about to be handed over.
func (d desk) pass(firm, recipient, host uuid.UUID, code bool, until time.Time, visit string) string {
	body := append(append([]byte{}, recipient[:]...), host[:]...)
	body = binary.BigEndian.AppendUint64(body, uint64(until.Unix()))
	flag := byte(0)
	if code {
		flag = passCode
	}
	body = append(body, flag)
	return passMark + base64.RawURLEncoding.EncodeToString(append(body, d.passMAC(firm, body, visit)...))
}

func (d desk) passMAC(firm uuid.UUID, body []byte, visit string) []byte {
	return d.Key.MAC("envelope in person", firm[:], body, secret.Hash(visit))[:16]
}

const passBytes = 16 + 16 + 8 + 1

func (d door) sitInPerson(r *web.Request, text string) (seat, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	visit := r.Visit()
	if err != nil || len(raw) != passBytes+16 || visit == "" || !secret.Same(raw[passBytes:], d.passMAC(r.Firm().ID, raw[:passBytes], visit)) {
		return seat{}, errUnknownLink(r)
	}
	recipient, host := uuid.UUID(raw[:16]), uuid.UUID(raw[16:32])
	until, code := time.Unix(int64(binary.BigEndian.Uint64(raw[32:40])), 0), raw[40] == passCode
	system := auth.System(r.Firm().ID)
	envelope, err := envelopeOf(r.Context(), r.Tx(), system, recipient)
	if err != nil {
		return seat{}, err
	}
	back := shutAction{Title: r.Say("Back to the office"), Href: backToOffice(envelope)}
	switch v := r.Viewer(); {
	case v.SignedIn(): // staff took the device back, or somebody else did
		return seat{}, &shut{
			Code: 403, Icon: "user-x", Kind: "late", Title: r.Say("This device was handed over"),
			Lines:   []string{"What was to be signed here is signed by nobody who is signed in. Hand the device over once more to go on."},
			Actions: []shutAction{{Title: r.Say("Go on"), Href: "/office/envelopes/" + envelope.String()}},
		}
	case !r.Now().Before(until):
		return seat{}, &shut{
			Code: 410, Icon: "timer", Kind: "due", Title: r.Say("This took a while"),
			Lines:   []string{"A device is handed over for an hour. Please give it back; nothing was signed since."},
			Actions: []shutAction{back},
		}
	}
	staff, err := people.Find(r.Context(), r.Tx(), r.Firm().ID, host)
	if err != nil {
		return seat{}, err
	}
	s, err := d.seatOf(r, envelope, recipient)
	if err != nil {
		return s, err
	}
	s.Way, s.At, s.Host = inPerson, "/sign/"+url.PathEscape(passMark+text), hostess{staff.ID, staff.Name}
	s.Proved = !code && !s.Envelope.AskCode && !s.Me.AskCode || d.proved(r, s.Me)
	return s, nil
}

func backToOffice(envelope uuid.UUID) string {
	return "/sign-in?to=" + url.QueryEscape("/office/envelopes/"+envelope.String())
}

// hostRoutes are where staff hand their device over to a recipient, and where they sign for the firm.
func hostRoutes(d desk) []web.Route {
	h := hosting{d}
	routes := []web.Route{
		web.Get("/:envelope/host/:recipient", keep, h.show),
		web.Post("/:envelope/host/:recipient", keep, h.begin),
	}
	t := table{d, d.sitForFirm}
	return append(routes, t.routes("/:envelope/sign", keep, keep)...)
}

// sitForFirm is the seat of the member of staff who is named as a recipient, and of no other.
func (d desk) sitForFirm(r *web.Request) (seat, error) {
	one, err := r.ID("envelope")
	if err != nil {
		return seat{}, err
	}
	v := r.Viewer()
	e, err := byID(r.Context(), r.Tx(), v, one)
	if err != nil {
		return seat{}, err
	}
	me, ok := e.own(func(one Recipient) bool { return one.PersonID == v.PersonID && one.PersonID != uuid.Nil }, r.Now())
	if !ok || e.Status == Draft || v.Side != auth.Office {
		return seat{}, fault.NotFound()
	}
	return seat{Envelope: e, Me: me, Way: byOffice, At: r.Path("envelopes", e.ID, "sign"), Proved: v.Confirmed(r.Now()) == nil, viewer: v}, nil
}

type hosting struct{ desk }

type hostView struct {
	*web.Here
	Trail    []web.NavItem
	Envelope Envelope
	Me       Recipient
	Email    string
	Must     bool // the code is asked for in any case
	Code     bool
}

// find gives the recipient to whom the device may be handed: somebody of the client, whose turn it is.
func (h hosting) find(r *web.Request) (hostView, error) {
	one, err := r.ID("envelope")
	if err != nil {
		return hostView{}, err
	}
	recipient, err := r.ID("recipient")
	if err != nil {
		return hostView{}, err
	}
	e, err := byID(r.Context(), r.Tx(), r.Viewer(), one)
	if err != nil {
		return hostView{}, err
	}
	me, ok := e.Recipient(recipient)
	if !ok || me.PersonID != uuid.Nil || !me.Role.Acts() || e.Status == Draft {
		return hostView{}, fault.NotFound()
	}
	r.Title("Sign in person")
	return hostView{
		Here: r.Here(), Envelope: e, Me: me, Email: masked(me.Email), Must: e.AskCode || me.AskCode, Code: me.Email != "",
		Trail: []web.NavItem{{Title: r.Say("Contracts"), Href: r.Path("envelopes")}, {Title: e.Title, Href: r.Path("envelopes", e.ID)}, {Title: r.Say("Sign in person")}},
	}, nil
}

// Open reports whether it is the recipient's turn.
func (v hostView) Open() bool { return may(v.Envelope, v.Me, v.Now) }

func (h hosting) show(r *web.Request) error {
	view, err := h.find(r)
	if err != nil {
		return err
	}
	return r.Show("envelopes/host", view)
}

// begin signs the device out of the office and opens the document for the one recipient.
func (h hosting) begin(r *web.Request) error {
	view, err := h.find(r)
	if err != nil {
		return err
	}
	if !view.Open() {
		return r.Go(r.Path("envelopes", view.Envelope.ID, "host", view.Me.ID))
	}
	v, ctx, tx := r.Viewer(), r.Context(), r.Tx()
	code := view.Must || r.Value("code") != "" && view.Me.Email != ""
	if code && view.Me.Email == "" {
		return fault.Conflict("A mailed code is asked for, and there is no address to send it to. Correct the contract and add the address first.")
	}
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "envelopes.hosted", Text: "handed a device to " + view.Me.Name + " to sign “" + view.Envelope.Title + "”",
		ClientID: view.Envelope.ClientID, ProjectID: view.Envelope.ProjectID, SubjectID: view.Envelope.ID,
	})
	if err != nil {
		return err
	}
	if err := auth.End(ctx, tx, v.FirmID(), v.Session.Hash); err != nil {
		return err
	}
	r.DropSession()
	if r.Preview() != "" {
		r.DropPreview()
	}
	return r.Go("/sign/" + url.PathEscape(h.pass(v.FirmID(), view.Me.ID, v.PersonID, code, r.Now().Add(passLife), r.NameVisit())))
}
