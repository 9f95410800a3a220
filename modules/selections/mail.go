package selections

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/comment"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/lang"
	"portico/platform/mail"
	"portico/platform/mailtext"
	"portico/platform/people"
	"portico/platform/post"
	"portico/platform/sight"
)

// What clients are told of.
const (
	toldReleased = "released"
	toldReminder = "reminder"
	toldPriced   = "priced"
	toldReopened = "reopened"
	toldRecorded = "recorded"
	toldComment  = "comment"
)

// telling is news of a project's selections for its client; one mail to each contact names them all.
type telling struct {
	Client, Project uuid.UUID
	What            string
	Selections      []uuid.UUID
	Comment         uuid.UUID   // that somebody has written
	Comments        []uuid.UUID // of which one mail tells
}

// said are the comments that a mail repeats; a promise from before they were gathered names one.
func (t telling) said() []uuid.UUID {
	if len(t.Comments) == 0 {
		return []uuid.UUID{t.Comment}
	}
	return t.Comments
}

// letter is one of the mails.
type letter struct {
	telling
	Contact uuid.UUID
}

var (
	tellClient = job.New[telling]("selections:tell_client")
	mailClient = job.New[letter]("selections:mail_client")
	tellStaff  = job.New[teamNews]("selections:tell_team")
	mailStaff  = job.New[teamNews]("selections:mail_team")
)

var mailFields = []mailtext.Field{
	mailtext.Contact, mailtext.FirstName, mailtext.Client, mailtext.Firm,
	{Name: "project", Becomes: "The project", Example: "Maple Street remodel"},
	{Name: "selections", Becomes: "What is to be chosen, one a line, with the day until when", Example: "“Backsplash tile”, until Fri, Dec 4, 2026", Lines: true},
	{Name: "count", Becomes: "How many there are, in words", Example: "1 selection"},
}

// What clients are told; a firm may write it itself.
var (
	releasedWords = mailtext.Register(mailtext.Kind{
		ID: "selections_released", Title: "New selections", When: "Sent when staff show selections to a client and tell them.",
		Subject: "Something to choose for {{project}}", Button: "See your selections", Fields: mailFields,
		Text: "Hello {{first_name}}\n\nThere is something to choose for {{project}}:\n\n{{selections}}\n\nIn your portal you see pictures and prices, and what each choice means for your contract before you decide.",
	})
	reminderWords = mailtext.Register(mailtext.Kind{
		ID: "selections_reminder", Title: "Reminder of selections", When: "Sent some days before a selection is due, when it is overdue, and when staff press Remind.",
		Subject: "Please choose for {{project}}", Button: "Choose now", Fields: mailFields,
		Text: "Hello {{first_name}}\n\nFor {{project}} we are waiting for your choice:\n\n{{selections}}\n\nEach day that it comes later may move the work that depends on it. If you have questions, ask them right there.",
	})
	pricedWords = mailtext.Register(mailtext.Kind{
		ID: "selections_priced", Title: "A price for a selection", When: "Sent when a choice that was still to be priced has its price.",
		Subject: "There is a price for your choice, {{project}}", Button: "See the price", Fields: mailFields,
		Text: "Hello {{first_name}}\n\nYou asked for something that had no price yet. Now it has one:\n\n{{selections}}\n\nPlease look at it and confirm your choice.",
	})
)

func (d desk) handlers() []job.Handler {
	return []job.Handler{
		tellClient.Handle(d.news),
		mailClient.Handle(d.mail).Within(time.Minute),
		tellStaff.Handle(d.teamNews),
		mailStaff.Handle(d.mailTeam).Within(time.Minute),
		job.Every("23 * * * *", "selections:find_reminders", d.findReminders),
	}
}

// news promises one mail to each contact who may see something of it; reminders and prices go to those who may choose.
func (d desk) news(ctx context.Context, tx bun.Tx, firm uuid.UUID, t telling) (err error) {
	if t.What == toldComment {
		if t.Comments, err = comment.Take(ctx, tx, auth.System(firm), "selections", t.Comment); err != nil || len(t.Comments) == 0 {
			return err
		}
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	letters, err := d.letters(ctx, tx, loaded.Firm, t)
	if err != nil {
		return err
	}
	return mailClient.EnqueueEach(ctx, tx, firm, letters)
}

// letters are the mails with which news reach those who may read them: each names what its contact sees.
func (d desk) letters(ctx context.Context, tx bun.Tx, firm auth.Firm, t telling) ([]letter, error) {
	readers, err := sight.Readers(ctx, tx, firm, t.Client)
	if err != nil {
		return nil, err
	}
	var letters []letter
	for _, reader := range readers {
		if t.What != toldComment && !reader.May(choose) {
			continue
		}
		seen, err := byIDs(ctx, tx, reader.Viewer, t.Selections)
		if err != nil {
			return nil, err
		}
		to, err := people.ContactMailbox(ctx, tx, auth.System(firm.ID), reader.Contact.ID)
		if fault.IgnoreNotFound(err) != nil {
			return nil, err
		}
		if len(seen) == 0 || to.Email == "" {
			continue
		}
		one := letter{t, reader.Contact.ID}
		one.Selections = make([]uuid.UUID, len(seen))
		for n, s := range seen {
			one.Selections[n] = s.ID
		}
		letters = append(letters, one)
	}
	return letters, nil
}

// still reports whether there is something left to tell of a selection.
func (t telling) still(s Selection) bool {
	switch t.What {
	case toldComment:
		return true
	case toldRecorded:
		return s.State == Approved
	case toldReleased:
		return s.Open() || s.Fixed()
	}
	return s.Open()
}

// mail tells one contact, of what they may still see and what is still to be done.
func (d desk) mail(ctx context.Context, tx bun.Tx, firm uuid.UUID, l letter) error {
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	v, to, err := sight.OfContact(ctx, tx, loaded.Firm, l.Client, l.Contact)
	if err != nil || to.Email == "" {
		return fault.IgnoreNotFound(err)
	}
	return d.mailTo(ctx, tx, v, to, l)
}

func (d desk) mailTo(ctx context.Context, tx bun.Tx, v auth.Viewer, to people.Mailbox, l letter) error {
	seen, err := byIDs(ctx, tx, v, l.Selections)
	if err != nil {
		return err
	}
	open := slices.DeleteFunc(seen, func(s Selection) bool { return !l.still(s) })
	if len(open) == 0 {
		return nil
	}
	first := open[0]
	origin, err := d.Links.Origin(ctx, v.FirmID())
	if err != nil {
		return err
	}
	said, kind, reader := mailtext.Said{}, chooseNotice, v.Reader()
	out := mail.Letter{Reader: reader, Button: mail.Button{Label: reader.Say("See it in your portal"), URL: origin + "/portal/" + first.ProjectKey + "/selections"}}
	if len(open) == 1 {
		out.Button.URL += "/" + first.ID.String()
	}
	values := func(r *lang.Reader) map[string]string {
		var lines []string
		for _, s := range open {
			lines = append(lines, lineOf(r, s))
		}
		return map[string]string{
			"contact": to.Name, "first_name": to.FirstName(), "client": v.ClientName, "firm": v.Firm.Name, "project": first.ProjectName,
			"selections": strings.Join(lines, "\n"), "count": r.Count(len(lines), "%s selection", "%s selections"),
		}
	}
	e := post.Envelope{ID: job.Current(ctx).ID, Kind: mailClient.Name(), PersonID: to.PersonID, ContactID: l.Contact, To: to.Address()}
	comments := 0
	switch l.What {
	case toldReleased:
		said, err = mailtext.Say(ctx, tx, v.Firm, reader, releasedWords, values)
	case toldReminder:
		said, err = mailtext.Say(ctx, tx, v.Firm, reader, reminderWords, values)
	case toldPriced:
		said, err = mailtext.Say(ctx, tx, v.Firm, reader, pricedWords, values)
	case toldReopened:
		out.Subject, out.Greeting = reader.Say("You can choose again: %s", first.Title), reader.Say("Hello %s", to.FirstName())
		out.Lines = []string{reader.Say("%s has opened “%s” again. You can make a new choice until the team is told that it is final.", v.Firm.Name, first.Title)}
	case toldRecorded:
		out.Subject, out.Greeting = reader.Say("Recorded as approved: %s", first.Title), reader.Say("Hello %s", to.FirstName())
		out.Lines = []string{
			reader.Say("%s has recorded, as you said, that you approve %s for “%s”.", v.Firm.Name, quoted(first.Picks()), first.Title),
			reader.Say("If that is not right, please tell us right away."),
		}
	case toldComment:
		said, err := comment.Standing(ctx, tx, v, "selections", l.said())
		if err != nil || len(said) == 0 {
			return err
		}
		words := said[0]
		kind, comments = commentNotice, len(said)
		out.Subject, out.Greeting = reader.Say("%s wrote about “%s”", words.Author, first.Title), reader.Say("Hello %s", to.FirstName())
		out.Lines = []string{reader.Say("%s wrote:", words.Author)}
		for _, one := range said {
			out.Lines = append(out.Lines, paragraphs(one.Text)...)
		}
	}
	if err != nil {
		return err
	}
	if said.Subject != "" {
		out.Subject, out.Markdown, out.Button.Label = said.Subject, said.Markdown, said.Button
	}
	_, err = d.Notices.Deliver(ctx, tx, v.Firm, noticeOf(kind, first, comments, strings.TrimPrefix(out.Button.URL, origin)), e, out)
	return err
}

func lineOf(reader *lang.Reader, s Selection) string {
	if s.DueOn.IsZero() {
		return reader.Say("“%s”", s.Title)
	}
	return reader.Say("“%s”, until %s", s.Title, s.DueOn)
}

func dayText(on day.Day) string { return on.Midnight().Format("Mon, Jan 2, 2006") }

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// paragraphs are the lines of a text that say something.
func paragraphs(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
