package users

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/id"
	"portico/platform/people"
)

func tellSending(ctx context.Context, tx bun.Tx, v auth.Viewer, at time.Time) (uuid.UUID, error) {
	sending := id.New()
	_, err := tx.NewRaw(`
		insert into users.sending (firm_id, id, note, state, rate, by_id, by_name, form_key, created_at, finished_at)
		values (?, ?, ?, 'finished', ?, ?, ?, ?, ?, ?)`, v.FirmID(), sending, "We keep plans, photos and dates of your addition here from now on.", usualRate,
		v.PersonID, v.Name, id.New(), at, at.Add(time.Minute)).Exec(ctx)
	return sending, err
}

func tellContact(ctx context.Context, tx bun.Tx, v auth.Viewer, client, sending uuid.UUID, now time.Time, t told) error {
	person, err := people.Ensure(ctx, tx, v.FirmID(), t.Name, t.Email)
	if err != nil {
		return err
	}
	contact, invited := id.New(), now.AddDate(0, 0, -t.Days)
	when := func(is bool, after time.Duration) bun.NullTime {
		if !is {
			return bun.NullTime{}
		}
		return bun.NullTime{Time: invited.Add(after)}
	}
	reason := ""
	if t.Bounced {
		reason = "550 5.1.1 nobody here has this address"
	}
	_, err = tx.NewRaw(`
		insert into contact (firm_id, id, client_id, person_id, name, title, email, access, rights, invited_at, opened_at, accepted_at,
			signed_in_at, disabled_at, bounced_at, bounce_reason, invite_note)
		select ?, ?, ?, ?, ?, ?, ?, 'portal', '{view_invoices,send_messages}', ?, ?, ?, ?, ?, ?, ?, coalesce(max(s.note), '')
		from users.sending s
		where s.firm_id = ? and s.id = ? and ?`,
		v.FirmID(), contact, client, person.ID, t.Name, t.Title, t.Email, invited, when(t.Opened || t.Came, 3*time.Hour), when(t.Came, 4*time.Hour),
		when(t.Came, 4*time.Hour), when(t.Disabled, 24*time.Hour), when(t.Bounced, time.Minute), reason, v.FirmID(), sending, t.Row != "").Exec(ctx)
	if err != nil {
		return fmt.Errorf("contact of the demo: %w", err)
	}
	if t.Row == "" {
		return nil
	}
	_, err = tx.NewRaw(`
		insert into users.sending_row (firm_id, sending_id, contact_id, state, reason, released_at, at)
		values (?, ?, ?, ?, ?, ?, ?)`, v.FirmID(), sending, contact, t.Row, reason, invited, invited).Exec(ctx)
	return err
}

func tellSkipped(ctx context.Context, tx bun.Tx, v auth.Viewer, sending, contact uuid.UUID) error {
	_, err := tx.NewRaw(`
		insert into users.sending_row (firm_id, sending_id, contact_id, state, reason)
		values (?, ?, ?, 'skipped', 'accepted')`, v.FirmID(), sending, contact).Exec(ctx)
	return err
}
