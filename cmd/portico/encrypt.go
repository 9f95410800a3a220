package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"golang.org/x/sync/errgroup"

	"portico/platform/certificates"
	"portico/platform/config"
	"portico/platform/host"
)

// doors are the ports that visitors come in by.
type doors struct {
	main  net.Listener // HTTPS when we do that ourselves, else HTTP
	plain net.Listener // leads to HTTPS; nil: there is none
}

// listen opens the ports, and does no more: what follows need not be done as root.
func listen(c *config.Config) (d doors, err error) {
	name := "PORT"
	if c.Domain != "" {
		name = "PORTICO_HTTPS_PORT"
	}
	if d.main, err = net.Listen("tcp", c.Listen()); err != nil {
		return doors{}, fmt.Errorf("%s: %w", name, err)
	}
	if c.ListenPlain() == "" {
		return d, nil
	}
	if d.plain, err = net.Listen("tcp", c.ListenPlain()); err != nil {
		_ = d.main.Close()
		return doors{}, fmt.Errorf("PORTICO_HTTP_PORT: %w", err)
	}
	return d, nil
}

func (d doors) Close() error {
	if d.plain == nil {
		return d.main.Close()
	}
	return errors.Join(d.main.Close(), d.plain.Close())
}

// serve lets visitors in until ctx ends, over HTTPS with certificates of our own where a domain was named.
func serve(ctx context.Context, h *host.Host, d doors) error {
	if d.plain == nil {
		return h.Serve(ctx, d.main)
	}
	c := h.Config
	keeper, err := certificates.Open(certificates.Options{
		Dir: c.Certificates(), ACME: c.ACMEURL, RootFile: c.ACMERoot, Email: c.ACMEEmail,
		Bind: c.Bind, HTTPPort: c.HTTPPort, HTTPSPort: c.HTTPSPort, Known: h.Certifiable, Log: h.Log,
	})
	if err != nil {
		return err
	}
	defer keeper.Close()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return h.Serve(ctx, keeper.Listen(d.main)) })
	g.Go(func() error { return keeper.ServeRedirects(ctx, d.plain, h.Encrypted) })
	return g.Wait()
}
