package door

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/auth/factor"
	"portico/platform/auth/sso"
	"portico/platform/people"
	"portico/platform/web"
)

const startSSO = "/sign-in/sso"

// startSSO sends a browser to the provider of the firm. It is a link, not a form: the content policy ends forms at our
// own site, and providers pass people on to yet other ones. Nothing is written: what must come back travels sealed.
func (d *Door) startSSO(r *web.Request) error {
	v, wish := r.Viewer(), sso.Wish{To: next(r), Confirm: r.Query("confirm") != ""}
	switch {
	case r.Firm().Suspended:
		return d.portalOff(r)
	case r.Firm().SSO == "":
		return d.noSSO(r)
	case wish.Confirm && !v.SignedIn():
		wish.Confirm = false
	case !wish.Confirm && v.Side == auth.Office && v.Session.Duty == auth.NoDuty:
		return r.Go(wished(v, wish.To))
	}
	origin, here, err := d.ownOrigin(r)
	if err != nil {
		return err
	}
	if !here { // the provider knows one address to come back to
		return r.GoTo(origin + r.Here().URL)
	}
	p, err := sso.Get(r.Context(), r.Tx(), r.Firm().ID)
	if err != nil {
		return err
	}
	at := sso.At{Firm: r.Firm().ID, Visit: r.NameVisit(), Redirect: origin + sso.Callback}
	private(r)
	if err := r.EndTransaction(); err != nil {
		return err
	}
	address, err := d.SSO.Begin(r.Context(), p, at, wish)
	if err != nil {
		return d.ssoFailed(r, p, wish, err)
	}
	return r.GoTo(address)
}

// finishSSO takes the provider's answer. It counts once, in the browser that asked, for the firm of this host.
func (d *Door) finishSSO(r *web.Request) error {
	if r.Firm().Suspended {
		return d.portalOff(r)
	}
	p, err := sso.Get(r.Context(), r.Tx(), r.Firm().ID)
	if err != nil {
		return err
	}
	if !p.Enabled {
		return d.noSSO(r)
	}
	origin, _, err := d.ownOrigin(r)
	if err != nil {
		return err
	}
	private(r)
	at := sso.At{Firm: r.Firm().ID, Visit: r.Visit(), Redirect: origin + sso.Callback}
	answer := sso.Answer{State: r.Query("state"), Code: r.Query("code"), Issuer: r.Query("iss"), Error: r.Query("error")}
	if err := r.EndTransaction(); err != nil {
		return err
	}
	wish, err := d.SSO.Read(at, answer)
	if err == nil {
		err = r.Deliver(func(ctx context.Context, tx bun.Tx) error { return sso.Spend(ctx, tx, at.Firm, answer.State) })
	}
	if err != nil {
		return d.ssoFailed(r, p, wish, err)
	}
	proof, err := d.SSO.Finish(r.Context(), p, at, answer)
	var path string
	if err == nil {
		err = r.Deliver(func(ctx context.Context, tx bun.Tx) error {
			path, err = d.arrive(ctx, tx, r, p, proof)
			return err
		})
	}
	switch _, failed := sso.Of(err); {
	case failed:
		return d.ssoFailed(r, p, wish, err)
	case denied(err):
		return d.accessOff(r)
	case err != nil:
		return err
	}
	return r.Go(path)
}

// ownOrigin is the one address of the firm at which single sign-on happens; here reports that the browser is at it.
func (d *Door) ownOrigin(r *web.Request) (origin string, here bool, err error) {
	if origin, err = d.Links.Origin(r.Context(), r.Firm().ID); err != nil {
		return "", false, err
	}
	_, host, _ := strings.Cut(origin, "://")
	return origin, strings.EqualFold(host, r.Host()), nil
}

var (
	errSomebodyElse = errors.New("the account belongs to somebody else")
	errOwnFactor    = errors.New("the person has a second factor of their own, and the provider has checked none")
)

// arrive signs in whom the provider has named, or confirms whoever is signed in.
func (d *Door) arrive(ctx context.Context, tx bun.Tx, r *web.Request, p sso.Provider, proof sso.Proof) (path string, err error) {
	guest, err := sso.Recognise(ctx, tx, r.Firm().ID, proof)
	if f, ok := sso.Of(err); ok && f.Trouble == sso.Nobody && p.Joins && !proof.Confirm {
		guest, err = d.join(ctx, tx, r.Firm().ID, proof)
	}
	if err != nil {
		return "", err
	}
	if guest.First {
		err := activity.Record(ctx, tx, auth.System(r.Firm().ID), activity.Entry{
			Verb: "staff.sso", Text: "tied an account at " + p.Name + " to " + proof.Email, SubjectID: guest.Person,
		})
		if err != nil {
			return "", err
		}
	}
	if err := sso.Prove(ctx, tx, r.Firm().ID, p); err != nil {
		return "", err
	}
	if proof.Confirm {
		return d.confirmSSO(ctx, tx, r, guest.Person, proof)
	}
	return d.enter(ctx, tx, r, auth.NewSession{Person: guest.Person, Factors: proof.Factors, SSO: true}, proof.To)
}

// join makes a member of somebody whose address has a domain of the firm, where the firm has asked for that.
func (d *Door) join(ctx context.Context, tx bun.Tx, firm uuid.UUID, proof sso.Proof) (sso.Guest, error) {
	name := proof.Name
	if name == "" {
		name = proof.Email
	}
	program := auth.System(firm)
	s, err := people.AddStaff(ctx, tx, program, people.NewStaff{Name: name, Email: proof.Email, Role: access.Member})
	if err != nil {
		return sso.Guest{}, err
	}
	err = activity.Record(ctx, tx, program, activity.Entry{
		Verb: "staff.joined", Text: "made " + s.Name + " a member: an address of the firm, by single sign-on", SubjectID: s.PersonID,
		Data: map[string]any{"after": map[string]any{"email": s.Email, "role": string(s.Role)}},
	})
	if err != nil {
		return sso.Guest{}, err
	}
	return sso.Guest{Person: s.PersonID, First: true}, sso.Remember(ctx, tx, firm, s.PersonID, proof)
}

// confirmSSO is a step-up: the same person has signed in afresh. Where the person has a second factor, the provider's word
// stands for it only if it has checked one: else the password there would do in place of the factor here.
func (d *Door) confirmSSO(ctx context.Context, tx bun.Tx, r *web.Request, person uuid.UUID, proof sso.Proof) (string, error) {
	v := r.Viewer()
	if !v.SignedIn() || v.PersonID != person {
		return "", &sso.Failure{Trouble: sso.Other, Email: proof.Email, Err: errSomebodyElse}
	}
	if v.Session.HasFactor && proof.Factors < 2 {
		return "", &sso.Failure{Trouble: sso.Weak, Email: proof.Email, Err: errOwnFactor}
	}
	confirm := auth.Confirm
	if proof.Factors > 1 {
		confirm = auth.Elevate
	}
	return wished(v, proof.To), confirm(ctx, tx, v)
}

// offerSSO lets who came in with the provider confirm there, unless a second factor is asked for that it does not check.
func (d *Door) offerSSO(r *web.Request, view *confirmView, set factor.Set, to string) error {
	if !r.Viewer().Session.SSO || r.Firm().SSO == "" {
		return nil
	}
	if set.Second() || r.Viewer().Session.HasFactor {
		p, err := sso.Get(r.Context(), r.Tx(), r.Firm().ID)
		if err != nil || !p.SecondFactor {
			return err
		}
	}
	view.SSO, view.SSOHref = r.Firm().SSO, startSSO+"?confirm=1"
	if query := with("", to); query != "" {
		view.SSOHref += "&" + query[1:]
	}
	return nil
}
