package loadtest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Visits is how a server answered a crowd.
type Visits struct {
	took   []time.Duration
	during time.Duration
	bytes  int
	cpu    cpu
}

func (v Visits) perSecond() float64 { return float64(len(v.took)) / v.during.Seconds() }

// perPage is microseconds.
func (v Visits) perPage(all time.Duration) float64 {
	return float64(all.Microseconds()) / float64(max(1, len(v.took)))
}

func (v Visits) percentile(p float64) time.Duration {
	if len(v.took) == 0 {
		return 0
	}
	slices.Sort(v.took)
	return v.took[min(len(v.took)-1, int(p*float64(len(v.took))))]
}

func (v *Visits) add(more Visits) {
	v.took, v.during, v.bytes = append(v.took, more.took...), v.during+more.during, more.bytes
	v.cpu = v.cpu.plus(more.cpu)
}

// Crowd asks for the same page from so many connections for a while. It does as little as it can: it shares the
// processors with whom it measures.
func Crowd(t testing.TB, address string, request []byte, connections int, during time.Duration) Visits {
	t.Helper()
	var mu sync.Mutex
	var all Visits
	var g sync.WaitGroup
	begun := time.Now()
	for range connections {
		g.Go(func() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = conn.Close() }()
			in := bufio.NewReaderSize(conn, 32<<10)
			took := make([]time.Duration, 0, 4096)
			size := 0
			for time.Since(begun) < during {
				asked := time.Now()
				if _, err := conn.Write(request); err != nil {
					t.Error(err)
					return
				}
				if size, err = readAnswer(in); err != nil {
					t.Error(err)
					return
				}
				took = append(took, time.Since(asked))
			}
			mu.Lock()
			defer mu.Unlock()
			all.took, all.bytes = append(all.took, took...), size
		})
	}
	g.Wait()
	all.during = time.Since(begun)
	return all
}

// readAnswer takes one answer off the wire; anything but 200 is an error.
func readAnswer(in *bufio.Reader) (size int, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
		return 0, fmt.Errorf("answered %s", line)
	}
	for {
		line, err = in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			_, err = in.Discard(size)
			return size, err
		}
		if name, value, _ := strings.Cut(string(line), ":"); strings.EqualFold(name, "Content-Length") {
			if size, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return 0, err
			}
		}
	}
}

// Ask is a GET as a browser writes it.
func Ask(host, path, cookie string, more ...string) []byte {
	head := append([]string{
		"GET " + path + " HTTP/1.1", "Host: " + host,
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept-Language: en-US,en;q=0.9",
		"Cookie: portico=" + cookie,
	}, more...)
	return []byte(strings.Join(head, "\r\n") + "\r\n\r\n")
}

// Once reads one whole answer with its body.
func Once(t testing.TB, address string, request []byte) []byte {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	request = bytes.Replace(request, []byte("\r\n\r\n"), []byte("\r\nConnection: close\r\n\r\n"), 1)
	if _, err := conn.Write(request); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := bytes.Cut(answer, []byte("\r\n\r\n"))
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 200")) {
		t.Fatalf("answered %s", head)
	}
	return body
}
