// Package inbound takes in what people answer to our mails: by a small SMTP server of our own, or by the webhook of a mail
// service. It knows which of our addresses a mail came to, reads it, and hands it to the section that the address is of.
package inbound

import (
	"encoding/base32"
	"strings"

	"github.com/google/uuid"

	"portico/platform/secret"
)

// Address is where answers go: reply@replies.example.com stands for reply+<token>@replies.example.com, with a token a
// place of ours that only this installation can name.
type Address struct {
	local, domain string
	key           secret.Key
}

// OpenAddress reads PORTICO_REPLY_ADDRESS, which the configuration has checked.
func OpenAddress(address string, key secret.Key) Address {
	local, domain, _ := strings.Cut(address, "@")
	return Address{local: strings.ToLower(local), domain: strings.ToLower(domain), key: key}
}

// None reports whether answers by mail are not taken at all.
func (a Address) None() bool { return a.domain == "" }

// macBytes are enough against guessing: each guess is a conversation with us.
const macBytes = 10

// tokens are read whatever a server on the way has made of capitals.
var tokens = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// For is the address of one place, such as a conversation as one person has it; "" where none are taken.
func (a Address) For(place uuid.UUID) string {
	if a.None() {
		return ""
	}
	return a.local + "+" + tokens.EncodeToString(append(place[:], a.mac(place)...)) + "@" + a.domain
}

func (a Address) mac(place uuid.UUID) []byte { return a.key.MAC("reply address", place[:])[:macBytes] }

// Place reads an address of ours; ok is false for every other one, and for one that somebody else has made up.
func (a Address) Place(address string) (place uuid.UUID, ok bool) {
	at := strings.LastIndexByte(address, '@')
	if a.None() || at < 0 || !strings.EqualFold(address[at+1:], a.domain) {
		return uuid.Nil, false
	}
	token, found := strings.CutPrefix(strings.ToLower(address[:at]), a.local+"+")
	if !found {
		return uuid.Nil, false
	}
	raw, err := tokens.DecodeString(token)
	if err != nil || len(raw) != len(place)+macBytes {
		return uuid.Nil, false
	}
	place = uuid.UUID(raw[:len(place)])
	return place, secret.Same(raw[len(place):], a.mac(place))
}
