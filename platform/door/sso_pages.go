package door

import (
	"context"
	netmail "net/mail"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/auth/sso"
	"portico/platform/job"
	"portico/platform/mail"
	"portico/platform/post"
	"portico/platform/web"
)

// turnedAway is the page for a sign-in that was proved and yet refused.
func (d *Door) turnedAway(r *web.Request, err error) error {
	if auth.NeedsMail(err) {
		return d.state(r, 403, state{Icon: "shield-check", Kind: "due", Title: "Please use a mailed link",
			Lines:   []string{"You work at " + r.Firm().Name + " and are its client, too. So that nobody but you acts as the client, only a link that we mail you opens the portal."},
			Actions: d.orGoOn(r, action{Title: "Send me a link", Href: "/sign-out", Post: true})})
	}
	if !auth.NeedsSSO(err) {
		return d.accessOff(r)
	}
	name := r.Firm().SSO
	return d.state(r, 403, state{Icon: "shield-check", Kind: "due", Title: "Please sign in with " + name,
		Lines:   []string{r.Firm().Name + " lets its staff in by " + name + " alone. Links, codes, passwords and passkeys do not open the office."},
		Actions: []action{{Title: "Sign in with " + name, Href: startSSO}}})
}

func (d *Door) noSSO(r *web.Request) error {
	return d.state(r, 404, state{Icon: "link", Kind: "due", Title: "There is no single sign-on here",
		Lines:   []string{r.Firm().Name + " has none, or has switched it off. You can sign in with a mailed link."},
		Actions: d.orGoOn(r, action{Title: "Sign in", Href: "/sign-in"})})
}

// ssoFailed is the page for each trouble: what it is, who can mend it, and the way out.
func (d *Door) ssoFailed(r *web.Request, p sso.Provider, wish sso.Wish, err error) error {
	f, ok := sso.Of(err)
	if !ok {
		return err
	}
	switch f.Trouble {
	case sso.Cancelled, sso.Nobody, sso.Foreign, sso.Unverified, sso.Weak:
	default:
		r.Log().Warn("single sign-on failed", "trouble", string(f.Trouble), "err", f.Err)
	}
	status, page := ssoState(r.Firm().Name, p.Name, f)
	again := with(startSSO, wish.To)
	if wish.Confirm && r.Viewer().SignedIn() {
		page.Actions = []action{{Title: "Confirm another way", Href: with(confirmPath, wish.To)}}
	} else {
		page.Actions = d.orGoOn(r, action{Title: "Try again with " + p.Name, Href: again}, action{Title: "Sign in another way", Href: with("/sign-in", wish.To)})
	}
	return d.state(r, status, page)
}

func ssoState(firm, name string, f *sso.Failure) (status int, page state) {
	who := "the account"
	if f.Email != "" {
		who = masked(f.Email)
	}
	owner := "An owner of " + firm + " can mend that in Setup, Single sign-on."
	switch f.Trouble {
	case sso.Away:
		return 503, state{Icon: "cloud-off", Kind: "due", Title: name + " does not answer", Lines: []string{
			"We could not reach the sign-in of " + name + ", or it is in trouble itself. You have done nothing wrong. Please try again in a minute.",
			"Owners can always sign in with a mailed link."}}
	case sso.Cancelled:
		return 403, state{Icon: "link", Kind: "due", Title: "You are not signed in", Lines: []string{
			name + " says that the sign-in was cancelled, or that you may not use it for " + firm + "."}}
	case sso.Stale:
		return 410, state{Icon: "clock", Kind: "due", Title: "This sign-in is no longer good", Lines: []string{
			"It took too long, was used already, or began in another browser. Nothing is lost: just begin again."}}
	case sso.Clock:
		return 403, state{Icon: "clock", Kind: "late", Title: "The clocks do not agree", Lines: []string{
			"What " + name + " says was made for another time than ours, so we cannot use it. Please try again.",
			"If it stays so, the clock of the server or of " + name + " is wrong: tell whoever runs this portal."}}
	case sso.Setup:
		return 403, state{Icon: "building-2", Kind: "late", Title: "Single sign-on is not set up right", Lines: []string{
			name + " does not accept how " + firm + " is registered there: the client ID, the secret, or the address to come back to.", owner}}
	case sso.Unverified:
		return 403, state{Icon: "mail-x", Kind: "late", Title: "Your address is not confirmed there", Lines: []string{
			name + " does not vouch for the email address of your account, so we cannot know that it is yours.",
			"Confirm the address at " + name + ", or ask those who look after it."}}
	case sso.Foreign:
		return 403, state{Icon: "building-2", Kind: "late", Title: "This account is not of " + firm, Lines: []string{
			"At " + name + " you are signed in as " + who + ". Only addresses of " + firm + " are let in: sign out there, and use your work account."}}
	case sso.Nobody:
		return 403, state{Icon: "lock", Kind: "late", Title: "Nobody here has this address", Lines: []string{
			"At " + name + " you are signed in as " + who + ", which belongs to nobody on the staff of " + firm + ".",
			"Use another account, or ask an owner or admin to invite you."}}
	case sso.Other:
		return 403, state{Icon: "lock", Kind: "late", Title: "This is another account", Lines: []string{
			"At " + name + " you are signed in as " + who + ", which is not the account that belongs to this person here.",
			"If you were given a new account, ask an owner or admin to forget the old one on your page in Setup, Staff."}}
	case sso.Tired:
		return 403, state{Icon: "shield-check", Kind: "due", Title: "Please confirm another way", Lines: []string{
			name + " let you through without asking again, and we need to know that it is you, now."}}
	case sso.Weak:
		return 403, state{Icon: "shield-check", Kind: "due", Title: "Please use your second factor", Lines: []string{
			"You have a second factor of your own here, and " + name + " has not checked one. Confirm with your authenticator app or passkey."}}
	}
	return 403, state{Icon: "lock", Kind: "late", Title: "We cannot trust this answer", Lines: []string{
		"What came back from " + name + " is not what it sends to an honest sign-in, so nobody was signed in.", "Please begin again. " + owner}}
}

// onlySSO reports that a person can come in by single sign-on, and in no other way.
func onlySSO(identities []auth.Identity) bool {
	for _, i := range identities {
		if !i.NeedsSSO {
			return false
		}
	}
	return len(identities) > 0
}

// sendToSSO answers the wish for a link that would open nothing. The page that took the wish has said the same as always.
func (d *Door) sendToSSO(ctx context.Context, tx bun.Tx, f auth.Firm, to link.Recipient) error {
	origin, err := d.Links.Origin(ctx, f.ID)
	if err != nil {
		return err
	}
	return d.Post.Send(ctx, tx, f, post.Envelope{
		ID: job.Current(ctx).ID, Kind: linkMail.Name(), PersonID: to.PersonID, To: netmail.Address{Name: to.Name, Address: to.Email},
	}, mail.Letter{
		Subject: "Sign in to " + f.Name, Greeting: "Hello " + called(to.Name),
		Lines:  []string{f.Name + " lets its staff in by " + f.SSO + ". Press the button, and sign in there."},
		Button: mail.Button{Label: "Sign in with " + f.SSO, URL: origin + startSSO},
		Small:  []string{"You did not ask for this? Then leave it: this mail opens nothing by itself."},
	})
}
