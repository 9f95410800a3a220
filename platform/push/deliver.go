package push

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/job"
)

const (
	lives        = 24 * time.Hour // of a message: what is older is read on the page
	mostRefusals = 10             // in a row, then a device is forgotten
	recordSize   = 2560           // every message is padded to it, so that its length tells nothing
	shortestWait = 10 * time.Second
	longestWait  = 6 * time.Hour
	rest         = 5 * time.Minute // for a device whose push service does not answer
)

// outcome is what became of a call to a push service.
type outcome struct {
	kind string        // "taken", "gone", "later", "silent" or "refused"
	wait time.Duration // later: not before
}

// send keeps one promise. A push service that is away or busy is asked again until the message is a day old; that is no
// matter for a person, so that the promise is never laid aside.
func (d *Desk) send(ctx context.Context, tx bun.Tx, firm uuid.UUID, s sending) error {
	if d.PublicKey() == "" {
		return nil
	}
	letter, found, err := due(ctx, tx, firm, s)
	if err != nil || !found {
		return err
	}
	to, err := d.open(firm, s.Device, letter.Sealed)
	if err != nil { // sealed with a key that is no more: nobody can reach it
		return forget(ctx, tx, firm, s.Device)
	}
	got := outcome{"later", letter.rests(d.Now())}
	if got.wait <= 0 {
		got = d.deliver(ctx, to, s, letter)
	}
	switch got.kind {
	case "taken":
		return arrived(ctx, tx, firm, s.Device)
	case "gone":
		return forget(ctx, tx, firm, s.Device)
	case "silent", "later":
		if got.kind == "silent" {
			if err := unanswered(ctx, tx, firm, s.Device, d.Now()); err != nil {
				return err
			}
		}
		again := s
		again.Try++
		promise := uuid.NewSHA1(job.Current(ctx).ID, []byte(strconv.Itoa(again.Try)))
		_, err := sendJob.Enqueue(ctx, tx, firm, again, job.ID(promise), job.At(d.Now().Add(max(got.wait, wait(s.Try)))))
		return err
	default:
		return refused(ctx, tx, firm, s.Device)
	}
}

// rests is how long the device is left alone yet. Anybody may name a push service that never answers: each call to it keeps a
// worker waiting, however many messages there are for it. A device that refuses is not spared: it is soon forgotten.
func (l letter) rests(now time.Time) time.Duration {
	if l.Failures > 0 || l.FailedAt.IsZero() {
		return 0
	}
	return l.FailedAt.Add(rest).Sub(now)
}

// wait is how long to leave a push service alone after so many tries: 10 seconds, then twice as long each time, at most an hour.
func wait(tries int) time.Duration { return min(shortestWait<<min(tries, 12), time.Hour) }

// deliver hands a message over to the device's push service.
func (d *Desk) deliver(ctx context.Context, to Subscription, s sending, l letter) outcome {
	tag := cmp.Or(l.Tag, s.Message.String()) // one that comes twice after a crash takes its own place
	body, err := json.Marshal(map[string]string{"id": s.Message.String(), "title": l.Title, "body": l.Body, "path": l.Path, "tag": tag})
	if err != nil {
		return outcome{kind: "refused"}
	}
	answer, err := webpush.SendNotificationWithContext(ctx, body, &webpush.Subscription{
		Endpoint: to.Endpoint, Keys: webpush.Keys{P256dh: to.P256dh, Auth: to.Auth},
	}, &webpush.Options{
		HTTPClient: d.client, RecordSize: recordSize, Subscriber: d.Contact, Topic: named(tag), TTL: int(lives / time.Second),
		Urgency: webpush.UrgencyNormal, VAPIDPublicKey: d.keys.public, VAPIDPrivateKey: d.keys.private,
	})
	if err != nil { // it would name the endpoint, which is a secret
		d.Log.Info("push service does not answer", "job", job.Current(ctx).ID)
		return outcome{kind: "silent"}
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	got := read(answer, d.Now())
	if got.kind == "refused" {
		d.Log.Warn("push service refuses a message", "status", answer.StatusCode, "job", job.Current(ctx).ID)
	}
	return got
}

func read(answer *http.Response, now time.Time) outcome {
	switch code := answer.StatusCode; {
	case code >= 200 && code < 300:
		return outcome{kind: "taken"}
	case code == http.StatusNotFound || code == http.StatusGone:
		return outcome{kind: "gone"}
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code >= 500:
		return outcome{"later", retryAfter(answer.Header.Get("Retry-After"), now)}
	}
	return outcome{kind: "refused"}
}

// retryAfter reads seconds or a date; 0: the service said nothing that counts.
func retryAfter(text string, now time.Time) time.Duration {
	asked := time.Duration(0)
	if seconds, err := strconv.Atoi(text); err == nil {
		asked = time.Duration(min(max(seconds, 0), 1<<20)) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		asked = at.Sub(now)
	}
	return min(max(asked, 0), longestWait)
}

// named makes a topic of anything: 32 characters that tell nothing.
func named(topic string) string {
	sum := sha256.Sum256([]byte(topic))
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}
