package envelopes_test

import (
	"strings"
	"testing"
	"time"

	"portico/modules/envelopes"
	"portico/platform/portaltest"
	"portico/platform/portaltest/stopwatch"
)

// grow puts many documents in every state beside those of the story, each with two recipients.
func grow(t testing.TB, site *portaltest.Site, many int) {
	t.Helper()
	tx, err := site.DB(t).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	// nothing of what is made here points to nowhere, and looking after it takes most of a minute
	if _, err := tx.ExecContext(t.Context(), "set local session_replication_role = replica"); err != nil {
		t.Fatal(err)
	}
	_, err = tx.ExecContext(t.Context(), `
		with made as (
			select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid as id, n, (array['sent', 'sent', 'draft', 'complete', 'declined', 'void'])[1 + n % 6] as status
			from generate_series(1, ?1) n),
		envelopes as (
			insert into envelopes.envelope (firm_id, id, client_id, project_id, kind, title, status, currency, amount, file_id, file_hash, pages, sent_at, sealed_id, sealed_hash,
				completed_at, declined_at, voided_at, void_reason)
			select ?0, m.id, p.client_id, p.id, (array['contract', 'change_order', 'proposal'])[1 + n % 3], 'Grown ' || lpad(n::text, 5, '0') || ' terrace', m.status, 'USD', n * 100,
				m.id, '\x00', 1, case when m.status <> 'draft' then now() end, case when m.status = 'complete' then m.id end, case when m.status = 'complete' then '\x00'::bytea end,
				case when m.status = 'complete' then now() end, case when m.status = 'declined' then now() - interval '1 year' end, case when m.status = 'void' then now() end,
				case when m.status = 'void' then 'x' else '' end
			from made m
			join lateral (select * from project where firm_id = ?0 order by id offset n % 5 limit 1) p on true
			returning firm_id, id, client_id, status),
		people as (
			insert into envelopes.recipient (firm_id, id, envelope_id, client_id, position, role, name, email, notified_at, signed_at)
			select e.firm_id, gen_random_uuid(), e.id, e.client_id, k, (array['signer', 'countersigner'])[k], 'Grown person ' || k, 'g@grown.example', now(),
				case when e.status = 'complete' or k = 1 and e.status = 'sent' and substr(e.id::text, 36) in ('1', '7', 'd') then now() end
			from envelopes e, generate_series(1, 2) k)
		insert into envelopes.word (firm_id, client_id, word, envelope_id)
		select e.firm_id, e.client_id, w, e.id from envelopes e, unnest(array['grown', 'terrace', substr(e.id::text, 32)]) w`, site.FirmID(), many)
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if _, err := site.DB(t).ExecContext(t.Context(), "analyze"); err != nil {
		t.Fatal(err)
	}
}

func TestTenThousandDocumentsAreListedSwiftly(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	grow(t, site, 10_000)
	ben := site.As("ben")
	for path, see := range map[string]string{
		"":                            "More than 1,000 documents",
		"?sort=-amount":               "Grown 09999 terrace",
		"?sort=title":                 "Grown 00001 terrace",
		"?state=us":                   "Waits for our signature",
		"?state=clients":              "Waits for Grown person 1",
		"?state=clients&sort=-amount": "Waits for Grown person 1",
		"?state=draft&kind=proposal":  "Draft",
		"?state=over":                 "Void",
		"?state=expired":              "No document found",
		"?q=grown+02710":              "Grown 10000 terrace",
		"?q=terrace+rivera":           "Ana &amp; Tom Rivera",
		"?q=island":                   "Larger kitchen island",
	} {
		best := stopwatch.Quick(t, path, 60*time.Millisecond, func() {
			a := ben.Get("/office/envelopes" + path)
			if a.Status != 200 || !strings.Contains(string(a.Body), see) {
				t.Fatalf("%s: %d, without %q", path, a.Status, see)
			}
		})
		t.Logf("%4d ms %s", best.Milliseconds(), path)
	}
	// there and back again, through every sort
	for _, sort := range []string{"-made", "title", "amount", "-amount"} {
		ben.Open("/office/envelopes?sort=" + sort)
		first := ben.Body()
		ben.Follow("Next").Follow("Previous")
		if a, b := rows(first), rows(ben.Body()); a != b || a == "" {
			t.Errorf("%s: the first page is another one after a walk", sort)
		}
	}
}

// rows are the titles of a list.
func rows(body string) string {
	var titles []string
	for _, part := range strings.Split(body, `class="row-link"`)[1:] {
		_, title, _ := strings.Cut(part, ">")
		title, _, _ = strings.Cut(title, "<")
		titles = append(titles, title)
	}
	return strings.Join(titles, "\n")
}
