package embedded

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const postgresSocket = ".s.PGSQL.5432"

// Extensions are what the product may ask of any PostgreSQL it runs on.
var Extensions = []string{"pg_trgm", "citext", "unaccent"}

// roles are the database users that whoever runs portico may log in as. Only the first is made here: it owns
// everything; the others are for migrations to make.
var roles = []string{"portico", "portico_app", "portico_ops"}

func (s *Stores) startPostgres(ctx context.Context, o Options, h home, b build) error {
	if err := h.who.makeDir(h.part("pg")); err != nil {
		return err
	}
	data := filepath.Join(h.part("pg"), "data")
	if err := makeCluster(ctx, o, h, b, data); err != nil {
		return err
	}
	if err := writeAccess(h, data); err != nil {
		return err
	}
	if err := endLeftover(ctx, filepath.Join(data, "postmaster.pid"), syscall.SIGINT, "postgres"); err != nil {
		return err
	}
	for _, stale := range []string{postgresSocket, postgresSocket + ".lock"} {
		_ = os.Remove(filepath.Join(h.sockets, stale)) // its server is gone; a number used again would block the new one
	}
	output := filepath.Join(h.part("pg"), "server.log")
	if err := freshOutput(output, h.who); err != nil {
		return err
	}
	args := settings(o, h, data)
	c := &child{
		name: "PostgreSQL", output: output, log: o.Log, failed: s.failed,
		orphan: syscall.SIGINT, polite: syscall.SIGINT, firm: syscall.SIGQUIT, // SIGTERM would wait for clients
		command: func() *exec.Cmd { return b.command(h, "postgres", args...) },
	}
	s.postgres, s.postgresBuild = c, b
	s.DatabaseURL = databaseURL(h.sockets, "portico")
	s.PostgresVersion, s.PostgresFrom = "PostgreSQL "+b.version, b.from
	s.ready[c] = func(ctx context.Context) error {
		conn, err := pgx.Connect(ctx, s.DatabaseURL)
		if err != nil {
			return err
		}
		return conn.Close(ctx)
	}
	c.start()
	if err := c.await(ctx, func(ctx context.Context) error { return s.settle(ctx, h) }); err != nil {
		return err
	}
	return s.checkExtensions(ctx, b)
}

// settings are given at every start rather than written into the cluster, so that an old cluster gets new ones.
func settings(o Options, h home, data string) []string {
	args := []string{"-D", data}
	set := func(name, value string) { args = append(args, "-c", name+"="+value) }
	set("listen_addresses", "")
	set("unix_socket_directories", `"`+h.sockets+`"`)
	set("unix_socket_permissions", "0700")
	set("timezone", "UTC")
	set("log_timezone", "UTC")
	set("jit", "off") // its library is large and left out of private copies
	set("huge_pages", "off")
	// Nothing personal in logs: statements carry people's data, and so do the details of errors.
	set("log_min_error_statement", "panic")
	set("log_error_verbosity", "terse")
	set("log_checkpoints", "off")
	if o.Throwaway {
		set("max_connections", "200")
		set("fsync", "off")
		set("synchronous_commit", "off")
		set("full_page_writes", "off")
		set("autovacuum", "off")
		set("checkpoint_timeout", "1h")
		set("bgwriter_lru_maxpages", "0")
		set("wal_level", "minimal")
		set("max_wal_senders", "0")
		set("min_wal_size", "64MB")
		set("max_wal_size", "192MB")
	} else {
		set("max_connections", "60")
	}
	return args
}

// makeCluster makes the database cluster when there is none: aside first, so that there is never half of one.
func makeCluster(ctx context.Context, o Options, h home, b build, data string) error {
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err == nil {
		return nil
	}
	fresh := data + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	ctype := "C.UTF-8"
	if runtime.GOOS == "darwin" {
		ctype = "en_US.UTF-8"
	}
	args := []string{
		"-D", fresh, "-U", roles[0], "-E", "UTF8",
		"--locale=C", "--lc-ctype=" + ctype, // C order: indexes outlive upgrades of the machine's C library
		"--auth-local=peer", "--auth-host=reject",
	}
	if o.Throwaway {
		args = append(args, "--no-sync")
	} else {
		args = append(args, "--data-checksums")
	}
	said, err := runCommand(ctx, b.command(h, "initdb", args...))
	if err != nil {
		return fmt.Errorf("make the database cluster: %w: %s", err, said)
	}
	return os.Rename(fresh, data)
}

// writeAccess says who may log in, anew at every start: whoever runs portico now, root, and whom the server runs as.
func writeAccess(h home, data string) error {
	people := map[string]bool{"root": true, h.who.name: true}
	if me, err := self(); err == nil {
		people[me.name] = true
	}
	var ident strings.Builder
	for name := range people {
		for _, role := range roles {
			fmt.Fprintf(&ident, "portico %q %s\n", name, role)
		}
	}
	for name, content := range map[string]string{
		"pg_hba.conf":   "local all all peer map=portico\n",
		"pg_ident.conf": ident.String(),
	} {
		path := filepath.Join(data, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return err
		}
		if err := h.who.own(path); err != nil {
			return err
		}
	}
	return nil
}

// settle returns nil when the server answers and holds the database portico.
func (s *Stores) settle(ctx context.Context, h home) error {
	conn, err := pgx.Connect(ctx, s.DatabaseURL)
	if missing(err) {
		if err := createDatabase(ctx, h); err != nil {
			return err
		}
		conn, err = pgx.Connect(ctx, s.DatabaseURL)
	}
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

func missing(err error) bool {
	var answer *pgconn.PgError
	return errors.As(err, &answer) && answer.Code == "3D000"
}

func createDatabase(ctx context.Context, h home) error {
	conn, err := pgx.Connect(ctx, databaseURL(h.sockets, "postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "CREATE DATABASE portico OWNER portico")
	return err
}

// databaseURL is an URL, because that survives an environment variable; spaces as %20, because that survives libpq.
func databaseURL(sockets, database string) string {
	host := strings.ReplaceAll(url.QueryEscape(sockets), "+", "%20")
	return "postgres://portico@/" + database + "?host=" + host + "&default_query_exec_mode=exec"
}

// checkExtensions says at once what a migration would stumble over: some systems ship them in a package of their own.
func (s *Stores) checkExtensions(ctx context.Context, b build) error {
	conn, err := pgx.Connect(ctx, s.DatabaseURL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `
		SELECT wanted
		FROM unnest($1::text[]) AS wanted
		WHERE wanted NOT IN (SELECT name FROM pg_available_extensions)`, Extensions)
	if err != nil {
		return err
	}
	lacking, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	if len(lacking) > 0 {
		return fmt.Errorf("the PostgreSQL in %s lacks the extensions %s: install its package postgresql-contrib",
			b.bin, strings.Join(lacking, ", "))
	}
	return nil
}
