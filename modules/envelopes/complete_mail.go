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
	"portico/platform/mail"
	"portico/platform/mailtext"
	"portico/platform/post"
	"portico/platform/secret"
)

// sealedCopy names one party of a document: a recipient, or a member of staff who answers for it.
type sealedCopy struct{ Envelope, Recipient, Person uuid.UUID }

var sealedMail = job.New[sealedCopy]("envelopes:mail_sealed")

var sealedWords = mailtext.Register(mailtext.Kind{
	ID: "envelope_sealed", Title: "A document is complete", When: "Sent to everybody who had to do with a document when all have signed, with the signed PDF.",
	Subject: "Signed by all: {{title}}", Button: "Open the document", Fields: mailFields[:7],
	Text: "Hello {{first_name}}\n\nAll have signed the {{kind}} *{{title}}* for {{project}}. The signed document is attached: keep it with your papers.\n\n" +
		"Its last pages say who signed, when and from where. The file itself is signed, too, so that any change of it can be seen.",
})

// mostAttached is how large a file may be to travel in a mail; a larger one is fetched.
const mostAttached = 15 << 20

// party is one who gets the sealed file.
type party struct {
	sealedCopy
	Name, Email string
}

// parties are all who get the sealed file, each address once: everybody it went to, but for those who handed it over, and
// who answers for it.
func parties(e Envelope, staff []teller) (all []party) {
	seen := map[string]bool{"": true}
	add := func(p party) {
		if address := strings.ToLower(p.Email); !seen[address] {
			seen[address] = true
			p.Envelope = e.ID
			all = append(all, p)
		}
	}
	for _, r := range e.Recipients {
		if r.ForwardedID == uuid.Nil {
			add(party{sealedCopy{Recipient: r.ID}, r.Name, r.Email})
		}
	}
	for _, t := range staff {
		add(party{sealedCopy{Person: t.PersonID}, t.Name, t.Email})
	}
	return all
}

// promiseCopies promises one mail to each party. A document is completed once, so that there is one promise.
func (d desk) promiseCopies(ctx context.Context, tx bun.Tx, v auth.Viewer, e Envelope) error {
	staff, err := answers(ctx, tx, v, e)
	if err != nil {
		return err
	}
	var all []sealedCopy
	for _, p := range parties(e, staff) {
		all = append(all, p.sealedCopy)
		if r, named := e.Recipient(p.Recipient); named && r.PersonID == uuid.Nil && r.LinkNo == 0 { // who was asked for nothing has no link yet
			if err := giveLink(ctx, tx, v, r.ID, secret.Hash(token(d.Key, r.ID, 1))); err != nil {
				return err
			}
		}
	}
	return sealedMail.EnqueueEach(ctx, tx, v.FirmID(), all)
}

// mailSealed sends the sealed file to one party. Should the worker die while it hands it over, it comes again as the same
// mail: a party without its copy would be worse. Who was shut out since gets it only if they have signed it.
func (d desk) mailSealed(ctx context.Context, tx bun.Tx, firm uuid.UUID, c sealedCopy) error {
	v := auth.System(firm)
	e, err := byID(ctx, tx, v, c.Envelope)
	if err != nil || e.Status != Complete {
		return fault.IgnoreNotFound(err)
	}
	staff, err := answers(ctx, tx, v, e)
	if err != nil {
		return err
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil {
		return err
	}
	o := opened{Envelope: e, Firm: loaded.Firm}
	if o.Origin, err = d.Links.Origin(ctx, firm); err != nil {
		return err
	}
	for _, p := range parties(e, staff) {
		if p.sealedCopy != c {
			continue
		}
		r, _ := e.Recipient(p.Recipient)
		if goes, err := mayBeMailed(ctx, tx, v, r); err != nil || !goes && r.SignedAt.IsZero() {
			return fault.IgnoreNotFound(err)
		}
		return d.postSealed(ctx, tx, o, p)
	}
	return nil // whoever answered for it has left since
}

func (d desk) postSealed(ctx context.Context, tx bun.Tx, o opened, p party) error {
	r, named := o.Recipient(p.Recipient)
	if o.To = r; !named {
		o.To = Recipient{PersonID: p.Person, Name: p.Name, Email: p.Email}
	}
	var err error
	if o.Reader, err = mailReader(ctx, tx, o.Firm, o.To); err != nil {
		return err
	}
	said, err := mailtext.Say(ctx, tx, o.Firm, o.Reader, sealedWords, o.values)
	if err != nil {
		return err
	}
	letter := mail.Letter{Reader: o.Reader, Subject: said.Subject, Markdown: said.Markdown}
	final, err := d.read(ctx, o.Firm.ID, o.SealedID)
	if err != nil {
		return err
	}
	if len(final) <= mostAttached {
		letter.Files = []mail.File{{Name: attachedName(o.Envelope), Type: "application/pdf", Data: final}}
	} else {
		letter.Small = append(letter.Small, o.Reader.Say("The signed document is too large for a mail. Open it with the button above."))
	}
	letter.Small = append(letter.Small, o.Reader.Say("Whether a file is still as it was when it was sealed can be checked by anybody at %s.", o.Origin+"/verify"))
	switch {
	case o.To.PersonID != uuid.Nil:
		letter.Button = mail.Button{Label: said.Button, URL: o.Origin + "/office/envelopes/" + o.ID.String()}
	case o.To.LinkNo > 0:
		letter.Button = o.way(d, said.Button)
	}
	now := job.Current(ctx)
	_, err = d.Notices.Deliver(ctx, tx, o.Firm, noticeOf(signNotice, o.Envelope, o.To.PersonID != uuid.Nil), post.Envelope{
		ID: now.ID, Kind: now.Kind, PersonID: o.To.PersonID, ContactID: o.To.ContactID, To: netmail.Address{Name: o.To.Name, Address: o.To.Email},
	}, letter)
	return err
}

// attachedName is the title in the letters that names of attached files may have.
func attachedName(e Envelope) string {
	words := strings.FieldsFunc(strings.ToLower(e.Title), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	name := strings.Join(append(words, "signed"), "-")
	if len(words) == 0 || len(name) > 80 {
		name = strings.ReplaceAll(string(e.Kind), "_", "-") + "-signed"
	}
	return name + ".pdf"
}
