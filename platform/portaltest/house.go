package portaltest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/uptrace/bun"

	"portico/platform/config"
	"portico/platform/db"
	"portico/platform/embedded"
	"portico/platform/host"
	"portico/platform/module"
)

// house is the test process's private PostgreSQL and Redis, and the databases that tests are copied from.
type house struct {
	dir    string // goes when this process ends
	stores *embedded.Stores
	root   *bun.DB
	free   chan int // numbers of Redis databases that nobody uses

	mu        sync.Mutex
	templates map[string]*template
	looks     map[string]*look
	made      int
}

// look is parsed once a process, and drawn by every site with the same modules.
type look struct {
	once sync.Once
	look *host.Look
	err  error
}

// look finds or makes how sites with these modules are drawn.
func (h *house) look(modules []module.Module) (*host.Look, error) {
	var key strings.Builder
	for _, m := range modules {
		fmt.Fprintf(&key, "%s %T %v\n", m.ID, m.Views, m.Views) // which files, not what they hold
	}
	h.mu.Lock()
	l, ok := h.looks[key.String()]
	if !ok {
		l = &look{}
		h.looks[key.String()] = l
	}
	h.mu.Unlock()
	l.once.Do(func() { l.look, l.err = host.OpenLook(modules) })
	return l.look, l.err
}

type templateKind string

const (
	empty templateKind = "empty" // migrated
	story templateKind = "story" // and the demo told
)

type template struct {
	name string
	once sync.Once
	err  error
}

var startHouse = sync.OnceValues(func() (*house, error) {
	dir, err := embedded.ThrowawayDir()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute) // the first run on a machine may fetch programs
	defer cancel()
	stores, err := embedded.Start(ctx, embedded.Options{
		Dir: dir, Postgres: true, Redis: true, Throwaway: true,
		RuntimeDir: embedded.SharedRuntime(os.Getenv, os.Geteuid()),
		Runtime:    os.Getenv("PORTICO_RUNTIME"), PostgresBin: os.Getenv("PORTICO_PG_BIN"), RedisBin: os.Getenv("PORTICO_REDIS_BIN"),
	})
	if err != nil {
		return nil, fmt.Errorf("the stores do not start: %w", err)
	}
	if err := sweepAfterUs(dir); err != nil {
		return nil, err
	}
	root, err := db.Open(stores.DatabaseURL, db.Options{MaxConns: 4})
	if err != nil {
		return nil, err
	}
	h := &house{dir: dir, stores: stores, root: root, free: make(chan int, 16), templates: map[string]*template{}, looks: map[string]*look{}}
	for n := range cap(h.free) {
		h.free <- n
	}
	return h, nil
})

// sweepAfterUs leaves a small process behind that removes the folder when this one has ended, however it ends: a test
// binary has no last word of its own without a TestMain in every package. The servers end by themselves.
func sweepAfterUs(dir string) error {
	const script = `trap '' INT TERM HUP
cat >/dev/null
for pid in $(head -n 1 "$0/pg/data/postmaster.pid" 2>/dev/null) $(cat "$0/redis/redis.pid" 2>/dev/null); do
	kill -INT "$pid" 2>/dev/null
	for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
	kill -KILL "$pid" 2>/dev/null
done
rm -rf "$0" || { sleep 1; rm -rf "$0"; } # a browser may still be writing`
	broom := exec.Command("/bin/sh", "-c", script, dir)
	broom.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if _, err := broom.StdinPipe(); err != nil { // never closed by us: the system does, at our end
		return err
	}
	if err := broom.Start(); err != nil {
		return err
	}
	go func() { _ = broom.Wait() }()
	return nil
}

func (h *house) url(database string) string {
	u, err := url.Parse(h.stores.DatabaseURL)
	if err != nil {
		panic(err)
	}
	u.Path = "/" + database
	return u.String()
}

func (h *house) config(database string, redis int, port, files string, more map[string]string) (*config.Config, error) {
	environment := map[string]string{
		"PORT": port, "PORTICO_URL": "http://localhost:" + port, "PORTICO_BIND": "127.0.0.1", "PORTICO_MAIN_FIRM": "demo",
		"DATABASE_URL": h.url(database), "REDIS_URL": fmt.Sprintf("%s?db=%d", h.stores.RedisURL, redis),
		"PORTICO_FILES": files, "PORTICO_DATA_DIR": files, "PORTICO_MAIL_FROM": "portal@portico.test",
	}
	maps.Copy(environment, more)
	return config.Parse(environment)
}

// redisNumber lends a Redis database; more sites at once than there are wait.
func (h *house) redisNumber() (number int, giveBack func()) {
	number = <-h.free
	return number, func() { h.free <- number }
}

// clone makes a database for one site, and puts the story's files into its folder.
func (h *house) clone(ctx context.Context, kind templateKind, modules []module.Module, files string) (string, error) {
	t, err := h.template(ctx, kind, modules)
	if err != nil {
		return "", err
	}
	if told := h.filesOf(t.name); kind == story {
		if err := os.CopyFS(files, os.DirFS(told)); err != nil {
			return "", err
		}
	}
	name := h.name("site")
	return name, h.copy(ctx, name, t.name)
}

// filesOf is where the files of a template lie.
func (h *house) filesOf(template string) string { return filepath.Join(h.dir, "files-"+template) }

func (h *house) copy(ctx context.Context, name, from string) error {
	_, err := h.root.ExecContext(ctx, "create database ? template ? strategy file_copy", bun.Ident(name), bun.Ident(from))
	return err
}

func (h *house) drop(name string) {
	_, _ = h.root.ExecContext(context.Background(), "drop database if exists ? with (force)", bun.Ident(name))
}

func (h *house) name(kind string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.made++
	return fmt.Sprintf("%s%d", kind, h.made)
}

// template finds or makes what sites with these modules are copied from: once a process.
func (h *house) template(ctx context.Context, kind templateKind, modules []module.Module) (*template, error) {
	key := string(kind)
	for _, m := range modules {
		key += " " + m.ID
	}
	h.mu.Lock()
	t, ok := h.templates[key]
	if !ok {
		t = &template{name: fmt.Sprintf("model%d", len(h.templates)+1)}
		h.templates[key] = t
	}
	h.mu.Unlock()
	t.once.Do(func() { t.err = h.makeTemplate(ctx, t.name, kind, modules) })
	return t, t.err
}

func (h *house) makeTemplate(ctx context.Context, name string, kind templateKind, modules []module.Module) error {
	if kind == empty {
		if _, err := h.root.ExecContext(ctx, "create database ?", bun.Ident(name)); err != nil {
			return err
		}
		_, err := host.Migrate(ctx, h.url(name), modules)
		return err
	}
	bare, err := h.template(ctx, empty, modules)
	if err != nil {
		return err
	}
	if err := h.copy(ctx, name, bare.name); err != nil {
		return err
	}
	return h.tell(ctx, name, modules)
}

// tell loads the demo as `portico demo` does.
func (h *house) tell(ctx context.Context, database string, modules []module.Module) error {
	files := h.filesOf(database)
	if err := os.Mkdir(files, 0o700); err != nil {
		return err
	}
	number, giveBack := h.redisNumber()
	defer giveBack()
	c, err := h.config(database, number, "80", files, nil)
	if err != nil {
		return err
	}
	look, err := h.look(modules)
	if err != nil {
		return err
	}
	told, err := host.Open(host.Options{
		Config: c, Log: slog.New(slog.DiscardHandler), Now: time.Now, Key: testKey, Signet: testSignet(), Modules: modules, Transport: nowhere{}, Look: look,
	})
	if err != nil {
		return err
	}
	err = told.LoadDemo(ctx, 1)
	if err == nil {
		err = h.putOff(ctx, database)
	}
	return errors.Join(err, told.Close())
}

// putOff lets what the story has promised wait for whoever wants it kept (see Site.Develop): most sites have no worker,
// and would look as if theirs had died.
func (h *house) putOff(ctx context.Context, database string) error {
	owner, err := db.Open(h.url(database), db.Options{MaxConns: 1})
	if err != nil {
		return err
	}
	_, err = owner.ExecContext(ctx, "update outbox set next_at = now() + interval '1 day' where done_at is null")
	return errors.Join(err, owner.Close())
}

// tables are all that the program keeps, for Hash.
func tables(ctx context.Context, owner bun.IDB) ([]string, error) {
	var names []string
	err := owner.NewRaw(`
		select format('%I.%I', n.nspname, c.relname)
		from pg_class c
		join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'p') and not c.relispartition
			and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
		order by 1`).Scan(ctx, &names)
	return names, err
}

// hashStatement answers one row a table: its name and a hash of its rows.
func hashStatement(names []string) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = fmt.Sprintf("select '%s' as name, coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as hash from %s t", name, name)
	}
	return strings.Join(parts, "\nunion all ")
}

// printStatement answers one row a table: how many rows it has, and the sum of the numbers of those who wrote them.
func printStatement(names []string) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = fmt.Sprintf("select '%s' as name, count(*) as rows, coalesce(sum(xmin::text::bigint), 0)::bigint as sum from %s", name, name)
	}
	return strings.Join(parts, "\nunion all ")
}
