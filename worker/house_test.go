package worker_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/uptrace/bun"

	"portico/migrations"
	"portico/platform/db"
	"portico/platform/embedded"
	"portico/platform/job"
	"portico/platform/live"
	"portico/platform/outbox"
	"portico/platform/portaltest/stopwatch"
	"portico/worker"
)

// helper makes the test binary a worker that can be killed: it holds the addresses of the stores.
const helper = "PORTICO_WORKER_HELPER"

var stores *embedded.Stores

func TestMain(m *testing.M) {
	if where := os.Getenv(helper); where != "" {
		work(where)
		return
	}
	os.Exit(withStores(m))
}

func withStores(m *testing.M) int {
	dir, err := embedded.ThrowawayDir()
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	stores, err = embedded.Start(ctx, embedded.Options{Dir: dir, Postgres: true, Redis: true, Throwaway: true,
		RuntimeDir: embedded.SharedRuntime(os.Getenv, os.Geteuid())})
	if err != nil {
		fmt.Fprintln(os.Stderr, "the stores do not start:", err)
		return 1
	}
	defer func() { _ = stores.Stop(context.Background()) }()
	if err := makeTemplate(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "the schema cannot be made:", err)
		return 1
	}
	return m.Run()
}

func databaseURL(name string) string {
	u, err := url.Parse(stores.DatabaseURL)
	if err != nil {
		panic(err)
	}
	u.Path = "/" + name
	return u.String()
}

func owner(name string) (*bun.DB, error) { return db.Open(databaseURL(name), db.Options{MaxConns: 2}) }

func makeTemplate(ctx context.Context) error {
	root, err := db.Open(stores.DatabaseURL, db.Options{MaxConns: 1})
	if err != nil {
		return err
	}
	defer root.Close()
	if _, err := root.ExecContext(ctx, "create database story"); err != nil {
		return err
	}
	story, err := owner("story")
	if err != nil {
		return err
	}
	defer story.Close()
	if _, err := db.Migrate(ctx, story, []db.Source{{Name: "platform", Schema: "public", FS: migrations.FS}}); err != nil {
		return err
	}
	// what jobs do here: one row each time, so that a second time shows
	_, err = story.ExecContext(ctx, `
		create table effect (firm_id uuid not null, job_id uuid not null, n serial, primary key (firm_id, job_id, n));
		grant select, insert on effect to portico_app, portico_ops;
		grant usage on sequence effect_n_seq to portico_app;
		insert into firm (firm_id, key, name) values (?, 'oak', 'Oak & Stone'), (?, 'elm', 'Elm Street')`, oak, elm)
	return err
}

var (
	oak = uuid.MustParse("01930000-0000-7000-8000-000000000001")
	elm = uuid.MustParse("01930000-0000-7000-8000-000000000002")
)

// house is one installation: a database of its own and an empty Redis.
type house struct {
	t        testing.TB
	name     string
	url      string
	app, ops *bun.DB
	redis    *redis.Client
}

var houses int

func newHouse(t testing.TB) *house {
	if testing.Short() {
		t.Skip("real stores are not a unit test")
	}
	t.Helper()
	houses++
	h := &house{t: t, name: "house" + strconv.Itoa(houses)}
	root, err := db.Open(stores.DatabaseURL, db.Options{MaxConns: 1})
	must(t, err)
	_, err = root.ExecContext(t.Context(), "create database "+h.name+" template story")
	must(t, err)
	h.url = databaseURL(h.name)
	h.app, h.ops, h.redis = connect(t, h.url, stores.RedisURL)
	must(t, h.redis.FlushAll(t.Context()).Err())
	t.Cleanup(func() {
		h.app.Close()
		h.ops.Close()
		h.redis.Close()
		_, _ = root.ExecContext(context.Background(), "drop database if exists "+h.name+" with (force)")
		root.Close()
	})
	return h
}

func connect(t testing.TB, url, redisURL string) (app, ops *bun.DB, client *redis.Client) {
	t.Helper()
	app, err := db.Open(url, db.Options{Role: db.App, MaxConns: 40})
	must(t, err)
	ops, err = db.Open(url, db.Options{Role: db.Ops, MaxConns: 4})
	must(t, err)
	options, err := redis.ParseURL(redisURL)
	must(t, err)
	return app, ops, redis.NewClient(options)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// errand is what the jobs here carry.
type errand struct {
	Takes time.Duration `json:"takes"`
}

var run = job.New[errand]("test:run")

// leaveTrace takes its time and then writes the row that shows that it ran.
func leaveTrace(ctx context.Context, tx bun.Tx, firm uuid.UUID, e errand) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(e.Takes):
	}
	_, err := tx.ExecContext(ctx, "insert into effect (firm_id, job_id) values (?, ?)", firm, job.Current(ctx).ID)
	return err
}

func (h *house) config(handlers ...job.Handler) worker.Config {
	return worker.Config{App: h.app, Ops: h.ops, Redis: h.redis, Handlers: append(handlers, run.Handle(leaveTrace)), Log: logTo(h.t)}
}

func logTo(t testing.TB) *slog.Logger {
	if testing.Verbose() && os.Getenv("PORTICO_TEST_LOG") != "" {
		return slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return slog.New(slog.DiscardHandler)
}

// open runs a worker until the test or stop ends it.
func (h *house) open(c worker.Config) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		if err := worker.Run(ctx, c); err != nil {
			h.t.Error(err)
		}
	})
	stop = sync.OnceFunc(func() {
		cancel()
		done.Wait()
	})
	h.t.Cleanup(stop)
	return stop
}

func (h *house) promise(firm uuid.UUID, n int, takes time.Duration) {
	h.t.Helper()
	must(h.t, db.InTx(h.t.Context(), h.app, firm, func(ctx context.Context, tx bun.Tx) error {
		return run.EnqueueEach(ctx, tx, firm, repeat(errand{takes}, n))
	}))
}

func repeat[T any](value T, n int) []T {
	all := make([]T, n)
	for i := range all {
		all[i] = value
	}
	return all
}

func (h *house) number(query string, args ...any) int {
	var n int
	if err := h.ops.NewRaw(query, args...).Scan(context.Background(), &n); err != nil && err != sql.ErrNoRows {
		return -1 // PostgreSQL may be away: that is what some tests are about
	}
	return n
}

func (h *house) left() int { return h.number("select count(*) from outbox where done_at is null") }
func (h *house) effects() int {
	return h.number("select count(*) from effect")
}

// within waits until fine says so, and fails with what it says otherwise. A machine that is slow may take longer.
func (h *house) within(d time.Duration, what string, fine func() bool) time.Duration {
	h.t.Helper()
	begun := time.Now()
	for !fine() {
		if took := time.Since(begun); took > d && !stopwatch.Allows(h.t, d, took) {
			h.t.Fatalf("not within %s: %s (open %d, effects %d)\n%s", d, what, h.left(), h.effects(), h.openRows())
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(begun)
}

func (h *house) openRows() string {
	var rows []string
	_ = h.ops.NewRaw(`select format('%s rings %s tries %s next %s dead %s: %s', kind, dispatches, tries, next_at - now(), dead_at, last_error)
		from outbox where done_at is null limit 5`).Scan(context.Background(), &rows)
	return strings.Join(rows, "\n")
}

// eachOnce: every promise was kept, and none twice.
func (h *house) eachOnce(n int) {
	h.t.Helper()
	distinct := h.number("select count(distinct job_id) from effect")
	if all := h.effects(); all != n || distinct != n {
		h.t.Errorf("%d promises, %d kept, %d effects", n, distinct, all)
	}
}

// address is what a helper needs to know.
type address struct{ Database, Redis string }

// work is the helper process: a worker that says when it is there.
func work(where string) {
	var at address
	if err := json.Unmarshal([]byte(where), &at); err != nil {
		panic(err)
	}
	app, err := db.Open(at.Database, db.Options{Role: db.App, MaxConns: 20})
	if err != nil {
		panic(err)
	}
	ops, err := db.Open(at.Database, db.Options{Role: db.Ops, MaxConns: 3})
	if err != nil {
		panic(err)
	}
	options, err := redis.ParseURL(at.Redis)
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { // ends with its parent, however that ends
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	fmt.Println("here")
	err = worker.Run(ctx, worker.Config{App: app, Ops: ops, Redis: redis.NewClient(options),
		Handlers: []job.Handler{run.Handle(leaveTrace)}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
}

// process starts a worker in a process of its own.
func (h *house) process() *exec.Cmd {
	h.t.Helper()
	where, err := json.Marshal(address{h.url, stores.RedisURL})
	must(h.t, err)
	cmd := exec.Command(os.Args[0], "-test.run=none")
	cmd.Env = append(os.Environ(), helper+"="+string(where))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	must(h.t, err)
	out, err := cmd.StdoutPipe()
	must(h.t, err)
	must(h.t, cmd.Start())
	h.t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	_, err = bufio.NewReader(out).ReadString('\n')
	must(h.t, err)
	return cmd
}

// postmaster is the process id of the private PostgreSQL.
func postmaster(t testing.TB) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(filepath.Dir(stores.SocketDir), "pg", "data", "postmaster.pid"))
	must(t, err)
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(first)
	must(t, err)
	return pid
}

// bell rings the relays as the web does, through Redis.
func (h *house) bell() func(context.Context) context.Context {
	bell := live.New(h.redis, logTo(h.t))
	ctx, cancel := context.WithCancel(context.Background())
	h.t.Cleanup(cancel)
	go bell.Run(ctx)
	return func(ctx context.Context) context.Context { return outbox.WithBell(ctx, bell) }
}
