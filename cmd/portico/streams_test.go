package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/platform/portaltest"
	"portico/platform/portaltest/loadtest"
	"portico/platform/portaltest/stopwatch"
)

// BenchmarkIdleStreams tells what ten thousand live streams cost that have nothing to say.
func BenchmarkIdleStreams(b *testing.B) {
	const streams, most = 10_000, 400
	site := portaltest.Open(b)
	p := startWeb(b, site, build(b))
	defer p.stop()
	session := site.Session("maria")
	before := p.megabytes(b)
	for b.Loop() {
		open := p.crowd(b, streams, session)
		time.Sleep(20 * time.Second) // a beat of all of them
		b.ReportMetric(p.megabytes(b), "MB")
		b.ReportMetric((p.megabytes(b)-before)*1024/streams, "KB/stream")
		if mb := p.megabytes(b); mb > most {
			b.Errorf("with %d streams it holds %.0f MB, more than %d", streams, mb, most)
		}
		took := bells(b, site, p, 20)
		b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "heard-p95-ms")
		for _, conn := range open {
			_ = conn.Close()
		}
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkMessages tells how soon a message that is sent in one process stands on another person's open page, which another
// process serves, beside 2,000 open pages of both sides that are told of it.
func BenchmarkMessages(b *testing.B) {
	const streams, messages = 2000, 100
	site := portaltest.Open(b)
	binary := build(b)
	here, there := startWeb(b, site, binary), startWeb(b, site, binary)
	defer here.stop()
	defer there.stop()
	maria, ana := site.Session("maria"), site.Session("ana")
	var conversation string
	if err := site.DB(b).NewRaw(`
		select id::text from messages.conversation where not internal and closed_at is null and client_id = ? order by id limit 1`, site.Person("ana").ClientID).Scan(b.Context(), &conversation); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		var open []net.Conn
		for i, p := range []*process{here, there} {
			open = append(open, p.crowd(b, streams/4, maria)...)
			open = append(open, p.crowd(b, streams/4, ana)...)
			b.ReportMetric(p.megabytes(b), fmt.Sprintf("MB-of-%d", i+1))
		}
		conn, in := there.listen(b, ana)
		open = append(open, conn)
		part := loadtest.Ask("demo.localhost", "/portal/all/messages/"+conversation+"/messages", ana, "HX-Request: true")
		var took []time.Duration
		for i := range messages {
			word := "word" + strconv.Itoa(i) + "x"
			sent := time.Now()
			post(b, here.address, "/office/messages/"+conversation+"/messages", maria, url.Values{"id": {uuid.Must(uuid.NewV7()).String()}, "body": {word}})
			for seen := false; !seen; {
				await(b, in, "event: messages")
				seen = bytes.Contains(loadtest.Once(b, there.address, part), []byte(word))
			}
			took = append(took, time.Since(sent))
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		stopwatch.Holds(b, "the arrival of 95 of 100 messages", heardWithin, took[len(took)*95/100])
		for _, conn := range open {
			_ = conn.Close()
		}
	}
	b.ReportMetric(0, "ns/op")
}

func (p *process) crowd(t testing.TB, n int, session string) (open []net.Conn) {
	t.Helper()
	for range n {
		conn, _ := p.listen(t, session)
		open = append(open, conn)
	}
	return open
}

func await(t testing.TB, in *bufio.Reader, want string) {
	t.Helper()
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(line, want) {
			return
		}
	}
}

// post sends a form as a script of ours does.
func post(t testing.TB, address, path, session string, form url.Values) {
	t.Helper()
	body := form.Encode()
	request := loadtest.Ask("demo.localhost", path, session, "Sec-Fetch-Site: same-origin", "Connection: close",
		"Content-Type: application/x-www-form-urlencoded", "Content-Length: "+strconv.Itoa(len(body)))
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write(append(bytes.Replace(request, []byte("GET "), []byte("POST "), 1), body...)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 303")) {
		t.Fatalf("%v: %.300s", err, answer)
	}
}
