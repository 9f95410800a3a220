package schedule

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/lang"
	"portico/platform/mail"
	"portico/platform/mailtext"
	"portico/platform/notice"
	"portico/platform/post"
	"portico/platform/sight"
)

// telling names a publication that clients are to hear of.
type telling struct{ Notice uuid.UUID }

// tidings is one mail of it.
type tidings struct{ Notice, Contact uuid.UUID }

var (
	tellNotice = job.New[telling]("schedule:tell")
	noticeMail = job.New[tidings]("schedule:mail")
)

var noticeWords = mailtext.Register(mailtext.Kind{
	ID: "schedule_published", Title: "Schedule: published", When: "A schedule was published, for the first time or with changes. One mail tells of all changes at once.",
	Subject: "{{project}}: your schedule",
	Text: `Hello {{first_name}},

{{news}}

{{message}}

{{changes}}`,
	Button: "See the schedule",
	Fields: []mailtext.Field{
		mailtext.FirstName, mailtext.Contact, mailtext.Client, mailtext.Firm,
		{Name: "project", Becomes: "The project's name", Example: "Maple Street remodel"},
		{Name: "news", Becomes: "What happened, in a sentence", Example: "2 dates of your project have changed."},
		{Name: "message", Becomes: "What was written with it", Example: "The stone comes a week later.", Optional: true, Lines: true},
		{Name: "changes", Becomes: "What has changed: the old date, the new date, and why", Example: "Countertops: Mon, Dec 7 becomes Mon, Dec 14. The stone is late.", Optional: true, Lines: true},
	},
})

func (d desk) handlers() []job.Handler {
	return []job.Handler{tellNotice.Handle(d.tell1), noticeMail.Handle(d.mailNotice).Within(time.Minute)}
}

// tell1 promises one mail to each contact who may see the schedule.
func (d desk) tell1(ctx context.Context, tx bun.Tx, firm uuid.UUID, t telling) error {
	n, err := noticeOf(ctx, tx, auth.System(firm), t.Notice)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	readers, err := sight.Readers(ctx, tx, loaded.Firm, n.ClientID)
	if err != nil {
		return err
	}
	var letters []tidings
	for _, reader := range readers {
		if _, err := noticeOf(ctx, tx, seeing(reader.Viewer), n.ID); err == nil {
			letters = append(letters, tidings{n.ID, reader.Contact.ID})
		} else if !fault.Is(err, fault.Missing) {
			return err
		}
	}
	return noticeMail.EnqueueEach(ctx, tx, firm, letters)
}

// seeing leaves a contact who may not see schedules no project: reads ask for projects.
func seeing(v auth.Viewer) auth.Viewer {
	if v.Side == auth.Portal && !v.May(see) {
		v.Projects = nil
	}
	return v
}

// mostTold is how many changes a mail names.
const mostTold = 20

// mailNotice tells one contact of all changes at once, as far as it may still see them.
func (d desk) mailNotice(ctx context.Context, tx bun.Tx, firm uuid.UUID, t tidings) error {
	n, err := noticeOf(ctx, tx, auth.System(firm), t.Notice)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	v, to, err := sight.OfContact(ctx, tx, loaded.Firm, n.ClientID, t.Contact)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	if n, err = noticeOf(ctx, tx, seeing(v), t.Notice); err != nil || to.Email == "" || !n.First && len(n.Changes) == 0 {
		return fault.IgnoreNotFound(err)
	}
	origin, err := d.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	reader := v.Reader()
	said, err := mailtext.Say(ctx, tx, loaded.Firm, reader, noticeWords, func(r *lang.Reader) map[string]string {
		return map[string]string{
			"first_name": to.FirstName(), "contact": to.Name, "client": v.ClientName, "firm": loaded.Firm.Name, "project": n.ProjectName,
			"news": n.news(r), "message": n.Message, "changes": strings.Join(n.told(r), "\n"),
		}
	})
	if err != nil {
		return err
	}
	at := "/portal/" + n.ProjectKey + "/schedule"
	if !n.First {
		at += "/changes"
	}
	_, err = d.Notices.Deliver(ctx, tx, loaded.Firm, notice.Notice{Kind: publishedNotice, Item: n.ID, Body: n.news(reader), Path: at}, post.Envelope{
		ID: job.Current(ctx).ID, Kind: noticeMail.Name(), PersonID: to.PersonID, ContactID: t.Contact, To: to.Address(),
	}, mail.Letter{Reader: reader, Subject: said.Subject, Markdown: said.Markdown, Button: mail.Button{Label: said.Button, URL: origin + at}})
	return err
}

// news says in a sentence what a publication is about.
func (n Notice) news(reader *lang.Reader) string {
	if n.First {
		return reader.Say("The schedule of your project is ready: what happens when, and what comes next.")
	}
	moved := 0
	for _, c := range n.Changes {
		if c.Kind == "moved" {
			moved++
		}
	}
	if moved > 0 {
		return reader.Count(moved, "%s date of your project has changed.", "%s dates of your project have changed.")
	}
	return reader.Say("The schedule of your project has changed.")
}

// told are the changes, a line each.
func (n Notice) told(reader *lang.Reader) []string {
	var lines []string
	for at, c := range n.Changes {
		if at == mostTold {
			return append(lines, reader.Say("And %s more: see them in your portal.", len(n.Changes)-at))
		}
		lines = append(lines, c.sentence(reader))
	}
	return lines
}

// sentence tells a change in words: the old date, the new date, and why.
func (c Change) sentence(reader *lang.Reader) string {
	text := ""
	switch c.Kind {
	case "moved":
		text = reader.Say("%s: %s becomes %s.", c.Title, c.Was.Words(), c.Now.Words())
	case "added":
		text = reader.Say("%s: new, %s.", c.Title, c.Now.Words())
	case "removed":
		text = reader.Say("%s: is not planned any more.", c.Title)
	case "renamed":
		text = reader.Say("%s: was called “%s”.", c.Title, c.OldTitle)
	}
	if c.Reason != "" {
		text += " " + c.Reason
		if !strings.ContainsAny(c.Reason[len(c.Reason)-1:], ".!?") {
			text += "."
		}
	}
	return text
}

// counted is "1 change", "3 changes".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
