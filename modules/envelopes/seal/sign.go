package seal

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"portico/platform/signet"
)

// Why this is written here: of the libraries that sign PDFs, digitorus/pdfsign writes adbe.pkcs7.detached and no other kind,
// and folio has its timestamps over the document instead of over the signature (RFC 3161 in CAdES wants the latter), puts
// the forbidden signing-time attribute into PAdES, and has no DocMDP. Neither can write a whole file of one revision.

// Signer seals files in the name of the installation.
type Signer struct{ signet.Signet }

// ErrNoTime says that the timestamp authority did not answer as it should.
var ErrNoTime = errors.New("no timestamp")

// hole is the signature of a file before it is signed: the object that everything else is signed around.
type hole struct {
	Size         int // bytes that the signature may have
	Name, Reason string
	At           time.Time
}

const (
	before = "1 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange"
	ranges = "[0 %010d %010d %010d]"
	middle = "/Contents"
)

var rangesLength = len(fmt.Sprintf(ranges, 0, 0, 0))

// object is how the hole is written. Name and reason come last: nothing in them can be taken for what comes before.
func (h hole) object() verbatim {
	return verbatim{strings.TrimPrefix(before, "1 0 obj\n") + fmt.Sprintf(ranges, 0, 0, 0) + middle + "<" + strings.Repeat("0", 2*h.Size) + ">" +
		"/M(D:" + h.At.UTC().Format("20060102150405") + "Z)" +
		"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P 1/V/1.2>>>>]" +
		"/Name " + text(h.Name).PDFString() + "/Reason " + text(h.Reason).PDFString() + ">>"}
}

// Sign seals a whole file: PAdES, as ETSI EN 319 142-1 wants it, certifying that nothing may be changed. With a timestamp
// authority it is asked for the time; when it does not answer the error is ErrNoTime.
func (s Signer) Sign(ctx context.Context, pdf []byte, name, reason string, at time.Time) ([]byte, error) {
	if len(s.Chain) == 0 || s.Key == nil {
		return nil, errors.New("seal: no certificate")
	}
	room := 2048
	for _, c := range s.Chain {
		room += len(c.Raw)
	}
	if s.TSA != "" {
		room += 12 << 10
	}
	a, err := ask(order{What: composing, PDF: pdf, Hole: &hole{room, name, reason, at}})
	if err != nil {
		return nil, err
	}
	out := a.PDF
	if !bytes.HasPrefix(out, []byte(header+before)) {
		return nil, errors.New("seal: the hole is not where it should be")
	}
	begin := len(header) + len(before) + rangesLength + len(middle)
	end := begin + 2 + 2*room
	copy(out[len(header)+len(before):], fmt.Sprintf(ranges, begin, end, len(out)-end))
	cms, err := s.cms(ctx, digest(out, begin, end))
	if err != nil {
		return nil, err
	}
	if len(cms) > room {
		return nil, fmt.Errorf("seal: the signature has %d bytes, and there is room for %d", len(cms), room)
	}
	hex.Encode(out[begin+1:], cms)
	if r := s.Verify(out); !r.OK() {
		return nil, fmt.Errorf("seal: what was sealed does not hold: %s", r.Problem)
	}
	return out, nil
}

// digest is that of a file without its hole.
func digest(pdf []byte, begin, end int) []byte {
	h := sha256.New()
	h.Write(pdf[:begin])
	h.Write(pdf[end:])
	return h.Sum(nil)
}

// cms is the signature with all that is needed to check it.
func (s Signer) cms(ctx context.Context, digest []byte) ([]byte, error) {
	attributes, err := signedAttributes(digest, s.Chain[0])
	if err != nil {
		return nil, err
	}
	p := parts{attributes: attributes}
	if p.signature, err = s.sign(attributes); err != nil {
		return nil, err
	}
	if s.TSA != "" {
		if p.token, err = s.timestamp(ctx, p.signature); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoTime, err)
		}
		if p.witness, err = s.sign(p.token); err != nil {
			return nil, err
		}
	}
	return envelop(s.Chain, p)
}

func (s Signer) sign(text []byte) ([]byte, error) {
	sum := sha256.Sum256(text)
	signature, err := s.Key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("seal: sign: %w", err)
	}
	return signature, nil
}

// chains are all that this installation has sealed with: the one of today, then earlier ones.
func (s Signer) chains() [][]*x509.Certificate {
	return slices.Concat([][]*x509.Certificate{s.Chain}, s.Earlier)
}
