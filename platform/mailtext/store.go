package mailtext

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/lang"
)

// Text is the words of one kind as they are now: the firm's own, or the default. Version is 0 until they were changed
// for the first time; saving an older one is refused.
type Text struct {
	Subject, Body string
	Own           bool
	Version       int
	UpdatedAt     time.Time
}

// Get reads the words of a kind.
func Get(ctx context.Context, tx bun.IDB, firm uuid.UUID, k Kind) (Text, error) {
	var t Text
	err := tx.NewRaw(`
		select mt.subject, mt.body, mt.own, mt.version, mt.updated_at
		from mail_text mt
		where mt.firm_id = ? and mt.kind = ?`, firm, k.ID).Scan(ctx, &t)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return t, fmt.Errorf("words of a mail: %w", err)
	}
	if !t.Own {
		t.Subject, t.Body = k.Subject, k.Text
	}
	return t, nil
}

// Own are the kinds whose words the firm has made its own.
func Own(ctx context.Context, tx bun.IDB, v auth.Viewer) (map[string]bool, error) {
	var kinds []string
	err := tx.NewRaw("select mt.kind from mail_text mt where mt.firm_id = ? and mt.own", v.FirmID()).Scan(ctx, &kinds)
	own := map[string]bool{}
	for _, kind := range kinds {
		own[kind] = true
	}
	return own, err
}

// Say gives the words of a mail that is about to be sent: the default in the reader's language, or what the firm wrote
// itself, as it wrote it; then what stands in its places is in the firm's language, too. Words that a newer program can no
// longer fill are left for the default: a mail goes out in any case.
func Say(ctx context.Context, tx bun.IDB, firm auth.Firm, reader *lang.Reader, k Kind, values func(*lang.Reader) map[string]string) (Said, error) {
	t, err := Get(ctx, tx, firm.ID, k)
	if err != nil {
		return Said{}, err
	}
	in := lang.Of(firm.Locale)
	if !t.Own || len(k.Check(t.Subject, t.Body)) > 0 {
		in, t.Subject, t.Body = reader, reader.Say(k.Subject), reader.Say(k.Text)
	}
	said := k.Fill(t.Subject, t.Body, values(in))
	said.Button = reader.Say(k.Button)
	return said, nil
}

// Save makes words the firm's own, or the default again, unless somebody has changed them since version.
func Save(ctx context.Context, tx bun.IDB, v auth.Viewer, k Kind, after Text) error {
	if after.Own {
		if err := fault.InFields(k.Check(after.Subject, after.Body)); err != nil {
			return err
		}
	} else {
		after.Subject, after.Body = "", ""
	}
	before, err := Get(ctx, tx, v.FirmID(), k)
	if err != nil {
		return err
	}
	err = db.One(tx.NewRaw(`
		insert into mail_text as mt (firm_id, kind, own, subject, body) values (?, ?, ?, ?, ?)
		on conflict (firm_id, kind) do update
		set own = excluded.own, subject = excluded.subject, body = excluded.body, version = mt.version + 1, updated_at = now()
		where mt.version = ?`, v.FirmID(), k.ID, after.Own, after.Subject, after.Body, after.Version).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errMoved
	}
	if err != nil {
		return fmt.Errorf("keep the words of a mail: %w", err)
	}
	if err := dropDraft(ctx, tx, v, k); err != nil {
		return err
	}
	text := "changed the mail text “" + k.Title + "”"
	if !after.Own {
		text, after.Subject, after.Body = "restored the default of the mail text “"+k.Title+"”", k.Subject, k.Text
	}
	return activity.Record(ctx, tx, v, activity.Entry{Verb: "mail_text.changed", Text: text, SubjectID: subject(v, k), Data: activity.Changes(
		map[string]any{"subject": before.Subject, "text": before.Body}, map[string]any{"subject": after.Subject, "text": after.Body})})
}

var errMoved = fault.Conflict("Somebody has changed this text meanwhile.")

// subject names a firm's text of a kind in the activity log.
func subject(v auth.Viewer, k Kind) uuid.UUID {
	return uuid.NewSHA1(v.FirmID(), []byte("mail text "+k.ID))
}

// History are the latest changes of the text, of the last week.
func History(ctx context.Context, tx bun.IDB, v auth.Viewer, k Kind) ([]activity.Entry, error) {
	var list []activity.Entry
	err := tx.NewSelect().
		Model(&list).
		Where("activity.firm_id = ?", v.FirmID()).
		Where("activity.at > now() - interval '7 days'").
		Where("activity.subject_id = ?", subject(v, k)).
		Order("activity.at DESC", "activity.id DESC").
		Limit(20).
		Scan(ctx)
	return list, err
}

// KeepDraft remembers what the viewer is trying out.
func KeepDraft(ctx context.Context, tx bun.IDB, v auth.Viewer, k Kind, subject, body string) error {
	_, err := tx.NewRaw(`
		insert into mail_text_draft (firm_id, kind, person_id, subject, body) values (?, ?, ?, ?, ?)
		on conflict (firm_id, kind, person_id) do update
		set subject = excluded.subject, body = excluded.body, updated_at = now()`,
		v.FirmID(), k.ID, v.PersonID, subject, body).Exec(ctx)
	return err
}

// Draft is what a person is trying out, or else the words as they are.
func Draft(ctx context.Context, tx bun.IDB, firm, person uuid.UUID, k Kind) (Text, error) {
	var t Text
	err := tx.NewRaw(`
		select d.subject, d.body, true as own
		from mail_text_draft d
		where d.firm_id = ? and d.kind = ? and d.person_id = ?`, firm, k.ID, person).Scan(ctx, &t)
	if errors.Is(err, sql.ErrNoRows) {
		return Get(ctx, tx, firm, k)
	}
	return t, err
}

func dropDraft(ctx context.Context, tx bun.IDB, v auth.Viewer, k Kind) error {
	_, err := tx.NewRaw(`
		delete from mail_text_draft where firm_id = ? and kind = ? and person_id = ?`, v.FirmID(), k.ID, v.PersonID).Exec(ctx)
	return err
}
