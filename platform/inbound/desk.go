package inbound

import (
	"context"
	"errors"
	"log/slog"

	"github.com/google/uuid"
)

// Arrived is a mail as it came, before anybody has read it.
type Arrived struct {
	Place uuid.UUID // which of our addresses it came to
	From  string    // the envelope's sender; "" for what machines send about mails
	Raw   []byte
}

// Receiver keeps a mail for good before it returns: after that the sender's server forgets it. The same mail may come twice.
type Receiver func(ctx context.Context, a Arrived) error

// Desk is where answers arrive, whichever way they come.
type Desk struct {
	Address Address // the zero Address: none are taken
	Secret  string  // what a webhook shows; "": there is no webhook
	Log     *slog.Logger

	receive Receiver
}

// Hand says who gets the answers. One section does; it is called when sections are mounted.
func (d *Desk) Hand(to Receiver) {
	if d.receive != nil {
		panic("inbound: two sections take answers by mail")
	}
	d.receive = to
}

// Largest is the most that one mail may weigh; with what encoding adds, files of 25 MB go through.
const Largest = 36 << 20

// ErrUnknown says that an address is none of ours any more.
var ErrUnknown = errors.New("no such address")

func (d *Desk) take(ctx context.Context, a Arrived) error {
	if d.receive == nil {
		return ErrUnknown
	}
	return d.receive(ctx, a)
}
