package sso

import "errors"

// Trouble is why a sign-in by a provider came to nothing. Each has a page of its own.
type Trouble string

const (
	Away       Trouble = "away"       // the provider does not answer
	Cancelled  Trouble = "cancelled"  // the person, or the provider on their behalf, has said no
	Stale      Trouble = "stale"      // too old, used before, or asked for by another browser
	Clock      Trouble = "clock"      // the provider's clock and ours do not agree
	Setup      Trouble = "setup"      // the provider does not accept the client, or cannot do what is needed
	Untrusted  Trouble = "untrusted"  // the answer is not what an honest provider says
	Unverified Trouble = "unverified" // the provider does not vouch for the address
	Foreign    Trouble = "foreign"    // the address has another domain
	Nobody     Trouble = "nobody"     // nobody on the staff has the address
	Other      Trouble = "other"      // the member of staff with that address came with another account before
	Tired      Trouble = "tired"      // a fresh sign-in was asked for, and the provider gave an old one
	Weak       Trouble = "weak"       // a second factor is asked for, and the provider has not checked one
)

// Failure is a trouble with what helps the operator; nothing in it names a person.
type Failure struct {
	Trouble Trouble
	Email   string // of the account at the provider, when that is proved
	Err     error
}

func (f *Failure) Error() string {
	if f.Err == nil {
		return "single sign-on: " + string(f.Trouble)
	}
	return "single sign-on: " + string(f.Trouble) + ": " + f.Err.Error()
}

func (f *Failure) Unwrap() error { return f.Err }

func trouble(t Trouble, err error) error { return &Failure{Trouble: t, Err: err} }

// Of gives the failure inside err.
func Of(err error) (f *Failure, ok bool) {
	ok = errors.As(err, &f)
	return f, ok
}
