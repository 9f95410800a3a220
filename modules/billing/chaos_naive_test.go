//go:build chaos

package billing

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/modules/billing/gateway/sandbox"
	"portico/platform/db"
	"portico/platform/id"
)

// The naive way to take payments, as one meets it: the job is enqueued after the commit, each try has a key of its own,
// an answer that did not come counts as a failure, and nobody looks what became of it. It reserves what it charges, and it
// retries; it must fail all the same, or the chaos test proves nothing.

const naiveRole = "CHAOS_NAIVE"

// naive is one process of it.
type naive struct {
	owner *bun.DB
	redis *redis.Client
	at    *sandbox.Client
}

func (n naive) pay(w http.ResponseWriter, r *http.Request) {
	invoice, try := r.FormValue("invoice"), r.FormValue("id")
	err := n.owner.RunInTx(r.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
		if err := db.One(tx.NewRaw("update naive_invoice set reserved = total where id = ? and paid + reserved = 0", invoice).Exec(ctx)); err != nil {
			return err
		}
		_, err := tx.NewRaw("insert into naive_try (id, invoice) values (?, ?)", try, invoice).Exec(ctx)
		return err
	})
	if err != nil {
		http.Error(w, "no", http.StatusConflict)
		return
	}
	_, err = asynq.NewClientFromRedisClient(n.redis).EnqueueContext(r.Context(), asynq.NewTask("charge", []byte(try)), asynq.Queue("naive"))
	if err != nil {
		http.Error(w, "later", http.StatusServiceUnavailable)
	}
}

func (n naive) charge(ctx context.Context, task *asynq.Task) error {
	var try struct {
		Invoice uuid.UUID
		Total   int64
		Done    bool
	}
	err := n.owner.NewRaw(`select t.invoice, i.total, t.done from naive_try t join naive_invoice i on i.id = t.invoice where t.id::text = ?`, string(task.Payload())).Scan(ctx, &try)
	if err != nil || try.Done {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	_, err = n.at.Create(limited, gateway.Order{
		Key: id.New(), Firm: n.at.Firm, Invoice: try.Invoice, Kind: gateway.Card, Amount: try.Total, Currency: "USD", Method: os.Getenv("CHAOS_METHOD"),
	})
	if err != nil {
		return err // again, with another key
	}
	return n.owner.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("update naive_try set done = true where id::text = ?", string(task.Payload())).Exec(ctx)
		if err == nil {
			_, err = tx.NewRaw("update naive_invoice set paid = total, reserved = 0 where id = ?", try.Invoice).Exec(ctx)
		}
		return err
	})
}

// TestNaiveProcess is a process of the naive variant, not a test.
func TestNaiveProcess(t *testing.T) {
	role := os.Getenv(naiveRole)
	if role == "" {
		t.Skip("it is a process of TestTheNaiveWayFails")
	}
	owner, err := db.Open(os.Getenv("CHAOS_DATABASE"), db.Options{MaxConns: 16})
	if err != nil {
		t.Fatal(err)
	}
	options, err := redis.ParseURL(os.Getenv("CHAOS_REDIS"))
	if err != nil {
		t.Fatal(err)
	}
	n := naive{owner, redis.NewClient(options), sandbox.Dial(sandbox.Account{Address: os.Getenv("CHAOS_SANDBOX"), Key: os.Getenv("CHAOS_KEY"), Firm: uuid.MustParse(os.Getenv("CHAOS_FIRM"))})}
	if role == "web" {
		http.HandleFunc("/pay", n.pay)
		t.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("CHAOS_PORT"), nil)) //nolint:gosec // a test
	}
	server := asynq.NewServerFromRedisClient(n.redis, asynq.Config{
		Concurrency: 12, Queues: map[string]int{"naive": 1}, LogLevel: asynq.FatalLevel, DelayedTaskCheckInterval: time.Second,
		RetryDelayFunc: func(int, error, *asynq.Task) time.Duration { return time.Second },
	})
	if err := server.Run(asynq.HandlerFunc(n.charge)); err != nil {
		t.Fatal(err)
	}
}

// TestTheNaiveWayFails holds that the harm done in TestChaos is harm: what is not built against it loses and doubles.
func TestTheNaiveWayFails(t *testing.T) {
	c := openChaos(t)
	for _, statement := range []string{
		"create table naive_invoice (id uuid primary key, total bigint not null, paid bigint not null default 0, reserved bigint not null default 0, check (paid + reserved <= total))",
		"create table naive_try (id uuid primary key, invoice uuid not null references naive_invoice (id), done boolean not null default false)",
	} {
		c.write(statement)
	}
	const invoices, span = 150, 25 * time.Second
	var bills []uuid.UUID
	for range invoices {
		bill := id.New()
		c.write("insert into naive_invoice (id, total) values (?, 10000)", bill)
		bills = append(bills, bill)
	}
	token := read[string](c.till, "select token from billing.method where id = ?", c.methods[c.contact][0])
	process := func(role string) *victim {
		v := supervise(func() *exec.Cmd {
			cmd := exec.Command(os.Args[0], "-test.run=^TestNaiveProcess$")
			cmd.Env = append(os.Environ(), naiveRole+"="+role, "CHAOS_DATABASE="+c.site.Config.DatabaseURL, "CHAOS_REDIS="+c.site.Config.RedisURL,
				"CHAOS_SANDBOX="+c.provider.Address, "CHAOS_KEY="+c.sandbox.Key, "CHAOS_FIRM="+c.v.FirmID().String(), "CHAOS_PORT="+c.port, "CHAOS_METHOD="+token)
			return cmd
		})
		c.Cleanup(v.stop)
		return v
	}
	c.web, c.workers = process("web"), []*victim{process("worker"), process("worker")}
	c.must(c.sandbox.SetFaults(t.Context(), sandbox.Faults{Before: 5, After: 10, Hang: 8}))
	begun := time.Now()
	taken := map[uuid.UUID]bool{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 4 {
		order := append([]uuid.UUID(nil), bills...)
		rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		all.Go(func() {
			for n, bill := range order {
				time.Sleep(time.Until(begun.Add(span * time.Duration(n) / invoices)))
				a, err := http.PostForm("http://127.0.0.1:"+c.port+"/pay?id="+id.New().String()+"&invoice="+bill.String(), nil)
				if err != nil {
					continue
				}
				_ = a.Body.Close()
				if a.StatusCode == http.StatusOK {
					mu.Lock()
					taken[bill] = true
					mu.Unlock()
				}
			}
		})
	}
	harms := pack(map[string]int{"kill -9 web": 6, "kill -9 worker": 9, "FLUSHALL": 5, "PostgreSQL: kill -9": 3})
	for n, harm := range harms {
		time.Sleep(time.Until(begun.Add(span * time.Duration(n+1) / time.Duration(len(harms)+1))))
		c.strike(harm)
	}
	all.Wait()
	c.must(c.sandbox.SetFaults(context.Background(), sandbox.Faults{}))
	time.Sleep(15 * time.Second)
	list, err := c.sandbox.List(context.Background(), time.Time{})
	c.must(err)
	charges := map[uuid.UUID]int{}
	for _, charge := range list {
		if charge.Status == gateway.Succeeded {
			charges[charge.Invoice]++
		}
	}
	doubled := 0
	for _, n := range charges {
		if n > 1 {
			doubled++
		}
	}
	stuck := read[int](c.till, "select count(*) from naive_invoice where reserved > 0")
	fmt.Printf("\n  the naive way: %d of %d invoices taken, %d never settled, %d charged twice or more\n\n", len(taken), invoices, stuck, doubled)
	if stuck == 0 || doubled == 0 {
		t.Error("the naive way neither loses nor doubles: the harm is too small to prove anything")
	}
}
