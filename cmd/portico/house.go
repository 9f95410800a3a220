package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"portico/platform/config"
	"portico/platform/host"
	"portico/platform/mail"
	"portico/platform/module"
	"portico/platform/secret"
	"portico/platform/signet"
)

// logger writes JSON for machines, or plain lines for a person at a terminal.
func logger(c *config.Config) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Log)) // checked by config
	options := &slog.HandlerOptions{Level: level}
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		return slog.New(slog.NewTextHandler(os.Stderr, options))
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, options))
}

// needStores is for commands that bring no stores of their own.
func needStores(c *config.Config) error {
	var missing []error
	if c.DatabaseURL == "" {
		missing = append(missing, errors.New("DATABASE_URL is not set: want postgres://user:password@host/database"))
	}
	if c.RedisURL == "" {
		missing = append(missing, errors.New("REDIS_URL is not set: want redis://host:6379/0"))
	}
	if len(missing) > 0 {
		missing = append(missing, errors.New(`or start "portico up", which brings its own`))
	}
	return errors.Join(missing...)
}

func key(c *config.Config) (secret.Key, error) {
	if c.Secret != "" {
		k, err := secret.ParseKey(c.Secret)
		if err != nil {
			return secret.Key{}, fmt.Errorf("PORTICO_SECRET: %w", err)
		}
		return k, nil
	}
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return secret.Key{}, err
	}
	return secret.LoadKey(filepath.Join(c.DataDir, "secret.key"))
}

func mailboxDir(c *config.Config) string { return filepath.Join(c.DataDir, "mailbox") }

// openSigner reads the key that mails are signed with under a selector, and makes it when there is none.
func openSigner(c *config.Config, k secret.Key, selector, kind string) (*mail.Signer, error) {
	if err := mail.CheckSelector(selector); err != nil {
		return nil, err
	}
	path := filepath.Join(c.DataDir, "dkim-"+selector+".key")
	pkcs8, err := k.LoadSealed(path, "dkim", func() ([]byte, error) { return mail.NewDKIMKey(kind) })
	if err != nil {
		return nil, err
	}
	return mail.OpenSigner(c.From(), selector, pkcs8)
}

// openSignet reads what documents are sealed with: the operator's own, or that of the installation, which is made when
// there is none.
func openSignet(c *config.Config, k secret.Key) (s signet.Signet, err error) {
	path := filepath.Join(c.DataDir, "seal.key")
	if c.Seal == "" {
		s, err = ownSignet(k, path, func() ([]byte, error) { return signet.New(c.BaseHost(), time.Now()) })
		s.TSA = c.TSA
		return s, err
	}
	text, err := os.ReadFile(c.Seal)
	if err == nil {
		s, err = signet.Parse(text)
	}
	if err != nil {
		return s, fmt.Errorf("PORTICO_SEAL: %w", err)
	}
	s.TSA = c.TSA
	if _, err := os.Stat(path); err == nil { // what was sealed before the operator brought one is still known
		before, err := ownSignet(k, path, nil)
		if err != nil {
			return s, err
		}
		s.Earlier = append(s.Earlier, before.Chain)
	}
	return s, nil
}

func ownSignet(k secret.Key, path string, missing func() ([]byte, error)) (signet.Signet, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return signet.Signet{}, err
	}
	text, err := k.LoadSealed(path, "seal", missing)
	if err != nil {
		return signet.Signet{}, err
	}
	s, err := signet.Parse(text)
	if err != nil {
		return s, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// open joins the house for any command that needs it.
func open(c *config.Config, log *slog.Logger) (*host.Host, error) {
	k, err := key(c)
	if err != nil {
		return nil, err
	}
	seal, err := openSignet(c, k)
	if err != nil && c.Seal != "" {
		return nil, err
	}
	if err != nil { // a machine without a folder of its own can do all else
		log.Warn("there is no certificate: contracts cannot be sealed here", "err", err)
	}
	o := host.Options{Config: c, Log: log, Now: time.Now, Key: k, Signet: seal, Modules: module.All()}
	if c.SMTPURL != "" {
		server, err := mail.OpenSMTP(c.SMTPURL)
		if err != nil {
			return nil, err
		}
		if c.DKIM != "" {
			signer, err := openSigner(c, k, c.DKIM, c.DKIMKind)
			if err != nil {
				return nil, err
			}
			server.SignWith(signer)
		}
		o.Transport = server
		return host.Open(o)
	}
	capture, err := mail.OpenCapture(mailboxDir(c))
	if err != nil {
		return nil, err
	}
	o.Transport = capture
	box := capture.Mailbox()
	o.Mailbox = &box
	return host.Open(o)
}

// withHouse runs a short errand in the house.
func withHouse(ctx context.Context, errand func(context.Context, *host.Host) error) error {
	c, err := load()
	if err != nil {
		return err
	}
	if err := needStores(c); err != nil {
		return err
	}
	h, err := open(c, logger(c))
	if err != nil {
		return err
	}
	defer func() { _ = h.Close() }()
	return errand(ctx, h)
}
