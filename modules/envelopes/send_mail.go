package envelopes

import (
	"context"
	netmail "net/mail"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/lang"
	"portico/platform/mail"
	"portico/platform/mailtext"
	"portico/platform/markdown"
	"portico/platform/post"
)

// asking names the recipient of a mail, and with which of the links.
type asking struct {
	Envelope, Recipient uuid.UUID
	Link                int
}

var (
	askMail     = job.New[asking]("envelopes:mail_request")
	remindMail  = job.New[asking]("envelopes:mail_reminder")
	voidMail    = job.New[asking]("envelopes:mail_void")
	expiredMail = job.New[asking]("envelopes:mail_expired")
)

var mailFields = []mailtext.Field{
	{Name: "contact", Becomes: "The reader's whole name", Example: "Ana Rivera"},
	{Name: "first_name", Becomes: "The reader's first name", Example: "Ana"},
	{Name: "firm", Becomes: "Your firm's name", Example: "Northgate Builders"},
	{Name: "sender", Becomes: "Who of your firm sent it", Example: "Maria Okafor"},
	{Name: "kind", Becomes: "What it is, within a sentence", Example: "change order"},
	{Name: "title", Becomes: "The title of the document", Example: "Larger kitchen island"},
	{Name: "project", Becomes: "The project, or the client's name", Example: "Maple Street remodel"},
	{Name: "deed", Becomes: "What is asked for: to sign, or to approve", Example: "sign"},
}

var (
	deadlineField = mailtext.Field{Name: "deadline", Becomes: "The last day to answer; a paragraph with it is left out when there is none", Example: "Tue, Dec 15, 2026", Optional: true}
	messageField  = mailtext.Field{Name: "message", Becomes: "The message of whoever sends it", Example: "Here is what we talked about on Monday.", Optional: true, Lines: true}
	reasonField   = mailtext.Field{Name: "reason", Becomes: "Why it was made void", Example: "The price of the cabinets has changed.", Lines: true}
)

// What the mails say; a firm may write them itself.
var (
	requestWords = mailtext.Register(mailtext.Kind{
		ID: "envelope_request", Title: "Something to sign", When: "Sent to each person when it is their turn to sign or approve a document.",
		Subject: "Please {{deed}}: {{title}}", Button: "Open the document", Fields: append([]mailtext.Field{deadlineField, messageField}, mailFields...),
		Text: "Hello {{first_name}}\n\n{{sender}} of {{firm}} asks you to {{deed}} the {{kind}} *{{title}}* for {{project}}.\n\n{{message}}\n\n" +
			"Please answer by {{deadline}}.\n\nYou read it first, on your phone or computer. Nothing is signed until you say so. The link in this mail is yours alone.",
	})
	reminderWords = mailtext.Register(mailtext.Kind{
		ID: "envelope_reminder", Title: "Reminder of something to sign", When: "Sent when a document still waits for somebody: by a button, or by itself after some days.",
		Subject: "A reminder to {{deed}}: {{title}}", Button: "Open the document", Fields: append([]mailtext.Field{deadlineField}, mailFields...),
		Text: "Hello {{first_name}}\n\nThe {{kind}} *{{title}}* for {{project}} still waits for you to {{deed}}.\n\nPlease answer by {{deadline}}.\n\nIf something in it is not right, tell us, or decline it with a word why.",
	})
	readWords = mailtext.Register(mailtext.Kind{
		ID: "envelope_read", Title: "Something to read along", When: "Sent to those who read along when a document goes out.",
		Subject: "For your information: {{title}}", Button: "Read the document", Fields: append([]mailtext.Field{messageField}, mailFields[:7]...),
		Text: "Hello {{first_name}}\n\n{{sender}} of {{firm}} has sent the {{kind}} *{{title}}* for {{project}} to be signed, and lets you read along. There is nothing for you to do.\n\n{{message}}",
	})
	voidWords = mailtext.Register(mailtext.Kind{
		ID: "envelope_void", Title: "A document is void", When: "Sent to everybody who was asked when a document is withdrawn.",
		Subject: "Withdrawn: {{title}}", Fields: append([]mailtext.Field{reasonField}, mailFields[:7]...),
		Text: "Hello {{first_name}}\n\nThe {{kind}} *{{title}}* for {{project}} has been withdrawn. There is nothing more to do, and what was signed on it does not count.\n\n{{reason}}",
	})
)

// opened is a mail on its desk: about what, to whom, as things are now.
type opened struct {
	Envelope
	To     Recipient
	Firm   auth.Firm
	Origin string
	Reader *lang.Reader
}

// open loads what a mail is about; false when the reader is not to be mailed.
func (d desk) open(ctx context.Context, tx bun.Tx, firm uuid.UUID, a asking) (o opened, goes bool, err error) {
	v := auth.System(firm)
	if o.Envelope, err = byID(ctx, tx, v, a.Envelope); err != nil {
		return o, false, fault.IgnoreNotFound(err)
	}
	r, there := o.Recipient(a.Recipient)
	if !there || r.Email == "" || r.LinkNo != a.Link {
		return o, false, nil
	}
	o.To = r
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil || loaded.Firm.Suspended {
		return o, false, err
	}
	o.Firm = loaded.Firm
	if goes, err = mayBeMailed(ctx, tx, v, r); err != nil || !goes {
		return o, false, fault.IgnoreNotFound(err)
	}
	if o.Reader, err = mailReader(ctx, tx, o.Firm, r); err != nil {
		return o, false, err
	}
	o.Origin, err = d.Links.Origin(ctx, firm)
	return o, err == nil, err
}

// values are what stands in the places of a mail's words.
func (o opened) values(in *lang.Reader) map[string]string {
	values := map[string]string{
		"contact": o.To.Name, "first_name": firstName(o.To.Name), "firm": o.Firm.Name, "sender": o.Sender, "kind": in.Say(o.Kind.Noun().String()), "title": o.Title,
		"project": o.ProjectName, "deed": in.Say("sign"), "message": o.Message, "reason": o.VoidReason,
	}
	if o.ProjectName == "" {
		values["project"] = o.ClientName
	}
	if o.Sender == "" {
		values["sender"] = o.Firm.Name
	}
	if o.To.Role == Approver {
		values["deed"] = in.Say("approve")
	}
	if !o.To.ExpiresAt.IsZero() {
		zone, err := day.Zone(o.Firm.Zone)
		if err == nil {
			values["deadline"] = in.Day(day.Of(o.To.ExpiresAt.In(zone)))
		}
	}
	return values
}

// way is where the reader answers: staff on their own pages, everybody else by their own link.
func (o opened) way(d desk, label string) mail.Button {
	if o.To.Role == Countersigner {
		return mail.Button{Label: label, URL: o.Origin + "/office/envelopes/" + o.ID.String() + "/sign"}
	}
	return mail.Button{Label: label, URL: o.Origin + "/sign/" + token(d.Key, o.To.ID, o.To.LinkNo)}
}

func (d desk) post(ctx context.Context, tx bun.Tx, o opened, says mail.Letter) error {
	now := job.Current(ctx)
	says.Reader = o.Reader
	envelope := post.Envelope{
		ID: now.ID, Kind: now.Kind, PersonID: o.To.PersonID, ContactID: o.To.ContactID, To: netmail.Address{Name: o.To.Name, Address: o.To.Email},
	}
	if list, err := answers(ctx, tx, auth.System(o.Firm.ID), o.Envelope); err != nil {
		return err
	} else if len(list) == 1 && o.To.Role != Countersigner {
		envelope.ReplyTo = netmail.Address{Name: list[0].Name, Address: list[0].Email}
	}
	_, err := d.Notices.Deliver(ctx, tx, o.Firm, noticeOf(signNotice, o.Envelope, o.To.Role == Countersigner), envelope, says)
	return err
}

// say posts words with a way to the document; without a label there is none.
func (d desk) say(ctx context.Context, tx bun.Tx, o opened, words mailtext.Kind) error {
	said, err := mailtext.Say(ctx, tx, o.Firm, o.Reader, words, o.values)
	if err != nil {
		return err
	}
	letter := mail.Letter{Subject: said.Subject, Markdown: said.Markdown}
	if from, there := o.standsInFor(o.To); there { // without a name that they know it looks like a mistake
		letter.Markdown += "\n\n" + o.Reader.Say("%s has handed this over to you.", markdown.Escape(from.Name))
	}
	if words.Button != "" {
		letter.Button = o.way(d, said.Button)
	}
	return d.post(ctx, tx, o, letter)
}

// mailAsk asks somebody to act, or tells who reads along; it may be signed, declined or void by now.
func (d desk) mailAsk(ctx context.Context, tx bun.Tx, firm uuid.UUID, a asking) error {
	o, goes, err := d.open(ctx, tx, firm, a)
	if err != nil || !goes || !o.Open() {
		return err
	}
	switch {
	case o.To.Role == Viewer:
		return d.say(ctx, tx, o, readWords)
	case !may(o.Envelope, o.To, d.Now()):
		return nil
	case o.To.Role == Countersigner:
		return d.post(ctx, tx, o, mail.Letter{
			Subject: "Your signature is missing: " + o.Title, Greeting: "Hello " + firstName(o.To.Name),
			Lines:  []string{"Everybody else has signed the " + o.Kind.Noun().String() + " “" + o.Title + "” of " + o.ClientName + ". It is complete when you have signed it, too."},
			Button: o.way(d, "Open the document"),
		})
	}
	return d.say(ctx, tx, o, requestWords)
}

func (d desk) mailReminder(ctx context.Context, tx bun.Tx, firm uuid.UUID, a asking) error {
	o, goes, err := d.open(ctx, tx, firm, a)
	if err != nil || !goes || !may(o.Envelope, o.To, d.Now()) {
		return err
	}
	return d.say(ctx, tx, o, reminderWords)
}

func (d desk) mailVoid(ctx context.Context, tx bun.Tx, firm uuid.UUID, a asking) error {
	o, goes, err := d.open(ctx, tx, firm, a)
	if err != nil || !goes || o.Status != Void {
		return err
	}
	return d.say(ctx, tx, o, voidWords)
}

// mailExpired tells who answers for a document that somebody's time is over. The link of the payload is the person who is
// told: one promise is one mail.
func (d desk) mailExpired(ctx context.Context, tx bun.Tx, firm uuid.UUID, a asking) error {
	v := auth.System(firm)
	e, err := byID(ctx, tx, v, a.Envelope)
	if err != nil || !e.Open() {
		return fault.IgnoreNotFound(err)
	}
	r, there := e.Recipient(a.Recipient)
	if !there || r.ExpiredAt.IsZero() || r.Done() {
		return nil
	}
	list, err := answers(ctx, tx, v, e)
	if err != nil || a.Link >= len(list) {
		return err
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	origin, err := d.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(list[a.Link].Name, " ")
	now := job.Current(ctx)
	_, err = d.Notices.Deliver(ctx, tx, loaded.Firm, noticeOf(newsNotice, e, true), post.Envelope{
		ID: now.ID, Kind: now.Kind, PersonID: list[a.Link].PersonID, To: netmail.Address{Name: list[a.Link].Name, Address: list[a.Link].Email},
	}, mail.Letter{
		Subject: "No answer in time: " + e.Title, Greeting: "Hello " + first,
		Lines: []string{
			r.Name + " has not answered the " + e.Kind.Noun().String() + " “" + e.Title + "” of " + e.ClientName + " in time.",
			"Give more time, make it void, or send a corrected version.",
		},
		Button: mail.Button{Label: "Open the document", URL: origin + "/office/envelopes/" + e.ID.String()},
	})
	return err
}

// dateText is a day in a sentence.
func dateText(d day.Day) string { return d.Midnight().Format("Mon, Jan 2, 2006") }
