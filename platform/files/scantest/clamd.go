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

// Slow finds a virus wherever the word is, and answers nobody before answer is called.
func Slow(t testing.TB) (address string, answer func()) {
	t.Helper()
	ready := make(chan struct{})
	answer = sync.OnceFunc(func() { close(ready) })
	t.Cleanup(answer)
	return serve(t, func(body []byte) string {
		<-ready
		if bytes.Contains(body, []byte("VIRUS")) {
			return "stream: Test.Virus FOUND\x00"
		}
		return "stream: OK\x00"
	}), answer
}

// Saying is one that always says the same.
func Saying(t testing.TB, answer string) (address string) {
	t.Helper()
	return serve(t, func([]byte) string { return answer })
}

// serve speaks as clamd does, and answers what was sent as said.
func serve(t testing.TB, answer func(body []byte) string) (address string) {
	t.Helper()
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
				_, _ = io.WriteString(conn, answer(all.Bytes()))
			}()
		}
	}()
	return l.Addr().String()
}
