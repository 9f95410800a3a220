package main

import (
	"context"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

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
				return work(ctx, h)
			})
		},
	}
}

// both serves and works in one process, until ctx ends or one of them fails.
func both(ctx context.Context, h *host.Host, d doors) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return serve(ctx, h, d) })
	g.Go(func() error { return work(ctx, h) })
	return g.Wait()
}

func work(ctx context.Context, h *host.Host) error {
	return worker.Run(ctx, worker.Config{
		App: h.Pool, Ops: h.Ops, Redis: h.Redis, Handlers: h.Jobs, Log: h.Log, Concurrency: h.Config.Concurrency, Clock: h.Now,
		Observe: func(o worker.Outcome) { h.ObserveJob(o.Kind, string(o.Result), o.Took) },
	})
}
