package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/platform/portaltest"
	"portico/platform/portaltest/loadtest"
	"portico/platform/portaltest/stopwatch"
)

// The figures of the program as a process of its own. Benchmarks hold those that are promised; tests hold them on a
// machine as slow as the one they run on.
const (
	readyWithin = 300 * time.Millisecond
	heardWithin = 300 * time.Millisecond
	starts      = 15 // as many times what telling the version takes may pass until web is ready
)

func TestWebIsReadyAtOnceAndStaysSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program")
	}
	site := portaltest.Open(t)
	binary := build(t)
	ready, version := time.Hour, time.Hour
	for range 10 { // other packages are tested beside it: one quiet moment is enough
		version = min(version, told(t, binary))
		p := startWeb(t, site, binary)
		ready = min(ready, p.ready)
		p.stop()
		if ready <= readyWithin {
			break
		}
	}
	t.Logf("ready after %s; the version is told in %s", ready, version)
	if ready > starts*version { // no machine makes web slower than the program itself
		stopwatch.Holds(t, "being ready", readyWithin, ready)
	}
	p := startWeb(t, site, binary)
	defer p.stop()
	p.holds(t, "at rest", 80)
	loadtest.Crowd(t, p.address, loadtest.Ask("demo.localhost", "/office/clients", site.Session("maria")), 32, 1500*time.Millisecond)
	p.holds(t, "under load", 160)
}

// TestAChangeReachesTheStreamsOfAnotherProcess rings in this process and listens in another.
func TestAChangeReachesTheStreamsOfAnotherProcess(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program")
	}
	site := portaltest.Open(t)
	p := startWeb(t, site, build(t))
	defer p.stop()
	took := bells(t, site, p, 50)
	stopwatch.Holds(t, "the arrival of 95 of 100 changes", heardWithin, took[len(took)*95/100])
}

// BenchmarkStart tells how long `portico web` takes until /readyz says yes, and its memory.
func BenchmarkStart(b *testing.B) {
	site := portaltest.Open(b)
	binary := build(b)
	var all []time.Duration
	for b.Loop() {
		p := startWeb(b, site, binary)
		all = append(all, p.ready)
		p.stop()
	}
	slices.Sort(all)
	stopwatch.Holds(b, "being ready", readyWithin, all[len(all)/2])
	p := startWeb(b, site, binary)
	defer p.stop()
	b.ReportMetric(float64(all[len(all)/2].Milliseconds()), "ready-ms")
	b.ReportMetric(float64(all[len(all)-1].Milliseconds()), "slowest-ms")
	b.ReportMetric(p.megabytes(b), "MB-at-rest")
	loadtest.Crowd(b, p.address, loadtest.Ask("demo.localhost", "/office/clients", site.Session("maria")), 32, 3*time.Second)
	b.ReportMetric(p.megabytes(b), "MB-under-load")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkStreams tells what idle live streams cost, and how soon a change of another process reaches one.
func BenchmarkStreams(b *testing.B) {
	const streams = 2000
	site := portaltest.Open(b)
	p := startWeb(b, site, build(b))
	defer p.stop()
	session := site.Session("maria")
	before := p.megabytes(b)
	for b.Loop() {
		var open []net.Conn
		for range streams {
			conn, _ := p.listen(b, session)
			open = append(open, conn)
		}
		time.Sleep(20 * time.Second) // a beat of all of them
		b.ReportMetric(p.megabytes(b)-before, "MB")
		b.ReportMetric((p.megabytes(b)-before)*1024/streams, "KB/stream")
		took := bells(b, site, p, 100)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "heard-ms")
		b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "heard-p95-ms")
		stopwatch.Holds(b, "the arrival of 95 of 100 changes", heardWithin, took[len(took)*95/100])
		for _, conn := range open {
			_ = conn.Close()
		}
	}
	b.ReportMetric(0, "ns/op")
}

// bells rings in this process, again and again, and tells how long a stream of the other took to say so, in order.
func bells(t testing.TB, site *portaltest.Site, p *process, n int) (took []time.Duration) {
	t.Helper()
	conn, in := p.listen(t, site.Session("maria"))
	defer func() { _ = conn.Close() }()
	firm := site.FirmID()
	for i := range n {
		topic := "bell" + strconv.Itoa(i)
		rung := time.Now()
		site.Bell.Send(firm, topic)
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if strings.TrimSpace(line) == "event: "+topic {
				break
			}
		}
		took = append(took, time.Since(rung))
	}
	slices.Sort(took)
	return took
}

// told is how long the same program takes to tell its version: its start, without what web does.
func told(t testing.TB, binary string) time.Duration {
	t.Helper()
	begun := time.Now()
	if said, err := exec.Command(binary, "version").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return time.Since(begun)
}

type process struct {
	cmd     *exec.Cmd
	address string
	ready   time.Duration
}

// built is the program, made by the first test that needs it.
var built struct {
	sync.Once
	dir  string
	said []byte
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

func build(t testing.TB) string {
	t.Helper()
	built.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "portico-test"); built.err == nil {
			built.said, built.err = exec.Command("go", "build", "-trimpath", "-ldflags=-w", "-o", filepath.Join(built.dir, "portico"), ".").CombinedOutput()
		}
	})
	if built.err != nil {
		t.Fatalf("%v: %s", built.err, built.said)
	}
	return filepath.Join(built.dir, "portico")
}

// startWeb runs `portico web` beside the site, on the same stores.
func startWeb(t testing.TB, site *portaltest.Site, binary string) *process {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &process{address: l.Addr().String()}
	_ = l.Close()
	_, port, _ := net.SplitHostPort(p.address)
	p.cmd = exec.Command(binary, "web")
	p.cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "PORT=" + port, "PORTICO_BIND=127.0.0.1", "PORTICO_URL=http://localhost:" + port,
		"PORTICO_MAIN_FIRM=demo", "DATABASE_URL=" + site.Config.DatabaseURL, "REDIS_URL=" + site.Config.RedisURL,
		"PORTICO_DATA_DIR=" + t.TempDir(), "PORTICO_SECRET=" + strings.Repeat("7e", 32),
	}
	begun := time.Now()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	for !p.says(200) {
		if time.Since(begun) > 2*time.Minute {
			t.Fatal("it is never ready")
		}
		time.Sleep(2 * time.Millisecond)
	}
	p.ready = time.Since(begun)
	return p
}

// says asks /readyz.
func (p *process) says(status int) bool {
	conn, err := net.DialTimeout("tcp", p.address, 5*time.Second)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = io.WriteString(conn, "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	line, err := bufio.NewReader(conn).ReadString('\n')
	return err == nil && strings.Contains(line, fmt.Sprintf(" %d ", status))
}

// listen opens a live stream and waits for its welcome.
func (p *process) listen(t testing.TB, session string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(loadtest.Ask("demo.localhost", "/live", session)); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReaderSize(conn, 512)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatal("no stream: ", err)
		}
		if strings.Contains(line, "welcome") {
			return conn, in
		}
	}
}

func (p *process) stop() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Signal(os.Interrupt)
		_ = p.cmd.Wait()
	}
}

func (p *process) megabytes(t testing.TB) float64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("SKIPPED: this system does not tell how much memory a process has")
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err == nil {
				return kb / 1024
			}
		}
	}
	t.Fatal("no VmRSS")
	return 0
}

func (p *process) holds(t *testing.T, when string, most float64) {
	t.Helper()
	mb := p.megabytes(t)
	for begun := time.Now(); mb > most && time.Since(begun) < 30*time.Second; mb = p.megabytes(t) { // it gives back what the start took
		time.Sleep(50 * time.Millisecond)
	}
	if mb > most {
		t.Errorf("%s it holds %.0f MB, more than %.0f", when, mb, most)
	}
}
