package envelopes_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"portico/modules/envelopes"
	"portico/modules/envelopes/seal"
	"portico/platform/portaltest"
	"portico/platform/signet"
)

func TestAStrangerLetsAFileBeChecked(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	envelope := signedByAll(t, site, envelopes.Other, "House rules", 2)
	closed(t, site, envelope)
	site.Settle(t)
	pdf := final(t, site, envelope)
	flipped := bytes.Clone(pdf)
	flipped[len(flipped)/2] ^= 4
	draft, err := seal.Render(seal.Draft{Title: "House rules", Markdown: "Ana Rivera signs.", Page: "Page", Made: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	ours, err := seal.Signer{Signet: site.Signet}.Sign(context.Background(), draft, "x", "y", site.Now())
	if err != nil {
		t.Fatal(err)
	}
	text, err := signet.New("other.example", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	other, err := signet.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := seal.Signer{Signet: other}.Sign(context.Background(), draft, "x", "y", site.Now())
	if err != nil {
		t.Fatal(err)
	}
	ana, title := site.Person("ana").Name, "House rules"
	for name, c := range map[string]struct {
		pdf  []byte
		says string
		hush bool
	}{
		"as it was sealed":     {pdf, "Unchanged since it was sealed", false},
		"one bit is changed":   {flipped, "Changed after it was sealed", true},
		"a byte is appended":   {append(bytes.Clone(pdf), '\n'), "Changed after it was sealed", true},
		"cut off":              {pdf[:len(pdf)-100], "Changed after it was sealed", true},
		"sealed for others":    {ours, "Unchanged, but not from", true},
		"another installation": {theirs, "made by another program or another installation", true},
		"a draft":              {draft, "There is no seal in this file", true},
		"no PDF at all":        {[]byte("hello"), "There is no seal in this file", true},
	} {
		b := site.Stranger().Open("/verify").Has(t, 200).Sees(t, "Check a signed document")
		b.Attach("PDF", "file.pdf", c.pdf).Press("Check").Has(t, 200).Sees(t, c.says)
		if c.hush {
			b.SeesNot(t, ana, title)
		} else {
			b.Sees(t, ana, title)
		}
		if t.Failed() {
			t.Fatal(name)
		}
	}
	b := site.Browser().Open("/verify")
	b.Press("Check").Has(t, 422).Sees(t, "Choose a PDF first")
}

// TestAFileIsKnownAfterTheCertificateWasChanged by the operator.
func TestAFileIsKnownAfterTheCertificateWasChanged(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	envelope := signedByAll(t, site, envelopes.Other, "House rules", 1)
	closed(t, site, envelope)
	site.Settle(t)
	pdf := final(t, site, envelope)
	text, err := signet.New("portico.test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := signet.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if r := (seal.Signer{Signet: fresh}).Verify(pdf); r.OK() || r.Ours {
		t.Errorf("%+v", r)
	}
	site.Browser().Open("/verify").Attach("PDF", "file.pdf", pdf).Press("Check").Sees(t, "Unchanged since it was sealed")
	chains := one[[]byte](t, site, "select certs from envelopes.chain")
	kept, err := signet.Decode(chains)
	if err != nil || signet.Fingerprint(kept[0]) != site.Signet.Fingerprint() {
		t.Error("another chain is kept", err)
	}
	fresh.Earlier = append(fresh.Earlier, kept)
	if r := (seal.Signer{Signet: fresh}).Verify(pdf); !r.OK() {
		t.Errorf("%+v", r)
	}
}
