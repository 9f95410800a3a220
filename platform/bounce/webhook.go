package bounce

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/mail"
	"portico/platform/secret"
	"portico/platform/web"
)

// Path is where a mail service reports to, on any host of the installation.
const Path = "/webhooks/mail/bounces"

// Routes are the webhook, if there is a secret for it.
func (d *Desk) Routes() []web.Route {
	if d.Secret == "" {
		return nil
	}
	hook := web.Post(Path, access.Public, d.hook).Upto(readable)
	hook.NoFirm = true // a mail service knows no firms
	return []web.Route{hook}
}

// event is a report as JSON; a body holds one or a list of them.
type event struct {
	MessageID string `json:"message_id"` // of the mail, with or without <>
	Status    string `json:"status"`     // "5.1.1": 5 will not arrive, 4 is late
	Reason    string `json:"reason"`
}

const mostEvents = 1000

// hook answers 204 when everything was kept; the sender repeats what was answered otherwise.
func (d *Desk) hook(r *web.Request) error {
	raw, err := r.Raw()
	if err != nil {
		return err
	}
	if !d.shown(r, raw) {
		return say(r, 401, "The signature or secret is not ours.")
	}
	told, err := read(r.Header("Content-Type"), raw, d.Address)
	if err != nil {
		return say(r, 400, err.Error())
	}
	for _, t := range told {
		if err := d.Take(r.Context(), t.mail, t.report); errors.Is(err, errEarly) {
			return say(r, 503, "That mail is not known yet. Please try again.")
		} else if err != nil {
			return err
		}
	}
	r.Status(204)
	return nil
}

func say(r *web.Request, status int, text string) error {
	r.Status(status)
	return r.Text(text)
}

// shown reports whether the sender holds the secret: by a signature over the body, or, for services that can only send
// a fixed header, by the secret itself.
func (d *Desk) shown(r *web.Request, raw []byte) bool {
	if signature, ok := strings.CutPrefix(r.Header("X-Portico-Signature"), "sha256="); ok {
		got, err := hex.DecodeString(signature)
		mac := hmac.New(sha256.New, []byte(d.Secret))
		mac.Write(raw)
		return err == nil && hmac.Equal(got, mac.Sum(nil))
	}
	token, ok := strings.CutPrefix(r.Header("Authorization"), "Bearer ")
	return ok && secret.Same([]byte(token), []byte(d.Secret))
}

type told struct {
	mail   uuid.UUID
	report mail.Report
}

func read(kind string, raw []byte, address Address) ([]told, error) {
	if strings.HasPrefix(strings.ToLower(kind), "application/json") {
		return readJSON(raw)
	}
	report, ok := mail.ParseReport(raw)
	if !ok {
		return nil, errors.New("That is no delivery status notification (RFC 3464).")
	}
	for _, to := range report.To {
		if id, ok := address.Mail(to); ok {
			return []told{{id, report}}, nil
		}
	}
	if report.Mail == uuid.Nil {
		return nil, errors.New("The report does not say which mail it is about: no Message-ID of ours, no return path of ours.")
	}
	return []told{{report.Mail, report}}, nil
}

var statusShape = regexp.MustCompile(`^[45]\.\d{1,3}\.\d{1,3}$`)

func readJSON(raw []byte) ([]told, error) {
	var events []event
	if raw = bytes.TrimSpace(raw); len(raw) > 0 && raw[0] == '{' {
		events = make([]event, 1)
		if err := json.Unmarshal(raw, &events[0]); err != nil {
			return nil, errors.New("The JSON cannot be read.")
		}
	} else if err := json.Unmarshal(raw, &events); err != nil {
		return nil, errors.New("The JSON cannot be read.")
	}
	if len(events) > mostEvents {
		return nil, fmt.Errorf("Send at most %d events at once.", mostEvents)
	}
	all := make([]told, 0, len(events))
	for i, e := range events {
		name, _, _ := strings.Cut(strings.Trim(strings.TrimSpace(e.MessageID), "<>"), "@")
		id, err := uuid.Parse(name)
		if err != nil || len(name) != 36 {
			return nil, fmt.Errorf("Event %d: message_id is not one of our mails.", i+1)
		}
		if !statusShape.MatchString(e.Status) {
			return nil, fmt.Errorf("Event %d: status is not like 5.1.1 or 4.2.2.", i+1)
		}
		all = append(all, told{id, mail.NewReport(e.Status, e.Reason)})
	}
	return all, nil
}
