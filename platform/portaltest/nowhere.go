package portaltest

import (
	"context"
	"errors"

	"portico/platform/mail"
)

// nowhere is the mail of a house that only tells its story: nothing is sent from it.
type nowhere struct{}

func (nowhere) Send(context.Context, mail.Message) error {
	return errors.New("nothing is sent while the story is told")
}
