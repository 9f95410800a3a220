package web

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgconn"

	"portico/platform/fault"
	"portico/platform/view"
)

var (
	errDuty   = errors.New("a duty is open")       // something must come first
	errClosed = errors.New("the portal is closed") // for this client, or for all
)

// movedTo is the new address of a firm that has changed its own.
type movedTo string

func (m movedTo) Error() string { return "moved" }

func status(kind fault.Kind) int {
	return map[fault.Kind]int{
		fault.Missing: 404, fault.Bad: 422, fault.Clash: 409, fault.SignInNeeded: 401, fault.Denied: 403, fault.Flood: 429,
		fault.Oversize: 413, fault.Unsupported: 415, fault.Busy: 503, fault.Misdirected: 421, fault.Unintelligible: 400,
	}[kind]
}

// refuse turns an error into the page that helps most. What it returns is not shown again.
func (r *Request) refuse(err error) error {
	r.rollback()
	r.c.Response().ResetBody()
	r.toasts = nil
	if errors.Is(err, errDuty) {
		return r.Go("/sign-in/second-factor")
	}
	if errors.Is(err, errPreviewOver) {
		return r.previewOver()
	}
	if errors.Is(err, errClosed) {
		return r.Go("/closed")
	}
	if moved, ok := err.(movedTo); ok {
		return r.c.Redirect(string(moved), 308)
	}
	err = r.recognise(err)
	f, ok := fault.Of(err)
	if !ok {
		r.Log().Error("request failed", "route", r.route.Path, "method", r.c.Method(), "err", err)
		return r.errorPage(500, r.Say("Something went wrong on our side."), r.Say("Nothing was changed. Please try again."))
	}
	switch f.Kind {
	case fault.Misdirected:
		return r.bare("unknown_host", 421, nil)
	case fault.SignInNeeded:
		return r.askToSignIn()
	case fault.StepUpNeeded:
		if r.preview != "" { // what asks who is there shows nothing to anybody else
			return r.errorPage(404, r.Say("There is nothing here."), r.Say("A preview leaves out what only %s may open.", r.viewer.Name))
		}
		return r.Go("/sign-in/confirm?to=" + url.QueryEscape(r.cameFrom()))
	case fault.Missing:
		return r.errorPage(404, r.Say("There is nothing here."), r.Say("The page may have moved, or it is not shared with you."))
	}
	if r.preview != "" && f.Kind == fault.Denied && r.byHTMX() {
		r.c.Set("HX-Trigger", `{"toast":{"kind":"late","text":"`+previewRefusal+`"}}`)
	}
	if f.Retry > 0 {
		r.c.Set("Retry-After", retryAfter(f.Retry))
	}
	message, _ := f.In(r.Say)
	return r.errorPage(status(f.Kind), message, "")
}

// recognise finds faults in what the stores say.
func (r *Request) recognise(err error) error {
	var pg *pgconn.PgError
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fault.NotFound()
	case errors.As(err, &pg) && (pg.Code[:2] == "57" || pg.Code[:2] == "53" || pg.Code[:2] == "08"): // shut down, out of resources, connection
		r.Log().Warn("database away", "code", pg.Code)
		return fault.Unavailable(2 * time.Second)
	case errors.Is(err, context.DeadlineExceeded), isConnectError(err):
		r.Log().Warn("too slow, or the database is away", "err", err)
		return fault.Unavailable(2 * time.Second)
	}
	return err
}

func isConnectError(err error) bool {
	var connect *pgconn.ConnectError
	return errors.As(err, &connect)
}

// busy is for stores that do not answer at all.
func busy(err error) error {
	if _, ok := fault.Of(err); ok {
		return err
	}
	return fmt.Errorf("%w: %w", fault.Unavailable(2*time.Second), err)
}

// askToSignIn keeps the way back. A script is told to load the sign-in page whole, not to swap it into a fragment.
func (r *Request) askToSignIn() error {
	to := "/sign-in"
	if back := r.returnPath(); back != "" && back != "/" {
		to += "?to=" + url.QueryEscape(back)
	}
	if r.c.Get("Accept") == "text/event-stream" { // tells an EventSource to give up
		r.c.Status(204)
		return nil
	}
	if r.byHTMX() {
		r.c.Set("HX-Redirect", to)
		r.c.Status(401)
		return nil
	}
	if r.reads() {
		return r.c.Redirect(to, 303)
	}
	return r.errorPage(401, r.Say("You have been signed out."), r.Say("What you typed was not saved. Sign in in another tab, then come back and send it again."))
}

func (r *Request) returnPath() string {
	if r.byHTMX() {
		if u, err := url.Parse(r.c.Get("HX-Current-URL")); err == nil {
			return LocalPath(u.RequestURI())
		}
	}
	if !r.reads() {
		return ""
	}
	return LocalPath(string(r.c.Request().URI().RequestURI()))
}

// cameFrom is the page on which a form was sent, or the one that is asked for: whoever proves who they are is back there.
func (r *Request) cameFrom() string {
	if path := r.returnPath(); path != "" {
		return path
	}
	u, err := url.Parse(r.c.Get("Referer"))
	if err != nil || u.Scheme+"://"+u.Host != r.Origin() {
		return ""
	}
	return LocalPath(u.RequestURI())
}

// LocalPath is the path if it stays on this site, otherwise "/": no open redirects.
func LocalPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	u, err := url.Parse(path)
	if err != nil || u.Host != "" || u.Scheme != "" {
		return "/"
	}
	return path
}

// ErrorView is what error.html shows.
type ErrorView struct {
	Code        int
	Title, Text string
	Actions     []NavItem
	Ref         string // the request's number, for the operator
}

func (r *Request) errorPage(code int, title, text string) error {
	r.Named(title)
	if r.IsPart() {
		b := view.Buffer()
		defer view.Return(b)
		return r.send(code, b, []Toast{{"late", strings.TrimSpace(title + " " + text)}})
	}
	if r.viewer.Firm.Name == "" { // refused before anybody was known, hence no shell
		if code < 500 {
			return r.bare("refused", code, struct{ Title, Text string }{title, text})
		}
		return r.bare("unavailable", code, nil)
	}
	v := ErrorView{Code: code, Title: title, Text: text, Actions: []NavItem{{Title: r.Say("Go to the start"), Href: "/"}}}
	if code >= 500 {
		v.Ref = r.id
	}
	if err := r.show(code, "error", v); err != nil {
		r.Log().Error("error page", "err", err)
		return r.bare("unavailable", code, nil)
	}
	return nil
}

// bare answers without a shell, cookies or assets.
func (r *Request) bare(name string, code int, data any) error {
	r.c.Status(code)
	b := view.Buffer()
	defer view.Return(b)
	if err := r.views().Draw(b, name, data); err != nil {
		return r.Text("Please try again in a moment.")
	}
	r.c.Set("Content-Type", "text/html; charset=utf-8")
	r.c.Response().SetBody(b.Bytes())
	return nil
}

// strayError is for what never reached a route: a request that is too large to read, or unreadable.
func (a *App) strayError(c *fiber.Ctx, err error) error {
	code := 500
	var f *fiber.Error
	if errors.As(err, &f) {
		code = f.Code
	} else {
		a.Log.Error("request failed outside a route", "err", err)
	}
	safety(&c.Response().Header)
	return c.Status(code).SendString("This request could not be answered.")
}
