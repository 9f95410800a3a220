// Package factor keeps what proves a person beside the mailed link: passwords, TOTP with recovery codes, passkeys.
package factor

import (
	"context"
	_ "embed"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"portico/platform/fault"
)

// cost is what one hash takes: 19 MiB, two passes, one thread.
var cost = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// hashing lets two hashes run at once in a process: more would be memory for whoever asks for it.
var hashing = make(chan struct{}, 2)

// nobodys is compared when there is no person or no password, so that the answer takes as long.
const nobodys = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

const (
	minPassword = 8
	maxPassword = 200 // characters
)

// HashPassword gives what is stored. It waits for its turn no longer than ctx.
func HashPassword(ctx context.Context, password string) (hash string, err error) {
	leave, err := takeTurn(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return argon2id.CreateHash(plain(password), cost)
}

// MatchPassword compares; stored "" is a person without a password, and costs the same. rehash asks to store the
// password anew, because it was hashed at another cost.
func MatchPassword(ctx context.Context, password, stored string) (ok, rehash bool, err error) {
	leave, err := takeTurn(ctx)
	if err != nil {
		return false, false, err
	}
	defer leave()
	if utf8.RuneCountInString(password) > maxPassword {
		password = "" // nobody has one, and the cost stays bounded
	}
	known := stored != ""
	if !known {
		stored = nobodys
	}
	ok, params, err := argon2id.CheckHash(plain(password), stored)
	if err != nil {
		return false, false, err
	}
	return ok && known, ok && known && *params != *cost, nil
}

func takeTurn(ctx context.Context) (leave func(), err error) {
	select {
	case hashing <- struct{}{}:
		return func() { <-hashing }, nil
	case <-ctx.Done():
		return nil, fault.Unavailable(5 * time.Second)
	}
}

// plain makes one spelling of what different keyboards send for the same characters.
func plain(password string) string { return norm.NFKC.String(password) }

// CheckPassword says what is wrong with a new password; own are the person's name, address and firm.
func CheckPassword(password string, own ...string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return fault.Field("password", "Use at least 8 characters. A few words in a row are easy to remember.")
	case n > maxPassword:
		return fault.Field("password", "Use at most 200 characters.")
	case guessable(password):
		return fault.Field("password", "This is one of the passwords that are guessed first. Please choose another one.")
	case personal(password, own):
		return fault.Field("password", "Please choose one that is not made of your name or address.")
	}
	return nil
}

//go:embed common.txt
var commonText string

// common are the cores of the passwords that people use most, in lower case.
var common = func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(commonText) {
		words[word] = true
	}
	return words
}()

// guessable finds the common ones, also dressed up: capitals, digits and marks at the ends, p4ssw0rd, twice over.
func guessable(password string) bool {
	word := strings.ToLower(plain(password))
	if common[word] || walk(word) {
		return true
	}
	for n := 1; n <= 4 && n*2 <= len(word); n++ { // aaaaaaaa, abcabcabc, 12341234
		if strings.Repeat(word[:n], len(word)/n+1)[:len(word)] == word {
			return true
		}
	}
	core := strings.Trim(word, marks)
	bare := strings.Trim(core, digits+marks)
	for _, w := range []string{core, bare, leet.Replace(core), leet.Replace(bare)} {
		if common[w] && len(word)-len(w) <= 5 || walk(w) && len(w) >= 6 {
			return true
		}
		if half := len(w) / 2; len(w) >= 8 && len(w)%2 == 0 && w[:half] == w[half:] && common[w[:half]] {
			return true
		}
	}
	return dated(word)
}

const (
	digits = "0123456789"
	marks  = " !?.,-_*#$%&@+=~()"
)

var leet = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

// walk finds fingers that walk along a keyboard, the alphabet or the digits, either way.
func walk(word string) bool {
	if len(word) < 6 {
		return false
	}
	for _, row := range []string{
		"01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop[]asdfghjkl;'zxcvbnm,./", "qwertzuiopasdfghjklyxcvbnm",
		"azertyuiopqsdfghjklmwxcvbn", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm",
		"zaq12wsxcde34rfv", "147258369", "159753", "1a2b3c4d5e6f7g8h",
	} {
		if strings.Contains(row, word) || strings.Contains(reversed(row), word) {
			return true
		}
	}
	return false
}

func reversed(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// dated finds eight digits that are a date with a year of ours.
func dated(word string) bool {
	if len(word) != 8 {
		return false
	}
	for _, layout := range []string{"20060102", "02012006", "01022006"} {
		if t, err := time.Parse(layout, word); err == nil && t.Year() >= 1930 && t.Year() <= 2039 {
			return true
		}
	}
	return false
}

// personal finds passwords that are little more than the person's own words.
func personal(password string, own []string) bool {
	word := strings.ToLower(plain(password))
	for _, text := range own {
		for _, part := range append(strings.FieldsFunc(strings.ToLower(text), notLetter), strings.ToLower(text)) {
			if len(part) >= 3 && strings.Contains(word, part) && len(word)-len(part) < 6 {
				return true
			}
		}
	}
	return false
}

func notLetter(r rune) bool { return strings.ContainsRune(" @.-_+'", r) }
