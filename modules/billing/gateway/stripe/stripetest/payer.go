package stripetest

import (
	"time"
)

// Method makes a saved method of a customer: refused is Stripe's word for why it is declined, asks whether its bank does.
func (d *Double) Method(means, refused string, asks bool) (token, customer string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.put("cus", Object{"object": "customer"})
	m := d.method(means, c["id"].(string))
	if refused != "" {
		m["refused"] = refused
	}
	if asks {
		m["asks"] = true
	}
	return m["id"].(string), c["id"].(string)
}

func (d *Double) method(means string, customer any) Object {
	m := Object{"object": "payment_method", "type": means, "customer": customer}
	if means == "card" {
		m["card"] = Object{"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2030}
	} else {
		m[means] = Object{"bank_name": "STRIPE TEST BANK", "last4": "6789"}
	}
	return d.put("pm", m)
}

// Pay has the payer pay on Stripe's page, or save a method there.
func (d *Double) Pay(session string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.objects[session]
	means := s["payment_method_types"].([]string)
	m := d.method(means[0], s["customer"])
	s["status"], s["url"] = "complete", nil
	if s["mode"] == "setup" {
		i := d.put("seti", Object{"object": "setup_intent", "status": "succeeded", "payment_method": m["id"]})
		s["setup_intent"] = i["id"]
	} else {
		i := d.put("pi", Object{
			"object": "payment_intent", "amount": s["amount_total"], "currency": s["currency"], "metadata": s["intent_metadata"],
			"payment_method": m["id"], "payment_method_types": means, "latest_charge": nil,
		})
		s["payment_intent"] = i["id"]
		d.arrive(i)
	}
	d.event("checkout.session.completed", s)
}

// Enter has the payer send a card from Stripe's fields; a refused one can be replaced there. It reports whether the payment
// still takes one.
func (d *Double) Enter(intent, refused string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := d.objects[intent]
	if i == nil || i["status"] != "requires_payment_method" {
		return false
	}
	if refused != "" {
		i["last_payment_error"] = Object{"type": "card_error", "code": "card_declined", "decline_code": refused}
		d.event("payment_intent.payment_failed", i)
		return true
	}
	i["payment_method"] = d.method(i["payment_method_types"].([]string)[0], nil)["id"]
	d.arrive(i)
	return true
}

// Settle ends a bank debit, well or not.
func (d *Double) Settle(session string, well bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := d.objects[d.objects[session]["payment_intent"].(string)]
	if well {
		d.succeed(i)
		return
	}
	i["status"], i["last_payment_error"] = "requires_payment_method", Object{"type": "card_error", "code": "insufficient_funds"}
	d.event("payment_intent.payment_failed", i)
}

// Dispute has a bank object, or take back.
func (d *Double) Dispute(session, reason, status string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := d.objects[d.objects[session]["payment_intent"].(string)]
	d.objects[i["latest_charge"].(string)]["disputed"] = true
	d.event("charge.dispute.created", d.put("dp", Object{
		"object": "dispute", "amount": i["amount"], "currency": i["currency"], "reason": reason, "status": status, "payment_intent": i["id"],
		"evidence_details": Object{"due_by": d.now().Add(240 * time.Hour).Unix()},
	}))
}
