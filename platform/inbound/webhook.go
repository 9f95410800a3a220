package inbound

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	netmail "net/mail"
	"strings"

	"github.com/google/uuid"

	"portico/platform/secret"
)

// Hooked is a request of a mail service: the whole mail as its body (message/rfc822).
type Hooked struct {
	Recipient     string // X-Portico-Recipient: the envelope's; "": the addresses in the mail's own head count
	Sender        string // X-Portico-Sender: the envelope's
	Signature     string // X-Portico-Signature: "sha256=" and the HMAC of the body, in hex
	Authorization string // for services that can only send a fixed header: "Bearer " and the secret
	Body          []byte
}

// Hook keeps a mail that a service hands over. It answers 204 when it was kept, and else says why not; the sender
// repeats what was answered with 5xx.
func (d *Desk) Hook(ctx context.Context, h Hooked) (status int, text string, err error) {
	if !d.shown(h) {
		return 401, "The signature or secret is not ours.", nil
	}
	places := d.places(h)
	if len(places) == 0 {
		return 422, "The mail is for no address of ours.", nil
	}
	err = d.take(ctx, places, h.Sender, h.Body)
	if errors.Is(err, ErrUnknown) {
		return 422, "The mail is for no address of ours.", nil
	}
	if err != nil {
		return 0, "", err
	}
	return 204, "", nil
}

// shown reports whether the sender holds the secret.
func (d *Desk) shown(h Hooked) bool {
	if d.Secret == "" {
		return false
	}
	if signature, ok := strings.CutPrefix(h.Signature, "sha256="); ok {
		got, err := hex.DecodeString(signature)
		mac := hmac.New(sha256.New, []byte(d.Secret))
		mac.Write(h.Body)
		return err == nil && hmac.Equal(got, mac.Sum(nil))
	}
	token, ok := strings.CutPrefix(h.Authorization, "Bearer ")
	return ok && secret.Same([]byte(token), []byte(d.Secret))
}

// recipients are the heads of a mail that can name one of our addresses.
var recipients = []string{"Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc"}

func (d *Desk) places(h Hooked) (all []uuid.UUID) {
	if h.Recipient != "" {
		if place, ok := d.Address.Place(strings.Trim(strings.TrimSpace(h.Recipient), "<>")); ok {
			return []uuid.UUID{place}
		}
		return nil
	}
	mail, err := netmail.ReadMessage(bytes.NewReader(h.Body))
	if err != nil {
		return nil
	}
	known := map[uuid.UUID]bool{}
	for _, name := range recipients {
		for _, value := range mail.Header[name] {
			list, err := netmail.ParseAddressList(value)
			if err != nil {
				continue
			}
			for _, one := range list {
				if place, ok := d.Address.Place(one.Address); ok && !known[place] && len(all) < 8 {
					known[place] = true
					all = append(all, place)
				}
			}
		}
	}
	return all
}
