package web

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/live"
)

// listener is one open page. What it is told is written by a goroutine that lives as long as there is something to write:
// whoever reads slowly keeps nobody else waiting.
type listener struct {
	streams        *Streams
	app            *App
	firm           uuid.UUID
	token, preview string
	was            standing

	mu      sync.Mutex
	conn    net.Conn // nil until the server has let go of it
	chunked bool
	stop    func()    // ends what it is told
	beaten  time.Time // when it was written to last by the keeper; zero: it has just come
	waiting []string  // what has to be written
	talking bool      // somebody writes
	over    bool
}

// standing is what must not change of a viewer while a stream is open.
type standing struct {
	side             auth.Side
	person, client   uuid.UUID
	firmOn, clientOn bool
}

func standingOf(v auth.Viewer) standing {
	return standing{v.Side, v.PersonID, v.ClientID, v.Firm.PortalOn, v.ClientOn}
}

const (
	behind  = 32               // how many words a page may fall behind before it has to look at everything again
	writing = 10 * time.Second // how long a page may take to read what it is told
)

const (
	welcome = "retry: 3000\n: welcome\n\n"
	beat    = ": beat\n\n"
)

// hear is called under the bell's lock.
func (l *listener) hear(e live.Event) {
	name, _, _ := strings.Cut(e.Topic, "@")
	if e.Resync {
		name = "resync"
	}
	l.say("event: " + name + "\ndata: 1\n\n")
}

// say has a text written, once however often it is said before that.
func (l *listener) say(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over || slices.Contains(l.waiting, text) {
		return
	}
	if len(l.waiting) >= behind {
		l.waiting = []string{"event: resync\ndata: 1\n\n"}
	} else {
		l.waiting = append(l.waiting, text)
	}
	if !l.talking {
		l.talking = true
		go l.talk()
	}
}

// hush keeps how the telling is ended.
func (l *listener) hush(stop func()) {
	l.mu.Lock()
	over := l.over
	l.stop = stop
	l.mu.Unlock()
	if over {
		stop()
	}
}

// begin takes the connection over from the server, and writes what was said meanwhile.
func (l *listener) begin(conn net.Conn, header []byte) {
	l.mu.Lock()
	l.conn = conn
	over := l.over
	l.mu.Unlock()
	if over {
		_ = conn.Close()
		return
	}
	if !l.write(string(header) + l.piece(welcome)) {
		l.end()
		return
	}
	go l.talk() // in a goroutine of its own: this one holds what the server lent
}

// piece is a text as it travels.
func (l *listener) piece(text string) string {
	if !l.chunked {
		return text
	}
	return fmt.Sprintf("%x\r\n%s\r\n", len(text), text)
}

func (l *listener) write(text string) bool {
	if l.conn.SetWriteDeadline(time.Now().Add(writing)) != nil {
		return false
	}
	_, err := l.conn.Write([]byte(text))
	return err == nil
}

func (l *listener) talk() {
	for {
		l.mu.Lock()
		text := strings.Join(l.waiting, "")
		l.waiting = nil
		if text == "" || l.over {
			l.talking = false
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
		if !l.write(l.piece(text)) {
			l.end()
			return
		}
	}
}

// beats writes to a stream that is due, and says whether it was.
func (l *listener) beats(now time.Time, every time.Duration) bool {
	l.mu.Lock()
	due, lost := !l.beaten.IsZero() && now.Sub(l.beaten) >= every, l.conn == nil
	if due || l.beaten.IsZero() {
		l.beaten = now
	}
	l.mu.Unlock()
	if due && lost { // the server never let go of the connection
		l.end()
		return false
	}
	if due {
		l.say(beat)
	}
	return due
}

// end closes the stream, once.
func (l *listener) end() {
	l.mu.Lock()
	if l.over {
		l.mu.Unlock()
		return
	}
	l.over = true
	stop, conn := l.stop, l.conn
	l.mu.Unlock()
	if stop != nil {
		stop()
	}
	l.streams.leave(l)
	if conn == nil {
		return
	}
	if l.chunked {
		_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = conn.Write([]byte("0\r\n\r\n"))
	}
	_ = conn.Close()
}

// still reports whether the session behind a stream is what it was. If the database is away the stream stays: a
// reconnect would not help.
func (l *listener) still() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	now := l.was
	err := readTx(ctx, l.app, l.firm, func(tx bun.Tx) error {
		v, err := l.app.look(ctx, tx, l.firm, l.token, l.preview)
		now = standingOf(v)
		return err
	})
	return err != nil || now == l.was
}
