package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"portico/platform/config"
	"portico/platform/embedded"
	"portico/platform/host"
	"portico/platform/module"
)

func upCommand() *cobra.Command {
	var withDemo bool
	var domain string
	c := &cobra.Command{
		Use:   "up",
		Short: "Run everything here: private PostgreSQL and Valkey, portal, office and workers",
		Long: `Runs the whole of Portico in one process tree. Unless DATABASE_URL and REDIS_URL are set, it starts its own PostgreSQL
and Valkey (or Redis): no port is taken, everything is in PORTICO_DATA_DIR, and they are fetched once when the machine
has none. It brings the database up to date, serves on PORT (8080), and runs the workers. Without SMTP_URL mails are
kept, and shown by the mailbox viewer. Ctrl-C stops everything; a crash loses nothing that was saved.

With --domain (or PORTICO_DOMAIN) it serves HTTPS on the ports 443 and 80, with certificates of its own from Let's
Encrypt: the domain, and everything below it, must lead to this machine. Started as root, it opens the ports and goes on
as the user portico.`,
		Example: `  portico up --demo
  portico up --domain portal.example.com`,
		RunE: func(c *cobra.Command, _ []string) error { return up(c.Context(), c.OutOrStdout(), withDemo, domain) },
	}
	c.Flags().BoolVar(&withDemo, "demo", false, "load the demo firms if there are no firms yet, and print sign-in links")
	c.Flags().StringVar(&domain, "domain", "", "serve HTTPS for this domain and the firms below it (as PORTICO_DOMAIN)")
	return c
}

func up(ctx context.Context, out io.Writer, withDemo bool, domain string) error {
	c, err := config.LoadFor(domain)
	if err != nil {
		return err
	}
	if withDemo && c.MainFirm == "" {
		c.MainFirm = demoKey
	}
	log := logger(c)
	d, err := listen(c) // first, while root may still take a low port
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	mails, err := listenForMails(c)
	if err != nil {
		return err
	}
	defer mails.close()
	if err := embedded.DropPrivileges(c.DataDir); err != nil {
		return err
	}
	unlock, err := embedded.Lock(c.DataDir)
	if err != nil {
		return err
	}
	defer unlock()
	provider, err := startPractice(c, log)
	if err != nil {
		return err
	}
	stores, err := startStores(ctx, c, log, out)
	if err != nil {
		return err
	}
	defer stopStores(stores, log)
	defer forgetPrivate(c)
	return serveUp(ctx, c, log, listeners{d, mails, provider}, stores, out, withDemo)
}

func startStores(ctx context.Context, c *config.Config, log *slog.Logger, out io.Writer) (*embedded.Stores, error) {
	o := embedded.Options{
		Dir: c.DataDir, Postgres: c.DatabaseURL == "", Redis: c.RedisURL == "", Log: log,
		Progress:    func(text string) { fmt.Fprintln(out, text) },
		PostgresBin: c.PostgresBin, RedisBin: c.RedisBin, Runtime: c.Runtime,
	}
	if !o.Postgres && !o.Redis {
		return nil, nil
	}
	stores, err := embedded.Start(ctx, o)
	if err != nil {
		return nil, err
	}
	if o.Postgres {
		c.DatabaseURL = stores.DatabaseURL
	}
	if o.Redis {
		c.RedisURL = stores.RedisURL
	}
	return stores, rememberPrivate(c)
}

func stopStores(stores *embedded.Stores, log *slog.Logger) {
	if stores == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	if err := stores.Stop(ctx); err != nil {
		log.Error("stores not stopped", "err", err)
	}
}

// listeners are where visitors come and, if wanted, where mails do and where the practice provider answers.
type listeners struct {
	visitors doors
	mails    mailDoors
	practice *practice
}

func serveUp(ctx context.Context, c *config.Config, log *slog.Logger, at listeners, stores *embedded.Stores, out io.Writer, withDemo bool) error {
	if _, err := host.Migrate(ctx, c.DatabaseURL, module.All()); err != nil {
		return err
	}
	h, err := open(c, log)
	if err != nil {
		return err
	}
	defer func() { _ = h.Close() }()
	if withDemo {
		if err := loadDemoOnce(ctx, h, out); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if stores != nil {
		go func() {
			if err, died := <-stores.Failed(); died {
				cancel(err)
			}
		}()
	}
	if err := greet(ctx, out, h, stores, withDemo); err != nil {
		return err
	}
	err = allOf(ctx, h, at)
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// allOf serves, works and, if it is ours, runs the practice provider.
func allOf(ctx context.Context, h *host.Host, at listeners) error {
	if at.practice == nil {
		return both(ctx, h, at.visitors, at.mails)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return both(ctx, h, at.visitors, at.mails) })
	g.Go(func() error { return at.practice.run(ctx) })
	return g.Wait()
}

// greet says where everything is.
func greet(ctx context.Context, out io.Writer, h *host.Host, stores *embedded.Stores, withDemo bool) error {
	c := h.Config
	line := func(name, text, by string) { fmt.Fprintf(out, "  %-10s %-52s %s\n", name, text, by) }
	fmt.Fprintf(out, "\nPortico %s\n", version)
	line("data", c.DataDir, "(PORTICO_DATA_DIR)")
	if stores != nil && stores.PostgresVersion != "" {
		line("database", stores.PostgresVersion+", private, run by this program", "(DATABASE_URL to use your own)")
	} else {
		line("database", "yours", "(DATABASE_URL)")
	}
	if stores != nil && stores.RedisVersion != "" {
		line("queue", stores.RedisVersion+", private, run by this program", "(REDIS_URL to use your own)")
	} else {
		line("queue", "yours", "(REDIS_URL)")
	}
	if c.SMTPURL == "" {
		line("mail", "kept, not sent: read it at "+h.MailboxURL(), "(SMTP_URL to send it)")
	} else {
		line("mail", "sent", "(SMTP_URL)")
	}
	if c.PracticeProvider() != "" {
		line("payments", "practice provider; real ones: Billing > Online payments", "(PORTICO_SANDBOX=none for none)")
	}
	if c.Domain != "" {
		line("https", "certificates of our own, for "+c.Domain+" and below", "(--domain)")
	}
	line("portal", c.URL+"/portal", "for clients")
	line("office", c.URL+"/office", "for staff")
	if withDemo {
		if err := greetDemo(ctx, out, h); err != nil {
			return err
		}
	} else {
		firms, err := h.ListFirms(ctx)
		if err != nil {
			return err
		}
		if len(firms) == 0 {
			fmt.Fprintln(out, "\nThere is no firm yet. In another terminal: portico admin create-firm -h")
		}
	}
	fmt.Fprintln(out, "\nCtrl-C stops everything.")
	return nil
}
