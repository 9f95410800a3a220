package users

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/id"
	invitation "portico/platform/invite"
)

const sendingColumns = `s.id, s.again, s.note, s.state, s.rate, s.by_id, s.by_name, s.paid_until, s.turn, s.tally, s.total, s.held_up,
	s.created_at, s.finished_at`

// sendingsOf is where every read of a sending begins: only staff and jobs of the firm have one.
func sendingsOf(v auth.Viewer, more string) string {
	if v.Side != auth.Office && v.Side != auth.Program {
		more = "and false"
	}
	return "select " + sendingColumns + " from users.sending s where s.firm_id = ? " + more
}

func findSending(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (s Sending, err error) {
	err = tx.NewRaw(sendingsOf(v, "and s.id = ?"), v.FirmID(), id).Scan(ctx, &s)
	return s, db.Found(err)
}

// holdSending loads a sending that nobody else changes until the transaction is over, and PostgreSQL's clock.
func holdSending(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (s Sending, now time.Time, err error) {
	err = tx.NewRaw(sendingsOf(v, "and s.id = ? for update"), v.FirmID(), id).Scan(ctx, &s)
	if err != nil {
		return s, now, db.Found(err)
	}
	return s, now, tx.NewRaw("select clock_timestamp()").Scan(ctx, &now)
}

// latestSendings are the newest, after the one that was the last of the page before.
func latestSendings(ctx context.Context, tx bun.IDB, v auth.Viewer, after uuid.UUID, limit int) (list []Sending, err error) {
	err = tx.NewRaw(sendingsOf(v, `and (? = ? or (s.created_at, s.id) < (
			select l.created_at, l.id from users.sending l where l.firm_id = ? and l.id = ?))
		order by s.created_at desc, s.id desc
		limit ?`), v.FirmID(), after, uuid.Nil, v.FirmID(), after, limit).Scan(ctx, &list)
	return list, err
}

// begin writes a sending with a row for everybody in the selection: who cannot be invited is a row too, with the
// reason. first is false when the same form made one before: then nothing is written, and the answer is that one.
func begin(ctx context.Context, tx bun.IDB, v auth.Viewer, s *Sending, key uuid.UUID, whom selection) (first bool, err error) {
	s.ID = id.New()
	var made []uuid.UUID
	err = tx.NewRaw(`
		insert into users.sending (firm_id, id, again, note, rate, by_id, by_name, form_key, paid_until)
		values (?, ?, ?, ?, ?, ?, ?, ?, now() - ? * interval '1 microsecond')
		on conflict (firm_id, form_key) do nothing
		returning id`, v.FirmID(), s.ID, s.Again, s.Note, s.Rate, uuid.NullUUID{UUID: v.PersonID, Valid: v.PersonID != uuid.Nil}, v.Name, key,
		s.cost().Microseconds()).Scan(ctx, &made)
	if err != nil {
		return false, fmt.Errorf("begin sending: %w", err)
	}
	if len(made) == 0 {
		err = tx.NewRaw("select s.id from users.sending s where s.firm_id = ? and s.form_key = ?", v.FirmID(), key).Scan(ctx, &s.ID)
		return false, db.Found(err)
	}
	// whoever waits in another sending meets the index of open rows, and is noted in a second step
	_, err = tx.NewRaw(`
		insert into users.sending_row (firm_id, sending_id, contact_id, state, reason)
		select firm_id, ?, id, case when obstacle = '' then 'waiting' else 'skipped' end, obstacle
		from (
			select t.firm_id, t.id, ? as obstacle
			from contact t
			join contact ct on ct.firm_id = t.firm_id and ct.id = t.id
			join client cl on cl.firm_id = t.firm_id and cl.id = t.client_id
			join firm f on f.firm_id = t.firm_id
			where ?
		) asked
		order by id
		on conflict (firm_id, contact_id) where state in ('waiting', 'released') do nothing`,
		s.ID, invitation.Why(s.Again), whom.condition(v)).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("rows of sending: %w", err)
	}
	_, err = tx.NewRaw(`
		insert into users.sending_row (firm_id, sending_id, contact_id, state, reason)
		select t.firm_id, ?, t.id, 'skipped', ?
		from contact t
		where ? and not exists (
			select from users.sending_row r where r.firm_id = t.firm_id and r.sending_id = ? and r.contact_id = t.id)`,
		s.ID, elsewhere, whom.condition(v), s.ID).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("rows of sending: %w", err)
	}
	*s, _, err = holdSending(ctx, tx, v, s.ID)
	return true, err
}

// saveSending writes what a look has changed, and counts the rows anew.
func saveSending(ctx context.Context, tx bun.IDB, v auth.Viewer, s *Sending) error {
	var after struct {
		Tally map[string]int `bun:"type:jsonb"`
		Total int
	}
	err := tx.NewRaw(`
		update users.sending s
		set state = ?, by_id = ?, by_name = ?, turn = ?, paid_until = ?, held_up = ?, finished_at = ?, tally = c.tally, total = c.total
		from (
			select coalesce(jsonb_object_agg(n.name, n.n), '{}') as tally, coalesce(sum(n.n) filter (where n.name not like 'skipped:%'), 0)::int as total
			from (
				select r.state as name, count(*) as n from users.sending_row r
				where r.firm_id = ? and r.sending_id = ?
				group by r.state
				union all
				select 'skipped:' || r.reason, count(*) from users.sending_row r
				where r.firm_id = ? and r.sending_id = ? and r.state = 'skipped'
				group by r.reason
			) n
		) c
		where s.firm_id = ? and s.id = ?
		returning s.tally, s.total`,
		s.State, uuid.NullUUID{UUID: s.ByID, Valid: s.ByID != uuid.Nil}, s.ByName, s.Turn, s.PaidUntil, s.HeldUp, bun.NullTime{Time: s.FinishedAt}, v.FirmID(), s.ID, v.FirmID(), s.ID, v.FirmID(), s.ID).Scan(ctx, &after)
	if err != nil {
		return fmt.Errorf("save sending: %w", err)
	}
	s.Tally, s.Total = after.Tally, after.Total
	return nil
}

// waiting are the next n that have not been handed out; more is whether any are left after them.
func waiting(ctx context.Context, tx bun.IDB, v auth.Viewer, sending uuid.UUID, n int) (rows []invitation.Wish, more bool, err error) {
	err = tx.NewRaw(`
		select r.contact_id as contact, r.mail_id as mail
		from users.sending_row r
		where r.firm_id = ? and r.sending_id = ? and r.state = 'waiting'
		order by r.contact_id
		limit ?`, v.FirmID(), sending, n+1).Scan(ctx, &rows)
	if err != nil {
		return nil, false, fmt.Errorf("who waits: %w", err)
	}
	more = len(rows) > n
	return rows[:min(n, len(rows))], more, nil
}

// released notes who was handed out, and who was left out and why.
func released(ctx context.Context, tx bun.IDB, v auth.Viewer, sending uuid.UUID, rows []invitation.Wish, left map[uuid.UUID]invitation.Obstacle) error {
	contacts, mails, reasons := make([]uuid.UUID, len(rows)), make([]uuid.UUID, len(rows)), make([]string, len(rows))
	for i, row := range rows {
		contacts[i], mails[i], reasons[i] = row.Contact, row.Mail, string(left[row.Contact])
	}
	_, err := tx.NewRaw(`
		update users.sending_row r
		set state = case when x.reason = '' then 'released' else 'skipped' end, reason = x.reason, mail_id = x.mail,
			released_at = case when x.reason = '' then now() end, at = now()
		from unnest(?::uuid[], ?::uuid[], ?::text[]) as x (contact, mail, reason)
		where r.firm_id = ? and r.sending_id = ? and r.contact_id = x.contact and r.state = 'waiting'`,
		pgdialect.Array(contacts), pgdialect.Array(mails), pgdialect.Array(reasons), v.FirmID(), sending).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note who was handed out: %w", err)
	}
	return nil
}

// flying are the rows whose mail is out of our hands and not decided.
func flying(ctx context.Context, tx bun.IDB, v auth.Viewer, sending uuid.UUID) ([]invitation.Wish, error) {
	return mailedIn(ctx, tx, v, sending, "released")
}

func mailedIn(ctx context.Context, tx bun.IDB, v auth.Viewer, sending uuid.UUID, state string) (out []invitation.Wish, err error) {
	err = tx.NewRaw(`
		select r.contact_id as contact, r.mail_id as mail
		from users.sending_row r
		where r.firm_id = ? and r.sending_id = ? and r.state = ?`, v.FirmID(), sending, state).Scan(ctx, &out)
	return out, err
}

// Everything below is asked by lists of ids: joined, a planner without fresh statistics walks a firm's mails for each row.

func mailsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) (map[uuid.UUID]mailed, error) {
	var rows []mailed
	err := tx.NewRaw("select m.id, m.state, m.detail from mail m where m.firm_id = ? and m.id = any(?::uuid[])",
		v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &rows)
	found := make(map[uuid.UUID]mailed, len(rows))
	for _, row := range rows {
		found[row.ID] = row
	}
	return found, err
}

func promisesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) (map[uuid.UUID]promised, error) {
	var rows []promised
	err := tx.NewRaw(`
		select o.id, o.tries, o.done_at is not null or o.dead_at is not null as closed, o.dead_at is not null as dead, o.last_error
		from outbox o
		where o.firm_id = ? and o.id = any(?::uuid[])`, v.FirmID(), pgdialect.Array(ids)).Scan(ctx, &rows)
	found := make(map[uuid.UUID]promised, len(rows))
	for _, row := range rows {
		found[row.ID] = row
	}
	return found, err
}

// whyNot asks what keeps contacts out by now.
func whyNot(ctx context.Context, tx bun.IDB, v auth.Viewer, contacts []uuid.UUID) (map[uuid.UUID]string, error) {
	why := make(map[uuid.UUID]string, len(contacts))
	if len(contacts) == 0 {
		return why, nil
	}
	var rows []struct {
		ID  uuid.UUID
		Why string
	}
	err := tx.NewRaw(`
		select ct.id, ? as why
		from contact ct
		join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id
		join firm f on f.firm_id = ct.firm_id
		where ct.firm_id = ? and ct.id = any(?::uuid[])`, invitation.Why(true), v.FirmID(), pgdialect.Array(contacts)).Scan(ctx, &rows)
	for _, row := range rows {
		why[row.ID] = row.Why
	}
	return why, err
}

// followed are those who got their mail, and have opened it, come in, or are not reached after all.
func followed(ctx context.Context, tx bun.IDB, v auth.Viewer, sending uuid.UUID) (list []outcome, err error) {
	err = tx.NewRaw(`
		select r.contact_id as contact,
			case
				when ct.accepted_at >= r.released_at then 'accepted'
				when ct.bounced_at >= r.released_at then 'bounced'
				else 'opened' end as state,
			case when ct.accepted_at is null and ct.bounced_at >= r.released_at then ct.bounce_reason else '' end as reason
		from users.sending_row r
		join contact ct on ct.firm_id = r.firm_id and ct.id = r.contact_id
		where r.firm_id = ? and r.sending_id = ? and r.state in ('sent', 'perhaps', 'opened')
			and (ct.accepted_at >= r.released_at or ct.invite_mail = r.mail_id and (
				ct.bounced_at >= r.released_at or r.state in ('sent', 'perhaps') and ct.opened_at >= r.released_at))`, v.FirmID(), sending).Scan(ctx, &list)
	return list, err
}

// note writes down what became of rows.
func note(ctx context.Context, tx bun.IDB, v auth.Viewer, sending uuid.UUID, list []outcome) error {
	if len(list) == 0 {
		return nil
	}
	contacts, states, reasons := make([]uuid.UUID, len(list)), make([]string, len(list)), make([]string, len(list))
	for i, o := range list {
		contacts[i], states[i], reasons[i] = o.Contact, o.State, o.Reason
	}
	_, err := tx.NewRaw(`
		update users.sending_row r
		set state = x.state, reason = x.reason, at = now()
		from unnest(?::uuid[], ?::text[], ?::text[]) as x (contact, state, reason)
		where r.firm_id = ? and r.sending_id = ? and r.contact_id = x.contact`,
		pgdialect.Array(contacts), pgdialect.Array(states), pgdialect.Array(reasons), v.FirmID(), sending).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note what became of mails: %w", err)
	}
	return nil
}

// recent counts what was handed out in the last minute.
func recent(ctx context.Context, tx bun.IDB, v auth.Viewer, sending uuid.UUID) (n int, err error) {
	err = tx.NewRaw(`
		select count(*) from users.sending_row r
		where r.firm_id = ? and r.sending_id = ? and r.state in ('released', 'sent', 'perhaps', 'bounced') and r.released_at > now() - interval '1 minute'`,
		v.FirmID(), sending).Scan(ctx, &n)
	return n, err
}

// takeBack makes those wait again whose mail nobody has begun to send.
func takeBack(ctx context.Context, tx bun.IDB, v auth.Viewer, s Sending) error {
	out, err := flying(ctx, tx, v, s.ID)
	if err != nil || len(out) == 0 {
		return err
	}
	back, err := invitation.TakeBack(ctx, tx, v, !s.Again, out)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		update users.sending_row
		set state = 'waiting', released_at = null, at = now()
		where firm_id = ? and sending_id = ? and contact_id = any(?::uuid[]) and state = 'released'`,
		v.FirmID(), s.ID, pgdialect.Array(back)).Exec(ctx)
	return err
}

// drop ends the wait of all who still wait.
func drop(ctx context.Context, tx bun.IDB, v auth.Viewer, sending uuid.UUID) error {
	_, err := tx.NewRaw(`
		update users.sending_row set state = 'cancelled', at = now()
		where firm_id = ? and sending_id = ? and state = 'waiting'`, v.FirmID(), sending).Exec(ctx)
	return err
}

// invitedBy are the sendings whose mail a contact has and may still follow.
func invitedBy(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) (sendings []uuid.UUID, err error) {
	err = tx.NewRaw(`
		select r.sending_id from users.sending_row r
		where r.firm_id = ? and r.contact_id = ? and r.state in ('sent', 'perhaps', 'opened')
		order by r.sending_id`, v.FirmID(), contact).Scan(ctx, &sendings)
	return sendings, err
}

// accepted notes that a contact has come in.
func accepted(ctx context.Context, tx bun.IDB, v auth.Viewer, sending, contact uuid.UUID) error {
	_, err := tx.NewRaw(`
		update users.sending_row
		set state = 'accepted', reason = '', at = now()
		where firm_id = ? and sending_id = ? and contact_id = ? and state in ('sent', 'perhaps', 'opened')`, v.FirmID(), sending, contact).Exec(ctx)
	return err
}

// rowsOf are the contacts of a sending in some states, in the order in which they are asked.
func rowsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, sending uuid.UUID, states []string, after uuid.UUID, limit int) (rows []sendingRow, err error) {
	var parts []string
	var args []any
	for _, state := range states {
		parts = append(parts, `
			(select r.firm_id, r.contact_id, r.state, r.reason, r.at
			from users.sending_row r
			where r.firm_id = ? and r.sending_id = ? and r.state = ? and r.contact_id > ?
			order by r.contact_id
			limit ?)`)
		args = append(args, v.FirmID(), sending, state, after, limit)
	}
	err = tx.NewRaw(`
		select r.contact_id, ct.client_id, ct.name, ct.email, cl.name as client_name, r.state, r.reason, r.at
		from (select * from (`+strings.Join(parts, " union all ")+`) found order by contact_id limit ?) r
		join contact ct on ct.firm_id = r.firm_id and ct.id = r.contact_id
		join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id
		order by r.contact_id`, append(args, limit)...).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("rows of sending: %w", err)
	}
	return rows, nil
}
