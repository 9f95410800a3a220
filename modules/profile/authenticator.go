package profile

import (
	"encoding/base64"

	"portico/platform/auth/factor"
	"portico/platform/fault"
	"portico/platform/web"
)

type authenticatorView struct {
	*web.Here
	Factors         factor.Set
	QR, Secret      string
	Account         string
	RecoveryCodes   []string // shown once
	MayMakeRecovery bool
}

func (p pages) authenticator(r *web.Request) error {
	view, err := p.authenticatorView(r)
	if err != nil {
		return err
	}
	return r.Show("profile/authenticator", view)
}

func (p pages) authenticatorView(r *web.Request) (authenticatorView, error) {
	r.Title("Authenticator app")
	v := r.Viewer()
	if err := v.Confirmed(r.Now()); err != nil {
		return authenticatorView{}, err
	}
	set, err := factor.Of(r.Context(), r.Tx(), v)
	if err != nil {
		return authenticatorView{}, err
	}
	view := authenticatorView{Here: r.Here(), Factors: set, Account: v.Email, MayMakeRecovery: set.Second()}
	if set.TOTPAt.IsZero() {
		offer, err := factor.OfferTOTP(r.Context(), r.Tx(), p.Key, v)
		if err != nil {
			return view, err
		}
		view.QR, view.Secret = base64.StdEncoding.EncodeToString(offer.QR), offer.Secret
	}
	return view, nil
}

// addAuthenticator switches the offered app on. A wrong code counts, hence it is no error: an error would undo the count.
func (p pages) addAuthenticator(r *web.Request) error {
	view, err := p.authenticatorView(r)
	if err != nil {
		return err
	}
	if !view.Factors.TOTPAt.IsZero() {
		return fault.Conflict("An app is set up already. Remove it first.")
	}
	v := r.Viewer()
	codes, outcome, err := factor.ConfirmTOTP(r.Context(), r.Tx(), p.Key, v, r.Value("code"), r.Now())
	if err != nil {
		return err
	}
	switch outcome {
	case factor.TooMany:
		return p.refused(r, view, "Too many wrong codes. Please wait a quarter of an hour.")
	case factor.Wrong:
		return p.refused(r, view, "This code does not fit. Please wait for the next one, and check the clock of your phone.")
	}
	if err := p.changed(r.Context(), r.Tx(), v, "profile.authenticator", "set up an authenticator app", "authenticator"); err != nil {
		return err
	}
	r.Title("Keep these codes")
	view.RecoveryCodes = codes
	return r.Show("profile/authenticator", view)
}

func (pages) refused(r *web.Request, view authenticatorView, words string) error {
	r.Problem(fault.Field("code", words))
	if err := r.Show("profile/authenticator", view); err != nil {
		return err
	}
	r.Status(422)
	return nil
}

func (p pages) removeAuthenticator(r *web.Request) error {
	v := r.Viewer()
	if err := v.Confirmed(r.Now()); err != nil {
		return err
	}
	if err := factor.RemoveTOTP(r.Context(), r.Tx(), v); err != nil {
		return err
	}
	if err := p.changed(r.Context(), r.Tx(), v, "profile.authenticator", "removed the authenticator app", "authenticator_off"); err != nil {
		return err
	}
	r.Toast("The authenticator app is removed.")
	return r.Go(r.Path("profile"))
}

// newRecoveryCodes replaces the old ones; they are shown once, in the answer itself.
func (p pages) newRecoveryCodes(r *web.Request) error {
	view, err := p.authenticatorView(r)
	if err != nil {
		return err
	}
	if !view.MayMakeRecovery {
		return fault.Conflict("Recovery codes come with a second factor. Set one up first.")
	}
	codes, err := factor.NewRecoveryCodes(r.Context(), r.Tx(), p.Key, r.Viewer())
	if err != nil {
		return err
	}
	if err := p.changed(r.Context(), r.Tx(), r.Viewer(), "profile.recovery", "made new recovery codes", "recovery"); err != nil {
		return err
	}
	r.Title("Keep these codes")
	view.RecoveryCodes = codes
	return r.Show("profile/authenticator", view)
}
