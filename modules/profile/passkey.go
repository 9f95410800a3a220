package profile

import (
	"portico/platform/auth"
	"portico/platform/auth/factor"
	"portico/platform/fault"
	"portico/platform/web"
)

type passkeysView struct {
	*web.Here
	Passkeys []factor.Passkey
	Add      bool // browsers know passkeys at this address
	Name     string
}

// questionCookie ties a browser's answer to its question.
const questionCookie = "passkey"

func (p pages) passkeys(r *web.Request) error {
	view, err := p.passkeysView(r)
	if err != nil {
		return err
	}
	return r.Show("profile/passkeys", view)
}

func (pages) passkeysView(r *web.Request) (passkeysView, error) {
	r.Title("Your passkeys")
	if err := r.Viewer().Confirmed(r.Now()); err != nil {
		return passkeysView{}, err
	}
	list, err := factor.ListPasskeys(r.Context(), r.Tx(), r.Viewer())
	return passkeysView{Here: r.Here(), Passkeys: list, Add: site(r) != nil, Name: auth.DeviceName(r.Agent())}, err
}

func site(r *web.Request) *factor.Passkeys { return factor.PasskeysFor(r.Origin(), r.Firm().Name) }

// passkeyOptions is asked by the script of the form, in a POST: it keeps a question.
func (pages) passkeyOptions(r *web.Request) error {
	if err := r.Viewer().Confirmed(r.Now()); err != nil {
		return err
	}
	at := site(r)
	if at == nil {
		return fault.NotFound()
	}
	options, token, err := at.BeginAdd(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	r.SetCookie(questionCookie, token, factor.ChallengeLifetime)
	return r.JSON(options)
}

func (p pages) addPasskey(r *web.Request) error {
	view, err := p.passkeysView(r)
	if err != nil {
		return err
	}
	at := site(r)
	if at == nil {
		return fault.NotFound()
	}
	name := r.Value("name")
	_, err = at.FinishAdd(r.Context(), r.Tx(), r.Viewer(), r.Cookie(questionCookie), name, []byte(r.RawValue("credential")))
	r.SetCookie(questionCookie, "", 0)
	if err != nil {
		view.Name = name
		return r.Again("profile/passkeys", view, err)
	}
	if err := p.changed(r.Context(), r.Tx(), r.Viewer(), "profile.passkey", "added a passkey", "passkey"); err != nil {
		return err
	}
	r.Toast("Your passkey is ready.")
	return r.Go(r.Path("profile", "passkeys"))
}

func (p pages) renamePasskey(r *web.Request) error {
	view, err := p.passkeysView(r)
	if err != nil {
		return err
	}
	name := r.Value("name")
	if name == "" || len([]rune(name)) > 60 {
		return r.Again("profile/passkeys", view, fault.Invalid("Give the passkey a name of at most 60 characters."))
	}
	if err := factor.RenamePasskey(r.Context(), r.Tx(), r.Viewer(), r.Param("passkey"), name); err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Go(r.Path("profile", "passkeys"))
}

func (p pages) removePasskey(r *web.Request) error {
	v := r.Viewer()
	if err := v.Confirmed(r.Now()); err != nil {
		return err
	}
	if err := factor.DeletePasskey(r.Context(), r.Tx(), v, r.Param("passkey")); err != nil {
		return err
	}
	if err := p.changed(r.Context(), r.Tx(), v, "profile.passkey", "removed a passkey", "passkey_off"); err != nil {
		return err
	}
	r.Toast("The passkey is removed.")
	return r.Go(r.Path("profile", "passkeys"))
}
