package auth

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/secret"
)

// Start begins a session and answers its token, the cookie's value. It is refused when access is off (ErrNoAccess), and
// when the person has to come in another way (NeedsSSO, NeedsMail).
func Start(ctx context.Context, tx bun.IDB, n NewSession) (token string, err error) {
	var confirmedAt sql.NullTime
	if n.Unproved {
		confirmedAt = sql.NullTime{Time: time.Unix(0, 0), Valid: true}
	}
	return start(ctx, tx, n, sql.NullTime{}, confirmedAt)
}

// start locks the staff or contact row against a Disable under way: whichever is second sees what the first did, so
// that no session is left behind that would live again with the next Enable.
func start(ctx context.Context, tx bun.IDB, n NewSession, signedInAt, confirmedAt sql.NullTime) (string, error) {
	token := secret.Token()
	who := bun.SafeQuery(`
		from staff st
		where st.firm_id = ? and st.person_id = ? and st.disabled_at is null and (? or st.role = 'owner' or not exists (
			select from sso_provider o where o.firm_id = st.firm_id and o.enabled and o.required))`, n.Firm, n.Person, n.SSO)
	lock := bun.Safe("st")
	if n.side() == Portal {
		who = bun.SafeQuery(`
			from contact ct
			join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id and cl.archived_at is null
			where ct.firm_id = ? and ct.id = ? and ct.person_id = ?
				and ct.access = 'portal' and ct.invited_at is not null and ct.disabled_at is null and ct.archived_at is null
				and (? or not exists (
					select from person sp where sp.firm_id = ct.firm_id and sp.id = ct.person_id and sp.sso_at is not null))`,
			n.Firm, n.Contact, n.Person, n.Mailed)
		lock = "ct"
	}
	life := LifetimeOf(n.side())
	err := db.One(tx.NewRaw(`
		insert into session (firm_id, token_hash, person_id, contact_id, created_at, confirmed_at, idle_until, absolute_until,
			factors, sso, ip, agent)
		select ?, ?, ?, ?, coalesce(?, now()), coalesce(?, now()),
			least(now() + ?::interval, coalesce(?, now()) + ?::interval), coalesce(?, now()) + ?::interval,
			?, ?, ?, ?
		?
		for no key update of ?`,
		n.Firm, secret.Hash(token), n.Person, db.NullID(n.Contact), signedInAt, confirmedAt,
		seconds(life.Idle), signedInAt, seconds(life.Absolute), signedInAt, seconds(life.Absolute),
		max(n.Factors, 1), n.SSO, clip(n.IP, 64), clip(n.Agent, 300),
		who, lock).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return "", whyRefused(ctx, tx, n)
	}
	if err != nil {
		return "", fmt.Errorf("start session: %w", err)
	}
	_, err = tx.NewRaw(`
		delete from session
		where firm_id = ? and (token_hash = ? or (person_id = ? and (idle_until <= now() or absolute_until <= now())))`,
		n.Firm, n.Replaces, n.Person).Exec(ctx)
	if err != nil {
		return "", err
	}
	if err := moveDevices(ctx, tx, n, token); err != nil {
		return "", err
	}
	_, err = tx.NewRaw(`
		update person set last_sign_in_at = now(), sso_at = case when ? then coalesce(sso_at, now()) else sso_at end
		where firm_id = ? and id = ?`, n.SSO, n.Firm, n.Person).Exec(ctx)
	if err != nil || n.side() != Portal {
		return token, err
	}
	_, err = tx.NewRaw("update contact set signed_in_at = now() where firm_id = ? and id = ?", n.Firm, n.Contact).Exec(ctx)
	return token, err
}

// whyRefused tells access that is off from a way in that does not count here.
func whyRefused(ctx context.Context, tx bun.IDB, n NewSession) error {
	identities, err := Identities(ctx, tx, n.Firm, n.Person)
	if err != nil {
		return err
	}
	for _, i := range identities {
		switch {
		case n.side() == Office && i.NeedsSSO:
			return errUseSSO
		case n.side() == Portal && i.ContactID == n.Contact:
			return errUseMail
		}
	}
	return ErrNoAccess()
}

// Touch slides the session; call it when Loaded says that it is due. It answers when the session now ends.
func Touch(ctx context.Context, tx bun.IDB, v Viewer) (until time.Time, err error) {
	err = tx.NewRaw(`
		update session
		set last_seen_at = now(), idle_until = least(now() + ?::interval, absolute_until)
		where firm_id = ? and token_hash = ? and idle_until > now() and absolute_until > now()
		returning idle_until`,
		seconds(LifetimeOf(v.Side).Idle), v.FirmID(), v.Session.Hash).Scan(ctx, &until)
	if errors.Is(err, sql.ErrNoRows) { // ended meanwhile: the next request will see it
		return time.Time{}, nil
	}
	return until, err
}

// Confirm notes that the viewer has shown a factor just now.
func Confirm(ctx context.Context, tx bun.IDB, v Viewer) error {
	return db.One(tx.NewRaw(`
		update session set confirmed_at = now() where firm_id = ? and token_hash = ?`,
		v.FirmID(), v.Session.Hash).Exec(ctx))
}

// Elevate notes that the viewer has shown a second factor just now.
func Elevate(ctx context.Context, tx bun.IDB, v Viewer) error {
	return db.One(tx.NewRaw(`
		update session set factors = 2, confirmed_at = now() where firm_id = ? and token_hash = ?`,
		v.FirmID(), v.Session.Hash).Exec(ctx))
}

// Welcome notes that the person has been shown what is shown once, such as the offer of a second factor.
func Welcome(ctx context.Context, tx bun.IDB, v Viewer) error {
	_, err := tx.NewRaw(`
		update person set welcomed_at = coalesce(welcomed_at, now()) where firm_id = ? and id = ?`,
		v.FirmID(), v.PersonID).Exec(ctx)
	return err
}

// SwitchTo makes a session for another identity of the same person and ends the present one. What was proved moves
// along, and so does the time of the sign-in: switching never makes a sign-in last longer. An office session cannot be
// had from a sign-in that is too old for one: that asks to sign in again.
func SwitchTo(ctx context.Context, tx bun.IDB, v Viewer, to Identity) (token string, err error) {
	var old struct {
		CreatedAt, ConfirmedAt time.Time
		Factors                int
		Sso                    bool
		IP, Agent              string
		TooOld                 bool
	}
	n := NewSession{Firm: v.FirmID(), Person: v.PersonID, Replaces: v.Session.Hash}
	if to.Side == Portal {
		n.Contact = to.ContactID
	}
	err = tx.NewRaw(`
		select s.created_at, s.confirmed_at, s.factors, s.sso, s.ip, s.agent, s.created_at + ?::interval <= now() as too_old
		from session s
		where s.firm_id = ? and s.token_hash = ? and s.person_id = ?
		for update`,
		seconds(LifetimeOf(n.side()).Absolute), v.FirmID(), v.Session.Hash, v.PersonID).Scan(ctx, &old)
	if errors.Is(err, sql.ErrNoRows) || old.TooOld {
		return "", fault.SignIn()
	}
	if err != nil {
		return "", fmt.Errorf("switch identity: %w", err)
	}
	n.Factors, n.SSO, n.IP, n.Agent = old.Factors, old.Sso, old.IP, old.Agent
	return start(ctx, tx, n, sql.NullTime{Time: old.CreatedAt, Valid: true}, sql.NullTime{Time: old.ConfirmedAt, Valid: true})
}

// moveDevices lets what the browser was woken for go on when the same person signs in there again; another person's ends.
func moveDevices(ctx context.Context, tx bun.IDB, n NewSession, token string) error {
	if n.Replaces == nil {
		return nil
	}
	_, err := tx.NewRaw(`
		update push_device set token_hash = ? where firm_id = ? and token_hash = ? and person_id = ?`,
		secret.Hash(token), n.Firm, n.Replaces, n.Person).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw("delete from push_device where firm_id = ? and token_hash = ?", n.Firm, n.Replaces).Exec(ctx)
	return err
}

// Where a session ends by somebody's will, the devices that are woken by its leave go as well: who signs out on a shared
// phone is told nothing more there. One that dies of age leaves them.

// End signs one session out.
func End(ctx context.Context, tx bun.IDB, firm uuid.UUID, tokenHash []byte) error {
	_, err := tx.NewRaw(`
		with woken as (delete from push_device where firm_id = ?0 and token_hash = ?1)
		delete from session where firm_id = ?0 and token_hash = ?1`,
		firm, tokenHash).Exec(ctx)
	return err
}

// EndAll signs the person out everywhere but in the session with the hash except (nil: there too), and ends the
// sign-in links that could sign in again.
func EndAll(ctx context.Context, tx bun.IDB, firm, person uuid.UUID, except []byte) error {
	_, err := tx.NewRaw(`
		with woken as (delete from push_device where firm_id = ?0 and person_id = ?1 and token_hash <> ?2)
		delete from session where firm_id = ?0 and person_id = ?1 and token_hash <> ?2`,
		firm, person, notNil(except)).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		update link set ended_at = now()
		where firm_id = ? and person_id = ? and ended_at is null
			and (purpose in ('sign_in', 'handover') or (purpose = 'invite' and used_at is not null))`,
		firm, person).Exec(ctx)
	return err
}

// EndOffice ends the person's sessions as staff.
func EndOffice(ctx context.Context, tx bun.IDB, firm, person uuid.UUID) error {
	_, err := tx.NewRaw(`
		with woken as (delete from push_device where firm_id = ?0 and person_id = ?1 and contact_id is null)
		delete from session where firm_id = ?0 and person_id = ?1 and contact_id is null`,
		firm, person).Exec(ctx)
	return err
}

// EndForContact ends the sessions as that contact, or those contacts.
func EndForContact(ctx context.Context, tx bun.IDB, firm uuid.UUID, contacts ...uuid.UUID) error {
	_, err := tx.NewRaw(`
		with woken as (delete from push_device where firm_id = ?0 and contact_id = any(?1::uuid[]))
		delete from session where firm_id = ?0 and contact_id = any(?1::uuid[])`,
		firm, pgdialect.Array(contacts)).Exec(ctx)
	return err
}

// deviceID is how many bytes of a hash name a session to its person.
const deviceID = 12

// Devices lists the viewer's own live sessions, the latest first.
func Devices(ctx context.Context, tx bun.IDB, v Viewer) ([]Device, error) {
	var rows []struct {
		TokenHash             []byte
		ContactID             uuid.UUID
		ClientName            string
		CreatedAt, LastSeenAt time.Time
		IP, Agent             string
	}
	err := tx.NewRaw(`
		select s.token_hash, s.contact_id, cl.name as client_name, s.created_at, s.last_seen_at, s.ip, s.agent
		from session s
		left join contact ct on ct.firm_id = s.firm_id and ct.id = s.contact_id
		left join client cl on cl.firm_id = s.firm_id and cl.id = ct.client_id
		where s.firm_id = ? and s.person_id = ? and s.idle_until > now() and s.absolute_until > now()
		order by s.last_seen_at desc, s.token_hash
		limit 200`, v.FirmID(), v.PersonID).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("own sessions: %w", err)
	}
	devices := make([]Device, len(rows))
	for i, row := range rows {
		side := Office
		if row.ContactID != uuid.Nil {
			side = Portal
		}
		devices[i] = Device{
			ID: base64.RawURLEncoding.EncodeToString(row.TokenHash[:deviceID]), Side: side, ClientName: row.ClientName,
			SignedInAt: row.CreatedAt, LastSeenAt: row.LastSeenAt, IP: row.IP, Agent: row.Agent,
			Current: bytes.Equal(row.TokenHash, v.Session.Hash),
		}
	}
	return devices, nil
}

// EndDevice ends one of the viewer's own sessions.
func EndDevice(ctx context.Context, tx bun.IDB, v Viewer, device string) error {
	start, err := base64.RawURLEncoding.DecodeString(device)
	if err != nil || len(start) != deviceID {
		return fault.NotFound()
	}
	err = db.One(tx.NewRaw(`
		with woken as (delete from push_device where firm_id = ?0 and person_id = ?1 and substring(token_hash from 1 for ?2) = ?3)
		delete from session where firm_id = ?0 and person_id = ?1 and substring(token_hash from 1 for ?2) = ?3`,
		v.FirmID(), v.PersonID, deviceID, start).Exec(ctx))
	return db.Found(err)
}

// Sweep removes what can never count again in a firm: dead sessions, questions nobody answered, and links of last year.
// Younger dead links stay, because a saved one still leads to "send me a new link".
func Sweep(ctx context.Context, tx bun.IDB, firm uuid.UUID) error {
	for _, query := range []string{
		"delete from session where firm_id = ? and (absolute_until < now() or idle_until < now())",
		"delete from challenge where firm_id = ? and expires_at < now()",
		"delete from link where firm_id = ? and expires_at < now() - interval '13 months'",
		"delete from preview where firm_id = ? and ended_at < now() - interval '30 days'",
	} {
		if _, err := tx.NewRaw(query, firm).Exec(ctx); err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
	}
	return nil
}

func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func seconds(d time.Duration) string { return fmt.Sprintf("%d seconds", int64(d/time.Second)) }

// clip keeps what a browser says of itself short, and such as PostgreSQL takes.
func clip(s string, n int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "")
	}
	return s
}
