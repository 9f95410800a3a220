package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/secret"
)

// The statement that loads the viewer of a session loads the viewer of a preview as well: what it reads as sessions is
// here the preview, as if the contact had signed in. So a preview shows what the contact's own session would show.
const (
	loadPreview = `
	with session as (
		select pv.firm_id, pv.token_hash, ct.person_id, pv.contact_id, pv.created_at, pv.last_seen_at, pv.idle_until,
			pv.absolute_until, 1::smallint as factors, timestamptz 'epoch' as confirmed_at, '' as ip, '' as agent, false as sso
		from preview pv
		join contact ct on ct.firm_id = pv.firm_id and ct.id = pv.contact_id
		where pv.firm_id = $1 and pv.token_hash = $2 and pv.session_hash = $3 and pv.staff_id = $4 and pv.ended_at is null
	)` + loadViewer
	loadContact = `
	with session as (
		select ct.firm_id, $2::bytea as token_hash, ct.person_id, ct.id as contact_id, now() as created_at, now() as last_seen_at,
			now() + interval '1 hour' as idle_until, now() + interval '1 hour' as absolute_until, 1::smallint as factors,
			timestamptz 'epoch' as confirmed_at, '' as ip, '' as agent, false as sso
		from contact ct
		where ct.firm_id = $1 and ct.id = $3
	)` + loadViewer
	loadStaff = `
	with session as (
		select st.firm_id, $2::bytea as token_hash, st.person_id, null::uuid as contact_id, now() as created_at, now() as last_seen_at,
			now() + interval '1 hour' as idle_until, now() + interval '1 hour' as absolute_until, 2::smallint as factors,
			timestamptz 'epoch' as confirmed_at, '' as ip, '' as agent, true as sso
		from staff st
		where st.firm_id = $1 and st.person_id = $3
	)` + loadViewer
)

// LoadPreview answers the contact whom the member of staff looks as; ok is false when the preview does not count, or not
// any more: it takes the preview's own token, the session that it was begun in, and a portal that would let the contact in.
func LoadPreview(ctx context.Context, tx bun.Tx, staff Viewer, tokenHash []byte, now time.Time) (as Viewer, ok bool, err error) {
	if staff.Session.Duty != NoDuty || !staff.May(LookAs) {
		return Viewer{}, false, nil
	}
	var row viewerRow
	err = db.Named(ctx, tx, &row, loadPreview, staff.FirmID(), tokenHash, staff.Session.Hash, staff.PersonID)
	if err != nil {
		return Viewer{}, false, fmt.Errorf("load preview: %w", err)
	}
	return row.seenBy(staff, now)
}

// ContactAs is the viewer that the contact would be; ok is false when it could not sign in.
func ContactAs(ctx context.Context, tx bun.Tx, staff Viewer, contact uuid.UUID, now time.Time) (as Viewer, ok bool, err error) {
	var row viewerRow
	err = db.Named(ctx, tx, &row, loadContact, staff.FirmID(), []byte{1}, contact)
	if err != nil {
		return Viewer{}, false, fmt.Errorf("load contact: %w", err)
	}
	return row.seenBy(staff, now)
}

// StaffAs is the viewer that a member of staff would be, for a job that asks what this person may see now; ok is false for
// who may not sign in any more.
func StaffAs(ctx context.Context, tx bun.Tx, firm, person uuid.UUID, now time.Time) (as Viewer, ok bool, err error) {
	var row viewerRow
	err = db.Named(ctx, tx, &row, loadStaff, firm, []byte{1}, person)
	if err != nil {
		return Viewer{}, false, fmt.Errorf("load staff: %w", err)
	}
	if len(row.TokenHash) == 0 || row.Role == "" {
		return Viewer{}, false, nil
	}
	loaded, err := row.loaded(now)
	return loaded.Viewer, err == nil, err
}

// seenBy is the contact in the eyes of staff: its own rights, and none of those that its person may have besides.
func (row viewerRow) seenBy(staff Viewer, now time.Time) (Viewer, bool, error) {
	if len(row.TokenHash) == 0 || row.ContactID == uuid.Nil {
		return Viewer{}, false, nil
	}
	loaded, err := row.loaded(now)
	v := loaded.Viewer
	v.ViewAs, v.Role, v.Places = staff.PersonID, "", 1
	v.Session.HasFactor, v.Session.Welcomed = false, true
	v.Session.Stale = row.AskedAt.Sub(row.LastSeenAt) >= previewTouchAfter
	return v, err == nil && v.Levels().Portal().On, err
}

// StartPreview begins one and answers its token, and when it ends if nobody looks. One session has one preview: the one
// before, if any, is to be ended first.
func StartPreview(ctx context.Context, tx bun.IDB, staff Viewer, contact uuid.UUID, cameFrom string) (token string, preview uuid.UUID, err error) {
	token, preview = secret.Token(), id.New()
	err = db.One(tx.NewRaw(`
		insert into preview (firm_id, id, token_hash, session_hash, staff_id, contact_id, came_from, idle_until, absolute_until)
		select ct.firm_id, ?, ?, s.token_hash, s.person_id, ct.id, ?, now() + ?::interval, least(now() + ?::interval, s.absolute_until)
		from contact ct
		join session s on s.firm_id = ct.firm_id and s.token_hash = ? and s.person_id = ? and s.contact_id is null
		where ct.firm_id = ? and ct.id = ?`,
		preview, secret.Hash(token), cameFrom, seconds(PreviewLife.Idle), seconds(PreviewLife.Absolute),
		staff.Session.Hash, staff.PersonID, staff.FirmID(), contact).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return "", uuid.Nil, fault.NotFound()
	}
	return token, preview, err
}

// TouchPreview slides a preview.
func TouchPreview(ctx context.Context, tx bun.IDB, v Viewer) error {
	_, err := tx.NewRaw(`
		update preview
		set last_seen_at = now(), idle_until = least(now() + ?::interval, absolute_until)
		where firm_id = ? and token_hash = ? and ended_at is null and idle_until > now() and absolute_until > now()`,
		seconds(PreviewLife.Idle), v.FirmID(), v.Session.Hash).Exec(ctx)
	return err
}

const selectPreview = `
	select pv.id, pv.staff_id, pv.contact_id, p.name as staff_name, ct.name as contact_name, ct.client_id, pv.came_from,
		pv.ended_at is not null as ended, pv.idle_until, pv.absolute_until as last_until,
		pv.ended_at is null and pv.idle_until > now() and pv.absolute_until > now() and exists (
			select from session s
			where s.firm_id = pv.firm_id and s.token_hash = pv.session_hash and s.idle_until > now() and s.absolute_until > now()) as live
	from preview pv
	join contact ct on ct.firm_id = pv.firm_id and ct.id = pv.contact_id
	join person p on p.firm_id = pv.firm_id and p.id = pv.staff_id
	where pv.firm_id = ?`

// FindPreview finds one by its id; for the job that tells its end.
func FindPreview(ctx context.Context, tx bun.IDB, firm, preview uuid.UUID) (Preview, error) {
	var found []Preview
	err := tx.NewRaw(selectPreview+`
			and pv.id = ?
		for update of pv`, firm, preview).Scan(ctx, &found)
	return only(found, err)
}

// PreviewOf finds the one that a token names, begun in the viewer's session, also when it is over.
func PreviewOf(ctx context.Context, tx bun.IDB, staff Viewer, tokenHash []byte) (Preview, error) {
	var found []Preview
	err := tx.NewRaw(selectPreview+`
			and pv.token_hash = ? and pv.session_hash = ? and pv.staff_id = ?
		for update of pv`, staff.FirmID(), tokenHash, staff.Session.Hash, staff.PersonID).Scan(ctx, &found)
	return only(found, err)
}

// OpenPreview finds the one that the viewer's session has not ended.
func OpenPreview(ctx context.Context, tx bun.IDB, staff Viewer) (Preview, error) {
	var found []Preview
	err := tx.NewRaw(selectPreview+`
			and pv.session_hash = ? and pv.staff_id = ? and pv.ended_at is null
		order by pv.created_at desc
		limit 1
		for update of pv`, staff.FirmID(), staff.Session.Hash, staff.PersonID).Scan(ctx, &found)
	return only(found, err)
}

func only(found []Preview, err error) (Preview, error) {
	switch {
	case err != nil:
		return Preview{}, fmt.Errorf("preview: %w", err)
	case len(found) == 0:
		return Preview{}, fault.NotFound()
	}
	return found[0], nil
}

// EndPreview ends one; first is true for whoever ended it.
func EndPreview(ctx context.Context, tx bun.IDB, firm, preview uuid.UUID) (first bool, err error) {
	err = db.One(tx.NewRaw(`
		update preview set ended_at = now() where firm_id = ? and id = ? and ended_at is null`, firm, preview).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
