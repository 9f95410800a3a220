package firm

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/id"
)

// quarantine is how long a released address stays with its firm and leads on, so that old links never lead to somebody else.
const quarantine = "12 months"

// Create makes a firm and its address, in a transaction of its own.
func Create(ctx context.Context, pool *bun.DB, n New) (uuid.UUID, error) {
	firm := id.New()
	err := db.InTx(ctx, pool, firm, func(ctx context.Context, tx bun.Tx) error { return CreateIn(ctx, tx, firm, n) })
	if err != nil {
		return uuid.Nil, err
	}
	return firm, nil
}

// CreateIn makes a firm with that id in a transaction of that id.
func CreateIn(ctx context.Context, tx bun.IDB, firm uuid.UUID, n New) error {
	if err := n.check(); err != nil {
		return err
	}
	_, err := tx.NewRaw(`
		insert into firm (firm_id, key, name, kind, zone, locale, currency, email) values (?, ?, ?, ?, ?, ?, ?, ?)`,
		firm, n.Key, n.Name, n.Kind, n.Zone, n.Locale, n.Currency, n.Email).Exec(ctx)
	if err != nil {
		return fmt.Errorf("create firm: %w", err)
	}
	return takeAddress(ctx, tx, firm, n.Key, "key", errTaken)
}

// takeAddress gives a name to a firm: a free one, an own former one, or one that another firm released long ago.
func takeAddress(ctx context.Context, tx bun.IDB, firm uuid.UUID, name, kind string, taken error) error {
	err := db.One(tx.NewRaw(`
		insert into address as a (name, kind, firm_id) values (?, ?, ?)
		on conflict (name) do update
		set firm_id = excluded.firm_id, kind = excluded.kind, released_at = null, created_at = now(), chosen = false
		where a.firm_id = excluded.firm_id or a.released_at < now() - ?::interval`,
		name, kind, firm, quarantine).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return taken
	}
	if err != nil {
		return fmt.Errorf("take address: %w", err)
	}
	return nil
}

// find looks a host up. The address table spans firms: a host must name its firm before any firm is set.
func find(ctx context.Context, pool *bun.DB, hosts Hosts, host string) (Place, error) {
	if host == "" || len(host) > 253 {
		return Place{}, nil
	}
	if hosts.own(host) {
		place, err := findMain(ctx, pool, hosts)
		place.Host = host
		return place, err
	}
	name, below := hosts.key(host)
	kind := "key"
	if !below {
		if !domainShape.MatchString(host) {
			return Place{}, nil
		}
		name, kind = host, "domain"
	}
	var row struct {
		FirmID   uuid.UUID
		Released bool
	}
	err := pool.NewRaw(`
		select a.firm_id, a.released_at is not null as released
		from address a
		where a.name = ? and a.kind = ? and (a.released_at is null or a.released_at > now() - ?::interval)`,
		name, kind, quarantine).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return Place{}, nil
	}
	if err != nil {
		return Place{}, fmt.Errorf("look up host: %w", err)
	}
	place, err := placeOf(ctx, pool, hosts, row.FirmID)
	if err != nil {
		return Place{}, fault.IgnoreNotFound(err)
	}
	if place.Old = row.Released; !place.Old {
		place.Host = host
	}
	return place, nil
}

// findMain gives the firm for which the installation's own hosts answer; Firm Nil when there is none. The main firm is
// named by a key that it has, or has had: the operator's setting survives the firm's own change.
func findMain(ctx context.Context, pool *bun.DB, hosts Hosts) (Place, error) {
	var rows []struct {
		Name   string
		FirmID uuid.UUID
	}
	err := pool.NewRaw(`
		select a.name, a.firm_id from address a
		where a.kind = 'key' and a.released_at is null and (? = '' or a.firm_id = (
			select named.firm_id from address named where named.name = ? and named.kind = 'key'))
		limit 2`, hosts.MainFirm, hosts.MainFirm).Scan(ctx, &rows)
	if err != nil {
		return Place{}, fmt.Errorf("look up main firm: %w", err)
	}
	if len(rows) != 1 {
		return Place{}, nil
	}
	return Place{Firm: rows[0].FirmID, Key: rows[0].Name}, nil
}

// placeOf answers where a firm lives: at the domain that it has chosen; else, for the main firm, at the installation's own
// host, which needs no wildcard in anybody's DNS; else below it.
func placeOf(ctx context.Context, pool *bun.DB, hosts Hosts, firm uuid.UUID) (Place, error) {
	var rows []struct{ Name, Kind string }
	err := pool.NewRaw(`
		select a.name, a.kind from address a
		where a.firm_id = ? and a.released_at is null and (a.kind = 'key' or a.chosen)`, firm).Scan(ctx, &rows)
	if err != nil {
		return Place{}, fmt.Errorf("look up addresses: %w", err)
	}
	place := Place{Firm: firm}
	for _, row := range rows {
		if row.Kind == "key" {
			place.Key = row.Name
		} else {
			place.Host = row.Name
		}
	}
	if place.Key == "" {
		return Place{}, fault.NotFound()
	}
	if place.Host != "" {
		return place, nil
	}
	return byKey(ctx, pool, hosts, place)
}

// byKey puts a firm where it lives by its key alone.
func byKey(ctx context.Context, pool *bun.DB, hosts Hosts, place Place) (Place, error) {
	main, err := findMain(ctx, pool, hosts)
	if err != nil {
		return Place{}, err
	}
	place.Host = place.Key + "." + hosts.Base
	if main.Firm == place.Firm {
		place.Host = hosts.Base
	}
	return place, nil
}

// Get reads the settings of the viewer's firm.
func Get(ctx context.Context, tx bun.IDB, v auth.Viewer) (Settings, error) {
	var row struct {
		FirmID                         uuid.UUID
		Key, Name, Kind, Status        string
		PortalOn                       bool
		Switches                       access.Switches `bun:"type:jsonb"`
		Zone, Locale, Currency         string
		Email, Phone, Address, Website string
		BrandColor                     string
		LogoID                         uuid.UUID
		LinksLast, AutoActivate        bool
		SecondFactor                   []string `bun:",array"`
		Version                        int
	}
	err := tx.NewRaw(`
		select f.firm_id, f.key, f.name, f.kind, f.status, f.portal_on, f.switches, f.zone, f.locale, f.currency, f.email, f.phone,
			f.address, f.website, f.brand_color, f.logo_id, f.links_last, f.auto_activate, f.second_factor, f.version
		from firm f
		where f.firm_id = ?`, v.FirmID()).Scan(ctx, &row)
	if err != nil {
		return Settings{}, db.Found(err)
	}
	return Settings{
		ID: row.FirmID, Key: row.Key, Name: row.Name, Kind: row.Kind, PortalOn: row.PortalOn, Switches: row.Switches,
		Zone: row.Zone, Locale: row.Locale, Currency: row.Currency, Email: row.Email, Phone: row.Phone, Address: row.Address,
		Website: row.Website, BrandColor: row.BrandColor, LogoID: row.LogoID, LinksLast: row.LinksLast, AutoActivate: row.AutoActivate,
		SecondFactor: row.SecondFactor, Suspended: row.Status == "suspended", Version: row.Version,
	}, nil
}

// Save changes the settings of the viewer's firm and answers them with their new version. Somebody else's change since
// s was read is a fault.Conflict. Key and Suspended are not changed here: see Rename and Suspend.
func Save(ctx context.Context, tx bun.IDB, v auth.Viewer, s Settings) (Settings, error) {
	if err := s.check(); err != nil {
		return s, err
	}
	if s.Switches == nil {
		s.Switches = access.Switches{}
	}
	switches, err := json.Marshal(s.Switches)
	if err != nil {
		return s, err
	}
	roles := s.SecondFactor
	if roles == nil {
		roles = []string{}
	}
	err = tx.NewRaw(`
		update firm
		set name = ?, kind = ?, portal_on = ?, switches = ?::jsonb, zone = ?, locale = ?, currency = ?, email = ?, phone = ?,
			address = ?, website = ?, brand_color = ?, logo_id = ?, links_last = ?, auto_activate = ?, second_factor = ?, version = version + 1
		where firm_id = ? and version = ?
		returning version`,
		s.Name, s.Kind, s.PortalOn, string(switches), s.Zone, s.Locale, s.Currency, s.Email, s.Phone,
		s.Address, s.Website, s.BrandColor, db.NullID(s.LogoID), s.LinksLast, s.AutoActivate, pgdialect.Array(roles),
		v.FirmID(), s.Version).Scan(ctx, &s.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return s, fault.Conflict("Somebody has changed these settings meanwhile. Please look at them again.")
	}
	if err != nil {
		return s, fmt.Errorf("save settings: %w", err)
	}
	return s, nil
}

// Suspend stops a firm, or lets it go on; for the operator.
func Suspend(ctx context.Context, tx bun.IDB, v auth.Viewer, suspended bool) error {
	status := "active"
	if suspended {
		status = "suspended"
	}
	return db.Found(db.One(tx.NewRaw(`
		update firm set status = ?, version = version + 1 where firm_id = ?`, status, v.FirmID()).Exec(ctx)))
}

// List shows all firms to the operator; it takes the ops pool, because it spans firms.
func List(ctx context.Context, ops *bun.DB) ([]Summary, error) {
	var firms []Summary
	err := ops.NewRaw(`
		select f.firm_id as id, f.key, f.name, f.kind, f.status = 'suspended' as suspended, f.portal_on, f.created_at,
			(select count(*) from staff st where st.firm_id = f.firm_id and st.disabled_at is null) as staff,
			(select count(*) from client cl where cl.firm_id = f.firm_id and cl.archived_at is null) as clients
		from firm f
		order by f.name, f.firm_id`).Scan(ctx, &firms)
	if err != nil {
		return nil, fmt.Errorf("list firms: %w", err)
	}
	return firms, nil
}
