package documents_test

import (
	"strings"
	"testing"
	"time"

	"portico/modules/documents"
	"portico/platform/portaltest"
	"portico/platform/portaltest/stopwatch"
)

// grow puts many files into one folder.
func grow(t *testing.T, site *portaltest.Site, folder string, many int) {
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
		with place as (select * from documents.folder where id = ?0),
		one as (
			select gen_random_uuid() as id, gen_random_uuid() as file, gen_random_uuid() as version, n
			from generate_series(1, ?1) n),
		files as (
			insert into file (firm_id, id, purpose, audience, client_id, name, media, size, sha256, state)
			select p.firm_id, o.file, 'documents', 'section', p.client_id, 'f', 'application/octet-stream', o.n, '', 'ready' from one o, place p),
		documents as (
			insert into documents.document (firm_id, id, client_id, project_id, folder_id, place_id, name, shared, sort, version_id, file_id, size, changed_at)
			select p.firm_id, o.id, p.client_id, p.project_id, p.id, p.id, 'Grown ' || lpad(o.n::text, 5, '0') || '.bin', o.n % 2 = 0, 'other', o.version, o.file, o.n,
				now() - o.n * interval '1 minute' from one o, place p),
		versions as (
			insert into documents.version (firm_id, id, client_id, document_id, number, file_id, name, media, size)
			select p.firm_id, o.version, p.client_id, o.id, 1, o.file, 'f', 'application/octet-stream', o.n from one o, place p)
		insert into documents.word (firm_id, client_id, word, document_id, named)
		select p.firm_id, p.client_id, w, o.id, true from one o, place p, unnest(array['grown', lpad(o.n::text, 5, '0'), 'bin']) w`, folder, many)
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	do(t, site, "analyze")
}

func TestTenThousandFilesAreListedSwiftly(t *testing.T) {
	site := portaltest.Open(t, documents.Module)
	plans := folderOf(t, site, "Plans")
	grow(t, site, plans, 10_000)
	ben, ana := site.As("ben"), site.As("ana")
	for _, c := range []struct {
		who       *portaltest.Browser
		path, see string
	}{
		{ben, "/office/documents/folders/" + plans, "Grown 00001.bin"},
		{ben, "/office/documents/folders/" + plans + "?sort=-size", "Grown 10000.bin"},
		{ben, "/office/documents/folders/" + plans + "?sort=-changed", "Kitchen plan.pdf"},
		{ben, "/office/documents/folders/" + plans + "?view=grid", "Grown 00050.bin"},
		{ben, "/office/documents", "Kitchen plan.pdf"},
		{ben, "/office/documents?q=grown+07777", "Grown 07777.bin"},
		{ana, "/portal/all/documents/folders/" + plans, "Grown 00002.bin"},
		{ana, "/portal/all/documents?q=grown+07776", "Grown 07776.bin"},
	} {
		best := stopwatch.Quick(t, c.path, 60*time.Millisecond, func() {
			a := c.who.Get(c.path)
			if a.Status != 200 || !strings.Contains(string(a.Body), c.see) {
				t.Fatalf("%s: %d", c.path, a.Status)
			}
		})
		t.Logf("%4d ms %s", best.Milliseconds(), c.path)
	}
	ana.Open("/portal/all/documents?q=grown+07777").SeesNot(t, "Grown 07777.bin")

	// every file is on one page, and on no other, in both directions
	for _, sort := range []string{"name", "-changed", "size"} {
		seen := map[string]bool{}
		ben.Open("/office/documents/folders/" + plans + "?sort=" + sort)
		pages := 0
		for ; pages < 12; pages++ {
			for _, word := range strings.Fields(ben.Text()) {
				if strings.HasSuffix(word, ".bin") {
					if seen[word] {
						t.Fatalf("%s is listed twice by %s", word, sort)
					}
					seen[word] = true
				}
			}
			ben.Follow("Next")
		}
		if len(seen) < 12*59 {
			t.Errorf("by %s: %d files on %d pages", sort, len(seen), pages)
		}
		for range pages {
			ben.Follow("Previous")
		}
		ben.Sees(t, "1,000+ files")
	}
}
