package portaltest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
)

// Hash says what every table holds, in one word: equal words, equal rows.
func (s *Site) Hash(t testing.TB) string {
	t.Helper()
	var all strings.Builder
	for _, table := range s.rows(t) {
		all.WriteString(table.Name + table.Hash)
	}
	sum := sha256.Sum256([]byte(all.String()))
	return hex.EncodeToString(sum[:8])
}

// Changed runs fn and names the tables whose rows are others afterwards.
func (s *Site) Changed(t testing.TB, fn func()) []string {
	t.Helper()
	before := s.rows(t)
	fn()
	var changed []string
	for i, after := range s.rows(t) {
		if before[i] != after {
			changed = append(changed, after.Name)
		}
	}
	return changed
}

type tableHash struct{ Name, Hash string }

// print is cheap to take and says whether a table's rows are still those that were hashed. Whoever writes a row gives it
// a transaction's number that is higher than all before it, so as many rows with the same sum are the same rows.
type print struct {
	Name string
	Rows int
	Sum  int64
}

// hashed is a table as it was when it was read in full.
type hashed struct {
	print
	hash string
}

// rows hashes every table, but reads in full only those that were written to since the last time.
func (s *Site) rows(t testing.TB) []tableHash {
	t.Helper()
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	if s.shared.hashed == nil {
		s.shared.hashed = map[string]hashed{}
	}
	prints := s.prints(t)
	var written []string
	for _, p := range prints {
		if s.shared.hashed[p.Name].print != p {
			written = append(written, p.Name)
		}
	}
	if len(written) > 0 {
		var read []tableHash
		must(t, s.owner.NewRaw(hashStatement(written)).Scan(t.Context(), &read))
		fresh := map[string]string{}
		for _, r := range read {
			fresh[r.Name] = r.Hash
		}
		for _, p := range prints {
			if hash, ok := fresh[p.Name]; ok {
				s.shared.hashed[p.Name] = hashed{p, hash}
			}
		}
	}
	rows := make([]tableHash, len(prints))
	for i, p := range prints {
		rows[i] = tableHash{p.Name, s.shared.hashed[p.Name].hash}
	}
	return rows
}

// prints takes one of each table, by a statement that every connection plans once.
func (s *Site) prints(t testing.TB) (all []print) {
	t.Helper()
	conn, err := s.owner.Conn(t.Context())
	must(t, err)
	defer func() { _ = conn.Close() }()
	defer func() { // PostgreSQL may look at the largest first
		slices.SortFunc(all, func(a, b print) int { return strings.Compare(a.Name, b.Name) })
	}()
	if err := conn.NewRaw("execute prints").Scan(t.Context(), &all); err == nil {
		return all
	}
	names, err := tables(t.Context(), conn)
	must(t, err)
	for _, query := range []string{"set max_parallel_workers_per_gather = 0", "prepare prints as " + printStatement(names)} { // starting helpers takes longer than looking
		_, err := conn.ExecContext(t.Context(), query)
		must(t, err)
	}
	must(t, conn.NewRaw("execute prints").Scan(t.Context(), &all))
	return all
}

// Snapshot remembers all rows; what it gives brings them back. Sessions that were there are there again.
func (s *Site) Snapshot(t testing.TB) (back func()) {
	t.Helper()
	house, err := startHouse()
	must(t, err)
	kept := house.name("kept")
	s.leave(t)
	must(t, house.copy(t.Context(), kept, s.database))
	t.Cleanup(func() { house.drop(kept) })
	return func() {
		t.Helper()
		s.Rest()
		s.leave(t)
		_, err := house.root.ExecContext(t.Context(), "drop database ? with (force)", bun.Ident(s.database))
		must(t, err)
		must(t, house.copy(t.Context(), s.database, kept))
		must(t, s.queue.FlushDB(t.Context()).Err())
		s.shared.mu.Lock()
		s.shared.hashed = nil
		s.shared.mu.Unlock()
		s.Smtp.Forget()
		s.Firms.Forget()
	}
}

// leave closes every connection to the site's database: only then can it be copied.
func (s *Site) leave(t testing.TB) {
	t.Helper()
	s.Rest()
	for pool, keep := range map[*bun.DB]int{s.Pool: s.Config.Connections, s.Ops: 4, s.Post.Notes: 4, s.owner: 2} {
		pool.SetMaxIdleConns(-1)
		defer pool.SetMaxIdleConns(keep)
	}
	house := must1(startHouse())
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for late := time.After(patience); ; {
		var n int
		must(t, house.root.NewRaw("select count(*) from pg_stat_activity where datname = ?", s.database).Scan(t.Context(), &n))
		if n == 0 {
			return
		}
		select {
		case <-look.C:
		case <-late:
			t.Fatal(fmt.Errorf("%d connections to the database do not end", n))
		}
	}
}
