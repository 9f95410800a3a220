package main

import (
	"context"
	"errors"

	"portico/modules/envelopes/seal"
	"portico/platform/host"
)

// checkSeal looks at the certificate that contracts are sealed with, and asks the timestamp authority for the time.
func checkSeal(ctx context.Context, h *host.Host, say func(string, error)) {
	var wrong error
	if problem := h.Signet.Problem(h.Now()); problem != "" {
		wrong = errors.New(problem + " (PORTICO_SEAL)")
	}
	what := "certificate that contracts are sealed with"
	if wrong == nil {
		what += ", SHA-256 " + h.Signet.Fingerprint() + ", until " + h.Signet.Chain[0].NotAfter.Format("2006-01-02")
	}
	say(what, wrong)
	if h.Signet.TSA != "" {
		say("timestamp authority (PORTICO_TSA)", seal.Signer{Signet: h.Signet}.AskTime(ctx))
	}
}
