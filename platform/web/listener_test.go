package web

import (
	"bufio"
	"net"
	"strconv"
	"strings"
	"testing"

	"portico/platform/live"
)

// TestAPageThatFallsBehindLooksAtEverything: what is said to one that does not read is not kept without end, and is said once.
func TestAPageThatFallsBehindLooksAtEverything(t *testing.T) {
	server, client := net.Pipe()
	l := &listener{streams: &Streams{}, talking: true}
	ended := 0
	l.hush(func() { ended++ })
	go l.begin(server, []byte("HTTP/1.1 200 OK\r\n\r\n"))
	in := bufio.NewReader(client)
	until := func(want string) (heard string) {
		t.Helper()
		for !strings.Contains(heard, want) {
			line, err := in.ReadString('\n')
			if err != nil {
				t.Fatalf("%v after %q", err, heard)
			}
			heard += line
		}
		return heard
	}
	until("welcome")
	for range 3 {
		l.hear(live.Event{Topic: "first@client:1"})
	}
	for i := range 2 * behind {
		l.hear(live.Event{Topic: "later" + strconv.Itoa(i)})
	}
	l.hear(live.Event{Topic: "last"})
	heard := until("event: last")
	if strings.Count(heard, "event: first\n") > 1 || strings.Contains(heard, "client:1") || !strings.Contains(heard, "event: resync\n") {
		t.Errorf("heard %q", heard)
	}
	if n := strings.Count(heard, "event: "); n > 2*behind {
		t.Errorf("heard %d things, and was to be spared", n)
	}
	go func() { _, _ = in.ReadString(0) }()
	l.end()
	l.end()
	l.hear(live.Event{Topic: "too late"})
	if ended != 1 || len(l.waiting) > 0 {
		t.Errorf("ended %d times, with %q to be said", ended, l.waiting)
	}
}
