package bounce

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"portico/platform/mail"
	"portico/platform/secret"
)

// event is a report as JSON; a body holds one or a list of them.
type event struct {
	MessageID string `json:"message_id"` // of the mail, with or without <>
	Status    string `json:"status"`     // "5.1.1": 5 will not arrive, 4 is late
	Reason    string `json:"reason"`
}

const mostEvents = 1000

// Hooked is a request of a mail service.
type Hooked struct {
	Type          string // Content-Type
	Signature     string // X-Portico-Signature: "sha256=" and the HMAC of the body, in hex
	Authorization string // for services that can only send a fixed header: "Bearer " and the secret
	Body          []byte
}

// Hook keeps what a mail service reports. It answers 204 when everything was kept, and else says why not; the sender
// repeats what was answered otherwise.
func (d *Desk) Hook(ctx context.Context, h Hooked) (status int, text string, err error) {
	if !d.shown(h) {
		return 401, "The signature or secret is not ours.", nil
	}
	told, wrong := read(h.Type, h.Body, d.Address)
	if wrong != "" {
		return 400, wrong, nil
	}
	for _, t := range told {
		if err := d.Take(ctx, t.mail, t.report); errors.Is(err, errEarly) {
			return 503, "That mail is not known yet. Please try again.", nil
		} else if err != nil {
			return 0, "", err
		}
	}
	return 204, "", nil
}

// shown reports whether the sender holds the secret.
func (d *Desk) shown(h Hooked) bool {
	if signature, ok := strings.CutPrefix(h.Signature, "sha256="); ok {
		got, err := hex.DecodeString(signature)
		mac := hmac.New(sha256.New, []byte(d.Secret))
		mac.Write(h.Body)
		return err == nil && hmac.Equal(got, mac.Sum(nil))
	}
	token, ok := strings.CutPrefix(h.Authorization, "Bearer ")
	return ok && d.Secret != "" && secret.Same([]byte(token), []byte(d.Secret))
}

type told struct {
	mail   uuid.UUID
	report mail.Report
}

func read(kind string, raw []byte, address Address) (all []told, wrong string) {
	if strings.HasPrefix(strings.ToLower(kind), "application/json") {
		return readJSON(raw)
	}
	report, ok := mail.ParseReport(raw)
	if !ok {
		return nil, "That is no delivery status notification (RFC 3464)."
	}
	for _, to := range report.To {
		if id, ok := address.Mail(to); ok {
			return []told{{id, report}}, ""
		}
	}
	if report.Mail == uuid.Nil {
		return nil, "The report does not say which mail it is about: no Message-ID of ours, no return path of ours."
	}
	return []told{{report.Mail, report}}, ""
}

var statusShape = regexp.MustCompile(`^[45]\.\d{1,3}\.\d{1,3}$`)

func readJSON(raw []byte) (all []told, wrong string) {
	var events []event
	if raw = bytes.TrimSpace(raw); len(raw) > 0 && raw[0] == '{' {
		events = make([]event, 1)
		if err := json.Unmarshal(raw, &events[0]); err != nil {
			return nil, "The JSON cannot be read."
		}
	} else if err := json.Unmarshal(raw, &events); err != nil {
		return nil, "The JSON cannot be read."
	}
	if len(events) > mostEvents {
		return nil, fmt.Sprintf("Send at most %d events at once.", mostEvents)
	}
	for i, e := range events {
		name, _, _ := strings.Cut(strings.Trim(strings.TrimSpace(e.MessageID), "<>"), "@")
		id, err := uuid.Parse(name)
		if err != nil || len(name) != 36 {
			return nil, fmt.Sprintf("Event %d: message_id is not one of our mails.", i+1)
		}
		if !statusShape.MatchString(e.Status) {
			return nil, fmt.Sprintf("Event %d: status is not like 5.1.1 or 4.2.2.", i+1)
		}
		all = append(all, told{id, mail.NewReport(e.Status, e.Reason)})
	}
	return all, ""
}
