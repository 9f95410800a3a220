package modules_test

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	_ "portico/modules"
	"portico/platform/portaltest"
	"portico/platform/portaltest/loadtest"
	"portico/platform/web"
)

var anyUUID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// face is an answer without what names the request itself.
func face(a portaltest.Answer, id string) string {
	body := strings.ReplaceAll(string(a.Body), id, "ID")
	header := a.Header.Clone()
	for _, name := range []string{"Date", "X-Request-Id", "Content-Length"} {
		header.Del(name)
	}
	var lines []string
	for name, values := range header {
		lines = append(lines, name+": "+strings.ReplaceAll(strings.Join(values, ", "), id, "ID"))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n\n" + body
}

// foreign are ids that the viewer must not reach, by what they name. client is the viewer's own; Nil: staff.
func foreign(t *testing.T, site *portaltest.Site, client uuid.UUID) map[string]string {
	t.Helper()
	ids := map[string]string{} // what, a space, and the table
	harbor := site.Firm("harbor").FirmID()
	for _, table := range tenants(t, site) {
		columns := columnsOf(t, site, table)
		take := func(what, where string, args ...any) {
			var id string
			if columns["id"] != "uuid" {
				return
			}
			if err := site.DB(t).NewRaw("select id::text from "+table+" where "+where+" limit 1", args...).Scan(t.Context(), &id); err == nil {
				ids[what+" "+table] = id
			}
		}
		take("another firm's", "firm_id = ?", harbor)
		if client == uuid.Nil {
			continue
		}
		if columns["client_id"] == "uuid" {
			take("another client's", "firm_id = ? and client_id <> ?", site.FirmID(), client)
		}
		if columns["project_id"] == "uuid" {
			take("an unshared project's", "firm_id = ? and project_id in (select id from project where not shared or client_id <> ?)", site.FirmID(), client)
		}
		switch table {
		case "public.client":
			take("another", "firm_id = ? and id <> ?", site.FirmID(), client)
		case "public.project":
			take("an unshared", "firm_id = ? and client_id = ? and not shared", site.FirmID(), client)
		}
	}
	if len(ids) < 5 {
		t.Errorf("only %d ids of others: this test tries too little", len(ids))
	}
	return ids
}

func columnsOf(t *testing.T, site *portaltest.Site, table string) map[string]string {
	t.Helper()
	var rows []struct{ Name, Type string }
	err := site.DB(t).NewRaw(`select attname as name, atttypid::regtype::text as type from pg_attribute
		where attrelid = ?::regclass and attnum > 0 and not attisdropped`, table).Scan(t.Context(), &rows)
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string]string{}
	for _, r := range rows {
		columns[r.Name] = r.Type
	}
	return columns
}

// asked is a request whose address names something that does not exist.
type asked struct {
	who    string
	route  web.Route
	hx     string
	nobody string
	answer portaltest.Answer
	tables map[string]bool // that were looked into for it
}

// ask sends a request; one that comes too often for its visitor is sent once more when the tries are forgotten, because a
// refusal for their number says nothing about the id.
func ask(t *testing.T, site *portaltest.Site, b *portaltest.Browser, r web.Route, id, hx string) portaltest.Answer {
	t.Helper()
	a := send(b, r, id, hx)
	if a.Status == 429 {
		site.Forget(t)
		a = send(b, r, id, hx)
	}
	return a
}

// send sends a request with an id in its address and wherever a form may name something.
func send(b *portaltest.Browser, r web.Route, id, hx string) portaltest.Answer {
	path, _ := filled(r.Path, "all", id)
	if r.Method == "GET" {
		return b.Get(path, "HX-Request", hx)
	}
	form := url.Values{"name": {"Taken"}, "title": {"Taken"}, "email": {"taken@example.com"}, "body": {"Taken"}, "id": {id}, "client": {id}, "project": {id}}
	return b.Ask(r.Method, path, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded", "HX-Request", hx)
}

// askForNothing sends what fits as everybody, and hears from PostgreSQL which tables were looked into.
func askForNothing(t *testing.T, site *portaltest.Site, fits func(web.Route) bool, browsers map[string]*portaltest.Browser, hxs ...string) (all []asked) {
	t.Helper()
	refers := references(t, site)
	w := loadtest.Watch(t, site)
	defer w.Stop(site)
	for _, who := range slices.Sorted(maps.Keys(browsers)) {
		b := browsers[who]
		for _, r := range routes(site, fits) {
			if _, has := filled(r.Path, "all", ""); !has {
				continue
			}
			for _, hx := range hxs {
				a := asked{who: who, route: r, hx: hx, nobody: uuid.NewString(), tables: map[string]bool{}}
				for _, p := range w.During(func() { a.answer = ask(t, site, b, r, a.nobody, hx) }) {
					p.Root.Each(func(n loadtest.Node) {
						a.tables[n.Table] = true
						for _, other := range refers[n.Table] {
							a.tables[other] = true
						}
					})
				}
				if len(a.tables) < 2 {
					t.Errorf("%s looks into no table for %s %s, and is answered %d: is PostgreSQL silent?", who, r.Method, r.Path, a.answer.Status)
				}
				all = append(all, a)
			}
		}
	}
	return all
}

// references are the tables that a table's rows name, by the tables' names without their schemas.
func references(t *testing.T, site *portaltest.Site) map[string][]string {
	t.Helper()
	var rows []struct{ Own, Other string }
	err := site.DB(t).NewRaw(`
		select distinct o.relname as own, r.relname as other
		from pg_constraint k
		join pg_class o on o.oid = k.conrelid
		join pg_class r on r.oid = k.confrelid
		where k.contype = 'f'`).Scan(t.Context(), &rows)
	if err != nil {
		t.Fatal(err)
	}
	refers := map[string][]string{}
	for _, r := range rows {
		refers[r.Own] = append(refers[r.Own], r.Other)
	}
	return refers
}

// worthTrying are the ids that can make a difference to a request: those of the tables that it looks into, and of what
// these refer to. Of the others it is asked for a few, each time for the next.
func worthTrying(ids map[string]string, a asked, turn int) map[string]string {
	worth := map[string]string{}
	for i, what := range slices.Sorted(maps.Keys(ids)) {
		table := what[strings.LastIndexAny(what, " .")+1:]
		if a.tables[table] || (i+turn)%20 == 0 {
			worth[what] = ids[what]
		}
	}
	return worth
}

// TestWhatIsNotYoursDoesNotExist asks every page for what belongs to others, and wants exactly the answer that
// something gets which does not exist at all.
func TestWhatIsNotYoursDoesNotExist(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	browsers, ids := map[string]*portaltest.Browser{}, map[string]map[string]string{}
	for _, who := range []string{"ana", "tom", "maria"} {
		browsers[who], ids[who] = site.As(who), foreign(t, site, site.Person(who).ClientID)
	}
	tried, all := 0, 0
	for turn, a := range askForNothing(t, site, reads, browsers, "", "true") {
		all += len(ids[a.who])
		for what, id := range worthTrying(ids[a.who], a, turn) {
			tried++
			got := ask(t, site, browsers[a.who], a.route, id, a.hx)
			if got.Status != a.answer.Status || face(got, id) != face(a.answer, a.nobody) {
				t.Errorf("%s sees that %s (%s) is not nothing: %d instead of %d\n%s", a.who, a.route.Path, what, got.Status, a.answer.Status,
					difference(face(a.answer, a.nobody), face(got, id)))
			}
		}
	}
	t.Logf("%d requests, of %d with all ids", tried, all)
}

// TestWhatIsNotYoursCannotBeChanged sends every write there is to what belongs to others.
func TestWhatIsNotYoursCannotBeChanged(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	for _, who := range []string{"ana", "maria"} {
		b := site.As(who)
		ids := foreign(t, site, site.Person(who).ClientID)
		nothing := askForNothing(t, site, writes, map[string]*portaltest.Browser{who: b}, "")
		tried := 0
		try := func(turn int, a asked) {
			for what, id := range worthTrying(ids, a, turn) {
				tried++
				if got := ask(t, site, b, a.route, id, ""); got.Status < 400 || got.Status >= 500 {
					t.Errorf("%s: %s %s (%s): %d", who, a.route.Method, a.route.Path, what, got.Status)
				}
			}
		}
		changed := site.Changed(t, func() {
			for turn, a := range nothing {
				try(turn, a)
			}
		})
		for turn, a := range nothing { // to hash all rows takes longer than the requests: only who looks for the culprit does so often
			if len(changed) == 0 {
				break
			}
			if by := site.Changed(t, func() { try(turn, a) }); len(by) > 0 {
				t.Errorf("%s: %s %s changed %v", who, a.route.Method, a.route.Path, by)
			}
		}
		if len(changed) > 0 {
			t.Errorf("%s changed %v", who, changed)
		}
		t.Logf("%s: %d requests, of %d with all ids", who, tried, len(nothing)*len(ids))
	}
}

// TestAScopeThatIsNotYoursDoesNotExist: projects of others, unshared ones, and those a contact may not see.
func TestAScopeThatIsNotYoursDoesNotExist(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	for who, scopes := range map[string][]string{
		"ana": {"winter-gala", "lakeview-house", "maple-attic", "orchard-lane"},
		"tom": {"maple-garden", "maple-attic", "winter-gala"},
	} {
		b := site.As(who)
		for _, r := range routes(site, reads) {
			if !strings.Contains(r.Path, ":scope") {
				continue
			}
			id := uuid.NewString()
			nothing, _ := filled(r.Path, "no-such-project", id)
			want := b.Get(nothing)
			for _, scope := range scopes {
				path, _ := filled(r.Path, scope, id)
				got := b.Get(path)
				if got.Status != 404 || strings.ReplaceAll(face(got, id), scope, "SCOPE") != strings.ReplaceAll(face(want, id), "no-such-project", "SCOPE") {
					t.Errorf("%s at %s: %d instead of %d\n%s", who, path, got.Status, want.Status, difference(face(want, id), face(got, id)))
				}
			}
		}
	}
}

// difference shows the first line in which two answers differ.
func difference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "nothing: " + cut(a[i]) + "\nforeign: " + cut(b[i])
		}
	}
	return "one is longer"
}

func cut(s string) string { return s[:min(len(s), 400)] }
