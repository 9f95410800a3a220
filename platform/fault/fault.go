// Package fault holds the errors that are worded for people: what went wrong and how to mend it.
// Everything else is an internal error: it is logged once, at the edge, and shown as a plain apology.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of trouble it is; the web turns it into a status.
type Kind int

const (
	Internal       Kind = iota // ours: 500
	Missing                    // not there, or not for you: 404
	Bad                        // what was typed: 422
	Clash                      // somebody was quicker, or it is done already: 409
	SignInNeeded               // no session: sign in and come back
	Denied                     // a write that a known person may not do: 403
	Flood                      // too many tries: 429
	Oversize                   // too many bytes or pixels: 413
	Unsupported                // a kind of content that is not taken: 415
	Busy                       // a store is away: 503
	StepUpNeeded               // signed in, but a fresh factor is asked for
	Misdirected                // a host that is not served: 421
	Unintelligible             // not a request of ours: 400
)

// Fields are the words beside each field of a form, by the field's name.
type Fields map[string]string

// Error is a fault that people read.
type Error struct {
	Kind    Kind
	Message string
	Fields  Fields
	Retry   time.Duration // when to try again; 0: unknown

	made map[string]made // how words with arguments were made, by field; "" is the message
}

type made struct {
	words string
	args  []any
}

// In gives the words in another language: say is lang.Reader's.
func (e *Error) In(say func(words string, args ...any) string) (message string, fields Fields) {
	of := func(field, words string) string {
		if words == "" {
			return ""
		}
		if m, ok := e.made[field]; ok {
			return say(m.words, m.args...)
		}
		return say(words)
	}
	fields = make(Fields, len(e.Fields))
	for field, words := range e.Fields {
		fields[field] = of(field, words)
	}
	return of("", e.Message), fields
}

// Fieldf is Field with words that have a %s for each argument, which is text that a person reads as it is.
func Fieldf(name, words string, args ...any) error {
	return &Error{
		Kind: Bad, Message: lookAtFields, Fields: Fields{name: fmt.Sprintf(words, args...)}, made: map[string]made{name: {words, args}},
	}
}

// Invalidf is Invalid with arguments.
func Invalidf(words string, args ...any) error { return sayf(Bad, words, args) }

// Conflictf is Conflict with arguments.
func Conflictf(words string, args ...any) error { return sayf(Clash, words, args) }

// Forbiddenf is Forbidden with arguments.
func Forbiddenf(words string, args ...any) error { return sayf(Denied, words, args) }

// TooLargef is TooLarge with arguments.
func TooLargef(words string, args ...any) error { return sayf(Oversize, words, args) }

func sayf(kind Kind, words string, args []any) error {
	return &Error{Kind: kind, Message: fmt.Sprintf(words, args...), made: map[string]made{"": {words, args}}}
}

const lookAtFields = "Please look at the marked fields."

func (e *Error) Error() string { return e.Message }

// NotFound is the answer to everything that does not exist for the viewer.
func NotFound() error { return &Error{Kind: Missing, Message: "There is nothing here."} }

// Invalid is a complaint about a whole form.
func Invalid(message string) error { return &Error{Kind: Bad, Message: message} }

// Field is a complaint about one field.
func Field(name, message string) error { return InFields(Fields{name: message}) }

// InFields is a complaint about some fields; nil when there is none.
func InFields(fields Fields) error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Kind: Bad, Message: lookAtFields, Fields: fields}
}

// Conflict says that the world has moved on since the page was drawn.
func Conflict(message string) error { return &Error{Kind: Clash, Message: message} }

// Forbidden refuses a write by a person who may see the thing. Reads answer NotFound instead.
func Forbidden(message string) error { return &Error{Kind: Denied, Message: message} }

// TooMany asks to wait.
func TooMany(message string, retry time.Duration) error {
	return &Error{Kind: Flood, Message: message, Retry: retry}
}

// TooLarge refuses bytes or pixels.
func TooLarge(message string) error { return &Error{Kind: Oversize, Message: message} }

// WrongType refuses a kind of content.
func WrongType(message string) error { return &Error{Kind: Unsupported, Message: message} }

// Unavailable says that a store is away and when to come back.
func Unavailable(retry time.Duration) error {
	return &Error{Kind: Busy, Message: "We cannot reach our records right now. Please try again in a moment.", Retry: retry}
}

// SignIn asks for a session.
func SignIn() error { return &Error{Kind: SignInNeeded, Message: "Please sign in."} }

// StepUp asks a signed-in person to confirm who they are.
func StepUp() error { return &Error{Kind: StepUpNeeded, Message: "Please confirm that it is you."} }

// UnknownHost refuses an address that belongs to no firm.
func UnknownHost() error {
	return &Error{Kind: Misdirected, Message: "No portal lives at this address."}
}

// BadRequest refuses what no page of ours sends.
func BadRequest(message string) error { return &Error{Kind: Unintelligible, Message: message} }

// Of gives the fault inside err; ok is false for an internal error.
func Of(err error) (f *Error, ok bool) {
	ok = errors.As(err, &f)
	return f, ok
}

// Is reports whether err is a fault of that kind.
func Is(err error, kind Kind) bool {
	f, ok := Of(err)
	return ok && f.Kind == kind
}

// IgnoreNotFound is nil for a thing that is gone: a job about it has no work left.
func IgnoreNotFound(err error) error {
	if Is(err, Missing) {
		return nil
	}
	return err
}
