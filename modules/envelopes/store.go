package envelopes

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/db"
)

// reach is what a viewer may see of envelopes. Staff see all; a contact those that went out and name the contact, whose
// copy only once it is complete, in projects that the contact reaches.
func reach(v auth.Viewer) schema.QueryAppender {
	switch {
	case v.Side == auth.Office, v.Side == auth.Program:
		return bun.Safe("true")
	case v.Side != auth.Portal || !v.May(see):
		return bun.Safe("false")
	}
	projects := bun.SafeQuery("e.project_id = any(?::uuid[])", pgdialect.Array(v.ProjectIDs("envelopes")))
	if v.Scope == nil && !v.Limited {
		projects = bun.SafeQuery("(e.project_id is null or e.project_id = any(?::uuid[]))", pgdialect.Array(v.ProjectIDs("envelopes")))
	}
	return bun.SafeQuery(`e.client_id = ? and e.status <> 'draft' and ? and exists (
		select from envelopes.recipient mine
		where mine.firm_id = e.firm_id and mine.client_id = e.client_id and mine.envelope_id = e.id and mine.contact_id = ?
			and (mine.role <> 'copy' or e.sealed_id is not null))`, v.ClientID, projects, v.ContactID)
}

// envelopes is where every read of envelopes begins.
func envelopes(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	return tx.NewSelect().
		TableExpr("envelopes.envelope AS e").
		ColumnExpr("e.id, e.client_id, e.project_id, e.kind, e.title, e.message, e.status, e.ordered, e.deadline_days, e.remind_days, e.ask_code").
		ColumnExpr("e.source, e.body, e.currency, e.amount, e.at_once, e.revision, e.supersedes_id, e.file_id, e.file_hash, e.pages").
		ColumnExpr("e.sealed_id, e.sealed_hash, e.events, e.head, e.sent_at, e.sent_by, e.completed_at, e.declined_at, e.voided_at, e.void_reason").
		ColumnExpr("e.created_by, e.version, e.created_at, e.updated_at").
		ColumnExpr("cl.name AS client_name, coalesce(pr.name, '') AS project_name, coalesce(pr.key, '') AS project_key").
		ColumnExpr("coalesce(who.name, '') AS sender").
		Join("JOIN client AS cl ON cl.firm_id = e.firm_id AND cl.id = e.client_id").
		Join("LEFT JOIN project AS pr ON pr.firm_id = e.firm_id AND pr.id = e.project_id").
		Join("LEFT JOIN person AS who ON who.firm_id = e.firm_id AND who.id = coalesce(e.sent_by, e.created_by)").
		Where("e.firm_id = ?", v.FirmID()).
		Where("?", reach(v))
}

// byID finds an envelope with its recipients and fields.
func byID(ctx context.Context, tx bun.IDB, v auth.Viewer, one uuid.UUID) (Envelope, error) {
	return whole(ctx, tx, v, envelopes(tx, v).Where("e.id = ?", one).ColumnExpr(`(
		SELECT n.id FROM envelopes.envelope n
		WHERE n.firm_id = e.firm_id AND n.client_id = e.client_id AND n.supersedes_id = e.id ORDER BY n.id DESC LIMIT 1) AS next_id`))
}

// seen are those of the named ones that the viewer may see.
func seen(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) (list []uuid.UUID, err error) {
	var found []Envelope
	err = envelopes(tx, v).Where("e.id IN (?)", bun.List(ids)).Scan(ctx, &found)
	for _, e := range found {
		list = append(list, e.ID)
	}
	return list, err
}

// hold finds it and keeps others from changing it until the transaction ends: every change of a sent envelope begins here.
func hold(ctx context.Context, tx bun.Tx, v auth.Viewer, one uuid.UUID) (Envelope, error) {
	err := db.One(tx.NewRaw(`select from envelopes.envelope where firm_id = ? and id = ? for update`, v.FirmID(), one).Exec(ctx))
	if err != nil {
		return Envelope{}, db.Found(err)
	}
	return byID(ctx, tx, v, one)
}

func whole(ctx context.Context, tx bun.IDB, v auth.Viewer, q *bun.SelectQuery) (e Envelope, err error) {
	if err := q.Scan(ctx, &e); err != nil {
		return e, db.Found(err)
	}
	if e.Recipients, err = recipientsOf(ctx, tx, v, e.ID); err != nil {
		return e, err
	}
	e.Fields, err = fieldsOf(ctx, tx, v, e.ID)
	return e, err
}

// recipientsOf are those of an envelope that the viewer was found to see, in their order.
func recipientsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, envelope uuid.UUID) ([]Recipient, error) {
	var list []Recipient
	err := recipients(tx, v, envelope).ColumnExpr("signature, initials").Scan(ctx, &list)
	return list, err
}

// listedOf are the recipients of many envelopes, for lists: without what they drew, of which each may have a hundred kilobytes.
func listedOf(ctx context.Context, tx bun.IDB, v auth.Viewer, of []uuid.UUID) ([]Recipient, error) {
	var list []Recipient
	err := recipients(tx, v, of...).Scan(ctx, &list)
	return list, err
}

func recipients(tx bun.IDB, v auth.Viewer, of ...uuid.UUID) *bun.SelectQuery {
	return tx.NewSelect().
		TableExpr("envelopes.recipient").
		ColumnExpr("id, envelope_id, client_id, position, role, contact_id, person_id, name, email, token_hash, link_no, notified_at, opened_at").
		ColumnExpr("consented_at, signed_at, declined_at, reason, expires_at, expired_at, reminded_at, reminders, ask_code, code_hash, code_until").
		ColumnExpr("code_tries, verified_at, host_id, forwarded_id, version").
		Where("firm_id = ?", v.FirmID()).
		Where("envelope_id = any(?::uuid[])", pgdialect.Array(of)).
		OrderExpr("envelope_id, role = 'countersigner', position, id")
}

// fieldsOf are those of an envelope that the viewer was found to see, from the first page on, down each page.
func fieldsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, envelope uuid.UUID) ([]Field, error) {
	var list []Field
	err := tx.NewRaw(`
		select id, envelope_id, client_id, recipient_id, page, x, y, w, h, kind, label, required, value, filled_at
		from envelopes.field
		where firm_id = ? and envelope_id = ?
		order by page, y, x, id`, v.FirmID(), envelope).Scan(ctx, &list)
	return list, err
}

// byToken finds the recipient whom a mailed link belongs to, whatever became of the envelope: the page says it.
func byToken(ctx context.Context, tx bun.IDB, v auth.Viewer, hash []byte) (envelope, recipient uuid.UUID, err error) {
	err = tx.NewRaw(`select envelope_id, id from envelopes.recipient where firm_id = ? and token_hash = ?`, v.FirmID(), hash).Scan(ctx, &envelope, &recipient)
	return envelope, recipient, db.Found(err)
}

// linesOf is the price table of an envelope that the viewer was found to see.
func linesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, envelope uuid.UUID) ([]Line, error) {
	var list []Line
	err := tx.NewRaw(`
		select position, text, quantity, price, tax_rate from envelopes.line where firm_id = ? and envelope_id = ? order by position`,
		v.FirmID(), envelope).Scan(ctx, &list)
	return list, err
}

// stagesOf is its payment schedule.
func stagesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, envelope uuid.UUID) ([]Stage, error) {
	var list []Stage
	err := tx.NewRaw(`
		select position, title, share, amount, coalesce(due_on::text, '') as due_on from envelopes.stage where firm_id = ? and envelope_id = ? order by position`,
		v.FirmID(), envelope).Scan(ctx, &list)
	return list, err
}
