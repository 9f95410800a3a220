package embedded

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const redisSocket = "redis.sock"

func (s *Stores) startRedis(ctx context.Context, o Options, h home, b build) error {
	dir := h.part("redis")
	if err := h.who.makeDir(dir); err != nil {
		return err
	}
	pidFile := filepath.Join(dir, "redis.pid")
	if err := endLeftover(ctx, pidFile, syscall.SIGTERM, "redis-server", "valkey-server"); err != nil {
		return err
	}
	output := filepath.Join(dir, "server.log")
	if err := freshOutput(output, h.who); err != nil {
		return err
	}
	socket := filepath.Join(h.sockets, redisSocket)
	args := []string{
		"--port", "0", "--unixsocket", socket, "--unixsocketperm", "700",
		"--dir", dir, "--pidfile", pidFile, "--daemonize", "no", "--loglevel", "warning",
		"--save", "", "--maxmemory-policy", "noeviction", // a queue must refuse rather than forget
	}
	if o.Throwaway {
		args = append(args, "--appendonly", "no")
	} else {
		args = append(args, "--appendonly", "yes", "--appendfsync", "everysec")
	}
	c := &child{
		name: b.product, output: output, log: o.Log, failed: s.failed,
		orphan: syscall.SIGTERM, polite: syscall.SIGTERM, firm: syscall.SIGKILL,
		command: func() *exec.Cmd { return b.command(h, b.program, args...) },
	}
	s.redis = c
	s.ready[c] = func(ctx context.Context) error { return ping(ctx, socket) }
	s.RedisURL = (&url.URL{Scheme: "unix", Path: socket}).String()
	s.RedisVersion, s.RedisFrom = b.product+" "+b.version, b.from
	c.start()
	return c.await(ctx, s.ready[c])
}

// ping says hello in the server's own words; while it still loads its data it answers with an error.
func ping(ctx context.Context, socket string) error {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "unix", socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	unblock := context.AfterFunc(ctx, func() { conn.Close() })
	defer unblock()
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if answer = strings.TrimSpace(answer); answer != "+PONG" {
		return fmt.Errorf("it says %q", answer)
	}
	return nil
}
