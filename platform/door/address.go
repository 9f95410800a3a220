package door

import (
	"portico/platform/auth/link"
	"portico/platform/web"
)

// confirmAddress is the page behind either mail of a change of address. Pressing its button signs nobody in.
func (d *Door) confirmAddress(r *web.Request, l link.Landing, token string) error {
	return d.state(r, 200, state{Icon: "shield-check", Title: "Change your address?",
		Lines: []string{
			l.Name + ", from now on mails and sign-in links of " + r.Firm().Name + " would go to " + masked(l.NewEmail) + ".",
			"If you did not ask for this, close this page: nothing changes without you.",
		},
		Actions: []action{{Title: "Yes, change it", Href: "/sign-in/link", Post: true, Fields: map[string]string{"token": token}}},
	})
}

// addressState says how far a change of address has come.
func (d *Door) addressState(r *web.Request, l link.Landing) error {
	on := d.orGoOn(r)
	if len(on) == 0 {
		on = []action{{Title: "Sign in", Href: "/sign-in"}}
	}
	switch {
	case l.EmailChanged:
		return d.state(r, 200, state{Icon: "shield-check", Kind: "ok", Title: "Your address is changed",
			Lines: []string{"From now on use " + masked(l.NewEmail) + " to sign in."}, Actions: on})
	case l.State == link.Live, l.State == link.Used:
		return d.state(r, 200, state{Icon: "clock", Kind: "ok", Title: "One half is done",
			Lines: []string{"Both your old and your new address have to agree. Please press the button in the other mail, too; if you have done so, all is done."}, Actions: on})
	}
	return d.state(r, 410, state{Icon: "clock", Kind: "due", Title: "This link is too old",
		Lines: []string{"The address was not changed by it. You can ask for the change again in your profile."}, Actions: on})
}
