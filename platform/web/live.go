package web

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/live"
)

// Streams are the open live connections of this process.
type Streams struct {
	// Subscribe gives the changes of a firm as they happen, until stop is called. A topic is "name" for staff, or
	// "name@client:<id>" or "name@person:<id>" for those who may hear it too.
	Subscribe func(ctx context.Context, firm uuid.UUID, hears func(topic string) bool) (events <-chan live.Event, stop func())
	Beat      time.Duration // how often a quiet stream is written to, and its viewer looked at again; 0: 15 s
	Most      int           // streams of this process; 0: 20,000

	mu   sync.Mutex
	open map[chan struct{}]struct{}
}

// CloseAll ends every stream: browsers come back to another process.
func (s *Streams) CloseAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for quit := range s.open {
		close(quit)
	}
	s.open = nil
}

// Count is how many streams are open.
func (s *Streams) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

func (s *Streams) enter() (quit chan struct{}, leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[chan struct{}]struct{}{}
	}
	most := s.Most
	if most == 0 {
		most = 20_000
	}
	if len(s.open) >= most {
		return nil, nil, false
	}
	quit = make(chan struct{})
	s.open[quit] = struct{}{}
	return quit, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.open, quit)
	}, true
}

// Hears reports whether a viewer may know that a topic rang. What it says is fetched again with the viewer's rights.
func Hears(v auth.Viewer) func(topic string) bool {
	return func(topic string) bool {
		_, audience, narrow := strings.Cut(topic, "@")
		switch {
		case v.Side == auth.Office:
			return !strings.HasPrefix(audience, "person:") || audience == "person:"+v.PersonID.String()
		case !narrow || v.Side != auth.Portal:
			return false
		}
		return audience == "client:"+v.ClientID.String() || audience == "person:"+v.PersonID.String()
	}
}

// Live answers with a stream of the topics that the viewer may hear. A disconnect shows only at the next write, hence
// the beat; at each beat the session is looked at again, so that a disabled person's stream ends too.
func (r *Request) Live() error {
	if r.viewer.Side == auth.Portal && !r.viewer.Levels().Portal().On { // closed: there is nothing to hear of
		return fault.SignIn()
	}
	streams := r.app.Streams
	quit, leave, ok := streams.enter()
	if !ok {
		return fault.Unavailable(10 * time.Second)
	}
	// nothing of the request may be touched after this function returns
	app, firm, token, preview, viewer := r.app, r.firm, r.token, r.preview, r.viewer
	if err := r.commit(); err != nil {
		leave()
		return err
	}
	events, stop := streams.Subscribe(context.Background(), firm, Hears(viewer))
	beat := streams.Beat
	if beat == 0 {
		beat = 15 * time.Second
	}
	r.c.Set("Content-Type", "text/event-stream")
	r.c.Set("X-Accel-Buffering", "no")
	r.c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer leave()
		defer stop()
		ticker := time.NewTicker(beat)
		defer ticker.Stop()
		if !say(w, "retry: 3000\n: welcome\n\n") {
			return
		}
		for {
			select {
			case <-quit:
				return
			case event, ok := <-events:
				name, _, _ := strings.Cut(event.Topic, "@")
				if event.Resync {
					name = "resync"
				}
				if !ok || !say(w, fmt.Sprintf("event: %s\ndata: 1\n\n", name)) {
					return
				}
			case <-ticker.C:
				if !app.still(firm, token, preview, viewer) || !say(w, ": beat\n\n") {
					return
				}
			}
		}
	})
	return nil
}

func say(w *bufio.Writer, text string) bool {
	if _, err := w.WriteString(text); err != nil {
		return false
	}
	return w.Flush() == nil
}

// still reports whether the session behind a stream is what it was. If the database is away the stream stays: a
// reconnect would not help.
func (a *App) still(firm uuid.UUID, token, preview string, before auth.Viewer) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	now := before
	err := readTx(ctx, a, firm, func(tx bun.Tx) (err error) {
		now, err = a.look(ctx, tx, firm, token, preview)
		return err
	})
	if err != nil {
		return true
	}
	return now.Side == before.Side && now.PersonID == before.PersonID && now.ClientID == before.ClientID &&
		now.Firm.PortalOn == before.Firm.PortalOn && now.ClientOn == before.ClientOn
}

func readTx(ctx context.Context, a *App, firm uuid.UUID, fn func(bun.Tx) error) error {
	tx, err := db.BeginRead(ctx, a.Pool, firm)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	return fn(tx)
}
