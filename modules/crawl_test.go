package modules_test

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"portico/platform/portaltest"
)

// most pages of one walk; a site of tests has far fewer kinds than this.
const most = 800

// walk follows everything that a page leads to, and everything that those lead to. Each address is asked for twice, as a
// page and as a part; what it gives is looked at by see.
type walk struct {
	t      *testing.T
	who    string
	b      *portaltest.Browser
	queue  []string
	known  map[string]bool
	kinds  map[string]int // address without query and ids -> how often
	from   map[string]string
	see    func(address string, a portaltest.Answer)
	pages  int
	strict bool // a link that leads nowhere is an error
	once   bool // each address is asked for in one way: as a part where a page fetches it as a part
	parts  map[string]bool
	posts  map[string]bool // where forms post to, without ids
	asks   []string        // headers of every request
	own    map[string]string
}

func newWalk(t *testing.T, site *portaltest.Site, who string, see func(string, portaltest.Answer)) *walk {
	w := &walk{t: t, who: who, b: visitor(site, who), known: map[string]bool{}, kinds: map[string]int{}, from: map[string]string{}, parts: map[string]bool{}, posts: map[string]bool{}, see: see, strict: true, own: ofPages(t)}
	for _, start := range []string{"/", "/sign-in", "/portal", "/office", "/portal/all", "/portal/maple-street", "/switch", "/closed", "/welcome", "/healthz", "/robots.txt", "/no/such/page"} {
		w.add(start, "")
	}
	return w
}

// add answers the address if it is a new one.
func (w *walk) add(address, from string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host != "" && !strings.HasSuffix(u.Hostname(), ".localhost") && u.Hostname() != "localhost" || u.Scheme != "" && u.Scheme != "http" {
		return ""
	}
	if u.Host != "" && "http://"+u.Host != firmOf(w.b) {
		return "" // another firm's door
	}
	base, _ := url.Parse(from)
	if base != nil {
		u = base.ResolveReference(u)
	}
	u.Scheme, u.Host, u.Fragment = "", "", ""
	address = u.String()
	kind := anyUUID.ReplaceAllString(u.Path, "ID")
	variants := 3
	if u.RawQuery != "" {
		kind += "?" + strings.Join(slices.Sorted(mapsKeys(u.Query())), "&")
		variants = 1
	}
	if w.known[address] || w.kinds[kind] >= variants || u.Path == "/live" {
		return ""
	}
	w.known[address] = true
	w.kinds[kind]++
	w.from[address] = from
	w.queue = append(w.queue, address)
	return address
}

func mapsKeys(q url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range q {
			if !yield(k) {
				return
			}
		}
	}
}

func firmOf(b *portaltest.Browser) string {
	u, _ := url.Parse(b.URL())
	return u.Scheme + "://" + u.Host
}

func (w *walk) go1() {
	for len(w.queue) > 0 && w.pages < most {
		address := w.queue[0]
		w.queue = w.queue[1:]
		w.pages++
		for _, hx := range []string{"", "true"} {
			if w.once && w.parts[address] != (hx != "") {
				continue
			}
			a := w.b.Get(address, append(w.asks, "HX-Request", hx)...)
			w.look(address, hx, a)
		}
	}
	if w.pages == most {
		w.t.Errorf("%s: more than %d pages", w.who, most)
	}
}

func (w *walk) look(address, hx string, a portaltest.Answer) {
	w.t.Helper()
	where := fmt.Sprintf("%q at %s (from %s, htmx %q)", w.who, address, w.from[address], hx)
	fine := []int{200, 303, 404}
	if hx != "" {
		fine = append(fine, 204, 401) // HX-Redirect
	}
	if !slices.Contains(fine, a.Status) {
		w.t.Errorf("%s: %d", where, a.Status)
	}
	if a.Status == 404 && w.from[address] != "" && hx == "" && w.strict {
		w.t.Errorf("%s: the link leads nowhere", where)
	}
	w.see(address, a)
	if to := a.Header.Get("Location"); to != "" {
		w.add(to, address)
	}
	if to := a.Header.Get("HX-Redirect"); to != "" {
		w.add(to, address)
	}
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
		return
	}
	doc, err := html.Parse(bytes.NewReader(a.Body))
	if err != nil {
		w.t.Errorf("%s: %v", where, err)
		return
	}
	if hx == "" && a.Status == 200 {
		for _, class := range unstyled(w.own, string(a.Body), doc) {
			w.t.Errorf("%s: the looks of .%s are in a page.css that this page does not load: put them into style.css", where, class)
		}
	}
	ids := map[string]bool{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, attribute := range n.Attr {
			switch attribute.Key {
			case "id":
				if ids[attribute.Val] {
					w.t.Errorf("%s: two elements have the id %q", where, attribute.Val)
				}
				ids[attribute.Val] = true
			case "href", "src", "hx-get", "action", "formaction", "hx-post", "hx-delete", "data-href":
				if n.Data == "use" || attribute.Val == "" || strings.HasPrefix(attribute.Val, "#") || strings.HasPrefix(attribute.Val, "data:") {
					continue
				}
				post := strings.HasPrefix(attribute.Key, "hx-p") || strings.HasPrefix(attribute.Key, "hx-d") || attribute.Key == "formaction" ||
					attribute.Key == "action" && strings.EqualFold(attrOf(n, "method"), "post")
				if !post {
					if to := w.add(attribute.Val, address); to != "" && attribute.Key == "hx-get" {
						w.parts[to] = true
					}
				} else if u, err := url.Parse(attribute.Val); err == nil && u.Host == "" && !w.posts[anyUUID.ReplaceAllString(u.Path, "ID")] {
					w.posts[anyUUID.ReplaceAllString(u.Path, "ID")] = true
					// a GET of where a form posts to is asked for too: it may be nothing, but it must do nothing
					if a := w.b.Get(u.Path); a.Status >= 500 || a.Status == 200 && strings.Contains(u.Path, "sign-out") {
						w.t.Errorf("%s: a GET of the form's %s: %d", where, u.Path, a.Status)
					}
				}
			}
		}
	}
}

func attrOf(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// TestEverybodyCanWalkEverywhere follows every link and form as everybody, twice, and finds pages only; nothing is
// changed by looking.
func TestEverybodyCanWalkEverywhere(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	withoutRights(t, site)
	for _, who := range visitors {
		t.Run(who, func(t *testing.T) {
			w := newWalk(t, site, who, func(string, portaltest.Answer) {})
			if changed := site.Changed(t, w.go1); len(changed) > 0 {
				t.Errorf("looking changed %v", changed)
			}
			t.Logf("%d pages", w.pages)
		})
	}
}

// canary is what no client may ever get, in whatever it is wrapped.
const canary = "CANARY"

// TestClientsGetNothingHidden plants canaries in everything that is hidden from clients, and looks at every byte.
func TestClientsGetNothingHidden(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	planted := plant(t, site)
	if planted < 20 {
		t.Errorf("only %d fields hold a canary", planted)
	}
	for _, who := range []string{"ana", "tom", "omar", ""} {
		if who == "omar" {
			continue // omar's client is one of the canaries
		}
		t.Run(who, func(t *testing.T) {
			w := newWalk(t, site, who, func(address string, a portaltest.Answer) {
				for name, values := range a.Header {
					if strings.Contains(strings.Join(values, " "), canary) {
						t.Errorf("%s: a canary in the header %s: %v", address, name, values)
					}
				}
				if i := bytes.Index(a.Body, []byte(canary)); i >= 0 {
					t.Errorf("%s: a canary: …%s…", address, a.Body[max(0, i-100):min(len(a.Body), i+60)])
				}
			})
			w.strict = false
			for _, query := range []string{"canary", "canary-client", "omar", "winter"} {
				w.add("/portal/all?q="+query, "")
				w.add("/portal/all/help?q="+query, "")
				w.add("/portal/all/search?q="+query, "")
			}
			w.go1()
		})
	}
	t.Run("staff see them", func(t *testing.T) { // or nobody could find them here
		seen := 0
		w := newWalk(t, site, "maria", func(_ string, a portaltest.Answer) { seen += bytes.Count(a.Body, []byte(canary)) })
		w.strict = false
		w.go1()
		if seen < 20 {
			t.Errorf("the owner sees only %d canaries", seen)
		}
	})
	for _, m := range site.Mails() {
		if strings.HasSuffix(m.Recipient, "rivera@example.com") && strings.Contains(string(m.Raw), canary) {
			t.Errorf("a canary in the mail %q", m.Subject)
		}
	}
}

// hiddenWords are the names of columns that only staff may see, in any table of any section.
var hiddenWords = []string{"notes", "note", "internal", "internal_notes", "cost", "costs", "margin", "markup", "vendor", "vendor_name", "staff_notes", "draft"}

// plant writes canaries, and answers into how many fields.
func plant(t *testing.T, site *portaltest.Site) (fields int) {
	t.Helper()
	firm, harbor, rivera := site.FirmID(), site.Firm("harbor").FirmID(), site.Person("ana").ClientID
	put := func(statement string, args ...any) {
		t.Helper()
		result, err := site.DB(t).ExecContext(t.Context(), statement, args...)
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		n, _ := result.RowsAffected()
		fields += int(n)
	}
	for _, table := range tenants(t, site) {
		columns := columnsOf(t, site, table)
		for column, kind := range columns {
			if kind == "text" && slices.Contains(hiddenWords, column) {
				put(fmt.Sprintf("update %s set %s = 'CANARY-%s-%s'", table, column, strings.ReplaceAll(table, ".", "-"), column))
			}
			// whatever says whose it is, and is another client's
			others := ""
			switch {
			case columns["client_id"] == "uuid":
				others = "client_id <> '" + rivera.String() + "'"
			case columns["project_id"] == "uuid":
				others = "project_id in (select id from project where client_id <> '" + rivera.String() + "' or not shared)"
			}
			words := []string{"name", "title", "text", "body", "summary", "next_steps", "detail", "subject", "question", "answer"}
			if others != "" && kind == "text" && slices.Contains(words, column) {
				put(fmt.Sprintf("update %s set %s = %s || ' CANARY-OTHER-%s' where firm_id = ? and %s", table, column, column, column, others), firm)
			}
			if kind == "text" && slices.Contains(words, column) && table != "public.firm" && columns["for_client"] == "boolean" {
				put(fmt.Sprintf("update %s set %s = %s || ' CANARY-INTERNAL' where firm_id = ? and not for_client", table, column, column), firm)
			}
		}
	}
	put("update client set name = name || ' CANARY-CLIENT', email = 'canary-client@CANARY.example', phone = 'CANARY-PHONE' where firm_id = ? and id <> ?", firm, rivera)
	put("update contact set email = 'canary.' || substr(id::text, 25) || '@example.com', phone = 'CANARY-PHONE' where firm_id = ? and client_id <> ?", firm, rivera)
	put("update project set name = name || ' CANARY-UNSHARED', summary = 'CANARY', next_steps = 'CANARY' where firm_id = ? and client_id = ? and not shared", firm, rivera)
	put("update person set name = name || ' CANARY-HARBOR' where firm_id = ? and email <> 'ana.rivera@example.com'", harbor)
	put("update project set name = name || ' CANARY-HARBOR', summary = 'CANARY' where firm_id = ?", harbor)
	put("update staff set phone = 'CANARY-PRIVATE', show_phone = false where firm_id = ?", firm)
	put("update activity set data = '{\"secret\": \"CANARY\"}' where firm_id = ?", firm)
	put("update firm set phone = 'CANARY', address = 'CANARY' where firm_id = ?", harbor)
	return fields
}
