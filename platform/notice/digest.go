package notice

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/lang"
	"portico/platform/mail"
)

const (
	digestsAtOnce = 20_000
	mostListed    = 30 // lines of a daily mail
)

// findDigests promises the daily mails that are due: one for each person, and day in the person's zone, of what came before
// the firm's hour.
func (d *Desk) findDigests(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	list, err := gathered(ctx, tx, firm, digestsAtOnce)
	if err != nil || len(list) == 0 {
		return err
	}
	hours, err := HoursOf(ctx, tx, firm)
	if err != nil {
		return err
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	for _, w := range list {
		before := lastHour(d.Now(), zoneOf(w.Zone, loaded.Firm.Zone), hours.Digest)
		if !w.Oldest.Before(before) {
			continue
		}
		if _, err := digestJob.Enqueue(ctx, tx, firm, digesting{w.PersonID, w.ContactID, before}, job.ID(digestID(w, before))); err != nil {
			return err
		}
	}
	return nil
}

// digestID is the same for one person and day, so that there is one daily mail; it is of version 7, whose time is the mail's.
func digestID(w waiting, at time.Time) uuid.UUID {
	id := uuid.NewSHA1(w.PersonID, append(w.ContactID[:], at.Format(time.DateOnly)...))
	var millis [8]byte
	binary.BigEndian.PutUint64(millis[:], uint64(at.UnixMilli()))
	copy(id[:6], millis[2:])
	id[6] = id[6]&0x0f | 7<<4
	return id
}

// digest mails one person what was gathered, as far as it is unread and may still be seen; when nothing is left of it,
// nothing.
func (d *Desk) digest(ctx context.Context, tx bun.Tx, firm uuid.UUID, g digesting) error {
	all, err := dailyOf(ctx, tx, firm, g.Person, g.Contact, g.Before)
	if err != nil || len(all) == 0 {
		return err
	}
	v, err := d.viewer(ctx, tx, firm, g.Person, g.Contact)
	if err != nil && !fault.Is(err, fault.Missing) {
		return err
	}
	var fresh []row
	ids := make([]uuid.UUID, len(all))
	for i, r := range all {
		if ids[i] = r.ID; r.ReadAt.IsZero() && !r.Folded {
			fresh = append(fresh, r)
		}
	}
	if err == nil {
		fresh, err = d.visible(ctx, tx, v, fresh)
	} else {
		fresh, err = nil, nil
	}
	if err != nil {
		return err
	}
	if len(fresh) > 0 && v.Email != "" {
		held, err := d.mailDigest(ctx, tx, v, fresh)
		if err != nil || held {
			return err
		}
	}
	return setMail(ctx, tx, firm, "done", ids...)
}

func (d *Desk) mailDigest(ctx context.Context, tx bun.Tx, v auth.Viewer, list []row) (held bool, err error) {
	to, err := d.ways(ctx, tx, v.FirmID(), []uuid.UUID{v.PersonID}, Kind{})
	if err != nil {
		return false, err
	}
	if until, quiet := to[v.PersonID].quiet.Over(d.Now(), to[v.PersonID].zone); quiet {
		job.Later(ctx, until)
		return true, nil
	}
	chosen, err := choicesOf(ctx, tx, v.FirmID(), v.PersonID)
	if err != nil {
		return false, err
	}
	wanted := list[:0]
	for _, r := range list { // what was switched off since is left out
		if k, declared := d.Kinds.Find(r.Kind); declared && chosen.ways(k).Mail != Off {
			wanted = append(wanted, r)
		}
	}
	if len(wanted) == 0 {
		return false, nil
	}
	origin, err := d.Links.Origin(ctx, v.FirmID())
	if err != nil {
		return false, err
	}
	reader := v.Reader()
	letter := mail.Letter{
		Reader: reader, Subject: digestSubject(reader, len(wanted), v.Firm.Name), Greeting: greeting(v),
		Lines:  []string{reader.Say("This is new since your last daily mail:")},
		Button: mail.Button{Label: reader.Say("See it all"), URL: origin + Home(v.Side)},
	}
	for i, r := range wanted {
		if i == mostListed {
			letter.Lines = append(letter.Lines, reader.Say("And %s more.", len(wanted)-i))
			break
		}
		line := r.Title
		if r.Body != "" {
			line += ": " + cut(r.Body, 200)
		}
		letter.Lines = append(letter.Lines, line)
	}
	if d.Unsubscribe != nil {
		if letter.Unsubscribe, err = d.Unsubscribe(ctx, v.FirmID(), v.PersonID, ""); err != nil {
			return false, err
		}
	}
	e := d.envelope(ctx, v)
	e.Once = true
	return false, d.Post.Send(ctx, tx, v.Firm, e, letter)
}

func digestSubject(reader *lang.Reader, n int, firm string) string {
	if n == 1 {
		return reader.Say("Your daily mail from %s: one thing is new", firm)
	}
	return reader.Say("Your daily mail from %s: %s things are new", firm, n)
}

// Home is where the bell's page is.
func Home(side auth.Side) string {
	if side == auth.Portal {
		return "/portal/all/notices"
	}
	return "/office/notices"
}
