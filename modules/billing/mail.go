package billing

import (
	"context"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/mail"
	"portico/platform/module"
	"portico/platform/post"
	"portico/platform/web"
)

// announced names a released invoice that its contacts are to be told of.
type announced struct{ ID uuid.UUID }

// letter is one mail of it to one contact.
type letter struct{ ID, Contact uuid.UUID }

var (
	announce   = job.New[announced]("billing:announce")
	mailLetter = job.New[letter]("billing:mail")
)

type mailer struct{ module.Platform }

func (m mailer) handlers() []job.Handler {
	return []job.Handler{announce.Handle(m.announce), mailLetter.Handle(m.send).Within(time.Minute)}
}

// announce promises one mail to each contact who may see the invoice: once, however often it runs.
func (m mailer) announce(ctx context.Context, tx bun.Tx, firm uuid.UUID, a announced) error {
	if fresh, err := noteMailed(ctx, tx, firm, a.ID); err != nil || !fresh {
		return err
	}
	list, err := readers(ctx, tx, firm, a.ID, uuid.Nil)
	if err != nil {
		return err
	}
	var letters []letter
	for _, to := range list {
		if to.reads() {
			letters = append(letters, letter{a.ID, to.ContactID})
		}
	}
	return mailLetter.EnqueueEach(ctx, tx, firm, letters)
}

// send mails one contact, who may have lost the right meanwhile; and the invoice may be void.
func (m mailer) send(ctx context.Context, tx bun.Tx, firm uuid.UUID, l letter) error {
	list, err := readers(ctx, tx, firm, l.ID, l.Contact)
	if err != nil || len(list) == 0 || !list[0].reads() {
		return err
	}
	to := list[0]
	loaded, err := auth.Load(ctx, tx, firm, nil, m.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	i, err := invoiceByID(ctx, tx, auth.System(firm), l.ID)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	if !i.Owed() {
		return nil
	}
	origin, err := m.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	here := web.Here{Viewer: auth.Viewer{Firm: loaded.Firm, Locale: to.Locale}}
	first, _, _ := strings.Cut(to.Name, " ")
	return m.Post.Send(ctx, tx, loaded.Firm, post.Envelope{
		ID: job.Current(ctx).ID, Kind: mailLetter.Name(), PersonID: to.PersonID, ContactID: to.ContactID,
		To: netmail.Address{Name: to.Name, Address: to.Email},
	}, mail.Letter{
		Subject:  "Invoice " + i.Number + " from " + loaded.Firm.Name,
		Greeting: "Hello " + first,
		Lines: append([]string{
			"There is a new invoice for " + i.ProjectName + ": " + i.Title + ".",
			here.Money(i.Balance()) + " is due on " + dateText(i.DueOn) + ".",
		}, i.Paragraphs()...),
		Button: mail.Button{Label: "See the invoice", URL: origin + "/portal/all/billing/invoices/" + i.ID.String()},
	})
}

// reader is a contact of an invoice's client, with what decides whether it may be seen.
type reader struct {
	PersonID, ContactID  uuid.UUID
	Name, Email, Locale  string
	Portal               bool
	Rights               []access.Right `bun:",array"`
	FirmOn, ClientOn     bool
	Shared, Sees         bool            // the project is shared, and this contact sees it
	FirmSays, ClientSays access.Switches `bun:"type:jsonb"`
	ProjectSays          access.Switches `bun:"type:jsonb"`
}

func (to reader) reads() bool { return to.may(see) }

// may asks the four levels, for this invoice's project.
func (to reader) may(what access.Permission) bool {
	levels := access.Levels{
		FirmOn: to.FirmOn, FirmSays: to.FirmSays, ClientOn: to.ClientOn, ClientSays: to.ClientSays,
		ProjectSays: []access.Switches{to.ProjectSays}, Contact: &access.Contact{Portal: to.Portal, Rights: to.Rights},
	}
	return to.Shared && to.Sees && levels.May(what).On
}
