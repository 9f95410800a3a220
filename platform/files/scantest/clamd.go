// Package scantest is a virus scanner on this machine, for tests.
package scantest

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
)

// Clamd speaks as clamd does, and finds a virus wherever the word is.
func Clamd(t testing.TB) (address string) {
	t.Helper()
	address, answer := Slow(t)
	answer()
	return address
}

// Slow is one that answers nobody before answer is called.
func Slow(t testing.TB) (address string, answer func()) {
	t.Helper()
	ready := make(chan struct{})
	answer = sync.OnceFunc(func() { close(ready) })
	t.Cleanup(answer)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				_, _ = io.ReadFull(conn, make([]byte, len("zINSTREAM\x00")))
				var all bytes.Buffer
				for {
					var size uint32
					if binary.Read(conn, binary.BigEndian, &size) != nil || size == 0 {
						break
					}
					_, _ = io.CopyN(&all, conn, int64(size))
				}
				<-ready
				if bytes.Contains(all.Bytes(), []byte("VIRUS")) {
					_, _ = io.WriteString(conn, "stream: Test.Virus FOUND\x00")
					return
				}
				_, _ = io.WriteString(conn, "stream: OK\x00")
			}()
		}
	}()
	return l.Addr().String(), answer
}
