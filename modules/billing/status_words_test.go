package billing

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/modules/billing/gateway"
	"portico/platform/auth"
	"portico/platform/lang"
	"portico/platform/web"
)

// What became of a payment is said in the payer's language, however it went.
func TestTheOutcomeOfAPaymentIsSaidInThePayersLanguage(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"es-ES", "fr-FR", "de-DE"} {
		r := lang.Of(code)
		known := func(words string) {
			t.Helper()
			if _, ok := r.Look(words); !ok && words != "" {
				t.Errorf("%s: %q", code, words)
			}
		}
		for status := range statuses {
			m, text := seenAs(Attempt{Status: status})
			known(string(m.Text))
			known(string(text))
		}
		for _, failure := range []string{"declined", "insufficient_funds", "expired", "authentication", "canceled", "returned", "limit", ""} {
			known(string(whyDeclined(Attempt{FailureCode: failure})))
		}
	}
	english := map[string]bool{}
	said := func(here *web.Here, b Batch) []string {
		v := resultOf(here, b)
		return []string{v.Head, v.Text, v.NextTitle}
	}
	reader := func(locale string) *web.Here {
		return &web.Here{Viewer: auth.Viewer{Side: auth.Portal, Locale: locale}, Now: time.Date(2026, 12, 3, 9, 0, 0, 0, time.UTC)}
	}
	var batches []Batch
	for _, kind := range []gateway.Kind{gateway.Card, gateway.Bank} {
		for status := range statuses {
			batches = append(batches, Batch{Currency: "USD", Kind: kind, Attempts: []Attempt{{Status: status, Currency: "USD", Total: 100}}},
				Batch{Currency: "USD", Kind: kind, Attempts: []Attempt{{Status: status, Currency: "USD", Total: 100}, {Status: Failed, Currency: "USD"}}})
		}
		for _, setup := range []gateway.Status{gateway.NeedsAction, gateway.Succeeded, gateway.Failed, ""} {
			batches = append(batches, Batch{Currency: "USD", Kind: kind, SetupStatus: setup, MethodID: uuid.Nil})
		}
	}
	for _, b := range batches {
		for _, words := range said(reader("en-US"), b) {
			english[words] = words != ""
		}
	}
	for _, b := range batches {
		for _, words := range said(reader("de-DE"), b) {
			if english[words] {
				t.Errorf("in German: %q", words)
			}
		}
	}
}
