package portaltest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/platform/mail/mailtest"
	"portico/worker"
)

// patience is how long a test waits for the house before it fails.
const patience = time.Minute

// Work starts the worker; Settle does so by itself.
func (s *Site) Work() {
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	if s.shared.stop != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := worker.Run(ctx, worker.Config{
			App: s.Pool, Ops: s.Ops, Redis: s.queue, Handlers: s.Jobs, Log: s.Log, Concurrency: 4, Drain: 5 * time.Second, Clock: s.Now,
		})
		if err != nil {
			s.t.Errorf("worker: %v", err)
		}
	}()
	s.shared.stop = sync.OnceFunc(func() {
		cancel()
		<-done
	})
}

// Rest ends the worker; what it had promised stays promised.
func (s *Site) Rest() {
	s.shared.mu.Lock()
	stop := s.shared.stop
	s.shared.stop = nil
	s.shared.mu.Unlock()
	if stop != nil {
		stop()
	}
}

// promise is one that is not kept.
type promise struct {
	Kind, LastError string
	Tries           int
}

// Settle lets the worker keep every promise that is due, and waits until none is open. Promises for later stay. One that
// is refused fails the test: say Refused when it is meant to be.
func (s *Site) Settle(t testing.TB) {
	t.Helper()
	if open := s.settle(t, func(p promise) bool { return p.Tries > 0 }); len(open) > 0 {
		t.Fatalf("promises that are not kept:%s", told(open))
	}
}

// Develop keeps what the story has promised to do later: photos are made, and papers read.
func (s *Site) Develop(t testing.TB) {
	t.Helper()
	_, err := s.owner.ExecContext(t.Context(), "update outbox set next_at = now() where done_at is null")
	must(t, err)
	s.Settle(t)
}

// Refused waits as Settle does, and answers how many promises were refused and wait for another try.
func (s *Site) Refused(t testing.TB) int {
	t.Helper()
	return len(s.settle(t, func(p promise) bool { return p.Tries > 0 }))
}

// settle waits until nothing is open but what is stuck.
func (s *Site) settle(t testing.TB, stuck func(promise) bool) []promise {
	t.Helper()
	s.Work()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	late := time.After(patience)
	for {
		open := s.open(t)
		waiting := false
		for _, p := range open {
			waiting = waiting || !stuck(p)
		}
		if !waiting {
			return open
		}
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("promises still open after %s:%s", patience, told(open))
		}
	}
}

func (s *Site) open(t testing.TB) []promise {
	t.Helper()
	var open []promise
	must(t, s.owner.NewRaw(`
		select o.kind, o.last_error, o.tries
		from outbox o
		where o.done_at is null and o.dead_at is null and (o.next_at <= now() or o.dispatches > 0 or o.tries > 0)`).Scan(t.Context(), &open))
	return open
}

func told(open []promise) string {
	var b strings.Builder
	for _, p := range open {
		fmt.Fprintf(&b, "\n  %s, tried %d times: %s", p.Kind, p.Tries, p.LastError)
	}
	return b.String()
}

// Mails are all that were sent so far, in order, once every promise is kept.
func (s *Site) Mails() []mailtest.Mail {
	s.t.Helper()
	s.Settle(s.t)
	return s.Smtp.Messages()
}

// MailTo is the latest mail to somebody, by first name or address, once every promise is kept.
func (s *Site) MailTo(who string) mailtest.Mail {
	s.t.Helper()
	address := who
	if !strings.Contains(who, "@") {
		address = s.Person(who).Email
	}
	mails := s.Mails()
	for i := len(mails) - 1; i >= 0; i-- {
		if strings.EqualFold(mails[i].Recipient, address) {
			return mails[i]
		}
	}
	s.t.Fatalf("no mail to %s; %d mails in all", address, len(mails))
	return mailtest.Mail{}
}
