package web_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/fault"
	"portico/platform/secret"
	"portico/platform/view"
	"portico/platform/web"
	"portico/views"
)

// bare is the web room alone, without firms or a database: for what happens on the wire.
func bare(t *testing.T, change func(*web.App), routes ...web.Route) (address string) {
	t.Helper()
	assets, err := view.NewAssets(views.FS, nil)
	must(t, err)
	engine, err := view.New(views.FS, nil, assets.Funcs())
	must(t, err)
	app := &web.App{Views: engine, Assets: assets, Key: secret.NewKey(), Log: slog.New(slog.DiscardHandler), Now: time.Now}
	app.FirmAt = func(context.Context, string) (uuid.UUID, string, error) { return uuid.Nil, "", fault.UnknownHost() }
	if change != nil {
		change(app)
	}
	app.Open()
	for i := range routes {
		routes[i].NoFirm = true
	}
	app.Add("", "", routes...)
	app.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	done := make(chan error, 1)
	go func() { done <- app.Listen(l) }()
	t.Cleanup(func() {
		must(t, app.Shutdown(time.Second))
		must(t, <-done)
	})
	return l.Addr().String()
}

// echo answers with the body that it got.
func echo() web.Route {
	return web.Post("/echo", access.Public, func(r *web.Request) error {
		raw, err := r.Raw()
		if err != nil {
			return err
		}
		return r.Text("got " + string(raw))
	})
}

// deaf answers without reading its body.
func deaf() web.Route {
	return web.Post("/deaf", access.Public, func(r *web.Request) error { return r.Text("not read") })
}

func ok() web.Route {
	return web.Get("/ok", access.Public, func(r *web.Request) error { return r.Text("fine") })
}

// say sends raw bytes and reads answers until the server ends the connection or falls silent.
func say(t *testing.T, address, text string) (answers []*http.Response, bodies []string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	must(t, err)
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(c, text)
	_ = c.(*net.TCPConn).CloseWrite()
	in := bufio.NewReader(c)
	for {
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			return answers, bodies
		}
		body, _ := io.ReadAll(answer.Body)
		answers, bodies = append(answers, answer), append(bodies, string(body))
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func lines(l ...string) string { return strings.Join(l, "\r\n") }

// short keeps messages readable.
func short(text string) string { return text[:min(len(text), 300)] }
