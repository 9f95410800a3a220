package push

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
)

// enter keeps the message where there is a device for it, and answers the devices that it has to reach.
func enter(ctx context.Context, tx bun.IDB, firm, person, device uuid.UUID, side string, message uuid.UUID, m Message) (devices []uuid.UUID, err error) {
	err = tx.NewRaw(`
		with reached as (
			select d.id from push_device d
			where d.firm_id = ?0 and d.person_id = ?1 and d.side = ?2 and (?3::uuid is null or d.id = ?3)
		), told as (
			insert into push_message (firm_id, id, person_id, contact_id, title, body, path, tag)
			select ?0, ?4, ?1, ?5, ?6, ?7, ?8, ?9
			where exists (select from reached)
			on conflict do nothing
			returning id
		)
		select reached.id from reached, told`,
		firm, person, side, db.NullID(device), message, db.NullID(m.Contact), m.Title, m.Body, m.Path, m.Tag).Scan(ctx, &devices)
	if err != nil {
		return nil, fmt.Errorf("promise push: %w", err)
	}
	return devices, nil
}

// Reached are those of some people who have a device.
func Reached(ctx context.Context, tx bun.IDB, firm uuid.UUID, people []uuid.UUID) (reached []uuid.UUID, err error) {
	err = tx.NewRaw(`
		select distinct d.person_id from push_device d
		where d.firm_id = ? and d.person_id = any(?::uuid[])`, firm, pgdialect.Array(people)).Scan(ctx, &reached)
	return reached, err
}

// letter is a message that is due at a device.
type letter struct {
	Title, Body, Path, Tag string
	Sealed                 []byte
	FailedAt               time.Time // zero: the last message arrived
	Failures               int       // refusals in a row
}

// due loads what is to be sent. Nothing is, when the person lost access, took the device away, or a day went by.
func due(ctx context.Context, tx bun.IDB, firm uuid.UUID, s sending) (l letter, found bool, err error) {
	err = tx.NewRaw(`
		select m.title, m.body, m.path, m.tag, d.sealed, d.failed_at, d.failures
		from push_message m
		join firm f on f.firm_id = m.firm_id and f.status = 'active'
		join push_device d on d.firm_id = m.firm_id and d.id = ?2 and d.person_id = m.person_id
		where m.firm_id = ?0 and m.id = ?1 and m.created_at > now() - interval '1 day'
			and case when d.side = 'office' then exists (
				select from staff st where st.firm_id = m.firm_id and st.person_id = m.person_id and st.disabled_at is null)
			else f.portal_on and exists (
				select from contact ct
				join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id and cl.archived_at is null and cl.portal_on
				where ct.firm_id = m.firm_id and ct.person_id = m.person_id and (m.contact_id is null or ct.id = m.contact_id)
					and ct.access = 'portal' and ct.invited_at is not null and ct.disabled_at is null and ct.archived_at is null)
			end`, firm, s.Message, s.Device).Scan(ctx, &l)
	if errors.Is(err, sql.ErrNoRows) {
		return letter{}, false, nil
	}
	if err != nil {
		return letter{}, false, fmt.Errorf("push that is due: %w", err)
	}
	return l, true, nil
}

func arrived(ctx context.Context, tx bun.IDB, firm, device uuid.UUID) error {
	_, err := tx.NewRaw(`
		update push_device set last_ok_at = now(), failed_at = null, failures = 0 where firm_id = ? and id = ?`, firm, device).Exec(ctx)
	return err
}

// unanswered notes that a device's push service said nothing: that is no refusal.
func unanswered(ctx context.Context, tx bun.IDB, firm, device uuid.UUID, now time.Time) error {
	_, err := tx.NewRaw("update push_device set failed_at = ? where firm_id = ? and id = ?", now.UTC(), firm, device).Exec(ctx)
	return err
}

// refused notes that a device took nothing; after as many refusals as mostRefusals it is forgotten.
func refused(ctx context.Context, tx bun.IDB, firm, device uuid.UUID) error {
	_, err := tx.NewRaw(`
		update push_device set failed_at = now(), failures = failures + 1 where firm_id = ? and id = ?`, firm, device).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw("delete from push_device where firm_id = ? and id = ? and failures >= ?", firm, device, mostRefusals).Exec(ctx)
	return err
}

func forget(ctx context.Context, tx bun.IDB, firm, device uuid.UUID) error {
	_, err := tx.NewRaw("delete from push_device where firm_id = ? and id = ?", firm, device).Exec(ctx)
	return err
}

func sweep(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	_, err := tx.NewRaw("delete from push_message where firm_id = ? and created_at < now() - interval '2 days'", firm).Exec(ctx)
	return err
}

func register(ctx context.Context, tx bun.IDB, v auth.Viewer, device uuid.UUID, endpoint, sealed []byte, agent string) error {
	// on the other side the same browser may be the same person's
	_, err := tx.NewRaw(`
		delete from push_device
		where firm_id = ? and endpoint_hash = ? and (side = ? or person_id <> ?)`,
		v.FirmID(), endpoint, string(v.Side), v.PersonID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("register for push: %w", err)
	}
	if runes := []rune(agent); len(runes) > 300 {
		agent = string(runes[:300])
	}
	_, err = tx.NewRaw(`
		insert into push_device (firm_id, id, person_id, side, contact_id, token_hash, endpoint_hash, sealed, agent)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (firm_id, endpoint_hash, side) do nothing`, // of two tabs at once one is enough
		v.FirmID(), device, v.PersonID, string(v.Side), db.NullID(v.ContactID), v.Session.Hash, endpoint, sealed, agent).Exec(ctx)
	if err != nil {
		return fmt.Errorf("register for push: %w", err)
	}
	_, err = tx.NewRaw(`
		delete from push_device where firm_id = ?0 and id in (
			select id from push_device where firm_id = ?0 and person_id = ?1 and side = ?2
			order by created_at desc, id desc offset ?3)`, v.FirmID(), v.PersonID, string(v.Side), mostDevices).Exec(ctx)
	return err
}

func claim(ctx context.Context, tx bun.IDB, v auth.Viewer, endpoint []byte) (known bool, err error) {
	if !v.SignedIn() || v.ViewAs != uuid.Nil {
		return false, nil
	}
	_, err = tx.NewRaw(`
		delete from push_device where firm_id = ? and endpoint_hash = ? and person_id <> ?`, v.FirmID(), endpoint, v.PersonID).Exec(ctx)
	if err != nil {
		return false, err
	}
	done, err := tx.NewRaw(`
		update push_device set token_hash = ? where firm_id = ? and endpoint_hash = ? and person_id = ?`,
		v.Session.Hash, v.FirmID(), endpoint, v.PersonID).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// reachedAt are the viewer's own devices behind an address.
func reachedAt(ctx context.Context, tx bun.IDB, v auth.Viewer, endpoint []byte) (devices []uuid.UUID, err error) {
	err = tx.NewRaw(`
		select id from push_device where firm_id = ? and endpoint_hash = ? and person_id = ? for update`,
		v.FirmID(), endpoint, v.PersonID).Scan(ctx, &devices)
	return devices, err
}

func move(ctx context.Context, tx bun.IDB, v auth.Viewer, device uuid.UUID, endpoint, sealed []byte) error {
	_, err := tx.NewRaw(`
		update push_device d set endpoint_hash = ?0, sealed = ?1, token_hash = ?2
		where firm_id = ?3 and id = ?4 and not exists (
			select from push_device o where o.firm_id = d.firm_id and o.endpoint_hash = ?0 and o.side = d.side)`,
		endpoint, sealed, v.Session.Hash, v.FirmID(), device).Exec(ctx)
	return err
}

// Devices are the viewer's own on this side, the latest first.
func Devices(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]Device, error) {
	var list []Device
	err := tx.NewRaw(`
		select id, agent, created_at, last_ok_at, failed_at, token_hash = ? as here
		from push_device
		where firm_id = ? and person_id = ? and side = ?
		order by created_at desc, id desc`, v.Session.Hash, v.FirmID(), v.PersonID, string(v.Side)).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("devices for push: %w", err)
	}
	return list, nil
}

// Reaches says which of these people have a device, on either side.
func Reaches(ctx context.Context, tx bun.IDB, firm uuid.UUID, people []uuid.UUID) (reached []uuid.UUID, err error) {
	err = tx.NewRaw("select distinct person_id from push_device where firm_id = ? and person_id = any(?::uuid[])",
		firm, pgdialect.Array(people)).Scan(ctx, &reached)
	return reached, err
}

// Remove takes one of the viewer's own devices away.
func Remove(ctx context.Context, tx bun.IDB, v auth.Viewer, device uuid.UUID) error {
	err := db.One(tx.NewRaw(`
		delete from push_device where firm_id = ? and id = ? and person_id = ? and side = ?`,
		v.FirmID(), device, v.PersonID, string(v.Side)).Exec(ctx))
	return db.Found(err)
}

func mustOwn(ctx context.Context, tx bun.IDB, v auth.Viewer, device uuid.UUID) error {
	var own bool
	err := tx.NewRaw(`
		select exists (select from push_device where firm_id = ? and id = ? and person_id = ? and side = ?)`,
		v.FirmID(), device, v.PersonID, string(v.Side)).Scan(ctx, &own)
	if err == nil && !own {
		return fault.NotFound()
	}
	return err
}
