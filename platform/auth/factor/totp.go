package factor

import (
	"bytes"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"image/png"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"portico/platform/auth"
	"portico/platform/secret"
)

// stepLength is how long one TOTP code lasts; codes of the steps beside it are taken too, for clocks that differ.
const stepLength = 30

// recoveryCodes is how many a person gets at once.
const recoveryCodes = 10

// Outcome is what came of a code. It is not an error, so that the try can be counted: commit whatever it is.
type Outcome string

const (
	Right   Outcome = "right"
	Wrong   Outcome = "wrong"
	TooMany Outcome = "too_many" // wait until Pause is over
)

// maxTries wrong codes in a row make a person wait for Pause.
const maxTries = 5

// Pause is how long it takes until codes are accepted again.
const Pause = 15 * time.Minute

// Enrolment is what the page shows to set up an authenticator app.
type Enrolment struct {
	Secret string // for typing, in groups of four
	URL    string // otpauth://
	QR     []byte // PNG
}

// enrolment shows a secret to an app.
func enrolment(raw []byte, issuer, account string) (Enrolment, error) {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	issuer = strings.ReplaceAll(issuer, ":", " ")
	link := url.URL{
		Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + account,
		RawQuery: strings.ReplaceAll(url.Values{"secret": {text}, "issuer": {issuer}}.Encode(), "+", "%20"),
	}
	key, err := otp.NewKeyFromURL(link.String())
	if err != nil {
		return Enrolment{}, fmt.Errorf("totp url: %w", err)
	}
	image, err := key.Image(240, 240)
	if err != nil {
		return Enrolment{}, fmt.Errorf("totp image: %w", err)
	}
	var qr bytes.Buffer
	if err := png.Encode(&qr, image); err != nil {
		return Enrolment{}, err
	}
	return Enrolment{Secret: grouped(text), URL: link.String(), QR: qr.Bytes()}, nil
}

func grouped(text string) string {
	var b strings.Builder
	for i, r := range text {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// offered is the secret that this session is shown until it is confirmed: derived, so that drawing the page stores
// nothing and drawing it again shows the same. lastStep makes it another one after each use of a former.
func offered(key secret.Key, v auth.Viewer, lastStep int64) []byte {
	firm, person := v.FirmID(), v.PersonID
	return key.MAC("totp offer", firm[:], person[:], v.Session.Hash, binary.BigEndian.AppendUint64(nil, uint64(lastStep)))[:20]
}

// stepOf finds the step whose code was typed: the one of now, or one beside it, but later than the last one used.
func stepOf(raw []byte, code string, last int64, now time.Time) (step int64, ok bool) {
	code = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, code)
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	current := now.Unix() / stepLength
	for _, step := range []int64{current, current - 1, current + 1} {
		want, err := hotp.GenerateCodeCustom(text, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && secret.Same([]byte(want), []byte(code)) && step > last {
			return step, true
		}
	}
	return 0, false
}

// triesKey names the row in which wrong codes of a person are counted.
func triesKey(person uuid.UUID) []byte { return secret.Hash("second factor " + person.String()) }

// bound ties a sealed secret to its person.
func bound(firm, person uuid.UUID) [][]byte { return [][]byte{firm[:], person[:]} }
