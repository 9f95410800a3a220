package post

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/mail"
)

// sent is the record of one mail.
type sent struct {
	bun.BaseModel `bun:"table:mail,alias:mail"`

	FirmID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	Kind      string
	PersonID  uuid.UUID `bun:",nullzero"`
	ContactID uuid.UUID `bun:",nullzero"`
	SentTo    string
	Subject   string
	State     string
	Detail    string
	At        time.Time `bun:",nullzero,default:now()"`
}

// record writes what became of a mail: the first word counts, but for the note that it was being handed over.
func record(ctx context.Context, tx bun.Tx, s sent) error {
	_, err := tx.NewInsert().Model(&s).
		On("CONFLICT (firm_id, id) DO UPDATE").
		Set("state = excluded.state, detail = excluded.detail, at = now()").
		Where("mail.state = 'handing'").
		Exec(ctx)
	return err
}

func stateOf(ctx context.Context, tx bun.IDB, firm, id uuid.UUID) (state string, known bool, err error) {
	err = tx.NewRaw("select m.state from mail m where m.firm_id = ? and m.id = ?", firm, id).Scan(ctx, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return state, err == nil, err
}

// beginHanding notes that a mail is being handed over; errHanded when it was noted before.
func beginHanding(ctx context.Context, tx bun.IDB, s sent) error {
	err := db.One(tx.NewInsert().Model(&s).On("CONFLICT DO NOTHING").Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errHanded
	}
	return err
}

// endHanding takes the note back. Where another copy of the job has called the mail unsure meanwhile, it is known now that
// it did not go out.
func endHanding(ctx context.Context, tx bun.IDB, firm, id uuid.UUID, why string) error {
	err := db.One(tx.NewRaw("delete from mail where firm_id = ? and id = ? and state = 'handing'", firm, id).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		_, err = tx.NewRaw("update mail set state = 'failed', detail = ? where firm_id = ? and id = ? and state = 'unsure'", why, firm, id).Exec(ctx)
	}
	return err
}

// Begun says which of some mails have been handed over, or were about to be.
func Begun(ctx context.Context, tx bun.IDB, firm uuid.UUID, ids []uuid.UUID) (begun []uuid.UUID, err error) {
	err = tx.NewRaw("select m.id from mail m where m.firm_id = ? and m.id = any(?::uuid[])", firm, pgdialect.Array(ids)).Scan(ctx, &begun)
	return begun, err
}

// Arrived notes that a mail has come to where it was sent: somebody has followed its link, or another server has spoken
// of it. One that was unsure is sent.
func Arrived(ctx context.Context, tx bun.IDB, firm, id uuid.UUID) error {
	_, err := tx.NewRaw("update mail set state = 'sent', detail = '' where firm_id = ? and id = ? and state in ('handing', 'unsure')", firm, id).Exec(ctx)
	return err
}

// bounce records a mail that the server refused for its address, and marks whoever has that address.
func bounce(ctx context.Context, tx bun.Tx, firm uuid.UUID, e Envelope, subject string, b *mail.Bounced) error {
	if err := record(ctx, tx, e.row(firm, subject, "bounced", b.Error())); err != nil {
		return err
	}
	return markBounced(ctx, tx, firm, e.To.Address, fmt.Sprintf("%d %s", b.Code, b.Text))
}

// markBounced marks the contacts with an address that takes no mail, and tells the office. An invitation, or another
// address, takes the mark away.
func markBounced(ctx context.Context, tx bun.Tx, firm uuid.UUID, address, reason string) error {
	if address == "" { // it was not kept
		return nil
	}
	var marked []struct {
		ID, ClientID uuid.UUID
		Name         string
	}
	err := tx.NewRaw(`
		update contact
		set bounced_at = now(), bounce_reason = ?
		where firm_id = ? and email = ? and archived_at is null
		returning id, client_id, name`, reason, firm, address).Scan(ctx, &marked)
	if err != nil {
		return fmt.Errorf("mark bounced: %w", err)
	}
	for _, c := range marked {
		err := activity.Record(ctx, tx, auth.System(firm), activity.Entry{
			Verb: "contact.bounced", Text: "could not reach " + c.Name + ": the mail came back", ClientID: c.ClientID, SubjectID: c.ID,
			Data: map[string]any{"reason": reason},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Reported keeps what another server said of a mail after it had been sent. The same word twice is one; a mail that will
// not arrive marks the contact, one that is late marks nobody.
func Reported(ctx context.Context, tx bun.Tx, firm, id uuid.UUID, r mail.Report) error {
	err := db.One(tx.NewRaw(`
		insert into mail_bounce (firm_id, mail_id, status, reason) values (?, ?, ?, ?)
		on conflict do nothing`, firm, id, r.Status, r.Reason).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("keep a report: %w", err)
	}
	if !r.Hard() {
		return Arrived(ctx, tx, firm, id)
	}
	reason := r.Reason
	if !strings.Contains(reason, r.Status) {
		reason = r.Status + " " + reason
	}
	var address string
	err = tx.NewRaw(`
		update mail set state = 'bounced', detail = ?
		where firm_id = ? and id = ? and state in ('handing', 'sent', 'unsure')
		returning sent_to`, reason, firm, id).Scan(ctx, &address)
	if errors.Is(err, sql.ErrNoRows) { // known already
		return nil
	}
	if err != nil {
		return fmt.Errorf("mark a mail: %w", err)
	}
	return markBounced(ctx, tx, firm, address, reason)
}

// Choice is which mails a person wants.
type Choice string

const (
	Everything Choice = "all"
	Important  Choice = "important" // what opens a door, and what somebody waits for
)

// Valid reports whether it is one of the two.
func (c Choice) Valid() bool { return c == Everything || c == Important }

// ChoiceOf is what the person has chosen.
func ChoiceOf(ctx context.Context, tx bun.IDB, firm, person uuid.UUID) (c Choice, err error) {
	err = tx.NewRaw("select p.mails from person p where p.firm_id = ? and p.id = ?", firm, person).Scan(ctx, &c)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.NotFound()
	}
	return c, err
}

// SetChoice keeps what the person has chosen.
func SetChoice(ctx context.Context, tx bun.IDB, firm, person uuid.UUID, c Choice) error {
	if !c.Valid() {
		return fault.Field("mails", "Choose one from the list.")
	}
	err := db.One(tx.NewRaw("update person set mails = ? where firm_id = ? and id = ?", c, firm, person).Exec(ctx))
	return db.Found(err)
}
