// Package post sends letters from within jobs, in a firm's name, and keeps a record of each.
package post

import (
	"context"
	"errors"
	"log/slog"
	netmail "net/mail"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/brand"
	"portico/platform/mail"
)

// Box is where letters are dropped.
type Box struct {
	Transport mail.Transport
	Composer  *mail.Composer
	From      string // the installation's own address: mail in a staff member's name fails DMARC
	Logo      func(ctx context.Context, firm auth.Firm) (mail.Inline, bool)
	Log       *slog.Logger
	Count     func(kind, outcome string)
	Notes     *bun.DB                     // a small pool of its own for the notes of mails that go out once: a job that waits for it holds a connection already
	Return    func(mail uuid.UUID) string // where reports about a mail go; nil: to From
}

// Envelope says whom a letter is for.
type Envelope struct {
	ID        uuid.UUID // the outbox row that promised it: sent twice, it carries the same Message-ID
	Kind      string    // "door:link"
	PersonID  uuid.UUID
	ContactID uuid.UUID // Nil: not as a contact
	To        netmail.Address
	ReplyTo   netmail.Address // a member of staff; zero: the firm's own address
	Private   bool            // the address is nobody's whom the firm knows: it is not kept
	// Once is for a mail that must never come twice, not even after a crash: better we say that we cannot tell. Without it
	// a mail whose worker died is sent again under the same Message-ID.
	Once bool
}

// Send mails a letter and records it in the transaction of its job. An address that does not exist is recorded on the
// contact and is no error: trying again would not help. Every other trouble is, and the job comes back.
func (b *Box) Send(ctx context.Context, tx bun.Tx, firm auth.Firm, e Envelope, letter mail.Letter) error {
	if e.Once {
		if settled, err := b.settled(ctx, tx, firm.ID, e); err != nil || settled {
			return err
		}
	}
	message, err := b.Compose(ctx, firm, letter)
	if err != nil {
		return err
	}
	if b.Return != nil {
		message.ReturnPath = b.Return(e.ID)
	}
	message.ID, message.Kind, message.Firm = e.ID, e.Kind, firm.ID
	message.From = netmail.Address{Name: firm.Name, Address: b.From}
	message.To, message.ReplyTo = e.To, e.ReplyTo
	if message.ReplyTo.Address == "" && firm.Email != "" {
		message.ReplyTo = netmail.Address{Name: firm.Name, Address: firm.Email}
	}
	note := &handing{pool: b.Notes, firm: firm.ID, row: e.row(firm.ID, message.Subject, "handing", "")}
	if e.Once {
		message.Handing = note.begin
	}
	err = b.Transport.Send(ctx, message)
	var bounced *mail.Bounced
	if errors.As(err, &bounced) {
		b.count(e.Kind, "bounced")
		return bounce(ctx, tx, firm.ID, e, message.Subject, bounced)
	}
	if e.Once && mail.IsPerhaps(err) {
		b.count(e.Kind, "unsure")
		return record(ctx, tx, e.row(firm.ID, message.Subject, "unsure", Unsure))
	}
	if err != nil {
		b.count(e.Kind, "failed")
		return errors.Join(err, note.takeBack(ctx, err))
	}
	b.count(e.Kind, "sent")
	return record(ctx, tx, e.row(firm.ID, message.Subject, "sent", ""))
}

// Drop notes that a letter was not sent, because the person does not want it.
func (b *Box) Drop(ctx context.Context, tx bun.Tx, firm auth.Firm, e Envelope, letter mail.Letter) error {
	b.count(e.Kind, "dropped")
	return record(ctx, tx, e.row(firm.ID, letter.Subject, "dropped", "the person does not want these mails"))
}

// settled reports whether an earlier copy of the job has handed the mail over: then it does not go out again. What is
// known of it stands; when its worker died before the answer was written down, it is unsure.
func (b *Box) settled(ctx context.Context, tx bun.Tx, firm uuid.UUID, e Envelope) (bool, error) {
	state, known, err := stateOf(ctx, tx, firm, e.ID)
	if err != nil || !known {
		return false, err
	}
	if state != "handing" {
		return true, nil
	}
	b.count(e.Kind, "unsure")
	return true, record(ctx, tx, e.row(firm, "", "unsure", Unsure))
}

// Compose draws a letter in the firm's looks, without sending it.
func (b *Box) Compose(ctx context.Context, firm auth.Firm, letter mail.Letter) (mail.Message, error) {
	letter.Firm = b.brand(ctx, firm)
	return b.Composer.Compose(letter)
}

func (e Envelope) row(firm uuid.UUID, subject, state, detail string) sent {
	to := e.To.Address
	if e.Private {
		to, detail = "", strings.ReplaceAll(detail, to, "the address")
	}
	return sent{
		FirmID: firm, ID: e.ID, Kind: e.Kind, PersonID: e.PersonID, ContactID: e.ContactID,
		SentTo: to, Subject: subject, State: state, Detail: detail,
	}
}

func (b *Box) count(kind, outcome string) {
	if b.Count != nil {
		b.Count(kind, outcome)
	}
}

func (b *Box) brand(ctx context.Context, firm auth.Firm) mail.Brand {
	colors := brand.Of(firm.BrandColor)
	m := mail.Brand{
		Name: firm.Name, Color: colors.Button, Ink: colors.Ink,
		Address: firm.Address, Phone: firm.Phone, Email: firm.Email,
	}
	if b.Logo != nil && firm.LogoID != uuid.Nil {
		if logo, ok := b.Logo(ctx, firm); ok {
			m.Logo = logo
		}
	}
	return m
}
