package main

import (
	"context"
	"fmt"
	"net"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"portico/platform/config"
	"portico/platform/host"
	"portico/worker"
)

func webCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "web",
		Short: "Serve portal and office; needs DATABASE_URL and REDIS_URL",
		Long: `Serves portal and office on PORT (8080) until it is told to stop; then it drains: /readyz says no, answers under
way are finished, live streams end. Any number of them may run side by side. Run "portico migrate" first.

Put a proxy that does TLS in front and name it in PORTICO_TRUSTED_PROXIES; or set PORTICO_DOMAIN, and it serves HTTPS
itself on 443 and 80, with certificates of its own.`,
		RunE: func(c *cobra.Command, _ []string) error {
			return withHouse(c.Context(), func(ctx context.Context, h *host.Host) error {
				d, err := listen(h.Config)
				if err != nil {
					return err
				}
				h.Log.Info("serving", "address", d.main.Addr().String(), "https", d.plain != nil)
				return serve(ctx, h, d)
			})
		},
	}
}

func workerCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "worker",
		Short: "Keep promises: mails, pictures, clock work; needs DATABASE_URL and REDIS_URL",
		Long: `Keeps what portal and office promised: relay, jobs, clock and reconciler. Any number may run side by side; a job
whose worker dies is taken up by another within seconds. Without SMTP_URL mails are kept in <data>/mailbox.`,
		RunE: func(c *cobra.Command, _ []string) error {
			return withHouse(c.Context(), func(ctx context.Context, h *host.Host) error {
				if h.Config.SMTPURL == "" {
					h.Log.Warn("SMTP_URL is not set: mails are kept in a folder and reach nobody")
				}
				mails, err := listenForMails(h.Config)
				if err != nil {
					return err
				}
				return work(ctx, h, mails)
			})
		},
	}
}

// both serves and works in one process, until ctx ends or one of them fails.
func both(ctx context.Context, h *host.Host, d doors, mails mailDoors) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return serve(ctx, h, d) })
	g.Go(func() error { return work(ctx, h, mails) })
	return g.Wait()
}

// mailDoors are where other servers report undelivered mails, and where they bring answers; nil: nowhere.
type mailDoors struct{ reports, replies net.Listener }

func (m mailDoors) close() {
	for _, l := range []net.Listener{m.reports, m.replies} {
		if l != nil {
			_ = l.Close()
		}
	}
}

// listenForMails opens the places where mails are taken.
func listenForMails(c *config.Config) (m mailDoors, err error) {
	if c.BounceBind != "" {
		if m.reports, err = net.Listen("tcp", c.BounceBind); err != nil {
			return m, fmt.Errorf("PORTICO_BOUNCE_LISTEN: %w", err)
		}
	}
	if c.ReplyBind != "" {
		if m.replies, err = net.Listen("tcp", c.ReplyBind); err != nil {
			m.close()
			return m, fmt.Errorf("PORTICO_REPLY_LISTEN: %w", err)
		}
	}
	return m, nil
}

// work keeps promises, and takes mails if there is a place for them.
func work(ctx context.Context, h *host.Host, mails mailDoors) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return keepPromises(ctx, h) })
	if mails.reports != nil {
		g.Go(func() error { return h.Bounces.Serve(ctx, mails.reports) })
	}
	if mails.replies != nil {
		g.Go(func() error { return h.Replies.Serve(ctx, mails.replies) })
	}
	return g.Wait()
}

func keepPromises(ctx context.Context, h *host.Host) error {
	switch why, stuck := h.Config.Crowded(); {
	case stuck:
		return why
	case why != nil:
		h.Log.Warn("too few connections for the jobs", "err", why)
	}
	return worker.Run(ctx, worker.Config{
		App: h.Pool, Ops: h.Ops, Redis: h.Redis, Handlers: h.Jobs, Log: h.Log, Concurrency: h.Config.Concurrency, Clock: h.Now,
		Always:  []func(context.Context){h.Activity.Seal},
		Observe: func(o worker.Outcome) { h.ObserveJob(o.Kind, string(o.Result), o.Took) },
	})
}
