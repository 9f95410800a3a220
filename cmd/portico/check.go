package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/uptrace/bun"

	"portico/platform/config"
	"portico/platform/db"
	"portico/platform/host"
	"portico/platform/mail"
	"portico/platform/module"
)

func checkCommand() *cobra.Command {
	var settings bool
	c := &cobra.Command{
		Use:   "check",
		Short: "Look at configuration, stores, roles and mail: what is wrong, and how to mend it",
		Long: `Looks at everything that Portico needs and says what is wrong and how to mend it. Exit code 0: all is well.
With --settings it lists every variable of the environment, its default and what it is for.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if settings {
				return listSettings(c.OutOrStdout())
			}
			return check(c.Context(), c.OutOrStdout())
		},
	}
	c.Flags().BoolVar(&settings, "settings", false, "list the variables of the environment")
	c.AddCommand(checkMoneyCommand())
	return c
}

func checkMoneyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "money",
		Short: "Look at every firm's books: do invoices, payments, totals and double entry agree",
		Long: `Reads all money of all firms and names every promise that does not hold. It changes nothing. Exit code 0: the
books agree. The worker asks the same every five minutes of whoever's money moved, and of everybody at night.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withHouse(c.Context(), func(ctx context.Context, h *host.Host) error { return checkMoney(ctx, h, c.OutOrStdout()) })
		},
	}
}

func checkMoney(ctx context.Context, h *host.Host, out io.Writer) error {
	firms, err := h.ListFirms(ctx)
	if err != nil {
		return err
	}
	wrong := 0
	for _, f := range firms {
		err := db.InTx(ctx, h.Pool, f.ID, func(ctx context.Context, tx bun.Tx) error {
			for _, m := range h.Catalog.Modules {
				if m.Audit == nil {
					continue
				}
				found, err := m.Audit(ctx, tx, f.ID)
				if err != nil {
					return fmt.Errorf("%s of %s: %w", m.ID, f.Key, err)
				}
				for _, text := range found {
					wrong++
					fmt.Fprintf(out, "WRONG  %s, %s: not so that %s\n", f.Key, m.ID, text)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if wrong > 0 {
		return fmt.Errorf("the books break %d promises", wrong)
	}
	fmt.Fprintf(out, "ok     the books of %d firms agree\n", len(firms))
	return nil
}

func listSettings(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, s := range config.Settings() {
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, orNone(s.Default), s.Help)
	}
	for _, m := range module.All() {
		for _, s := range m.Settings {
			fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, orNone(s.Default), s.Help)
		}
	}
	return w.Flush()
}

func orNone(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func check(ctx context.Context, out io.Writer) error {
	var troubles []error
	say := func(what string, err error) {
		if err == nil {
			fmt.Fprintf(out, "ok     %s\n", what)
			return
		}
		fmt.Fprintf(out, "WRONG  %s: %v\n", what, err)
		troubles = append(troubles, err)
	}
	c, err := load()
	say("configuration", err)
	if err == nil {
		say("stores are named", needStores(c))
	}
	if len(troubles) == 0 {
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		checkHouse(ctx, c, say)
		checkMail(ctx, c, say)
	}
	if len(troubles) > 0 {
		return fmt.Errorf("%d of the checks failed", len(troubles))
	}
	return nil
}

func checkHouse(ctx context.Context, c *config.Config, say func(string, error)) {
	h, err := open(c, logger(c))
	say("modules and views", err)
	if err != nil {
		return
	}
	defer func() { _ = h.Close() }()
	troubles := h.Ready(ctx)
	for _, t := range troubles {
		say("stores", errors.New(t.What+" — "+t.Mend))
	}
	if len(troubles) > 0 {
		return
	}
	say("database, queue, files, promises", nil)
	say("roles cannot see across firms", host.CheckWalls(ctx, h.Pool))
	if c.Scheme() == "http" && c.BaseHost() != "localhost" && c.BaseHost() != "127.0.0.1" {
		say("PORTICO_URL", errors.New("it is http: cookies and links would travel in the open; put TLS in front and say https"))
	}
	if c.Scheme() == "https" && len(c.TrustedProxies()) == 0 { // TLS ends in front of us
		say("PORTICO_TRUSTED_PROXIES", errors.New("it is not set, although PORTICO_URL is https: cookies are not marked Secure, "+
			"passkeys are off, and all visitors count as one; set it to the proxy's address"))
	}
}

func checkMail(ctx context.Context, c *config.Config, say func(string, error)) {
	if c.SMTPURL == "" {
		say("mail: SMTP_URL is not set, mails are kept in "+mailboxDir(c), nil)
		return
	}
	server, err := mail.OpenSMTP(c.SMTPURL)
	if err == nil {
		err = server.Check(ctx)
	}
	say("mail server", err)
}
