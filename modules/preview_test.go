package modules_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"portico/platform/portaltest"
	"portico/platform/web"
)

// lookingAs is maria, who sees the portal as ana.
func lookingAs(t *testing.T, site *portaltest.Site) *portaltest.Browser {
	t.Helper()
	maria := site.As("maria")
	maria.Open("/office/view-as/" + site.Person("ana").ContactID.String()).Press("View as Ana Rivera")
	maria.Has(t, 200).Sees(t, "You see the portal as Ana Rivera sees it. Nothing can be changed here.")
	return maria
}

// unmoved keeps a preview from sliding, which it does once a minute: how long a walk takes is not asked here.
func unmoved(t *testing.T, site *portaltest.Site) {
	t.Helper()
	if _, err := site.DB(t).ExecContext(t.Context(), "update preview set last_seen_at = now() + interval '1 hour' where ended_at is null"); err != nil {
		t.Fatal(err)
	}
}

// TestAPreviewChangesNothing sends every write there is from a page of a preview, and to every page of the portal
// without saying where it comes from; each is refused, and no row of any table changes.
func TestAPreviewChangesNothing(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	maria := lookingAs(t, site)
	unmoved(t, site)
	page := site.URL() + "/portal/all"
	ask := func(method, path, from string) int {
		return maria.Ask(method, path, strings.NewReader("name=Taken"), "Content-Type", "application/x-www-form-urlencoded", "Referer", from).Status
	}
	tried := 0
	changed := site.Changed(t, func() {
		for _, r := range routes(site, func(web.Route) bool { return true }) {
			for n, with := range []string{uuid.NewString(), site.Person("ana").ContactID.String(), site.Person("ana").ClientID.String()} {
				path, has := filled(r.Path, "all", with)
				for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
					if n > 0 && method != r.Method {
						continue // whose id it is makes no difference to what no route takes
					}
					address := path
					if method == http.MethodPost && r.Method == http.MethodDelete {
						address += "?_method=DELETE"
					}
					if path == "/office/view-as" && (method == http.MethodDelete || strings.Contains(address, "_method")) {
						continue // the way out
					}
					tried++
					if status := ask(method, address, page); status != 403 {
						t.Errorf("%s %s from the preview: %d", method, address, status)
					}
					if strings.HasPrefix(path, "/portal") {
						if status := ask(method, address, ""); status != 403 {
							t.Errorf("%s %s from nowhere: %d", method, address, status)
						}
					}
				}
				if !has {
					break
				}
			}
		}
	})
	if len(changed) > 0 {
		t.Errorf("it changed %v", changed)
	}
	if tried < 300 {
		t.Errorf("only %d writes were tried", tried)
	}
	maria.Open("/portal/all").Has(t, 200).Sees(t, "as Ana Rivera sees it") // and it goes on
}

// TestAPreviewLooksAtEverything walks through the whole portal with ana's eyes: every link leads somewhere, each page
// says whose eyes they are, and nothing changes, nor counts as seen.
func TestAPreviewLooksAtEverything(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	var seen []string
	w := newWalk(t, site, "maria", func(address string, a portaltest.Answer) {
		page := strings.HasPrefix(address, "/portal") && strings.Contains(string(a.Body), "<!doctype html>")
		if page {
			seen = append(seen, address)
		}
		if page && !strings.Contains(string(a.Body), "You see the portal as Ana Rivera sees it") {
			t.Errorf("%s does not say that it is a preview", address)
		}
		if page && (strings.Contains(string(a.Body), `action="/sign-out"`) || strings.Contains(string(a.Body), "/portal/all/profile")) {
			t.Errorf("%s leads out of the preview", address)
		}
	})
	w.b, w.queue, w.known = lookingAs(t, site), nil, map[string]bool{}
	unmoved(t, site)
	w.asks = []string{"Referer", site.URL() + "/portal/all"}
	for _, start := range []string{"/", "/portal", "/portal/all", "/portal/maple-street", "/no/such/page"} {
		w.add(start, "")
	}
	if changed := site.Changed(t, w.go1); len(changed) > 0 {
		t.Errorf("looking changed %v", changed)
	}
	if len(seen) < 10 {
		t.Errorf("only %d pages were seen: %v", len(seen), seen)
	}
	all := routes(site, reads) // also what nothing leads to
	look := func(r web.Route) {
		path, _ := filled(r.Path, "all", uuid.NewString())
		status := w.b.Get(path, "Referer", site.URL()+"/portal/all").Status
		if status >= 500 {
			t.Errorf("GET %s: %d", path, status)
		}
		if private := []string{"/switch", "/welcome", "/sign-in/confirm", "/portal/all/profile", "/portal/all/profile/export.zip"}; slices.Contains(private, path) && status != 404 {
			t.Errorf("GET %s in a preview: %d", path, status)
		}
	}
	changed := site.Changed(t, func() {
		for _, r := range all {
			look(r)
		}
	})
	for _, r := range all { // to look into all tables takes longer than a page: only the culprit is looked for so
		if len(changed) == 0 {
			break
		}
		if by := site.Changed(t, func() { look(r) }); len(by) > 0 {
			t.Errorf("GET %s changed %v", r.Path, by)
		}
	}
	if len(changed) > 0 {
		t.Errorf("looking changed %v", changed)
	}
}
