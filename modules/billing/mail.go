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
	"portico/platform/notice"
	"portico/platform/post"
	"portico/platform/web"
)

// announced names an invoice that its contacts are to be told of.
type announced struct{ ID uuid.UUID }

// letter is one mail of it to one contact; again: it is no news.
type letter struct {
	ID, Contact uuid.UUID
	Again       bool `json:",omitempty"`
}

// promised is a mail that stands in the list of letters already, so that there is one of it.
type promised struct{ Letter uuid.UUID }

var (
	announce   = job.New[announced]("billing:announce")
	mailLetter = job.New[letter]("billing:mail")
	tellVoid   = job.New[announced]("billing:tell_void")
	mailVoid   = job.New[promised]("billing:mail_void")
)

type mailer struct{ module.Platform }

func (m mailer) handlers() []job.Handler {
	return []job.Handler{
		announce.Handle(m.announce), mailLetter.Handle(m.send).Within(time.Minute),
		tellVoid.Handle(m.tellVoid), mailVoid.Handle(m.sendVoid).Within(time.Minute),
	}
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
			letters = append(letters, letter{ID: a.ID, Contact: to.ContactID})
		}
	}
	return mailLetter.EnqueueEach(ctx, tx, firm, letters)
}

// opened is a letter on its desk: to whom, about what, as things are now.
type opened struct {
	to      reader
	firm    auth.Firm
	invoice Invoice
	here    web.Here
	origin  string
}

// open loads what a letter says. A contact who may have lost the right meanwhile gets none: false.
func (m mailer) open(ctx context.Context, tx bun.Tx, firm, invoice, contact uuid.UUID) (o opened, goes bool, err error) {
	list, err := readers(ctx, tx, firm, invoice, contact)
	if err != nil || len(list) == 0 || !list[0].reads() {
		return o, false, err
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, m.Now())
	if err != nil || loaded.Firm.Suspended {
		return o, false, err
	}
	o = opened{to: list[0], firm: loaded.Firm, here: web.Here{Viewer: auth.Viewer{Side: auth.Portal, Firm: loaded.Firm, Locale: list[0].Locale}}}
	if o.invoice, err = invoiceByID(ctx, tx, auth.System(firm), invoice); err != nil {
		return o, false, fault.IgnoreNotFound(err)
	}
	o.origin, err = m.Links.Origin(ctx, firm)
	return o, err == nil, err
}

// first is what the reader is called.
func (o opened) first() string {
	first, _, _ := strings.Cut(o.to.Name, " ")
	return first
}

func (o opened) button(label string) mail.Button {
	return mail.Button{Label: label, URL: o.origin + "/portal/all/billing/invoices/" + o.invoice.ID.String()}
}

// post sends it, as the promise that is being kept.
func (m mailer) post(ctx context.Context, tx bun.Tx, o opened, says mail.Letter) error {
	now := job.Current(ctx)
	says.Reader = o.here.Reader()
	_, err := m.Notices.Deliver(ctx, tx, o.firm, notice.Notice{
		Kind: invoiceNotice, Item: o.invoice.ID, Body: o.invoice.Title, Path: "/portal/all/billing/invoices/" + o.invoice.ID.String(),
	}, post.Envelope{
		ID: now.ID, Kind: now.Kind, PersonID: o.to.PersonID, ContactID: o.to.ContactID,
		To: netmail.Address{Name: o.to.Name, Address: o.to.Email},
	}, says)
	return err
}

// send mails one contact; the invoice may be void or paid by now.
func (m mailer) send(ctx context.Context, tx bun.Tx, firm uuid.UUID, l letter) error {
	o, goes, err := m.open(ctx, tx, firm, l.ID, l.Contact)
	if err != nil || !goes {
		return err
	}
	i := o.invoice
	if !i.Owed() {
		return nil
	}
	kind, news := "issued", "There is a new invoice for %s: %s."
	if l.Again {
		kind, news = "again", "Once more, as a copy: your invoice for %s: %s."
	}
	if err := noteLetter(ctx, tx, firm, job.Current(ctx).ID, i.ID, o.to.ContactID, kind); err != nil {
		return err
	}
	way, err := m.wayIn(ctx, tx, o)
	if err != nil {
		return err
	}
	return m.post(ctx, tx, o, mail.Letter{
		Subject:  o.here.Say("Invoice %s from %s", i.Number, o.firm.Name),
		Greeting: o.here.Say("Hello %s", o.first()),
		Lines: append([]string{
			o.here.Say(news, i.ProjectName, i.Title),
			o.here.Say("%s is due on %s.", i.Balance(), i.DueOn),
		}, i.Paragraphs()...),
		Button: way,
	})
}

// tellVoid promises a mail to each contact who was mailed about an invoice that is void now.
func (m mailer) tellVoid(ctx context.Context, tx bun.Tx, firm uuid.UUID, a announced) error {
	list, err := toldOf(ctx, tx, firm, a.ID)
	if err != nil {
		return err
	}
	mails, err := promiseEach(ctx, tx, firm, list, a.ID, "void", ruleTurn{})
	if err != nil {
		return err
	}
	return mailVoid.EnqueueEach(ctx, tx, firm, mails)
}

func (m mailer) sendVoid(ctx context.Context, tx bun.Tx, firm uuid.UUID, p promised) error {
	l, err := letterByID(ctx, tx, firm, p.Letter)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	o, goes, err := m.open(ctx, tx, firm, l.InvoiceID, l.ContactID)
	if err != nil || !goes || !o.invoice.IsVoid() {
		return err
	}
	if err := noteLetterSent(ctx, tx, firm, p.Letter); err != nil {
		return err
	}
	i := o.invoice
	return m.post(ctx, tx, o, mail.Letter{
		Subject:  o.here.Say("Invoice %s is void", i.Number),
		Greeting: o.here.Say("Hello %s", o.first()),
		Lines: []string{
			o.here.Say("The invoice %s over %s for %s, %s, is void.", i.Number, i.Amount(), i.ProjectName, i.Title),
			o.here.Say("Nothing is to be paid on it any more."),
		},
		Button: o.button(o.here.Say("See the invoice")),
	})
}

// reader is a contact of an invoice's client, with what decides whether it may be seen.
type reader struct {
	InvoiceID            uuid.UUID
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
