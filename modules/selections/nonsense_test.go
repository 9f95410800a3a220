package selections_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"portico/modules/selections"
	"portico/platform/portaltest"
	"portico/platform/web"
)

var param = regexp.MustCompile(`:[a-z]+`)

// TestNonsenseIsRefused sends nothing and nonsense to every address, of things that are there.
func TestNonsenseIsRefused(t *testing.T) {
	site := portaltest.Open(t, selections.Module)
	do(t, site, "update client set uploads_on = true")
	there := map[string]string{
		":project":   "select id::text from project where key = 'maple-street'",
		":client":    "select id::text from client where name = 'Ana & Tom Rivera'",
		":selection": "select id::text from selections.selection where title = 'Backsplash tile'",
		":choice":    "select id::text from selections.choice where title = 'Zellige, sage'",
		":heading":   "select id::text from selections.heading where title = 'Tile'",
		":allowance": "select id::text from selections.allowance where shared",
		":file":      "select id::text from selections.file order by id limit 1",
		":photo":     "select id::text from selections.file order by id limit 1",
		":template":  "select id::text from project where key = 'maple-street'",
		":comment":   "select id::text from comment limit 1",
	}
	for name, query := range there {
		there[name] = ask(t, site, query)
	}
	odd := url.Values{}
	for _, name := range []string{"title", "choice", "price", "cost", "markup", "amount", "allowance", "category", "room", "item", "item_offset", "due_on", "version", "seen", "reason",
		"signature", "sure", "contact", "way", "id", "from", "template", "opens", "kind", "up", "link", "remind_days", "tax_rate", "ordered_on", "only", "answer", "comment", "new_room"} {
		odd[name] = []string{"\x00\xff'\";--<script>{{.}}%s", strings.Repeat("9", 400)}
	}
	for who, routes := range map[string][]web.Route{"ana": nil, "maria": nil} {
		prefix := "/portal/all/selections"
		for _, m := range site.Catalog.Modules {
			if m.ID == "selections" {
				if routes = m.Portal; who == "maria" {
					routes, prefix = m.Office, "/office/selections"
				}
			}
		}
		b := site.As(who)
		for _, r := range routes {
			path := prefix + strings.TrimSuffix(param.ReplaceAllStringFunc(r.Path, func(name string) string { return there[name] }), "/")
			for _, form := range []url.Values{{}, odd} {
				a := b.Ask(r.Method, path, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
				if a.Status >= 500 {
					t.Errorf("%s %s as %s: %d", r.Method, path, who, a.Status)
				}
			}
		}
	}
}
