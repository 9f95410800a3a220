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
	Word  Word // whether anybody vouches for its author
}

// Receiver keeps a mail for good before it returns: after that the sender's server forgets it. The same mail may come twice.
type Receiver func(ctx context.Context, a Arrived) error

// Desk is where answers arrive, whichever way they come.
type Desk struct {
	Address Address // the zero Address: none are taken
	Secret  string  // what a webhook shows; "": there is no webhook
	DNS     Texts   // where the keys of signatures are; nil: none are looked at
	Relay   string  // the name in the Authentication-Results of the mail server before us; "": there is none
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

// take hands one mail to each of its places, until one of them cannot keep it.
func (d *Desk) take(ctx context.Context, places []uuid.UUID, from string, raw []byte) error {
	if d.receive == nil {
		return ErrUnknown
	}
	found := d.prove(ctx, raw)
	for _, place := range places {
		if err := d.receive(ctx, Arrived{Place: place, From: from, Raw: raw, Word: found.of(place)}); err != nil {
			return err
		}
	}
	return nil
}
