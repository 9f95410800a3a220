package firm

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
)

// mostOld is how many former addresses a firm holds at once: each is kept from everybody else for a year.
const mostOld = 10

var errTaken = fault.Field("key", "This address is taken. Please choose another one.")

// Rename gives the firm another key; its former address keeps leading to the new one. Then Directory.Forget.
func Rename(ctx context.Context, tx bun.IDB, v auth.Viewer, key string) error {
	var old string
	err := tx.NewRaw("select key from firm where firm_id = ? for update", v.FirmID()).Scan(ctx, &old)
	if err != nil || old == key {
		return db.Found(err)
	}
	if err := MayRename(ctx, tx, v, key); err != nil {
		return err
	}
	if err := takeAddress(ctx, tx, v.FirmID(), key, "key", errTaken); err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		update address set released_at = now() where name = ? and firm_id = ? and released_at is null`, old, v.FirmID()).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		update firm set key = ?, version = version + 1 where firm_id = ?`, key, v.FirmID()).Exec(ctx)
	return err
}

// MayRename says what is wrong with a key that the firm would like to have.
func MayRename(ctx context.Context, tx bun.IDB, v auth.Viewer, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	var held struct {
		Others bool // somebody else has the name, or had it lately
		Own    bool // it is a former one of the firm itself
		Old    int
	}
	err := tx.NewRaw(`
		select coalesce(bool_or(a.name = ?0 and a.firm_id <> ?1 and (a.released_at is null or a.released_at >= now() - ?2::interval)), false) as others,
			coalesce(bool_or(a.name = ?0 and a.firm_id = ?1), false) as own,
			count(*) filter (where a.firm_id = ?1 and a.kind = 'key' and a.released_at >= now() - ?2::interval) as old
		from address a
		where a.name = ?0 or a.firm_id = ?1`, key, v.FirmID(), quarantine).Scan(ctx, &held)
	switch {
	case err != nil:
		return fmt.Errorf("look for address: %w", err)
	case held.Others:
		return errTaken
	case !held.Own && held.Old >= mostOld:
		return fault.Field("key", fmt.Sprintf("You have had %d addresses within a year, and each is kept for you. Go back to one of them, or wait until one is free.", mostOld+1))
	}
	return nil
}

// Taken reports whether a key belongs, or lately belonged, to a firm.
func Taken(ctx context.Context, pool *bun.DB, key string) (taken bool, err error) {
	err = pool.NewRaw(`
		select exists (select from address a
			where a.name = ? and a.kind = 'key' and (a.released_at is null or a.released_at >= now() - ?::interval))`,
		key, quarantine).Scan(ctx, &taken)
	return taken, err
}

// Former is an address that the firm has given up and that still leads on.
type Former struct {
	Key               string
	ReleasedAt, Until time.Time
}

// Formers lists the firm's former addresses, the latest first.
func Formers(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]Former, error) {
	var formers []Former
	err := tx.NewRaw(`
		select a.name as key, a.released_at, a.released_at + ?0::interval as until
		from address a
		where a.firm_id = ?1 and a.kind = 'key' and a.released_at > now() - ?0::interval
		order by a.released_at desc, a.name`, quarantine, v.FirmID()).Scan(ctx, &formers)
	return formers, err
}

// AddDomain gives the firm a domain of its own; the caller has seen the proof that it belongs to the firm. Then
// Directory.Forget.
func AddDomain(ctx context.Context, tx bun.IDB, hosts Hosts, v auth.Viewer, domain string) error {
	domain = CleanHost(domain)
	if err := hosts.CheckDomain(domain); err != nil {
		return err
	}
	return takeAddress(ctx, tx, v.FirmID(), domain, "domain", fault.Field("domain", "This domain is in use already."))
}

// RemoveDomain takes a domain away at once: it answers nothing any more, and anybody who proves it may have it.
func RemoveDomain(ctx context.Context, tx bun.IDB, v auth.Viewer, domain string) error {
	return db.Found(db.One(tx.NewRaw(`
		delete from address where name = ? and firm_id = ? and kind = 'domain'`, CleanHost(domain), v.FirmID()).Exec(ctx)))
}

// ChooseDomain makes links with that domain of the firm, or with none of them. Then Directory.Forget.
func ChooseDomain(ctx context.Context, tx bun.IDB, v auth.Viewer, domain string) error {
	_, err := tx.NewRaw(`
		update address set chosen = false where firm_id = ? and chosen`, v.FirmID()).Exec(ctx)
	if err != nil || domain == "" {
		return err
	}
	return db.Found(db.One(tx.NewRaw(`
		update address set chosen = true where name = ? and firm_id = ? and kind = 'domain'`, domain, v.FirmID()).Exec(ctx)))
}

// Chosen is the domain that links are made with; "": none, they use the firm's key.
func Chosen(ctx context.Context, tx bun.IDB, v auth.Viewer) (domain string, err error) {
	err = tx.NewRaw("select a.name from address a where a.firm_id = ? and a.chosen", v.FirmID()).Scan(ctx, &domain)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return domain, err
}

// Holder is the firm that answers at a domain; Nil: none.
func Holder(ctx context.Context, tx bun.IDB, domain string) (firm uuid.UUID, err error) {
	err = tx.NewRaw("select a.firm_id from address a where a.name = ? and a.kind = 'domain'", domain).Scan(ctx, &firm)
	if errors.Is(err, sql.ErrNoRows) {
		return uuid.Nil, nil
	}
	return firm, err
}

// Domains lists the firm's own domains.
func Domains(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]string, error) {
	domains := []string{}
	err := tx.NewRaw(`
		select a.name from address a
		where a.firm_id = ? and a.kind = 'domain' and a.released_at is null
		order by a.created_at, a.name`, v.FirmID()).Scan(ctx, &domains)
	return domains, err
}
