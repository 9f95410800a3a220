package portaltest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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

func (s *Site) rows(t testing.TB) []tableHash {
	t.Helper()
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	if s.shared.tables == "" {
		names, err := tables(t.Context(), s.owner)
		must(t, err)
		s.shared.tables = hashStatement(names)
	}
	var rows []tableHash
	must(t, s.owner.NewRaw(s.shared.tables).Scan(t.Context(), &rows))
	return rows
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
