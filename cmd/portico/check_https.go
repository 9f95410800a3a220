package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/caddyserver/certmagic"

	"portico/platform/certificates"
	"portico/platform/config"
	"portico/platform/domain"
	"portico/platform/host"
)

// checkEncryption looks at what certificates of our own need: names that lead here, an authority, a private folder.
func checkEncryption(ctx context.Context, c *config.Config, h *host.Host, say func(string, error)) {
	if c.Domain == "" {
		for name, value := range map[string]string{"PORTICO_ACME_URL": c.ACMEURL, "PORTICO_ACME_ROOT": c.ACMERoot, "PORTICO_ACME_EMAIL": c.ACMEEmail} {
			if value != "" {
				say(name, errors.New("it is set, but PORTICO_DOMAIN is not: no certificate is asked for"))
			}
		}
		return
	}
	say("certificates: authority", checkAuthority(ctx, c))
	say("certificates: "+c.Certificates(), checkKeys(c.Certificates()))
	dns := resolver(c)
	say("name of the installation", checkName(ctx, dns, c.Domain, c.Domain))
	firms, err := h.ListFirms(ctx)
	if err != nil || len(firms) < 2 { // a single firm lives at the installation's own name
		return
	}
	say("names of the firms", checkName(ctx, dns, firms[0].Key+"."+c.Domain, c.Domain))
}

func resolver(c *config.Config) domain.Resolver { return domain.DNS{Server: c.DNS} }

func checkName(ctx context.Context, dns domain.Resolver, name, base string) error {
	addresses, err := dns.Addresses(ctx, name)
	switch {
	case err != nil:
		return fmt.Errorf("%s: the name server does not answer: %w", name, err)
	case len(addresses) == 0:
		return fmt.Errorf("%s leads nowhere: add an A record (and AAAA for IPv6) with this machine's address for %s, and for *.%s when several firms live there", name, base, base)
	}
	return nil
}

// checkAuthority reads the authority's directory.
func checkAuthority(ctx context.Context, c *config.Config) error {
	roots, err := certificates.Roots(c.ACMERoot)
	if err != nil {
		return fmt.Errorf("PORTICO_ACME_ROOT: %w", err)
	}
	url := c.ACMEURL
	if url == "" {
		url = certmagic.LetsEncryptProductionCA
	}
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: roots}}}
	answer, err := client.Do(ask)
	if err != nil {
		return fmt.Errorf("PORTICO_ACME_URL cannot be reached: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	var directory struct{ NewOrder string }
	if json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&directory) != nil || directory.NewOrder == "" {
		return fmt.Errorf("PORTICO_ACME_URL: %s answers %s, and no directory of a certificate authority", url, answer.Status)
	}
	return nil
}

// checkKeys looks for private keys that others on this machine can read.
func checkKeys(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // none was needed yet
		case err != nil:
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 && (entry.IsDir() || filepath.Ext(path) == ".key") {
			return fmt.Errorf("%s can be read by others: chmod -R go= %s", path, dir)
		}
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	})
}
