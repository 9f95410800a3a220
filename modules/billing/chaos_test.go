//go:build chaos

package billing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
	"portico/platform/db"
	"portico/platform/id"
	"portico/platform/portaltest"
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

// tab is one browser tab of one contact.
type tab struct {
	c       *chaos
	contact uuid.UUID
	session string
	csrf    string
	client  http.Client
}

func (c *chaos) tab(who string) *tab {
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, network, "127.0.0.1:"+c.port)
	}
	t := &tab{c: c, contact: c.site.Person(who).ContactID, session: c.site.Session(who), client: http.Client{
		Timeout: 15 * time.Second, Transport: &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 4},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	found := regexp.MustCompile(`name="csrf" content="([^"]+)"`)
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
		if _, body, err := t.ask("GET", "/portal/all/billing", nil); err == nil {
			if m := found.FindSubmatch(body); m != nil {
				t.csrf = string(m[1])
				return t
			}
		}
	}
	c.Fatal("no page of the portal")
	return nil
}

func (t *tab) ask(method, path string, form url.Values) (*http.Response, []byte, error) {
	origin := "http://demo.localhost:" + t.c.port
	r, err := http.NewRequest(method, origin+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Cookie", "portico="+t.session)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", "text/html")
	if method == "POST" {
		r.Header.Set("Origin", origin)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	a, err := t.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = a.Body.Close() }()
	body, err := io.ReadAll(a.Body)
	return a, body, err
}

// pay presses Pay and, when nobody answers, presses again: the same form.
func (t *tab) pay(invoice uuid.UUID, until time.Time) {
	pick, method := rand.IntN(100), 0
	for pick >= practised[method].weight {
		pick -= practised[method].weight
		method++
	}
	key := id.New()
	form := url.Values{"_csrf": {t.csrf}, "key": {key.String()}, "invoice": {invoice.String()}, "with": {t.c.methods[t.contact][method].String()}}
	t.c.sent.Add(1)
	for {
		a, body, err := t.ask("POST", "/portal/all/billing/payments", form)
		switch {
		case err == nil && a.StatusCode == http.StatusSeeOther && strings.Contains(a.Header.Get("Location"), key.String()):
			t.c.taken.Add(1)
			t.c.keys.Store(key, invoice)
			return
		case err == nil && (a.StatusCode == http.StatusConflict || a.StatusCode == http.StatusUnprocessableEntity || a.StatusCode == http.StatusSeeOther):
			t.c.refused.Add(1)
			return
		case err == nil && a.StatusCode < 500 && a.StatusCode != http.StatusTooManyRequests:
			t.c.Errorf("pay: %d %.300s", a.StatusCode, body)
			return
		}
		t.c.again.Add(1)
		if time.Now().After(until.Add(45 * time.Second)) {
			t.c.missing.Add(1)
			return
		}
		time.Sleep(150 * time.Millisecond)
	}
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

// unlimited forgets how often somebody has pressed Pay: nobody is as impatient as this test.
func (c *chaos) unlimited(ctx context.Context) {
	for ctx.Err() == nil {
		keys, err := c.redis.Keys(ctx, "rate:limit:pay*").Result()
		if err == nil && len(keys) > 0 {
			_ = c.redis.Del(ctx, keys...).Err()
		}
		time.Sleep(250 * time.Millisecond)
	}
}

func pack(counts map[string]int) (list []string) {
	for what, n := range counts {
		for range n {
			list = append(list, what)
		}
	}
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// eventually asks a database that may be away.
func (c *chaos) eventually(what string, within time.Duration, ask func(context.Context) (bool, error)) time.Duration {
	begun := time.Now()
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		ok, err := ask(ctx)
		cancel()
		if ok && err == nil {
			return time.Since(begun)
		}
		if time.Since(begun) > within {
			c.Errorf("%s: not within %s (%v)", what, within, err)
			return time.Since(begun)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// TestChaos: 1,200 presses of Pay by two contacts with two tabs each on 300 invoices, while everything is killed again
// and again and the provider errs. Nothing is lost, nothing is doubled, and the books are the provider's to the cent.
func TestChaos(t *testing.T) {
	c := openChaos(t)
	seconds := 60
	if text := os.Getenv("PORTICO_CHAOS_SECONDS"); text != "" { // a taste of it
		var err error
		seconds, err = strconv.Atoi(text)
		c.must(err)
	}
	invoices, span := 5*seconds, time.Duration(seconds)*time.Second
	var bills []uuid.UUID
	for n := range invoices {
		bills = append(bills, c.bill(int64(10_000+7*n)))
	}
	c.open()
	tabs := []*tab{c.tab("ana"), c.tab("ana"), c.tab("tom"), c.tab("tom")}
	c.must(c.sandbox.SetFaults(t.Context(), sandbox.Faults{Before: 5, After: 10, Hang: 8, Dropped: 20, Twice: 30, Late: 20, LateBy: 2, Shuffled: true}))

	calmed, relax := context.WithCancel(t.Context())
	defer relax()
	go c.unlimited(calmed)

	begun := time.Now()
	end := begun.Add(span)
	var all sync.WaitGroup
	for _, one := range tabs {
		order := append([]uuid.UUID(nil), bills...)
		rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		all.Go(func() {
			for n, invoice := range order {
				if wait := time.Until(begun.Add(span * time.Duration(n) / time.Duration(len(order)) * 9 / 10)); wait > 0 {
					time.Sleep(wait)
				}
				one.pay(invoice, end)
			}
		})
	}
	harms := pack(map[string]int{
		"kill -9 web": 14, "kill -9 worker": 17, "FLUSHALL": 10, "kill -9 Redis": 3, "PostgreSQL: immediate stop": 2, "PostgreSQL: kill -9": 9,
	})
	harms = harms[:min(len(harms), len(harms)*seconds/60)]
	for n, harm := range harms {
		time.Sleep(time.Until(begun.Add(span * time.Duration(n+1) / time.Duration(len(harms)+1))))
		c.strike(harm)
		if n == len(harms)/2 { // some debits come in, and fail, amid all that
			_ = c.sandbox.Advance(context.Background(), 5*24*time.Hour)
		}
	}
	time.Sleep(time.Until(end))
	c.must(c.sandbox.SetFaults(context.Background(), sandbox.Faults{}))
	all.Wait()
	calm := time.Now()
	settled := c.eventually("everything that was sent is answered", 60*time.Second, func(ctx context.Context) (bool, error) { return c.quiet(ctx, false) })

	// days pass at the bank, and an hour here: what was never reported is found
	c.must(c.sandbox.Advance(context.Background(), 5*24*time.Hour))
	c.eventually("the hour's comparison", 20*time.Second, func(ctx context.Context) (bool, error) {
		return true, db.InTx(ctx, c.site.Pool, c.v.FirmID(), func(ctx context.Context, tx bun.Tx) error {
			_, err := compareAccount.Enqueue(ctx, tx, c.v.FirmID(), comparing{c.account})
			return err
		})
	})
	time.Sleep(time.Second)
	days := c.eventually("the debits of days", 60*time.Second, func(ctx context.Context) (bool, error) { return c.quiet(ctx, true) })
	c.verdict(len(harms), time.Since(begun), calm.Sub(end), settled, days)
}

// quiet reports whether nothing is under way any more; all: not even debits.
func (c *chaos) quiet(ctx context.Context, whole bool) (bool, error) {
	var open int
	err := c.site.DB(c).NewRaw(`
		select (select count(*) from billing.attempt where open and (? or status <> 'pending'))
			+ (select count(*) from outbox where done_at is null and dead_at is null and kind in ('billing:settle', 'billing:event', 'billing:compare_account') and next_at < now() + interval '1 minute')`,
		whole).Scan(ctx, &open)
	return open == 0, err
}

// verdict compares the portal, the books and the provider.
func (c *chaos) verdict(harms int, took, drain, settled, days time.Duration) {
	c.Helper()
	lost, doubled := 0, 0
	c.keys.Range(func(key, _ any) bool {
		if read[int](c.till, "select count(*) from billing.attempt where batch_id = ?", key) != 1 {
			lost++
		}
		return true
	})
	list, err := c.sandbox.List(context.Background(), time.Time{})
	c.must(err)
	charged, perInvoice, differ := int64(0), map[uuid.UUID]int{}, 0
	for _, charge := range list {
		var row struct {
			Status Status
			Amount int64
			Paid   bool
		}
		err := c.site.DB(c).NewRaw(`
			select a.status, a.amount, p.id is not null as paid from billing.attempt a
			left join billing.payment p on p.firm_id = a.firm_id and p.form_key = a.id and p.amount = a.amount
			where a.firm_id = ? and a.gateway_id = ?`, c.v.FirmID(), charge.ID).Scan(context.Background(), &row)
		if err != nil {
			row = struct {
				Status Status
				Amount int64
				Paid   bool
			}{}
		}
		if charge.Status == gateway.Succeeded {
			charged += charge.Amount
			perInvoice[charge.Invoice]++
			if !row.Paid {
				lost++
			}
		}
		if row.Status.rank() != statusOf(charge).rank() || row.Amount != charge.Amount {
			differ++
		}
	}
	for _, n := range perInvoice {
		if n > 1 {
			doubled++
		}
	}
	booked := read[int64](c.till, "select coalesce(sum(amount), 0)::bigint from billing.entry where firm_id = ? and account in ('clearing', 'fees')", c.v.FirmID())
	paid := read[int](c.till, "select count(*) from billing.invoice where project_id = ? and state = 'paid' and total between 10000 and 13000", c.project.ID)
	dead := read[int](c.till, "select count(*) from outbox where dead_at is not null")
	broken := 0
	c.must(c.in(func(ctx context.Context, tx bun.Tx) error {
		found, err := invariants(ctx, tx, c.v.FirmID(), true)
		broken = len(found)
		if len(found) > 0 {
			c.Errorf("the books break: %v", found)
		}
		return err
	}))
	fmt.Printf("\n  presses of Pay            %d (%d taken, %d refused, %d asked again)\n", c.sent.Load(), c.taken.Load(), c.refused.Load(), c.again.Load())
	fmt.Printf("  faults                    %d %v, and the provider's\n", harms, c.faults)
	fmt.Printf("  charges at the provider   %d, %d invoices paid there, %d here\n", len(list), len(perInvoice), paid)
	fmt.Printf("  lost / doubled            %d / %d\n", lost, doubled)
	fmt.Printf("  promises broken           %d of %d; jobs given up %d\n", broken, len(promises(c.v.FirmID(), true)), dead)
	fmt.Printf("  provider / books          %d / %d cents, %d charges differ\n", charged, booked, differ)
	fmt.Printf("  quiet after               %s (the last press came %s after the faults); debits of days: %s; all: %s\n\n",
		settled.Round(100*time.Millisecond), drain.Round(100*time.Millisecond), days.Round(100*time.Millisecond), took.Round(time.Second))
	if n := c.missing.Load(); n > 0 {
		c.Errorf("%d presses were never answered", n)
	}
	if lost+doubled+differ != 0 || charged != booked {
		c.Errorf("lost %d, doubled %d, %d differ, %d charged, %d booked", lost, doubled, differ, charged, booked)
	}
	if settled > 15*time.Second {
		c.Errorf("quiet only after %s", settled)
	}
}

var _ = errors.Is
var _ = portaltest.Open
