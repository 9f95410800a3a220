package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// Source is one owner of migrations: the platform (schema public) or a module (its own schema).
type Source struct {
	Name   string // "platform" or the module's id
	Schema string
	FS     fs.FS // nil: none
}

// Migration is one file; Key orders all of them, of all sources: "20261201080000_help".
type Migration struct {
	Key, Source, Schema, Name, SQL, Sum string
}

// migrationLock is the advisory lock under which one process migrates; the number is arbitrary.
const migrationLock = 7_261_004_118

var fileName = regexp.MustCompile(`^(\d{14})_([a-z0-9_]+)\.tx\.up\.sql$`)

// Merge reads all sources into one order. Two files of one source may not share their digits.
func Merge(sources []Source) ([]Migration, error) {
	var all []Migration
	seen := map[string]string{}
	for _, source := range sources {
		if source.FS == nil {
			continue
		}
		files, err := fs.Glob(source.FS, "*.sql")
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			parts := fileName.FindStringSubmatch(path.Base(file))
			if parts == nil {
				return nil, fmt.Errorf("migration %s of %s: want <14 digits>_<name>.tx.up.sql", file, source.Name)
			}
			key := parts[1] + "_" + source.Name
			if other, taken := seen[key]; taken {
				return nil, fmt.Errorf("migrations %s and %s of %s share their digits", other, file, source.Name)
			}
			seen[key] = file
			text, err := fs.ReadFile(source.FS, file)
			if err != nil {
				return nil, err
			}
			sum := sha256.Sum256(text)
			all = append(all, Migration{key, source.Name, source.Schema, parts[2], string(text), hex.EncodeToString(sum[:8])})
		}
	}
	slices.SortFunc(all, func(a, b Migration) int { return strings.Compare(a.Key, b.Key) })
	return all, nil
}

// Migrate brings the database up to the sources under one advisory lock, then walls every table off (Secure). The
// record of a migration commits with the migration, so a crash leaves it done or not done, never half. It returns
// the keys that were applied now.
//
// bun/migrate is not used: it marks a file outside the file's transaction, and orders by digits within one table only.
func Migrate(ctx context.Context, owner *bun.DB, sources []Source) ([]string, error) {
	all, err := Merge(sources)
	if err != nil {
		return nil, err
	}
	conn, err := owner.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(ctx, "select pg_advisory_lock(?)", migrationLock); err != nil {
		return nil, err
	}
	defer func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "select pg_advisory_unlock(?)", migrationLock)
	}()
	if err := ensureRoles(ctx, conn); err != nil {
		return nil, err
	}
	applied, err := appliedMigrations(ctx, conn)
	if err != nil {
		return nil, err
	}
	var now []string
	for _, m := range all {
		if sum, done := applied[m.Key]; done {
			if sum != m.Sum {
				return now, fmt.Errorf("migration %s has changed since it was applied: restore the file, and add a new one", m.Key)
			}
			continue
		}
		if err := apply(ctx, conn, m); err != nil {
			return now, fmt.Errorf("migration %s (%s): %w", m.Key, m.Name, err)
		}
		now = append(now, m.Key)
	}
	return now, Secure(ctx, conn, sources)
}

func appliedMigrations(ctx context.Context, conn bun.Conn) (map[string]string, error) {
	_, err := conn.ExecContext(ctx, `
		create table if not exists migration (
			key text primary key, sum text not null, applied_at timestamptz not null default now());
		comment on table migration is 'global: which migrations this database has'`)
	if err != nil {
		return nil, err
	}
	var rows []struct{ Key, Sum string }
	if err := conn.NewRaw("select key, sum from migration").Scan(ctx, &rows); err != nil {
		return nil, err
	}
	applied := make(map[string]string, len(rows))
	for _, row := range rows {
		applied[row.Key] = row.Sum
	}
	return applied, nil
}

func apply(ctx context.Context, conn bun.Conn, m Migration) error {
	return conn.RunInTx(ctx, &sql.TxOptions{}, func(ctx context.Context, tx bun.Tx) error {
		if m.Schema != "public" {
			if _, err := tx.ExecContext(ctx, "create schema if not exists ?", bun.Ident(m.Schema)); err != nil {
				return err
			}
		}
		// the file goes to PostgreSQL as it is: bun would read its question marks as arguments
		if _, err := tx.Tx.ExecContext(ctx, m.SQL); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "insert into migration (key, sum) values (?, ?)", m.Key, m.Sum)
		return err
	})
}

// Pending lists the keys that Migrate would apply.
func Pending(ctx context.Context, pool *bun.DB, sources []Source) ([]string, error) {
	all, err := Merge(sources)
	if err != nil {
		return nil, err
	}
	var done []string
	if err := pool.NewRaw("select key from migration").Scan(ctx, &done); err != nil {
		return nil, err
	}
	var pending []string
	for _, m := range all {
		if !slices.Contains(done, m.Key) {
			pending = append(pending, m.Key)
		}
	}
	return pending, nil
}

var createTable = regexp.MustCompile(`(?im)^\s*create table (?:if not exists )?([a-z0-9_."]+)`)

// TablesIn names the tables that migrations make.
func TablesIn(files fs.FS) ([]string, error) {
	if files == nil {
		return nil, nil
	}
	var tables []string
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		for _, m := range createTable.FindAllStringSubmatch(string(text), -1) {
			tables = append(tables, m[1])
		}
	}
	return tables, nil
}
