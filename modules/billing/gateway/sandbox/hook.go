package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/sync/errgroup"

	"portico/modules/billing/gateway"
)

const (
	signatureHeader = "Sandbox-Signature"
	signedFor       = 5 * time.Minute // older reports do not count
	mostTold        = 14              // tries: about three hours
)

// sign is the header over a report: the time, and a keyed hash of time and body.
func sign(secret string, body []byte, now time.Time) string {
	at := strconv.FormatInt(now.Unix(), 10)
	return "t=" + at + ",v1=" + hex.EncodeToString(mac(secret, at, body))
}

func mac(secret, at string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(at + "."))
	h.Write(body)
	return h.Sum(nil)
}

// verify reads a report that was signed with one of the secrets.
func verify(secrets []string, header gateway.Header, body []byte, now time.Time) (gateway.Event, error) {
	var at string
	var signed [][]byte
	for part := range strings.SplitSeq(header.Get(signatureHeader), ",") {
		switch name, value, _ := strings.Cut(part, "="); name {
		case "t":
			at = value
		case "v1":
			if sum, err := hex.DecodeString(value); err == nil {
				signed = append(signed, sum)
			}
		}
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return gateway.Event{}, refused("signature", "The report is not signed.")
	}
	if away := now.Sub(time.Unix(seconds, 0)); away > signedFor || away < -signedFor {
		return gateway.Event{}, refused("signature", "The report is too old.")
	}
	for _, secret := range secrets {
		for _, sum := range signed {
			if secret != "" && hmac.Equal(sum, mac(secret, at, body)) {
				return readReport(body)
			}
		}
	}
	return gateway.Event{}, refused("signature", "The report is signed by somebody else.")
}

func readReport(body []byte) (gateway.Event, error) {
	var t told
	if err := json.Unmarshal(body, &t); err != nil || t.ID == "" {
		return gateway.Event{}, refused("request", "The report cannot be read.")
	}
	return gateway.Event{ID: t.ID, Type: t.Type, Object: t.Object, Ref: t.Ref}, nil
}

// sent is a report on its way.
type sent struct {
	report
	key    []byte
	status int
	hook   string
	secret string
}

// report tells what is due, several at once, and puts off what was not heard.
func (s *Service) report(ctx context.Context) error {
	batch, err := s.ripeReports()
	if err != nil || len(batch) == 0 {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i := range batch {
		g.Go(func() error {
			batch[i].status = s.post(ctx, batch[i])
			return nil
		})
	}
	_ = g.Wait()
	if ctx.Err() != nil && batch[0].status == 0 {
		return nil // we are stopping: they are told the next time
	}
	return s.db.Update(func(tx *bbolt.Tx) error {
		for _, r := range batch {
			if err := s.noted(tx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) ripeReports() (batch []sent, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		found, at, err := ripe[report](tx, reports, s.now(), 64, false)
		for i, r := range found {
			l := &ledger{tx: tx}
			if _, err := l.get(accounts, r.Account, &l.account); err != nil {
				return err
			}
			batch = append(batch, sent{report: r, key: at[i], hook: l.Hook, secret: l.Secret})
		}
		return err
	})
	return batch, err
}

// post gives the answer's status; 0: nobody answered.
func (s *Service) post(ctx context.Context, r sent) int {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, r.hook, bytes.NewReader(r.Body))
	if err != nil {
		return 0
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set(signatureHeader, sign(r.secret, r.Body, s.now()))
	a, err := s.teller.Do(q)
	if err != nil {
		return 0
	}
	_ = a.Body.Close()
	return a.StatusCode
}

// noted takes a report that was heard off the list, and puts off any other.
func (s *Service) noted(tx *bbolt.Tx, r sent) error {
	if err := tx.Bucket(reports).Delete(r.key); err != nil {
		return err
	}
	l := &ledger{tx: tx, now: s.now().UTC()}
	if _, err := l.get(accounts, r.Account, &l.account); err != nil {
		return err
	}
	switch r.Tries++; {
	case r.status >= 200 && r.status < 300:
		l.Told.Sent++
	case r.Tries >= mostTold:
		l.Told.Refused++
	default:
		wait := min(time.Second<<min(r.Tries-1, 10), 30*time.Minute)
		return l.put(reports, string(dated(l.now.Add(wait))), r.report)
	}
	return l.put(accounts, r.Account, l.account)
}

// newTeller posts reports. Names below localhost are this machine, as browsers have it; redirects are not followed.
func newTeller() *http.Client {
	dialer := &net.Dialer{Timeout: 3 * time.Second}
	return &http.Client{
		Transport: &http.Transport{
			MaxIdleConnsPerHost: 8, IdleConnTimeout: 10 * time.Second,
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				if host, port, err := net.SplitHostPort(address); err == nil && strings.HasSuffix(host, ".localhost") {
					address = net.JoinHostPort("localhost", port)
				}
				return dialer.DialContext(ctx, network, address)
			},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return fmt.Errorf("not followed: %w", http.ErrUseLastResponse)
		},
	}
}
