package web

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/valyala/fasthttp"

	"portico/platform/auth"
	"portico/platform/secret"
	"portico/platform/view"
)

// App serves routes. Its fields are set once, by the host.
type App struct {
	Pool    *bun.DB
	Views   *view.Engine
	Assets  *view.Assets
	Key     secret.Key
	Log     *slog.Logger
	Now     func() time.Time
	Proxies []netip.Prefix // whose X-Forwarded-For and -Proto count
	Busy    int            // most requests at work at once; more wait, then hear 503

	Scheme, Port string // how browsers reach the installation: "https" and ":8443" or ""; "": anyhow

	Patience time.Duration // how long a request may take to arrive; 0: 10 s

	FirmAt  func(ctx context.Context, host string) (firm uuid.UUID, moved string, err error) // moved: its address now
	Prepare func(context.Context) context.Context                                            // what every request's context carries
	Load    func(ctx context.Context, tx bun.Tx, firm uuid.UUID, token string) (auth.Viewer, error)
	Preview func(ctx context.Context, tx bun.Tx, staff auth.Viewer, token string) (as auth.Viewer, ok bool, err error)
	Touch   func(ctx context.Context, tx bun.Tx, v auth.Viewer) error
	Allow   func(ctx context.Context, key string, limit Limit) (retry time.Duration, ok bool)
	Frame   func(*Request) Shell
	Observe func(route, method string, status int, took time.Duration)
	Streams *Streams

	fiber  *fiber.App
	slots  chan struct{}
	shells shells
}

// Open readies the app; routes are added with Add.
func (a *App) Open() {
	a.fiber = fiber.New(fiber.Config{
		AppName:                      "Portico",
		DisableStartupMessage:        true,
		Immutable:                    true, // strings outlive the handler
		CaseSensitive:                true,
		StreamRequestBody:            true, // bodies are read by us, counted, after the viewer is known
		DisablePreParseMultipartForm: true,
		EnableTrustedProxyCheck:      true, // and no proxy is trusted by Fiber itself: see proxy.go
		ReadTimeout:                  cmp.Or(a.Patience, 10*time.Second),
		WriteTimeout:                 30 * time.Second,
		IdleTimeout:                  75 * time.Second,
		ReadBufferSize:               16 << 10,
		Concurrency:                  64 << 10,
		ErrorHandler:                 a.strayError,
	})
	server := a.fiber.Server()
	server.Handler = onWire(server.Handler)
	server.HeaderReceived = timeouts
	server.NoDefaultServerHeader = true
	server.ReduceMemoryUsage = true
	server.KeepHijackedConns = true // a live stream closes its connection itself: see Live
	if a.Busy == 0 {
		a.Busy = 64
	}
	a.slots = make(chan struct{}, a.Busy)
	a.fiber.Get("/assets/*", a.asset)
}

// timeouts gives uploads and streams the time that pages must not have.
func timeouts(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	path, _, _ := bytes.Cut(h.RequestURI(), []byte("?"))
	switch {
	case bytes.HasSuffix(path, []byte("/files")) && strings.HasPrefix(string(h.ContentType()), "multipart/"): // large ones, in one piece
		return fasthttp.RequestConfig{ReadTimeout: 30 * time.Minute}
	case strings.HasPrefix(string(h.ContentType()), "multipart/"), string(h.ContentType()) == partOfFile:
		return fasthttp.RequestConfig{ReadTimeout: 2 * time.Minute}
	case string(h.RequestURI()) == "/live", string(h.RequestURI()) == LivePreview:
		return fasthttp.RequestConfig{WriteTimeout: time.Hour}
	case strings.HasPrefix(string(h.RequestURI()), "/files/"), strings.HasSuffix(string(h.RequestURI()), ".zip"),
		bytes.HasSuffix(path, []byte(".csv")):
		return fasthttp.RequestConfig{WriteTimeout: 30 * time.Minute}
	}
	return fasthttp.RequestConfig{}
}

// Add mounts routes below a prefix on behalf of a module ("" for the platform's own).
func (a *App) Add(module, prefix string, routes ...Route) {
	for _, route := range routes {
		path := strings.TrimSuffix(prefix+route.Path, "/")
		if path == "" {
			path = "/"
		}
		route.Path = path
		handle := a.serve(module, route)
		if route.Method == "POST" {
			handle = a.onlyAs("", handle) // the same address may be deleted by a plain form
		}
		a.fiber.Add(route.Method, path, handle)
		if route.Method == "GET" {
			a.fiber.Head(path, handle)
		}
		if route.Method == "DELETE" { // a form without scripts
			a.fiber.Post(path, a.onlyAs("DELETE", handle))
		}
	}
}

// Close is the last route: whatever matched nothing.
func (a *App) Close() {
	a.fiber.Use(a.serve("", Route{Method: "GET", Path: "", Who: publicly, Handle: notFound}))
}

// Listen serves until Shutdown.
func (a *App) Listen(l net.Listener) error { return a.fiber.Listener(l) }

// Handler is the app without a listener, for tests.
func (a *App) Handler() fasthttp.RequestHandler { return a.fiber.Handler() }

// Shutdown ends streams first, for they never end by themselves, then waits for the answers under way.
func (a *App) Shutdown(within time.Duration) error {
	if a.Streams != nil {
		a.Streams.CloseAll()
	}
	err := a.fiber.ShutdownWithTimeout(within)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}
