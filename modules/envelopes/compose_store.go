package envelopes

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/id"
)

func insertDraft(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope) (uuid.UUID, error) {
	one := id.New()
	_, err := tx.NewRaw(`
		insert into envelopes.envelope (firm_id, id, client_id, project_id, kind, title, message, ordered, deadline_days, remind_days, ask_code, source, body,
			currency, amount, at_once, revision, supersedes_id, file_id, file_hash, pages, created_by, created_at, updated_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.FirmID(), one, e.ClientID, db.NullID(e.ProjectID), e.Kind, e.Title, e.Message, e.Ordered, e.DeadlineDays, e.RemindDays, e.AskCode, e.Source, e.Body,
		e.Currency, e.Total, e.AtOnce, e.Revision, db.NullID(e.SupersedesID), db.NullID(e.FileID), e.FileHash, e.Pages, db.NullID(v.PersonID), e.CreatedAt, e.CreatedAt).Exec(ctx)
	return one, err
}

// updateDraft keeps everything that staff may change in a draft. Who had read an older version is refused.
func updateDraft(ctx context.Context, tx bun.IDB, v auth.Viewer, e *Envelope) error {
	err := moved(db.One(tx.NewRaw(`
		update envelopes.envelope set project_id = ?, kind = ?, title = ?, message = ?, ordered = ?, deadline_days = ?, remind_days = ?, ask_code = ?,
			body = ?, amount = ?, at_once = ?, version = version + 1, updated_at = now()
		where firm_id = ? and id = ? and status = 'draft' and version = ?`,
		db.NullID(e.ProjectID), e.Kind, e.Title, e.Message, e.Ordered, e.DeadlineDays, e.RemindDays, e.AskCode, e.Body, e.Total, e.AtOnce,
		v.FirmID(), e.ID, e.Version).Exec(ctx)))
	if err == nil {
		e.Version++
	}
	return err
}

// setFile keeps which PDF is signed; fields on pages that are no more go.
func setFile(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope) error {
	_, err := tx.NewRaw(`delete from envelopes.field where firm_id = ? and client_id = ? and envelope_id = ? and page > ?`, v.FirmID(), e.ClientID, e.ID, e.Pages).Exec(ctx)
	if err != nil {
		return err
	}
	return moved(db.One(tx.NewRaw(`
		update envelopes.envelope set file_id = ?, file_hash = ?, pages = ? where firm_id = ? and id = ? and status = 'draft'`,
		db.NullID(e.FileID), e.FileHash, e.Pages, v.FirmID(), e.ID).Exec(ctx)))
}

func fileNeeded(ctx context.Context, tx bun.IDB, v auth.Viewer, file uuid.UUID) (needed bool, err error) {
	err = tx.NewRaw(`select exists (select from envelopes.envelope where firm_id = ? and file_id = ?)`, v.FirmID(), file).Scan(ctx, &needed)
	return needed, err
}

func fileName(ctx context.Context, tx bun.IDB, v auth.Viewer, file uuid.UUID) (name string, err error) {
	err = tx.NewRaw(`select name from file where firm_id = ? and id = ?`, v.FirmID(), file).Scan(ctx, &name)
	return name, db.Found(err)
}

func putLines(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope, lines []Line) error {
	if _, err := tx.NewRaw(`delete from envelopes.line where firm_id = ? and envelope_id = ?`, v.FirmID(), e.ID).Exec(ctx); err != nil {
		return err
	}
	for _, l := range lines {
		_, err := tx.NewRaw(`
			insert into envelopes.line (firm_id, envelope_id, position, client_id, text, quantity, price, tax_rate) values (?, ?, ?, ?, ?, ?, ?, ?)`,
			v.FirmID(), e.ID, l.Position, e.ClientID, l.Text, l.Quantity, l.Price, l.TaxRate).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

func putStages(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope, stages []Stage) error {
	if _, err := tx.NewRaw(`delete from envelopes.stage where firm_id = ? and envelope_id = ?`, v.FirmID(), e.ID).Exec(ctx); err != nil {
		return err
	}
	for _, s := range stages {
		_, err := tx.NewRaw(`
			insert into envelopes.stage (firm_id, envelope_id, position, client_id, title, share, amount, due_on) values (?, ?, ?, ?, ?, ?, ?, nullif(?, '')::date)`,
			v.FirmID(), e.ID, s.Position, e.ClientID, s.Title, s.Share, s.Amount, s.DueOn).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// usualSigners are the contacts of a client who may sign and see the project, the primary one first.
func usualSigners(ctx context.Context, tx bun.IDB, v auth.Viewer, client, project uuid.UUID) ([]reader, error) {
	var list []reader
	err := tx.NewRaw(`
		select ct.id, ct.name, ct.email
		from contact ct
		where ct.firm_id = ?0 and ct.client_id = ?1 and ct.archived_at is null and ct.disabled_at is null and ct.email <> ''
			and (ct.is_primary or ct.access = 'portal' and 'sign_documents' = any(ct.rights))
			and (not ct.limited or exists (
				select from contact_project cp where cp.firm_id = ct.firm_id and cp.contact_id = ct.id and cp.project_id = ?2))
		order by ct.is_primary desc, ct.id
		limit 6`, v.FirmID(), client, db.NullID(project)).Scan(ctx, &list)
	return list, err
}

// putRecipients keeps whom a draft goes to. Those who stay keep their fields; who does not sign has none.
func putRecipients(ctx context.Context, tx bun.IDB, v auth.Viewer, e *Envelope) error {
	kept := map[uuid.UUID]bool{}
	for _, r := range e.Recipients {
		kept[r.ID] = true
	}
	was, err := recipientsOf(ctx, tx, v, e.ID)
	if err != nil {
		return err
	}
	there := map[uuid.UUID]bool{}
	for _, r := range was {
		there[r.ID] = true
		if kept[r.ID] {
			continue
		}
		for _, table := range []string{"field where firm_id = ? and recipient_id = ?", "recipient where firm_id = ? and id = ?"} {
			if _, err := tx.NewRaw("delete from envelopes."+table, v.FirmID(), r.ID).Exec(ctx); err != nil {
				return err
			}
		}
	}
	for n := range e.Recipients {
		r := &e.Recipients[n]
		r.EnvelopeID, r.ClientID = e.ID, e.ClientID
		if !there[r.ID] {
			r.ID = id.New()
		}
		_, err := tx.NewRaw(`
			insert into envelopes.recipient (firm_id, id, envelope_id, client_id, position, role, contact_id, person_id, name, email)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			on conflict (firm_id, id) do update set position = excluded.position, role = excluded.role, contact_id = excluded.contact_id,
				person_id = excluded.person_id, name = excluded.name, email = excluded.email, version = recipient.version + 1`,
			v.FirmID(), r.ID, e.ID, e.ClientID, r.Position, r.Role, db.NullID(r.ContactID), db.NullID(r.PersonID), r.Name, r.Email).Exec(ctx)
		if err != nil {
			return err
		}
	}
	_, err = tx.NewRaw(`
		delete from envelopes.field f
		using envelopes.recipient r
		where f.firm_id = ? and f.envelope_id = ? and r.firm_id = f.firm_id and r.id = f.recipient_id and r.role not in ('signer', 'countersigner')`,
		v.FirmID(), e.ID).Exec(ctx)
	return err
}

// putFields keeps where people sign.
func putFields(ctx context.Context, tx bun.IDB, v auth.Viewer, e *Envelope) error {
	if _, err := tx.NewRaw(`delete from envelopes.field where firm_id = ? and envelope_id = ?`, v.FirmID(), e.ID).Exec(ctx); err != nil {
		return err
	}
	for n := range e.Fields {
		f := &e.Fields[n]
		if f.ID == uuid.Nil {
			f.ID = id.New()
		}
		_, err := tx.NewRaw(`
			insert into envelopes.field (firm_id, id, envelope_id, client_id, recipient_id, page, x, y, w, h, kind, label, required)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			v.FirmID(), f.ID, e.ID, e.ClientID, f.RecipientID, f.Page, f.X, f.Y, f.W, f.H, f.Kind, f.Label, f.Required).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// dropDraft forgets a draft with everything in it.
func dropDraft(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope) error {
	for _, table := range []string{"word", "field", "recipient", "line", "stage"} {
		if _, err := tx.NewRaw("delete from envelopes."+table+" where firm_id = ? and client_id = ? and envelope_id = ?", v.FirmID(), e.ClientID, e.ID).Exec(ctx); err != nil {
			return err
		}
	}
	return moved(db.One(tx.NewRaw(`delete from envelopes.envelope where firm_id = ? and id = ? and status = 'draft'`, v.FirmID(), e.ID).Exec(ctx)))
}

func textPages(ctx context.Context, tx bun.IDB, v auth.Viewer, envelope uuid.UUID) (n int, err error) {
	err = tx.NewRaw(`select text_pages from envelopes.envelope where firm_id = ? and id = ?`, v.FirmID(), envelope).Scan(ctx, &n)
	return n, db.Found(err)
}

func setTextPages(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope, n int) error {
	return db.One(tx.NewRaw(`update envelopes.envelope set text_pages = ? where firm_id = ? and id = ?`, n, v.FirmID(), e.ID).Exec(ctx))
}
