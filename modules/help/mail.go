package help

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
)

// answered names a question whose answer is to be mailed.
type answered struct{ ID uuid.UUID }

var answerMail = job.New[answered]("help:mail_answer")

type mailer struct{ module.Platform }

func (m mailer) handlers() []job.Handler {
	return []job.Handler{answerMail.Handle(m.mailAnswer).Within(time.Minute)}
}

// mailAnswer tells the asker what the team answered: once, and only while the asker may still read it in the portal.
func (m mailer) mailAnswer(ctx context.Context, tx bun.Tx, firm uuid.UUID, q answered) error {
	to, err := askerOf(ctx, tx, firm, q.ID)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	if !to.MailedAt.IsZero() || !to.reads() {
		return nil
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, m.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	origin, err := m.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(to.Name, " ")
	reader := auth.MailReader(loaded.Firm, to.Locale, true)
	lines := append([]string{reader.Say("You asked: “%s”", excerpt(oneLine(to.Text), 200))}, paragraphs(to.Answer)...)
	e := post.Envelope{
		ID: job.Current(ctx).ID, Kind: answerMail.Name(), PersonID: to.PersonID, ContactID: to.ContactID,
		To: netmail.Address{Name: to.Name, Address: to.Email}, ReplyTo: netmail.Address{Name: to.AnswererName, Address: to.AnswererEmail},
	}
	held, err := m.Notices.Deliver(ctx, tx, loaded.Firm, notice.Notice{
		Kind: answerNotice, Item: q.ID, Body: excerpt(oneLine(to.Text), 200), Path: "/portal/all/help/questions/" + q.ID.String(),
	}, e, mail.Letter{
		Reader:   reader,
		Subject:  reader.Say("An answer from %s", loaded.Firm.Name),
		Greeting: reader.Say("Hello %s", first),
		Lines:    lines,
		Button:   mail.Button{Label: reader.Say("See it in your portal"), URL: origin + "/portal/all/help/questions/" + q.ID.String()},
		Small:    []string{reader.Say("%s wrote this answer. A reply to this message goes to %s.", to.AnswererName, to.AnswererName)},
	})
	if err != nil || held {
		return err
	}
	return noteMailed(ctx, tx, firm, q.ID)
}

// reads asks again what was true when the question was asked. A project that has lost its help narrows nothing here:
// the answer belongs to no project.
func (a asker) reads() bool {
	levels := access.Levels{
		FirmOn: a.FirmOn, FirmSays: a.FirmSays, ClientOn: a.ClientOn, ClientSays: a.ClientSays,
		Contact: &access.Contact{Portal: a.Portal && a.SamePerson},
	}
	return levels.May(see).On
}
