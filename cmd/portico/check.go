package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway/sandbox"
	"portico/platform/activity"
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
Lines that begin with "hint" are advice about SPF, DKIM and DMARC: which TXT records let other servers believe your mail.
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
		why, _ := c.Crowded()
		say("jobs have connections", why)
	}
	if len(troubles) == 0 {
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		checkHouse(ctx, c, say)
		checkMail(ctx, c, say)
		hintAtMail(ctx, c, out)
		hintAtReplies(ctx, c, out)
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
	if h.Library.Scanner != nil {
		say("virus scanner: uploads wait for it", h.Library.Scanner.Check(ctx))
	}
	checkSeal(ctx, h, say)
	checkPush(h, say)
	if at := c.PracticeProvider(); at != "" {
		say("practice provider of payments (PORTICO_SANDBOX)", sandbox.Dial(sandbox.Account{Address: at, Key: sandbox.NewKey()}).Ping(ctx))
	}
	say("roles cannot see across firms", host.CheckWalls(ctx, h.Pool))
	checkActivity(context.WithoutCancel(ctx), h, say)
	if c.Scheme() == "http" && c.BaseHost() != "localhost" && c.BaseHost() != "127.0.0.1" {
		say("PORTICO_URL", errors.New("it is http, which is for a browser on this machine only: "+
			"set PORTICO_DOMAIN to serve HTTPS here, or put a proxy that does TLS in front and say https"))
	}
	if c.Scheme() == "https" && c.Domain == "" && len(c.TrustedProxies()) == 0 { // TLS ends in front of us
		say("PORTICO_TRUSTED_PROXIES", errors.New("it is not set, although PORTICO_URL is https: visitors are refused or led in a circle; "+
			"set it to the proxy's address, or PORTICO_DOMAIN to serve HTTPS here"))
	}
	checkEncryption(ctx, c, h, say)
}

// hintAtMail says what the DNS should say of our mail. It is advice: who sends through a service may have it elsewhere.
func hintAtMail(ctx context.Context, c *config.Config, out io.Writer) {
	if c.SMTPURL == "" {
		return
	}
	sending := mail.Sending{From: c.From(), Bounce: c.BounceTo, Receives: c.BounceBind != ""}
	if server, err := url.Parse(c.SMTPURL); err == nil {
		sending.Server = server.Hostname()
	}
	if c.DKIM != "" {
		k, err := key(c)
		if err == nil {
			sending.Signer, err = openSigner(c, k, c.DKIM, c.DKIMKind)
		}
		if err != nil {
			fmt.Fprintf(out, "hint   DKIM: %v\n", err)
		}
	}
	for _, h := range mail.Hints(ctx, net.DefaultResolver, sending) {
		mark := "hint "
		if h.OK {
			mark = "ok   "
		}
		fmt.Fprintf(out, "%s  %s: %s\n", mark, h.What, h.Text)
		if h.Record != "" {
			fmt.Fprintf(out, "         %s\n", h.Record)
		}
	}
}

// hintAtReplies says whether answers by mail find the way here.
func hintAtReplies(ctx context.Context, c *config.Config, out io.Writer) {
	_, domain, taken := strings.Cut(c.ReplyTo, "@")
	if !taken {
		return
	}
	switch records, err := net.DefaultResolver.LookupMX(ctx, domain); {
	case c.ReplyBind == "" && c.ReplyKey == "":
		fmt.Fprintf(out, "hint   answers by mail: nobody takes them. Set PORTICO_REPLY_LISTEN, or PORTICO_REPLY_SECRET for a mail service\n")
	case err != nil || len(records) == 0:
		fmt.Fprintf(out, "hint   answers by mail: %s has no MX record; other servers do not know where to bring them\n", domain)
	default:
		fmt.Fprintf(out, "ok     answers by mail: %s takes mail for %s\n", strings.TrimSuffix(records[0].Host, "."), domain)
	}
}

// checkActivity reads the activity log of every firm, from the first entry to the last.
func checkActivity(ctx context.Context, h *host.Host, say func(string, error)) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Minute)
	defer cancel()
	say("activity logs", h.CheckActivity(ctx, func(firm string, r activity.Report) {
		var wrong []error
		for _, trouble := range r.Troubles {
			wrong = append(wrong, errors.New(trouble))
		}
		if r.More > 0 {
			wrong = append(wrong, fmt.Errorf("and %d more", r.More))
		}
		if r.Late {
			wrong = append(wrong, fmt.Errorf("%d entries wait for their seal for more than ten minutes: is a worker running?", r.Waiting))
		}
		say(fmt.Sprintf("activity log of %s: %d entries sealed, %d to be sealed", firm, r.Entries, r.Waiting), errors.Join(wrong...))
	}))
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
