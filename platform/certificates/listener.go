package certificates

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

const (
	helloTime = 10 * time.Second // for each half of a handshake
	issueTime = 2 * time.Minute  // for the authority to answer, while the first visitor waits
	// shakes is how many handshakes go on at once; more are hung up on, so that a flood costs little.
	shakes = 1000
)

// Listen gives connections whose handshake is done. Whoever sends slowly, or asks for a stranger's host, holds up nobody.
func (k *Keeper) Listen(inner net.Listener) net.Listener {
	l := &listener{
		Listener: inner, config: k.tlsConfig(), ready: make(chan net.Conn), ended: make(chan struct{}), slots: make(chan struct{}, shakes),
	}
	go l.run()
	return l
}

type listener struct {
	net.Listener
	config *tls.Config
	ready  chan net.Conn
	slots  chan struct{}

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
		if err != nil {
			if wait, ok := err.(net.Error); ok && wait.Timeout() {
				continue
			}
			l.stop(err)
			return
		}
		select {
		case l.slots <- struct{}{}:
			go l.shake(c)
		default:
			_ = c.Close()
		}
	}
}

func (l *listener) shake(raw net.Conn) {
	defer func() { <-l.slots }()
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
