package stripe_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v86/webhook"

	"portico/modules/billing/gateway"
	"portico/modules/billing/gateway/gatewaytest"
	"portico/modules/billing/gateway/stripe"
	"portico/modules/billing/gateway/stripe/stripetest"
	"portico/platform/id"
)

func open(t *testing.T, d *stripetest.Double) gatewaytest.Subject {
	return gatewaytest.Subject{
		Gateway: stripe.New(stripe.Options{Key: d.Key, Secrets: []string{"whsec_new", "whsec_old"}, URL: d.URL}), Firm: id.New(),
		Secrets: [2]string{"whsec_new", "whsec_old"},
		Pay:     func(_ *testing.T, c gateway.Charge) { d.Pay(c.ID) },
		Save:    func(_ *testing.T, s gateway.Setup) { d.Pay(s.ID) },
		Report: func(t *testing.T, secret, ref string, at time.Time) (gateway.Header, []byte) {
			return signed(t, secret, "checkout.session.completed", stripetest.Object{"id": ref, "object": "checkout.session", "mode": "payment"}, at)
		},
	}
}

// signed is a report as Stripe's own library signs it for tests.
func signed(t *testing.T, secret, kind string, object stripetest.Object, at time.Time) (gateway.Header, []byte) {
	t.Helper()
	body, err := json.Marshal(stripetest.Object{"id": "evt_1", "object": "event", "type": kind, "data": stripetest.Object{"object": object}})
	if err != nil {
		t.Fatal(err)
	}
	s := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: body, Secret: secret, Timestamp: at})
	return gateway.Header{"Stripe-Signature": {s.Header}}, body
}

func TestItIsAGateway(t *testing.T) {
	gatewaytest.Run(t, func(t *testing.T) gatewaytest.Subject { return open(t, stripetest.Start(t, time.Now)) })
}

func TestABankDebitIsPendingUntilItArrivesOrFails(t *testing.T) {
	d := stripetest.Start(t, time.Now)
	s := open(t, d)
	s.Kind = gateway.Bank
	for want, well := range map[gateway.Status]bool{gateway.Succeeded: true, gateway.Failed: false} {
		c, err := s.Create(t.Context(), s.Order())
		if err != nil {
			t.Fatal(err)
		}
		d.Pay(c.ID)
		if is, err := s.Find(t.Context(), c.ID); err != nil || is.Status != gateway.Pending || is.Kind != gateway.Bank || is.URL != "" {
			t.Errorf("%+v, %v", is, err)
		}
		if is, err := s.Cancel(t.Context(), c.ID); err != nil || is.Status != gateway.Pending {
			t.Errorf("canceled on its way: %+v, %v", is, err)
		}
		d.Settle(c.ID, well)
		is, err := s.Find(t.Context(), c.ID)
		if err != nil || is.Status != want || !well && is.Failure.Code != "insufficient_funds" {
			t.Errorf("%+v, %v", is, err)
		}
		if !well {
			continue
		}
		d.Dispute(c.ID, "insufficient_funds", "lost")
		if is, err = s.Find(t.Context(), c.ID); err != nil || !is.Returned || is.Dispute != nil {
			t.Errorf("taken back: %+v, %v", is, err)
		}
	}
	if _, err := s.Create(t.Context(), s.Order(func(o *gateway.Order) { o.Currency = "CHF" })); err == nil {
		t.Error("a debit in francs")
	}
}

func TestDisputes(t *testing.T) {
	d := stripetest.Start(t, time.Now)
	s := open(t, d)
	for said, want := range map[string]string{"needs_response": "open", "under_review": "open", "won": "won", "lost": "lost", "warning_needs_response": ""} {
		c, err := s.Create(t.Context(), s.Order())
		if err != nil {
			t.Fatal(err)
		}
		d.Pay(c.ID)
		d.Dispute(c.ID, "fraudulent", said)
		is, err := s.Find(t.Context(), c.ID)
		if err != nil || (is.Dispute == nil) != (want == "") || is.Dispute != nil && (is.Dispute.Status != want || is.Dispute.Amount != c.Amount || is.Dispute.AnswerBy.IsZero()) {
			t.Errorf("%s: %+v, %v", said, is.Dispute, err)
		}
	}
}

func TestACardInFieldsOfOurPage(t *testing.T) {
	d := stripetest.Start(t, time.Now)
	s := open(t, d)
	fields := func(o *gateway.Order) { o.Fields = true }
	o := s.Order(fields)
	c, err := s.Create(t.Context(), o)
	if err != nil || c.Status != gateway.NeedsAction || c.Secret == "" || c.URL != "" || c.Kind != gateway.Card {
		t.Fatalf("%+v, %v", c, err)
	}
	if again, err := s.Create(t.Context(), o); err != nil || again.ID != c.ID || again.Secret != c.Secret {
		t.Errorf("asked again: %+v, %v", again, err)
	}
	d.Enter(c.ID, "insufficient_funds")
	if is, err := s.Find(t.Context(), c.ID); err != nil || is.Status != gateway.NeedsAction || is.Secret != c.Secret {
		t.Errorf("a refused card ended it: %+v, %v", is, err)
	}
	d.Enter(c.ID, "")
	is, err := s.Find(t.Context(), c.ID)
	if err != nil || is.Status != gateway.Succeeded || is.Failure.Code != "" || is.Secret != "" || is.Method.Last4 != "4242" {
		t.Errorf("%+v, %v", is, err)
	}
	left, err := s.Create(t.Context(), s.Order(fields))
	if err != nil {
		t.Fatal(err)
	}
	if is, err := s.Cancel(t.Context(), left.ID); err != nil || is.Status != gateway.Canceled || is.Secret != "" {
		t.Errorf("given up: %+v, %v", is, err)
	}
	if d.Enter(left.ID, "") {
		t.Error("it was paid after it had been given up")
	}
	lost := s.Order(fields)
	d.Fail()
	if c, err := s.Create(t.Context(), lost); err != nil || c.Key != lost.Key || c.Secret == "" {
		t.Errorf("done and answered with a 500: %+v, %v", c, err)
	}
}

func TestASavedMethodIsDeclinedOrAsks(t *testing.T) {
	d := stripetest.Start(t, time.Now)
	s := open(t, d)
	charge := func(refused string, asks bool) gateway.Charge {
		token, customer := d.Method("card", refused, asks)
		o := s.Order(func(o *gateway.Order) { o.Method, o.Customer = token, customer })
		c, err := s.Create(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := s.Create(t.Context(), o); err != nil || again.ID != c.ID || again.Status != c.Status {
			t.Errorf("asked again: %+v, %v", again, err)
		}
		return c
	}
	if c := charge("insufficient_funds", false); c.Status != gateway.Failed || c.Failure.Code != "insufficient_funds" || c.URL != "" {
		t.Errorf("%+v", c)
	}
	if c := charge("generic_decline", false); c.Status != gateway.Failed || c.Failure.Code != "declined" {
		t.Errorf("%+v", c)
	}
	c := charge("", true)
	if c.Status != gateway.NeedsAction || c.URL == "" {
		t.Errorf("%+v", c)
	}
	if c, err := s.Cancel(t.Context(), c.ID); err != nil || c.Status != gateway.Canceled {
		t.Errorf("%+v, %v", c, err)
	}
	if c := charge("", false); c.Status != gateway.Succeeded || c.Fee == 0 || c.Method.Brand != "Visa" || c.Method.Last4 != "4242" {
		t.Errorf("%+v", c)
	}
}

// A 500 is repeated to the same key for a day, though the session may have been made: then it is looked for.
func TestAFiveHundredIsLookedInto(t *testing.T) {
	d := stripetest.Start(t, time.Now)
	s := open(t, d)
	d.Fail()
	o := s.Order()
	c, err := s.Create(t.Context(), o)
	if err != nil || c.Key != o.Key || c.Status != gateway.NeedsAction {
		t.Fatalf("%+v, %v", c, err)
	}
	if again, err := s.Create(t.Context(), o); err != nil || again.ID != c.ID {
		t.Errorf("%+v, %v", again, err)
	}
	o.Email = "ana.new@example.com" // the same payment of the same person, at a new address
	if again, err := s.Create(t.Context(), o); err != nil || again.ID != c.ID {
		t.Errorf("%+v, %v", again, err)
	}
	d.Pay(c.ID)
	d.Fail()
	r := gateway.RefundOrder{Key: id.New(), Charge: c.ID, Amount: 100}
	if is, err := s.Refund(t.Context(), r); err != nil || is.Key != r.Key {
		t.Errorf("%+v, %v", is, err)
	}
}

func TestReportsNameTheirObjects(t *testing.T) {
	s := open(t, stripetest.Start(t, time.Now))
	now := time.Now()
	for _, c := range []struct {
		kind   string
		object stripetest.Object
		about  gateway.Object
		ref    string
	}{
		{"payment_intent.succeeded", stripetest.Object{"id": "pi_1"}, gateway.AboutCharge, "pi_1"},
		{"checkout.session.completed", stripetest.Object{"id": "cs_1", "mode": "setup"}, gateway.AboutSetup, "cs_1"},
		{"charge.refunded", stripetest.Object{"id": "ch_1", "payment_intent": "pi_1"}, gateway.AboutCharge, "pi_1"},
		{"refund.updated", stripetest.Object{"id": "re_1", "payment_intent": "pi_1"}, gateway.AboutRefund, "re_1"},
		{"charge.dispute.created", stripetest.Object{"id": "dp_1", "payment_intent": "pi_1"}, gateway.AboutDispute, "pi_1"},
		{"charge.succeeded", stripetest.Object{"id": "ch_1"}, gateway.AboutNothing, ""},
		{"customer.created", stripetest.Object{"id": "cus_1"}, gateway.AboutNothing, ""},
	} {
		header, body := signed(t, "whsec_new", c.kind, c.object, now)
		if e, err := s.Verify(header, body, now); err != nil || e.Object != c.about || e.Ref != c.ref || e.Type != c.kind {
			t.Errorf("%s: %+v, %v", c.kind, e, err)
		}
	}
}

func TestCheckSaysWhatIsWrong(t *testing.T) {
	d := stripetest.Start(t, time.Now)
	check := func(key string) (stripe.Found, error) {
		return stripe.Check(t.Context(), stripe.Options{Key: key, URL: d.URL})
	}
	if f, err := check(d.Key); err != nil || f.Live {
		t.Errorf("%+v, %v", f, err)
	}
	for key, code := range map[string]string{"sk_test_other": "credentials", "pk_test_x": "publishable", "hello": "shape"} {
		_, err := check(key)
		var said *gateway.Error
		if !errors.As(err, &said) || said.Code != code {
			t.Errorf("%s: %v", key, err)
		}
	}
	d.Deny("/v1/refunds", "/v1/disputes")
	_, err := check(d.Key)
	if said, ok := gateway.Definite(err); !ok || said.Code != "permission" || said.Text != "This key lacks permissions. Give it: Refunds (write), Disputes (read)." {
		t.Errorf("%v", err)
	}
}
