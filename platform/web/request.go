package web

import (
	"context"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/view"
)

// Request is one request and its answer, in one transaction of one firm.
type Request struct {
	c      *fiber.Ctx
	app    *App
	route  *Route
	module string
	id     string

	base    context.Context // without the deadline
	ctx     context.Context
	cancel  func()
	hooks   *db.Hooks
	tx      bun.Tx
	opened  bool
	firm    uuid.UUID
	viewer  auth.Viewer
	token   string // the session cookie's
	preview string // the preview cookie's, while the viewer looks as a contact
	here    *Here
	toasts  []Toast
	query   url.Values
	form    url.Values
	files   map[string][]*File
	whole   io.Reader
	after   []func() // what happens once the answer is certain
	alone   bool     // the page stands alone: see StandAlone
}

// Context carries the deadline of the answer.
func (r *Request) Context() context.Context { return r.ctx }

// Lasting is a context for a body that is still read after the handler has returned.
func (r *Request) Lasting() context.Context { return context.WithoutCancel(r.ctx) }

// Tx is the request's transaction: all of it is kept when the handler succeeds, nothing when it does not. A GET's
// cannot write.
func (r *Request) Tx() bun.Tx { return r.tx }

// Viewer is who looks, narrowed to the scope of the address.
func (r *Request) Viewer() auth.Viewer { return r.viewer }

// Firm is the firm of the host.
func (r *Request) Firm() auth.Firm { return r.viewer.Firm }

// Now is the program's clock.
func (r *Request) Now() time.Time { return r.app.Now() }

// Log is for facts that help the operator; nothing personal.
func (r *Request) Log() *slog.Logger { return r.app.Log.With("request", r.id) }

// Param is a piece of the path; "" when it holds what no name can.
func (r *Request) Param(name string) string {
	text, err := url.PathUnescape(r.c.Params(name))
	if err != nil || !storable(text) {
		return ""
	}
	return text
}

// storable: PostgreSQL takes no broken characters and no zeros.
func storable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// plain leaves out what cannot be stored.
func plain(text string) string {
	if storable(text) {
		return text
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}

// ID is a piece of the path that names a thing. What is no id is not found, like everything else that is not there.
func (r *Request) ID(name string) (uuid.UUID, error) {
	id, err := uuid.Parse(r.c.Params(name))
	if err != nil {
		return uuid.Nil, fault.NotFound()
	}
	return id, nil
}

// Query is a value after the question mark, without blanks around it.
func (r *Request) Query(name string) string { return strings.TrimSpace(plain(r.queries().Get(name))) }

// Queries are all values of one name.
func (r *Request) Queries(name string) []string { return plains(r.queries()[name]) }

func plains(values []string) []string {
	values = slices.Clone(values)
	for i, v := range values {
		values[i] = plain(v)
	}
	return values
}

func (r *Request) queries() url.Values {
	if r.query == nil {
		r.query, _ = url.ParseQuery(string(r.c.Request().URI().QueryString()))
	}
	return r.query
}

// Method is GET, POST or DELETE; HEAD counts as GET.
func (r *Request) Method() string { return r.c.Method() }

// Host is the host as the browser named it, with its port.
func (r *Request) Host() string { return string(r.c.Context().Host()) }

// Secure reports whether the browser came over TLS.
func (r *Request) Secure() bool { return r.app.secure(r.c) }

// Origin is this site's own "https://host:port".
func (r *Request) Origin() string {
	if r.Secure() {
		return "https://" + r.Host()
	}
	return "http://" + r.Host()
}

// IP is the visitor's address; a proxy's word counts only when the proxy is trusted.
func (r *Request) IP() string { return r.app.ip(r.c) }

// Agent is the browser's own description, cut to a sane length.
func (r *Request) Agent() string {
	agent := r.c.Get("User-Agent")
	if len(agent) > 200 {
		agent = agent[:200]
	}
	return strings.ToValidUTF8(agent, "")
}

// Header is a request header.
func (r *Request) Header(name string) string { return r.c.Get(name) }

// IsPart reports whether htmx asks for a fragment: not a boosted link, not the history.
func (r *Request) IsPart() bool {
	return r.c.Get("HX-Request") == "true" && r.c.Get("HX-Boosted") != "true" && r.c.Get("HX-History-Restore-Request") != "true"
}

// byHTMX reports whether a script of ours reads the answer, in whole or part.
func (r *Request) byHTMX() bool { return r.c.Get("HX-Request") == "true" }

// Here is where the page is; views embed it.
func (r *Request) Here() *Here {
	if r.here == nil {
		zone := zoneOf(r.viewer)
		r.here = &Here{
			Viewer: r.viewer, Module: r.module, CSRF: r.csrfToken(), Part: r.IsPart(),
			Now: r.app.Now().In(zone), zone: zone, URL: string(r.c.Request().URI().RequestURI()),
			reader: readerOf(r.viewer, r.c.Get("Accept-Language")),
		}
	}
	return r.here
}

func zoneOf(v auth.Viewer) *time.Location {
	for _, name := range []string{v.Zone, v.Firm.Zone} {
		if name == "" {
			continue
		}
		if zone, err := day.Zone(name); err == nil {
			return zone
		}
	}
	return time.UTC
}

// Path builds an address on the viewer's side.
func (r *Request) Path(parts ...any) string { return r.Here().Path(parts...) }

// Title names the page: words of the program, with arguments as in Say. For a name that people gave use Named.
func (r *Request) Title(words string, args ...any) { r.Here().Title = r.Say(words, args...) }

// Named gives the page a name that is no message: a project's, a file's.
func (r *Request) Named(name string) { r.Here().Title = name }

// Say gives a message of the program in the reader's language: English words, with a %s for each argument.
func (r *Request) Say(words string, args ...any) string { return r.Here().Say(words, args...) }

// Count is Say for a number of things, which is the first argument of the words.
func (r *Request) Count(n int, one, many string, args ...any) string {
	return r.Here().Count(n, one, many, args...)
}

// views draw in the reader's language.
func (r *Request) views() *view.Engine { return r.app.Views.In(r.Here().Reader()) }

// Toast says what was done; it survives the redirect. Words with arguments are as in Say.
func (r *Request) Toast(words string, args ...any) {
	r.toasts = append(r.toasts, Toast{"ok", r.Say(words, args...)})
}

// Warn is a toast for what needs a look.
func (r *Request) Warn(words string, args ...any) {
	r.toasts = append(r.toasts, Toast{"late", r.Say(words, args...)})
}

// After runs fn once the transaction has committed and the answer is certain.
func (r *Request) After(fn func()) { r.after = append(r.after, fn) }

// Deliver is a second, separate transaction of the same firm that may write, also in a GET: for what must be kept
// even if the page fails, such as a try that counts.
func (r *Request) Deliver(fn func(context.Context, bun.Tx) error) error {
	if r.preview != "" {
		return fault.Forbidden(previewRefusal)
	}
	return r.deliver(fn)
}

func (r *Request) deliver(fn func(context.Context, bun.Tx) error) error {
	return db.InTx(r.ctx, r.app.Pool, r.firm, fn)
}
