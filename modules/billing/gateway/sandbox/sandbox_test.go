package sandbox_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"sync"
	"testing"
	"time"

	"portico/modules/billing/gateway"
	"portico/modules/billing/gateway/gatewaytest"
	"portico/modules/billing/gateway/sandbox"
	"portico/modules/billing/gateway/sandbox/sandboxtest"
	"portico/platform/id"
)

const (
	good    = "4242 4242 4242 4242"
	debit   = "000123456789"
	bounces = "000222222227"
)

func signed(secret string, body []byte, at time.Time) gateway.Header {
	t := strconv.FormatInt(at.Unix(), 10)
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(t + "."))
	h.Write(body)
	return gateway.Header{"Sandbox-Signature": {"t=" + t + ",v1=" + hex.EncodeToString(h.Sum(nil))}}
}

func TestItIsAGateway(t *testing.T) {
	p := sandboxtest.Start(t, time.Now)
	desk := sandbox.NewDesk(p.Address)
	gatewaytest.Run(t, func(t *testing.T) gatewaytest.Subject {
		return gatewaytest.Subject{
			Gateway: p.Account(func(a *sandbox.Account) { a.Secrets = []string{"new", "old"} }), Firm: id.New(), Secrets: [2]string{"new", "old"},
			Pay:  func(t *testing.T, c gateway.Charge) { enter(t, desk, c.URL, sandbox.Entry{Number: good}) },
			Save: func(t *testing.T, s gateway.Setup) { enter(t, desk, s.URL, sandbox.Entry{Number: good}) },
			Report: func(_ *testing.T, secret, ref string, at time.Time) (gateway.Header, []byte) {
				body, _ := json.Marshal(map[string]any{"id": "evt_1", "type": "charge.succeeded", "object": "charge", "ref": ref, "made": at})
				return signed(secret, body, at), body
			},
		}
	})
}

func enter(t *testing.T, desk *sandbox.Desk, page string, e sandbox.Entry) sandbox.Page {
	t.Helper()
	p, err := desk.Enter(t.Context(), path.Base(page), e)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func order(kind gateway.Kind, change ...func(*gateway.Order)) gateway.Order {
	return gatewaytest.Subject{Firm: id.New(), Kind: kind}.Order(change...)
}

func TestNumbersDoWhatTheySay(t *testing.T) {
	p := sandboxtest.Start(t, time.Now)
	desk, c := sandbox.NewDesk(p.Address), p.Account()
	for _, n := range sandbox.Numbers {
		t.Run(n.Digits, func(t *testing.T) {
			made, err := c.Create(t.Context(), order(n.Kind))
			if err != nil {
				t.Fatal(err)
			}
			page := enter(t, desk, made.URL, sandbox.Entry{Number: n.Spaced(), Routing: sandbox.Routing})
			if page.Step == sandbox.Ask {
				if page, err = desk.Answer(t.Context(), page.Token, true); err != nil {
					t.Fatal(err)
				}
			}
			switch {
			case page.Failure.Code != "":
				if page.Step != sandbox.Enter || page.Status != gateway.NeedsAction {
					t.Errorf("no second try: %+v", page)
				}
			case n.Kind == gateway.Bank && page.Status != gateway.Pending, n.Kind == gateway.Card && page.Status != gateway.Succeeded:
				t.Errorf("%+v", page)
			}
		})
	}
	made, err := c.Create(t.Context(), order(gateway.Card))
	if err != nil {
		t.Fatal(err)
	}
	_, err = desk.Enter(t.Context(), path.Base(made.URL), sandbox.Entry{Number: "4012 8888 8888 1881"})
	if said, ok := gateway.Definite(err); !ok || said.Code != "unknown_number" {
		t.Errorf("a number that is not one of ours: %v", err)
	}
}

// find looks a charge up until it is as wanted.
func find(t *testing.T, c *sandbox.Client, id string, wanted func(gateway.Charge) bool) gateway.Charge {
	t.Helper()
	for late := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		is, err := c.Find(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if wanted(is) {
			return is
		}
		if time.Now().After(late) {
			t.Fatalf("it stays %+v", is)
		}
	}
}

func TestABankDebitTakesDays(t *testing.T) {
	p := sandboxtest.Start(t, time.Now)
	desk, c := sandbox.NewDesk(p.Address), p.Account()
	pay := func(number string) string {
		made, err := c.Create(t.Context(), order(gateway.Bank))
		if err != nil {
			t.Fatal(err)
		}
		enter(t, desk, made.URL, sandbox.Entry{Number: number, Routing: sandbox.Routing})
		return made.ID
	}
	arrives, fails, comesBack := pay(debit), pay(bounces), pay("000444444440")
	if err := c.Advance(t.Context(), 3*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{arrives, fails} {
		if is, err := c.Find(t.Context(), id); err != nil || is.Status != gateway.Pending {
			t.Errorf("after three days: %+v, %v", is, err)
		}
	}
	if err := c.Advance(t.Context(), 25*time.Hour); err != nil {
		t.Fatal(err)
	}
	find(t, c, arrives, func(is gateway.Charge) bool { return is.Status == gateway.Succeeded && is.Fee > 0 })
	find(t, c, fails, func(is gateway.Charge) bool {
		return is.Status == gateway.Failed && is.Failure.Code == "insufficient_funds"
	})
	find(t, c, comesBack, func(is gateway.Charge) bool { return is.Status == gateway.Succeeded && !is.Returned })
	if err := c.Advance(t.Context(), 49*time.Hour); err != nil {
		t.Fatal(err)
	}
	find(t, c, comesBack, func(is gateway.Charge) bool { return is.Returned && is.Failure.Code == "returned" })
}

func TestWhatGoesWrongWhileItIsAsked(t *testing.T) {
	p := sandboxtest.Start(t, time.Now)
	c := p.Account()
	for fault, made := range map[string]bool{"before": false, "after": true, "hang": true} {
		t.Run(fault, func(t *testing.T) {
			if err := c.SetFaults(t.Context(), sandbox.Faults{Next: []string{fault}}); err != nil {
				t.Fatal(err)
			}
			o := order(gateway.Card)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			_, err := c.Create(ctx, o)
			if _, definite := gateway.Definite(err); err == nil || definite {
				t.Fatalf("said %v", err)
			}
			if _, err = c.FindByKey(t.Context(), o.Key); made == errors.Is(err, gateway.ErrUnknown) {
				t.Errorf("looked up: %v", err)
			}
			first, err := c.Create(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := c.Create(t.Context(), o); err != nil || again.ID != first.ID {
				t.Errorf("%+v, %v", again, err)
			}
		})
	}
}

func TestDisputesAndRefunds(t *testing.T) {
	p := sandboxtest.Start(t, time.Now)
	desk, c := sandbox.NewDesk(p.Address), p.Account()
	pay := func(number string) string {
		made, err := c.Create(t.Context(), order(gateway.Card))
		if err != nil {
			t.Fatal(err)
		}
		enter(t, desk, made.URL, sandbox.Entry{Number: number})
		return made.ID
	}
	disputed := pay("4000000000000259")
	find(t, c, disputed, func(is gateway.Charge) bool { return is.Dispute != nil && is.Dispute.Status == "open" })
	_, err := c.Refund(t.Context(), gateway.RefundOrder{Key: id.New(), Charge: disputed, Amount: 1})
	if _, ok := gateway.Definite(err); !ok {
		t.Errorf("a refund of what is disputed: %v", err)
	}
	if err := c.Do(t.Context(), disputed, sandbox.Lose); err != nil {
		t.Error(err)
	}
	if err := c.Do(t.Context(), disputed, sandbox.Win); err == nil {
		t.Error("won after it was lost")
	}
	rebels := pay("4000000000005126")
	r, err := c.Refund(t.Context(), gateway.RefundOrder{Key: id.New(), Charge: rebels, Amount: 45})
	if err != nil || r.Status != gateway.Pending {
		t.Fatal(r, err)
	}
	if err := c.Advance(t.Context(), 25*time.Hour); err != nil {
		t.Fatal(err)
	}
	find(t, c, rebels, func(is gateway.Charge) bool { return is.Refunded == 0 })
	if r, err = c.FindRefund(t.Context(), r.ID, r.Key); err != nil || r.Status != gateway.Failed {
		t.Errorf("%+v, %v", r, err)
	}
}

// listener hears reports, and refuses some.
type listener struct {
	mu     sync.Mutex
	heard  []string
	refuse int
	wrong  error
	c      *sandbox.Client
}

func (l *listener) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refuse > 0 {
		l.refuse--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	body, _ := io.ReadAll(q.Body)
	e, err := l.c.Verify(q.Header, body, time.Now())
	if err != nil {
		l.wrong = err
	}
	l.heard = append(l.heard, e.ID)
}

func (l *listener) wait(t *testing.T, enough func([]string) bool) {
	t.Helper()
	for late := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		l.mu.Lock()
		fine, n := enough(l.heard), len(l.heard)
		l.mu.Unlock()
		if fine {
			return
		}
		if time.Now().After(late) {
			t.Fatalf("heard %d", n)
		}
	}
}

func TestReports(t *testing.T) {
	p := sandboxtest.Start(t, time.Now)
	ear := &listener{refuse: 2}
	server := httptest.NewServer(ear)
	t.Cleanup(server.Close)
	ear.c = p.Account(func(a *sandbox.Account) { a.Hook = server.URL })
	pay := func() {
		made, err := ear.c.Create(t.Context(), order(gateway.Card))
		if err != nil {
			t.Fatal(err)
		}
		enter(t, sandbox.NewDesk(p.Address), made.URL, sandbox.Entry{Number: good})
	}
	pay()
	ear.wait(t, func(heard []string) bool { return len(heard) == 1 }) // refused twice, heard the third time
	if err := ear.c.SetFaults(t.Context(), sandbox.Faults{Twice: 100}); err != nil {
		t.Fatal(err)
	}
	pay()
	ear.wait(t, func(heard []string) bool { return len(heard) == 3 && heard[1] == heard[2] })
	if err := ear.c.SetFaults(t.Context(), sandbox.Faults{Dropped: 100}); err != nil {
		t.Fatal(err)
	}
	pay()
	stand, err := ear.c.Stand(t.Context())
	if err != nil || stand.Reports != (sandbox.Reports{Sent: 3, Dropped: 1}) || len(stand.Charges) != 3 {
		t.Errorf("%+v, %v", stand.Reports, err)
	}
	if err := ear.c.SetFaults(t.Context(), sandbox.Faults{Late: 100, LateBy: 3600}); err != nil {
		t.Fatal(err)
	}
	pay()
	if stand, err = ear.c.Stand(t.Context()); err != nil || stand.Reports.Waiting != 1 {
		t.Errorf("%+v, %v", stand.Reports, err)
	}
	if err := ear.c.Advance(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	ear.wait(t, func(heard []string) bool { return len(heard) == 4 })
	if ear.wrong != nil {
		t.Error(ear.wrong)
	}
}

func TestTwoAccountsKnowNothingOfEachOther(t *testing.T) {
	p := sandboxtest.Start(t, time.Now)
	a, b := p.Account(), p.Account()
	o := order(gateway.Card)
	made, err := a.Create(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Find(t.Context(), made.ID); !errors.Is(err, gateway.ErrUnknown) {
		t.Errorf("found by id: %v", err)
	}
	if _, err := b.FindByKey(t.Context(), o.Key); !errors.Is(err, gateway.ErrUnknown) {
		t.Errorf("found by key: %v", err)
	}
	if list, err := b.List(t.Context(), time.Time{}); err != nil || len(list) != 0 {
		t.Errorf("%d, %v", len(list), err)
	}
	wrong := p.Account(func(a *sandbox.Account) { a.Key = "sk_live_x" })
	if said, ok := gateway.Definite(wrong.Ping(t.Context())); !ok || said.Code != "credentials" {
		t.Errorf("a wrong key: %v", said)
	}
}
