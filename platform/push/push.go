// Package push wakes people's own devices: short messages over web push (RFC 8030), encrypted for the one browser that asked
// for them (RFC 8291) and signed with the installation's key (VAPID, RFC 8292).
package push

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/id"
	"portico/platform/job"
	"portico/platform/outside"
	"portico/platform/secret"
)

// Message is what a device shows on its lock screen, where others may read it: never a link that signs somebody in, a code,
// or what only the page may say.
type Message struct {
	Title, Body string
	Path        string // where it leads: below /office or /portal, which also says to which of the person's devices it goes
	Tag         string // messages with the same tag take each other's place; "": each stands by itself

	Contact uuid.UUID // as which contact the person hears of it; Nil: whichever has access
	Event   uuid.UUID // what it tells of: the same event is told a person once. Nil: the job that is running, else a new one
}

// Desk sends messages, and keeps the devices that they go to.
type Desk struct {
	Key     secret.Key
	Contact string // whom push services write to: an address or an https URL
	Off     bool   // the installation sends none
	Private bool   // push services may stand in private networks, and without TLS
	Now     func() time.Time
	Log     *slog.Logger

	keys   keys
	client *http.Client
}

// patience is for one call to a push service.
const patience = 10 * time.Second

// Open makes the desk ready.
func (d *Desk) Open() *Desk {
	d.keys = keysOf(d.Key)
	d.client = outside.Client(patience, d.Private)
	d.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return d
}

// PublicKey is what a browser asks its push service with; "": the installation sends none.
func (d *Desk) PublicKey() string {
	if d == nil || d.Off {
		return ""
	}
	return d.keys.public
}

type sending struct {
	Message, Device uuid.UUID
	Try             int `json:",omitempty"`
}

var sendJob = job.New[sending]("push:send")

// Handlers keep what was promised.
func (d *Desk) Handlers() []job.Handler {
	return []job.Handler{
		sendJob.Handle(d.send).Within(2 * patience),
		job.Every("37 3 * * *", "push:sweep", sweep),
	}
}

// Send promises the message to each device that the person has on that side, exactly once per event and device. With no
// device it does nothing. Whether the person may still know is asked again when it leaves, as far as access as a whole goes;
// whether the event is still theirs to see the caller asks.
func Send(ctx context.Context, tx bun.IDB, firm, person uuid.UUID, m Message) error {
	return sendTo(ctx, tx, firm, person, uuid.Nil, m)
}

func sendTo(ctx context.Context, tx bun.IDB, firm, person, device uuid.UUID, m Message) error {
	side, err := m.clean()
	if err != nil {
		return err
	}
	message := m.id(ctx, person)
	devices, err := enter(ctx, tx, firm, person, device, side, message, m)
	if err != nil {
		return err
	}
	for _, device := range devices {
		promise := uuid.NewSHA1(message, device[:])
		if _, err := sendJob.Enqueue(ctx, tx, firm, sending{Message: message, Device: device}, job.ID(promise)); err != nil {
			return err
		}
	}
	return nil
}

// id names the message: of one event there is one for each person.
func (m Message) id(ctx context.Context, person uuid.UUID) uuid.UUID {
	event, running := m.Event, job.Current(ctx)
	switch {
	case event == uuid.Nil && running.ID == uuid.Nil:
		return id.New()
	case event == uuid.Nil:
		event = uuid.NewSHA1(running.ID, []byte(m.Tag))
	}
	return uuid.NewSHA1(event, append([]byte("push"), person[:]...))
}

const (
	longestTitle = 100 // characters
	longestBody  = 200
	longestPath  = 300 // bytes
)

var errNoPath = errors.New("a push message leads below /office or /portal")

// clean shortens what is too long for a lock screen, and says for which side the message is.
func (m *Message) clean() (side string, err error) {
	m.Title, m.Body, m.Tag = short(m.Title, longestTitle), short(m.Body, longestBody), short(m.Tag, 64)
	path, _, _ := strings.Cut(m.Path, "?") // what a page is asked is its own affair; here it could only hold too much
	m.Path = path
	if m.Title == "" {
		return "", errors.New("a push message has a title")
	}
	side, _, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	side, _, _ = strings.Cut(side, "#")
	if side != "office" && side != "portal" || len(path) > longestPath || !strings.HasPrefix(path, "/"+side) || strings.ContainsAny(path, "\\\r\n") || strings.Contains(path, "//") {
		return "", errNoPath
	}
	return side, nil
}

// short is one line of at most that many characters.
func short(text string, most int) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	if runes := []rune(text); len(runes) > most {
		return strings.TrimSpace(string(runes[:most-1])) + "…"
	}
	return text
}
