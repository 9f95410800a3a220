package dailylogs

import (
	"context"
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
	"portico/platform/notice"
	"portico/platform/people"
	"portico/platform/post"
	"portico/platform/sight"
)

// announced names a log that the client is to be told of.
type announced struct{ Log uuid.UUID }

// letter is one mail of it, to one contact.
type letter struct{ Log, Contact uuid.UUID }

// commented names a comment that the other side is to hear of.
type commented struct{ Comment uuid.UUID }

// reply is one mail of what one person said about a log, to a contact or to a member of staff.
type reply struct {
	Comments        []uuid.UUID
	Contact, Person uuid.UUID
	Comment         uuid.UUID // of a promise from before comments were gathered
}

var (
	announce    = job.New[announced]("dailylogs:announce")
	mailLog     = job.New[letter]("dailylogs:mail")
	tellComment = job.New[commented]("dailylogs:tell_comment")
	mailComment = job.New[reply]("dailylogs:mail_comment")
	lookUp      = job.New[looking]("dailylogs:weather")
)

func (j journal) handlers() []job.Handler {
	return []job.Handler{
		announce.Handle(j.announce), mailLog.Handle(j.mailLog).Within(time.Minute),
		tellComment.Handle(j.tellComment), mailComment.Handle(j.mailComment).Within(time.Minute),
		scanPhoto.Handle(j.scan).Within(10 * time.Minute), warnOf.Handle(j.mailWarning).Within(time.Minute),
		lookUp.HandleOutside(j.lookUp).Within(time.Minute),
	}
}

var newsWords = mailtext.Register(mailtext.Kind{
	ID: "daily_log", Title: "New daily log", When: "Sent when a member of staff chooses to tell the client of a daily log.",
	Subject: "News from {{project}}, {{day}}", Button: "See the log",
	Text: "Hello {{first_name}}\n\nThere is a new daily log for {{project}}, {{day}}, by {{author}}{{photos}}.",
	Fields: []mailtext.Field{
		mailtext.Contact, mailtext.FirstName, mailtext.Client, mailtext.Firm,
		{Name: "project", Becomes: "The project's name", Example: "Maple Street remodel"},
		{Name: "day", Becomes: "The day of the log", Example: "Thu, Dec 3, 2026"},
		{Name: "author", Becomes: "Who wrote it", Example: "Diego Santos"},
		{Name: "photos", Becomes: "“, with 12 photos”, if there are any", Example: ", with 12 photos"},
	},
})

// firmOf is the firm as it is now; goes is false for one that sends nothing.
func (j journal) firmOf(ctx context.Context, tx bun.Tx, firm uuid.UUID) (f auth.Firm, goes bool, err error) {
	loaded, err := auth.Load(ctx, tx, firm, nil, j.Now())
	return loaded.Firm, err == nil && !loaded.Firm.Suspended, err
}

// announce promises one mail to each contact who may read the log. Each version is announced once; see noteNotified.
func (j journal) announce(ctx context.Context, tx bun.Tx, firm uuid.UUID, a announced) error {
	l, err := logByID(ctx, tx, auth.System(firm), a.Log)
	if err != nil || !l.Told() {
		return fault.IgnoreNotFound(err)
	}
	f, goes, err := j.firmOf(ctx, tx, firm)
	if err != nil || !goes {
		return err
	}
	list, err := sight.Readers(ctx, tx, f, l.ClientID)
	if err != nil {
		return err
	}
	var letters []letter
	for _, to := range list {
		if _, err := entryByID(ctx, tx, to.Viewer, l.ID); fault.Is(err, fault.Missing) {
			continue
		} else if err != nil {
			return err
		}
		letters = append(letters, letter{l.ID, to.Contact.ID})
	}
	return mailLog.EnqueueEach(ctx, tx, firm, letters)
}

// mailLog tells one contact, if the log is still theirs to read.
func (j journal) mailLog(ctx context.Context, tx bun.Tx, firm uuid.UUID, l letter) error {
	is, err := logByID(ctx, tx, auth.System(firm), l.Log)
	if err != nil || !is.Told() {
		return fault.IgnoreNotFound(err)
	}
	f, goes, err := j.firmOf(ctx, tx, firm)
	if err != nil || !goes {
		return err
	}
	v, who, err := sight.OfContact(ctx, tx, f, is.ClientID, l.Contact)
	if err != nil || who.Email == "" || !who.Invited() {
		return fault.IgnoreNotFound(err)
	}
	e, err := entryByID(ctx, tx, v, l.Log)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	reader := v.Reader()
	said, err := mailtext.Say(ctx, tx, f, reader, newsWords, func(r *lang.Reader) map[string]string {
		photos := ""
		if n := len(e.Photos) + e.More; n > 0 {
			photos = r.Count(n, ", with %s photo", ", with %s photos")
		}
		return map[string]string{
			"contact": who.Name, "first_name": who.FirstName(), "client": v.ClientName, "firm": f.Name,
			"project": e.Project, "day": r.Day(e.LogDate), "author": e.Author, "photos": photos,
		}
	})
	if err != nil {
		return err
	}
	origin, err := j.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	n := notice.Notice{Kind: newNotice, Item: e.ID, Body: e.Project, Path: "/portal/all/dailylogs/" + e.ID.String()}
	return j.send(ctx, tx, f, who, n, mail.Letter{
		Reader: reader, Subject: said.Subject, Markdown: said.Markdown,
		Button: mail.Button{Label: said.Button, URL: origin + "/portal/all/dailylogs/" + e.ID.String()},
	})
}

// send is a notice: what it says stands in the portal, too.
func (j journal) send(ctx context.Context, tx bun.Tx, f auth.Firm, to people.Mailbox, n notice.Notice, says mail.Letter) error {
	now := job.Current(ctx)
	_, err := j.Notices.Deliver(ctx, tx, f, n, post.Envelope{
		ID: now.ID, Kind: now.Kind, PersonID: to.PersonID, ContactID: to.ContactID, To: to.Address(),
	}, says)
	return err
}

// tellComment promises the mails about a comment: a client's goes to the author of the log and the project's team, the
// firm's own to the contacts who may read it.
func (j journal) tellComment(ctx context.Context, tx bun.Tx, firm uuid.UUID, said commented) error {
	taken, err := comment.Take(ctx, tx, auth.System(firm), section, said.Comment)
	if err != nil || len(taken) == 0 {
		return err
	}
	c, err := comment.ByID(ctx, tx, auth.System(firm), section, taken[0])
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	var letters []reply
	if c.ByClient() {
		l, err := logByID(ctx, tx, auth.System(firm), c.ThingID)
		if err != nil {
			return fault.IgnoreNotFound(err)
		}
		team, err := people.Team(ctx, tx, auth.System(firm), []uuid.UUID{l.ProjectID}, l.AuthorID)
		if err != nil {
			return err
		}
		for _, person := range team {
			letters = append(letters, reply{Comments: taken, Person: person})
		}
		return mailComment.EnqueueEach(ctx, tx, firm, letters)
	}
	f, goes, err := j.firmOf(ctx, tx, firm)
	if err != nil || !goes {
		return err
	}
	list, err := sight.Readers(ctx, tx, f, c.ClientID)
	if err != nil {
		return err
	}
	for _, to := range list {
		if _, err := entryByID(ctx, tx, to.Viewer, c.ThingID); err == nil {
			letters = append(letters, reply{Comments: taken, Contact: to.Contact.ID})
		} else if !fault.Is(err, fault.Missing) {
			return err
		}
	}
	return mailComment.EnqueueEach(ctx, tx, firm, letters)
}

// mailComment tells one of them what was said, as long as it stands and they may read it.
func (j journal) mailComment(ctx context.Context, tx bun.Tx, firm uuid.UUID, to reply) error {
	if to.Comment != uuid.Nil {
		to.Comments = append(to.Comments, to.Comment)
	}
	said, err := comment.Standing(ctx, tx, auth.System(firm), section, to.Comments)
	if err != nil || len(said) == 0 {
		return err
	}
	c := said[0]
	l, err := logByID(ctx, tx, auth.System(firm), c.ThingID)
	if err != nil || l.Withdrawn() {
		return fault.IgnoreNotFound(err)
	}
	f, goes, err := j.firmOf(ctx, tx, firm)
	if err != nil || !goes {
		return err
	}
	origin, err := j.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	says := func(reader *lang.Reader, on day.Day, name string) mail.Letter {
		lines := []string{reader.Say("%s wrote about the daily log of %s, %s:", c.Author, on, l.Project)}
		for _, one := range said {
			lines = append(lines, "“"+excerpt(one.Text, 1000)+"”")
		}
		return mail.Letter{
			Reader: reader, Greeting: reader.Say("Hello %s", name), Subject: reader.Say("%s commented on the log of %s", c.Author, on), Lines: lines,
		}
	}
	if to.Contact == uuid.Nil {
		_, who, err := sight.OfStaff(ctx, tx, f, to.Person)
		if err != nil {
			return fault.IgnoreNotFound(err)
		}
		letter := says(lang.English, l.LogDate, who.FirstName())
		path := "/office/dailylogs/" + l.ID.String()
		letter.Button = mail.Button{Label: "See the log and answer", URL: origin + path}
		return j.send(ctx, tx, f, who, commentOf(l.ID, len(said), l.LogDate, l.Project, path), letter)
	}
	v, who, err := sight.OfContact(ctx, tx, f, l.ClientID, to.Contact)
	if err != nil || who.Email == "" || !who.Invited() {
		return fault.IgnoreNotFound(err)
	}
	e, err := entryByID(ctx, tx, v, l.ID)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	letter := says(v.Reader(), e.LogDate, who.FirstName()) // the day that they read, whatever is being written
	path := "/portal/all/dailylogs/" + l.ID.String()
	letter.Button = mail.Button{Label: v.Reader().Say("See it in your portal"), URL: origin + path}
	return j.send(ctx, tx, f, who, commentOf(l.ID, len(said), e.LogDate, e.Project, path), letter)
}
