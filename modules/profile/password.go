package profile

import (
	"context"

	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/auth/factor"
	"portico/platform/fault"
	"portico/platform/web"
)

type passwordView struct {
	*web.Here
	Has       bool
	MayRemove bool
	Email     string
	Others    int // other devices, which a change signs out
}

// password asks who it is before it shows the form: what is typed there must not be lost to that question.
func (p pages) password(r *web.Request) error {
	view, err := p.passwordView(r)
	if err != nil {
		return err
	}
	return r.Show("profile/password", view)
}

func (p pages) passwordView(r *web.Request) (passwordView, error) {
	r.Title("Your password")
	v := r.Viewer()
	if err := v.Confirmed(r.Now()); err != nil {
		return passwordView{}, err
	}
	set, err := factor.Of(r.Context(), r.Tx(), v)
	if err != nil {
		return passwordView{}, err
	}
	devices, err := auth.Devices(r.Context(), r.Tx(), v)
	return passwordView{Here: r.Here(), Has: set.Password, MayRemove: mayRemove(v, set), Email: v.Email, Others: max(len(devices)-1, 0)}, err
}

// mayRemove: clients can always sign in by mail; staff keep a password or a passkey.
func mayRemove(v auth.Viewer, set factor.Set) bool {
	return set.Password && (v.Side == auth.Portal || set.Passkeys > 0)
}

// setPassword hashes without a database connection in hand, for hashing waits for its turn.
func (p pages) setPassword(r *web.Request) error {
	view, err := p.passwordView(r)
	if err != nil {
		return err
	}
	v, typed := r.Viewer(), r.RawValue("password")
	if err := factor.CheckPassword(typed, v.Name, v.Email, v.Firm.Name); err != nil {
		return r.Again("profile/password", view, err)
	}
	if err := r.EndTransaction(); err != nil {
		return err
	}
	hash, err := factor.HashPassword(r.Context(), typed)
	if err != nil {
		return err
	}
	did := "set a password"
	if view.Has {
		did = "changed the own password"
	}
	err = r.Deliver(func(ctx context.Context, tx bun.Tx) error {
		if err := factor.SetPassword(ctx, tx, v, hash); err != nil {
			return err
		}
		return p.changed(ctx, tx, v, "profile.password", did, "password")
	})
	if err != nil {
		return err
	}
	if view.Has {
		r.Toast("Your password is changed. All other devices are signed out.")
	} else {
		r.Toast("Your password is set.")
	}
	return r.Go(r.Path("profile"))
}

func (p pages) removePassword(r *web.Request) error {
	view, err := p.passwordView(r)
	if err != nil {
		return err
	}
	if !view.MayRemove {
		return fault.Conflict("Add a passkey first: without it you could not sign in.")
	}
	v := r.Viewer()
	if err := factor.SetPassword(r.Context(), r.Tx(), v, ""); err != nil {
		return err
	}
	if err := p.changed(r.Context(), r.Tx(), v, "profile.password", "removed the own password", "password_off"); err != nil {
		return err
	}
	r.Toast("Your password is removed. All other devices are signed out.")
	return r.Go(r.Path("profile"))
}

// changed notes that a way to sign in is another one now, and tells its person by mail: if it was somebody else, they
// learn of it.
func (p pages) changed(ctx context.Context, tx bun.IDB, v auth.Viewer, verb, text, what string) error {
	err := activity.Record(ctx, tx, v, activity.Entry{Verb: verb, Text: text, ClientID: v.ClientID, SubjectID: v.PersonID})
	if err != nil {
		return err
	}
	_, err = noticeMail.Enqueue(ctx, tx, v.FirmID(), notice{Person: v.PersonID, Contact: v.ContactID, What: what})
	return err
}
