package web_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"portico/platform/portaltest"
	"portico/platform/web"
)

func TestWordsOfARequestOutliveIt(t *testing.T) {
	t.Parallel()
	p := newProbe()
	site := portaltest.Open(t, p.module())
	const visitors, each = 8, 100
	var all sync.WaitGroup
	for v := range visitors {
		all.Go(func() {
			b := site.Stranger()
			for i := range each {
				word := fmt.Sprintf("word-%d-%d", v, i)
				if a := b.Get("/probe/word/"+word+"?q=q"+word, "X-Word", "x"+word, "Cookie", "portico-word=c"+word); string(a.Body) != word {
					t.Errorf("asked for %s, got %s", word, a.Body)
				}
			}
		})
	}
	all.Wait()
	seen := map[string]bool{}
	for i := 0; i < len(p.kept); i += 5 {
		word := p.kept[i]
		seen[word] = true
		if got := p.kept[i : i+4]; !slices.Equal(got, []string{word, "q" + word, "x" + word, "c" + word}) {
			t.Errorf("what was kept has changed: %q", got)
		}
	}
	if len(seen) != visitors*each {
		t.Errorf("%d of %d words are still what they were", len(seen), visitors*each)
	}
}

func TestForwardedHeadersOfStrangersCountForNothing(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, newProbe().module())
	forged := []string{"X-Forwarded-Host", "harbor.localhost", "X-Forwarded-Proto", "https", "X-Forwarded-For", "1.2.3.4", "Forwarded", "for=1.2.3.4;host=harbor.localhost;proto=https",
		"X-Real-Ip", "1.2.3.4", "X-Original-Host", "harbor.localhost", "X-Forwarded-Ssl", "on", "X-Url-Scheme", "https"}
	answer := strange(t, site, "GET", "/probe/who", nil, forged...)
	if got, want := text(t, answer), "Northgate Builders|127.0.0.1|"+site.URL(); got != want {
		t.Errorf("it believes %q, not %q", got, want)
	}
	if answer.Header.Get("Strict-Transport-Security") != "" {
		t.Error("it believes that this was TLS")
	}
	page := strange(t, site, "GET", "/sign-in", nil, forged...)
	for _, c := range page.Cookies() {
		if c.Secure || c.Domain != "" {
			t.Errorf("cookie %v", c)
		}
	}
	if body := text(t, page); strings.Contains(body, "harbor") {
		t.Error("the page speaks of the forged host")
	}
}

func TestATrustedProxyIsBelievedUpToTheFirstStranger(t *testing.T) {
	t.Parallel()
	site := portaltest.Configured(t, map[string]string{"PORTICO_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8"}, newProbe().module())
	for chain, want := range map[string]string{
		"203.0.113.9":                    "203.0.113.9",
		"1.2.3.4, 203.0.113.9":           "203.0.113.9", // what lies before it is hearsay
		"1.2.3.4, 203.0.113.9, 10.1.2.3": "203.0.113.9",
		"not an address":                 "127.0.0.1",
		"203.0.113.9, nonsense":          "127.0.0.1",
		"::ffff:203.0.113.9":             "203.0.113.9",
		"":                               "127.0.0.1",
	} {
		answer := strange(t, site, "GET", "/probe/who", nil, "X-Forwarded-For", chain, "X-Forwarded-Proto", "https", "X-Forwarded-Host", "harbor.localhost")
		firm, rest, _ := strings.Cut(text(t, answer), "|")
		ip, origin, _ := strings.Cut(rest, "|")
		if firm != "Northgate Builders" || ip != want || !strings.HasPrefix(origin, "https://demo.localhost") {
			t.Errorf("%q: %s %s %s", chain, firm, ip, origin)
		}
		if answer.Header.Get("Strict-Transport-Security") == "" {
			t.Error("no HSTS behind a TLS proxy")
		}
	}
}

func TestTriesAreCountedByTheRealAddress(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, newProbe().module())
	limited := 0
	for i := range 20 {
		answer := strange(t, site, "POST", "/probe/often", nil, "X-Forwarded-For", fmt.Sprintf("9.9.9.%d", i), "Sec-Fetch-Site", "same-origin")
		if answer.StatusCode == 429 {
			limited++
			if answer.Header.Get("Retry-After") == "" {
				t.Error("it does not say when to come back")
			}
		}
	}
	if limited != 17 {
		t.Errorf("%d of 20 tries were refused, of which 3 are allowed", limited)
	}
}

func TestTriesFromOneNetworkOfIPv6AreOneVisitors(t *testing.T) {
	t.Parallel()
	site := portaltest.Configured(t, map[string]string{"PORTICO_TRUSTED_PROXIES": "127.0.0.1"}, newProbe().module())
	tries := func(address string) (status int) {
		return strange(t, site, "POST", "/probe/often", nil, "X-Forwarded-For", address, "Sec-Fetch-Site", "same-origin").StatusCode
	}
	for i := range 3 {
		if got := tries(fmt.Sprintf("2001:db8:1:2::%x", i+1)); got != 200 {
			t.Errorf("try %d: %d", i, got)
		}
	}
	if got := tries("2001:db8:1:2:abcd::1"); got != 429 {
		t.Errorf("another address of the same network: %d", got)
	}
	if got := tries("2001:db8:1:3::1"); got != 200 {
		t.Errorf("another network: %d", got)
	}
}

// grows gives how much memory was asked for while fn ran. It only ever grows, so no collection can hide a peak.
func grows(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestABombIsNotUnpacked(t *testing.T) {
	site := portaltest.Open(t, newProbe().module())
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for range 200 {
		_, _ = w.Write(zeros)
	}
	must(t, w.Close())
	for _, path := range []string{"/probe/word", "/probe/file", "/sign-in", "/sign-out", "/office/probe"} {
		for _, encoding := range []string{"gzip", "deflate", "br", "gzip, gzip", "identity"} {
			var status int
			grown := grows(func() {
				answer := strange(t, site, "POST", path, bytes.NewReader(bomb.Bytes()), "Content-Encoding", encoding,
					"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
				status = answer.StatusCode
			})
			if status != 415 || grown > 32<<20 {
				t.Errorf("%s, %s: %d, and %d MB", path, encoding, status, grown>>20)
			}
		}
	}
}

func TestABodyBeyondTheLimitIs413(t *testing.T) {
	site := portaltest.Open(t, newProbe().module())
	word := "word=" + strings.Repeat("x", 400<<10)
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", "big.bin")
	must(t, err)
	_, _ = part.Write(make([]byte, 2<<20))
	must(t, w.Close())
	var fields bytes.Buffer
	many := multipart.NewWriter(&fields)
	for i := range 2000 {
		must(t, many.WriteField("word", fmt.Sprint(i)))
	}
	must(t, many.Close())
	cases := map[string]struct{ path, kind, body string }{
		"a form":               {"/probe/word", "application/x-www-form-urlencoded", word},
		"a file":               {"/probe/file", w.FormDataContentType(), form.String()},
		"2,000 fields":         {"/probe/file", many.FormDataContentType(), fields.String()},
		"a large sign-in":      {"/sign-in", "application/x-www-form-urlencoded", "email=" + strings.Repeat("x", 3<<20)},
		"to where nothing is":  {"/probe/word", "application/x-www-form-urlencoded", strings.Repeat("y", 3<<20)},
		"a small part, padded": {"/probe/word", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=word\r\n\r\n" + strings.Repeat("x", 300<<10) + "\r\n--x--"},
	}
	for name, c := range cases {
		for _, how := range []string{"with a length", "in chunks"} {
			var body io.Reader = strings.NewReader(c.body)
			if how == "in chunks" {
				body = struct{ io.Reader }{body}
			}
			answer := strange(t, site, "POST", c.path, body, "Content-Type", c.kind, "Sec-Fetch-Site", "same-origin")
			if answer.StatusCode != 413 {
				t.Errorf("%s %s: %d", name, how, answer.StatusCode)
			}
		}
	}
	small := strange(t, site, "POST", "/probe/word", strings.NewReader("word=fits"), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
	if got := text(t, small); small.StatusCode != 200 || got != "word fits" {
		t.Errorf("what fits: %d %q", small.StatusCode, got)
	}
}

func TestStrangersCannotFillTheMemory(t *testing.T) {
	site := portaltest.Open(t, newProbe().module())
	body := bytes.Repeat([]byte("x=1&"), 3<<18) // 3 MB
	grown := grows(func() {
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				path := []string{"/office/probe", "/office/probe/file", "/sign-in", "/probe/word"}[i%4]
				answer := strange(t, site, "POST", path, bytes.NewReader(body), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
				if answer.StatusCode < 300 || answer.StatusCode >= 500 && answer.StatusCode != 503 {
					t.Errorf("%s: %d", path, answer.StatusCode)
				}
			})
		}
		all.Wait()
	})
	if grown > 160<<20 {
		t.Errorf("100 posts of 3 MB by strangers took %d MB", grown>>20)
	}
}

func TestAPanicIsAPage(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, newProbe().module())
	for range 3 {
		answer := strange(t, site, "GET", "/probe/panic", nil)
		if body := text(t, answer); answer.StatusCode != 500 || strings.Contains(body, "a bug") || strings.Contains(body, "goroutine") || !strings.Contains(body, "Something went wrong") {
			t.Errorf("%d %s", answer.StatusCode, body)
		}
	}
	if answer := strange(t, site, "GET", "/probe/who", nil); answer.StatusCode != 200 {
		t.Error("afterwards it does not answer")
	}
}

func TestAGetCannotWrite(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, newProbe().module())
	before := site.Hash(t)
	if answer := strange(t, site, "GET", "/probe/writes", nil); answer.StatusCode != 500 {
		t.Errorf("a write in a GET: %d", answer.StatusCode)
	}
	if site.Hash(t) != before {
		t.Error("it has written")
	}
}

func TestHeadersOfSafetyAreOnEveryAnswer(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, newProbe().module())
	maria := site.As("maria")
	css := maria.Open("/office/probe").Find("link[rel=stylesheet]")
	if css == nil {
		t.Fatal("a page without a stylesheet")
	}
	var asset string
	for _, a := range css.Attr {
		if a.Key == "href" {
			asset = a.Val
		}
	}
	same := []string{"Sec-Fetch-Site", "same-origin"}
	form := append([]string{"Content-Type", "application/x-www-form-urlencoded"}, same...)
	answers := map[string]*http.Response{
		"a page":          strange(t, site, "GET", "/sign-in", nil),
		"nothing":         strange(t, site, "GET", "/no/such/page", nil),
		"a panic":         strange(t, site, "GET", "/probe/panic", nil),
		"a redirect":      strange(t, site, "GET", "/office/probe", nil),
		"an asset":        strange(t, site, "GET", asset, nil),
		"no asset":        strange(t, site, "GET", "/assets/nothing.js", nil),
		"another site":    strange(t, site, "POST", "/probe/word", nil, "Sec-Fetch-Site", "cross-site"),
		"too much":        strange(t, site, "POST", "/probe/word", strings.NewReader(strings.Repeat("x", 1<<20)), form...),
		"packed":          strange(t, site, "POST", "/probe/word", strings.NewReader("x"), append([]string{"Content-Encoding", "gzip"}, form...)...),
		"an unknown host": strange(t, site, "GET", "/", nil, "Host", "nobody.example"),
		"a wrong method":  strange(t, site, "PUT", "/sign-in", nil),
		"options":         strange(t, site, "OPTIONS", "/sign-in", nil),
		"head":            strange(t, site, "HEAD", "/sign-in", nil),
		"health":          strange(t, site, "GET", "/healthz", nil),
		"a part":          strange(t, site, "GET", "/no/such/part", nil, "HX-Request", "true"),
	}
	for name, a := range answers {
		h := a.Header
		policy := h.Get("Content-Security-Policy")
		for want, there := range map[string]bool{
			"nosniff":                   h.Get("X-Content-Type-Options") == "nosniff",
			"a policy":                  strings.Contains(policy, "default-src 'none'") && strings.Contains(policy, "frame-ancestors 'none'"),
			"no inline or eval":         !strings.Contains(policy, "unsafe") && !strings.Contains(policy, "*"),
			"a referrer policy":         h.Get("Referrer-Policy") != "",
			"own resources only":        h.Get("Cross-Origin-Resource-Policy") == "same-origin",
			"no frames":                 h.Get("X-Frame-Options") == "DENY",
			"no name of the server":     h.Get("Server") == "" && h.Get("X-Powered-By") == "",
			"no caching, unless hashed": h.Get("Cache-Control") == "no-store" || name == "an asset" && strings.Contains(h.Get("Cache-Control"), "immutable"),
		} {
			if !there {
				t.Errorf("%s (%d): not %s: %v", name, a.StatusCode, want, h)
			}
		}
	}
}

func TestOnlyThisSiteCanWrite(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, newProbe().module())
	session := site.Session("maria")
	token := csrf(t, site, session)
	kind := []string{"Content-Type", "application/x-www-form-urlencoded", "Cookie", "portico=" + session}
	other := csrf(t, site, site.Session("ben"))
	cases := []struct {
		name    string
		fine    bool
		headers []string
		token   string
	}{
		{"a browser's own page", true, []string{"Sec-Fetch-Site", "same-origin", "Origin", site.URL()}, ""},
		{"typed into the address bar", true, []string{"Sec-Fetch-Site", "none"}, ""},
		{"another site", false, []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, token},
		{"another firm beside us", false, []string{"Sec-Fetch-Site", "same-site", "Origin", site.Firm("harbor").URL()}, token},
		{"an older browser, our page", true, []string{"Origin", site.URL()}, ""},
		{"an older browser, another site", false, []string{"Origin", "https://evil.example"}, token},
		{"an origin that hides", false, []string{"Origin", "null"}, ""},
		{"our name as a beginning", false, []string{"Origin", site.URL() + ".evil.example"}, ""},
		{"another port", false, []string{"Origin", "http://demo.localhost:1"}, ""},
		{"no word at all", false, nil, ""},
		{"no word, but our token", true, nil, token},
		{"a made-up token", false, nil, token[:len(token)-2] + "xx"},
		{"somebody else's token", false, nil, other},
		{"a referrer only", false, []string{"Referer", site.URL() + "/office/probe"}, ""},
	}
	for _, c := range cases {
		for _, method := range []string{"POST", "DELETE", "POST as DELETE"} {
			t.Run(c.name+"/"+method, func(t *testing.T) {
				path := "/office/probe"
				verb, _, as := strings.Cut(method, " as ")
				if method != "POST" {
					path += "/x"
				}
				if as {
					path += "?_method=DELETE"
				}
				headers := append(slices.Clone(kind), c.headers...)
				var body io.Reader = strings.NewReader(url.Values{"word": {"a"}, "_csrf": {c.token}}.Encode())
				if verb == "DELETE" {
					body = nil
					if c.token != "" {
						headers = append(headers, "X-CSRF-Token", c.token)
					}
				}
				var answer *http.Response
				changed := site.Changed(t, func() { answer = strange(t, site, verb, path, body, headers...) })
				if c.fine && (answer.StatusCode != 303 || !slices.Equal(changed, []string{"public.firm"})) {
					t.Errorf("refused: %d, changed %v", answer.StatusCode, changed)
				}
				if !c.fine && (answer.StatusCode != 403 || len(changed) > 0) {
					t.Errorf("let in: %d, changed %v", answer.StatusCode, changed)
				}
			})
		}
	}
}

// csrf is the token on a page of somebody's.
func csrf(t *testing.T, site *portaltest.Site, session string) string {
	t.Helper()
	b := site.Stranger()
	b.SetSession(session)
	meta := b.Open("/office/probe").Find("meta[name=csrf]")
	if meta == nil {
		t.Fatal("a page without a token")
	}
	for _, a := range meta.Attr {
		if a.Key == "content" {
			return a.Val
		}
	}
	return ""
}

func TestRedirectsStayHere(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/\t/evil.example",
		"/\n/evil.example", "http:evil.example", "evil.example", "", "///evil.example", "/\r\nSet-Cookie: a=b", "data:text/html,x", " //evil.example", "/%09/evil.example/..//evil.example",
		"/\x00", "/..//evil.example", "/.//evil.example", "/;@evil.example"} {
		if got := web.LocalPath(to); !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.HasPrefix(got, "/\\") || strings.ContainsAny(got, "\r\n\t\\\x00") {
			t.Errorf("%q leads to %q", to, got)
		} else if u, err := url.Parse("http://here.example"); err == nil {
			if away, err := u.Parse(got); err != nil || away.Host != "here.example" {
				t.Errorf("%q leads away, to %q", to, got)
			}
		}
	}
	for _, to := range []string{"/", "/portal/all/billing?x=1&y=//z", "/office#part"} {
		if web.LocalPath(to) != to {
			t.Errorf("%q is ours", to)
		}
	}
	site := portaltest.Open(t, newProbe().module())
	for _, evil := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "/%0d%0aX: y"} {
		answer := strange(t, site, "GET", "/probe/go?to="+url.QueryEscape(evil), nil)
		if to := answer.Header.Get("Location"); answer.StatusCode != 303 || strings.Contains(to, "evil.example") && !strings.HasPrefix(to, "/%") {
			t.Errorf("%q: %d to %q", evil, answer.StatusCode, to)
		}
	}
	answer := strange(t, site, "GET", "//evil.example/..", nil)
	if to := answer.Header.Get("Location"); strings.HasPrefix(to, "//") || strings.Contains(to, "://") {
		t.Errorf("a path of two strokes leads to %q", to)
	}
}

func TestAnUnknownHostIsToldSoAndNoMore(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, newProbe().module())
	for _, host := range []string{"nobody.localhost", "evil.example", "demo.localhost.evil.example", "xdemo.localhost", "[::2]", "demo_localhost", "a.demo.localhost", "demo.localhost@evil.example"} {
		for _, path := range []string{"/", "/sign-in", "/office/probe", "/no/such/page", "/live"} {
			answer := strange(t, site, "GET", path, nil, "Host", host, "Cookie", "portico="+site.Session("maria"))
			body := text(t, answer)
			if answer.StatusCode != 421 && answer.StatusCode != 400 || len(answer.Cookies()) > 0 || strings.Contains(body, "Northgate") {
				t.Errorf("%s%s: %d, cookies %v", host, path, answer.StatusCode, answer.Cookies())
			}
		}
	}
	for _, host := range []string{"DEMO.localhost", "demo.localhost.", "demo.localhost:9999"} {
		if answer := strange(t, site, "GET", "/probe/who", nil, "Host", host); answer.StatusCode != 200 {
			t.Errorf("%s: %d", host, answer.StatusCode)
		}
	}
}

func TestASessionIsWorthNothingAtAnotherFirm(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, newProbe().module())
	session := site.Session("maria")
	harbor := site.Firm("harbor").Stranger()
	harbor.SetSession(session)
	harbor.Open("/office/probe").SeesNot(t, "Maria", "Northgate")
	if a := harbor.Get("/office/probe"); a.Status != 303 {
		t.Errorf("another firm's session: %d", a.Status)
	}
}

func TestAFormOpensFewFiles(t *testing.T) {
	site := portaltest.Open(t, newProbe().module())
	files := func(n int) (body, kind string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for range n {
			part, err := w.CreateFormFile("file", "a")
			must(t, err)
			_, _ = part.Write([]byte("x"))
		}
		must(t, w.Close())
		return b.String(), w.FormDataContentType()
	}
	for _, c := range []struct {
		path         string
		files, wants int
	}{
		{"/sign-in", 1, 422},      // an address is missing: what a stranger attaches is not even kept
		{"/probe/word", 1, 415},   // takes no files
		{"/probe/file", 51, 413},  // takes some
		{"/probe/file", 800, 413}, //
	} {
		body, kind := files(c.files)
		answer := strange(t, site, "POST", c.path, strings.NewReader(body), "Content-Type", kind, "Sec-Fetch-Site", "same-origin")
		if answer.StatusCode != c.wants {
			t.Errorf("%d files to %s: %d", c.files, c.path, answer.StatusCode)
		}
	}
}

func TestMetricsAreForThisMachineAlone(t *testing.T) {
	for _, trusted := range []string{"", "127.0.0.1"} {
		site := portaltest.Configured(t, map[string]string{"PORTICO_TRUSTED_PROXIES": trusted}, newProbe().module())
		if answer := strange(t, site, "GET", "/metrics", nil); answer.StatusCode != 200 {
			t.Errorf("trusting %q, the machine itself gets %d", trusted, answer.StatusCode)
		}
		for _, passed := range []string{"X-Forwarded-For", "Forwarded", "Via"} {
			if answer := strange(t, site, "GET", "/metrics", nil, passed, "203.0.113.9"); answer.StatusCode != 404 {
				t.Errorf("trusting %q, what a proxy passes on with %s gets %d", trusted, passed, answer.StatusCode)
			}
		}
	}
}
