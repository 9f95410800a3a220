package modules_test

import (
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	_ "portico/modules"
	"portico/platform/access"
	"portico/platform/fact"
	"portico/platform/module"
	"portico/platform/port"
	"portico/platform/portaltest"
	"portico/platform/web"
	"portico/views"
)

// The same questions for every section, with no code in it. What a section adds is asked here by itself.

func TestEverySectionMountsWithoutADatabase(t *testing.T) {
	t.Parallel()
	for _, m := range module.All() {
		t.Run(m.ID, func(t *testing.T) {
			catalog := &module.Catalog{}
			_, err := m.Mount(module.Platform{
				Bus: fact.NewBus(), Board: port.NewBoard(), Log: slog.New(slog.DiscardHandler), Now: time.Now,
				Catalog: func() *module.Catalog { return catalog },
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestEverythingCarriesItsSectionsName(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	sprite, err := fs.ReadFile(views.FS, "icons/sprite.svg")
	if err != nil {
		t.Fatal(err)
	}
	icon := func(name string) bool { return strings.Contains(string(sprite), `id="i-`+name+`"`) }
	jobs, cards := map[string]bool{}, map[string]bool{}
	for _, m := range site.Catalog.Modules {
		t.Run(m.ID, func(t *testing.T) {
			own := func(what, name string) {
				if !strings.HasPrefix(name, m.ID+":") {
					t.Errorf("the %s %q does not begin with %q", what, name, m.ID+":")
				}
			}
			if !icon(m.Icon) {
				t.Errorf("there is no icon %q", m.Icon)
			}
			for _, p := range m.Permissions {
				own("permission", p.Name)
			}
			for _, j := range m.Jobs {
				own("job", j.Name)
				if jobs[j.Name] {
					t.Errorf("two jobs are called %s", j.Name)
				}
				jobs[j.Name] = true
			}
			for _, c := range m.Cards {
				own("card", c.ID)
				if cards[c.ID] {
					t.Errorf("two cards are called %s", c.ID)
				}
				cards[c.ID] = true
				known(t, m, "card "+c.ID, c.Who)
			}
			for _, tab := range m.ClientTabs {
				own("tab", tab.ID)
				known(t, m, "tab "+tab.ID, tab.Who)
			}
			for side, nav := range map[string][]module.Nav{"portal": append(slices.Clone(m.PortalNav), m.PersonNav...), "office": m.OfficeNav} {
				for _, n := range nav {
					known(t, m, side+" entry "+n.Title, n.Who)
					if !icon(n.Icon) {
						t.Errorf("there is no icon %q", n.Icon)
					}
					routes := m.Portal
					if side == "office" {
						routes = m.Office
					}
					if !slices.ContainsFunc(routes, func(r web.Route) bool { return r.Method == "GET" && fitsRoute(r.Path, "/"+n.Path) }) {
						t.Errorf("the %s entry %q leads nowhere: no route %q", side, n.Title, n.Path)
					}
				}
			}
			for preset := range m.Presets {
				name, area, narrowed := strings.Cut(preset, "/") // "builder/expenses": of one area
				if !slices.Contains([]string{"builder", "agency", "services", "events"}, name) ||
					narrowed && !slices.ContainsFunc(m.Areas, func(a access.Area) bool { return a.ID == area }) {
					t.Errorf("there is no preset %q", preset)
				}
			}
		})
	}
}

// known: a permission is in the manifest, or one of the two that everybody knows.
func known(t *testing.T, m module.Mounted, what string, p access.Permission) {
	t.Helper()
	if p.Who == access.Nobody {
		t.Errorf("%s does not say who may see it", what)
	}
	if p != access.Public && p != access.Session && !slices.Contains(m.Permissions, p) {
		t.Errorf("%s asks for %q, which is not in the manifest", what, p.Name)
	}
}

func fitsRoute(pattern, path string) bool {
	a, b := strings.Split(strings.Trim(pattern, "/"), "/"), strings.Split(strings.Trim(path, "/"), "/")
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !strings.HasPrefix(a[i], ":") {
			return false
		}
	}
	return true
}

func TestEveryRouteSaysWho(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	seen := map[string]bool{}
	for _, g := range site.Groups() {
		for _, r := range g.Routes {
			name := r.Method + " " + g.Prefix + r.Path
			if seen[name] {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
			switch who := r.Who.Who; {
			case who == access.Nobody:
				t.Errorf("%s does not say who", name)
			case strings.HasPrefix(g.Prefix, "/portal") && who != access.ForClient:
				t.Errorf("%s is in the portal and not for clients", name)
			case strings.HasPrefix(g.Prefix, "/office") && who != access.ForStaff:
				t.Errorf("%s is in the office and not for staff", name)
			}
			if g.Module != "" {
				for _, m := range site.Catalog.Modules {
					if m.ID == g.Module {
						known(t, m, name, r.Who)
					}
				}
			}
			if r.Method != "GET" && r.Method != "POST" && r.Method != "DELETE" {
				t.Errorf("%s: a form cannot say that", name)
			}
		}
	}
}

// filled gives the path of a route with something for each of its parameters; ok is false when it has none.
func filled(pattern, scope, with string) (path string, has bool) {
	parts := strings.Split(pattern, "/")
	for i, part := range parts {
		switch {
		case part == ":scope":
			parts[i] = scope
		case strings.HasPrefix(part, ":"):
			parts[i], has = with, true
		}
	}
	if path = strings.Join(parts, "/"); path == "" {
		path = "/"
	}
	return path, has
}

// routes are all of one kind, with their whole paths.
func routes(site *portaltest.Site, fits func(web.Route) bool) []web.Route {
	var all []web.Route
	for _, g := range site.Groups() {
		for _, r := range g.Routes {
			if r.Path = strings.TrimSuffix(g.Prefix+r.Path, "/"); fits(r) {
				all = append(all, r)
			}
		}
	}
	return all
}

func reads(r web.Route) bool { return r.Method == "GET" && !strings.HasPrefix(r.Path, "/live") }

func writes(r web.Route) bool { return r.Method != "GET" }

// visitors are everybody who may stand at the door; "" is a stranger.
var visitors = []string{"maria", "ben", "ana", "tom", ""}

func visitor(site *portaltest.Site, who string) *portaltest.Browser {
	if who == "" {
		return site.Stranger()
	}
	return site.As(who)
}

// withoutRights takes every right from tom: a contact who may only look.
func withoutRights(t *testing.T, site *portaltest.Site) {
	t.Helper()
	exec(t, site, "update contact set rights = '{}' where firm_id = ? and person_id = ?", site.FirmID(), site.Person("tom").ID)
}

func exec(t *testing.T, site *portaltest.Site, statement string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// TestOtherSitesChangeNothing sends every write there is, as everybody, from another site's page.
func TestOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	browsers := map[string]*portaltest.Browser{}
	for _, who := range visitors {
		browsers[who] = visitor(site, who)
	}
	changed := site.Changed(t, func() {
		for _, r := range routes(site, writes) {
			path, _ := filled(r.Path, "all", uuid.NewString())
			for who, b := range browsers {
				for _, headers := range [][]string{
					{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"},
					{"Sec-Fetch-Site", "", "Origin", "https://evil.example"},
					{"Sec-Fetch-Site", "same-site", "Origin", site.Firm("harbor").URL()},
					{"Sec-Fetch-Site", "", "Origin", ""},
				} {
					a := b.Ask(r.Method, path, strings.NewReader("a=b"), append(headers, "Content-Type", "application/x-www-form-urlencoded")...)
					if r.Programs && a.Status == 404 { // let in, and without a proof in the address it finds nothing
						continue
					}
					if a.Status != 403 && a.Status != 429 {
						t.Errorf("%s %s as %q from another site: %d", r.Method, path, who, a.Status)
					}
				}
			}
		}
	})
	if len(changed) > 0 {
		t.Errorf("it changed %v", changed)
	}
}

// TestEmptyFormsBreakNothing sends every write there is, as everybody, with nothing and with nonsense in it.
func TestEmptyFormsBreakNothing(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	withoutRights(t, site)
	nonsense := url.Values{}
	for _, name := range []string{"id", "name", "email", "title", "body", "date", "starts_on", "count", "project", "client", "contact", "role", "rights", "switches", "to", "next", "version", "color"} {
		nonsense[name] = []string{"\x00\xff'\";--<script>{{.}}%s", strings.Repeat("9", 400), "-1"}
	}
	for _, who := range visitors {
		last := 0
		for _, r := range routes(site, writes) {
			for n, with := range []string{uuid.NewString(), "nonsense", "%00", strings.Repeat("a", 300)} {
				path, has := filled(r.Path, "all", with)
				for _, form := range []url.Values{{}, nonsense} {
					for i, hx := range []string{"", "true"} {
						if n > 0 && (len(form) == 0 || i != n%2) { // what is no id is refused whatever the form holds
							continue
						}
						a := visitorOnce(site, who, last).Ask(r.Method, path, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded", "HX-Request", hx)
						last = a.Status
						if a.Status >= 500 {
							t.Errorf("%s %s as %q: %d", r.Method, path, who, a.Status)
						}
						if who == "" && a.Status == 200 && r.Who.Who != access.Anyone {
							t.Errorf("%s %s lets a stranger in", r.Method, path)
						}
					}
				}
				if !has {
					break
				}
			}
		}
	}
}

var sessions = map[string]*portaltest.Browser{}

// visitorOnce signs somebody in again when a write has ended the session: the last one, by its answer, may have.
func visitorOnce(site *portaltest.Site, who string, last int) *portaltest.Browser {
	key := site.URL() + who
	b := sessions[key]
	mayHave := last < 400 || last == http.StatusUnauthorized
	if b == nil || who != "" && mayHave && b.Get("/switch").Status == http.StatusSeeOther {
		b = visitor(site, who)
		sessions[key] = b
	}
	return b
}

// TestWhatIsSwitchedOffDoesNotExist switches every section off, and each alone.
func TestWhatIsSwitchedOffDoesNotExist(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	b := site.As("ana")
	for _, m := range site.Catalog.Sections() {
		t.Run(m.ID, func(t *testing.T) {
			back := site.Snapshot(t)
			defer back()
			exec(t, site, "update firm set switches = jsonb_set(switches, array[?], 'false')", m.ID)
			exec(t, site, "update client set switches = switches - ?::text", m.ID)
			for _, page := range []string{"/portal/all", "/portal/maple-street"} {
				b.For(t).Open(page)
				for _, n := range m.PortalNav {
					if strings.Contains(b.Body(), `href="`+page+"/"+strings.Trim(m.ID+"/"+n.Path, "/")+`"`) {
						t.Errorf("%s still leads to %s", page, n.Title)
					}
				}
				for _, c := range m.Cards {
					if strings.Contains(b.Body(), c.ID) {
						t.Errorf("%s still shows the card %s", page, c.ID)
					}
				}
			}
			for _, r := range m.Portal {
				for _, scope := range []string{"all", "maple-street"} {
					path, _ := filled("/portal/:scope/"+m.ID+strings.TrimSuffix(r.Path, "/"), scope, uuid.NewString())
					if m.ID == "dashboard" {
						continue // the start is always there
					}
					if a := b.Ask(r.Method, path, nil); a.Status != 404 {
						t.Errorf("%s %s: %d", r.Method, path, a.Status)
					}
				}
			}
		})
	}
}
