package notice

import (
	"cmp"
	"context"
	"fmt"
	netmail "net/mail"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/mail"
	"portico/platform/post"
)

// mailing and pushing name a notice that is to leave the house.
type (
	mailing struct{ ID uuid.UUID }
	pushing struct{ ID uuid.UUID }
)

// digesting is the daily mail of one person, of all that was gathered before an instant.
type digesting struct {
	Person, Contact uuid.UUID
	Before          time.Time
}

var (
	mailJob   = job.New[mailing]("notice:mail")
	pushJob   = job.New[pushing]("notice:push")
	digestJob = job.New[digesting]("notice:mail_digest")
)

// Handlers are the desk's jobs.
func (d *Desk) Handlers() []job.Handler {
	return []job.Handler{
		mailJob.Handle(d.mail).Within(time.Minute),
		pushJob.Handle(d.push).Within(time.Minute),
		digestJob.Handle(d.digest).Within(time.Minute),
		job.Every("4 * * * *", "notice:find_digests", d.findDigests).Within(5 * time.Minute),
		job.Every("17 3 * * *", "notice:forget", d.forget).Within(5 * time.Minute),
	}
}

// kept is how long notices stay in the bell.
const kept = 180 * 24 * time.Hour

func (d *Desk) forget(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	return forget(ctx, tx, firm, d.Now().Add(-kept))
}

// viewer is the person as they may look now, on the side on which they were told; not found when they may not come in.
func (d *Desk) viewer(ctx context.Context, tx bun.Tx, firm, person, contact uuid.UUID) (v auth.Viewer, err error) {
	ok := false
	if contact == uuid.Nil {
		v, ok, err = auth.StaffAs(ctx, tx, firm, person, d.Now())
	} else {
		v, ok, err = auth.ContactAs(ctx, tx, auth.System(firm), contact, d.Now())
	}
	if err == nil && (!ok || v.PersonID != person || v.Firm.Suspended) {
		err = fault.NotFound()
	}
	if err == nil && contact != uuid.Nil {
		if reached, err := mailable(ctx, tx, firm, contact); err != nil || !reached {
			v.Email = "" // it came back
			return v, err
		}
	}
	return v, err
}

// addressee is the person of a notice, and how its kind reaches them; not found when they may no longer see what it tells of.
func (d *Desk) addressee(ctx context.Context, tx bun.Tx, firm uuid.UUID, r row, k Kind) (v auth.Viewer, to reach, err error) {
	if v, err = d.viewer(ctx, tx, firm, r.PersonID, r.ContactID); err != nil {
		return v, to, err
	}
	seen, err := d.visible(ctx, tx, v, []row{r})
	if err == nil && len(seen) == 0 {
		err = fault.NotFound()
	}
	if err != nil {
		return v, to, err
	}
	all, err := d.ways(ctx, tx, firm, []uuid.UUID{r.PersonID}, k)
	return v, all[r.PersonID], err
}

// mail sends the short mail of a notice that has no letter of its own, if its person may still see what it tells of.
func (d *Desk) mail(ctx context.Context, tx bun.Tx, firm uuid.UUID, m mailing) error {
	r, err := rowOf(ctx, tx, firm, m.ID)
	if err != nil || r.Mail != "held" {
		return fault.IgnoreNotFound(err)
	}
	k, declared := d.Kinds.Find(r.Kind)
	if !declared {
		return fmt.Errorf("notice of kind %q: no section declares it", r.Kind)
	}
	v, to, err := d.addressee(ctx, tx, firm, r, k)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	state, until := to.mailNow(k, d.Now())
	if state == "held" {
		job.Later(ctx, until)
		return nil
	}
	if state == "sent" {
		if v.Email == "" {
			return nil
		}
		origin, err := d.Links.Origin(ctx, firm)
		if err != nil {
			return err
		}
		reader := v.Reader()
		letter := mail.Letter{
			Reader: reader, Subject: r.Title, Greeting: greeting(v), Lines: []string{r.Title}, Button: mail.Button{Label: reader.Say("See it"), URL: origin + r.Path},
		}
		if r.Body != "" {
			letter.Lines = append(letter.Lines, r.Body)
		}
		if err := d.send(ctx, tx, v.Firm, Notice{Kind: k, Person: r.PersonID}, d.envelope(ctx, v), letter); err != nil {
			return err
		}
	}
	return setMail(ctx, tx, firm, state, r.ID)
}

func (d *Desk) envelope(ctx context.Context, v auth.Viewer) post.Envelope {
	now := job.Current(ctx)
	return post.Envelope{
		ID: now.ID, Kind: now.Kind, PersonID: v.PersonID, ContactID: v.ContactID, To: netmail.Address{Name: v.Name, Address: v.Email},
	}
}

// push promises the push of a notice, if its person may still see what it tells of and has not read it.
func (d *Desk) push(ctx context.Context, tx bun.Tx, firm uuid.UUID, p pushing) error {
	r, err := rowOf(ctx, tx, firm, p.ID)
	if err != nil || r.Push != "held" || d.Push == nil {
		return fault.IgnoreNotFound(err)
	}
	k, declared := d.Kinds.Find(r.Kind)
	if !declared || r.Folded || !r.ReadAt.IsZero() {
		return setPush(ctx, tx, firm, "off", r.ID)
	}
	_, to, err := d.addressee(ctx, tx, firm, r, k)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	if until, quiet := to.quiet.Over(d.Now(), to.zone); quiet {
		job.Later(ctx, until)
		return nil
	}
	if !to.ways(k).Push {
		return setPush(ctx, tx, firm, "off", r.ID)
	}
	words := Push{
		ID: r.ID, Person: r.PersonID, Contact: r.ContactID, Title: r.Title, Body: r.Body, Path: r.Path, Tag: cmp.Or(r.Bundle, r.ID.String()),
	}
	if err := d.Push.Send(ctx, tx, firm, words); err != nil {
		return err
	}
	return setPush(ctx, tx, firm, "sent", r.ID)
}
