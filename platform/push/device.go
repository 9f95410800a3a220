package push

import (
	"context"
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/outside"
)

// Subscription is what a browser's push service gave it.
type Subscription struct {
	Endpoint string
	P256dh   string // the browser's public key
	Auth     string // the secret that it shares with us
}

// Device is a browser that a person lets us wake.
type Device struct {
	ID        uuid.UUID
	Agent     string
	CreatedAt time.Time
	LastOkAt  time.Time // zero: nothing was sent yet
	FailedAt  time.Time // zero: the last message arrived
	Here      bool      // it is the one that asks
}

// mostDevices of one person on one side; the one that was asked for first makes room.
const mostDevices = 20

var errNoSubscription = fault.Invalid("This browser did not say how it can be reached. Please try again.")

// check refuses what no browser would send.
func (d *Desk) check(s Subscription) error {
	at, err := url.Parse(s.Endpoint)
	if err != nil || at.Host == "" || at.User != nil || at.Fragment != "" || len(s.Endpoint) > 1000 || at.Scheme != "https" && (!d.Private || at.Scheme != "http") {
		return errNoSubscription
	}
	if literal, err := netip.ParseAddr(at.Hostname()); err == nil && !d.Private && !outside.Public(literal) {
		return errNoSubscription
	}
	point, err := decode(s.P256dh)
	if err == nil {
		_, err = ecdh.P256().NewPublicKey(point)
	}
	shared, wrong := decode(s.Auth)
	if err != nil || wrong != nil || len(shared) != 16 {
		return errNoSubscription
	}
	return nil
}

func decode(text string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
}

// Register keeps the browser that asks. A browser that was another person's is that person's no more.
func (d *Desk) Register(ctx context.Context, tx bun.IDB, v auth.Viewer, s Subscription, agent string) (uuid.UUID, error) {
	plain, err := d.accept(v, s)
	if err != nil {
		return uuid.Nil, err
	}
	device := id.New()
	return device, register(ctx, tx, v, device, hash(s.Endpoint), d.seal(v.FirmID(), device, plain), agent)
}

// accept gives what is kept of a browser, of somebody who may keep one.
func (d *Desk) accept(v auth.Viewer, s Subscription) (plain []byte, err error) {
	if d.PublicKey() == "" || !v.SignedIn() || v.ViewAs != uuid.Nil {
		return nil, fault.NotFound()
	}
	if err := d.check(s); err != nil {
		return nil, err
	}
	return json.Marshal(s)
}

func (d *Desk) seal(firm, device uuid.UUID, plain []byte) []byte {
	return d.Key.Seal("push device", plain, firm[:], device[:])
}

func (d *Desk) open(firm, device uuid.UUID, sealed []byte) (s Subscription, err error) {
	plain, err := d.Key.Open("push device", sealed, firm[:], device[:])
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(plain, &s)
}

func hash(endpoint string) []byte {
	sum := sha256.Sum256([]byte(endpoint))
	return sum[:]
}

// Claim is what a browser says of itself when somebody has signed in there: its devices belong to this sign-in from now on.
// Those of another person are removed: whoever uses the browser now must not see what that person is told. It answers
// whether the viewer is told anything here.
func Claim(ctx context.Context, tx bun.IDB, v auth.Viewer, endpoint string) (known bool, err error) {
	return claim(ctx, tx, v, hash(endpoint))
}

// Renew notes where a browser of the viewer's is reached from now on.
func (d *Desk) Renew(ctx context.Context, tx bun.IDB, v auth.Viewer, old string, s Subscription) error {
	plain, err := d.accept(v, s)
	if err != nil {
		return err
	}
	devices, err := reachedAt(ctx, tx, v, hash(old))
	if err != nil {
		return err
	}
	for _, device := range devices {
		if err := move(ctx, tx, v, device, hash(s.Endpoint), d.seal(v.FirmID(), device, plain)); err != nil {
			return err
		}
	}
	return nil
}

// Try sends a first message to one device of the viewer's.
func (d *Desk) Try(ctx context.Context, tx bun.IDB, v auth.Viewer, device uuid.UUID, m Message) error {
	if err := mustOwn(ctx, tx, v, device); err != nil {
		return err
	}
	return sendTo(ctx, tx, v.FirmID(), v.PersonID, device, m)
}
