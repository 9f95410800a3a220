package door

import (
	"encoding/base64"

	"portico/platform/auth"
	"portico/platform/auth/factor"
	"portico/platform/fault"
	"portico/platform/web"
)

type factorView struct {
	*web.Here
	Action                        string
	Recovery, HasTOTP             bool
	RecoveryHref, TOTPHref        string
	PasskeyOptions, PasskeyFinish string
	Next, Reason                  string
}

type enrolView struct {
	*web.Here
	Action, QR, Secret, Account string
	Forced                      bool
	Later, Next                 string
	PasskeyOptions, PasskeyAdd  string
	RecoveryCodes               []string
	Done                        string
}

const secondFactor = "/sign-in/second-factor"

// secondStep is the duty between a sign-in and the office: show the second factor, or set one up where the firm asks.
func (d *Door) secondStep(r *web.Request) error {
	switch v := r.Viewer(); v.Session.Duty {
	case auth.SecondFactor:
		view, err := d.factorForm(r, next(r), r.Query("recovery") != "")
		if err != nil {
			return err
		}
		return r.Show("auth/second_factor", view)
	case auth.EnrolFactor:
		view, err := d.enrolForm(r, next(r))
		if err != nil {
			return err
		}
		return r.Show("auth/enroll_totp", view)
	default:
		return r.Go(onward(v, next(r)))
	}
}

func (d *Door) factorForm(r *web.Request, to string, recovery bool) (*factorView, error) {
	set, err := factor.Of(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return nil, err
	}
	private(r)
	r.Title("One more step")
	view := &factorView{
		Here: r.Here(), Action: secondFactor, Next: to,
		HasTOTP: !set.TOTPAt.IsZero(), Recovery: recovery && set.RecoveryLeft > 0,
	}
	base := with(secondFactor, to)
	join := "?"
	if base != secondFactor {
		join = "&"
	}
	if set.RecoveryLeft > 0 {
		view.RecoveryHref = base + join + "recovery=1"
	}
	if view.HasTOTP || set.Passkeys > 0 {
		view.TOTPHref = base
	}
	if set.Passkeys > 0 && d.passkeys(r) != nil {
		view.PasskeyOptions, view.PasskeyFinish = secondFactor+"/passkey/options", secondFactor+"/passkey"
	}
	return view, nil
}

func (d *Door) enrolForm(r *web.Request, to string) (*enrolView, error) {
	offer, err := factor.OfferTOTP(r.Context(), r.Tx(), d.Key, r.Viewer())
	if err != nil {
		return nil, err
	}
	private(r)
	r.Title("Protect your account")
	view := &enrolView{
		Here: r.Here(), Action: secondFactor, Next: to, Forced: true,
		QR: base64.StdEncoding.EncodeToString(offer.QR), Secret: offer.Secret, Account: r.Viewer().Email,
	}
	if d.passkeys(r) != nil {
		view.PasskeyOptions, view.PasskeyAdd = "/welcome/passkey/options", "/welcome/passkey"
	}
	return view, nil
}

// showFactor takes a code. Wrong ones are counted, hence no errors: an error would undo the count.
func (d *Door) showFactor(r *web.Request) error {
	v, to := r.Viewer(), next(r)
	switch v.Session.Duty {
	case auth.NoDuty:
		return r.Go(onward(v, to))
	case auth.EnrolFactor:
		return d.setUpTOTP(r, to)
	}
	field := "code"
	if r.Value("recovery") != "" {
		field = "recovery"
	}
	outcome, err := factor.CheckCode(r.Context(), r.Tx(), d.Key, v, r.Value(field), d.Now())
	if err != nil {
		return err
	}
	switch outcome {
	case factor.Right:
		v.Session.Duty = auth.NoDuty
		return r.Go(onward(v, to))
	case factor.TooMany:
		return d.tooManyCodes(r)
	}
	view, err := d.factorForm(r, to, field == "recovery")
	if err != nil {
		return err
	}
	return refused(r, "auth/second_factor", view, wrongFactor(field))
}

func wrongFactor(field string) error {
	if field == "recovery" {
		return fault.Field(field, "This is none of your unused recovery codes.")
	}
	return fault.Field(field, "This code does not fit. Please wait for the next one, and check the clock of your phone.")
}

func (d *Door) tooManyCodes(r *web.Request) error {
	return d.tooMany(r, "Too many wrong codes", "We wait a little, so that nobody can guess on.", factor.Pause,
		action{Title: "Sign out", Href: "/sign-out", Post: true})
}

// setUpTOTP switches the offered app on and shows the recovery codes, once.
func (d *Door) setUpTOTP(r *web.Request, to string) error {
	codes, outcome, err := factor.ConfirmTOTP(r.Context(), r.Tx(), d.Key, r.Viewer(), r.Value("code"), d.Now())
	if err != nil {
		return err
	}
	if outcome == factor.TooMany {
		return d.tooManyCodes(r)
	}
	view, err := d.enrolForm(r, to)
	if err != nil {
		return err
	}
	if outcome == factor.Wrong {
		return refused(r, "auth/enroll_totp", view, wrongFactor("code"))
	}
	v := r.Viewer()
	v.Session.Duty = auth.NoDuty
	view.RecoveryCodes, view.Done = codes, onward(v, to)
	r.Title("Keep these codes")
	return r.Show("auth/enroll_totp", view)
}

// factorOptions and factorPasskey are the second step by a passkey.
func (d *Door) factorOptions(r *web.Request) error {
	p := d.passkeys(r)
	if p == nil {
		return fault.NotFound()
	}
	options, token, err := p.BeginConfirm(r.Context(), r.Tx(), r.Viewer())
	return d.pose(r, options, token, err)
}

func (d *Door) factorPasskey(r *web.Request) error {
	p, v, to := d.passkeys(r), r.Viewer(), next(r)
	if p == nil {
		return fault.NotFound()
	}
	err := p.FinishConfirm(r.Context(), r.Tx(), v, r.Cookie(questionCookie), []byte(r.Value("credential")))
	if err != nil {
		view, oops := d.factorForm(r, to, false)
		if oops != nil {
			return oops
		}
		return r.Again("auth/second_factor", view, err)
	}
	r.SetCookie(questionCookie, "", 0)
	v.Session.Duty = auth.NoDuty
	return r.Go(onward(v, to))
}
