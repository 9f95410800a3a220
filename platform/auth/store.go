package auth

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/secret"
)

// loadViewer answers one row: the firm ($1), and beside it whoever holds the live session with that hash ($2).
const loadViewer = `
	select f.firm_id, f.key as firm_key, f.name as firm_name, f.kind as firm_kind, f.status as firm_status, f.portal_on,
		f.switches as firm_switches, f.zone as firm_zone, f.locale as firm_locale, f.currency, f.email as firm_email,
		f.phone as firm_phone, f.address as firm_address, f.brand_color, f.logo_id as firm_logo, f.links_last, f.second_factor,
		coalesce(o.name, '') as sso_name, live.*, now() as asked_at
	from firm f
	left join sso_provider o on o.firm_id = $1 and o.enabled
	left join lateral (
		select s.token_hash, s.factors, s.confirmed_at, s.last_seen_at, s.idle_until, s.sso,
			st.second_factor or (o.required and not s.sso) as must_factor,
			p.id as person_id, p.name as person_name, p.email as person_email, p.photo_id, p.locale, p.zone, p.theme,
			p.welcomed_at is not null as welcomed,
			case when st.role is null then 0 else 1 end + (
				select count(*)
				from contact own
				join client at on at.firm_id = $1 and at.id = own.client_id and at.archived_at is null
				where own.firm_id = $1 and own.person_id = p.id
					and own.access = 'portal' and own.disabled_at is null and own.archived_at is null
			) as places,
			st.role,
			st.role is not null and (p.totp_at is not null
				or exists (select from passkey k where k.firm_id = $1 and k.person_id = p.id)) as has_factor,
			ct.id as contact_id, ct.rights, ct.limited,
			cl.id as client_id, cl.name as client_name, cl.logo_id as client_logo, cl.uploads_on,
			cl.portal_on as client_on, cl.switches as client_switches,
			case when cl.id is not null then (
				select json_agg(json_build_object('id', pr.id, 'key', pr.key, 'name', pr.name, 'status', pr.status,
					'switches', pr.switches) order by pr.created_at desc, pr.id)
				from project pr
				where pr.firm_id = $1 and pr.client_id = cl.id and pr.shared and pr.status <> 'archived'
					and (not ct.limited or exists (
						select from contact_project cp
						where cp.firm_id = $1 and cp.contact_id = ct.id and cp.project_id = pr.id))
			) end as projects
		from session s
		join person p on p.firm_id = $1 and p.id = s.person_id
		left join staff st on st.firm_id = $1 and st.person_id = s.person_id and st.disabled_at is null
		left join contact ct on ct.firm_id = $1 and ct.id = s.contact_id and ct.person_id = s.person_id
			and ct.access = 'portal' and ct.disabled_at is null and ct.archived_at is null
		left join client cl on cl.firm_id = $1 and cl.id = ct.client_id and cl.archived_at is null
		where s.firm_id = $1 and s.token_hash = $2 and s.idle_until > now() and s.absolute_until > now()
			and (case when s.contact_id is null then st.person_id is not null and (s.sso or st.role = 'owner' or o.required is not true)
				else cl.id is not null end)
	) live on true
	where f.firm_id = $1`

type viewerRow struct {
	FirmID                                  uuid.UUID
	FirmKey, FirmName, FirmKind, FirmStatus string
	PortalOn                                bool
	FirmSwitches                            access.Switches `bun:"type:jsonb"`
	FirmZone, FirmLocale, Currency          string
	FirmEmail, FirmPhone, FirmAddress       string
	BrandColor                              string
	FirmLogo                                uuid.UUID
	LinksLast                               bool
	SecondFactor                            []string `bun:",array"`
	SsoName                                 string

	TokenHash                                    []byte
	Factors                                      int
	ConfirmedAt, LastSeenAt, IdleUntil           time.Time
	PersonID                                     uuid.UUID
	PersonName, PersonEmail, Locale, Zone, Theme string
	PhotoID                                      uuid.UUID
	Welcomed, HasFactor, MustFactor, Sso         bool
	Places                                       int
	Role                                         access.Role
	ContactID                                    uuid.UUID
	Rights                                       []access.Right `bun:",array"`
	Limited                                      bool
	ClientID                                     uuid.UUID
	ClientName                                   string
	ClientLogo                                   uuid.UUID
	UploadsOn, ClientOn                          bool
	ClientSwitches                               access.Switches `bun:"type:jsonb"`
	Projects                                     json.RawMessage `bun:"type:json"`

	AskedAt time.Time
}

// Load answers who looks, in one statement: the hot path of every request. Without a live session the viewer is a
// Stranger whose firm is known. Only PostgreSQL's clock decides what is live; now places ConfirmedAt on the caller's.
func Load(ctx context.Context, tx bun.Tx, firm uuid.UUID, tokenHash []byte, now time.Time) (Loaded, error) {
	var row viewerRow
	err := db.Named(ctx, tx, &row, loadViewer, firm, tokenHash)
	if err != nil {
		return Loaded{}, fmt.Errorf("load viewer: %w", err)
	}
	if row.FirmID == uuid.Nil { // no row
		return Loaded{}, fault.UnknownHost()
	}
	return row.loaded(now)
}

func (row viewerRow) loaded(now time.Time) (Loaded, error) {
	v := Viewer{Firm: Firm{
		ID: row.FirmID, Key: row.FirmKey, Name: row.FirmName, Kind: row.FirmKind, Suspended: row.FirmStatus == "suspended",
		PortalOn: row.PortalOn, Switches: row.FirmSwitches, Zone: row.FirmZone, Locale: row.FirmLocale, Currency: row.Currency,
		Email: row.FirmEmail, Phone: row.FirmPhone, Address: row.FirmAddress, BrandColor: row.BrandColor, LogoID: row.FirmLogo,
		LinksLast: row.LinksLast, SSO: row.SsoName,
	}}
	v.Locale, v.Zone = v.Firm.Locale, v.Firm.Zone
	if len(row.TokenHash) == 0 {
		return Loaded{Viewer: v}, nil
	}
	v.PersonID, v.Name, v.Email, v.PhotoID, v.Theme, v.Role = row.PersonID, row.PersonName, row.PersonEmail, row.PhotoID, row.Theme, row.Role
	if row.Locale != "" {
		v.Locale = row.Locale
	}
	if row.Zone != "" {
		v.Zone = row.Zone
	}
	v.Places = row.Places
	v.Session = Session{
		Hash: row.TokenHash, Factors: row.Factors, HasFactor: row.HasFactor, Welcomed: row.Welcomed, SSO: row.Sso,
		ConfirmedAt: now.Add(row.ConfirmedAt.Sub(row.AskedAt)),
		Stale:       row.AskedAt.Sub(row.LastSeenAt) >= touchAfter,
	}
	if row.ContactID == uuid.Nil {
		v.Side = Office
		v.Session.Duty = DutyOf(row.Role, row.demanded(), row.HasFactor, row.Factors)
	} else {
		v.Side = Portal
		v.ContactID, v.ClientID, v.ClientName, v.ClientLogo = row.ContactID, row.ClientID, row.ClientName, row.ClientLogo
		v.UploadsOn, v.ClientOn, v.ClientSays = row.UploadsOn, row.ClientOn, row.ClientSwitches
		v.Rights, v.Limited = row.Rights, row.Limited
		if len(row.Projects) > 0 {
			if err := json.Unmarshal(row.Projects, &v.Projects); err != nil {
				return Loaded{}, fmt.Errorf("projects of the viewer: %w", err)
			}
		}
	}
	return Loaded{
		Viewer: v, HasFactor: row.HasFactor, IdleUntil: row.IdleUntil,
		TouchDue: v.Session.Stale,
	}, nil
}

// demanded are the roles of which a second factor is asked: the firm's, and the person's own where it is asked of them.
func (row viewerRow) demanded() []string {
	if row.MustFactor {
		return []string{string(row.Role)}
	}
	return row.SecondFactor
}

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
				and ct.access = 'portal' and ct.disabled_at is null and ct.archived_at is null
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
		for share of ?`,
		n.Firm, secret.Hash(token), n.Person, nullID(n.Contact), signedInAt, confirmedAt,
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
	_, err = tx.NewRaw(`
		update person set last_sign_in_at = now(), sso_at = case when ? then coalesce(sso_at, now()) else sso_at end
		where firm_id = ? and id = ?`, n.SSO, n.Firm, n.Person).Exec(ctx)
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

// End signs one session out.
func End(ctx context.Context, tx bun.IDB, firm uuid.UUID, tokenHash []byte) error {
	_, err := tx.NewRaw("delete from session where firm_id = ? and token_hash = ?", firm, tokenHash).Exec(ctx)
	return err
}

// EndAll signs the person out everywhere but in the session with the hash except (nil: there too), and ends the
// sign-in links that could sign in again.
func EndAll(ctx context.Context, tx bun.IDB, firm, person uuid.UUID, except []byte) error {
	_, err := tx.NewRaw(`
		delete from session where firm_id = ? and person_id = ? and token_hash <> ?`,
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
		delete from session where firm_id = ? and person_id = ? and contact_id is null`, firm, person).Exec(ctx)
	return err
}

// EndForContact ends the sessions as that contact.
func EndForContact(ctx context.Context, tx bun.IDB, firm, contact uuid.UUID) error {
	_, err := tx.NewRaw("delete from session where firm_id = ? and contact_id = ?", firm, contact).Exec(ctx)
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
		delete from session where firm_id = ? and person_id = ? and substring(token_hash from 1 for ?) = ?`,
		v.FirmID(), v.PersonID, deviceID, start).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return fault.NotFound()
	}
	return err
}

// Identities lists all that a person may sign in as within the firm: the office, then clients by name.
func Identities(ctx context.Context, tx bun.IDB, firm, person uuid.UUID) ([]Identity, error) {
	var identities []Identity
	err := tx.NewRaw(`
		select 'office' as side, null::uuid as contact_id, null::uuid as client_id, '' as client_name,
			null::uuid as client_logo, false as portal_on, st.role,
			st.role <> 'owner' and o.firm_id is not null as needs_sso
		from staff st
		left join sso_provider o on o.firm_id = st.firm_id and o.enabled and o.required
		where st.firm_id = ?0 and st.person_id = ?1 and st.disabled_at is null
		union all
		select 'portal', ct.id, cl.id, cl.name, cl.logo_id, f.portal_on and cl.portal_on, '', false
		from contact ct
		join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id and cl.archived_at is null
		join firm f on f.firm_id = ct.firm_id
		where ct.firm_id = ?0 and ct.person_id = ?1
			and ct.access = 'portal' and ct.disabled_at is null and ct.archived_at is null
		order by side, client_name, contact_id`, firm, person).Scan(ctx, &identities)
	if err != nil {
		return nil, fmt.Errorf("identities: %w", err)
	}
	return identities, nil
}

// FindElsewhere lists the other firms in which the viewer's address has access. The caller has made sure that the address
// is proved: a session begins with a mailed link or with a factor that was set up behind one, and an address that others
// change loses its sessions and factors (people.Readdress); what a firm's own provider says of an address counts in that
// firm alone. It takes the ops pool, because it looks across firms.
func FindElsewhere(ctx context.Context, ops *bun.DB, v Viewer) ([]Elsewhere, error) {
	if !v.SignedIn() {
		return nil, nil
	}
	var rows []struct {
		FirmID, PersonID uuid.UUID
		FirmKey, Name    string
		LogoID           uuid.UUID
		Office           bool
		Clients          []string `bun:",array"`
	}
	err := ops.NewRaw(`
		select f.firm_id, f.key as firm_key, f.name, f.logo_id, p.id as person_id,
			st.person_id is not null as office, coalesce(portal.clients, '{}') as clients
		from person p
		join firm f on f.firm_id = p.firm_id and f.status = 'active'
		left join staff st on st.firm_id = p.firm_id and st.person_id = p.id and st.disabled_at is null
		left join lateral (
			select array_agg(cl.name order by cl.name) as clients
			from contact ct
			join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id and cl.archived_at is null and cl.portal_on
			where ct.firm_id = p.firm_id and ct.person_id = p.id and f.portal_on
				and ct.access = 'portal' and ct.disabled_at is null and ct.archived_at is null
		) portal on true
		where p.email = ? and p.firm_id <> ? and (st.person_id is not null or portal.clients is not null)
		order by f.name, f.firm_id
		limit 100`, v.Email, v.FirmID()).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("other firms of the address: %w", err)
	}
	others := make([]Elsewhere, len(rows))
	for i, row := range rows {
		others[i] = Elsewhere(row)
	}
	return others, nil
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

func nullID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }

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
