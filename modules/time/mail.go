package time

import (
	"context"
	netmail "net/mail"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/mail"
	"portico/platform/module"
	"portico/platform/notice"
	"portico/platform/post"
	"portico/platform/view"
	"portico/platform/web"
)

// sentBack names work of one person that somebody has given back to be mended.
type sentBack struct {
	Source     string // fact.FromTime, fact.FromExpense
	Person, By uuid.UUID
	IDs        []uuid.UUID // the first of it
	Count      int         // all of it
}

var tellSentBack = job.New[sentBack]("time:tell_sent_back")

// How much of what was sent back a mail knows of, and how much it lists.
const (
	mostSentBack = 100
	mostListed   = 10
)

// promiseSentBack promises a mail to each writer but the one who sends back.
func promiseSentBack(r *web.Request, p picked) error {
	var all []sentBack
	add := func(person, id uuid.UUID) {
		if person == r.Viewer().PersonID {
			return
		}
		at := 0
		for at < len(all) && all[at].Person != person {
			at++
		}
		if at == len(all) {
			all = append(all, sentBack{Source: p.kind.Source, Person: person, By: r.Viewer().PersonID})
		}
		if all[at].Count++; all[at].Count <= mostSentBack {
			all[at].IDs = append(all[at].IDs, id)
		}
	}
	for _, e := range p.entries {
		add(e.PersonID, e.ID)
	}
	for _, e := range p.expenses {
		add(e.PersonID, e.ID)
	}
	return tellSentBack.EnqueueEach(r.Context(), r.Tx(), r.Firm().ID, all)
}

type postman struct{ module.Platform }

// returnedLine is one thing that came back, as the mail has it.
type returnedLine struct{ Text, Why, Path string }

// tellSentBack mails a writer what came back and why, as far as it is still to be mended.
func (m postman) tellSentBack(ctx context.Context, tx bun.Tx, firm uuid.UUID, s sentBack) error {
	loaded, err := auth.Load(ctx, tx, firm, nil, m.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	v := auth.System(firm)
	v.Firm = loaded.Firm
	lines, err := m.cameBack(ctx, tx, v, s)
	if err != nil || len(lines) == 0 {
		return err
	}
	to, err := mailboxOf(ctx, tx, v, s.Person)
	if err != nil || to.Email == "" {
		return fault.IgnoreNotFound(err)
	}
	by, err := mailboxOf(ctx, tx, v, s.By)
	if err != nil && !fault.Is(err, fault.Missing) {
		return err
	}
	origin, err := m.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	letter := letterOf(lines, s.Count-len(s.IDs)+len(lines), by.Name)
	word := notice.Notice{Kind: returnedNotice, Path: letter.Button.URL}
	letter.Greeting, letter.Button.URL = "Hello "+firstName(to.Name), origin+letter.Button.URL
	_, err = m.Notices.Deliver(ctx, tx, loaded.Firm, word, post.Envelope{
		ID: job.Current(ctx).ID, Kind: tellSentBack.Name(), PersonID: s.Person, To: netmail.Address{Name: to.Name, Address: to.Email},
	}, letter)
	return err
}

// cameBack are those of the things that are drafts still.
func (m postman) cameBack(ctx context.Context, tx bun.Tx, v auth.Viewer, s sentBack) (lines []returnedLine, err error) {
	if s.Source == ofExpense.Source {
		list, err := draftExpenses(ctx, tx, v, s.Person, s.IDs)
		for _, e := range list {
			lines = append(lines, returnedLine{
				view.Day(e.SpentOn) + ": " + e.Spent().Format(v.Firm.Locale) + " for " + e.Category + ", " + e.Project, e.Returned, "/office/time/expenses/" + e.ID.String(),
			})
		}
		return lines, err
	}
	set, err := settingOf(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	list, err := draftEntries(ctx, tx, v, s.Person, s.IDs)
	for _, e := range list {
		lines = append(lines, returnedLine{
			view.Day(e.WorkDate) + ": " + e.Hours() + " h of " + e.What() + ", " + e.Project, e.Returned, "/office/time?week=" + set.weekOf(e.WorkDate).String(),
		})
	}
	return lines, err
}

// letterOf tells of what came back: each reason once, above what it is about.
func letterOf(lines []returnedLine, count int, by string) mail.Letter {
	if by == "" {
		by = "Somebody"
	}
	what := "one thing"
	if count > 1 {
		what = counted(count, "thing", "things")
	}
	letter := mail.Letter{
		Subject: "Sent back: " + lines[0].Text, Lines: []string{by + " has sent back " + what + " that you submitted. Please look at it, and submit it again:"},
		Button: mail.Button{Label: "Open it", URL: lines[0].Path},
	}
	if count > 1 {
		letter.Subject = "Sent back: " + counted(count, "thing", "things") + " that you submitted"
	}
	why := ""
	for _, line := range lines[:min(len(lines), mostListed)] {
		if line.Why != why && line.Why != "" {
			letter.Lines = append(letter.Lines, "“"+line.Why+"”")
		}
		why = line.Why
		letter.Lines = append(letter.Lines, line.Text)
	}
	if more := count - min(len(lines), mostListed); more > 0 {
		letter.Lines = append(letter.Lines, "And "+counted(more, "more", "more")+".")
	}
	return letter
}

func firstName(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}
