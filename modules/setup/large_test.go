package setup_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/platform/portaltest"
	"portico/platform/portaltest/loadtest"
	"portico/platform/portaltest/stopwatch"
)

// limit is what one page of the setup may take with 100,000 clients.
const limit = 100 * time.Millisecond

// fill gives the firm n clients with a contact and a project each, and one client with forty contacts.
func fill(t testing.TB, site *portaltest.Site, n int) {
	t.Helper()
	for _, query := range []string{`
		insert into client (firm_id, id, name, kind, portal_on, switches)
		select ?0, gen_random_uuid(), (array['Ana', 'Tom', 'Grace', 'Wei', 'Omar', 'Lina'])[1 + n % 6] || ' Rivera ' || to_char(n, 'FM000000'),
			case when n % 3 = 0 then 'company' else 'household' end, n % (?1 * 3 / 10) = 17, case when n % 4 = 0 then '{"plans": false}' else '{}' end::jsonb
		from generate_series(1, ?1) n`, `
		insert into client_word (firm_id, word, client_id)
		select firm_id, lower(w), id from client, unnest(string_to_array(name, ' ')) w where firm_id = ?0 and name like '% Rivera %'`, `
		insert into contact (firm_id, id, client_id, name, email)
		select firm_id, gen_random_uuid(), id, name, '' from client where firm_id = ?0`, `
		insert into project (firm_id, id, client_id, key, name, status, shared)
		select firm_id, gen_random_uuid(), id, left(id::text, 8) || substr(id::text, 25), name || ' kitchen', 'active', true from client where firm_id = ?0`, `
		insert into activity (firm_id, id, at, actor_name, verb, text, client_id, subject_id)
		select firm_id, gen_random_uuid(), now() - random() * interval '300 days', 'Maria', 'client.setup', 'changed it', id, id from client where firm_id = ?0`, `
		insert into contact (firm_id, id, client_id, name, email, access, rights, limited)
		select ?0, gen_random_uuid(), (select client_id from project where firm_id = ?0 and key = 'maple-street'), 'Contact ' || n, 'many' || n || '@example.com',
			case when n % 4 = 0 then 'none' else 'portal' end, '{view_invoices,sign_documents}', n % 5 = 0
		from generate_series(1, 40) n`,
	} {
		if _, err := site.DB(t).ExecContext(t.Context(), query, site.FirmID(), n); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSetupStaysQuickWithManyClients opens every page of the portal setup in a large firm, and changes a tenth of its
// clients at once.
func TestSetupStaysQuickWithManyClients(t *testing.T) { setupStaysQuick(t, 10_000) }

// BenchmarkSetupWith100000Clients holds the figures themselves.
func BenchmarkSetupWith100000Clients(b *testing.B) { setupStaysQuick(b, 100_000) }

func setupStaysQuick(t testing.TB, many int) {
	site := twelve(t)
	loadtest.Bulk(t, site, []string{"client", "client_word", "contact", "project", "activity"}, func() { fill(t, site, many) })
	if _, err := site.DB(t).ExecContext(t.Context(), "vacuum analyze"); err != nil {
		t.Fatal(err)
	}
	client := "/office/setup/clients/" + clientOf(t, site, "ana")
	project := "/office/setup/projects/" + one[string](t, site, "select id::text from project where key = 'maple-street'")
	session := site.Session("maria")
	quick := func(name, path string) {
		stopwatch.Each(t, name, func(t testing.TB) {
			bytes := 0
			best := stopwatch.Quick(t, "it", limit, func() {
				answer := string(loadtest.Once(t, site.Address(), loadtest.Ask("demo.localhost", path, session)))
				if !strings.Contains(answer, "<h1>") || strings.Contains(answer, "There is nothing here") {
					t.Fatalf("%s: %.200s", path, answer)
				}
				bytes = len(answer)
			})
			t.Log(best.Round(100*time.Microsecond), bytes, "bytes")
		})
	}
	quick("start", "/office/setup")
	quick("defaults", "/office/setup/sections")
	quick("client", client)
	quick("outcome", client+"/outcome?s%3Aplans=off&portal_on=1")
	quick("project", project)
	quick("who sees what: 42 contacts, 12 sections", client+"/who")
	quick("who sees what, searched", client+"/who?q=contact+3&as=open")
	quick("choose clients", "/office/setup/bulk/clients")
	quick("choose clients, deep", "/office/setup/bulk/clients?after="+url.QueryEscape("AAAAAAAAAAAAAAAAAAAAAGxpbmE"))
	quick("choose clients, a rare portal", "/office/setup/bulk/clients?portal=on")
	quick("choose clients, a rare word", "/office/setup/bulk/clients?q=007777")
	quick("choose clients, common words", "/office/setup/bulk/clients?q=ana+rivera&kind=household")
	quick("what to change, for all", "/office/setup/bulk/new?all=1")
	quick("what to change, for many", "/office/setup/bulk/new?all=1&q=ana&preset=builder")

	maria := site.As("maria")
	began := time.Now()
	maria.Open("/office/setup/bulk/new?all=1").Follow("Builder").Press("Preview the change").Has(t, 200)
	t.Log("all looked over in", time.Since(began).Round(time.Millisecond))
	quick("their preview", maria.Path())
	maria.Press("Discard").Has(t, 200)

	began = time.Now()
	some := strings.Repeat("0", 8-len(fmt.Sprint(many))) // so a tenth of the numbers begin
	maria.Open("/office/setup/bulk/new?all=1&q="+some).Follow("Builder").Choose("Uploads", "On").Press("Preview the change").Has(t, 200)
	n := one[int](t, site, "select clients from setup.bulk")
	t.Log("looked over in", time.Since(began).Round(time.Millisecond), "for", n)
	if n < many/10-1 {
		t.Errorf("only %d clients are looked over", n)
	}
	page := maria.Path()
	quick("preview", page)
	began = time.Now()
	maria.Press("Change ")
	quick("while it runs", page)
	site.Work()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for one[bool](t, site, "select state <> 'done' from setup.bulk") {
		if time.Since(began) > 10*time.Minute {
			t.Fatal("it does not end")
		}
		<-look.C
	}
	took := time.Since(began)
	t.Logf("%d clients in %s: %.0f a second", n, took.Round(time.Millisecond), float64(n)/took.Seconds())
	stopwatch.Holds(t, "a client", 10*time.Millisecond, took/time.Duration(n))
	quick("afterwards", page)
	quick("earlier changes", "/office/setup/bulk")
	if left := one[int](t, site, "select count(*) from setup.bulk_client where result in ('due', 'idle')"); left != 0 {
		t.Errorf("%d clients were not looked at", left)
	}
}

// twelve is the house with twelve sections of two areas each.
func twelve(t testing.TB) *portaltest.Site {
	t.Helper()
	modules := sections()
	for i := range 10 {
		id := strings.ToLower(fmt.Sprintf("part%c", 'a'+i))
		modules = append(modules, section(id, "Part of the work "+strings.ToUpper(id[4:]), map[string]bool{"builder": i%2 == 0}, areas...))
	}
	return portaltest.Open(t, modules...)
}
