// Package stripetest is a double of Stripe for tests: it speaks as Stripe does and remembers what it was told, which Stripe's
// own stripe-mock does not. What our requests must look like is stripe-mock's affair; what becomes of them is this one's.
package stripetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Object is a thing at Stripe, in its own words.
type Object map[string]any

// Double is the provider.
type Double struct {
	URL string
	Key string // the only key that it takes

	now     func() time.Time
	mu      sync.Mutex
	objects map[string]Object
	order   []string
	said    map[string]answer // by idempotency key
	number  int
	next    []string // "after": done and answered with a 500, which is repeated to the same key
	denied  []string // beginnings of paths that the key may not use
}

type answer struct {
	form   string
	status int
	body   []byte
}

// Start runs one until the test ends.
func Start(t testing.TB, now func() time.Time) *Double {
	d := &Double{now: now, Key: "sk_test_double", objects: map[string]Object{}, said: map[string]answer{}}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	d.URL = server.URL
	return d
}

// Fail has the next request that changes something done, and answered with a 500.
func (d *Double) Fail() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.next = append(d.next, "after")
}

// Deny takes permissions from the key.
func (d *Double) Deny(paths ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.denied = paths
}

// ServeHTTP answers as Stripe does.
func (d *Double) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_ = q.ParseForm()
	status, v := d.answer(q)
	body, _ := json.Marshal(v)
	key := q.Header.Get("Idempotency-Key")
	if before, known := d.said[key]; known && key != "" {
		status, body = before.status, before.body
		if before.form != q.URL.Path+q.PostForm.Encode() {
			status = http.StatusBadRequest
			body, _ = json.Marshal(failure("idempotency_error", "", ""))
		}
	} else if key != "" {
		if len(d.next) > 0 {
			d.next, status = d.next[1:], http.StatusInternalServerError
			body, _ = json.Marshal(failure("api_error", "", ""))
		}
		d.said[key] = answer{q.URL.Path + q.PostForm.Encode(), status, body}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func failure(kind, code, param string) Object {
	return Object{"error": Object{"type": kind, "code": code, "param": param, "message": "the double says " + code}}
}

func (d *Double) answer(q *http.Request) (int, any) {
	if q.Header.Get("Authorization") != "Bearer "+d.Key {
		return 401, failure("invalid_request_error", "", "")
	}
	for _, path := range d.denied {
		if strings.HasPrefix(q.URL.Path, path) {
			return 403, failure("invalid_request_error", "", "")
		}
	}
	if key := q.Header.Get("Idempotency-Key"); key != "" {
		if _, known := d.said[key]; known {
			return 200, nil
		}
	}
	parts := strings.Split(strings.TrimPrefix(strings.Replace(q.URL.Path, "checkout/sessions", "sessions", 1), "/v1/"), "/")
	kind, rest := parts[0], parts[1:]
	switch {
	case q.Method == http.MethodPost && len(rest) == 0:
		return d.make(kind, q.PostForm)
	case q.Method == http.MethodPost && len(rest) == 2:
		return d.change(kind, rest[0], rest[1])
	case len(rest) == 1 && rest[0] != "search":
		o, known := d.objects[rest[0]]
		if !known {
			return 404, failure("invalid_request_error", "resource_missing", "id")
		}
		return 200, d.expanded(o, q.Form["expand[]"], q.Form)
	case len(rest) == 1: // searching is minutes behind: it finds nothing yet
		return 200, Object{"object": "search_result", "data": []any{}, "has_more": false}
	}
	return 200, d.list(kind, q.Form)
}

func (d *Double) put(prefix string, o Object) Object {
	d.number++
	id := fmt.Sprintf("%s_%05d", prefix, d.number)
	o["id"], o["created"], o["livemode"] = id, d.now().Unix(), false
	d.objects[id] = o
	d.order = append(d.order, id)
	return o
}

func (d *Double) make(kind string, f url.Values) (int, any) {
	switch kind {
	case "customers":
		return 200, d.put("cus", Object{"object": "customer", "name": f.Get("name"), "email": f.Get("email")})
	case "sessions":
		return d.makeSession(f)
	case "payment_intents":
		return d.makeIntent(f)
	case "refunds":
		return d.makeRefund(f)
	}
	return 404, failure("invalid_request_error", "", "")
}

func (d *Double) makeSession(f url.Values) (int, any) {
	if f.Get("mode") == "" || f.Get("success_url") == "" {
		return 400, failure("invalid_request_error", "parameter_missing", "mode")
	}
	amount, _ := strconv.ParseInt(f.Get("line_items[0][price_data][unit_amount]"), 10, 64)
	s := d.put("cs_test", Object{
		"object": "checkout.session", "mode": f.Get("mode"), "status": "open", "payment_status": "unpaid", "amount_total": amount,
		"currency": f.Get("line_items[0][price_data][currency]"), "metadata": metadata(f, "metadata"), "customer": orNil(f.Get("customer")),
		"payment_method_types": []string{f.Get("payment_method_types[0]")}, "success_url": f.Get("success_url"),
		"payment_intent": nil, "setup_intent": nil, "intent_metadata": metadata(f, "payment_intent_data[metadata]"),
	})
	s["url"] = d.URL + "/pay/" + s["id"].(string)
	return 200, s
}

func (d *Double) makeIntent(f url.Values) (int, any) {
	if f.Get("payment_method") == "" && f.Get("confirm") == "" { // its method comes from Stripe's fields
		amount, _ := strconv.ParseInt(f.Get("amount"), 10, 64)
		i := d.put("pi", Object{
			"object": "payment_intent", "amount": amount, "currency": f.Get("currency"), "metadata": metadata(f, "metadata"), "status": "requires_payment_method",
			"payment_method": nil, "payment_method_types": []string{f.Get("payment_method_types[0]")}, "customer": orNil(f.Get("customer")), "latest_charge": nil,
		})
		i["client_secret"] = i["id"].(string) + "_secret_double"
		return 200, i
	}
	m, known := d.objects[f.Get("payment_method")]
	if !known || m["customer"] == nil {
		return 400, failure("invalid_request_error", "resource_missing", "payment_method")
	}
	amount, _ := strconv.ParseInt(f.Get("amount"), 10, 64)
	i := d.put("pi", Object{
		"object": "payment_intent", "amount": amount, "currency": f.Get("currency"), "metadata": metadata(f, "metadata"), "status": "requires_confirmation",
		"payment_method": m["id"], "payment_method_types": []string{f.Get("payment_method_types[0]")}, "customer": m["customer"], "latest_charge": nil,
	})
	if why := m["refused"]; why != nil {
		i["status"] = "requires_payment_method"
		said := failure("card_error", "card_declined", "")
		said["error"].(Object)["decline_code"] = why
		i["last_payment_error"] = said["error"]
		said = Object{"error": Object{"type": "card_error", "code": "card_declined", "decline_code": why, "message": "declined", "payment_intent": clone(i)}}
		d.event("payment_intent.payment_failed", i)
		return 402, said
	}
	if m["asks"] != nil && f.Get("off_session") != "true" {
		i["status"] = "requires_action"
		i["next_action"] = Object{"type": "redirect_to_url", "redirect_to_url": Object{"url": d.URL + "/3ds/" + i["id"].(string), "return_url": f.Get("return_url")}}
		return 200, i
	}
	d.arrive(i)
	return 200, i
}

// arrive has an intent paid: at once by card, later by bank.
func (d *Double) arrive(i Object) {
	if strings.HasPrefix(i["payment_method_types"].([]string)[0], "us_bank") {
		i["status"] = "processing"
		d.event("payment_intent.processing", i)
		return
	}
	d.succeed(i)
}

func (d *Double) succeed(i Object) {
	amount := i["amount"].(int64)
	bt := d.put("txn", Object{"object": "balance_transaction", "fee": amount*29/1000 + 30, "currency": i["currency"]})
	ch := d.put("ch", Object{
		"object": "charge", "amount": amount, "amount_refunded": int64(0), "currency": i["currency"], "balance_transaction": bt["id"],
		"payment_intent": i["id"], "disputed": false,
	})
	i["status"], i["latest_charge"] = "succeeded", ch["id"]
	d.event("payment_intent.succeeded", i)
}

func (d *Double) makeRefund(f url.Values) (int, any) {
	i, known := d.objects[f.Get("payment_intent")]
	if !known || i["latest_charge"] == nil {
		return 400, failure("invalid_request_error", "resource_missing", "payment_intent")
	}
	ch := d.objects[i["latest_charge"].(string)]
	amount, _ := strconv.ParseInt(f.Get("amount"), 10, 64)
	if ch["amount_refunded"].(int64)+amount > ch["amount"].(int64) {
		return 400, failure("invalid_request_error", "", "amount")
	}
	ch["amount_refunded"] = ch["amount_refunded"].(int64) + amount
	r := d.put("re", Object{
		"object": "refund", "amount": amount, "currency": i["currency"], "status": "succeeded", "metadata": metadata(f, "metadata"), "payment_intent": i["id"],
	})
	d.event("charge.refunded", ch)
	return 200, r
}

func (d *Double) change(kind, id, deed string) (int, any) {
	o, known := d.objects[id]
	if !known {
		return 404, failure("invalid_request_error", "resource_missing", "id")
	}
	switch {
	case kind == "sessions" && deed == "expire" && o["status"] == "open":
		o["status"], o["url"] = "expired", nil
		d.event("checkout.session.expired", o)
	case kind == "payment_intents" && deed == "cancel" && o["status"] != "succeeded" && o["status"] != "canceled" && o["status"] != "processing":
		o["status"] = "canceled"
		d.event("payment_intent.canceled", o)
	case kind == "payment_methods" && deed == "detach" && o["customer"] != nil:
		o["customer"] = nil
	default:
		return 400, failure("invalid_request_error", "", "")
	}
	return 200, o
}

func (d *Double) list(kind string, f url.Values) any {
	prefix := map[string]string{"sessions": "cs_", "payment_intents": "pi_", "refunds": "re_", "disputes": "dp_", "events": "evt_"}[kind]
	from, _ := strconv.ParseInt(f.Get("created[gte]"), 10, 64)
	data := []any{}
	for _, id := range slices.Backward(d.order) {
		o := d.objects[id]
		if !strings.HasPrefix(id, prefix) || o["created"].(int64) < from || f.Get("payment_intent") != "" && o["payment_intent"] != f.Get("payment_intent") {
			continue
		}
		data = append(data, d.expanded(o, below(f), f))
	}
	return Object{"object": "list", "data": data, "has_more": false}
}

func below(f url.Values) (paths []string) {
	for name, values := range f {
		if strings.HasPrefix(name, "expand") {
			for _, v := range values {
				paths = append(paths, strings.TrimPrefix(v, "data."))
			}
		}
	}
	return paths
}

// expanded puts objects in the place of ids, where that was asked for.
func (d *Double) expanded(o Object, _ []string, f url.Values) Object {
	o = clone(o)
	for _, path := range below(f) {
		at := o
		for _, name := range strings.Split(path, ".") {
			switch v := at[name].(type) {
			case string:
				if inner, known := d.objects[v]; known {
					inner = clone(inner)
					at[name], at = inner, inner
				}
			case Object:
				at = v
			}
		}
	}
	return o
}

func clone(o Object) Object {
	c := Object{}
	for k, v := range o {
		c[k] = v
	}
	return c
}

func (d *Double) event(kind string, about Object) {
	d.put("evt", Object{"object": "event", "type": kind, "data": Object{"object": clone(about)}})
}

func metadata(f url.Values, of string) map[string]string {
	m := map[string]string{}
	for name, values := range f {
		if key, found := strings.CutPrefix(name, of+"["); found {
			m[strings.TrimSuffix(key, "]")] = values[0]
		}
	}
	return m
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}
