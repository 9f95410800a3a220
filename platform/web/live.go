package web

import (
	"context"
	"maps"
	"net"
	"slices"
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

// Streams are the open live connections of this process. None of them has a goroutine or a buffer of its own: whoever has
// nothing to say costs a connection and a few hundred bytes.
type Streams struct {
	// Listen tells of the changes of a firm as they happen, until stop is called. A topic is "name" for staff, or
	// "name@client:<id>" or "name@person:<id>" for those who may hear it too.
	Listen func(firm uuid.UUID, hears func(topic string) bool, tell func(live.Event)) (stop func())
	Beat   time.Duration // how often a quiet stream is written to, and its viewer looked at again; 0: 15 s
	Most   int           // streams of this process; 0: 20,000

	mu   sync.Mutex
	open map[*listener]struct{}
	kept bool // somebody beats for them
}

// CloseAll ends every stream: browsers come back to another process.
func (s *Streams) CloseAll() {
	var all sync.WaitGroup
	for _, l := range s.all() {
		all.Go(l.end) // one that reads nothing keeps a second for itself
	}
	all.Wait()
}

func (s *Streams) all() []*listener {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.open))
}

// Count is how many streams are open.
func (s *Streams) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

func (s *Streams) enter(l *listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	most := s.Most
	if most == 0 {
		most = 20_000
	}
	if len(s.open) >= most {
		return false
	}
	if s.open == nil {
		s.open = map[*listener]struct{}{}
	}
	if !s.kept {
		s.kept = true
		go s.keep(s.beat())
	}
	s.open[l] = struct{}{}
	return true
}

// leave forgets a stream that has ended.
func (s *Streams) leave(l *listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, l)
}

func (s *Streams) beat() time.Duration {
	if s.Beat == 0 {
		return 15 * time.Second
	}
	return s.Beat
}

// lookers is how many viewers are looked at again at the same time.
const lookers = 4

// keep beats for all streams, each in its own time, and ends with the last of them.
func (s *Streams) keep(beat time.Duration) {
	ticker := time.NewTicker(max(beat/15, time.Millisecond))
	defer ticker.Stop()
	due := make(chan *listener, 4096)
	defer close(due)
	for range lookers {
		go func() {
			for l := range due {
				if !l.still() {
					l.end()
				}
			}
		}()
	}
	for now := range ticker.C {
		all, alone := s.round()
		if alone {
			return
		}
		for _, l := range all {
			if !l.beats(now, beat) {
				continue
			}
			select {
			case due <- l:
			default: // the lookers are behind; this one is looked at with its next beat
			}
		}
	}
}

// round is all that listen now; alone says that there is nobody, and that the keeper goes: the next who comes brings another.
func (s *Streams) round() (all []*listener, alone bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.open) == 0 {
		s.open, s.kept = nil, false
		return nil, true
	}
	return slices.Collect(maps.Keys(s.open)), false
}

// Hears reports whether a viewer may know that a topic rang. What it says is fetched again with the viewer's rights.
func Hears(v auth.Viewer) func(topic string) bool {
	side, client, person := v.Side, "client:"+v.ClientID.String(), "person:"+v.PersonID.String()
	return func(topic string) bool {
		_, audience, narrow := strings.Cut(topic, "@")
		switch {
		case side == auth.Office:
			return !strings.HasPrefix(audience, "person:") || audience == person
		case !narrow || side != auth.Portal:
			return false
		}
		return audience == client || audience == person
	}
}

// Live answers with a stream of the topics that the viewer may hear. The connection is taken from the server, which would
// keep buffers and goroutines for it. A disconnect shows only at the next write, hence the beat; at each beat the session is
// looked at again, so that a disabled person's stream ends too.
func (r *Request) Live() error {
	if r.viewer.Side == auth.Portal && !r.viewer.Levels().Portal().On { // closed: there is nothing to hear of
		return fault.SignIn()
	}
	c := r.c.Context()
	r.c.Set("Content-Type", "text/event-stream")
	r.c.Set("X-Accel-Buffering", "no")
	if c.IsHead() {
		return nil
	}
	// nothing of the request may be touched after this function returns
	l := &listener{
		streams: r.app.Streams, app: r.app, firm: r.firm, token: strings.Clone(r.token), preview: strings.Clone(r.preview), was: standingOf(r.viewer),
		talking: true, chunked: c.Request.Header.IsHTTP11(),
	}
	hears := Hears(r.viewer)
	if !l.streams.enter(l) {
		return fault.Unavailable(10 * time.Second)
	}
	if err := r.commit(); err != nil {
		l.end()
		return err
	}
	l.hush(l.streams.Listen(l.firm, hears, l.hear))
	if l.chunked {
		c.Response.Header.SetContentLength(-1)
	}
	c.Response.Header.SetConnectionClose()
	c.HijackSetNoResponse(true)
	c.Hijack(func(taken net.Conn) {
		conn := taken
		if inner, is := taken.(interface{ UnsafeConn() net.Conn }); is {
			conn = inner.UnsafeConn()
		}
		l.begin(conn, c.Response.Header.Header())
	})
	return nil
}

func readTx(ctx context.Context, a *App, firm uuid.UUID, fn func(bun.Tx) error) error {
	tx, err := db.BeginRead(ctx, a.Pool, firm)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	return fn(tx)
}
