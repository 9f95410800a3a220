package modules_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"portico/platform/portaltest"
)

// TestEveryPageInARealBrowser opens every page that a visitor, a client and an owner can walk to: on a phone by day and at
// a desk by night. No page may be wider than the screen, complain on the console, break the content policy, or keep
// somebody out (axe-core). Each page is loaded once, by turns on the phone and at the desk, and then looked at on the other.
func TestEveryPageInARealBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is not a unit test")
	}
	portaltest.Chromium(t)
	site := portaltest.Open(t)
	for _, walk := range []struct{ who, from string }{{"", "/sign-in"}, {"ana", "/portal/all"}, {"maria", "/office"}} {
		pages := walkable(t, site, walk.who, walk.from)
		t.Run(walk.who, func(t *testing.T) {
			tab := site.Chrome(t, walk.who, 360, false)
			desk := false
			for _, page := range pages {
				tab.Open(page).Fits(t).Axe(t)
				desk = !desk
				tab.Screen(map[bool]int{false: 360, true: 1280}[desk], desk).Fits(t).Axe(t)
			}
		})
		t.Logf("%q: %d pages: %s", walk.who, len(pages), strings.Join(pages, " "))
	}
}

var (
	anyID      = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)
	anyArticle = regexp.MustCompile(`/help/articles/[a-z0-9]+-[a-z0-9-]+`) // not /new
	anyMail    = regexp.MustCompile(`/setup/mails/[a-z_]+`)
)

// walkable follows links from a page and gives one address for each kind of page.
func walkable(t *testing.T, site *portaltest.Site, who, from string) []string {
	t.Helper()
	b := site.Stranger()
	if who != "" {
		b = site.As(who)
	}
	kinds, pages, queue := map[string]bool{}, []string{}, []string{from}
	for len(queue) > 0 && len(pages) < 300 {
		page := queue[0]
		queue = queue[1:]
		if kind := kindOf(page); kinds[kind] {
			continue
		} else {
			kinds[kind] = true
		}
		answer := b.Get(page)
		if answer.Status != 200 || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
			continue
		}
		pages = append(pages, page)
		queue = append(queue, links(string(answer.Body))...)
	}
	return pages
}

// kindOf is the same for addresses behind which the same template shows the same kind of thing. What is below a section's
// first page looks the same in all projects as in one of them.
func kindOf(page string) string {
	path, _, _ := strings.Cut(page, "?")
	path = anyMail.ReplaceAllString(anyID.ReplaceAllString(path, ":id"), "/setup/mails/:mail")
	if !strings.Contains(path, "what-happens-next") { // this one has steps
		path = anyArticle.ReplaceAllString(path, "/help/articles/:slug")
	}
	if parts := strings.Split(path, "/"); len(parts) > 2 && parts[1] == "portal" && parts[2] != "all" {
		parts[2] = ":scope"
		if len(parts) > 4 {
			parts[2] = "all"
		}
		path = strings.Join(parts, "/")
	}
	return path
}

// links are the addresses of this site that a page leads to; the shell's own come last, for every page has them.
func links(body string) []string {
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return nil
	}
	var found []string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "a" {
			continue
		}
		for _, a := range n.Attr {
			skip := strings.HasPrefix(a.Val, "/assets") || strings.HasPrefix(a.Val, "/files") || strings.HasPrefix(a.Val, "/theme")
			if a.Key == "href" && strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "//") && !skip && !slices.Contains(found, a.Val) {
				found = append(found, strings.SplitN(a.Val, "#", 2)[0])
			}
		}
	}
	return found
}
