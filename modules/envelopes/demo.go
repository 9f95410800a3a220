package envelopes

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/demo"
	"portico/platform/web"
)

// chapter is a document of the demo, made from one of the program's templates.
type chapter struct {
	project, by string
	kind        Kind
	title       string
	template    Kind     // whose text it has
	words       []string // in pairs: what stands there, and what was written instead
	lines       []Line
	people      []role
	message     string
	age         int    // days since it was made
	becomes     string // "": stays a draft; sent, opened, declined, signed
	reason      string
}

type role struct {
	who string
	as  Role
}

var northgate = []chapter{
	{
		project: "maple-street", by: "ben", kind: ChangeOrder, template: ChangeOrder, title: "Larger kitchen island", age: 2, becomes: "opened",
		words: []string{"Describe here what is added, left out or done differently, and where.",
			"The kitchen island becomes 40 cm longer, towards the garden door, with two more drawers and an outlet at the far end. The stone is the one that was chosen.",
			"This change adds no time to the schedule.", "The stone is cut a week later; the day of the move-in stays."},
		lines:   []Line{{Text: "Island, 40 cm longer, with two more drawers", Quantity: 1000, Price: 186000, TaxRate: 825}, {Text: "Electrician: outlet in the island", Quantity: 2500, Price: 9500}},
		people:  []role{{"ana", Signer}, {"tom", Signer}, {"maria", Countersigner}},
		message: "This is the island that we talked about on Monday. The stone is ordered as soon as you have both signed.",
	},
	{
		project: "orchard-lane", by: "maria", kind: Proposal, template: Proposal, title: "Orchard Lane addition: our proposal", age: 6, becomes: "declined",
		words:  scope("- An addition of two rooms and a bath on the garden side, in timber frame, ready to move in.\n- You choose floors, tiles and fixtures in our showroom, within the allowances."),
		lines:  []Line{{Text: "Addition of 42 m² in timber frame, ready to move in", Quantity: 1000, Price: 14850000}},
		people: []role{{"omar", Signer}}, reason: "The windows are above our budget. Can you offer the same with aluminium?",
	},
	{
		project: "maple-street", by: "ben", kind: Design, template: Proposal, title: "Kitchen design, final", age: 40, becomes: "signed",
		words:  scope("- The kitchen as drawn on the plans of last week: cabinets, island, lights and outlets.\n- You have chosen the fronts in oak and the stone in grey."),
		people: []role{{"ana", Signer}, {"tom", Approver}},
	},
	{
		project: "pecan-deck", by: "ben", kind: Contract, template: Contract, title: "Pecan Drive deck: contract", age: 1,
		lines:  []Line{{Text: "Cedar deck with stairs and railing", Quantity: 1000, Price: 2460000, TaxRate: 825}},
		people: []role{{"jana", Signer}, {"maria", Countersigner}},
	},
}

var harbor = []chapter{
	{project: "winter-gala", by: "felix", kind: Other, template: Proposal, title: "HARBOR-ONLY venue agreement", age: 3, becomes: "sent", people: []role{{"ruth", Signer}}},
}

// scope is what stands in a proposal instead of the hints of its template.
func scope(text string) []string {
	return []string{"- Describe the rooms and the work, one point for each part.\n- Say what you provide, and what the client chooses later.", text}
}

// tell puts documents to sign where the story has its projects.
func (d desk) tell(ctx context.Context, tx bun.Tx, s *demo.Story) error {
	if !s.Size.Empty() {
		return nil // a big demo is about numbers
	}
	told := northgate
	if !s.Main {
		told = harbor
	}
	for _, c := range told {
		if err := d.tellOne(ctx, tx, s, c); err != nil {
			return fmt.Errorf("%s: %w", c.title, err)
		}
	}
	return nil
}

func (d desk) tellOne(ctx context.Context, tx bun.Tx, s *demo.Story, c chapter) error {
	author, project := s.People[c.by], s.Projects[c.project]
	v := auth.Viewer{Side: auth.Office, Firm: s.Firm, PersonID: author.ID, Name: author.Name, Email: author.Email}
	at := s.Day(-c.age)
	e := Envelope{
		ClientID: project.ClientID, ProjectID: project.ID, Kind: c.kind, Title: c.title, Message: c.message, Status: Draft, Ordered: true, DeadlineDays: 14, RemindDays: 3,
		Source: "template", Currency: s.Firm.Currency, Revision: 1, CreatedBy: author.ID, CreatedAt: at,
		ProjectName: project.Name, Sender: author.Name,
	}
	for _, client := range s.Clients {
		if client.ID == project.ClientID {
			e.ClientName = client.Name
		}
	}
	var stages []Stage
	for _, b := range builtins {
		if b.Kind == c.template {
			e.Body = strings.NewReplacer(c.words...).Replace(b.Body)
			if c.kind == Contract {
				stages, _ = parseStages(b.Stages)
			}
		}
	}
	for n := range c.lines {
		c.lines[n].Position = n + 1
	}
	net, _ := sumOf(c.lines, e.Currency)
	e.Total = net.Minor
	var err error
	if e.ID, err = insertDraft(ctx, tx, v, e); err != nil {
		return err
	}
	if err := putLines(ctx, tx, v, e, c.lines); err != nil {
		return err
	}
	if err := putStages(ctx, tx, v, e, stages); err != nil {
		return err
	}
	for n, one := range c.people {
		p := s.People[one.who]
		r := Recipient{Position: n + 1, Role: one.as, ContactID: p.ContactID, Name: p.Name, Email: p.Email}
		if one.as == Countersigner {
			r.PersonID = p.ID
		}
		e.Recipients = append(e.Recipients, r)
	}
	if err := putRecipients(ctx, tx, v, &e); err != nil {
		return err
	}
	if err := d.draw(ctx, tx, &web.Here{Viewer: v, Now: at}, &e); err != nil {
		return err
	}
	if err := index(ctx, tx, v, e.ID); err != nil {
		return err
	}
	if err := note(ctx, tx, v, e, "envelopes.drafted", "drafted the "+e.Kind.Noun().String()+" “"+e.Title+"”", nil); err != nil || c.becomes == "" {
		return err
	}
	return d.goOn(ctx, tx, v, &e, c, at)
}

// goOn tells what became of a document that went out, without mails: nobody waits for those of days ago.
func (d desk) goOn(ctx context.Context, tx bun.Tx, v auth.Viewer, e *Envelope, c chapter, at time.Time) error {
	if err := markSent(ctx, tx, v, *e, at); err != nil {
		return err
	}
	e.Status, e.SentAt, e.SentBy = Sent, at, v.PersonID
	if err := record(ctx, tx, v, e, Event{Kind: "created", At: at, PersonID: v.PersonID, Name: v.Name}); err != nil {
		return err
	}
	if err := record(ctx, tx, v, e, Event{Kind: "sent", At: at, PersonID: v.PersonID, Name: v.Name, Email: v.Email}); err != nil {
		return err
	}
	if err := note(ctx, tx, v, *e, "envelopes.sent", "sent the "+e.Kind.Noun().String()+" “"+e.Title+"” to be signed", nil); err != nil {
		return err
	}
	zone, err := zoneOf(ctx, tx, v)
	if err != nil {
		return err
	}
	for step := 1; ; step++ {
		waiting := turn(*e, at)
		if len(waiting) == 0 {
			return nil
		}
		r := waiting[0]
		r.LinkNo, r.NotifiedAt, r.ExpiresAt = 1, at, deadline(*e, r, at, zone)
		if r.Role != Countersigner {
			r.TokenHash = linkHash(d.Key, r)
		}
		if err := markAsked(ctx, tx, v, r); err != nil {
			return err
		}
		e.put(r)
		if err := record(ctx, tx, v, e, Event{Kind: "notified", At: at, Side: "system", RecipientID: r.ID, Name: r.Name, Email: r.Email}); err != nil {
			return err
		}
		if c.becomes == "sent" {
			return nil
		}
		at = at.Add(3*time.Hour + time.Duration(step)*17*time.Minute)
		if err := d.answered(ctx, tx, v, e, r, c, at); err != nil {
			return err
		}
		at = at.Add(4 * time.Minute) // as long as reading and signing takes; see answered
		switch {
		case c.becomes != "signed":
			return nil
		case finished(*e):
			return d.finish(ctx, tx, v, e, at)
		}
	}
}

// answered is what a client of the story does with a document.
func (d desk) answered(ctx context.Context, tx bun.Tx, v auth.Viewer, e *Envelope, r Recipient, c chapter, at time.Time) error {
	by := v
	by.Side, by.From = auth.Portal, auth.Origin{IP: "203.0.113.24", Agent: "Mozilla/5.0 (iPhone)"}
	say := func(kind, text string, after time.Duration) error {
		return record(ctx, tx, by, e, Event{Kind: kind, At: at.Add(after), RecipientID: r.ID, Name: r.Name, Email: r.Email, Note: text})
	}
	r.OpenedAt = at
	if err := say("opened", "", 0); err != nil {
		return err
	}
	switch c.becomes {
	case "declined":
		r.DeclinedAt, r.Reason = at.Add(4*time.Minute), c.reason
		e.Status, e.DeclinedAt = Declined, r.DeclinedAt
		if err := say("declined", c.reason, 4*time.Minute); err != nil {
			return err
		}
	case "signed":
		r.ConsentedAt, r.SignedAt, r.Signature = at.Add(3*time.Minute), at.Add(4*time.Minute), &Ink{Kind: "typed", Text: r.Name}
		if r.Role == Approver {
			r.Signature = nil
		}
		if err := say("consented", "", 3*time.Minute); err != nil {
			return err
		}
		kind := "signed"
		if r.Role == Approver {
			kind = "approved"
		}
		if err := say(kind, "", 4*time.Minute); err != nil {
			return err
		}
	}
	e.put(r)
	return keepAnswer(ctx, tx, v, *e, r)
}
