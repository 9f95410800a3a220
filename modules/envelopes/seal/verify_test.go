package seal_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/digitorus/timestamp"

	"portico/modules/envelopes/seal"
)

// authority is a timestamp authority of its own.
func authority(t testing.TB) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "Time"}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(5, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	own, _ := x509.ParseCertificate(der)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		query, err := timestamp.ParseRequest(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer := timestamp.Timestamp{
			HashAlgorithm: query.HashAlgorithm, HashedMessage: query.HashedMessage, Time: now, Nonce: query.Nonce, Policy: []int{2, 4, 5, 6},
			AddTSACertificate: query.Certificates,
		}
		out, err := answer.CreateResponseWithOpts(own, key, crypto.SHA256)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(out)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// undetected are the places of a file at which a change of one bit is not seen.
func undetected(s seal.Signer, pdf []byte, places []int, random *mathrand.Rand) (missed []int) {
	changed := bytes.Clone(pdf)
	for _, at := range places {
		bit := byte(1) << random.IntN(8)
		changed[at] ^= bit
		if s.Verify(changed).OK() {
			missed = append(missed, at)
		}
		changed[at] ^= bit
	}
	return missed
}

// TestEveryChangeOfABitIsSeen: anywhere in the file, and in the signature itself, of which only half the digits of a
// letter's size matter to readers.
func TestEveryChangeOfABitIsSeen(t *testing.T) {
	random := mathrand.New(mathrand.NewPCG(1, 2)) //nolint:gosec // the same every time
	for name, tsa := range map[string]string{"plain": "", "with a timestamp": authority(t)} {
		t.Run(name, func(t *testing.T) {
			s := signer(t)
			s.TSA = tsa
			pdf := sealed(t, s, contract(t, 1))
			if r := s.Verify(pdf); !r.OK() || r.Stamped.IsZero() != (tsa == "") {
				t.Fatalf("%+v", r)
			}
			if said := run(t, pdf, "pdfsig"); !strings.Contains(said, "Signature is Valid") || !strings.Contains(said, "Total document signed") {
				t.Error(said)
			}
			begin := bytes.Index(pdf, []byte("/Contents<")) + 9
			end := begin + bytes.IndexByte(pdf[begin:], '>') + 1
			var anywhere, within, around []int
			for range 1000 {
				anywhere = append(anywhere, random.IntN(len(pdf)))
				within = append(within, begin+random.IntN(end-begin))
			}
			for at := range 400 { // the header, and all of the signature's dictionary before and behind it
				around = append(around, min(at, begin), min(end+at, len(pdf)-1), len(pdf)-1-at)
			}
			for which, places := range map[string][]int{"anywhere": anywhere, "in the signature": within, "around it": around} {
				if missed := undetected(s, pdf, places, random); len(missed) > 0 {
					t.Errorf("%d of %d changes %s are not seen: at %v, the signature is at %d to %d", len(missed), len(places), which, missed, begin, end)
				}
			}
			for at := begin; at < begin+2*40; at++ { // letters of the other size mean the same to readers, not to us
				changed := bytes.Clone(pdf)
				changed[at] = bytes.ToUpper(changed[at : at+1])[0]
				if changed[at] != pdf[at] && s.Verify(changed).OK() {
					t.Errorf("a capital at %d is not seen", at)
				}
			}
		})
	}
}

// TestOtherReadersSeeChangesToo: what a reader of another maker says of a changed digit.
func TestOtherReadersSeeChangesToo(t *testing.T) {
	s := signer(t)
	pdf := sealed(t, s, contract(t, 1))
	changed := bytes.Clone(pdf)
	at := bytes.Index(changed, []byte("endstream")) - 20
	changed[at] ^= 1
	if said := run(t, changed, "pdfsig"); strings.Contains(said, "Signature is Valid") {
		t.Error(said)
	}
	if r := s.Verify(changed); r.OK() || !r.Ours || r.Intact {
		t.Errorf("%+v", r)
	}
}

// appended is a file with an update after its end, as editors write it: the visible total is another one.
func appended(pdf []byte) []byte {
	root := regexp.MustCompile(`/Root (\d+) 0 R`).FindSubmatch(pdf)
	last := regexp.MustCompile(`startxref\n(\d+)\n`).FindSubmatch(pdf)
	size := regexp.MustCompile(`/Size (\d+)`).FindSubmatch(pdf)
	var b bytes.Buffer
	b.Write(pdf)
	at := b.Len()
	fmt.Fprintf(&b, "%s 0 obj\n<</Length 40>>\nstream\nBT /F1 20 Tf (Total 99,000) Tj ET          \nendstream\nendobj\n", size[1])
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n%s 1\n%010d 00000 n \ntrailer\n<</Size 9999/Root %s 0 R/Prev %s>>\nstartxref\n%d\n%%%%EOF\n", size[1], at, root[1], last[1], xref)
	return b.Bytes()
}

func TestWhatReadersTolerateDoesNotPass(t *testing.T) {
	s, other := signer(t), signer(t)
	base := contract(t, 1)
	pdf := sealed(t, s, base)
	update := appended(pdf)
	if said := run(t, update, "pdfsig"); strings.Contains(said, "Total document signed") && !strings.Contains(said, "Not total") {
		t.Log("pdfsig says of an appended update: " + said)
	}
	foreign := sealed(t, other, base)
	swapped := bytes.ReplaceAll(pdf, []byte(hex.EncodeToString(s.Chain[0].Raw)), []byte(hex.EncodeToString(other.Chain[0].Raw)))
	again, err := other.Sign(context.Background(), pdf, "Somebody", "again", now)
	if err != nil {
		t.Fatal(err)
	}
	shifted := bytes.Replace(pdf, []byte("/ByteRange[0 0"), []byte("/ByteRange[1 0"), 1)
	for name, c := range map[string]struct {
		pdf  []byte
		ours bool
	}{
		"an update is appended":            {update, true},
		"a blank is appended":              {append(bytes.Clone(pdf), ' '), true},
		"something stands in front":        {append([]byte("\n"), pdf...), true},
		"the end is missing":               {pdf[:len(pdf)-7], true},
		"half is missing":                  {pdf[:len(pdf)/2], true},
		"the certificate is swapped":       {swapped, true},
		"another installation's":           {foreign, false},
		"a second signature over it":       {again, false},
		"two files in one":                 {append(bytes.Clone(pdf), pdf...), true},
		"the range begins later":           {shifted, true},
		"the contract before it is sealed": {base, false},
		"nothing":                          {nil, false},
		"only the beginning":               {pdf[:60], false},
	} {
		r := s.Verify(c.pdf)
		if r.OK() {
			t.Errorf("%s: passes: %+v", name, r)
		}
		if r.Ours != c.ours && name != "the certificate is swapped" {
			t.Errorf("%s: ours is %v (%s)", name, r.Ours, r.Problem)
		}
	}
	if r := other.Verify(foreign); !r.OK() {
		t.Errorf("%+v", r)
	}
	s.Earlier, s.Chain = append(s.Earlier, s.Chain), other.Chain // the operator has a new certificate
	if r := s.Verify(pdf); !r.OK() {
		t.Errorf("sealed before the certificate was changed: %+v", r)
	}
}

func TestWithoutTheAuthorityThereIsNoTimestamp(t *testing.T) {
	s := signer(t)
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	s.TSA = server.URL
	if _, err := s.Sign(context.Background(), contract(t, 1), "x", "y", now); err == nil || !strings.Contains(err.Error(), seal.ErrNoTime.Error()) {
		t.Error(err)
	}
}
