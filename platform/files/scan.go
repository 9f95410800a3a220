package files

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Scanner asks a clamd about files. It speaks INSTREAM: the bytes travel, so clamd may stand anywhere and needs no
// right to our disk.
type Scanner struct {
	Address  string        // "host:3310", or the path of a socket
	Patience time.Duration // without a sign of life; 0: a minute
}

// OpenScanner reads an address of the settings; "" is no scanner.
func OpenScanner(address string) (*Scanner, error) {
	if address == "" {
		return nil, nil
	}
	if !strings.HasPrefix(address, "/") {
		if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
			return nil, errors.New("want host:3310, or the path of clamd's socket")
		}
	}
	return &Scanner{Address: address}, nil
}

// scanPart is how much travels at once.
const scanPart = 64 << 10

// ErrTooLongToScan says that clamd takes no stream as long as this one: its StreamMaxLength is smaller than our uploads.
var ErrTooLongToScan = errors.New("clamd takes no file as large as this: raise its StreamMaxLength")

// Scan answers the name of what was found; "" is nothing. Trouble with clamd itself is an error, never a good answer.
func (s *Scanner) Scan(ctx context.Context, r io.Reader) (virus string, err error) {
	conn, err := s.dial(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	sent := s.send(conn, r)
	answer, err := s.answer(conn)
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("scan: %w", ctx.Err())
	case strings.Contains(answer, "size limit exceeded"):
		return "", ErrTooLongToScan
	case sent != nil:
		return "", fmt.Errorf("scan: %w", sent)
	case err != nil:
		return "", fmt.Errorf("scan: %w", err)
	}
	answer = strings.TrimPrefix(answer, "stream: ")
	if name, found := strings.CutSuffix(answer, " FOUND"); found {
		return name, nil
	}
	if answer == "OK" {
		return "", nil
	}
	return "", fmt.Errorf("scan: clamd says %.100q", answer)
}

// Check asks whether clamd is there.
func (s *Scanner) Check(ctx context.Context) error {
	conn, err := s.dial(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "zPING\x00"); err != nil {
		return fmt.Errorf("clamd: %w", err)
	}
	answer, err := s.answer(conn)
	if err != nil {
		return fmt.Errorf("clamd: %w", err)
	}
	if answer != "PONG" {
		return fmt.Errorf("clamd says %.100q", answer)
	}
	return nil
}

func (s *Scanner) dial(ctx context.Context) (*alive, error) {
	network := "tcp"
	if strings.HasPrefix(s.Address, "/") {
		network = "unix"
	}
	dialer := net.Dialer{Timeout: 10 * time.Second}
	conn, err := dialer.DialContext(ctx, network, s.Address)
	if err != nil {
		return nil, fmt.Errorf("clamd: %w", err)
	}
	patience := s.Patience
	if patience == 0 {
		patience = time.Minute
	}
	return &alive{conn, patience}, nil
}

func (s *Scanner) send(w io.Writer, r io.Reader) error {
	if _, err := io.WriteString(w, "zINSTREAM\x00"); err != nil {
		return err
	}
	part := make([]byte, 4+scanPart)
	for {
		n, err := io.ReadFull(r, part[4:])
		if n > 0 {
			binary.BigEndian.PutUint32(part, uint32(n)) //nolint:gosec // at most scanPart
			if _, err := w.Write(part[:4+n]); err != nil {
				return err
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return err
		}
	}
	_, err := w.Write(make([]byte, 4))
	return err
}

func (s *Scanner) answer(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, 4<<10)).ReadString(0)
	if err != nil && (err != io.EOF || line == "") {
		return line, err
	}
	return strings.TrimSpace(strings.TrimSuffix(line, "\x00")), nil
}

// alive is a connection that must show life in each step.
type alive struct {
	net.Conn
	patience time.Duration
}

func (a *alive) Read(b []byte) (int, error)  { a.wait(); return a.Conn.Read(b) }
func (a *alive) Write(b []byte) (int, error) { a.wait(); return a.Conn.Write(b) }
func (a *alive) wait()                       { _ = a.SetDeadline(time.Now().Add(a.patience)) }
