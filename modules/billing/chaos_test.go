//go:build chaos

package billing

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/modules/billing/gateway/sandbox"
	"portico/platform/db"
)

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
