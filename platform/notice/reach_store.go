package notice

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/post"
)

// reach is how one person is reached, for one or more kinds.
type reach struct {
	mails   post.Choice
	zone    *time.Location
	locale  string // the person's own, else the firm's
	quiet   Quiet
	choices map[string][2]choice // by kind: the firm's, the person's
}

func (r reach) ways(k Kind) Ways {
	both := r.choices[k.ID]
	return k.only(k.over(k.over(k.usual(), both[0]), both[1]), r.mails)
}

// ways loads how people are reached, for one kind.
func (d *Desk) ways(ctx context.Context, tx bun.IDB, firm uuid.UUID, people []uuid.UUID, k Kind) (map[uuid.UUID]reach, error) {
	var rows []struct {
		ID                    uuid.UUID
		Mails                 post.Choice
		Zone, FirmZone        string
		Locale                string
		QuietFrom, QuietUntil int
		Mail, FirmMail        *Way
		Bell, FirmBell        *bool
		Push, FirmPush        *bool
	}
	err := tx.NewRaw(`
		select p.id, p.mails, p.zone, f.zone as firm_zone, coalesce(nullif(p.locale, ''), f.locale) as locale,
			coalesce(np.quiet_from, nf.quiet_from, 0) as quiet_from, coalesce(np.quiet_until, nf.quiet_until, 0) as quiet_until,
			c.mail, c.bell, c.push, df.mail as firm_mail, df.bell as firm_bell, df.push as firm_push
		from person p
		join firm f on f.firm_id = p.firm_id
		left join notice_firm nf on nf.firm_id = p.firm_id
		left join notice_person np on np.firm_id = p.firm_id and np.person_id = p.id
		left join notice_choice c on c.firm_id = p.firm_id and c.person_id = p.id and c.kind = ?1
		left join notice_default df on df.firm_id = p.firm_id and df.kind = ?1
		where p.firm_id = ?0 and p.id = any(?2::uuid[])`, firm, k.ID, pgdialect.Array(people)).Scan(ctx, &rows)
	all := make(map[uuid.UUID]reach, len(rows))
	for _, r := range rows {
		all[r.ID] = reach{
			mails: r.Mails, zone: zoneOf(r.Zone, r.FirmZone), locale: r.Locale, quiet: Quiet{r.QuietFrom, r.QuietUntil},
			choices: map[string][2]choice{k.ID: {{k.ID, r.FirmMail, r.FirmBell, r.FirmPush}, {k.ID, r.Mail, r.Bell, r.Push}}},
		}
	}
	return all, err
}

// choicesOf are all that the firm or the person has chosen.
func choicesOf(ctx context.Context, tx bun.IDB, firm, person uuid.UUID) (reach, error) {
	r := reach{choices: map[string][2]choice{}}
	var own, usual []choice
	err := tx.NewRaw("select df.kind, df.mail, df.bell, df.push from notice_default df where df.firm_id = ?", firm).Scan(ctx, &usual)
	if err == nil && person != uuid.Nil {
		err = tx.NewRaw("select c.kind, c.mail, c.bell, c.push from notice_choice c where c.firm_id = ? and c.person_id = ?", firm, person).Scan(ctx, &own)
	}
	if err == nil && person != uuid.Nil {
		r.mails, err = post.ChoiceOf(ctx, tx, firm, person)
	}
	for _, c := range usual {
		r.choices[c.Kind] = [2]choice{c, {}}
	}
	for _, c := range own {
		r.choices[c.Kind] = [2]choice{r.choices[c.Kind][0], c}
	}
	return r, err
}

func saveChoice(ctx context.Context, tx bun.IDB, firm, person uuid.UUID, c choice) error {
	if c.empty() {
		_, err := tx.NewRaw("delete from notice_choice where firm_id = ? and person_id = ? and kind = ?", firm, person, c.Kind).Exec(ctx)
		return err
	}
	_, err := tx.NewRaw(`
		insert into notice_choice (firm_id, person_id, kind, mail, bell, push) values (?, ?, ?, ?, ?, ?)
		on conflict (firm_id, person_id, kind) do update set mail = excluded.mail, bell = excluded.bell, push = excluded.push`,
		firm, person, c.Kind, c.Mail, c.Bell, c.Push).Exec(ctx)
	return err
}

func saveDefault(ctx context.Context, tx bun.IDB, v auth.Viewer, c choice) error {
	if c.empty() {
		_, err := tx.NewRaw("delete from notice_default where firm_id = ? and kind = ?", v.FirmID(), c.Kind).Exec(ctx)
		return err
	}
	_, err := tx.NewRaw(`
		insert into notice_default (firm_id, kind, mail, bell, push) values (?, ?, ?, ?, ?)
		on conflict (firm_id, kind) do update set mail = excluded.mail, bell = excluded.bell, push = excluded.push`,
		v.FirmID(), c.Kind, c.Mail, c.Bell, c.Push).Exec(ctx)
	return err
}

// Hours are the firm's hour for daily mails, and its quiet hours.
type Hours struct {
	Digest int
	Quiet  Quiet
}

// HoursOf are the firm's.
func HoursOf(ctx context.Context, tx bun.IDB, firm uuid.UUID) (Hours, error) {
	var rows []struct{ DigestHour, QuietFrom, QuietUntil int }
	err := tx.NewRaw("select nf.digest_hour, nf.quiet_from, nf.quiet_until from notice_firm nf where nf.firm_id = ?", firm).Scan(ctx, &rows)
	if err != nil || len(rows) == 0 {
		return Hours{Digest: 8}, err
	}
	return Hours{rows[0].DigestHour, Quiet{rows[0].QuietFrom, rows[0].QuietUntil}}, nil
}

// saveHours keeps the firm's.
func saveHours(ctx context.Context, tx bun.IDB, v auth.Viewer, h Hours) error {
	_, err := tx.NewRaw(`
		insert into notice_firm (firm_id, digest_hour, quiet_from, quiet_until) values (?, ?, ?, ?)
		on conflict (firm_id) do update set digest_hour = excluded.digest_hour, quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until`,
		v.FirmID(), h.Digest, h.Quiet.From, h.Quiet.Until).Exec(ctx)
	return err
}

// quietOf are a person's own quiet hours; own is false for those of the firm.
func quietOf(ctx context.Context, tx bun.IDB, firm, person uuid.UUID) (q Quiet, own bool, err error) {
	var rows []struct{ QuietFrom, QuietUntil int }
	err = tx.NewRaw("select np.quiet_from, np.quiet_until from notice_person np where np.firm_id = ? and np.person_id = ?", firm, person).Scan(ctx, &rows)
	if err != nil || len(rows) == 0 {
		return q, false, err
	}
	return Quiet{rows[0].QuietFrom, rows[0].QuietUntil}, true, nil
}

// saveQuiet keeps a person's; nil: as the firm.
func saveQuiet(ctx context.Context, tx bun.IDB, v auth.Viewer, q *Quiet) error {
	if q == nil {
		_, err := tx.NewRaw("delete from notice_person where firm_id = ? and person_id = ?", v.FirmID(), v.PersonID).Exec(ctx)
		return err
	}
	_, err := tx.NewRaw(`
		insert into notice_person (firm_id, person_id, quiet_from, quiet_until) values (?, ?, ?, ?)
		on conflict (firm_id, person_id) do update set quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until`,
		v.FirmID(), v.PersonID, q.From, q.Until).Exec(ctx)
	return err
}
