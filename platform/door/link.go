package door

import (
	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/files"
	"portico/platform/web"
)

type linkView struct {
	*web.Here
	Action, Token    string
	Person, Email    string
	Client, Firm     string
	Auto, Invitation bool
	Office           bool // it leads to the staff's side
}

// landing is the page behind a mailed link. Scanners, previews and the curious may look at it as often as they like:
// nothing is used up until a person presses its button.
func (d *Door) landing(r *web.Request) error {
	token := r.Param("token")
	l, err := link.Peek(r.Context(), r.Tx(), r.Firm().ID, token)
	if err != nil {
		return err
	}
	v := r.Viewer()
	switch {
	case r.Firm().Suspended:
		return d.portalOff(r)
	case l.Purpose == link.Email && l.State == link.Live:
		return d.confirmAddress(r, l, token)
	case l.Purpose == link.Email && l.Known():
		return d.addressState(r, l)
	case l.Known() && v.PersonID == l.PersonID && v.SignedIn() && leadsHere(l, v):
		return r.Go(wished(v, l.ReturnTo))
	case l.State != link.Live:
		return d.landed(r, l, token)
	case v.SignedIn() && v.PersonID != l.PersonID:
		return d.switchPage(r, l, token)
	}
	return d.linkPage(r, l, token)
}

// leadsHere reports that a session has already what the link would give.
func leadsHere(l link.Landing, v auth.Viewer) bool {
	as := l.Identity()
	return as == nil || l.State != link.Live || as.ContactID == v.ContactID
}

func (d *Door) linkPage(r *web.Request, l link.Landing, token string) error {
	private(r)
	view := linkView{
		Here: r.Here(), Action: "/sign-in/link", Token: token, Person: called(l.Name), Email: masked(l.SentTo),
		Firm: r.Firm().Name, Invitation: l.Purpose == link.Invite,
		Auto: l.Purpose == link.SignIn && l.SameBrowser(nonce(r)),
	}
	if as := l.Identity(); as != nil && as.Side == auth.Portal {
		view.Client = as.ClientName
	} else if as != nil {
		view.Office = true
	}
	r.Title("Sign in")
	if view.Invitation {
		r.Title("Welcome")
	}
	return r.Show("auth/link", view)
}

type switchView struct {
	*web.Here
	Action, Token, Stay string
	From, To            someone
}

type someone struct{ Name, Email, PhotoURL, Place string }

// switchPage asks before a link for one person ends the session of another.
func (d *Door) switchPage(r *web.Request, l link.Landing, token string) error {
	private(r)
	r.Title("Switch person")
	v := r.Viewer()
	view := switchView{
		Here: r.Here(), Action: "/sign-in/link", Token: token, Stay: home(v),
		From: someone{v.Name, v.Email, files.URL(v.PhotoID, "thumb"), place(auth.Identity{Side: v.Side, ClientName: v.ClientName})},
		To:   someone{Name: l.Name, Email: masked(l.SentTo)},
	}
	if as := l.Identity(); as != nil {
		view.To.Place = place(*as)
	}
	return r.Show("auth/switch", view)
}

func place(i auth.Identity) string {
	if i.Side == auth.Office {
		return "Office"
	}
	return i.ClientName
}

// useLink is the press of the button: of any number at once, one signs in.
func (d *Door) useLink(r *web.Request) error {
	if r.Firm().Suspended {
		return d.portalOff(r)
	}
	token := r.Value("token")
	l, err := link.Use(r.Context(), r.Tx(), r.Firm().ID, token)
	if err != nil {
		return err
	}
	v := r.Viewer()
	switch {
	case l.Purpose == link.Email && l.Known():
		return d.addressState(r, l)
	case l.State == link.Used && v.SignedIn() && v.PersonID == l.PersonID: // pressed twice
		return r.Go(wished(v, l.ReturnTo))
	case l.State != link.Live:
		return d.landed(r, l, token)
	}
	path, err := d.enterLanded(r.Context(), r.Tx(), r, l, "")
	if denied(err) {
		return d.turnedAway(r, err)
	}
	if err != nil {
		return err
	}
	return r.Go(path)
}

// newLink sends a fresh link to the address on file, for a link that has served its time. The link in the person's
// hands proves that the address was once theirs; who else has it learns nothing but its first letter.
func (d *Door) newLink(r *web.Request) error {
	token := r.Value("token")
	l, err := link.Peek(r.Context(), r.Tx(), r.Firm().ID, token)
	if err != nil {
		return err
	}
	switch l.State {
	case link.Live, link.Used, link.Old, link.Ended:
	default:
		return d.landed(r, l, token)
	}
	if l.Purpose == link.Email {
		return d.addressState(r, l)
	}
	return d.promiseLink(r, asking{Email: l.SentTo, To: local(l.ReturnTo), Contact: l.ContactID}, true)
}
