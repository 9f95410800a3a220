// Package certificates serves HTTPS with certificates of our own: asked for at a host's first visit, and for hosts of this
// installation only.
package certificates

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"
)

// Options say whose certificates, from whom, and where they are kept.
type Options struct {
	Dir      string // private: keys lie here
	ACME     string // the authority's directory; "": Let's Encrypt
	RootFile string // PEM of the authority's own root, for a private one; "": the machine's roots
	Email    string // where the authority writes to; "": nowhere

	Bind                string // the host that the listeners are bound to
	HTTPPort, HTTPSPort int    // where they listen

	Known func(ctx context.Context, host string) error // nil for a host of this installation, ErrStranger for no other
	Log   *slog.Logger
}

// Keeper keeps certificates and renews them.
type Keeper struct {
	options Options
	config  *certmagic.Config
	issuer  *certmagic.ACMEIssuer
	storage certmagic.Storage
	cache   *certmagic.Cache
	guard   *guard
}

// Open makes a keeper; it asks nobody for anything yet.
func Open(o Options) (*Keeper, error) {
	roots, err := Roots(o.RootFile)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of the certificates: %w", err)
	}
	if o.ACME == "" {
		o.ACME = certmagic.LetsEncryptProductionCA
	}
	k := &Keeper{options: o, storage: &certmagic.FileStorage{Path: o.Dir}, guard: newGuard(o.Known)}
	k.cache = certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return k.config, nil },
		Capacity:         10_000, Logger: zap.NewNop(),
	})
	k.config = certmagic.New(k.cache, certmagic.Config{
		Storage: k.storage, Logger: zap.NewNop(), OnEvent: k.happened,
		ShouldEmitFunc: func(event string) bool { return strings.HasPrefix(event, "cert_") },
		OnDemand:       &certmagic.OnDemandConfig{DecisionFunc: k.guard.decide},
	})
	k.issuer = certmagic.NewACMEIssuer(k.config, certmagic.ACMEIssuer{
		CA: o.ACME, Email: o.Email, Agreed: true, TrustedRoots: roots, Logger: zap.NewNop(),
		ListenHost: o.Bind, AltHTTPPort: o.HTTPPort, AltTLSALPNPort: o.HTTPSPort,
		CertObtainTimeout: issueTime,
	})
	k.config.Issuers = []certmagic.Issuer{careful{k.issuer, k.guard}}
	return k, nil
}

// Close ends what runs in the background.
func (k *Keeper) Close() { k.cache.Stop() }

// Roots are the machine's roots and those of the file.
func Roots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", file)
	}
	return roots, nil
}

// happened writes what became of a certificate. The reasons name hosts, which are no secret, and no person.
func (k *Keeper) happened(_ context.Context, event string, data map[string]any) error {
	host, _ := data["identifier"].(string)
	switch event {
	case "cert_obtained":
		k.options.Log.Info("certificate obtained", "host", host, "renewal", data["renewal"])
	case "cert_failed":
		if err, _ := data["error"].(error); !errors.Is(err, errRefused) { // said once already
			k.options.Log.Error("certificate refused", "host", host, "renewal", data["renewal"], "err", err)
		}
	}
	return nil
}

// tlsConfig speaks HTTP/1.1 only: the server behind it knows no other.
func (k *Keeper) tlsConfig() *tls.Config {
	c := k.config.TLSConfig()
	c.MinVersion = tls.VersionTLS12
	c.NextProtos = append([]string{"http/1.1"}, c.NextProtos...)
	get := c.GetCertificate
	c.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		// the hello has come: from here on we are the slow ones
		_ = hello.Conn.SetDeadline(time.Now().Add(issueTime))
		certificate, err := get(hello)
		_ = hello.Conn.SetDeadline(time.Now().Add(helloTime))
		return certificate, err
	}
	return c
}

// Redirect is what answers on the plain port: the authority's questions, and the way to HTTPS. to gives the origin of a
// known host.
func (k *Keeper) Redirect(to func(ctx context.Context, host string) (origin string, err error)) *http.Server {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close") // a body is not read
		w.Header().Set("Cache-Control", "no-store")
		origin, err := to(r.Context(), r.Host)
		if err != nil {
			http.Error(w, "No portal lives at this address.", http.StatusMisdirectedRequest)
			return
		}
		http.Redirect(w, r, origin+r.URL.RequestURI(), http.StatusPermanentRedirect)
	})
	return &http.Server{
		Handler: k.issuer.HTTPChallengeHandler(handler), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 10 * time.Second, IdleTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(k.options.Log.Handler(), slog.LevelDebug),
	}
}

// ServeRedirects answers on the plain port until ctx ends, and tidies the folder once a day.
func (k *Keeper) ServeRedirects(ctx context.Context, l net.Listener, to func(context.Context, string) (string, error)) error {
	server := k.Redirect(to)
	ctx, stop := context.WithCancel(ctx)
	var tidying sync.WaitGroup
	tidying.Go(func() { k.tidy(ctx) })
	defer tidying.Wait() // who closes the folder must not find somebody at work in it
	defer stop()
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// tidy removes what has long expired. Of several processes on one folder the first does it.
func (k *Keeper) tidy(ctx context.Context) {
	for day := time.NewTicker(24 * time.Hour); ; {
		err := certmagic.CleanStorage(ctx, k.storage, certmagic.CleanStorageOptions{
			Logger: zap.NewNop(), Interval: 24 * time.Hour, OCSPStaples: true, ExpiredCerts: true, ExpiredCertGracePeriod: 14 * 24 * time.Hour,
		})
		if err != nil && ctx.Err() == nil {
			k.options.Log.Warn("old certificates not removed", "err", err)
		}
		select {
		case <-ctx.Done():
			day.Stop()
			return
		case <-day.C:
		}
	}
}
