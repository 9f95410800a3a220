package web_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/platform/portaltest"
	"portico/platform/portaltest/stopwatch"
)

// listen opens a live stream and waits for its first words.
func listen(t *testing.T, site *portaltest.Site, session string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", site.Address())
	if err != nil {
		t.Error(err)
		return nil, nil
	}
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	fmt.Fprintf(c, "GET /live HTTP/1.1\r\nHost: %s\r\nCookie: portico=%s\r\n\r\n", strings.TrimPrefix(site.URL(), "http://"), session)
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Error(err)
		return c, nil
	}
	in := bufio.NewReader(answer.Body)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Errorf("the stream does not begin: %v", err)
			return c, in
		}
		if strings.HasPrefix(line, ": welcome") {
			return c, in
		}
	}
}

func TestStreamsThatEndLeaveNothing(t *testing.T) {
	site := portaltest.Open(t)
	site.Web.Streams.Beat = 500 * time.Millisecond
	session := site.Session("maria")
	if c, _ := listen(t, site, session); c != nil { // pools and caches are warm from here on
		_ = c.Close()
	}
	portaltest.Eventually(t, 30*time.Second, "the first stream ends", func() bool { return site.Web.Streams.Count() == 0 && site.Bell.Streams() == 0 })
	for range 10 {
		var all sync.WaitGroup
		for range 200 {
			all.Go(func() {
				if c, _ := listen(t, site, session); c != nil {
					_ = c.Close()
				}
			})
		}
		all.Wait()
	}
	portaltest.Eventually(t, 30*time.Second, "all streams are gone", func() bool { return site.Web.Streams.Count() == 0 && site.Bell.Streams() == 0 })
	portaltest.Eventually(t, 30*time.Second, "their goroutines too", func() bool {
		var stacks strings.Builder
		_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1)
		return !strings.Contains(stacks.String(), "web.(*Request).Live") && !strings.Contains(stacks.String(), "NewStreamReader")
	})
}

func TestAStreamTellsAndEndsWithItsSession(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	site.Web.Streams.Beat = 50 * time.Millisecond
	c, in := listen(t, site, site.Session("maria"))
	defer c.Close()
	site.Bell.Send(site.FirmID(), "invoices")
	site.Bell.Send(site.Firm("harbor").FirmID(), "secrets")
	heard := ""
	for !strings.Contains(heard, "event: invoices") {
		line, err := in.ReadString('\n')
		must(t, err)
		heard += line
	}
	if strings.Contains(heard, "secrets") {
		t.Error("it hears another firm")
	}
	_, err := site.DB(t).ExecContext(t.Context(), "delete from session where firm_id = ?", site.FirmID())
	must(t, err)
	if rest, err := io.ReadAll(in); err != nil { // to its end, not to its deadline
		t.Errorf("the stream of an ended session goes on: %v, %q", err, rest)
	}
}

func TestSlowSendersKeepNobodyWaiting(t *testing.T) {
	site := portaltest.Open(t, newProbe().module())
	var slow []net.Conn
	for i := range 3 * 64 { // thrice as many as may work at once
		c, err := net.Dial("tcp", site.Address())
		must(t, err)
		defer c.Close()
		path := []string{"/probe/word", "/office/probe", "/sign-in"}[i%3]
		fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: %s\r\nSec-Fetch-Site: same-origin\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 20000\r\n\r\n%s",
			path, strings.TrimPrefix(site.URL(), "http://"), strings.Repeat("-", 9000))
		slow = append(slow, c)
	}
	began := time.Now()
	for range 20 {
		if a := site.Stranger().Get("/probe/who"); a.Status != 200 {
			t.Errorf("%d while %d others send slowly", a.Status, len(slow))
		}
	}
	stopwatch.Holds(t, "20 answers while others send slowly", 2*time.Second, time.Since(began))
}

func TestWhoComesWhenAllAreBusyIsToldSo(t *testing.T) {
	p := newProbe()
	site := portaltest.Configured(t, map[string]string{"PORTICO_CONNECTIONS": "4"}, p.module()) // 16 at once
	p.inner = make(chan struct{}, 100)
	var all sync.WaitGroup
	for range 4 { // as many as there are connections
		all.Go(func() { site.Stranger().Get("/probe/hold") })
	}
	for range 4 {
		<-p.inner
	}
	answers := make(chan int, 30)
	began := time.Now()
	for range 30 {
		all.Go(func() {
			a := site.Stranger().Get("/probe/who")
			if a.Status == 503 && a.Header.Get("Retry-After") == "" {
				t.Error("it does not say when to come back")
			}
			answers <- a.Status
		})
	}
	refused := 0
	for range 18 { // those that find no turn; 12 wait for a connection
		if <-answers == 503 {
			refused++
		}
	}
	if refused != 18 {
		t.Errorf("%d were refused", refused)
	}
	stopwatch.Holds(t, "refusing", 5*time.Second, time.Since(began))
	close(p.hold)
	all.Wait()
	if a := site.Stranger().Get("/probe/who"); a.Status != 200 {
		t.Errorf("afterwards: %d", a.Status)
	}
}
