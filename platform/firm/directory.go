package firm

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/fault"
)

const (
	remember    = 5 * time.Second // so long an address may lag behind on other processes
	rememberMax = 10_000          // hosts; strangers make names up
)

// Directory knows which firm a host means. It remembers answers, also "none", for a few seconds.
type Directory struct {
	pool  *bun.DB
	hosts Hosts
	now   func() time.Time

	mu    sync.RWMutex
	known map[string]entry
}

type entry struct {
	place Place // Firm Nil: no such host
	until time.Time
}

// NewDirectory makes one; pool is the app role's.
func NewDirectory(pool *bun.DB, hosts Hosts) *Directory {
	hosts.Base = CleanHost(hosts.Base)
	own := make([]string, len(hosts.Own))
	for i, host := range hosts.Own {
		own[i] = CleanHost(host)
	}
	if hosts.Base == "localhost" {
		own = append(own, "127.0.0.1", "::1")
	}
	hosts.Own = own
	return &Directory{pool: pool, hosts: hosts, now: time.Now, known: map[string]entry{}}
}

// Hosts are those that the directory was made with, in their one spelling.
func (d *Directory) Hosts() Hosts { return d.hosts }

// ByHost answers whom a Host header means; fault.UnknownHost when nobody.
func (d *Directory) ByHost(ctx context.Context, header string) (Place, error) {
	host := CleanHost(header)
	d.mu.RLock()
	e, ok := d.known[host]
	d.mu.RUnlock()
	if !ok || d.now().After(e.until) {
		place, err := find(ctx, d.pool, d.hosts, host)
		if err != nil {
			return Place{}, err
		}
		e = entry{place, d.now().Add(remember)}
		d.mu.Lock()
		if len(d.known) >= rememberMax {
			clear(d.known)
		}
		d.known[host] = e
		d.mu.Unlock()
	}
	if e.place.Firm == uuid.Nil {
		return Place{}, fault.UnknownHost()
	}
	return e.place, nil
}

// ByFirm answers where a firm lives now: what links in mails begin with.
func (d *Directory) ByFirm(ctx context.Context, firm uuid.UUID) (Place, error) {
	return placeOf(ctx, d.pool, d.hosts, firm)
}

// WithoutDomain answers where the firm would live if its links used no domain of its own.
func (d *Directory) WithoutDomain(ctx context.Context, firm uuid.UUID) (Place, error) {
	place, err := d.ByFirm(ctx, firm)
	if err != nil {
		return Place{}, err
	}
	return byKey(ctx, d.pool, d.hosts, place)
}

// Forget makes this process ask again; call it after an address has changed.
func (d *Directory) Forget() {
	d.mu.Lock()
	clear(d.known)
	d.mu.Unlock()
}
