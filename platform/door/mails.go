package door

import (
	"context"
	"encoding/json"
	netmail "net/mail"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/mail"
	"portico/platform/post"
)

// asking is a wish for a sign-in link, as it was typed: whether there is such a person is found out by the worker.
type asking struct {
	Email   string    `json:"email"`
	To      string    `json:"to,omitempty"`
	Nonce   []byte    `json:"nonce"`
	Contact uuid.UUID `json:"contact"`
}

// sealed keeps what was typed out of the lists of background work, and of backups.
type sealed struct {
	Box []byte `json:"box"`
}

var linkMail = job.New[sealed]("door:link")

func (d *Door) promise(ctx context.Context, tx bun.IDB, firm uuid.UUID, a asking) error {
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = linkMail.Enqueue(ctx, tx, firm, sealed{d.Key.Seal("door:link", text, firm[:])})
	return err
}

// sendLink mails a sign-in link and its code, if there is somebody to send it to.
func (d *Door) sendLink(ctx context.Context, tx bun.Tx, firm uuid.UUID, s sealed) error {
	text, err := d.Key.Open("door:link", s.Box, firm[:])
	if err != nil {
		return err
	}
	var a asking
	if err := json.Unmarshal(text, &a); err != nil {
		return err
	}
	to, ok, err := link.WhoFor(ctx, tx, firm, a.Email)
	if err != nil || !ok || to.LastHour >= link.PerHour {
		return err
	}
	f, err := d.firm(ctx, tx, firm)
	if err != nil {
		return err
	}
	if f.Suspended {
		return nil
	}
	if a.Contact != uuid.Nil && !has(to.Identities, a.Contact) {
		a.Contact = uuid.Nil
	}
	if onlySSO(to.Identities) {
		return d.sendToSSO(ctx, tx, f, to)
	}
	token, code, err := link.Issue(ctx, tx, d.Key, link.New{
		Firm: firm, Purpose: link.SignIn, Outbox: job.Current(ctx).ID, Person: to.PersonID, Contact: a.Contact,
		SentTo: to.Email, NonceHash: a.Nonce, ReturnTo: local(a.To),
	})
	if err != nil {
		return err
	}
	origin, err := d.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	reader := auth.MailReader(f, to.Locale, isContact(to.Identities))
	lasts := "Link and code work once, for 15 minutes."
	if f.LinksLast {
		lasts = "The link works for 7 days, the code once within 15 minutes."
	}
	return d.Post.Send(ctx, tx, f, post.Envelope{
		ID: job.Current(ctx).ID, Kind: linkMail.Name(), PersonID: to.PersonID, ContactID: a.Contact,
		To: netmail.Address{Name: to.Name, Address: to.Email},
	}, mail.Letter{
		Reader:   reader,
		Subject:  reader.Say("Sign in to %s", f.Name),
		Greeting: reader.Say("Hello %s", called(to.Name)),
		Lines:    []string{reader.Say("Press the button, and you are in.")},
		Button:   mail.Button{Label: reader.Say("Sign in"), URL: origin + "/sign-in/link/" + token},
		Code:     code, CodeNote: reader.Say("Or type this code where you asked for it:"),
		Small: []string{reader.Say(lasts), reader.Say("You did not ask for this? Then leave it: without this mail nobody gets in.")},
	})
}

// isContact reports whether a person can come in as a contact of a client.
func isContact(identities []auth.Identity) bool {
	return slices.ContainsFunc(identities, func(i auth.Identity) bool { return i.Side == auth.Portal })
}

func has(identities []auth.Identity, contact uuid.UUID) bool {
	for _, i := range identities {
		if i.ContactID == contact {
			return true
		}
	}
	return false
}

// firm is what a mail shows of the firm.
func (d *Door) firm(ctx context.Context, tx bun.Tx, id uuid.UUID) (auth.Firm, error) {
	loaded, err := auth.Load(ctx, tx, id, nil, d.Now())
	if fault.Is(err, fault.Misdirected) { // no such firm any more
		return auth.Firm{}, fault.NotFound()
	}
	return loaded.Firm, err
}
