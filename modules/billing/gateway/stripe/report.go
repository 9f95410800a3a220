package stripe

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v86/webhook"

	"portico/modules/billing/gateway"
)

const signedFor = 5 * time.Minute

// Verify reads what Stripe reports. The signature is looked at by Stripe's own library, the time by our clock.
func (g *Gateway) Verify(header http.Header, body []byte, now time.Time) (gateway.Event, error) {
	signature := header.Get("Stripe-Signature")
	if away := now.Sub(signedAt(signature)); away > signedFor || away < -signedFor {
		return gateway.Event{}, &gateway.Error{Code: "signature", Text: "The report is not signed, or too old."}
	}
	for _, secret := range g.secrets {
		if secret != "" && webhook.ValidatePayloadIgnoringTolerance(body, signature, secret) == nil {
			return readReport(body)
		}
	}
	return gateway.Event{}, &gateway.Error{Code: "signature", Text: "The report is signed by somebody else."}
}

func signedAt(signature string) time.Time {
	for part := range strings.SplitSeq(signature, ",") {
		if name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name == "t" {
			if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
				return time.Unix(seconds, 0)
			}
		}
	}
	return time.Time{}
}

func readReport(body []byte) (gateway.Event, error) {
	var e struct {
		ID, Type string
		Data     struct{ Object map[string]any }
	}
	if err := json.Unmarshal(body, &e); err != nil || e.ID == "" {
		return gateway.Event{}, &gateway.Error{Code: "request", Text: "The report cannot be read."}
	}
	about, ref := subject(e.Type, e.Data.Object)
	return gateway.Event{ID: e.ID, Type: e.Type, Object: about, Ref: ref}, nil
}

// subject is what a report is about. Reports that say nothing new are of no interest.
func subject(kind string, object map[string]any) (gateway.Object, string) {
	of := func(name string) string {
		id, _ := object[name].(string)
		return id
	}
	about, ref := gateway.AboutNothing, ""
	switch {
	case strings.HasPrefix(kind, "checkout.session.") && of("mode") == "setup":
		about, ref = gateway.AboutSetup, of("id")
	case strings.HasPrefix(kind, "checkout.session.") && of("mode") == "payment", strings.HasPrefix(kind, "payment_intent."):
		about, ref = gateway.AboutCharge, of("id")
	case strings.HasPrefix(kind, "refund."), strings.HasPrefix(kind, "charge.refund."):
		about, ref = gateway.AboutRefund, of("id")
	case strings.HasPrefix(kind, "charge.dispute."):
		about, ref = gateway.AboutDispute, of("payment_intent")
	case strings.HasPrefix(kind, "charge."):
		about, ref = gateway.AboutCharge, of("payment_intent")
	}
	if ref == "" {
		about = gateway.AboutNothing
	}
	return about, ref
}
