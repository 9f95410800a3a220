package embedded

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// The test binary is also the program that is killed: with this set it runs stores and waits.
const helper = "PORTICO_EMBEDDED_HELPER"

func TestMain(m *testing.M) {
	if order := os.Getenv(helper); order != "" {
		if err := help(order); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// help runs the stores as another process would: order is "run DIR" or "drop DIR".
func help(order string) error {
	how, dir, _ := strings.Cut(order, " ")
	if how == "drop" {
		if err := DropPrivileges(dir); err != nil {
			return err
		}
		if os.Geteuid() == 0 {
			return errors.New("still root after dropping privileges")
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	s, err := Start(ctx, options(dir, os.Getenv("PORTICO_RUNTIME_DIR")))
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(s); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	return s.Stop(context.Background())
}

func options(dir, runtimeDir string) Options {
	return Options{Dir: dir, Postgres: true, Redis: true, RuntimeDir: runtimeDir}
}

func sharedRuntime() string { return SharedRuntime(os.Getenv, os.Geteuid()) }

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func folder(t *testing.T) string {
	t.Helper()
	dir, err := ThrowawayDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func open(t *testing.T, o Options) *Stores {
	t.Helper()
	s, err := Start(within(t, 2*time.Minute), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop(context.Background()) })
	return s
}

// sql runs a statement whose answer is one text.
func sql(ctx context.Context, address, statement string) (string, error) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	var answer string
	err = conn.QueryRow(ctx, statement).Scan(&answer)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return answer, err
}

func mustSQL(t *testing.T, address, statement string) string {
	t.Helper()
	answer, err := sql(within(t, time.Minute), address, statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return answer
}

// redis says one line to the queue and returns the last line of its answer.
func redis(t *testing.T, address, line string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("unix", u.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "%s\r\n", line)
	r := bufio.NewReader(conn)
	answer, err := r.ReadString('\n')
	if err == nil && strings.HasPrefix(answer, "$") && answer[1] != '-' {
		answer, err = r.ReadString('\n')
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(answer)
}

// other is a portico in a process of its own.
type other struct {
	Stores
	cmd *exec.Cmd
	in  io.WriteCloser
}

func startOther(t *testing.T, how, dir string, attr *syscall.SysProcAttr) *other {
	t.Helper()
	o := &other{cmd: exec.Command(testBinary(t))}
	o.cmd.Env = append(os.Environ(), helper+"="+how+" "+dir, "PORTICO_RUNTIME_DIR="+sharedRuntime())
	o.cmd.Stderr = os.Stderr
	o.cmd.Dir = "/"
	o.cmd.SysProcAttr = attr
	in, err := o.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	o.in = in
	out, err := o.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := o.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.in.Close(); o.cmd.Wait() })
	if err := json.NewDecoder(out).Decode(&o.Stores); err != nil {
		t.Fatalf("the other process did not start its stores: %v", err)
	}
	return o
}

// testBinary is this program where other users can run it.
func testBinary(t *testing.T) string {
	t.Helper()
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Skip("needs /proc to run itself again")
	}
	path := filepath.Join(folder(t), "helper")
	if err := os.Chmod(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, self, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func (o *other) kill(t *testing.T) {
	t.Helper()
	if err := o.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	o.cmd.Wait()
}

func TestBothStoresRunPrivately(t *testing.T) {
	t.Parallel()
	o := options(folder(t), sharedRuntime())
	o.Throwaway = true
	unlock, err := Lock(o.Dir) // as a caller does who claims the folder first
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	s := open(t, o)
	t.Logf("%s (%s), %s (%s)", s.PostgresVersion, s.PostgresFrom, s.RedisVersion, s.RedisFrom)

	if _, err := pgx.ParseConfig(s.DatabaseURL); err != nil {
		t.Fatal(err)
	}
	if got := mustSQL(t, s.DatabaseURL, "SELECT current_user || '/' || current_database()"); got != "portico/portico" {
		t.Errorf("signed in as %s", got)
	}
	if got := mustSQL(t, s.DatabaseURL, "SELECT current_setting('listen_addresses')"); got != "" {
		t.Errorf("PostgreSQL listens on the network: %s", got)
	}
	for _, name := range Extensions {
		mustSQL(t, s.DatabaseURL, "CREATE EXTENSION "+name)
	}
	mustSQL(t, s.DatabaseURL, "CREATE ROLE portico_app LOGIN NOBYPASSRLS")
	app := strings.Replace(s.DatabaseURL, "portico@", "portico_app@", 1)
	if got := mustSQL(t, app, "SELECT current_user::text"); got != "portico_app" {
		t.Errorf("the application's role signed in as %s", got)
	}
	if got := redis(t, s.RedisURL, "CONFIG GET port"); !strings.HasPrefix(got, "*2") {
		t.Errorf("redis answers %q", got)
	}
	for _, pid := range []int{s.PostgresPid(), s.RedisPid()} {
		info, err := os.Stat("/proc/" + strconv.Itoa(pid))
		if err == nil && info.Sys().(*syscall.Stat_t).Uid == 0 {
			t.Errorf("process %d runs as root", pid)
		}
	}
	dump := exec.Command(filepath.Join(s.PostgresBinDir(), "pg_dump"), "-h", s.SocketDir, "-U", "portico", "portico")
	dump.Env = append(os.Environ(), s.PostgresEnv()...)
	if out, err := dump.CombinedOutput(); err != nil || !strings.Contains(string(out), "pg_trgm") {
		t.Errorf("pg_dump: %v: %.300s", err, out)
	}

	if _, err := Start(within(t, time.Minute), o); err == nil || !strings.Contains(err.Error(), "is in use by another running portico") {
		t.Errorf("a second start in the same folder: %v", err)
	}
	for range 2 {
		if err := s.Stop(within(t, time.Minute)); err != nil {
			t.Error(err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(s.SocketDir, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestKilledStoresComeBack(t *testing.T) {
	t.Parallel()
	s := open(t, options(folder(t), sharedRuntime()))
	mustSQL(t, s.DatabaseURL, "CREATE TABLE note (word text)")
	mustSQL(t, s.DatabaseURL, "INSERT INTO note VALUES ('kept')")
	ctx := within(t, time.Minute)

	pg, rd := s.PostgresPid(), s.RedisPid()
	if err := errors.Join(s.KillPostgres(), s.KillRedis()); err != nil {
		t.Fatal(err)
	}
	err := poll(ctx, func(context.Context) error {
		if now := s.PostgresPid(); now == 0 || now == pg {
			return errors.New("postgres is still down")
		}
		if now := s.RedisPid(); now == 0 || now == rd {
			return errors.New("redis is still down")
		}
		return nil
	})
	if err := errors.Join(err, s.AwaitPostgres(ctx), s.AwaitRedis(ctx)); err != nil {
		t.Fatal(err)
	}
	if got := mustSQL(t, s.DatabaseURL, "SELECT word FROM note"); got != "kept" {
		t.Errorf("after kill -9 the note says %q", got)
	}
	if err := errors.Join(s.RestartPostgres(ctx), s.RestartRedis(ctx)); err != nil {
		t.Fatal(err)
	}
	mustSQL(t, s.DatabaseURL, "SELECT word FROM note")
	select {
	case err := <-s.Failed():
		t.Error(err)
	default:
	}
}

// What a person does who kills the program with its data in it, and starts it again.
func survives(t *testing.T, how string, attr *syscall.SysProcAttr, dir string) {
	first := startOther(t, how, dir, attr)
	mustSQL(t, first.DatabaseURL, "CREATE TABLE note (word text)")
	mustSQL(t, first.DatabaseURL, "INSERT INTO note VALUES ('kept')")
	redis(t, first.RedisURL, "SET note kept")
	if _, err := Lock(dir); err == nil || !strings.Contains(err.Error(), "is in use by another running portico") {
		t.Errorf("the folder of another process could be locked: %v", err)
	}
	first.kill(t)

	began := time.Now()
	second := startOther(t, how, dir, attr)
	t.Logf("started again after kill -9 in %v", time.Since(began))
	if got := mustSQL(t, second.DatabaseURL, "SELECT word FROM note"); got != "kept" {
		t.Errorf("after kill -9 the note in the database says %q", got)
	}
	if got := redis(t, second.RedisURL, "GET note"); got != "kept" {
		t.Errorf("after kill -9 the note in the queue says %q", got)
	}
	second.in.Close()
	if err := second.cmd.Wait(); err != nil {
		t.Errorf("clean stop: %v", err)
	}
	began = time.Now()
	third := startOther(t, how, dir, attr)
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("a later start took %v", took)
	} else {
		t.Logf("a later start took %v", took)
	}
	third.in.Close()
}

func TestSurvivesKillOfTheProcess(t *testing.T) {
	t.Parallel()
	survives(t, "run", nil, folder(t))
}

func TestSurvivesKillAfterDroppingRoot(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root has privileges to drop")
	}
	dir := folder(t)
	if err := os.Chown(dir, 0, 0); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "secret.key"), []byte("made by root"), 0o600); err != nil {
		t.Fatal(err)
	}
	survives(t, "drop", nil, dir)
	if who, err := systemUser(); err != nil || owner(filepath.Join(dir, "secret.key")) != who.uid {
		t.Errorf("what root made earlier was not handed over: %v", err)
	}
}

func TestSurvivesKillAsAnOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("an ordinary user runs this as TestSurvivesKillOfTheProcess")
	}
	fetched := options(folder(t), sharedRuntime()) // root's programs are there for others to run, not to fetch
	fetched.Throwaway = true
	open(t, fetched)

	const nobody = 65534
	dir := folder(t)
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	survives(t, "run", &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}, dir)
}

func TestStopsWhatALostProcessLeftBehind(t *testing.T) {
	t.Parallel()
	left := exec.Command("sleep", "60")
	if err := left.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- left.Wait() }()
	t.Cleanup(func() { left.Process.Kill() })
	file := filepath.Join(t.TempDir(), "server.pid")
	write := func() {
		if err := os.WriteFile(file, []byte(strconv.Itoa(left.Process.Pid)+"\nmore\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx := within(t, time.Minute)

	write()
	if err := endLeftover(ctx, file, syscall.SIGTERM, "postgres"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
		t.Fatal("a process that only has the number of an old server was stopped")
	default:
	}
	write()
	if err := endLeftover(ctx, file, syscall.SIGTERM, "sleep"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-ctx.Done():
		t.Error("a server left behind still runs")
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Error("its pid file is still there")
	}
}

func TestGivesUpOnAStoreThatCannotRun(t *testing.T) {
	t.Parallel()
	output := filepath.Join(t.TempDir(), "log")
	failed := make(chan error, 1)
	c := &child{
		name: "Broken", output: output, log: Options{Dir: "x"}.mustPrepare(t).Log, failed: failed,
		polite: syscall.SIGTERM, firm: syscall.SIGQUIT, orphan: syscall.SIGTERM,
		command: func() *exec.Cmd {
			cmd := exec.Command("sh", "-c", "echo no disk; exit 3")
			cmd.SysProcAttr = &syscall.SysProcAttr{}
			return cmd
		},
	}
	c.start()
	err := c.await(within(t, time.Minute), func(context.Context) error { return errors.New("silence") })
	if err == nil || !strings.Contains(err.Error(), "no disk") {
		t.Errorf("the error does not say what the server said: %v", err)
	}
	if err := <-failed; err == nil {
		t.Error("nobody was told")
	}
}

func (o Options) mustPrepare(t *testing.T) Options {
	o, err := o.prepared()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestLongPathsGetShortSockets(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), strings.Repeat("long and winding ", 6))
	o := options(dir, sharedRuntime())
	o.Throwaway = true
	s := open(t, o)
	defer os.RemoveAll(s.SocketDir)
	if strings.HasPrefix(s.SocketDir, dir) {
		t.Errorf("sockets in %s", s.SocketDir)
	}
	mustSQL(t, s.DatabaseURL, "SELECT 'here'")
}

// A machine that has neither store, as most have not: here in spite of what is installed.
func TestPrivateCopiesServeAMachineThatHasNothing(t *testing.T) {
	t.Parallel()
	if !haveApt() {
		t.Skip("this system has no apt-get, the only source of private copies")
	}
	o := options(folder(t), sharedRuntime())
	o.Runtime = "private"
	for range 2 { // the second start has a cluster of a certain version, which is no reason to fetch again
		s := open(t, o)
		if s.PostgresFrom != "private" || s.RedisFrom != "private" {
			t.Errorf("PostgreSQL is %s, the queue %s", s.PostgresFrom, s.RedisFrom)
		}
		for _, name := range Extensions {
			mustSQL(t, s.DatabaseURL, "CREATE EXTENSION IF NOT EXISTS "+name)
		}
		if err := s.Stop(within(t, time.Minute)); err != nil {
			t.Fatal(err)
		}
		o.Progress = func(said string) { t.Errorf("at the second start: %s", said) }
	}
}

func TestErrorsNameTheWayOut(t *testing.T) {
	t.Parallel()
	ctx := within(t, time.Minute)
	for name, c := range map[string]struct {
		options Options
		says    string
	}{
		"runtime":  {Options{Runtime: "magic"}, "allowed are auto, system, private and none"},
		"none":     {Options{Runtime: "none"}, "set DATABASE_URL and REDIS_URL"},
		"postgres": {Options{PostgresBin: "/nowhere"}, "PORTICO_PG_BIN is /nowhere"},
		"redis":    {Options{RedisBin: "/nowhere", PostgresBin: ""}, "PORTICO_REDIS_BIN is /nowhere"},
	} {
		o := c.options
		o.Dir, o.Postgres, o.Redis, o.RuntimeDir = folder(t), o.RedisBin == "", true, sharedRuntime()
		if _, err := Start(ctx, o); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if os.Geteuid() == 0 {
		closed := t.TempDir() // its parent is root's alone
		if _, err := Start(ctx, options(closed, sharedRuntime())); err == nil || !strings.Contains(err.Error(), "PORTICO_DATA_DIR=/var/lib/portico") {
			t.Errorf("a folder nobody can reach: %v", err)
		}
	}
}

func TestDefaultDir(t *testing.T) {
	t.Parallel()
	env := func(pairs ...string) func(string) string {
		return func(key string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == key {
					return pairs[i+1]
				}
			}
			return ""
		}
	}
	for _, c := range []struct {
		env  func(string) string
		uid  int
		want string
	}{
		{env("PORTICO_DATA_DIR", "/srv/p", "HOME", "/root"), 0, "/srv/p"},
		{env("HOME", "/root"), 0, "/var/lib/portico"},
		{env("HOME", "/home/ana", "XDG_DATA_HOME", "/data/ana"), 1000, "/data/ana/portico"},
		{env("HOME", "/home/ana"), 1000, "/home/ana/.local/share/portico"},
		{env(), 99999, "/var/tmp/portico-99999"},
	} {
		if got := DefaultDir(c.env, c.uid); got != c.want && !strings.Contains(got, "Library") {
			t.Errorf("uid %d: %s, want %s", c.uid, got, c.want)
		}
	}
}
