package billing

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/lang"
	"portico/platform/mail"
	"portico/platform/mailtext"
)

// reminderRule is when a firm reminds of what is owed.
type reminderRule struct {
	ID        uuid.UUID
	Days      int // after the due day; before it, with a minus
	AgainDays int // then every so many days; 0: once
	Most      int // how often in all
	Since     day.Day
	Active    bool
	Version   int
}

// String is it in words.
func (r reminderRule) String() string {
	text := "On the day it is due"
	switch {
	case r.Days < 0:
		text = counted(-r.Days, false, "day", "days") + " before it is due"
	case r.Days > 0:
		text = counted(r.Days, false, "day", "days") + " after it was due"
	}
	if r.AgainDays > 0 {
		text += ", then every " + counted(r.AgainDays, false, "day", "days") + ", " + strconv.Itoa(r.Most) + " times in all"
	}
	return text
}

var reminderFields = []mailtext.Field{
	mailtext.Contact, mailtext.FirstName, mailtext.Client, mailtext.Firm,
	{Name: "number", Becomes: "The invoice's number", Example: "INV-1026"},
	{Name: "title", Becomes: "What the invoice is for", Example: "Cabinets, first half"},
	{Name: "project", Becomes: "The project", Example: "Maple Street remodel"},
	{Name: "balance", Becomes: "What is still owed", Example: "$8,628.58"},
	{Name: "due", Becomes: "The day on which it is or was due", Example: "Tue, Dec 15, 2026"},
	{Name: "days", Becomes: "How many days it is until then, or since", Example: "7 days"},
}

// What a reminder says before the due day, on it and after it; a firm may write it itself.
var (
	soonWords = mailtext.Register(mailtext.Kind{
		ID: "invoice_due_soon", Title: "Reminder before an invoice is due", When: "Sent by a reminder rule, some days before an invoice is due.",
		Subject: "{{number}} is due in {{days}}", Button: "See the invoice", Fields: reminderFields,
		Text: "Hello {{first_name}}\n\nA friendly note: {{balance}} for {{title}}, {{project}}, is due on {{due}}.\n\nIf it is on its way already, there is nothing to do.",
	})
	dueWords = mailtext.Register(mailtext.Kind{
		ID: "invoice_due", Title: "Reminder on the day an invoice is due", When: "Sent by a reminder rule, on the day on which an invoice is due.",
		Subject: "{{number}} is due today", Button: "See the invoice", Fields: reminderFields,
		Text: "Hello {{first_name}}\n\n{{balance}} for {{title}}, {{project}}, is due today.\n\nIf it is on its way already, there is nothing to do.",
	})
	lateWords = mailtext.Register(mailtext.Kind{
		ID: "invoice_overdue", Title: "Reminder of an overdue invoice", When: "Sent by a reminder rule, some days after an invoice was due.",
		Subject: "{{number}} is overdue", Button: "See the invoice", Fields: reminderFields,
		Text: "Hello {{first_name}}\n\n{{balance}} for {{title}}, {{project}}, was due on {{due}}, {{days}} ago.\n\nPlease pay it soon, or tell us if something is not right.",
	})
)

// reminded names an invoice whose contacts a rule reminds, for the n-th time.
type reminded struct {
	Invoice, Rule uuid.UUID
	Turn          int
}

var (
	remind       = job.New[reminded]("billing:remind")
	mailReminder = job.New[promised]("billing:mail_reminder")
)

// reminder goes by the firm's rules.
type reminder struct{ mailer }

func (m reminder) handlers() []job.Handler {
	return []job.Handler{
		job.Every("17 * * * *", "billing:find_reminders", m.find),
		remind.Handle(m.remind),
		mailReminder.Handle(m.send).Within(time.Minute),
	}
}

// firstHour is when the day's mails go out, at the firm's place.
const firstHour = 8

// find looks every hour, and mails by daylight.
func (m reminder) find(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	f, at, goes, err := firmAt(ctx, tx, firm, m.Now())
	if err != nil || !goes || localHour(f, m.Now()) < firstHour {
		return err
	}
	list, err := takeReminders(ctx, tx, firm, at)
	if err != nil {
		return err
	}
	return remind.EnqueueEach(ctx, tx, firm, list)
}

func localHour(f auth.Firm, now time.Time) int {
	zone, err := day.Zone(f.Zone)
	if err != nil {
		zone = time.UTC
	}
	return now.In(zone).Hour()
}

// remind promises one mail to each contact who may see the invoice.
func (m reminder) remind(ctx context.Context, tx bun.Tx, firm uuid.UUID, r reminded) error {
	list, err := readers(ctx, tx, firm, r.Invoice, uuid.Nil)
	if err != nil {
		return err
	}
	mails, err := promiseEach(ctx, tx, firm, list, r.Invoice, "reminder", ruleTurn{r.Rule, r.Turn})
	if err != nil {
		return err
	}
	return mailReminder.EnqueueEach(ctx, tx, firm, mails)
}

// send reminds one contact, if there is still something to remind of: not when it is paid, void or being paid by now.
func (m reminder) send(ctx context.Context, tx bun.Tx, firm uuid.UUID, p promised) error {
	l, err := letterByID(ctx, tx, firm, p.Letter)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	rule, still, err := stillReminds(ctx, tx, firm, l)
	if err != nil {
		return err
	}
	o, goes, err := m.open(ctx, tx, firm, l.InvoiceID, l.ContactID)
	if err != nil {
		return err
	}
	if !goes || !still {
		return dropReminder(ctx, tx, firm, l)
	}
	if err := noteLetterSent(ctx, tx, firm, l.ID); err != nil {
		return err
	}
	i, at, words := o.invoice, today(o.firm, m.Now()), dueWords
	apart := at.Until(i.DueOn)
	switch {
	case rule.Days < 0:
		words = soonWords
	case rule.Days > 0:
		words, apart = lateWords, -apart
	}
	said, err := mailtext.Say(ctx, tx, o.firm, o.here.Reader(), words, func(r *lang.Reader) map[string]string {
		return map[string]string{
			"contact": o.to.Name, "first_name": o.first(), "client": i.ClientName, "firm": o.firm.Name, "number": i.Number, "title": i.Title,
			"project": i.ProjectName, "balance": r.Say("%s", i.Balance()), "due": r.Day(i.DueOn), "days": r.Count(apart, "%s day", "%s days"),
		}
	})
	if err != nil {
		return err
	}
	way, err := m.wayIn(ctx, tx, o)
	if err != nil {
		return err
	}
	way.Label = said.Button
	return m.post(ctx, tx, o, mail.Letter{Subject: said.Subject, Markdown: said.Markdown, Button: way})
}
