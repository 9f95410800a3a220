package web_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/platform/web"
)

func TestWhatCouldBeTwoRequestsIsNone(t *testing.T) {
	t.Parallel()
	address := bare(t, nil, echo(), ok())
	for name, text := range map[string]string{
		"two lengths": lines("POST /echo HTTP/1.1", "Host: x", "Content-Length: 5", "Content-Length: 3", "", "abcde"),
		"a length and chunks": lines("POST /echo HTTP/1.1", "Host: x", "Content-Length: 4", "Transfer-Encoding: chunked", "",
			"0", "", "GET /ok HTTP/1.1", "Host: x", "", ""),
		"chunks and a length": lines("POST /echo HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", "Content-Length: 4", "",
			"0", "", "GET /ok HTTP/1.1", "Host: x", "", ""),
		"a line end inside a chunk's extension": "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;\nxx\r\n4c\r\n0\r\n\r\nGET /ok HTTP/1.1\r\nHost: x\r\n\r\n",
		"unknown coding":                        lines("POST /echo HTTP/1.1", "Host: x", "Transfer-Encoding: xchunked", "", "0", "", "GET /ok HTTP/1.1", "Host: x", "", ""),
		"two codings":                           lines("POST /echo HTTP/1.1", "Host: x", "Transfer-Encoding: identity, chunked", "", "0", "", "GET /ok HTTP/1.1", "Host: x", "", ""),
		"a blank before the colon":              lines("POST /echo HTTP/1.1", "Host: x", "Content-Length : 4", "", "abcd"),
		"a negative length":                     lines("POST /echo HTTP/1.1", "Host: x", "Content-Length: -1", "", "abcd"),
		"a signed length":                       lines("POST /echo HTTP/1.1", "Host: x", "Content-Length: +4", "", "abcd"),
		"a chunk size that overflows":           lines("POST /echo HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", "", "fffffffffffffffff", "a", "0", "", ""),
	} {
		t.Run(name, func(t *testing.T) {
			answers, bodies := say(t, address, text)
			if len(answers) > 1 {
				t.Errorf("%d answers: %q", len(answers), bodies)
			}
			for i, a := range answers {
				if a.StatusCode < 400 || a.StatusCode >= 500 {
					t.Errorf("it was answered with %d %q", a.StatusCode, bodies[i])
				}
			}
		})
	}
}

func TestABodyNobodyReadIsNoRequest(t *testing.T) {
	t.Parallel()
	address := bare(t, nil, deaf(), ok())
	hidden := lines("GET /ok HTTP/1.1", "Host: x", "", "")
	long := strings.Repeat("x", 20_000) + hidden
	chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(hidden), hidden)
	for _, path := range []string{"/deaf", "/nothing", "/assets/nothing.css", "/ok"} {
		for _, method := range []string{"POST", "GET", "PUT", "OPTIONS", "DELETE"} {
			for name, text := range map[string]string{
				"short":   fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", method, path, len(hidden), hidden),
				"long":    fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", method, path, len(long), long),
				"chunked": fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%s", method, path, chunked),
				"packed":  fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", method, path, len(long), long),
			} {
				if answers, bodies := say(t, address, text); len(answers) > 1 {
					t.Errorf("%s %s, %s: its body was taken for a request: %d answers, %q", method, path, name, len(answers), short(bodies[1]))
				}
			}
		}
	}
}

func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	address := bare(t, nil, echo(), ok())
	one := lines("GET /ok HTTP/1.1", "Host: x", "", "")
	post := lines("POST /echo HTTP/1.1", "Host: x", "Content-Length: 3", "", "abc")
	chunks := lines("POST /echo HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", "", "3", "abc", "0", "", "")
	asset := lines("GET /assets/nothing.css HTTP/1.1", "Host: x", "", "")
	answers, bodies := say(t, address, one+post+chunks+asset+post+one)
	if want := []string{"fine", "got abc", "got abc", "not found", "got abc", "fine"}; !slices.Equal(bodies, want) {
		t.Errorf("%d answers: %q", len(answers), bodies)
	}
}

func TestHalfAHeaderIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	address := bare(t, func(a *web.App) { a.Patience = 300 * time.Millisecond }, ok())
	var all sync.WaitGroup
	for _, text := range []string{"GET", "GET /ok HTTP/1.1\r\nHost: x\r\n", "POST /ok HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"} {
		all.Go(func() {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			_, _ = io.WriteString(c, text)
			_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
			began := time.Now()
			if _, err := io.ReadAll(c); err != nil {
				t.Errorf("%q: the connection is still open after %s: %v", text, time.Since(began), err)
			}
		})
	}
	all.Wait()
	if answers, _ := say(t, address, lines("GET /ok HTTP/1.1", "Host: x", "", "")); len(answers) != 1 || answers[0].StatusCode != 200 {
		t.Error("whoever asks at once is not answered")
	}
}

func TestDrippingHeadersEndsToo(t *testing.T) {
	t.Parallel()
	address := bare(t, func(a *web.App) { a.Patience = 300 * time.Millisecond }, ok())
	c, err := net.Dial("tcp", address)
	must(t, err)
	defer c.Close()
	gone := make(chan error, 1)
	go func() {
		_, err := io.ReadAll(c)
		gone <- err
	}()
	drip := time.NewTicker(20 * time.Millisecond)
	defer drip.Stop()
	_, _ = io.WriteString(c, "GET /ok HTTP/1.1\r\n")
	for late := time.After(30 * time.Second); ; {
		select {
		case <-drip.C:
			_, _ = io.WriteString(c, "X-A: b\r\n")
		case <-gone:
			return
		case <-late:
			t.Fatal("a header that never ends is read for ever")
		}
	}
}

// TestNoNonsenseBreaksTheServer sends what no browser would, from a seed, and asks for errors of the sender only.
func TestNoNonsenseBreaksTheServer(t *testing.T) {
	t.Parallel()
	address := bare(t, nil, echo(), ok())
	random := rand.New(rand.NewPCG(7, 7))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	junk := func(n int) string {
		b := make([]byte, random.IntN(n)+1)
		for i := range b {
			b[i] = byte(random.UintN(256))
		}
		return string(b)
	}
	var texts []string
	for range 3000 {
		head := pick("GET", "POST", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "get", "\x00", junk(8)) + pick(" ", "\t", "  ", "") +
			pick("/", "/ok", "/echo", "/ok?a[-1]=1&a.18446744073704=2", "/ok?%zz", "/%00", "/%2e%2e/%2e%2e/etc/passwd", "/ok%0d%0aX: y", "//evil", "*",
				"http://other/ok", "/"+strings.Repeat("a", random.IntN(20_000)), "/"+junk(40), "/ok?"+junk(200)) + pick(" HTTP/1.1", " HTTP/1.0", " HTTP/9.9", "", " "+junk(5))
		headers := []string{pick("Host: x", "Host:", "Host: "+junk(20), "X: y", "Host: a\r\nHost: b")}
		for range random.IntN(4) {
			headers = append(headers, pick("Cookie: "+junk(100), "Cookie: portico="+strings.Repeat("a", 5000), "Content-Type: multipart/form-data", "Content-Type: multipart/form-data; boundary="+junk(100),
				"Content-Type: application/x-www-form-urlencoded", "Content-Encoding: gzip", "Content-Length: 99999999999999999999", "Content-Length: 4", "Transfer-Encoding: chunked",
				"Expect: 100-continue", "Upgrade: websocket", "Range: bytes=0-", "X-Forwarded-For: "+junk(30), "Sec-Fetch-Site: "+junk(5), "Origin: "+junk(20), "Accept-Encoding: gzip;q="+junk(3),
				"HX-Request: true", "HX-Current-URL: "+junk(30), strings.Repeat("a", 3000)+": b", junk(60)))
		}
		texts = append(texts, head+"\r\n"+strings.Join(headers, "\r\n")+"\r\n\r\n"+pick("", "a=b", junk(300), "--x\r\n"))
	}
	work := make(chan string)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for text := range work {
				answers, bodies := say(t, address, text)
				for i, a := range answers {
					if a.StatusCode >= 500 && a.StatusCode != 501 && a.StatusCode != 505 {
						t.Errorf("%d %q for %q", a.StatusCode, short(bodies[i]), short(text))
					}
				}
			}
		})
	}
	for _, text := range texts {
		work <- text
	}
	close(work)
	all.Wait()
	if answers, _ := say(t, address, lines("GET /ok HTTP/1.1", "Host: x", "", "")); len(answers) != 1 || answers[0].StatusCode != 200 {
		t.Error("afterwards it does not answer")
	}
}

func TestTooMuchIsRefused(t *testing.T) {
	t.Parallel()
	address := bare(t, nil, echo())
	large := bytes.Repeat([]byte("x"), 1<<20)
	for name, body := range map[string]io.Reader{
		"with its length": bytes.NewReader(large), "in chunks": struct{ io.Reader }{bytes.NewReader(large)},
	} {
		r, err := http.Post("http://"+address+"/echo", "text/plain", body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_ = r.Body.Close()
		if r.StatusCode != 413 {
			t.Errorf("%s: %d", name, r.StatusCode)
		}
	}
	huge := lines("GET /ok HTTP/1.1", "Host: x", "X: "+strings.Repeat("y", 200_000), "", "")
	if answers, _ := say(t, address, huge); len(answers) > 1 || len(answers) == 1 && answers[0].StatusCode != 431 {
		t.Errorf("huge headers: %v", answers)
	}
}
