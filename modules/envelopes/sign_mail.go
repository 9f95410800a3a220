package envelopes

import (
	"context"
	netmail "net/mail"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/lang"
	"portico/platform/mail"
	"portico/platform/people"
	"portico/platform/post"
	"portico/platform/secret"
)

// told is a mail about what somebody did with an envelope.
type told struct {
	ID        uuid.UUID `json:"id"`
	What      string    `json:"what"`           // declined, passed, hosted
	Recipient uuid.UUID `json:"recipient"`      // who did it
	To        uuid.UUID `json:"to,omitzero"`    // the recipient who is told; none: the doer, or staff
	Staff     uuid.UUID `json:"staff,omitzero"` // the member of staff who is told
	Host      uuid.UUID `json:"host,omitzero"`  // on whose device it was
}

var tellMail = job.New[told]("envelopes:tell")

// toStaff is the same mail to each of those who answer for the envelope.
func (t told) toStaff(staff []teller) (list []told) {
	for _, one := range staff {
		t.Staff = one.PersonID
		list = append(list, t)
	}
	return list
}

func tell(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope, list []told) error {
	for i := range list {
		list[i].ID = e.ID
	}
	return tellMail.EnqueueEach(ctx, tx, v.FirmID(), list)
}

// codeAsked is a mail with a code for a recipient.
type codeAsked struct {
	ID        uuid.UUID `json:"id"`
	Recipient uuid.UUID `json:"recipient"`
}

var codeMail = job.New[codeAsked]("envelopes:code")

// signHandlers are the mails of the signing.
func signHandlers(d desk) []job.Handler {
	return []job.Handler{codeMail.Handle(d.sendCode), tellMail.Handle(d.sendTold)}
}

// letterTo is what every mail of the signing begins with: the firm, the envelope as it is now, and the recipient.
func (d desk) letterTo(ctx context.Context, tx bun.Tx, firm, envelope, recipient uuid.UUID) (f auth.Firm, e Envelope, r Recipient, err error) {
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil {
		return f, e, r, err
	}
	if loaded.Firm.Suspended {
		return f, e, r, fault.NotFound()
	}
	if e, err = byID(ctx, tx, auth.System(firm), envelope); err != nil {
		return f, e, r, err
	}
	r, ok := e.Recipient(recipient)
	if !ok {
		return f, e, r, fault.NotFound()
	}
	return loaded.Firm, e, r, nil
}

func (d desk) envelopeTo(ctx context.Context, to netmail.Address, person, contact uuid.UUID) post.Envelope {
	now := job.Current(ctx)
	return post.Envelope{ID: now.ID, Kind: now.Kind, PersonID: person, ContactID: contact, To: to}
}

func firstName(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}

// sendCode mails a code, unless it was used or another one was asked for meanwhile.
func (d desk) sendCode(ctx context.Context, tx bun.Tx, firm uuid.UUID, asked codeAsked) error {
	f, e, to, err := d.letterTo(ctx, tx, firm, asked.ID, asked.Recipient)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	code := d.Key.LinkCode(job.Current(ctx).ID)
	if to.Email == "" || !secret.Same(to.CodeHash, d.Key.HashCode(code)) {
		return nil
	}
	reader, err := mailReader(ctx, tx, f, to)
	if err != nil {
		return err
	}
	return d.Post.Send(ctx, tx, f, d.envelopeTo(ctx, netmail.Address{Name: to.Name, Address: to.Email}, uuid.Nil, to.ContactID), mail.Letter{
		Reader: reader, Subject: reader.Say("Your code for “%s”", e.Title), Greeting: reader.Say("Hello %s", firstName(to.Name)),
		Lines: []string{reader.Say("Somebody has opened “%s”, which waits for you. If that is you, type this code to go on.", e.Title)},
		Code:  code, CodeNote: reader.Say("It works once, for 10 minutes:"),
		Small: []string{reader.Say("It is not you? Then do nothing, give the code to nobody, and tell %s.", f.Name)},
	})
}

// sendTold mails one of those who are told.
func (d desk) sendTold(ctx context.Context, tx bun.Tx, firm uuid.UUID, about told) error {
	f, e, by, err := d.letterTo(ctx, tx, firm, about.ID, about.Recipient)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	to := by
	if about.To != uuid.Nil {
		var ok bool
		if to, ok = e.Recipient(about.To); !ok {
			return nil
		}
	}
	address, person, contact, reader := netmail.Address{Name: to.Name, Address: to.Email}, to.PersonID, to.ContactID, lang.English
	if about.Staff == uuid.Nil {
		if goes, err := mayBeMailed(ctx, tx, auth.System(firm), to); err != nil || !goes {
			return fault.IgnoreNotFound(err)
		}
		if reader, err = mailReader(ctx, tx, f, to); err != nil {
			return err
		}
	} else {
		staff, err := people.Find(ctx, tx, firm, about.Staff)
		if err != nil {
			return fault.IgnoreNotFound(err)
		}
		address, person, contact = netmail.Address{Name: staff.Name, Address: staff.Email}, staff.ID, uuid.Nil
	}
	if address.Address == "" {
		return nil
	}
	says, err := d.words(ctx, tx, f, reader, e, by, about)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	says.Reader, says.Greeting = reader, reader.Say("Hello %s", firstName(address.Name))
	if about.Staff != uuid.Nil {
		origin, err := d.Links.Origin(ctx, firm)
		if err != nil {
			return err
		}
		says.Button = mail.Button{Label: "See the " + e.Kind.Noun().String(), URL: origin + "/office/envelopes/" + e.ID.String()}
	}
	kind := signNotice
	if about.Staff != uuid.Nil {
		kind = newsNotice
	}
	_, err = d.Notices.Deliver(ctx, tx, f, noticeOf(kind, e, about.Staff != uuid.Nil), d.envelopeTo(ctx, address, person, contact), says)
	return err
}

func (d desk) words(ctx context.Context, tx bun.Tx, f auth.Firm, reader *lang.Reader, e Envelope, by Recipient, about told) (mail.Letter, error) {
	switch about.What {
	case "declined":
		return mail.Letter{
			Subject: reader.Say("%s declined “%s”", by.Name, e.Title),
			Lines: []string{
				reader.Say("%s declined “%s”, and said why:", by.Name, e.Title), by.Reason,
				reader.Say("Nobody can sign it any more. What was signed so far binds nobody."),
			},
		}, nil
	case "passed":
		to, ok := e.Recipient(by.ForwardedID)
		if !ok {
			return mail.Letter{}, fault.NotFound()
		}
		title := "“" + e.Title + "”"
		return mail.Letter{
			Subject: by.Name + " handed " + title + " over",
			Lines: []string{
				by.Name + " has handed the " + e.Kind.Noun().String() + " " + title + " over to " + to.Name + " (" + to.Email + "), who signs instead.",
				"Is this not what you want? Then make it void, and send it anew.",
			},
		}, nil
	}
	host, err := people.Find(ctx, tx, f.ID, about.Host)
	if err != nil {
		return mail.Letter{}, err
	}
	return mail.Letter{
		Subject: reader.Say("You signed “%s” in person", e.Title),
		Lines: []string{
			reader.Say("You have just signed “%s” on the device of %s of %s.", e.Title, host.Name, f.Name),
			reader.Say("Was that not you? Then tell %s at once.", f.Name),
		},
	}, nil
}
