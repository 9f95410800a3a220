package notice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/firm"
	"portico/platform/job"
	"portico/platform/lang"
	"portico/platform/live"
	"portico/platform/mail"
	"portico/platform/post"
)

// Topic rings on the open pages of a person when something in the bell has changed.
const Topic = "notices"

// Desk is where sections hand in what people are to be told of.
type Desk struct {
	Kinds Kinds
	Post  *post.Box
	Links firm.Links
	Bell  *live.Bell
	Notes *bun.DB // a small pool of its own: the bell rings even while no mail can be sent
	Log   *slog.Logger
	Now   func() time.Time
	// Sees answers which items of a section somebody may see: it is asked when a notice is shown or sent, not when it is
	// written. Section's items that are not named are asked for with an empty list: then the answer says whether the
	// section is open.
	Sees func(ctx context.Context, tx bun.Tx, v auth.Viewer, section string, items []uuid.UUID) ([]uuid.UUID, error)
	// Unsubscribe is the address where one click ends the mails of a kind, or with "" all that are not important.
	Unsubscribe func(ctx context.Context, firm, person uuid.UUID, kind string) (string, error)
	// Push is the way to people's devices; nil: there is none.
	Push Pusher
}

// Pusher brings words to the devices of a person.
type Pusher interface {
	// Reaches says which of these people have a device that takes them.
	Reaches(ctx context.Context, tx bun.IDB, firm uuid.UUID, people []uuid.UUID) ([]uuid.UUID, error)
	// Send promises it.
	Send(ctx context.Context, tx bun.IDB, firm uuid.UUID, p Push) error
}

// Push is a notice as devices show it. A later one with the same tag takes the place of an earlier one.
type Push struct {
	ID, Person, Contact    uuid.UUID
	Title, Body, Path, Tag string
}

// Notice is one event as one person hears of it, in the person's language: Title and Body are said in it when they are
// written, for nobody else reads them. Its ID is the event's and the person's together: handed in twice, it is told
// once.
type Notice struct {
	Kind    Kind
	ID      uuid.UUID // of a promise that tells one person: the promise's
	Person  uuid.UUID
	Contact uuid.UUID // as whom; Nil: as staff
	Item    uuid.UUID // what it is about, for the section's Sees; Nil: nothing in particular
	Title   string    // "A new invoice for Maple Street remodel"; "" where a letter has a subject
	Body    string    // a line more, or ""
	Path    string    // "/portal/all/billing/invoices/…"

	// Bundle: while one of the same bundle is unread, this one takes its place and tells of both: "" never.
	Bundle string
	Items  int // how many things it tells of; 0: one
	// Many is the title of several in the language of whoever is told: "3 new photos in Riverside"; nil: Title.
	Many func(r *lang.Reader, n int) string
}

// IDOf makes the ID of a notice that is no promise's: of an event, and a person as contact or as staff.
func IDOf(event, person, contact uuid.UUID) uuid.UUID {
	return uuid.NewSHA1(event, slices.Concat(person[:], contact[:]))
}

// checked cuts what is too long to be shown.
func (n Notice) checked(kinds Kinds) (Notice, error) {
	if _, declared := kinds.Find(n.Kind.ID); !declared {
		return n, fmt.Errorf("notice of kind %q: no section declares it", n.Kind.ID)
	}
	if n.ID == uuid.Nil || n.Person == uuid.Nil || n.Title == "" || n.Path == "" {
		return n, fmt.Errorf("notice of kind %s: id, person, title and path are needed", n.Kind.ID)
	}
	n.Title, n.Body, n.Items = cut(n.Title, 300), cut(n.Body, 1000), max(n.Items, 1)
	return n, nil
}

func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// Deliver tells one person, from within the job that was promised for it: in the bell and by push at once, by mail with the
// letter that the job has written. The job has asked whether the person may see what it tells of, and is called again when
// mails are held by quiet hours: held is true, and nothing of the mail may be noted yet. Whoever has no account, such as a
// guest who signs, gets the letter and nothing else.
func (d *Desk) Deliver(ctx context.Context, tx bun.Tx, firm auth.Firm, n Notice, e post.Envelope, letter mail.Letter) (held bool, err error) {
	if e.PersonID == uuid.Nil && e.ContactID != uuid.Nil {
		if e.PersonID, err = personOf(ctx, tx, firm.ID, e.ContactID); err != nil {
			return false, err
		}
	}
	if e.PersonID == uuid.Nil {
		return false, d.Post.Send(ctx, tx, firm, e, letter)
	}
	n.ID, n.Person, n.Contact = e.ID, e.PersonID, e.ContactID
	if n.Title == "" {
		n.Title = letter.Subject
	}
	if n, err = n.checked(d.Kinds); err != nil {
		return false, err
	}
	was, known, err := stateOf(ctx, tx, firm.ID, n.ID)
	if err != nil {
		return false, err
	}
	if known && was != "held" { // told already
		return false, nil
	}
	to, err := d.ways(ctx, tx, firm.ID, []uuid.UUID{n.Person}, n.Kind)
	if err != nil {
		return false, err
	}
	r := to[n.Person]
	state, until := r.mailNow(n.Kind, d.Now())
	switch state {
	case "held":
		job.Later(ctx, until)
	case "off":
		err = d.Post.Drop(ctx, tx, firm, e, letter)
	case "sent":
		if err = d.send(ctx, tx, firm, n, e, letter); err != nil && !known {
			err = errors.Join(err, d.ringApart(ctx, firm.ID, entry{n, r, "held"}))
		}
	}
	if err != nil {
		return false, err
	}
	if known {
		return state == "held", setMail(ctx, tx, firm.ID, state, n.ID)
	}
	return state == "held", d.keep(ctx, tx, firm.ID, []entry{{n, r, state}})
}

func (d *Desk) send(ctx context.Context, tx bun.Tx, firm auth.Firm, n Notice, e post.Envelope, letter mail.Letter) (err error) {
	if !n.Kind.Legal {
		e.Once = true
		if d.Unsubscribe != nil {
			if letter.Unsubscribe, err = d.Unsubscribe(ctx, firm.ID, n.Person, n.Kind.ID); err != nil {
				return err
			}
		}
	}
	return d.Post.Send(ctx, tx, firm, e, letter)
}

// ringApart shows a notice in the bell whose mail could not be sent: the job comes back for the mail alone.
func (d *Desk) ringApart(ctx context.Context, firm uuid.UUID, e entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return db.InTx(ctx, d.Notes, firm, func(ctx context.Context, tx bun.Tx) error { return d.keep(ctx, tx, firm, []entry{e}) })
}

// entry is a notice with how it reaches its person.
type entry struct {
	Notice
	to   reach
	mail string
}

// reader is the language of whom it is told; staff read English.
func (e entry) reader() *lang.Reader {
	if e.Contact == uuid.Nil {
		return lang.English
	}
	return lang.Of(e.to.locale)
}

// mailNow is what becomes of the mail at an instant: sent, off, daily, or held until the quiet is over.
func (r reach) mailNow(k Kind, now time.Time) (state string, until time.Time) {
	switch r.ways(k).Mail {
	case Off:
		return "off", until
	case Daily:
		return "daily", until
	}
	if until, quiet := r.quiet.Over(now, r.zone); quiet && !k.Legal {
		return "held", until
	}
	return "sent", until
}

// keep writes new notices, rings the bells of their people and promises the pushes.
func (d *Desk) keep(ctx context.Context, tx bun.Tx, firm uuid.UUID, all []entry) error {
	if err := bundle(ctx, tx, firm, all); err != nil {
		return err
	}
	pushed, err := d.reached(ctx, tx, firm, all)
	if err != nil {
		return err
	}
	rows := make([]row, len(all))
	var pushes []pushing
	for i, e := range all {
		rows[i] = e.row(firm, d.Now())
		if pushed[e.Person] && e.to.ways(e.Kind).Push {
			rows[i].Push = "held"
			pushes = append(pushes, pushing{e.ID})
		}
		if d.Bell != nil && rows[i].Bell {
			d.Bell.Publish(ctx, firm, Topic+"@person:"+e.Person.String())
		}
	}
	if err := insert(ctx, tx, rows); err != nil {
		return err
	}
	return pushJob.EnqueueEach(ctx, tx, firm, pushes)
}

// reached are the people whom a push would reach.
func (d *Desk) reached(ctx context.Context, tx bun.IDB, firm uuid.UUID, all []entry) (map[uuid.UUID]bool, error) {
	reached := map[uuid.UUID]bool{}
	if d.Push == nil {
		return reached, nil
	}
	var people []uuid.UUID
	for _, e := range all {
		if e.to.ways(e.Kind).Push {
			people = append(people, e.Person)
		}
	}
	if len(people) == 0 {
		return reached, nil
	}
	have, err := d.Push.Reaches(ctx, tx, firm, people)
	for _, person := range have {
		reached[person] = true
	}
	return reached, err
}

// Put writes a notice that was told once, for stories: it stands in the bell, and nothing leaves the house.
func (d *Desk) Put(ctx context.Context, tx bun.IDB, firm uuid.UUID, n Notice, at time.Time, read bool) error {
	n, err := n.checked(d.Kinds)
	if err != nil {
		return err
	}
	r := entry{Notice: n, mail: "off"}.row(firm, at)
	if read {
		r.ReadAt = at.Add(time.Hour)
	}
	return insert(ctx, tx, []row{r})
}

// atOnce bounds the rows of one statement.
const atOnce = 1000

// Tell tells many people of one event, each in their own words, in few statements. Their mails are short: the title, the line
// below it and the way to it; whether a person may still see it is asked when it is sent.
func (d *Desk) Tell(ctx context.Context, tx bun.Tx, firm uuid.UUID, all []Notice) error {
	for chunk := range slices.Chunk(all, atOnce) {
		if err := d.tell(ctx, tx, firm, chunk); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) tell(ctx context.Context, tx bun.Tx, firm uuid.UUID, all []Notice) error {
	ids, people := make([]uuid.UUID, len(all)), make([]uuid.UUID, len(all))
	for i, n := range all {
		ids[i], people[i] = n.ID, n.Person
	}
	known, err := told(ctx, tx, firm, ids)
	if err != nil {
		return err
	}
	kinds := map[string]map[uuid.UUID]reach{}
	var entries []entry
	var letters []mailing
	for _, n := range all {
		if known[n.ID] {
			continue
		}
		known[n.ID] = true
		if n, err = n.checked(d.Kinds); err != nil {
			return err
		}
		if kinds[n.Kind.ID] == nil {
			if kinds[n.Kind.ID], err = d.ways(ctx, tx, firm, people, n.Kind); err != nil {
				return err
			}
		}
		e := entry{Notice: n, to: kinds[n.Kind.ID][n.Person]}
		if e.mail, _ = e.to.mailNow(n.Kind, d.Now()); e.mail == "sent" || e.mail == "held" {
			e.mail = "held"
			letters = append(letters, mailing{n.ID})
		}
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		return nil
	}
	if err := d.keep(ctx, tx, firm, entries); err != nil {
		return err
	}
	return mailJob.EnqueueEach(ctx, tx, firm, letters)
}
