package stripe_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/modules/billing/gateway"
	"portico/modules/billing/gateway/stripe"
	"portico/platform/id"
)

// mock is the module of Stripe's own server for tests. It knows Stripe's whole description of its API and refuses what does
// not fit it; it remembers nothing.
const mock = "github.com/stripe/stripe-mock@v0.203.0"

// stripeMock starts it, and builds it once for all tests of this user.
func stripeMock(t *testing.T) (url string) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip("SKIPPED, NOT PASSED: there is no folder to build stripe-mock in:", err)
	}
	bin := filepath.Join(cache, "portico-tests")
	program := filepath.Join(bin, "stripe-mock")
	if _, err := os.Stat(program); err != nil {
		build := exec.CommandContext(t.Context(), "go", "install", mock)
		build.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=", "GOWORK=off")
		if said, err := build.CombinedOutput(); err != nil {
			t.Skipf("SKIPPED, NOT PASSED: stripe-mock cannot be had: %v\n%s", err, said)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	ctx, stop := context.WithCancel(t.Context())
	server := exec.CommandContext(ctx, program, "-http-addr", address)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = server.Wait() })
	for late := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if a, err := http.Get("http://" + address + "/v1/charges"); err == nil { //nolint:noctx // a server of this test
			_ = a.Body.Close()
			return "http://" + address
		}
		if time.Now().After(late) {
			t.Fatal("stripe-mock does not answer")
		}
	}
}

// TestRequestsFitStripesDescription sends every request that we can make to Stripe's own server for tests. What it answers
// are samples; that it does not refuse is what counts.
func TestRequestsFitStripesDescription(t *testing.T) {
	mock := stripeMock(t)
	s := stripe.New(stripe.Options{Key: "sk_test_123", URL: mock})
	wrong, err := http.NewRequestWithContext(t.Context(), http.MethodPost, mock+"/v1/checkout/sessions", strings.NewReader("mode=nonsense&no_such_word=1"))
	if err != nil {
		t.Fatal(err)
	}
	wrong.Header.Set("Authorization", "Bearer sk_test_123")
	wrong.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if a, err := http.DefaultClient.Do(wrong); err != nil || a.StatusCode != http.StatusBadRequest {
		t.Fatalf("a request that is wrong is not refused: %v, %v", a, err)
	}
	fine := func(what string, err error) {
		t.Helper()
		if err != nil && !errors.Is(err, gateway.ErrUnknown) {
			t.Errorf("%s: %v", what, err)
		}
	}
	order := func(change ...func(*gateway.Order)) gateway.Order {
		o := gateway.Order{
			Key: id.New(), Firm: id.New(), Invoice: id.New(), Kind: gateway.Card, Amount: 12345, Currency: "USD", Description: "Invoice INV-1042",
			Email: "ana@example.com", Return: "https://portal.test/portal/all/billing/batches/1",
		}
		for _, c := range change {
			c(&o)
		}
		return o
	}
	for name, change := range map[string]func(*gateway.Order){
		"a card on Stripe's page":  func(*gateway.Order) {},
		"a card in fields here":    func(o *gateway.Order) { o.Fields = true },
		"a customer there":         func(o *gateway.Order) { o.Customer = "cus_1" },
		"a bank debit in dollars":  func(o *gateway.Order) { o.Kind = gateway.Bank },
		"a bank debit in euros":    func(o *gateway.Order) { o.Kind, o.Currency = gateway.Bank, "EUR" },
		"yen":                      func(o *gateway.Order) { o.Currency = "JPY" },
		"a saved card":             func(o *gateway.Order) { o.Method, o.Customer = "pm_1", "cus_1" },
		"a saved card, by itself":  func(o *gateway.Order) { o.Method, o.Customer, o.OffSession = "pm_1", "cus_1", true },
		"a saved account, dollars": func(o *gateway.Order) { o.Kind, o.Method, o.Customer = gateway.Bank, "pm_1", "cus_1" },
		"a saved account, in euros": func(o *gateway.Order) {
			o.Kind, o.Currency, o.Method, o.Customer = gateway.Bank, "EUR", "pm_1", "cus_1"
		},
	} {
		_, err := s.Create(t.Context(), order(change))
		fine(name, err)
	}
	for _, kind := range []gateway.Kind{gateway.Card, gateway.Bank} {
		_, err := s.Save(t.Context(), gateway.SaveOrder{Key: id.New(), Kind: kind, Currency: "EUR", Name: "Ana", Email: "ana@example.com", Return: "https://portal.test/x"})
		fine("saving a "+string(kind), err)
	}
	for _, of := range []string{"cs_test_1", "pi_1"} {
		_, err := s.Find(t.Context(), of)
		fine("looking up "+of, err)
		_, err = s.Cancel(t.Context(), of)
		fine("canceling "+of, err)
		_, err = s.Refund(t.Context(), gateway.RefundOrder{Key: id.New(), Charge: of, Amount: 100, Reason: "came broken"})
		if said, ok := gateway.Definite(err); !ok || !strings.Contains(said.Text, "has not arrived") { // the sample session has no intent
			fine("a refund of "+of, err)
		}
	}
	_, err = s.FindByKey(t.Context(), id.New())
	fine("looking for a key", err)
	_, err = s.FindRefund(t.Context(), "", id.New())
	fine("looking for a refund's key", err)
	_, err = s.FindRefund(t.Context(), "re_1", uuid.Nil)
	fine("looking up a refund", err)
	_, err = s.List(t.Context(), time.Now().Add(-time.Hour))
	fine("the list", err)
	fine("forgetting a method", s.Forget(t.Context(), "pm_1"))
}
