package modules_test

import (
	"testing"

	"portico/platform/portaltest"
	"portico/platform/portaltest/loadtest"
)

// BenchmarkClients measures the office's list of clients with 20 rows.
func BenchmarkClients(b *testing.B) {
	site := portaltest.Open(b)
	twentyClients(b, site)
	loadtest.ListPage(b, site, "/office/clients")
}

// twentyClients brings the demo firm to 20 clients that are not archived, each with a project and a contact.
func twentyClients(b *testing.B, site *portaltest.Site) {
	b.Helper()
	firm := site.FirmID()
	for _, query := range []string{`
		insert into client (firm_id, id, name, city, email, portal_on)
		select ?0, gen_random_uuid(), 'Rivera & Chen household ' || n, 'Austin', 'home' || n || '@example.com', n % 2 = 0
		from generate_series(1, 20 - (select count(*) from client where firm_id = ?0 and archived_at is null)) n`, `
		insert into project (firm_id, id, client_id, key, name, status)
		select firm_id, gen_random_uuid(), id, left(id::text, 8) || substr(id::text, 30), name || ' kitchen', 'active'
		from client where firm_id = ?0 and name like 'Rivera & Chen household %'`, `
		insert into contact (firm_id, id, client_id, name, email)
		select firm_id, gen_random_uuid(), id, 'Ana Rivera', email
		from client where firm_id = ?0 and name like 'Rivera & Chen household %'`,
		"analyze",
	} {
		if _, err := site.DB(b).ExecContext(b.Context(), query, firm); err != nil {
			b.Fatal(err)
		}
	}
}
