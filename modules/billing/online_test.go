package billing_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v86/webhook"
	"github.com/uptrace/bun"

	"portico/modules/billing"
	"portico/modules/billing/gateway"
	"portico/modules/billing/gateway/sandbox"
	"portico/modules/billing/gateway/sandbox/sandboxtest"
	"portico/modules/billing/gateway/stripe/stripetest"
	"portico/platform/db"
	"portico/platform/id"
	"portico/platform/portaltest"
)

// practising is a site with the practice provider connected, and the firm's account there.
func practising(t *testing.T) (*portaltest.Site, *sandbox.Client) {
	t.Helper()
	provider := sandboxtest.Start(t, time.Now)
	site := portaltest.Configured(t, map[string]string{"PORTICO_SANDBOX": provider.Address}, billing.Module)
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		return billing.ConnectPractice(ctx, tx, site.Host.Key, site.FirmID())
	})
	if err != nil {
		t.Fatal(err)
	}
	client, err := billing.PracticeOf(t.Context(), site.Host.Key, site.DB(t), site.FirmID(), provider.Address, site.URL())
	if err != nil {
		t.Fatal(err)
	}
	return site, client
}

func charged(t *testing.T, site *portaltest.Site, c *sandbox.Client, kind gateway.Kind) gateway.Charge {
	t.Helper()
	made, err := c.Create(t.Context(), gateway.Order{
		Key: id.New(), Firm: site.FirmID(), Invoice: id.New(), Kind: kind, Amount: 425000, Currency: "USD", Description: "Invoice INV-1025",
		Return: site.URL() + "/closed",
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func pathOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Path
}

func TestWithoutAProviderThereIsNothing(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	maria := site.As("maria")
	maria.Open("/office/billing/online").Has(t, 200).Sees(t, "Clients cannot pay online yet", "Stripe", "Checkbook.io").SeesNot(t, "Practice provider")
	maria.Open("/office/billing/practice").Has(t, 404)
	maria.Open("/office/billing/online/new?provider=sandbox").Has(t, 404)
	maria.Open("/office/billing/online/new?provider=bank").Has(t, 404)
	site.Stranger().Open("/billing/practice/sometoken").Has(t, 404)
	site.As("ben").Open("/office/billing/online").Has(t, 404)
	maria.Open("/office/billing/settings").Sees(t, "No payment gateway is connected")
}

func TestAFirmConnectsStripe(t *testing.T) {
	double := stripetest.Start(t, time.Now)
	t.Cleanup(billing.At(double.URL, ""))
	site := portaltest.Open(t, billing.Module)
	maria := site.As("maria")
	form := maria.Open("/office/billing/online").Follow("Stripe").Has(t, 200)
	form.Fill("Secret or restricted key", "pk_test_123").Press("Connect Stripe").Has(t, 422).Sees(t, "This is the publishable key")
	if form.Value("Secret or restricted key") != "pk_test_123" {
		t.Error("what was typed is lost")
	}
	form.Fill("Secret or restricted key", "sk_test_wrong").Press("Connect Stripe").Has(t, 422).Sees(t, "Stripe does not know this key.")
	double.Deny("/v1/refunds")
	form.Fill("Secret or restricted key", double.Key).Press("Connect Stripe").Has(t, 422).Sees(t, "This key lacks permissions. Give it: Refunds (write).")
	double.Deny()
	form.Fill("Secret or restricted key", double.Key).Press("Connect Stripe").Has(t, 200).Sees(t, "Stripe", "Test mode", "no report is believed")
	if strings.Contains(maria.Body(), double.Key) {
		t.Error("the key is shown again")
	}
	sealed := one[[]byte](t, site, "select credentials from billing.account where firm_id = ?", site.FirmID())
	if strings.Contains(string(sealed), double.Key) {
		t.Error("the key is stored in the open")
	}
	maria.Open("/office/billing/online").Fill("Secret of reports", "whsec_one").Press("Save").Has(t, 200).Sees(t, "No report has come yet")
	maria.Press("Check the connection").Has(t, 200)
	double.Deny("/v1")
	maria.Press("Check the connection").Has(t, 200).Sees(t, "The connection does not work")
	double.Deny()
	maria.Untick("Cards").Untick("Bank payments").Press("Save").Has(t, 422).Sees(t, "Leave one of them on")
	if n := one[int](t, site, "select count(*) from activity where firm_id = ? and verb = 'billing.online'", site.FirmID()); n != 2 {
		t.Errorf("%d entries in the log", n)
	}
	if log := one[string](t, site, "select string_agg(data::text, ' ') from activity where firm_id = ?", site.FirmID()); strings.Contains(log, double.Key) || strings.Contains(log, "whsec") {
		t.Error("the log has the key")
	}

	// two tabs: the later one is told
	version := one[int](t, site, "select version from billing.account where firm_id = ?", site.FirmID())
	account := one[uuid.UUID](t, site, "select id from billing.account where firm_id = ?", site.FirmID())
	if a := maria.Post("/office/billing/online/"+account.String(), url.Values{"cards": {"1"}, "version": {fmt.Sprint(version - 1)}}); a.Status != 422 && a.Status != 409 {
		t.Errorf("an old version: %d", a.Status)
	}

	hook := one[string](t, site, "select hook_key from billing.account where firm_id = ?", site.FirmID())
	send := func(secret string) int { return stripeSays(t, site, hook, secret, "evt_"+secret) }
	if got := send("whsec_one"); got != 200 {
		t.Errorf("a report: %d", got)
	}
	maria.Open("/office/billing/online").Sees(t, "The last report came").Fill("New secret of reports", "whsec_two").Press("Save").Has(t, 200)
	for secret, want := range map[string]int{"whsec_two": 200, "whsec_one": 200, "whsec_three": 400} {
		if got := send(secret); got != want {
			t.Errorf("%s: %d", secret, got)
		}
	}

	maria.Open("/office/billing/online").Press("Disconnect").Has(t, 200).Sees(t, "Clients cannot pay online yet", "Earlier accounts")
	if got := send("whsec_two"); got != 200 {
		t.Errorf("a report of an earlier account: %d", got)
	}
	maria.Press("Use again").Has(t, 200).Sees(t, "Disconnect")
}

func stripeSays(t *testing.T, site *portaltest.Site, hook, secret, event string) int {
	t.Helper()
	body := fmt.Sprintf(`{"id":%q,"object":"event","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1"}}}`, event)
	s := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: []byte(body), Secret: secret, Timestamp: site.Now()})
	return site.Stranger().Ask(http.MethodPost, "/webhooks/billing/"+hook, strings.NewReader(body), "Stripe-Signature", s.Header, "Content-Type", "application/json").Status
}

func TestKeysAskForAFreshFactor(t *testing.T) {
	double := stripetest.Start(t, time.Now)
	t.Cleanup(billing.At(double.URL, ""))
	site := portaltest.Open(t, billing.Module)
	maria := site.As("maria")
	do(t, site, "update session set confirmed_at = now() - interval '2 hours' where firm_id = ?", site.FirmID())
	maria.Open("/office/billing/online/new?provider=stripe").Fill("Secret or restricted key", double.Key).Press("Connect Stripe")
	maria.Has(t, 422).Sees(t, "Confirm that it is you")
	if n := one[int](t, site, "select count(*) from billing.account where firm_id = ?", site.FirmID()); n != 0 {
		t.Error("it was connected all the same")
	}
}

func TestAFirmConnectsCheckbook(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.Header.Get("Authorization") != "public:secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(`{"invoices":[]}`))
	}))
	t.Cleanup(server.Close)
	t.Cleanup(billing.At("", server.URL))
	site := portaltest.Open(t, billing.Module)
	maria := site.As("maria")
	maria.Open("/office/billing/online").Follow("Checkbook.io").Fill("Secret key", "wrong").Fill("Publishable key", "public").Tick("Real money").Press("Connect Checkbook.io")
	maria.Has(t, 422).Sees(t, "Checkbook does not know these keys")
	maria.Fill("Secret key", "secret").Press("Connect Checkbook.io").Has(t, 200).Sees(t, "Checkbook.io", "Live").SeesNot(t, "Clients can pay by card")
}

func TestReportsAreKeptOnce(t *testing.T) {
	site, _ := practising(t)
	hook := one[string](t, site, "select hook_key from billing.account where firm_id = ?", site.FirmID())
	ask := func(path, body string, headers ...string) int {
		return site.Stranger().Ask(http.MethodPost, path, strings.NewReader(body), headers...).Status
	}
	if got := ask("/webhooks/billing/"+hook, "{}"); got != 400 {
		t.Errorf("unsigned: %d", got)
	}
	if got := ask("/webhooks/billing/nobody", "{}"); got != 404 {
		t.Errorf("no such account: %d", got)
	}
	if got := ask("/webhooks/billing/"+hook, strings.Repeat("x", 300<<10)); got != 413 {
		t.Errorf("too large: %d", got)
	}
	if n := one[int](t, site, "select count(*) from billing.event where firm_id = ?", site.FirmID()); n != 0 {
		t.Errorf("%d events", n)
	}
	// what the provider reports, twice each
	site, client := practising(t)
	if err := client.SetFaults(t.Context(), sandbox.Faults{Twice: 100}); err != nil {
		t.Fatal(err)
	}
	made := charged(t, site, client, gateway.Card)
	site.Stranger().Open(pathOf(t, made.URL)).Fill("Card number", "4242 4242 4242 4242").Press("Pay $4,250.00")
	for late := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		stand, err := client.Stand(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if stand.Reports.Sent == 2 {
			break
		}
		if time.Now().After(late) {
			t.Fatalf("%+v", stand.Reports)
		}
	}
	if n := one[int](t, site, "select count(*) from billing.event where firm_id = ? and object = 'charge' and ref = ?", site.FirmID(), made.ID); n != 1 {
		t.Errorf("%d events", n)
	}
	if n := one[int](t, site, "select count(*) from outbox where firm_id = ? and kind = 'billing:event'", site.FirmID()); n != 1 {
		t.Errorf("%d promises", n)
	}
}

func TestAPayerAtThePracticeProvider(t *testing.T) {
	site, client := practising(t)
	made := charged(t, site, client, gateway.Card)
	payer := site.Stranger()
	payer.Open(pathOf(t, made.URL)).Has(t, 200).Sees(t, "Pay $4,250.00", "Invoice INV-1025", "Test mode", "no real money moves", "4000 0000 0000 0002")
	payer.Fill("Card number", "4012 8888 8888 1881").Press("Pay $4,250.00").Has(t, 422).Sees(t, "This is no practice number")
	if strings.Contains(payer.Body(), "4012") {
		t.Error("a number that may be real is shown again")
	}
	payer.Fill("Card number", "4000 0000 0000 0002").Press("Pay $4,250.00").Has(t, 200).Sees(t, "The card was declined.")
	payer.Fill("Card number", "4000002760003184").Press("Pay $4,250.00").Has(t, 200).Sees(t, "Your bank asks: is it you?", "3184")
	payer.Press("No, refuse it").Has(t, 200).Sees(t, "Your bank could not confirm that it was you.")
	payer.Fill("Card number", "4000002760003184").Press("Pay $4,250.00").Press("Yes, it is me")
	if !strings.Contains(payer.Path(), "closed") {
		t.Errorf("the payer is at %s", payer.Path())
	}
	if is, err := client.Find(t.Context(), made.ID); err != nil || is.Status != gateway.Succeeded {
		t.Errorf("%+v, %v", is, err)
	}

	debit := charged(t, site, client, gateway.Bank)
	payer.Open(pathOf(t, debit.URL)).Fill("Routing number", "1").Fill("Account number", "000123456789").Press("Pay $4,250.00").Has(t, 422).Sees(t, "routing number is 110000000")
	left := charged(t, site, client, gateway.Card)
	payer.Open(pathOf(t, left.URL)).Press("Cancel and go back")
	if is, err := client.Find(t.Context(), left.ID); err != nil || is.Status != gateway.Canceled {
		t.Errorf("%+v, %v", is, err)
	}

	// another firm's door leads nowhere, and so does a made-up page
	site.Firm("harbor").Stranger().Open(pathOf(t, debit.URL)).Has(t, 404)
	payer.Open("/billing/practice/made-up").Has(t, 404)
}

func TestThePracticeDesk(t *testing.T) {
	site, client := practising(t)
	maria := site.As("maria")
	maria.Open("/office/billing/online").Has(t, 200).Sees(t, "Test mode: no real money moves.").Follow("Open the practice desk").Has(t, 200).Sees(t, "No payments yet")
	made := charged(t, site, client, gateway.Bank)
	site.Stranger().Open(pathOf(t, made.URL)).Fill("Routing number", "110000000").Fill("Account number", "000123456789").Press("Pay $4,250.00")
	maria.Open("/office/billing/practice").Sees(t, "$4,250.00", "Invoice INV-1025", "On its way").Press("Let it arrive").Has(t, 200).Sees(t, "Paid")
	maria.Press("Dispute it").Sees(t, "Disputed").Press("Decide for the firm").Sees(t, "Dispute won")
	maria.Press("5 days pass").Has(t, 200)
	maria.Fill("Reports lost", "120").Press("Save").Has(t, 422).Sees(t, "between 0 and 100")
	maria.Fill("Reports lost", "20").Fill("Requests done, never answered", "5").Press("Save").Has(t, 200)
	if stand, err := client.Stand(t.Context()); err != nil || stand.Faults.Dropped != 20 || stand.Faults.Hang != 5 {
		t.Errorf("%+v, %v", stand.Faults, err)
	}
	site.As("ben").Open("/office/billing/practice").Has(t, 404)
	// the other firm has no account there, and sees nothing of this one's
	site.Firm("harbor").As("felix").Open("/office/billing/practice").Has(t, 404)
}
