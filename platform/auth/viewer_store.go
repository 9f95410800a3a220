package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/db"
	"portico/platform/fault"
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
					and own.access = 'portal' and own.invited_at is not null and own.disabled_at is null and own.archived_at is null
			) as places,
			st.role, al.text as alarm_text, al.path as alarm_path, al.action as alarm_action,
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
			) end as projects,
			exists (
				select from notice n
				where n.firm_id = $1 and n.person_id = p.id and n.contact_id is not distinct from s.contact_id
					and n.bell and not n.folded and n.read_at is null) as news
		from session s
		join person p on p.firm_id = $1 and p.id = s.person_id
		left join staff st on st.firm_id = $1 and st.person_id = s.person_id and st.disabled_at is null
		left join lateral (
			select al.text, al.path, al.action from alarm al where al.firm_id = $1 and st.role in ('owner', 'admin') order by al.raised_at, al.section limit 1
		) al on s.contact_id is null
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
	AlarmText, AlarmPath, AlarmAction            string
	ContactID                                    uuid.UUID
	Rights                                       []access.Right `bun:",array"`
	Limited                                      bool
	ClientID                                     uuid.UUID
	ClientName                                   string
	ClientLogo                                   uuid.UUID
	UploadsOn, ClientOn                          bool
	ClientSwitches                               access.Switches `bun:"type:jsonb"`
	Projects                                     json.RawMessage `bun:"type:json"`
	News                                         bool

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
	v.Places, v.News = row.Places, row.News
	v.Session = Session{
		Hash: row.TokenHash, Factors: row.Factors, HasFactor: row.HasFactor, Welcomed: row.Welcomed, SSO: row.Sso,
		ConfirmedAt: now.Add(row.ConfirmedAt.Sub(row.AskedAt)),
		Stale:       row.AskedAt.Sub(row.LastSeenAt) >= touchAfter,
	}
	if row.ContactID == uuid.Nil {
		v.Side = Office
		v.Alarm = Alarm{row.AlarmText, row.AlarmPath, row.AlarmAction}
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
