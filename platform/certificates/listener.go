package certificates

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

const (
	helloTime = 10 * time.Second // for each half of a handshake
	issueTime = 2 * time.Minute  // for the authority to answer, while the first visitor waits
	// shakes is how many handshakes go on at once, in all and of one neighbourhood; more are hung up on, so that a flood
	// costs little and holds up nobody else.
	shakes, shakesOfOne = 1000, 200
	breath              = 50 * time.Millisecond // when the system has no connection to give
)

// Listen gives connections whose handshake is done. Whoever sends slowly, or asks for a stranger's host, holds up nobody.
func (k *Keeper) Listen(inner net.Listener) net.Listener {
	l := &listener{
		Listener: inner, config: k.tlsConfig(), ready: make(chan net.Conn), ended: make(chan struct{}), under: map[netip.Prefix]int{},
	}
	go l.run()
	return l
}

type listener struct {
	net.Listener
	config *tls.Config
	ready  chan net.Conn

	mu    sync.Mutex
	all   int
	under map[netip.Prefix]int // handshakes under way

	end   sync.Once
	ended chan struct{}
	err   error
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.ready:
		return c, nil
	case <-l.ended:
		return nil, l.err
	}
}

func (l *listener) Close() error {
	err := l.Listener.Close()
	l.stop(net.ErrClosed)
	return err
}

func (l *listener) stop(err error) {
	l.end.Do(func() {
		l.err = err
		close(l.ended)
	})
}

func (l *listener) run() {
	for {
		c, err := l.Listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			l.stop(err)
			return
		}
		if err != nil { // out of file descriptors, a visitor who left at once: it passes
			time.Sleep(breath)
			continue
		}
		from := neighbourhood(c.RemoteAddr())
		if !l.begin(from) {
			_ = c.Close()
			continue
		}
		go func() {
			defer l.done(from)
			l.shake(c)
		}()
	}
}

func (l *listener) begin(from netip.Prefix) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= shakes || l.under[from] >= shakesOfOne {
		return false
	}
	l.all++
	l.under[from]++
	return true
}

func (l *listener) done(from netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.under[from]--; l.under[from] <= 0 {
		delete(l.under, from)
	}
}

func (l *listener) shake(raw net.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), issueTime+2*helloTime)
	defer cancel()
	_ = raw.SetDeadline(time.Now().Add(helloTime))
	c := tls.Server(raw, l.config)
	if err := c.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return
	}
	_ = raw.SetDeadline(time.Time{})
	select {
	case l.ready <- c:
	case <-l.ended:
		_ = raw.Close()
	}
}
