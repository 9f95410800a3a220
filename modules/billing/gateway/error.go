package gateway

import (
	"errors"
	"fmt"
)

// ErrUnknown says that the provider has no such object.
var ErrUnknown = errors.New("the provider does not know it")

// Error is a definite no: nothing was charged, and the same request will not do better.
type Error struct {
	Code string // as Failure.Code; besides "credentials", "request", "signature"
	Text string // for people; says nothing that identifies one
}

func (e *Error) Error() string { return e.Code + ": " + e.Text }

// Definite gives the provider's definite answer in an error; ok is false when nothing is known.
func Definite(err error) (said *Error, ok bool) {
	ok = errors.As(err, &said)
	return said, ok
}

// Unsure takes the certainty from a no that was given to a look: it says nothing about what was sent before.
func Unsure(err error) error {
	if said, ok := Definite(err); ok {
		return fmt.Errorf("it was sent and cannot be looked at: %v", said) //nolint:errorlint // on purpose: nobody may unwrap it
	}
	return err
}
