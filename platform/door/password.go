package door

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/auth/factor"
	"portico/platform/fault"
	"portico/platform/web"
)

var (
	passwordsPerAddress = web.Limit{Name: "password-of", Tries: 10, Per: 15 * time.Minute}
	passwordsPerVisitor = web.Limit{Name: "password-by", Tries: 30, Per: 15 * time.Minute}
)

// password signs in with a password. Hashing waits for its turn without a database connection in its hands.
func (d *Door) password(r *web.Request) error {
	email, typed, to := r.Value("email"), r.RawValue("password"), next(r)
	if r.Firm().Suspended {
		return d.portalOff(r)
	}
	if retry, ok := d.mayTryPassword(r, email); !ok {
		return d.tooMany(r, "Too many passwords were tried", "We wait a little, so that nobody can guess on. A mailed link works at once.", retry,
			action{Title: "Email me a link instead", Href: with("/sign-in", to)})
	}
	if err := r.EndTransaction(); err != nil {
		return err
	}
	person, ok, err := factor.PasswordSignIn(r.Context(), d.Pool, r.Firm().ID, email, typed)
	if err != nil {
		return err
	}
	if !ok {
		view := d.signInForm(r, to)
		view.Email, view.ShowPassword = email, true
		return refused(r, "auth/sign_in", view, fault.Field("password", "Email and password do not fit together. Most clients have no password: let us mail you a link."))
	}
	return d.enterAs(r, person, 1, to)
}

func (d *Door) mayTryPassword(r *web.Request, email string) (retry time.Duration, ok bool) {
	if retry, ok = r.Allowed(r.IP(), passwordsPerVisitor); !ok {
		return retry, false
	}
	if clean, valid := auth.CleanEmail(email); valid {
		email = clean
	}
	return r.Allowed(email, passwordsPerAddress)
}

// enterAs signs a person in, in a transaction of its own.
func (d *Door) enterAs(r *web.Request, person uuid.UUID, factors int, to string) error {
	var path string
	var as *auth.Identity
	err := r.Deliver(func(ctx context.Context, tx bun.Tx) error {
		identities, err := auth.Identities(ctx, tx, r.Firm().ID, person)
		if err != nil {
			return err
		}
		if as = choose(identities, to); as == nil || !as.Open() {
			return nil
		}
		path, err = d.enter(ctx, tx, r, auth.NewSession{Person: person, Contact: as.ContactID, Factors: factors}, to)
		return err
	})
	switch {
	case denied(err):
		return d.turnedAway(r, err)
	case err == nil && as == nil:
		return d.accessOff(r)
	case err != nil:
		return err
	case !as.Open():
		return d.portalOff(r)
	}
	return r.Go(path)
}
