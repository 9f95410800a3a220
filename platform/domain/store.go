package domain

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
	"portico/platform/firm"
	"portico/platform/secret"
)

// List gives the firm's claims, the oldest first.
func List(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]Claim, error) {
	var claims []Claim
	err := tx.NewRaw(`
		select d.name, d.token, d.state, d.problem, d.checked_at, d.next_at, d.proved_at, d.unsure_since, d.told_at, d.created_at
		from domain d
		where d.firm_id = ?
		order by d.created_at, d.name`, v.FirmID()).Scan(ctx, &claims)
	return claims, err
}

// Find gives one claim of the firm.
func Find(ctx context.Context, tx bun.IDB, v auth.Viewer, name string) (Claim, error) {
	var c Claim
	err := tx.NewRaw(`
		select d.name, d.token, d.state, d.problem, d.checked_at, d.next_at, d.proved_at, d.unsure_since, d.told_at, d.created_at
		from domain d
		where d.firm_id = ? and d.name = ?`, v.FirmID(), name).Scan(ctx, &c)
	if errors.Is(err, sql.ErrNoRows) {
		return Claim{}, fault.NotFound()
	}
	return c, err
}

// Add claims a domain. Nothing answers there before it is proved.
func Add(ctx context.Context, tx bun.IDB, hosts firm.Hosts, v auth.Viewer, typed string, now time.Time) (Claim, error) {
	name, err := Clean(hosts, typed)
	if err != nil {
		return Claim{}, err
	}
	claims, err := List(ctx, tx, v)
	if err != nil {
		return Claim{}, err
	}
	for _, c := range claims {
		if c.Name == name {
			return Claim{}, fault.Field("domain", "This domain is in your list already.")
		}
	}
	if len(claims) >= Most {
		return Claim{}, fault.Field("domain", fmt.Sprintf("You have %d domains, which is the most. Remove one first.", Most))
	}
	holder, err := firm.Holder(ctx, tx, name)
	if err != nil {
		return Claim{}, err
	}
	if holder != uuid.Nil && holder != v.FirmID() {
		return Claim{}, fault.Field("domain", "This domain is in use already, by another portal here.")
	}
	c := Claim{Name: name, Token: "portico-" + secret.Token(), State: Waiting, CreatedAt: now}
	c.NextAt = c.again(now)
	err = db.One(tx.NewRaw(`
		insert into domain (firm_id, name, token, next_at, created_at) values (?, ?, ?, ?, ?)
		on conflict do nothing`, v.FirmID(), c.Name, c.Token, c.NextAt, c.CreatedAt).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) { // somebody else of the firm was quicker
		return Claim{}, fault.Field("domain", "This domain is in your list already.")
	}
	return c, err
}

// Remove gives a domain up: from this moment on nothing answers there.
func Remove(ctx context.Context, tx bun.IDB, v auth.Viewer, name string) error {
	err := db.One(tx.NewRaw("delete from domain where firm_id = ? and name = ?", v.FirmID(), name).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return fault.NotFound()
	}
	if err != nil {
		return err
	}
	return fault.IgnoreNotFound(firm.RemoveDomain(ctx, tx, v, name))
}

// Look notes what was found about a claim: it gives the domain to the firm, or takes it away. Then Directory.Forget. A
// claim that has gone meanwhile is not found.
func Look(ctx context.Context, tx bun.IDB, hosts firm.Hosts, v auth.Viewer, name, token string, found Problem, now time.Time) (Claim, News, error) {
	var id string
	err := tx.NewRaw("select name from domain where firm_id = ? and name = ? and token = ? for update", v.FirmID(), name, token).Scan(ctx, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return Claim{}, NoNews, fault.NotFound()
	}
	if err != nil {
		return Claim{}, NoNews, err
	}
	was, err := Find(ctx, tx, v, name)
	if err != nil {
		return Claim{}, NoNews, err
	}
	taken := false
	if found == None && !was.Live() {
		err := firm.AddDomain(ctx, tx, hosts, v, name)
		if taken = fault.Is(err, fault.Bad); err != nil && !taken {
			return Claim{}, NoNews, err
		}
	}
	c, news := was.after(found, taken, now)
	if was.Live() && !c.Live() {
		if err := fault.IgnoreNotFound(firm.RemoveDomain(ctx, tx, v, name)); err != nil {
			return Claim{}, NoNews, err
		}
	}
	return c, news, save(ctx, tx, v, c)
}

func save(ctx context.Context, tx bun.IDB, v auth.Viewer, c Claim) error {
	return db.One(tx.NewRaw(`
		update domain
		set state = ?, problem = ?, checked_at = ?, next_at = ?, proved_at = ?, unsure_since = ?, told_at = ?
		where firm_id = ? and name = ?`,
		c.State, c.Problem, bun.NullTime{Time: c.CheckedAt}, c.NextAt, bun.NullTime{Time: c.ProvedAt},
		bun.NullTime{Time: c.UnsureSince}, bun.NullTime{Time: c.ToldAt}, v.FirmID(), c.Name).Exec(ctx))
}

// Due is a claim that somebody should look at.
type Due struct {
	FirmID uuid.UUID
	Name   string
	NextAt time.Time
}

// AllDue lists the claims of all firms that want a look; it takes the ops pool, because it spans firms.
func AllDue(ctx context.Context, ops *bun.DB, now time.Time, limit int) ([]Due, error) {
	var due []Due
	err := ops.NewRaw(`
		select d.firm_id, d.name, d.next_at
		from domain d
		join firm f on f.firm_id = d.firm_id and f.status = 'active'
		where d.next_at <= ? and (d.state in ('proved', 'unsure') or d.created_at > ? or d.checked_at is null)
		order by d.next_at
		limit ?`, now, now.Add(-hopeful), limit).Scan(ctx, &due)
	return due, err
}
