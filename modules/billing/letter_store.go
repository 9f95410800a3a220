package billing

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/id"
)

// ruleTurn is the n-th time that a rule reminds of an invoice; the zero one is of no rule.
type ruleTurn struct {
	Rule uuid.UUID
	N    int
}

// noteLetter keeps that a mail went to a contact.
func noteLetter(ctx context.Context, tx bun.IDB, firm, letter, invoice, contact uuid.UUID, kind string) error {
	_, err := tx.NewRaw(`
		insert into billing.letter (firm_id, id, invoice_id, contact_id, kind, sent_at)
		values (?, ?, ?, ?, ?, now())
		on conflict (firm_id, id) do nothing`, firm, letter, invoice, contact, kind).Exec(ctx)
	return err
}

// promiseEach promises a mail of a kind to each of those who read such mails and have no promise of it yet.
func promiseEach(ctx context.Context, tx bun.IDB, firm uuid.UUID, to []reader, invoice uuid.UUID, kind string, t ruleTurn) ([]promised, error) {
	var mails []promised
	for _, one := range to {
		if !one.reads() {
			continue
		}
		letter, fresh, err := promiseLetter(ctx, tx, firm, invoice, one.ContactID, kind, t)
		if err != nil {
			return nil, err
		}
		if fresh {
			mails = append(mails, promised{letter})
		}
	}
	return mails, nil
}

// promiseLetter puts down that a mail will go to a contact; fresh is false when there is one already.
func promiseLetter(ctx context.Context, tx bun.IDB, firm, invoice, contact uuid.UUID, kind string, t ruleTurn) (letter uuid.UUID, fresh bool, err error) {
	var n *int
	if t.Rule != uuid.Nil {
		n = &t.N
	}
	err = tx.NewRaw(`
		insert into billing.letter (firm_id, id, invoice_id, contact_id, kind, rule_id, turn)
		values (?, ?, ?, ?, ?, ?, ?)
		on conflict do nothing
		returning id`, firm, id.New(), invoice, contact, kind, db.NullID(t.Rule), n).Scan(ctx, &letter)
	if errors.Is(err, sql.ErrNoRows) {
		return uuid.Nil, false, nil
	}
	return letter, err == nil, err
}

// told is a mail about an invoice.
type told struct {
	ID, InvoiceID, ContactID uuid.UUID
	Kind                     string
	RuleID                   uuid.UUID
	Turn                     int
	SentAt                   time.Time
	Name                     string // the contact's
}

func letterByID(ctx context.Context, tx bun.IDB, firm, letter uuid.UUID) (told, error) {
	var t told
	err := tx.NewRaw(`
		select l.id, l.invoice_id, l.contact_id, l.kind, l.rule_id, l.turn, l.sent_at
		from billing.letter l
		where l.firm_id = ? and l.id = ?`, firm, letter).Scan(ctx, &t)
	return t, db.Found(err)
}

func noteLetterSent(ctx context.Context, tx bun.IDB, firm, letter uuid.UUID) error {
	_, err := tx.NewRaw("update billing.letter set sent_at = now() where firm_id = ? and id = ?", firm, letter).Exec(ctx)
	return err
}

// dropLetter takes back a promise that is not to be kept.
func dropLetter(ctx context.Context, tx bun.IDB, firm, letter uuid.UUID) error {
	_, err := tx.NewRaw("delete from billing.letter where firm_id = ? and id = ? and sent_at is null", firm, letter).Exec(ctx)
	return err
}

// lettersOf are the mails about an invoice that went out, for staff, the oldest first.
func lettersOf(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID) ([]told, error) {
	if v.Side != auth.Office {
		return nil, nil
	}
	var list []told
	err := tx.NewRaw(`
		select l.id, l.invoice_id, l.contact_id, l.kind, l.rule_id, l.turn, l.sent_at, p.name
		from billing.letter l
		join contact ct on ct.firm_id = l.firm_id and ct.id = l.contact_id
		join person p on p.firm_id = ct.firm_id and p.id = ct.person_id
		where l.firm_id = ? and l.invoice_id = ? and l.sent_at is not null
		order by l.sent_at, l.id
		limit 200`, v.FirmID(), invoice).Scan(ctx, &list)
	return list, err
}

// toldOf are the contacts who got a mail about an invoice. Of older ones it was not kept who: all who may read it then.
func toldOf(ctx context.Context, tx bun.Tx, firm, invoice uuid.UUID) ([]reader, error) {
	list, err := readers(ctx, tx, firm, invoice, uuid.Nil)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		ContactID uuid.UUID
		Kept      bool
	}
	err = tx.NewRaw(`
		select l.contact_id, true as kept from billing.letter l
		where l.firm_id = ?0 and l.invoice_id = ?1 and l.sent_at is not null and l.kind <> 'void'
		union all
		select i.id, false from billing.invoice i where i.firm_id = ?0 and i.id = ?1 and i.mailed_at is not null`, firm, invoice).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	got, kept, mailed := map[uuid.UUID]bool{}, false, false
	for _, row := range rows {
		got[row.ContactID], kept, mailed = row.Kept, kept || row.Kept, mailed || !row.Kept
	}
	var all []reader
	for _, to := range list {
		if got[to.ContactID] || mailed && !kept {
			all = append(all, to)
		}
	}
	return all, nil
}
