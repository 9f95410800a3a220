// Package embedded runs a private PostgreSQL and a private Valkey or Redis as child processes, for `portico up` and for
// tests: real servers, no network port, nothing installed on the machine, everything under one data folder.
//
// They answer on unix sockets only, end when this process ends (however it ends), are started again when they die, and
// never run as root.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
)

// Options say what to start and where.
type Options struct {
	Dir             string // data folder, made for its owner alone when missing
	Postgres, Redis bool   // which of the two to start

	// Throwaway trades durability for speed and room: for tests, whose data nobody will miss.
	Throwaway bool

	Log      *slog.Logger // nil: silent
	Progress func(string) // one line for a person about work that takes a while; nil: silent

	PostgresBin, RedisBin string // folders with the servers' binaries; empty: found or fetched
	Runtime               string // where binaries may come from: auto (also ""), system, private, none
	RuntimeDir            string // where fetched binaries are kept; empty: <Dir>/runtime
}

// Stores are the running servers.
type Stores struct {
	DatabaseURL, RedisURL         string // empty for a store that was not asked for
	PostgresVersion, RedisVersion string // as people say it: "PostgreSQL 17.11", "Valkey 8.1.1"
	PostgresFrom, RedisFrom       string // where the binaries came from: configured, installed, private
	SocketDir                     string // for programs that take a host instead of an URL: pg_dump -h

	postgres, redis *child
	postgresBuild   build
	ready           map[*child]func(context.Context) error
	failed          chan error
	unlock          func()
}

// Start brings the stores up and returns when they answer. The context bounds the start alone: the stores live until
// Stop, or until this process ends.
func Start(ctx context.Context, o Options) (*Stores, error) {
	o, err := o.prepared()
	if err != nil {
		return nil, err
	}
	who, err := servant()
	if err != nil {
		return nil, err
	}
	home, err := openHome(o.Dir, who)
	if err != nil {
		return nil, err
	}
	unlock, err := hold(home.dir)
	if err != nil {
		return nil, err
	}
	s := &Stores{
		SocketDir: home.sockets,
		ready:     map[*child]func(context.Context) error{},
		failed:    make(chan error, 2),
		unlock:    unlock,
	}
	if err := s.start(ctx, o, home); err != nil {
		return nil, errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
	}
	return s, nil
}

func (o Options) prepared() (Options, error) {
	if o.Dir == "" {
		return o, errors.New("no data folder named")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return o, err
	}
	o.Dir = dir
	if o.RuntimeDir == "" {
		o.RuntimeDir = filepath.Join(dir, "runtime")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	switch o.Runtime {
	case "":
		o.Runtime = "auto"
	case "auto", "system", "private", "none":
	default:
		return o, fmt.Errorf("PORTICO_RUNTIME is %q: allowed are auto, system, private and none", o.Runtime)
	}
	return o, nil
}

func (s *Stores) start(ctx context.Context, o Options, h home) error {
	builds, err := find(ctx, o, h)
	if err != nil {
		return err
	}
	if o.Redis {
		if err := s.startRedis(ctx, o, h, builds.redis); err != nil {
			return err
		}
	}
	if o.Postgres {
		return s.startPostgres(ctx, o, h, builds.postgres)
	}
	return nil
}

// Stop ends the stores: the queue first, then the database, whose clients are cut off but whose work is safe. When
// the context ends before they do, they are hurried; data that was committed stays. Stopping twice is harmless.
func (s *Stores) Stop(ctx context.Context) error {
	var err error
	for _, c := range []*child{s.redis, s.postgres} {
		if c != nil {
			err = errors.Join(err, c.end(ctx))
		}
	}
	s.unlock()
	return err
}

// Failed tells when a store died so often that it was given up.
func (s *Stores) Failed() <-chan error { return s.failed }

// PostgresBinDir is the folder with the server's own pg_dump and friends. Their environment is PostgresEnv.
func (s *Stores) PostgresBinDir() string { return s.postgresBuild.bin }

// PostgresEnv is what the programs of PostgresBinDir need in their environment to find their libraries.
func (s *Stores) PostgresEnv() []string { return s.postgresBuild.env() }
