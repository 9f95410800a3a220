package selections

import (
	"context"
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
	Comment         uuid.UUID
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
func (d desk) news(ctx context.Context, tx bun.Tx, firm uuid.UUID, t telling) error {
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
	var lines []string
	var first Selection
	for _, s := range seen {
		if !l.still(s) {
			continue
		}
		if lines = append(lines, lineOf(s)); len(lines) == 1 {
			first = s
		}
	}
	if len(lines) == 0 {
		return nil
	}
	origin, err := d.Links.Origin(ctx, v.FirmID())
	if err != nil {
		return err
	}
	said, kind := mailtext.Said{}, chooseNotice
	out := mail.Letter{Button: mail.Button{Label: "See it in your portal", URL: origin + "/portal/" + first.ProjectKey + "/selections"}}
	if len(lines) == 1 {
		out.Button.URL += "/" + first.ID.String()
	}
	values := map[string]string{
		"contact": to.Name, "first_name": to.FirstName(), "client": v.ClientName, "firm": v.Firm.Name, "project": first.ProjectName,
		"selections": strings.Join(lines, "\n"), "count": counted(len(lines), "selection", "selections"),
	}
	e := post.Envelope{ID: job.Current(ctx).ID, Kind: mailClient.Name(), PersonID: to.PersonID, ContactID: l.Contact, To: to.Address()}
	switch l.What {
	case toldReleased:
		said, err = mailtext.Say(ctx, tx, v.FirmID(), releasedWords, values)
		out.Button.Label = releasedWords.Button
	case toldReminder:
		said, err = mailtext.Say(ctx, tx, v.FirmID(), reminderWords, values)
		out.Button.Label = reminderWords.Button
	case toldPriced:
		said, err = mailtext.Say(ctx, tx, v.FirmID(), pricedWords, values)
		out.Button.Label = pricedWords.Button
	case toldReopened:
		out.Subject, out.Greeting = "You can choose again: "+first.Title, "Hello "+to.FirstName()
		out.Lines = []string{v.Firm.Name + " has opened “" + first.Title + "” again. You can make a new choice until the team is told that it is final."}
	case toldRecorded:
		out.Subject, out.Greeting = "Recorded as approved: "+first.Title, "Hello "+to.FirstName()
		out.Lines = []string{
			v.Firm.Name + " has recorded, as you said, that you approve " + quoted(first.Picks()) + " for “" + first.Title + "”.",
			"If that is not right, please tell us right away.",
		}
	case toldComment:
		words, err := comment.ByID(ctx, tx, v, "selections", l.Comment)
		if err != nil {
			return fault.IgnoreNotFound(err)
		}
		kind = commentNotice
		out.Subject, out.Greeting = words.Author+" wrote about “"+first.Title+"”", "Hello "+to.FirstName()
		out.Lines = append([]string{words.Author + " wrote:"}, paragraphs(words.Text)...)
	}
	if err != nil {
		return err
	}
	if said.Subject != "" {
		out.Subject, out.Markdown = said.Subject, said.Markdown
	}
	_, err = d.Notices.Deliver(ctx, tx, v.Firm, noticeOf(kind, first, strings.TrimPrefix(out.Button.URL, origin)), e, out)
	return err
}

func lineOf(s Selection) string {
	line := "“" + s.Title + "”"
	if !s.DueOn.IsZero() {
		line += ", until " + dayText(s.DueOn)
	}
	return line
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
