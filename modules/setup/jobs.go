package setup

import (
	"context"
	netmail "net/mail"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/auth/sso"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/mail"
	"portico/platform/people"
	"portico/platform/post"
)

// invitation mails a member of staff the way in.
var invitation = job.New[invited]("setup:invitation")

type invited struct {
	Person uuid.UUID `json:"person"`
	By     uuid.UUID `json:"by"`
}

func (o office) jobs() []job.Handler {
	return []job.Handler{
		invitation.Handle(o.sendInvitation), testMail.Handle(o.sendTest),
		sweep.Handle(o.sweep), job.Every("30 3 * * *", "setup:forget_drafts", o.forgetDrafts),
	}
}

func (o office) sendInvitation(ctx context.Context, tx bun.Tx, firm uuid.UUID, i invited) error {
	s, err := people.FindStaff(ctx, tx, auth.System(firm), i.Person)
	if err != nil || !s.Active() {
		return fault.IgnoreNotFound(err)
	}
	by, err := people.Find(ctx, tx, firm, i.By)
	if fault.IgnoreNotFound(err) != nil {
		return err
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, o.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	mine := job.Current(ctx).ID
	if p, err := sso.Get(ctx, tx, firm); err != nil {
		return err
	} else if p.Enabled && p.Required && s.Role != access.Owner {
		return o.sendToSSO(ctx, tx, loaded.Firm, s, by)
	}
	token, code, err := link.Issue(ctx, tx, o.Key, link.New{
		Firm: firm, Purpose: link.Invite, Outbox: mine, Person: s.PersonID, SentTo: s.Email, ReturnTo: "/office",
	})
	if err != nil {
		return err
	}
	origin, err := o.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	return o.Post.Send(ctx, tx, loaded.Firm, post.Envelope{
		ID: mine, Kind: invitation.Name(), PersonID: s.PersonID,
		To: netmail.Address{Name: s.Name, Address: s.Email}, ReplyTo: netmail.Address{Name: by.Name, Address: by.Email},
	}, letterTo(s, by, loaded.Firm.Name, origin+"/sign-in/link/"+token, code))
}

func letterTo(s people.Staff, by people.Person, firm, url, code string) mail.Letter {
	first, _, _ := strings.Cut(s.Name, " ")
	who := by.Name
	if who == "" {
		who = "The team"
	}
	return mail.Letter{
		Subject:  "Join " + firm + " on Portico",
		Greeting: "Hello " + first,
		Lines:    []string{who + " invites you to the office of " + firm + ": its projects, its clients, and what they see."},
		Button:   mail.Button{Label: "Go to the office", URL: url},
		Code:     code, CodeNote: "Or type this code on the sign-in page:",
		Small: []string{"Link and code work once, for 7 days. Afterwards you get new ones on the sign-in page."},
	}
}

// sendToSSO invites where a link would open nothing: staff come in with the firm's own provider.
func (o office) sendToSSO(ctx context.Context, tx bun.Tx, firm auth.Firm, s people.Staff, by people.Person) error {
	origin, err := o.Links.Origin(ctx, firm.ID)
	if err != nil {
		return err
	}
	letter := letterTo(s, by, firm.Name, origin+"/sign-in/sso", "")
	letter.Button.Label, letter.CodeNote = "Sign in with "+firm.SSO, ""
	letter.Small = []string{"Sign in with your account at " + firm.SSO + " whose address is " + s.Email + "."}
	return o.Post.Send(ctx, tx, firm, post.Envelope{
		ID: job.Current(ctx).ID, Kind: invitation.Name(), PersonID: s.PersonID,
		To: netmail.Address{Name: s.Name, Address: s.Email}, ReplyTo: netmail.Address{Name: by.Name, Address: by.Email},
	}, letter)
}
