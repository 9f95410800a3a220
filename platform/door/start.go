package door

import (
	"portico/platform/auth"
	"portico/platform/web"
)

// start sends everybody to where they belong.
func (d *Door) start(r *web.Request) error {
	if v := r.Viewer(); v.SignedIn() {
		return r.Go(home(v))
	}
	return r.Go("/sign-in")
}

func (d *Door) toPortal(r *web.Request) error { return r.Go("/portal/all") }

// signOut ends this browser's session; it is no error to have none.
func (d *Door) signOut(r *web.Request) error {
	if v := r.Viewer(); v.SignedIn() {
		if err := auth.End(r.Context(), r.Tx(), v.FirmID(), v.Session.Hash); err != nil {
			return err
		}
	}
	r.DropSession()
	r.Toast("You are signed out.")
	return r.Go("/sign-in")
}

// closed is for those who are signed in while their portal is off.
func (d *Door) closed(r *web.Request) error {
	v := r.Viewer()
	if v.Side != auth.Portal || v.Levels().Portal().On {
		return r.Go(home(v))
	}
	actions := []action{{Title: "Try again", Href: "/portal/all"}}
	if v.Places > 1 {
		actions = append(actions, action{Title: "Other places", Href: "/switch"})
	}
	actions = append(actions, action{Title: "Sign out", Href: "/sign-out", Post: true})
	return d.state(r, 200, state{Icon: "cloud-off", Kind: "due", Title: "The portal is closed for now",
		Lines: []string{
			v.Firm.Name + " has switched it off for " + v.ClientName + ". Nothing is lost: when it is on again, all of it is here.",
			whomToAsk(v.Firm),
		}, Actions: actions})
}
