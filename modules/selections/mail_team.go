package selections

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/comment"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/mail"
	"portico/platform/people"
	"portico/platform/post"
)

// teamNews is something that a client did; each of the team hears of it.
type teamNews struct {
	Selection, Comment uuid.UUID
	Comments           []uuid.UUID // of which one mail tells
	What               string
	Person             uuid.UUID // Nil: still to be found
}

// tellTeam promises that the project's team hears of what a client did.
func (d desk) tellTeam(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection, what string, said uuid.UUID) error {
	var later []job.Option
	if said != uuid.Nil {
		later = append(later, job.At(d.Now().Add(comment.Gathering)))
	}
	_, err := tellStaff.Enqueue(ctx, tx, v.FirmID(), teamNews{Selection: s.ID, What: what, Comment: said}, later...)
	return err
}

func (d desk) teamNews(ctx context.Context, tx bun.Tx, firm uuid.UUID, n teamNews) error {
	s, err := byID(ctx, tx, auth.System(firm), n.Selection)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	if n.What == "comment" {
		if n.Comments, err = comment.Take(ctx, tx, auth.System(firm), "selections", n.Comment); err != nil || len(n.Comments) == 0 {
			return err
		}
	}
	team, err := people.Team(ctx, tx, auth.System(firm), []uuid.UUID{s.ProjectID})
	if err != nil {
		return err
	}
	letters := make([]teamNews, len(team))
	for i, person := range team {
		letters[i] = n
		letters[i].Person = person
	}
	return mailStaff.EnqueueEach(ctx, tx, firm, letters)
}

// teamWords say what a client did.
var teamWords = map[string]struct{ subject, text string }{
	"approved": {"approved", "has approved a choice."},
	"skipped":  {"skipped", "does not want this at all."},
	"declined": {"declined", "wants none of the choices."},
	"proposed": {"proposed a choice", "has proposed a choice. It needs a price."},
	"asked":    {"asks for a change", "asks to change what is decided."},
	"photo":    {"sent a picture", "has uploaded a picture as an inspiration."},
	"comment":  {"wrote", "wrote:"},
	"unpriced": {"wants a price", "has chosen something that has no price yet."},
}

// mailTeam tells one of the team.
func (d desk) mailTeam(ctx context.Context, tx bun.Tx, firm uuid.UUID, n teamNews) error {
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	to, err := people.StaffMailbox(ctx, tx, auth.System(firm), n.Person)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	s, err := byID(ctx, tx, auth.System(firm), n.Selection)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	words := teamWords[n.What]
	comments := 0
	lines := []string{s.ClientName + " " + words.text, "“" + s.Title + "”, " + s.ProjectName}
	switch n.What {
	case "approved":
		lines = append(lines, "Approved: "+quoted(s.Picks()))
	case "comment":
		said, err := comment.Standing(ctx, tx, auth.System(firm), "selections", telling{Comment: n.Comment, Comments: n.Comments}.said())
		if err != nil || len(said) == 0 {
			return err
		}
		lines = []string{said[0].Author + " wrote about “" + s.Title + "”, " + s.ProjectName + ":"}
		comments = len(said)
		for _, one := range said {
			lines = append(lines, paragraphs(one.Text)...)
		}
	}
	origin, err := d.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	kind, path := decidedNotice, "/office/selections/"+s.ID.String()
	if n.What == "comment" {
		kind = commentNotice
	}
	_, err = d.Notices.Deliver(ctx, tx, loaded.Firm, noticeOf(kind, s, comments, path), post.Envelope{
		ID: job.Current(ctx).ID, Kind: mailStaff.Name(), PersonID: n.Person, To: to.Address(),
	}, mail.Letter{
		Subject: s.ClientName + " " + words.subject + ": " + s.Title, Greeting: "Hello " + to.FirstName(), Lines: lines,
		Button: mail.Button{Label: "Open the selection", URL: origin + path},
	})
	return err
}
