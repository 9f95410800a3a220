package modules_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/db"
	"portico/platform/job"
	"portico/platform/portaltest"
	"portico/worker"
)

const smallFile = `Name,Email,Phone,Street,City
Alder Family,alder@example.org,555-0101,1 Alder Rd,Austin
Beech LLC,office@beech.example,555-0102,2 Beech Rd,Austin
Alder Family,alder@example.org,555-0101,1 Alder Rd,Austin
Cedar Family,not an address,555-0103,3 Cedar Rd,Austin
,nobody@example.org,,,
=HYPERLINK("x") Family,,callme,,
`

// TestImportDuplicatesErrorsAndUndo is the whole way with and without scripts: what is refused and why, what is there
// already, what becomes of it, and back again.
func TestImportDuplicatesErrorsAndUndo(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	site.Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		before := rows(t, site, "select count(*) from client")
		upload(maria, asClients, "small.csv", []byte(smallFile))
		maria.Fill("Save these columns as", "Our list")
		through(t, site, maria, "Import 2 clients").Sees(t, "Done", "5 Email Enter an address such as ana@example.com. not an address", "6 Client", "7 Phone Enter a phone number", "callme")
		if n := rows(t, site, "select count(*) from client") - before; n != 2 {
			t.Fatalf("%d clients came", n)
		}
		// the refused rows come back as they were, with reasons, and run nothing
		at := maria.Path()
		csv := string(maria.Get(at + "/rejected.csv").Body)
		for _, want := range []string{"\ufeffName,Email,Phone,Street,City,Reason\n", "Cedar Family,not an address,555-0103,3 Cedar Rd,Austin,Email: Enter an address", `"'=HYPERLINK(""x"") Family",,callme,,,Phone: Enter`} {
			if !strings.Contains(csv, want) {
				t.Errorf("no %q in\n%s", want, csv)
			}
		}
		maria.Open("/office/clients?q=alder").Sees(t, "Alder Family").Follow("Alder Family").Follow("Activity").Sees(t, "added the client Alder Family by an import")

		// again: the columns are known, the clients too
		upload(maria, asClients, "again.csv", []byte(strings.ReplaceAll(smallFile, "1 Alder Rd", "11 Alder Rd"))).Sees(t, "The columns were chosen as you saved them under “Our list”")
		maria.Press("Check the rows").Sees(t, "2 are there already", "Row 2: Alder Family", "Row 3: Beech LLC")
		maria.Tick("Update them").Press("Go on")
		site.Settle(t)
		updated := maria.Open(maria.Path()).Sees(t, "Done").Path()
		if n := rows(t, site, "select count(*) from client where street = '11 Alder Rd'"); n != 1 {
			t.Errorf("%d changed", n)
		}
		// undo sets back what it changed
		maria.Open(updated).Press("Undo all of it")
		site.Settle(t)
		maria.Open(updated).Sees(t, "Undone")
		if n := rows(t, site, "select count(*) from client where street = '1 Alder Rd'"); n != 1 {
			t.Errorf("%d set back", n)
		}
		// Beech is used since: it stays and is told of; Alder was changed and set back by the other import, so it stays too
		beech := uuid.MustParse(textOf(t, site, "select id::text from client where name = 'Beech LLC'"))
		exec(t, site, "insert into project (firm_id, id, client_id, key, name) values (?, ?, ?, 'beech', 'Beech')", site.FirmID(), uuid.New(), beech)
		maria.Open(at).Press("Undo all of it")
		site.Settle(t)
		maria.Open(at).Sees(t, "Not undone", "Beech LLC", "It has been changed or used since.")
		exec(t, site, "delete from project where key = 'beech'")
		exec(t, site, "delete from client where name in ('Beech LLC', 'Alder Family')")
		upload(maria, asClients, "forget.csv", []byte(smallFile)).Press("Forget “Our list”").Sees(t, "are forgotten")
		if n := rows(t, site, "select count(*) from transfer.saved"); n != 0 {
			t.Errorf("%d saved columns stay", n)
		}
	})
}

func textOf(t testing.TB, site *portaltest.Site, query string, args ...any) (s string) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &s); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return s
}

func TestUndoLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	maria := site.As("maria")
	count := "select (select count(*) from client) + (select count(*) from contact) + (select count(*) from project) + (select count(*) from client_word) + (select count(*) from project_word)"
	before := rows(t, site, count)
	upload(maria, asProjects, "projects.csv", []byte("Client,Project,Start\nNew One,House,2026-01-02\nNew Two,Barn,\nAna & Tom Rivera,Shed,\n"))
	through(t, site, maria, "Import 3 projects").Sees(t, "Done")
	if rows(t, site, count) == before {
		t.Fatal("nothing came")
	}
	maria.Press("Undo all of it")
	site.Settle(t)
	maria.Open(maria.Path()).Sees(t, "Undone").SeesNot(t, "Not undone")
	if n := rows(t, site, count); n != before {
		t.Errorf("%d rows instead of %d", n, before)
	}
}

// manyFamilies is a file of n clients.
func manyFamilies(n int) []byte {
	var b bytes.Buffer
	b.WriteString("Client,Email,Phone,Street,City,State,Zip,First Name,Last Name\n")
	for i := range n {
		fmt.Fprintf(&b, "Family Number%d,family%d@example.org,+1 512 555 %04d,%d Main Street,Austin,TX,78701,Ana,Number%d\n", i, i, i%10000, i, i)
	}
	return b.Bytes()
}

// TestEachRowComesExactlyOnceWhateverDies ends every step before its transaction does, once, as kill -9 would, runs it
// again, and once more after it has been kept.
func TestEachRowComesExactlyOnceWhateverDies(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	maria := site.As("maria")
	upload(maria, asClients, "many.csv", manyFamilies(3500)).Press("Check the rows").Sees(t, "Checking")
	site.Settle(t)
	site.Rest() // before there is a step that it could take
	maria.Open(maria.Path()).Sees(t, "Ready to import", "3,500").Press("Import 3,500 clients")
	var handler job.Handler
	for _, h := range site.Jobs {
		if h.Name == "transfer:step" {
			handler = h
		}
	}
	died := map[uuid.UUID]int{}
	dies := job.Func(handler.Name, func(ctx context.Context, tx bun.Tx, firm uuid.UUID, payload []byte) error {
		err := handler.Run(ctx, tx, firm, payload)
		me := job.Current(ctx).ID
		if died[me]++; died[me] == 1 {
			panic("killed") // all that it wrote is rolled back
		}
		return err
	})
	for range 20 {
		_, _ = worker.Drain(t.Context(), worker.Config{App: site.Pool, Ops: site.Ops, Handlers: []job.Handler{dies}, Log: site.Log, Clock: site.Now})
		exec(t, site, "update outbox set next_at = now() where kind = 'transfer:step' and done_at is null")
	}
	if n := rows(t, site, "select count(*) from client where name like 'Family Number%'"); n != 3500 || len(died) < 4 {
		t.Errorf("%d clients after %d steps", n, len(died))
	}
	if n := rows(t, site, "select count(*) from (select name from client where name like 'Family Number%' group by name having count(*) > 1) x"); n != 0 {
		t.Errorf("%d came twice", n)
	}
	maria.Open(maria.Path()).Sees(t, "Done")
	// a step that is run once more does nothing
	all := "select (select count(*) from client) + (select count(*) from contact) + (select count(*) from transfer.trace) + (select count(*) from activity) + (select count(*) from outbox)"
	before := rows(t, site, all)
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		return handler.Run(ctx, tx, site.FirmID(), []byte(`{"ID":"`+textOf(t, site, "select id::text from transfer.import")+`"}`))
	})
	if after := rows(t, site, all); err != nil || after != before {
		t.Errorf("%d rows became %d: %v", before, after, err)
	}
}

func TestAnImportIsStoppedBetweenTwoBatches(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	maria := site.As("maria")
	upload(maria, asClients, "many.csv", manyFamilies(2500)).Press("Check the rows")
	site.Settle(t)
	site.Rest()
	maria.Open(maria.Path()).Press("Import 2,500 clients").Sees(t, "Importing").Press("Stop the import").Sees(t, "Stopped")
	site.Settle(t)
	if n := rows(t, site, "select count(*) from client where name like 'Family Number%'"); n != 0 {
		t.Errorf("%d came after the stop", n)
	}
	if a := maria.Post(maria.Path()+"/run", nil); a.Status != 303 || rows(t, site, "select count(*) from outbox where kind = 'transfer:step' and done_at is null") != 0 {
		t.Error("it goes on")
	}
}

// TestBadFilesAreRefusedAndNothingIsLeft asks for a clear word beside the file, and nothing half done.
func TestBadFilesAreRefusedAndNothingIsLeft(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	maria := site.As("maria")
	for name, c := range map[string]struct {
		content []byte
		say     string
	}{
		"a.pdf":     {[]byte("%PDF-1.4 x"), "This is a PDF"},
		"a.xls":     {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1xx"), "locked with a password"},
		"empty.csv": {[]byte(" "), "every row is empty"},
		"head.csv":  {[]byte("Name,Email\n"), "not a single row below them"},
		"cols.csv":  {bytes.Repeat([]byte(","), 1_000_000), "more than 500 columns"},
		"line.csv":  {bytes.Repeat([]byte("x"), 1<<20), "too long"},
		"large.csv": {bytes.Repeat([]byte("a,b,c,d,e,f,g,h\n"), (51<<20)/16), "at most is 50 MB"},
	} {
		if name == "large.csv" {
			c.say = "The most we can take here is 50 MB"
		}
		changed := site.Changed(t, func() {
			upload(maria, asClients, name, c.content)
		})
		if maria.Status() != 422 && maria.Status() != 413 && maria.Status() != 415 {
			t.Errorf("%s: %d", name, maria.Status())
		}
		maria.Sees(t, c.say)
		if len(changed) > 0 {
			t.Errorf("%s changed %v", name, changed)
		}
	}
}

func TestLeftImportsAreClearedAway(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	maria := site.As("maria")
	upload(maria, asClients, "left.csv", []byte(smallFile))
	left := maria.Path()
	upload(maria, asClients, "done.csv", []byte(smallFile))
	through(t, site, maria, "Import 2 clients")
	done := maria.Path()
	tidy(t, site)
	maria.Open(left).Has(t, 200)
	site.Advance(8 * 24 * time.Hour)
	tidy(t, site)
	maria.Open(left).Has(t, 404)
	maria.Open(done).Has(t, 200).Sees(t, "Undo this import")
	site.Advance(30 * 24 * time.Hour)
	tidy(t, site)
	maria.Open(done).Has(t, 200).Sees(t, "cleared away").SeesNot(t, "Undo this import")
	if a := maria.Get(done + "/rejected.csv"); a.Status != 404 {
		t.Errorf("refused rows: %d", a.Status)
	}
}

func tidy(t *testing.T, site *portaltest.Site) {
	t.Helper()
	for _, h := range site.Jobs {
		if h.Name == "transfer:tidy" {
			err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error { return h.Run(ctx, tx, site.FirmID(), nil) })
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}
