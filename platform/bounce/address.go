// Package bounce hears what became of mails after other servers took them: reports come to an address of their own, by a
// small SMTP server or by a mail service's webhook, and the contact whose address takes no mail is marked.
package bounce

import (
	"encoding/base32"
	"strings"

	"github.com/google/uuid"

	"portico/platform/secret"
)

// Address is where reports come back to: bounce@bounces.example.com stands for bounce+<token>@bounces.example.com, with
// a token a mail that only this installation can make.
type Address struct {
	local, domain string
	key           secret.Key
}

// OpenAddress reads PORTICO_BOUNCE_ADDRESS, which the configuration has checked.
func OpenAddress(address string, key secret.Key) Address {
	local, domain, _ := strings.Cut(address, "@")
	return Address{local: local, domain: strings.ToLower(domain), key: key}
}

// macBytes are enough against guessing: each guess is a conversation with us, and opens nothing.
const macBytes = 10

// tokens are read whatever a server on the way has made of capitals.
var tokens = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// For is the return path of one mail.
func (a Address) For(mail uuid.UUID) string {
	return a.local + "+" + tokens.EncodeToString(append(mail[:], a.mac(mail)...)) + "@" + a.domain
}

func (a Address) mac(mail uuid.UUID) []byte { return a.key.MAC("bounce address", mail[:])[:macBytes] }

// Mail reads a return path of ours; ok is false for every other address.
func (a Address) Mail(address string) (mail uuid.UUID, ok bool) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 || !strings.EqualFold(address[at+1:], a.domain) {
		return uuid.Nil, false
	}
	token, found := strings.CutPrefix(strings.ToLower(address[:at]), a.local+"+")
	if !found {
		return uuid.Nil, false
	}
	raw, err := tokens.DecodeString(token)
	if err != nil || len(raw) != len(mail)+macBytes {
		return uuid.Nil, false
	}
	mail = uuid.UUID(raw[:len(mail)])
	return mail, secret.Same(raw[len(mail):], a.mac(mail))
}
