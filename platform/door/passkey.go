package door

import (
	"portico/platform/auth"
	"portico/platform/auth/factor"
	"portico/platform/fault"
	"portico/platform/web"
)

// passkeys asks browsers at this host; nil where they know no passkeys.
func (d *Door) passkeys(r *web.Request) *factor.Passkeys {
	return factor.PasskeysFor(r.Origin(), r.Firm().Name)
}

// question is the cookie that ties a passkey's answer to its question.
const questionCookie = "passkey"

func (d *Door) pose(r *web.Request, options []byte, token string, err error) error {
	if err != nil {
		return err
	}
	r.SetCookie(questionCookie, token, factor.ChallengeLifetime)
	return r.JSON(options)
}

// passkeyOptions begins a sign-in by a passkey of this host, whoever's it is.
func (d *Door) passkeyOptions(r *web.Request) error {
	p := d.passkeys(r)
	if p == nil || r.Firm().Suspended {
		return fault.NotFound()
	}
	options, token, err := p.BeginSignIn(r.Context(), r.Tx(), r.Firm().ID)
	return d.pose(r, options, token, err)
}

// passkeySignIn takes the answer: a passkey proves two factors, because the device has verified its person.
func (d *Door) passkeySignIn(r *web.Request) error {
	p := d.passkeys(r)
	if p == nil || r.Firm().Suspended {
		return fault.NotFound()
	}
	to := next(r)
	person, err := p.FinishSignIn(r.Context(), r.Tx(), r.Firm().ID, r.Cookie(questionCookie), []byte(r.Value("credential")))
	r.SetCookie(questionCookie, "", 0)
	if err != nil {
		return r.Again("auth/sign_in", d.signInForm(r, to), err)
	}
	identities, err := auth.Identities(r.Context(), r.Tx(), r.Firm().ID, person)
	if err != nil {
		return err
	}
	as := choose(identities, to)
	if as == nil {
		return d.accessOff(r)
	}
	if !as.Open() {
		return d.portalOff(r)
	}
	path, err := d.enter(r.Context(), r.Tx(), r, auth.NewSession{Person: person, Contact: as.ContactID, Factors: 2}, to)
	if denied(err) {
		return d.turnedAway(r, err)
	}
	if err != nil {
		return err
	}
	return r.Go(path)
}
