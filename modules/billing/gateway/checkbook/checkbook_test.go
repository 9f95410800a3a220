package checkbook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/modules/billing/gateway"
	"portico/modules/billing/gateway/checkbook"
	"portico/modules/billing/gateway/gatewaytest"
	"portico/platform/id"
)

// double is Checkbook as its public description has it: keys repeat an answer, and are passed over with other contents.
type double struct {
	mu       sync.Mutex
	invoices []map[string]any
	said     map[string]map[string]any
}

func (d *double) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	answer := func(status int, v any) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	if q.Header.Get("Authorization") != "public:secret" {
		answer(401, map[string]string{"error": "unauthorized"})
		return
	}
	of := strings.TrimPrefix(strings.TrimPrefix(q.URL.Path, "/invoice"), "/")
	switch {
	case q.Method == http.MethodPost:
		var v map[string]any
		decode := json.NewDecoder(q.Body)
		decode.UseNumber()
		if decode.Decode(&v) != nil || v["recipient"] == "" || v["name"] == "" {
			answer(400, map[string]string{"error": "bad request"})
			return
		}
		key := fmt.Sprint(q.Header.Get("Idempotency-Key"), v["amount"], v["description"])
		if before := d.said[key]; before != nil {
			answer(201, before)
			return
		}
		v["id"], v["status"], v["date"] = fmt.Sprintf("%032x", len(d.invoices)+1), "UNPAID", time.Now().UTC().Format("2006-01-02 15:04:05")
		d.invoices = append(d.invoices, v)
		first := map[string]any{}
		for name, value := range v {
			first[name] = value
		}
		d.said[key] = first
		answer(201, v)
	case of == "":
		list := []any{}
		for _, v := range d.invoices {
			day := v["date"].(string)[:10]
			if strings.Contains(v["description"].(string), q.FormValue("q")) && day >= q.FormValue("start_date") && (q.FormValue("end_date") == "" || day <= q.FormValue("end_date")) {
				list = append(list, v)
			}
		}
		answer(200, map[string]any{"invoices": list, "page": 1, "pages": 1, "total": len(list)})
	default:
		for _, v := range d.invoices {
			if v["id"] != of {
				continue
			}
			if q.Method == http.MethodDelete {
				if v["status"] != "UNPAID" {
					answer(400, map[string]string{"error": "cannot be voided"})
					return
				}
				v["status"] = "VOID"
				w.WriteHeader(204)
				return
			}
			answer(200, v)
			return
		}
		answer(404, map[string]string{"error": "not found"})
	}
}

func (d *double) becomes(id, status string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, v := range d.invoices {
		if v["id"] == id {
			v["status"] = status
		}
	}
}

func open(t *testing.T) (*double, gatewaytest.Subject) {
	d := &double{said: map[string]map[string]any{}}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	firm := id.New()
	return d, gatewaytest.Subject{
		Gateway: checkbook.New(checkbook.Options{Publisher: "public", Key: "secret", Secrets: []string{"new", "old"}, Firm: firm, URL: server.URL}),
		Firm:    firm, Kind: gateway.Bank, Secrets: [2]string{"new", "old"}, NoKeys: true, NoRefunds: true, NoSaving: true, NoTimes: true,
		Pay: func(_ *testing.T, c gateway.Charge) { d.becomes(c.ID, "PAID") },
		Report: func(_ *testing.T, secret, ref string, _ time.Time) (gateway.Header, []byte) {
			body := []byte(`{"status": "PAID", "id": "` + ref + `", "type": "INVOICE"}`)
			h := hmac.New(sha256.New, []byte(secret))
			h.Write(body)
			h.Write([]byte("1243549809"))
			return gateway.Header{"Signature": {"nonce=1243549809,signature=" + hex.EncodeToString(h.Sum(nil))}}, body
		},
	}
}

func TestItIsAGateway(t *testing.T) {
	gatewaytest.Run(t, func(t *testing.T) gatewaytest.Subject {
		_, s := open(t)
		return s
	})
}

// The example of Checkbook's own documentation: body, number and key give this signature.
func TestTheSignatureOfTheDocumentation(t *testing.T) {
	g := checkbook.New(checkbook.Options{Secrets: []string{"335b5728e25b47e88995fce207bff380"}})
	header := gateway.Header{"Signature": {"nonce=1243549809,signature=4ee9758fc0bceb3ca1a2fe397fbd125364cfffdb04296fa118dab9778a4b3ce3"}}
	_, err := g.Verify(header, []byte(`{"status": "PAID", "id": "ed0af5fb335c47dd8eb53199ba50f5c4", "type": "CHECK"}`), time.Now())
	if err != nil {
		t.Error(err)
	}
}

func TestStatuses(t *testing.T) {
	d, s := open(t)
	c, err := s.Create(t.Context(), s.Order())
	if err != nil {
		t.Fatal(err)
	}
	for said, want := range map[string]gateway.Status{
		"IN_PROCESS": gateway.Pending, "MAILED": gateway.Pending, "PAID": gateway.Succeeded, "FAILED": gateway.Failed, "VOID": gateway.Canceled,
		"EXPIRED": gateway.Canceled, "UNPAID": gateway.NeedsAction, "REFUNDED": gateway.Succeeded,
	} {
		d.becomes(c.ID, said)
		is, err := s.Find(t.Context(), c.ID)
		if err != nil || is.Status != want || (is.Refunded > 0) != (said == "REFUNDED") {
			t.Errorf("%s: %+v, %v", said, is, err)
		}
	}
	d.becomes(c.ID, "LOST_IN_SPACE")
	if _, err := s.Find(t.Context(), c.ID); err == nil {
		t.Error("a status that nobody knows is taken for one")
	}
}

func TestWhatCheckbookDoesNotTakeIsRefused(t *testing.T) {
	_, s := open(t)
	for name, change := range map[string]func(*gateway.Order){
		"a card":   func(o *gateway.Order) { o.Kind = gateway.Card },
		"euros":    func(o *gateway.Order) { o.Currency = "EUR" },
		"a method": func(o *gateway.Order) { o.Method = "pm_1" },
		"nobody":   func(o *gateway.Order) { o.Email = "" },
	} {
		_, err := s.Create(t.Context(), s.Order(change))
		if _, ok := gateway.Definite(err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	wrong := checkbook.New(checkbook.Options{Publisher: "public", Key: "other", URL: s.Gateway.(*checkbook.Gateway).URL})
	if said, ok := gateway.Definite(wrong.Check(t.Context())); !ok || said.Code != "credentials" {
		t.Errorf("wrong keys: %v", said)
	}
	if err := s.Gateway.(*checkbook.Gateway).Check(t.Context()); err != nil {
		t.Errorf("right keys: %v", err)
	}
}
