package portaltest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"portico/platform/mail/mailtest"
)

// Browser is one person at one screen. What cannot be done fails the test and says what the page offers instead.
type Browser struct {
	t      testing.TB
	site   *Site
	tab    *tab
	who    string
	htmx   bool
	within string // actions look only here; "": the whole page
}

// tab is what the screen shows.
type tab struct {
	jar     *cookiejar.Jar
	url     *url.URL
	doc     *html.Node
	status  int
	header  http.Header
	body    []byte
	uploads map[*html.Node][]upload
	typed   map[*html.Node]bool
}

type upload struct {
	name    string
	content []byte
}

// Answer is what came back, before anything was made of it.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	URL    *url.URL
}

// WithHTMX gives the same browser with scripts.
func (b *Browser) WithHTMX() *Browser {
	c := *b
	c.htmx = true
	return &c
}

// Plain gives the same browser without scripts.
func (b *Browser) Plain() *Browser {
	c := *b
	c.htmx = false
	return &c
}

// For gives the same browser for a part of a test.
func (b *Browser) For(t testing.TB) *Browser {
	c := *b
	c.t = t
	return &c
}

// Scripts reports whether this browser does what htmx would.
func (b *Browser) Scripts() bool { return b.htmx }

// In narrows what follows to the smallest row, card, form or section that shows the text.
func (b *Browser) In(text string) *Browser {
	c := *b
	c.within = text
	return &c
}

// SetSession signs the browser in with a session's token.
func (b *Browser) SetSession(token string) {
	home := must1(url.Parse(b.site.URL() + "/"))
	b.tab.jar.SetCookies(home, []*http.Cookie{{Name: "portico", Value: token, Path: "/"}})
}

// Cookie is the value of one of the site's cookies; "" when the browser has none of that name.
func (b *Browser) Cookie(name string) string {
	for _, c := range b.tab.jar.Cookies(must1(url.Parse(b.site.URL() + "/"))) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// Open types an address: a path of the firm, or a whole one.
func (b *Browser) Open(path string) *Browser {
	b.t.Helper()
	b.navigate("GET", b.address(path), nil, "")
	return b
}

// OpenMailed opens the first link of a mail that leads back to the site.
func (b *Browser) OpenMailed(m mailtest.Mail) *Browser {
	b.t.Helper()
	return b.Open(MailedLink(b.t, m))
}

// MailedLink is the address behind the button of a mail.
func MailedLink(t testing.TB, m mailtest.Mail) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(m.HTML))
	must(t, err)
	for _, a := range all(doc, tag("a")) {
		if href := attr(a, "href"); strings.HasPrefix(href, "http") && strings.Contains(href, ".localhost") || strings.Contains(href, "://localhost") {
			return href
		}
	}
	t.Fatalf("the mail %q has no link to the site:\n%s", m.Subject, m.Text)
	return ""
}

func (b *Browser) address(path string) string {
	u, err := url.Parse(path)
	if err != nil {
		b.t.Fatalf("address %q: %v", path, err)
	}
	return b.tab.url.ResolveReference(u).String()
}

// Ask sends one request as this browser would and gives the answer as it came: no redirects, no page. For tests of
// answers rather than of people.
func (b *Browser) Ask(method, path string, body io.Reader, headers ...string) Answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.address(path), body)
	must(b.t, err)
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	r.Header.Set("User-Agent", "portaltest")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method != "GET" && method != "HEAD" {
		r.Header.Set("Origin", r.URL.Scheme+"://"+r.URL.Host)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
		} else {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	client := http.Client{
		Transport: b.site.shared.transport(b.site.Address()), Jar: b.tab.jar, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(r)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	return Answer{answer.StatusCode, answer.Header, text, r.URL}
}

// Post is Ask with a form.
func (b *Browser) Post(path string, form url.Values, headers ...string) Answer {
	b.t.Helper()
	headers = append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)
	return b.Ask("POST", path, strings.NewReader(form.Encode()), headers...)
}

// Get is Ask for a page.
func (b *Browser) Get(path string, headers ...string) Answer {
	b.t.Helper()
	return b.Ask("GET", path, nil, headers...)
}

// navigate loads a page as the address bar does, over redirects.
func (b *Browser) navigate(method, address string, body []byte, media string) {
	b.t.Helper()
	for range 10 {
		headers := []string{"Sec-Fetch-Mode", "navigate"}
		if media != "" {
			headers = append(headers, "Content-Type", media)
		}
		var from io.Reader
		if body != nil {
			from = bytes.NewReader(body)
		}
		answer := b.Ask(method, address, from, headers...)
		if to := answer.Header.Get("Location"); answer.Status >= 300 && answer.Status < 400 && to != "" {
			next, err := answer.URL.Parse(to)
			must(b.t, err)
			address = next.String()
			if answer.Status != 307 && answer.Status != 308 {
				method, body, media = "GET", nil, ""
			}
			continue
		}
		b.load(answer)
		return
	}
	b.t.Fatalf("%s redirects in circles", address)
}

func (b *Browser) load(a Answer) {
	b.t.Helper()
	b.keep(a)
	b.tab.url = a.URL
	b.tab.uploads, b.tab.typed = nil, nil
	doc, err := html.Parse(bytes.NewReader(a.Body))
	must(b.t, err)
	b.tab.doc = doc
	if b.htmx {
		b.loadParts()
	}
}

func (b *Browser) keep(a Answer) {
	b.t.Helper()
	b.tab.status, b.tab.header, b.tab.body = a.Status, a.Header, a.Body
	if a.Status >= 500 {
		b.t.Errorf("%s answered %d to %s:\n%s", a.URL.RequestURI(), a.Status, b.who, b.text())
	}
}

// Status is that of the last answer.
func (b *Browser) Status() int { return b.tab.status }

// Body is the last answer as it came.
func (b *Browser) Body() string { return string(b.tab.body) }

// Header is one of the last answer's.
func (b *Browser) Header(name string) string { return b.tab.header.Get(name) }

// URL is the address of the page.
func (b *Browser) URL() string { return b.tab.url.String() }

// Path is the address within the site.
func (b *Browser) Path() string { return b.tab.url.RequestURI() }

// Text is what the page says.
func (b *Browser) Text() string { return b.text() }

func (b *Browser) text() string {
	if b.tab.doc == nil {
		return ""
	}
	return words(b.tab.doc)
}

// Find gives the first element that fits a small piece of CSS, nil when there is none.
func (b *Browser) Find(css string) *html.Node { return first(b.root(), selects(css)) }

// Count says how many elements fit.
func (b *Browser) Count(css string) int { return len(all(b.root(), selects(css))) }

// Value is what stands in the field with that label.
func (b *Browser) Value(label string) string {
	b.t.Helper()
	return b.valueOf(b.field(label))
}

// Sees fails unless the page shows all of it.
func (b *Browser) Sees(t testing.TB, texts ...string) *Browser {
	t.Helper()
	shown := words(b.root())
	for _, text := range texts {
		if !strings.Contains(shown, oneLine(text)) {
			t.Errorf("%s sees no %q at %s (%d):\n%s", b.name(), text, b.Path(), b.tab.status, shown)
		}
	}
	return b
}

// SeesNot fails if the page shows any of it.
func (b *Browser) SeesNot(t testing.TB, texts ...string) *Browser {
	t.Helper()
	shown := words(b.root())
	for _, text := range texts {
		if strings.Contains(shown, oneLine(text)) {
			t.Errorf("%s sees %q at %s:\n%s", b.name(), text, b.Path(), shown)
		}
	}
	return b
}

// Has fails unless the last answer had that status.
func (b *Browser) Has(t testing.TB, status int) *Browser {
	t.Helper()
	if b.tab.status != status {
		t.Errorf("%s got %d at %s, not %d:\n%s", b.name(), b.tab.status, b.Path(), status, b.text())
	}
	return b
}

func (b *Browser) name() string {
	if b.who == "" {
		return "a stranger"
	}
	return b.who
}

// containers are what In may mean, the smallest wins.
var containers = tag("tr", "li", "article", "section", "form", "fieldset", "dialog", "dl", "div", "nav", "header", "details")

// root is the part of the page that actions look at.
func (b *Browser) root() *html.Node {
	if b.tab.doc == nil {
		b.t.Fatal("no page is open")
	}
	if b.within == "" {
		return b.tab.doc
	}
	var best *html.Node
	for _, n := range all(b.tab.doc, containers) {
		// among equals the first in the page that holds something to act on
		if strings.Contains(words(n), b.within) && (best == nil || len(words(n)) < len(words(best)) || !acts(best)) && acts(n) {
			best = n
		}
	}
	if best == nil {
		b.t.Fatalf("%s sees no part with %q at %s:\n%s", b.name(), b.within, b.Path(), b.text())
	}
	return best
}

func acts(n *html.Node) bool {
	return first(n, tag("a", "button", "input", "select", "textarea")) != nil
}

func (b *Browser) fatal(what, name string, offers []string) {
	b.t.Helper()
	b.t.Fatalf("%s finds no %s %q at %s (%d); there are: %s\n%s", b.name(), what, name, b.Path(), b.tab.status,
		fmt.Sprintf("%q", offers), b.text())
}
