package messages

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/mail"
	"portico/platform/people"
	"portico/platform/post"
	"portico/platform/sight"
)

// telling names a conversation of which somebody may have to hear: one mail tells of all that was said within a few minutes.
type telling struct{ Conversation uuid.UUID }

// tidings is one mail of it, to a contact or to a member of staff.
type tidings struct{ Conversation, Contact, Person uuid.UUID }

// assigned tells a member of staff that a conversation is theirs now.
type assigned struct{ Conversation, Person, By uuid.UUID }

// waking rings when a conversation comes back that was put off.
type waking struct{ Conversation uuid.UUID }

var (
	tellNews     = job.New[telling]("messages:tell")
	newsMail     = job.New[tidings]("messages:mail")
	assignedMail = job.New[assigned]("messages:assigned")
	wakeUp       = job.New[waking]("messages:wake")
)

func (d desk) handlers() []job.Handler {
	return []job.Handler{
		scanFile.Handle(d.scan).Within(10 * time.Minute),
		tellNews.Handle(d.news),
		newsMail.Handle(d.mailNews).Within(time.Minute),
		assignedMail.Handle(d.mailAssigned).Within(time.Minute),
		wakeUp.Handle(d.ringAgain),
		takeMail.Handle(d.take).Within(2 * time.Minute),
		job.Every("41 * * * *", "messages:tidy", d.tidy),
	}
}

// gathering is how long messages are gathered before a mail tells of them: whoever has the page open reads them meanwhile.
const gathering = 2 * time.Minute

func (d desk) promiseNews(ctx context.Context, tx bun.IDB, v auth.Viewer, c Conversation) error {
	// all that is said within a stretch of time makes the same promise
	at := d.Now().Truncate(gathering).Add(gathering + 30*time.Second)
	promise := uuid.NewSHA1(c.ID, []byte("news"+at.UTC().Format(time.RFC3339)))
	_, err := tellNews.Enqueue(ctx, tx, v.FirmID(), telling{c.ID}, job.At(at), job.ID(promise))
	return err
}

func (d desk) promiseWaking(ctx context.Context, tx bun.IDB, firm, conversation uuid.UUID, at time.Time) error {
	_, err := wakeUp.Enqueue(ctx, tx, firm, waking{conversation}, job.At(at))
	return err
}

func (d desk) ringAgain(ctx context.Context, tx bun.Tx, firm uuid.UUID, w waking) error {
	v := auth.System(firm)
	c, err := conversationByID(ctx, tx, v, w.Conversation)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	d.ring(ctx, v, c, true)
	return nil
}

// mailsKept is how long it is remembered which mails came, and how long one waits for a decision.
const mailsKept = 90 * 24 * time.Hour

// tidy forgets who was writing, and mails of long ago.
func (d desk) tidy(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	v := auth.System(firm)
	if err := forgetTyping(ctx, tx, v, d.Now()); err != nil {
		return err
	}
	gone, err := overdueArrivals(ctx, tx, v, d.Now().Add(-mailsKept))
	if err != nil {
		return err
	}
	for _, a := range gone {
		if a.FileID != uuid.Nil {
			if err := d.Files.Drop(ctx, tx, firm, a.FileID); err != nil {
				return err
			}
		}
	}
	return nil
}

// news promises one mail to each who has not read what was said, may read it, and was not told yet.
func (d desk) news(ctx context.Context, tx bun.Tx, firm uuid.UUID, t telling) error {
	v := auth.System(firm)
	c, err := conversationByID(ctx, tx, v, t.Conversation)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	parts, err := partsOf(ctx, tx, v, c.ID)
	if err != nil {
		return err
	}
	var letters []tidings
	staffed := false
	for _, p := range parts {
		letters = append(letters, tidings{c.ID, p.ContactID, p.PersonID})
		staffed = staffed || p.Works
	}
	if !staffed {
		team, err := people.Team(ctx, tx, v, []uuid.UUID{c.ProjectID})
		if err != nil {
			return err
		}
		for _, person := range team {
			letters = append(letters, tidings{c.ID, uuid.Nil, person})
		}
	}
	return newsMail.EnqueueEach(ctx, tx, firm, letters)
}

// mostTold is how many messages one mail repeats.
const mostTold = 10

// mailNews tells one of them of what they have not read and may still read.
func (d desk) mailNews(ctx context.Context, tx bun.Tx, firm uuid.UUID, t tidings) error {
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	c, err := conversationByID(ctx, tx, auth.System(firm), t.Conversation)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	v, to, err := sight.Addressee(ctx, tx, loaded.Firm, c.ClientID, t.Contact, t.Person)
	if err != nil || to.Email == "" || !to.Invited() || !v.May(see) && !v.May(keep) {
		return fault.IgnoreNotFound(err)
	}
	if c, err = conversationByID(ctx, tx, v, c.ID); err != nil { // may this one still see it?
		return fault.IgnoreNotFound(err)
	}
	list, err := untold(ctx, tx, v, c.ID, mostTold+1)
	if err != nil || len(list) == 0 {
		return err
	}
	letter, err := d.letter(ctx, v, c, list)
	if err != nil {
		return err
	}
	reply, err := d.replyTo(ctx, tx, v, c, list)
	if err != nil {
		return err
	}
	if reply.Address != "" {
		letter.Small = append(letter.Small, v.Reader().Say(answerable(v, list)))
	}
	held, err := d.Notices.Deliver(ctx, tx, loaded.Firm, noticeOf(newNotice, v, c, len(list)), post.Envelope{
		ID: job.Current(ctx).ID, Kind: newsMail.Name(), PersonID: v.PersonID, ContactID: t.Contact, To: to.Address(), ReplyTo: reply,
	}, letter)
	if err != nil || held { // later what is unread then
		return err
	}
	return noteTold(ctx, tx, v, c.ID, list[len(list)-1].CreatedAt)
}

func answerable(v auth.Viewer, list []Message) string {
	if v.Side == auth.Office && list[len(list)-1].Internal {
		return "An answer to this mail becomes an internal note: the client does not see it."
	}
	if v.Side == auth.Office {
		return "An answer to this mail goes to the client."
	}
	return "You can simply answer this mail: what you write comes into the conversation."
}

// letter repeats what was said, each with its author and time in the reader's zone.
func (d desk) letter(ctx context.Context, v auth.Viewer, c Conversation, list []Message) (mail.Letter, error) {
	origin, err := d.Links.Origin(ctx, v.FirmID())
	if err != nil {
		return mail.Letter{}, err
	}
	zone, err := day.Zone(firstOf(v.Zone, v.Firm.Zone, "UTC"))
	if err != nil {
		zone = time.UTC
	}
	var text strings.Builder
	reader := v.Reader()
	subject := reader.Say("%s wrote: %s", firstName(list[0].Author), c.Subject)
	switch {
	case len(list) > mostTold:
		subject = reader.Say("More than %s new messages: %s", mostTold, c.Subject)
	case len(list) > 1:
		subject = reader.Say("%s new messages: %s", len(list), c.Subject)
	}
	text.WriteString("# " + plainLine(c.Subject) + "\n\n")
	if v.Side == auth.Office {
		text.WriteString(plainLine(c.ClientName+", "+c.About()) + "\n\n")
	} else if c.ProjectName != "" {
		text.WriteString(plainLine(c.ProjectName) + "\n\n")
	}
	for i, m := range list {
		if i == mostTold {
			text.WriteString(reader.Say("There is more in the conversation.") + "\n\n")
			break
		}
		note := ""
		if m.Internal {
			note = " (internal note)"
		}
		text.WriteString("**" + plainLine(m.Author) + "**" + note + ", " + reader.Instant(m.CreatedAt.In(zone)) + "\n\n" + cut(m.Body, 3000) + "\n\n")
		for _, a := range m.Attachments {
			text.WriteString(reader.Say("Attached: %s, %s", plainLine(a.Name), a.Weight()) + "\n\n")
		}
	}
	path := "/portal/all/messages/"
	if v.Side == auth.Office {
		path = "/office/messages/"
	}
	return mail.Letter{
		Reader: reader, Subject: subject, Markdown: text.String(), Button: mail.Button{Label: reader.Say("Open the conversation"), URL: origin + path + c.ID.String()},
	}, nil
}

// plainLine is a name that means nothing to Markdown.
func plainLine(text string) string {
	return strings.NewReplacer("*", "", "_", " ", "[", "(", "]", ")", "`", "'", "<", "", ">", "", "#", "", "\\", "", "|", "/").Replace(oneLine(text))
}

func firstOf(all ...string) string {
	for _, one := range all {
		if one != "" {
			return one
		}
	}
	return ""
}

// mailAssigned tells a member of staff that a conversation is theirs, if it still is.
func (d desk) mailAssigned(ctx context.Context, tx bun.Tx, firm uuid.UUID, a assigned) error {
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	v, to, err := sight.OfStaff(ctx, tx, loaded.Firm, a.Person)
	if err != nil || to.Email == "" {
		return fault.IgnoreNotFound(err)
	}
	c, err := conversationByID(ctx, tx, v, a.Conversation)
	if err != nil || c.AssignedTo != a.Person || c.Closed() {
		return fault.IgnoreNotFound(err)
	}
	by, err := people.StaffMailbox(ctx, tx, auth.System(firm), a.By)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	origin, err := d.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	_, err = d.Notices.Deliver(ctx, tx, loaded.Firm, noticeOf(assignedNotice, v, c, 1), post.Envelope{
		ID: job.Current(ctx).ID, Kind: assignedMail.Name(), PersonID: a.Person, To: to.Address(), ReplyTo: by.Address(),
	}, mail.Letter{
		Subject: "Yours: " + c.Subject, Greeting: "Hello " + to.FirstName(),
		Lines:  []string{by.Name + " has given you the conversation “" + c.Subject + "” with " + c.ClientName + " (" + c.About() + ")."},
		Button: mail.Button{Label: "Open the conversation", URL: origin + "/office/messages/" + c.ID.String()},
	})
	return err
}

// infected notes in the traces that a file was locked.
func infected(ctx context.Context, tx bun.IDB, v auth.Viewer, c Conversation, name, virus string) error {
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "messages.infected", Text: "locked the file “" + name + "” in “" + c.Subject + "”: the virus scanner found " + virus,
		ClientID: c.ClientID, ProjectID: c.ProjectID, SubjectID: c.ID,
	})
}
