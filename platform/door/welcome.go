package door

import (
	"context"

	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/auth/factor"
	"portico/platform/fault"
	"portico/platform/post"
	"portico/platform/web"
)

type welcomeView struct {
	*web.Here
	Action, Person, Firm, Client, Email        string
	Next                                       string
	Office, Passwords, PasskeyDone             bool
	Mails                                      post.Choice
	PasskeyOptions, PasskeyFinish, Skip, Offer string
}

// welcome is shown once: what makes the next visit easier. All of it can be left out. An owner without a second factor
// is asked for one first.
func (d *Door) welcome(r *web.Request) error {
	v := r.Viewer()
	if v.Session.Welcomed {
		return r.Go(wished(v, next(r)))
	}
	set, err := factor.Of(r.Context(), r.Tx(), v)
	if err != nil {
		return err
	}
	if r.Query("later") == "" && auth.OffersFactor(v.Role, v.Session.Welcomed, set.Second()) && v.Side == auth.Office {
		view, err := d.enrolForm(r, next(r))
		if err != nil {
			return err
		}
		view.Forced, view.Action, view.Later = false, "/welcome/app", later(next(r))
		return r.Show("auth/enroll_totp", view)
	}
	return r.Show("auth/welcome", d.welcomeForm(r, next(r), set))
}

// later leaves the offer of a second factor for another day.
func later(to string) string {
	path := with("/welcome", to)
	if path == "/welcome" {
		return "/welcome?later=1"
	}
	return path + "&later=1"
}

func (d *Door) welcomeForm(r *web.Request, to string, set factor.Set) *welcomeView {
	private(r)
	r.Title("Welcome")
	v := r.Viewer()
	view := &welcomeView{
		Here: r.Here(), Action: "/welcome", Person: called(v.Name), Firm: v.Firm.Name, Client: v.ClientName, Email: v.Email,
		Next: to, Office: v.Side == auth.Office, Passwords: !set.Password, PasskeyDone: set.Passkeys > 0,
	}
	if view.Mails = post.Choice(r.Value("mails")); r.Method() != "POST" || !view.Mails.Valid() {
		view.Mails = post.Everything
	}
	if d.passkeys(r) != nil {
		view.PasskeyOptions, view.PasskeyFinish = "/welcome/passkey/options", "/welcome/passkey"
	}
	return view
}

// welcomed keeps the choices and goes on. A password is hashed without a database connection in hand.
func (d *Door) welcomed(r *web.Request) error {
	v, to, typed := r.Viewer(), next(r), r.RawValue("password")
	if v.Session.Welcomed {
		return r.Go(wished(v, to))
	}
	if typed == "" {
		if err := welcomeWith(r.Context(), r.Tx(), v, post.Choice(r.Value("mails"))); err != nil {
			return err
		}
		return r.Go(wished(v, to))
	}
	set, err := factor.Of(r.Context(), r.Tx(), v)
	if err != nil {
		return err
	}
	if set.Password { // to change one, one has to show the old one: in the profile
		return fault.Conflict("You have a password already. You can change it in your profile.")
	}
	if err := factor.CheckPassword(typed, v.Name, v.Email, v.Firm.Name); err != nil {
		return r.Again("auth/welcome", d.welcomeForm(r, to, set), err)
	}
	mails := post.Choice(r.Value("mails"))
	if err := r.EndTransaction(); err != nil {
		return err
	}
	hash, err := factor.HashPassword(r.Context(), typed)
	if err != nil {
		return err
	}
	err = r.Deliver(func(ctx context.Context, tx bun.Tx) error {
		if err := factor.SetPassword(ctx, tx, v, hash); err != nil {
			return err
		}
		return welcomeWith(ctx, tx, v, mails)
	})
	if err != nil {
		return err
	}
	return r.Go(wished(v, to))
}

// welcomeWith ends the first visit; the mails that were chosen are kept, and nothing else of the person is touched.
func welcomeWith(ctx context.Context, tx bun.IDB, v auth.Viewer, mails post.Choice) error {
	if v.Side == auth.Portal && mails.Valid() {
		if err := post.SetChoice(ctx, tx, v.FirmID(), v.PersonID, mails); err != nil {
			return err
		}
	}
	return auth.Welcome(ctx, tx, v)
}

// welcomeApp sets up the offered authenticator app of an owner.
func (d *Door) welcomeApp(r *web.Request) error {
	v, to := r.Viewer(), next(r)
	if v.Side != auth.Office || v.Role == access.NoRole || v.Session.Welcomed {
		return r.Go(wished(v, to))
	}
	set, err := factor.Of(r.Context(), r.Tx(), v)
	if err != nil {
		return err
	}
	if set.Second() {
		return r.Go(later(to))
	}
	codes, outcome, err := factor.ConfirmTOTP(r.Context(), r.Tx(), d.Key, v, r.Value("code"), d.Now())
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
	view.Forced, view.Action, view.Later = false, "/welcome/app", later(to)
	if outcome == factor.Wrong {
		return refused(r, "auth/enroll_totp", view, wrongFactor("code"))
	}
	view.RecoveryCodes, view.Done = codes, later(to)
	r.Title("Keep these codes")
	return r.Show("auth/enroll_totp", view)
}

// mayAddPasskey is for the first visit, and for those whose firm demands a second factor that they have not got. Later
// passkeys are added in the profile, behind a fresh factor.
func mayAddPasskey(v auth.Viewer, set factor.Set) bool {
	if v.Session.HasFactor && v.Session.Factors < 2 { // staff as a contact: a new one would pass by the one there is
		return false
	}
	return v.Session.Duty == auth.EnrolFactor || v.Session.Duty == auth.NoDuty && !v.Session.Welcomed && set.Passkeys == 0
}

func (d *Door) passkeyAddOptions(r *web.Request) error {
	p, set, err := d.adding(r)
	if err != nil {
		return err
	}
	if !mayAddPasskey(r.Viewer(), set) {
		return fault.NotFound()
	}
	options, token, err := p.BeginAdd(r.Context(), r.Tx(), r.Viewer())
	return d.pose(r, options, token, err)
}

func (d *Door) adding(r *web.Request) (*factor.Passkeys, factor.Set, error) {
	p := d.passkeys(r)
	if p == nil {
		return nil, factor.Set{}, fault.NotFound()
	}
	set, err := factor.Of(r.Context(), r.Tx(), r.Viewer())
	return p, set, err
}

// passkeyAdd keeps a passkey made at the first visit; where a second factor was demanded, it is one.
func (d *Door) passkeyAdd(r *web.Request) error {
	p, set, err := d.adding(r)
	if err != nil {
		return err
	}
	v, to := r.Viewer(), next(r)
	if !mayAddPasskey(v, set) {
		return fault.NotFound()
	}
	_, err = p.FinishAdd(r.Context(), r.Tx(), v, r.Cookie(questionCookie), auth.DeviceName(r.Agent()), []byte(r.RawValue("credential")))
	r.SetCookie(questionCookie, "", 0)
	if err != nil {
		if v.Session.Duty != auth.EnrolFactor {
			return r.Again("auth/welcome", d.welcomeForm(r, to, set), err)
		}
		return err
	}
	if v.Session.Duty == auth.EnrolFactor {
		if err := auth.Elevate(r.Context(), r.Tx(), v); err != nil {
			return err
		}
		v.Session.Duty = auth.NoDuty
		return r.Go(onward(v, to))
	}
	return r.Go(later(to))
}
