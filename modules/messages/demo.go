package messages

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/demo"
	"portico/platform/id"
)

// tell lets the Riveras and the firm talk.
func (d desk) tell(ctx context.Context, tx bun.Tx, s *demo.Story) error {
	ana, ben, maria := s.People["ana"], s.People["ben"], s.People["maria"]
	if !s.Main || !s.Size.Empty() || ana.ID == uuid.Nil || ben.ID == uuid.Nil || maria.ID == uuid.Nil {
		return nil
	}
	t := teller{ctx: ctx, tx: tx, s: s}
	maple := s.Projects["maple-street"]
	tile := t.begin(maple.ClientID, maple.ID, "Kitchen tile and the lead time", ana, ben.ID, ben)
	t.say(tile, ana, -3, 9, "Hello Ben, we have fallen for the green zellige tile. The shop says six weeks. Does that hold the kitchen up?")
	t.note(tile, ben, -3, 10, "Supplier quotes five weeks if we order by Friday. Do not promise it before I have it in writing.")
	t.say(tile, ben, -3, 11, "Good choice. Six weeks still fits, as long as it is **ordered this week**:\n\n- the cabinets come first\n- the backsplash is one of the last steps\n\nI will send you the order to look at tomorrow.")
	t.say(tile, ana, -1, 18, "Wonderful, thank you. One more thing: can the outlet beside the stove move up a little? The tile would run through without a cut then.")
	rain := t.begin(maple.ClientID, maple.ID, "Rain on Thursday: the roof crew comes Friday", maria, maria.ID, ana)
	t.say(rain, maria, -2, 8, "Good morning. The forecast for Thursday is rain all day, so the roof crew comes on Friday instead. Everything else stays as planned.")
	garden := t.begin(maple.ClientID, s.Projects["maple-garden"].ID, "Which week suits you for the garden walk?", ben, ben.ID, ana)
	t.say(garden, ben, -9, 14, "Hello Ana, when would you like to walk the garden with Priya? Any morning in the first week of the month works for us.")
	t.say(garden, ana, -8, 7, "Tuesday at nine would be perfect.")
	t.say(garden, ben, -8, 8, "Tuesday at nine it is. See you there!")
	t.close(garden, ben)
	for _, a := range []Canned{
		{Title: "Thank you, we look into it", Body: "Thank you for letting us know. We look into it and come back to you within one working day."},
		{Title: "Visit the site", Body: "You are welcome on site. Please tell us the day before, so that somebody is there to walk you through, and wear closed shoes."},
	} {
		if t.err == nil {
			a.ID = id.New()
			t.err = putAnswer(ctx, tx, t.as(ben), a)
		}
	}
	return t.err
}

// teller writes what was said in the past.
type teller struct {
	ctx context.Context
	tx  bun.Tx
	s   *demo.Story
	err error
}

func (t *teller) as(p demo.Person) auth.Viewer {
	v := auth.Viewer{Side: auth.Office, Firm: t.s.Firm, PersonID: p.ID, Name: p.Name}
	if p.ContactID != uuid.Nil {
		v.Side, v.ContactID, v.ClientID = auth.Portal, p.ContactID, p.ClientID
	}
	return v
}

func (t *teller) begin(client, project uuid.UUID, subject string, by demo.Person, assignee uuid.UUID, with ...demo.Person) Conversation {
	c := Conversation{ID: id.New(), ClientID: client, ProjectID: project, Subject: subject, AssignedTo: assignee}
	if t.err != nil {
		return c
	}
	if _, t.err = insertConversation(t.ctx, t.tx, t.as(by), c); t.err != nil {
		return c
	}
	for _, p := range append(with, by) {
		if t.err == nil {
			t.err = addParticipant(t.ctx, t.tx, t.as(by), c, p.ID, p.ContactID)
		}
	}
	return c
}

func (t *teller) say(c Conversation, by demo.Person, days, hour int, body string) {
	t.tell(c, by, days, hour, Message{Body: body})
}

func (t *teller) note(c Conversation, by demo.Person, days, hour int, body string) {
	t.tell(c, by, days, hour, Message{Body: body, Internal: true})
}

// fromUTC are the hours by which the day of the story's firm begins later.
const fromUTC = 6

func (t *teller) tell(c Conversation, by demo.Person, days, hour int, m Message) {
	if t.err != nil {
		return
	}
	m.ID, m.ContactID = id.New(), by.ContactID
	at := t.s.Day(days).Truncate(24 * time.Hour).Add(time.Duration(hour+fromUTC) * time.Hour)
	if _, _, t.err = insertMessage(t.ctx, t.tx, t.as(by), c, m); t.err != nil {
		return
	}
	if t.err = backdate(t.ctx, t.tx, t.as(by), m.ID, at); t.err != nil {
		return
	}
	m.CreatedAt = at
	if t.err = spoke(t.ctx, t.tx, t.as(by), c, m); t.err != nil {
		return
	}
	_, t.err = noteRead(t.ctx, t.tx, t.as(by), c.ID, at)
}

func (t *teller) close(c Conversation, by demo.Person) {
	if t.err == nil {
		t.err = setClosed(t.ctx, t.tx, t.as(by), c.ID, true)
	}
}
