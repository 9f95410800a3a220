package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"strings"

	"github.com/google/uuid"
)

// Token is 32 random bytes for a cookie or a link, safe in a URL.
func Token() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: the program stops instead
	return base64.RawURLEncoding.EncodeToString(b)
}

// Hash is what is stored of a token. Tokens are random, so that SHA-256 alone cannot be turned round.
func Hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Same compares in constant time.
func Same(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

// LinkToken is the token of the mail that this outbox row asks for: a job that runs twice mails the same link.
func (k Key) LinkToken(outbox uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(k.MAC("link", outbox[:]))
}

// LinkCode is the typed code of the same mail, as ABCD-EFGH.
func (k Key) LinkCode(outbox uuid.UUID) string { return code(k.MAC("link code", outbox[:])) }

// HashCode is what is stored of a typed code. It needs the key: a code is short enough to be found by trying all.
func (k Key) HashCode(code string) []byte { return k.MAC("code hash", []byte(Plain(code))) }

// alphabet has no character that is taken for another: no 0 O, 1 I L, U V.
const alphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

const codeLength = 8

// Code is a random typed code, as ABCD-EFGH.
func Code() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b)
	return code(b)
}

func code(random []byte) string {
	n := binary.BigEndian.Uint64(random) // of 2^64, 30^8 takes so little that no code is likelier than another
	text := make([]byte, 0, codeLength+1)
	for i := range codeLength {
		if i == codeLength/2 {
			text = append(text, '-')
		}
		text = append(text, alphabet[n%uint64(len(alphabet))])
		n /= uint64(len(alphabet))
	}
	return string(text)
}

// Plain is a code as it was meant, whatever its case, spaces and dashes; "" when it cannot be one.
func Plain(typed string) string {
	var plain strings.Builder
	for _, r := range strings.ToUpper(typed) {
		switch {
		case strings.ContainsRune(alphabet, r):
			plain.WriteRune(r)
		case strings.ContainsRune(" \t\r\n\u00a0-‐‑‒–—−_.", r):
		default:
			return ""
		}
	}
	if plain.Len() != codeLength {
		return ""
	}
	return plain.String()
}
