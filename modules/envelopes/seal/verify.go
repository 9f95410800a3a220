package seal

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Report is what the bytes of a file say about its seal. It is strict: a file is whole only if it is, byte for byte, as
// it was when it was sealed here.
type Report struct {
	Signatures int       // in the file, whoever made them
	Ours       bool      // one of them was made with a certificate of this installation, or says so
	Whole      bool      // the signature covers the file from its first to its last byte, but for itself
	Intact     bool      // and what it covers is what was signed
	Known      bool      // with a certificate of this installation
	At         time.Time // when the file says that it was sealed
	Stamped    time.Time // when a timestamp authority says so; zero: none was asked
	Problem    string    // what is wrong, for the operator's ears
}

// OK reports whether nothing was changed since the file was sealed here.
func (r Report) OK() bool { return r.Signatures == 1 && r.Ours && r.Whole && r.Intact && r.Known }

// signatures counts what looks like a signature, up to a hundred. It goes by hand over what strangers bring: an expression
// takes seconds for a file that is all blanks.
func signatures(pdf []byte) (n int) {
	for n < 100 {
		_, rest, more := bytes.Cut(pdf, []byte("/ByteRange"))
		if !more {
			break
		}
		if pdf = bytes.TrimLeft(rest, "\x00\t\n\f\r "); len(pdf) > 0 && pdf[0] == '[' {
			n++
		}
	}
	return n
}

// Verify checks a file without reading it as a PDF: what readers tolerate, such as an appended change, does not pass here.
func (s Signer) Verify(pdf []byte) (r Report) {
	r.Signatures = signatures(pdf)
	r.Ours = s.oursByLook(pdf)
	if r.Signatures == 0 && !r.Ours {
		r.Problem = "there is no signature"
		return r
	}
	cms, sum, at, err := covered(pdf)
	if err != nil {
		r.Problem = err.Error()
		return r
	}
	r.Whole, r.At = true, at
	r.Signatures = 1 // it covers all there is: what looks like another one is text of the contract
	p, err := takeApart(cms)
	if err != nil {
		r.Problem = err.Error()
		return r
	}
	for _, chain := range s.chains() {
		if len(chain) == 0 || !bytes.Equal(chain[0].RawIssuer, p.leaf.Issuer.FullBytes) || p.leaf.Serial == nil || chain[0].SerialNumber.Cmp(p.leaf.Serial) != 0 {
			continue
		}
		r.Ours, r.Known = true, true
		if err := s.check(chain, cms, sum, p, &r); err != nil {
			r.Problem = err.Error()
			return r
		}
		r.Intact = true
		return r
	}
	r.Problem = "the certificate is not one of this installation"
	return r
}

// check asks whether the signature is one of this digest with this chain, and nothing else.
func (s Signer) check(chain []*x509.Certificate, cms, sum []byte, p parts, r *Report) error {
	want, err := signedAttributes(sum, chain[0])
	if err != nil {
		return err
	}
	if !bytes.Equal(want, p.attributes) {
		return errors.New("the file is not the one that was signed")
	}
	if !signedBy(chain[0], p.attributes, p.signature) {
		return errors.New("the signature is not one of this certificate")
	}
	again, err := envelop(chain, p)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, cms) {
		return errors.New("something was added to the signature")
	}
	if p.token != nil {
		if !signedBy(chain[0], p.token, p.witness) {
			return errors.New("the timestamp was changed")
		}
		if r.Stamped, err = stamped(p.token, p.signature); err != nil {
			return fmt.Errorf("timestamp: %w", err)
		}
	}
	return nil
}

func signedBy(c *x509.Certificate, text, signature []byte) bool {
	sum := sha256.Sum256(text)
	switch key := c.PublicKey.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, sum[:], signature)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil
	}
	return false
}

// covered finds the signature where ours is, and the digest of all the rest.
func covered(pdf []byte) (cms, sum []byte, at time.Time, err error) {
	start := []byte(header + before)
	if !bytes.HasPrefix(pdf, start) || !bytes.HasSuffix(pdf, []byte("\n%%EOF\n")) || len(pdf) < len(start)+rangesLength+len(middle)+2 {
		return nil, nil, at, errors.New("the file does not begin and end as those that are sealed here")
	}
	text := pdf[len(start) : len(start)+rangesLength]
	begin := len(start) + rangesLength + len(middle)
	end, err := strconv.Atoi(string(text[14:24]))
	if err != nil || end < begin+2 || end > len(pdf) || string(text) != fmt.Sprintf(ranges, begin, end, len(pdf)-end) ||
		string(pdf[begin-len(middle):begin]) != middle {
		return nil, nil, at, errors.New("the signature does not cover the whole file")
	}
	hole := pdf[begin:end]
	if hole[0] != '<' || hole[len(hole)-1] != '>' {
		return nil, nil, at, errors.New("the signature is not where it should be")
	}
	digits := hole[1 : len(hole)-1]
	raw := make([]byte, hex.DecodedLen(len(digits)))
	if _, err := hex.Decode(raw, digits); err != nil || hex.EncodeToString(raw) != string(digits) {
		return nil, nil, at, errors.New("the signature is not written as ours are")
	}
	size, err := derSize(raw)
	if err != nil || len(bytes.Trim(raw[size:], "\x00")) > 0 {
		return nil, nil, at, errors.New("something stands behind the signature")
	}
	if said := signedAt.FindSubmatch(pdf[end:min(len(pdf), end+40)]); said != nil {
		at, _ = time.Parse("20060102150405", string(said[1]))
	}
	return raw[:size], digest(pdf, begin, end), at, nil
}

var signedAt = regexp.MustCompile(`^/M\(D:(\d{14})Z\)`)

// derSize is how long the first value is, with its head.
func derSize(der []byte) (int, error) {
	if len(der) < 4 || der[0] != 0x30 {
		return 0, errors.New("no value")
	}
	if der[1] < 0x80 {
		return 2 + int(der[1]), nil
	}
	n := int(der[1] & 0x7F)
	if n < 1 || n > 3 || len(der) < 2+n {
		return 0, errors.New("no value")
	}
	size := 0
	for _, b := range der[2 : 2+n] {
		size = size<<8 | int(b)
	}
	if size += 2 + n; size > len(der) {
		return 0, errors.New("cut off")
	}
	return size, nil
}

// oursByLook reports whether a file was probably sealed here once: its signature's certificate stands in it, whatever
// else became of it.
func (s Signer) oursByLook(pdf []byte) bool {
	for _, chain := range s.chains() {
		if len(chain) == 0 {
			continue
		}
		whole := []byte(hex.EncodeToString(chain[0].Raw))
		for _, piece := range [][]byte{whole[:len(whole)/3], whole[len(whole)/3 : 2*len(whole)/3], whole[2*len(whole)/3:]} {
			if bytes.Contains(pdf, piece) { // one letter of it may have been changed
				return true
			}
		}
	}
	return false
}
