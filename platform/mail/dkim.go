package mail

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"

	"github.com/emersion/go-msgauth/dkim"
)

// Signer signs mail for a domain (DKIM, RFC 6376): other servers see that it is ours and was not changed on its way.
type Signer struct {
	domain, selector string
	key              crypto.Signer
}

var selectorShape = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// CheckSelector says what is wrong with the name under which a key is published.
func CheckSelector(selector string) error {
	if !selectorShape.MatchString(selector) {
		return errors.New("a selector is a short name of small letters, digits and dashes, such as portico")
	}
	return nil
}

// NewDKIMKey makes a key: "rsa", which every server can check, or "ed25519", which is shorter.
func NewDKIMKey(kind string) (pkcs8 []byte, err error) {
	var key any
	switch kind {
	case "rsa":
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	case "ed25519":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		return nil, fmt.Errorf("the kind of a key is rsa or ed25519, not %q", kind)
	}
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKCS8PrivateKey(key)
}

// OpenSigner signs for the domain of the From address with a key that NewDKIMKey made.
func OpenSigner(from, selector string, pkcs8 []byte) (*Signer, error) {
	if err := CheckSelector(selector); err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		return nil, fmt.Errorf("DKIM key: %w", err)
	}
	s := &Signer{domain: publicDomain(from), selector: selector}
	switch key := parsed.(type) {
	case *rsa.PrivateKey:
		s.key = key
	case ed25519.PrivateKey:
		s.key = key
	default:
		return nil, errors.New("DKIM key: want RSA or Ed25519")
	}
	return s, nil
}

// Record is the TXT record that publishes the key.
func (s *Signer) Record() (name, text string) {
	name = s.selector + "._domainkey." + s.domain
	switch public := s.key.Public().(type) {
	case ed25519.PublicKey:
		return name, "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	default:
		der, _ := x509.MarshalPKIXPublicKey(public) // an RSA key always can be written
		return name, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
	}
}

// signed are the header lines whose change would matter. From is named twice: a second one, added on the way, breaks
// the signature.
var signed = []string{
	"From", "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Auto-Submitted",
	"List-Unsubscribe", "List-Unsubscribe-Post",
}

// sign puts the signature before the message.
func (s *Signer) sign(raw []byte) ([]byte, error) {
	var out bytes.Buffer
	err := dkim.Sign(&out, bytes.NewReader(raw), &dkim.SignOptions{
		Domain: s.domain, Selector: s.selector, Signer: s.key, Hash: crypto.SHA256, HeaderKeys: signed,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return nil, &Permanent{Text: "DKIM signature: " + err.Error()}
	}
	return out.Bytes(), nil
}

// SignWith signs whatever is sent from now on; nil: nothing.
func (s *SMTP) SignWith(signer *Signer) { s.signer = signer }
