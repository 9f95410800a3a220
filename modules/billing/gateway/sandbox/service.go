package sandbox

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/sync/errgroup"
)

// Service is the provider. What it has answered is in its file, whatever ends it.
type Service struct {
	db     *bbolt.DB
	now    func() time.Time
	log    *slog.Logger
	teller *http.Client
}

// Open opens the provider's file, and makes it when there is none. One process has it at a time.
func Open(path string, now func() time.Time, log *slog.Logger) (*Service, error) {
	db, err := openBook(path)
	if err != nil {
		return nil, err
	}
	return &Service{db: db, now: now, log: log, teller: newTeller()}, nil
}

// Close lets go of the file.
func (s *Service) Close() error { return s.db.Close() }

// Run serves until ctx ends, has happen what is due, and tells what is to be told.
func (s *Service) Run(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		return server.Close()
	})
	g.Go(func() error { return s.every(ctx, "happenings", s.live) })
	g.Go(func() error { return s.every(ctx, "reports", s.report) })
	return g.Wait()
}

// every does it again and again until ctx ends.
func (s *Service) every(ctx context.Context, what string, do func(context.Context) error) error {
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
			if err := do(ctx); err != nil && ctx.Err() == nil {
				s.log.Error("practice provider: "+what, "err", err)
			}
		}
	}
}

// live has happen what is due.
func (s *Service) live(context.Context) error {
	any := false
	err := s.db.View(func(tx *bbolt.Tx) error {
		found, _, err := ripe[happening](tx, due, s.now(), 1, false)
		any = len(found) > 0
		return err
	})
	if err != nil || !any {
		return err
	}
	return s.db.Update(func(tx *bbolt.Tx) error {
		found, _, err := ripe[happening](tx, due, s.now(), 256, true)
		if err != nil {
			return err
		}
		for _, h := range found {
			if err := s.happened(tx, h); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) happened(tx *bbolt.Tx, h happening) error {
	l := &ledger{tx: tx, now: s.now().UTC()}
	if _, err := l.get(accounts, h.Account, &l.account); err != nil {
		return err
	}
	var err error
	if h.Refund != "" {
		err = l.refundDue(h.Refund)
	} else {
		err = l.happen(h.Charge, h.Deed, true)
	}
	if err != nil {
		return err
	}
	return l.put(accounts, h.Account, l.account)
}

// Listen opens the place where the provider answers: "unix:/path" or "127.0.0.1:port".
func Listen(address string) (net.Listener, error) {
	path, unix := strings.CutPrefix(address, "unix:")
	if !unix {
		return net.Listen("tcp", strings.TrimPrefix(address, "http://"))
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	return l, os.Chmod(path, 0o600)
}
