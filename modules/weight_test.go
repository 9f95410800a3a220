package modules_test

import (
	"bytes"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"portico/platform/portaltest"
	"portico/platform/portaltest/loadtest"
)

// most bytes of a first page, with all that a browser fetches for it, packed as they travel.
const firstPage = 100 << 10

func TestFirstPagesAreLight(t *testing.T) {
	site := portaltest.Open(t)
	for _, c := range []struct{ who, path string }{{"ana", "/portal/all"}, {"ana", "/sign-in"}, {"maria", "/office"}, {"maria", "/office/clients"}} {
		session := ""
		if c.path != "/sign-in" {
			session = site.Session(c.who)
		}
		v := visit{t: t, site: site, session: session, seen: map[string]int{}}
		v.page(c.path)
		all := 0
		var parts []string
		for at, size := range v.seen {
			all += size
			parts = append(parts, at)
		}
		slices.SortFunc(parts, func(a, b string) int { return v.seen[b] - v.seen[a] })
		t.Logf("%s: %d bytes in %d answers", c.path, all, len(parts))
		for _, at := range parts[:min(6, len(parts))] {
			t.Logf("  %6d %s", v.seen[at], at)
		}
		if all > firstPage {
			t.Errorf("the first page %s weighs %d bytes, more than %d", c.path, all, firstPage)
		}
	}
}

// visit is a browser with an empty cache.
type visit struct {
	t       *testing.T
	site    *portaltest.Site
	session string
	seen    map[string]int
}

// get counts the packed bytes of an answer, its headers estimated, and gives it plain.
func (v *visit) get(path string) []byte {
	v.t.Helper()
	path, _, _ = strings.Cut(path, "#")
	if _, again := v.seen[path]; again {
		return nil
	}
	packed := loadtest.Once(v.t, v.site.Address(), loadtest.Ask("demo.localhost", path, v.session, "Accept-Encoding: gzip, deflate, br"))
	v.seen[path] = len(packed) + 500
	return loadtest.Once(v.t, v.site.Address(), loadtest.Ask("demo.localhost", path, v.session))
}

var imported = regexp.MustCompile(`@import\s+(?:url\()?["']([^"']+)`)

func (v *visit) page(path string) {
	v.t.Helper()
	tokens := html.NewTokenizer(bytes.NewReader(v.get(path)))
	for tokens.Next() != html.ErrorToken {
		token := tokens.Token()
		at := map[string]string{}
		for _, a := range token.Attr {
			at[a.Key] = a.Val
		}
		switch token.Data {
		case "script", "img":
			v.asset(at["src"])
		case "link":
			if at["rel"] != "apple-touch-icon" { // it is fetched when somebody puts the portal on a home screen
				v.asset(at["href"])
			}
		case "use":
			v.asset(at["href"])
		}
		if strings.Contains(at["hx-trigger"], "load") || strings.Contains(at["hx-trigger"], "revealed") {
			v.page(at["hx-get"])
		}
	}
}

func (v *visit) asset(path string) {
	u, err := url.Parse(path)
	if err != nil || path == "" || u.Host != "" || u.Scheme != "" {
		return
	}
	for _, more := range imported.FindAllSubmatch(v.get(path), -1) {
		v.asset(string(more[1]))
	}
}
