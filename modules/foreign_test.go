package modules_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	_ "portico/modules"
	"portico/platform/portaltest"
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
	ids := map[string]string{}
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

// TestWhatIsNotYoursDoesNotExist asks every page for what belongs to others, and wants exactly the answer that
// something gets which does not exist at all.
func TestWhatIsNotYoursDoesNotExist(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	for _, who := range []string{"ana", "tom", "maria"} {
		client := site.Person(who).ClientID
		b := site.As(who)
		ids := foreign(t, site, client)
		for _, r := range routes(site, reads) {
			for _, hx := range []string{"", "true"} {
				nobody := uuid.NewString()
				path, has := filled(r.Path, "all", nobody)
				if !has {
					continue
				}
				want := b.Get(path, "HX-Request", hx)
				for what, id := range ids {
					path, _ := filled(r.Path, "all", id)
					got := b.Get(path, "HX-Request", hx)
					if got.Status != want.Status || face(got, id) != face(want, nobody) {
						t.Errorf("%s sees that %s (%s) is not nothing: %d instead of %d\n%s", who, path, what, got.Status, want.Status,
							difference(face(want, nobody), face(got, id)))
					}
				}
			}
		}
	}
}

// TestWhatIsNotYoursCannotBeChanged sends every write there is to what belongs to others.
func TestWhatIsNotYoursCannotBeChanged(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	for _, who := range []string{"ana", "maria"} {
		b := site.As(who)
		ids := foreign(t, site, site.Person(who).ClientID)
		for _, r := range routes(site, writes) {
			if _, has := filled(r.Path, "all", ""); !has {
				continue
			}
			// all rows are looked at once a route: to hash them takes longer than the requests
			changed := site.Changed(t, func() {
				for what, id := range ids {
					path, _ := filled(r.Path, "all", id)
					form := url.Values{"name": {"Taken"}, "title": {"Taken"}, "email": {"taken@example.com"}, "body": {"Taken"}, "id": {id}, "client": {id}, "project": {id}}
					a := b.Ask(r.Method, path, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
					if a.Status < 400 || a.Status >= 500 {
						t.Errorf("%s: %s %s (%s): %d", who, r.Method, path, what, a.Status)
					}
				}
			})
			if len(changed) > 0 {
				t.Errorf("%s: %s %s changed %v", who, r.Method, r.Path, changed)
			}
		}
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
