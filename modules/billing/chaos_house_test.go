//go:build chaos

package billing

import (
	"context"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/modules/billing/gateway/sandbox"
	"portico/modules/billing/gateway/sandbox/sandboxtest"
	"portico/platform/id"
	"portico/platform/secret"
)

// chaos is an installation of real processes and real stores, with somebody who pulls plugs.
type chaos struct {
	*till
	provider *sandboxtest.Provider
	sandbox  *sandbox.Client
	redis    *redis.Client
	port     string
	web      *victim
	workers  []*victim
	methods  map[uuid.UUID][]uuid.UUID // of each contact: good card, bad card, good bank, bad bank

	sent, taken, refused, again atomic.Int64
	missing                     atomic.Int64 // pressed, and nobody ever answered
	keys                        sync.Map     // what the portal said yes to
	faults                      map[string]int
}

// victim is a process that is killed, and whose supervisor starts it again, as it does when it ends by itself: a process
// that finds no database does.
type victim struct {
	mu      sync.Mutex
	process *os.Process
	ended   bool
	done    chan struct{}
}

func supervise(command func() *exec.Cmd) *victim {
	v := &victim{done: make(chan struct{})}
	go func() {
		defer close(v.done)
		for {
			cmd := command()
			v.mu.Lock()
			if v.ended {
				v.mu.Unlock()
				return
			}
			err := cmd.Start()
			v.process = cmd.Process
			v.mu.Unlock()
			if err == nil {
				_ = cmd.Wait()
			}
			time.Sleep(100 * time.Millisecond)
		}
	}()
	return v
}

func (v *victim) kill() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.process != nil {
		_ = v.process.Kill()
	}
}

func (v *victim) stop() {
	v.mu.Lock()
	v.ended = true
	v.mu.Unlock()
	v.kill()
	<-v.done
}

const chaosKey = "7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e7e"

var practised = []struct {
	kind   gateway.Kind
	number string
	weight int
}{
	{gateway.Card, "4242424242424242", 60},
	{gateway.Card, "4000000000000341", 8}, // declined when it is charged
	{gateway.Bank, "000123456789", 22},    // arrives after 4 days
	{gateway.Bank, "000222222227", 10},    // fails after 4 days
}

func openChaos(t *testing.T) *chaos {
	c := &chaos{till: openTill(t), methods: map[uuid.UUID][]uuid.UUID{}, faults: map[string]int{}}
	c.provider = sandboxtest.Start(t, time.Now)
	c.write("do $$ begin execute format('alter database %I set synchronous_commit = on', current_database()); end $$") // the tests' stores forget what was just said
	c.port = freePort(t)
	key, err := secret.ParseKey(chaosKey)
	c.must(err)
	firm := c.v.FirmID()
	c.write("update billing.account set active = false where firm_id = ?", firm)
	c.must(c.in(func(ctx context.Context, tx bun.Tx) error { return ConnectPractice(ctx, tx, key, firm) }))
	var a Account
	c.must(c.in(func(ctx context.Context, tx bun.Tx) (err error) {
		a, _, err = activeAccount(ctx, tx, c.v)
		return err
	}))
	opened, err := openCredentials(key, a.Credentials, firm, a.ID)
	c.must(err)
	c.account = a.ID
	c.sandbox = sandbox.Dial(sandbox.Account{
		Address: c.provider.Address, Key: opened.Key, Secrets: opened.secrets(), Firm: firm,
		Hook: "http://demo.localhost:" + c.port + hookPath + a.HookKey, Pages: "http://pages/",
	})
	c.project.ID = read[uuid.UUID](c.till, "select id from project where key = 'maple-street'")
	c.project.ClientID = read[uuid.UUID](c.till, "select client_id from project where key = 'maple-street'")
	c.write(`update contact set rights = array['view_invoices', 'make_payments'], limited = false where firm_id = ? and client_id = ?`, firm, c.project.ClientID)
	for _, who := range []string{"ana", "tom"} {
		c.saveMethods(c.site.Person(who).ContactID)
	}
	options, err := redis.ParseURL(c.site.Config.RedisURL)
	c.must(err)
	c.redis = redis.NewClient(options)
	return c
}

// saveMethods gives a contact one of each practice number.
func (c *chaos) saveMethods(contact uuid.UUID) {
	for _, p := range practised {
		s, err := c.sandbox.Save(c.Context(), gateway.SaveOrder{Key: id.New(), Kind: p.kind, Name: "Ana", Email: "ana@example.com", Return: "http://back/"})
		c.must(err)
		_, err = sandbox.NewDesk(c.provider.Address).Enter(c.Context(), strings.TrimPrefix(s.URL, "http://pages/"), sandbox.Entry{Number: p.number, Routing: sandbox.Routing})
		c.must(err)
		s, err = c.sandbox.FindSetup(c.Context(), s.ID)
		c.must(err)
		method := id.New()
		c.write(`insert into billing.method (firm_id, id, contact_id, account_id, kind, token, customer, brand, last4) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			c.v.FirmID(), method, contact, c.account, p.kind, s.Method.Token, s.Method.Customer, s.Method.Brand, s.Method.Last4)
		c.methods[contact] = append(c.methods[contact], method)
	}
}

func freePort(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// open builds the program and starts one web and two workers.
func (c *chaos) open() {
	c.Helper()
	binary := filepath.Join(c.TempDir(), "portico")
	if said, err := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-o", binary, "../../cmd/portico").CombinedOutput(); err != nil {
		c.Fatalf("%v: %s", err, said)
	}
	log, err := os.Create(filepath.Join(os.TempDir(), "chaos.log"))
	c.must(err)
	process := func(role string) *victim {
		data := c.TempDir()
		port := c.port
		if role != "web" {
			port = freePort(c)
		}
		v := supervise(func() *exec.Cmd {
			cmd := exec.Command(binary, role)
			cmd.Env = []string{
				"PATH=" + os.Getenv("PATH"), "HOME=" + data, "PORT=" + port, "PORTICO_BIND=127.0.0.1", "PORTICO_URL=http://localhost:" + c.port,
				"PORTICO_MAIN_FIRM=demo", "DATABASE_URL=" + c.site.Config.DatabaseURL, "REDIS_URL=" + c.site.Config.RedisURL,
				"PORTICO_DATA_DIR=" + data, "PORTICO_SECRET=" + chaosKey, "PORTICO_SANDBOX=" + c.provider.Address, "PORTICO_WORKERS=12",
			}
			cmd.Stdout, cmd.Stderr = log, log
			cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
			return cmd
		})
		c.Cleanup(v.stop)
		return v
	}
	c.web = process("web")
	c.workers = []*victim{process("worker"), process("worker")}
}

// postmaster is the process id of PostgreSQL, and where its folder is.
func (c *chaos) storesDir() string {
	u, err := url.Parse(c.site.Config.DatabaseURL)
	c.must(err)
	socket := u.Query().Get("host")
	return filepath.Dir(socket)
}

func pidIn(path string) int {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(content)), "\n")
	pid, _ := strconv.Atoi(strings.TrimSpace(first))
	return pid
}

// backend is some process of PostgreSQL that serves a connection.
func backend(postmaster int) int {
	out, _ := exec.Command("ps", "--ppid", strconv.Itoa(postmaster), "-o", "pid=,args=").Output()
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) > 3 && strings.Contains(line, "postgres") && !strings.Contains(line, "checkpointer") && !strings.Contains(line, "writer") &&
			!strings.Contains(line, "launcher") && !strings.Contains(line, "logger") {
			pid, _ := strconv.Atoi(f[0])
			return pid
		}
	}
	return 0
}

// strike does one harm.
func (c *chaos) strike(what string) {
	c.faults[what]++
	dir := c.storesDir()
	switch what {
	case "kill -9 web":
		c.web.kill()
	case "kill -9 worker":
		c.workers[rand.IntN(len(c.workers))].kill()
	case "FLUSHALL":
		_ = c.redis.FlushAll(context.Background()).Err()
	case "kill -9 Redis":
		if pid := pidIn(filepath.Join(dir, "redis", "redis.pid")); pid > 0 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	case "PostgreSQL: immediate stop":
		if pid := pidIn(filepath.Join(dir, "pg", "data", "postmaster.pid")); pid > 0 {
			_ = syscall.Kill(pid, syscall.SIGQUIT)
		}
	case "PostgreSQL: kill -9":
		if pid := backend(pidIn(filepath.Join(dir, "pg", "data", "postmaster.pid"))); pid > 0 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
