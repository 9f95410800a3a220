// Package signet is the key and the certificate with which an installation seals documents: its own, made at the first
// start, or those that the operator brought.
package signet

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// Signet is what documents are sealed with. The zero value cannot seal.
type Signet struct {
	Key     crypto.Signer
	Chain   []*x509.Certificate   // the one of the key first
	Earlier [][]*x509.Certificate // what was used before: files sealed then are still known
	TSA     string                // address of a timestamp authority (RFC 3161); "": none is asked
}

// Fingerprint is the SHA-256 of the certificate, as programs show it.
func (s Signet) Fingerprint() string {
	if len(s.Chain) == 0 {
		return ""
	}
	return Fingerprint(s.Chain[0])
}

// Fingerprint is the SHA-256 of a certificate, as programs show it.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	text := []byte(hex.EncodeToString(sum[:]))
	pairs := make([][]byte, 0, len(sum))
	for pair := range slices.Chunk(bytes.ToUpper(text), 2) {
		pairs = append(pairs, pair)
	}
	return string(bytes.Join(pairs, []byte(":")))
}

// years that a certificate of our own lives: what was signed with it is to be checked long after.
const years = 30

var documentSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 36}

// New makes a key with its certificate and the certificate of an authority that signed it, as PEM. The authority's key
// is forgotten at once: nobody can ever make a second certificate that those who trust this one would trust as well.
func New(host string, now time.Time) ([]byte, error) {
	top, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	begin, end := now.UTC().Add(-time.Hour).Truncate(time.Second), now.UTC().AddDate(years, 0, 0).Truncate(time.Second)
	authority := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Document seals of " + host, Organization: []string{"Portico"}},
		NotBefore: begin, NotAfter: end, IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	root, err := x509.CreateCertificate(rand.Reader, authority, authority, top.Public(), top)
	if err != nil {
		return nil, err
	}
	if authority, err = x509.ParseCertificate(root); err != nil {
		return nil, err
	}
	// Readers such as pdfsig want a purpose that they know: the one for mail is known to all.
	own := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Portico at " + host, Organization: []string{"Portico"}},
		NotBefore: begin, NotAfter: end, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, UnknownExtKeyUsage: []asn1.ObjectIdentifier{documentSigning},
	}
	leaf, err := x509.CreateCertificate(rand.Reader, own, authority, key.Public(), top)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return slices.Concat(
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root}),
	), nil
}

func serial() *big.Int {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	b[0] &= 0x7F
	return new(big.Int).SetBytes(b)
}

// Parse reads a key and its certificates, in any order, from PEM.
func Parse(text []byte) (Signet, error) {
	var s Signet
	var all []*x509.Certificate
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		text = rest
		switch block.Type {
		case "CERTIFICATE":
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return Signet{}, fmt.Errorf("a certificate cannot be read: %w", err)
			}
			all = append(all, c)
		case "PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY":
			if s.Key != nil {
				return Signet{}, errors.New("there are two keys")
			}
			key, err := parseKey(block.Bytes)
			if err != nil {
				return Signet{}, err
			}
			s.Key = key
		case "ENCRYPTED PRIVATE KEY":
			return Signet{}, errors.New("the key is protected by a password; store it without, readable by this program only")
		}
	}
	if s.Key == nil {
		return Signet{}, errors.New("there is no private key (PEM)")
	}
	if len(all) == 0 {
		return Signet{}, errors.New("there is no certificate (PEM)")
	}
	var err error
	s.Chain, err = chain(s.Key, all)
	return s, err
}

func parseKey(der []byte) (crypto.Signer, error) {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		switch key := key.(type) {
		case *ecdsa.PrivateKey:
			return key, nil
		case *rsa.PrivateKey:
			return key, nil
		}
		return nil, errors.New("the key must be RSA or ECDSA")
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	return nil, errors.New("the private key cannot be read")
}

// chain puts the certificate of the key first, and after each one the one that signed it.
func chain(key crypto.Signer, all []*x509.Certificate) ([]*x509.Certificate, error) {
	public, is := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !is {
		return nil, errors.New("the key must be RSA or ECDSA")
	}
	at := slices.IndexFunc(all, func(c *x509.Certificate) bool { return public.Equal(c.PublicKey) })
	if at < 0 {
		return nil, errors.New("no certificate belongs to the key")
	}
	ordered := []*x509.Certificate{all[at]}
	for len(ordered) < len(all) {
		last := ordered[len(ordered)-1]
		next := slices.IndexFunc(all, func(c *x509.Certificate) bool {
			return !slices.Contains(ordered, c) && bytes.Equal(last.RawIssuer, c.RawSubject) && last.CheckSignatureFrom(c) == nil
		})
		if next < 0 {
			return nil, errors.New("a certificate has nothing to do with the others")
		}
		ordered = append(ordered, all[next])
	}
	return ordered, nil
}

// Problem says what readers of documents will not like about the certificate; "" when there is nothing.
func (s Signet) Problem(now time.Time) string {
	if len(s.Chain) == 0 {
		return "there is no certificate"
	}
	leaf := s.Chain[0]
	signing := slices.ContainsFunc(leaf.UnknownExtKeyUsage, documentSigning.Equal)
	mail := slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageEmailProtection) || slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageAny)
	switch {
	case now.Before(leaf.NotBefore):
		return "the certificate is not valid before " + leaf.NotBefore.Format(time.DateOnly)
	case now.After(leaf.NotAfter):
		return "the certificate has expired on " + leaf.NotAfter.Format(time.DateOnly)
	case leaf.KeyUsage != 0 && leaf.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0:
		return "the certificate is not made for signing"
	case len(leaf.ExtKeyUsage)+len(leaf.UnknownExtKeyUsage) > 0 && !mail && !signing:
		return "the certificate is made for another purpose than mail or documents"
	case !mail && len(leaf.ExtKeyUsage)+len(leaf.UnknownExtKeyUsage) > 0:
		return "some programs will not say that the signature is trusted: the certificate lacks the purpose emailProtection"
	}
	return ""
}

// Encode is a chain as bytes, to be kept.
func Encode(chain []*x509.Certificate) (der []byte) {
	for _, c := range chain {
		der = append(der, c.Raw...)
	}
	return der
}

// Decode reads what Encode made.
func Decode(der []byte) ([]*x509.Certificate, error) { return x509.ParseCertificates(der) }
