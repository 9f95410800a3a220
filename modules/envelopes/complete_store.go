package envelopes

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/signet"
)

func markSealing(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope, now time.Time) error {
	return moved(db.One(tx.NewRaw(`
		update envelopes.envelope set status = 'sealing', version = version + 1, updated_at = ?
		where firm_id = ? and id = ? and status = 'sent'`, now, v.FirmID(), e.ID).Exec(ctx)))
}

func markComplete(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope) error {
	return db.One(tx.NewRaw(`
		update envelopes.envelope
		set status = 'complete', sealed_id = ?, sealed_hash = ?, completed_at = ?, version = version + 1, updated_at = ?
		where firm_id = ? and id = ? and status = 'sealing'`,
		e.SealedID, e.SealedHash, e.CompletedAt, e.CompletedAt, v.FirmID(), e.ID).Exec(ctx))
}

// giveLink lets somebody who was asked for nothing open the sealed document.
func giveLink(ctx context.Context, tx bun.IDB, v auth.Viewer, recipient uuid.UUID, hash []byte) error {
	return db.One(tx.NewRaw(`
		update envelopes.recipient set link_no = 1, token_hash = ?
		where firm_id = ? and id = ? and link_no = 0`, hash, v.FirmID(), recipient).Exec(ctx))
}

// localesOf are those of the people who sign or approve an envelope for the client, "" for the firm's. Who handed it over
// to somebody else reads it no more.
func localesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, envelope uuid.UUID) (locales []string, err error) {
	err = tx.NewRaw(`
		select coalesce(p.locale, '') from envelopes.recipient r
		left join contact ct on ct.firm_id = r.firm_id and ct.id = r.contact_id
		left join person p on p.firm_id = ct.firm_id and p.id = ct.person_id
		where r.firm_id = ? and r.envelope_id = ? and r.role in ('signer', 'approver') and r.forwarded_id is null
		order by r.position, r.id`, v.FirmID(), envelope).Scan(ctx, &locales)
	return locales, err
}

// keepSeal notes what was sealed, and with which certificate, for ever.
func keepSeal(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope, head []byte, chain []*x509.Certificate, stamped time.Time) error {
	mark := sha256.Sum256(chain[0].Raw)
	_, err := tx.NewRaw(`
		insert into envelopes.chain (firm_id, fingerprint, certs, first_at) values (?, ?, ?, ?)
		on conflict (firm_id, fingerprint) do nothing`, v.FirmID(), mark[:], signet.Encode(chain), e.CompletedAt).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		insert into envelopes.sealed (firm_id, envelope_id, client_id, file_id, hash, head, fingerprint, stamped_at, sealed_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.FirmID(), e.ID, e.ClientID, e.SealedID, e.SealedHash, head, mark[:], nullTime(stamped), e.CompletedAt).Exec(ctx)
	return err
}

// chainsOf are the certificates that the firm's documents were sealed with.
func chainsOf(ctx context.Context, tx bun.IDB, v auth.Viewer) ([][]*x509.Certificate, error) {
	var rows [][]byte
	if err := tx.NewRaw(`select certs from envelopes.chain where firm_id = ? order by first_at desc limit 50`, v.FirmID()).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	var all [][]*x509.Certificate
	for _, der := range rows {
		chain, err := signet.Decode(der)
		if err != nil {
			return nil, err
		}
		all = append(all, chain)
	}
	return all, nil
}

// sealedAs finds the envelope that a file was sealed for, by the file's hash.
func sealedAs(ctx context.Context, tx bun.IDB, v auth.Viewer, hash []byte) (envelope uuid.UUID, err error) {
	err = tx.NewRaw(`select envelope_id from envelopes.sealed where firm_id = ? and hash = ?`, v.FirmID(), hash).Scan(ctx, &envelope)
	return envelope, db.Found(err)
}

// revisionsOf are an envelope and those that it corrects, the first one first.
func revisionsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, envelope uuid.UUID) ([]Envelope, error) {
	var list []Envelope
	err := tx.NewRaw(`
		with recursive line as (
			select e.* from envelopes.envelope e where e.firm_id = ? and e.id = ?
			union all
			select b.* from envelopes.envelope b join line l on b.firm_id = l.firm_id and b.client_id = l.client_id and b.id = l.supersedes_id
		)
		select id, revision, status, file_hash, sent_at, voided_at from line where file_hash is not null order by revision limit 50`,
		v.FirmID(), envelope).Scan(ctx, &list)
	return list, err
}

// guard says who may see a file of ours: whoever sees its document. The name is the document's.
func guard(ctx context.Context, tx bun.IDB, v auth.Viewer, file uuid.UUID) (name string, err error) {
	if !v.May(see) && !v.May(keep) {
		return "", fault.NotFound()
	}
	var title, end string
	err = tx.NewSelect().
		TableExpr("envelopes.envelope AS e").
		ColumnExpr("e.title, CASE WHEN e.sealed_id = ? THEN ', signed.pdf' ELSE '.pdf' END", file).
		Where("e.firm_id = ?", v.FirmID()).
		Where("e.file_id = ? OR e.sealed_id = ?", file, file).
		Where("?", reach(v)).
		Limit(1).
		Scan(ctx, &title, &end)
	return pdfName(title, end), db.Found(err)
}

// pdfName is a title as the name of a file: a slash in it leads into no folder.
func pdfName(title, end string) string {
	return strings.NewReplacer("/", "-", `\`, "-").Replace(title) + end
}
