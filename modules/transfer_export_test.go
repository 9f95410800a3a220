package modules_test

import (
	"archive/zip"
	"bytes"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/platform/access"
	"portico/platform/portaltest"
)

// TestEveryTableIsExportedOrStaysForAReason holds what sections say against the database.
func TestEveryTableIsExportedOrStaysForAReason(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	named, secret := map[string]bool{}, regexp.MustCompile(`hash|secret|token|nonce|totp|credential|password`)
	for _, m := range site.Catalog.Modules {
		for _, k := range m.Keeps {
			if named[k.Table] {
				t.Errorf("%s is named twice", k.Table)
			}
			named[k.Table] = true
			if (len(k.Columns) == 0) == (k.Why == "") {
				t.Errorf("%s: name columns, or say why it stays at home", k.Table)
			}
			if schema, _, _ := strings.Cut(k.Table, "."); schema != m.ID && m.ID != "transfer" {
				t.Errorf("%s is not the table of %s", k.Table, m.ID)
			}
			columns := columnsOf(t, site, k.Table)
			for _, c := range append(slices.Clone(k.Columns), k.Of) {
				if c != "" && columns[c] == "" {
					t.Errorf("%s has no column %q", k.Table, c)
				}
			}
			for _, c := range k.Columns {
				if secret.MatchString(c) {
					t.Errorf("%s.%s must not leave the house", k.Table, c)
				}
			}
			if k.Of == "" && len(k.Columns) > 0 && columns["client_id"] == "uuid" {
				t.Errorf("%s leads to a client, and does not say so", k.Table)
			}
		}
	}
	for _, table := range tenants(t, site) {
		if !named[table] && !strings.HasPrefix(table, "garden.") {
			t.Errorf("%s is neither exported nor left out for a reason: name it among the Keeps of its section", table)
		}
	}
}

func unzipped(t *testing.T, body []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(content)
	}
	return files
}

func TestAFirmTakesEverythingOut(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	exec(t, site, "update client set notes = '=cmd|calc' where firm_id = ? and name like 'Ana & Tom%'", site.FirmID())
	exec(t, site, "update person set password_hash = 'CANARY-HASH' where firm_id = ?", site.FirmID())
	maria := site.As("maria")
	maria.Open("/office/transfer/exports").Sees(t, "No exports yet").Follow("Export everything").Sees(t, "Passwords, passkeys").Press("Make the export").Has(t, 200)
	at := maria.Path()
	mail := site.MailTo("maria")
	if !strings.Contains(mail.Text, "is ready") || strings.Contains(mail.HTML, ".zip") {
		t.Errorf("the mail: %s", mail.Text)
	}
	if link := portaltest.MailedLink(t, mail); !strings.HasSuffix(link, at) {
		t.Errorf("the mail leads to %s", link)
	}
	maria.Open(at).Sees(t, "Ready", "by you alone", "Download")
	answer := maria.Get(at + "/export.zip")
	if answer.Status != 200 || !strings.Contains(answer.Header.Get("Content-Disposition"), "attachment; filename=\"demo-") {
		t.Fatalf("%d %v", answer.Status, answer.Header)
	}
	files := unzipped(t, answer.Body)
	for name, want := range map[string]string{
		"README.txt": "Northgate Builders", "clients.csv": "Ana & Tom Rivera", "contacts.csv": "ana.rivera@example.com", "projects.csv": "maple-street",
		"data/help.article.csv": "Your warranty", "data/activity.csv": "", "data/person.csv": "maria@northgate.example",
	} {
		if !strings.Contains(files[name], want) || files[name] == "" {
			t.Errorf("%s: no %q", name, want)
		}
	}
	all := ""
	for _, content := range files {
		all += content
	}
	for _, hidden := range []string{"CANARY-HASH", "password_hash", "Halden", "noor@"} { // and nothing of the other firm
		if strings.Contains(all, hidden) {
			t.Errorf("%q left the house", hidden)
		}
	}
	if strings.Contains(all, ",=cmd") || !strings.Contains(all, "'=cmd|calc") {
		t.Error("a formula would run")
	}
	if n := rows(t, site, "select count(*) from activity where verb in ('transfer.export_asked', 'transfer.exported', 'transfer.export_fetched')"); n != 3 {
		t.Errorf("%d entries in the log", n)
	}
	// another admin sees that it is there, and cannot have it; a member of staff sees nothing
	exec(t, site, "update staff set role = ? where person_id = ?", access.Admin, site.Person("priya").ID)
	priya := site.As("priya")
	priya.Open(at).Has(t, 200).Sees(t, "Only Maria Okafor can fetch this export").SeesNot(t, "Download")
	if a := priya.Get(at + "/export.zip"); a.Status != 404 {
		t.Errorf("another admin: %d", a.Status)
	}
	if a := site.As("ben").Get(at); a.Status != 404 {
		t.Errorf("a member: %d", a.Status)
	}
	// who has not shown a factor lately confirms first
	exec(t, site, "update session set confirmed_at = now() - interval '1 hour'")
	for _, path := range []string{at + "/export.zip", "/office/transfer/exports/new"} {
		if a := maria.Get(path); !strings.HasPrefix(a.Header.Get("Location"), "/sign-in/confirm") {
			t.Errorf("%s: %d %s", path, a.Status, a.Header.Get("Location"))
		}
	}
	if a := maria.Post("/office/transfer/exports", nil); !strings.HasPrefix(a.Header.Get("Location"), "/sign-in/confirm") {
		t.Errorf("a new one: %d", a.Status)
	}
	exec(t, site, "update session set confirmed_at = now() + interval '30 days'")
	site.Advance(6 * 24 * time.Hour)
	tidy(t, site)
	if a := maria.Get(at + "/export.zip"); a.Status != 200 {
		t.Errorf("after six days: %d", a.Status)
	}
	site.Advance(25 * time.Hour)
	if a := maria.Get(at + "/export.zip"); a.Status != 404 {
		t.Errorf("after seven days: %d", a.Status)
	}
	tidy(t, site)
	maria.Open(at).Sees(t, "expired and was deleted")
	found := 0
	for range site.Library.Store.List(t.Context(), "") {
		found++
	}
	if found != 0 && strings.Contains(textOf(t, site, "select state from transfer.export"), "ready") {
		t.Error("the file stays")
	}
}

func TestOneClientsRecordsLeaveAlone(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	maria := site.As("maria")
	maria.Open("/office/clients/"+site.Person("ana").ClientID.String()).Follow("Export").Sees(t, "One ZIP with the client").Press("Make the export")
	site.Settle(t)
	at := maria.Path()
	files := unzipped(t, maria.Get(at+"/export.zip").Body)
	all := ""
	for _, content := range files {
		all += content
	}
	if !strings.Contains(files["contacts.csv"], "ana.rivera@example.com") || !strings.Contains(files["projects.csv"], "maple-street") || files["data/project_member.csv"] == "" {
		t.Errorf("not all is there: %v", files["contacts.csv"])
	}
	for _, other := range []string{"Haddad", "Chen", "winter-gala"} {
		if strings.Contains(all, other) {
			t.Errorf("%s is in it", other)
		}
	}
	maria.Open("/office/clients/"+site.Person("ana").ClientID.String()).Follow("Export").Sees(t, "Ready")
}

func TestAnExportThatCouldNotBeMadeSaysSo(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	site.Rest()
	maria := site.As("maria")
	maria.Open("/office/transfer/exports").Follow("Export everything").Press("Make the export").Sees(t, "Being made")
	at := maria.Path()
	exec(t, site, "update outbox set dead_at = now() where firm_id = ? and kind = 'transfer:export'", site.FirmID())
	maria.Open(at).Sees(t, "Failed").SeesNot(t, "Being made")
	maria.Open("/office/transfer/exports").Follow("Export everything").Press("Make the export").Sees(t, "Being made")
	if maria.Path() == at {
		t.Error("one that failed stands in the way of the next")
	}
}

// TestWhatLeavesComesInAgain: the tables of an export are understood by the import without a hand on them.
func TestWhatLeavesComesInAgain(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	exec(t, site, "update client set phone = '+1 512 555 0199', notes = E'=two\\nlines' where firm_id = ? and name like 'Ana & Tom%'", site.FirmID())
	maria := site.As("maria")
	maria.Open("/office/transfer/exports/new").Press("Make the export")
	site.Settle(t)
	files := unzipped(t, maria.Get(maria.Path()+"/export.zip").Body)
	state := map[string]string{
		asClients:  "select string_agg(concat_ws('|', name, kind, email, phone, street, city, region, postcode, country, notes), E'\\n' order by name, email) from client where firm_id = ?",
		asContacts: "select string_agg(concat_ws('|', c.name, ct.name, ct.title, ct.email, ct.phone, ct.notes), E'\\n' order by c.name, ct.name, ct.email) from contact ct join client c on c.firm_id = ct.firm_id and c.id = ct.client_id where ct.firm_id = ? and ct.archived_at is null",
		asProjects: "select string_agg(concat_ws('|', c.name, p.name, p.key, p.status, p.street, p.city, p.starts_on, p.ends_on, p.currency, p.summary, p.next_steps, p.notes, p.shared), E'\\n' order by c.name, p.key) from project p join client c on c.firm_id = p.firm_id and c.id = p.client_id where p.firm_id = ?",
	}
	firm := site.FirmID()
	want := map[string]string{}
	for kind, query := range state {
		want[kind] = textOf(t, site, query, firm)
	}
	harbor := site.Firm("harbor")
	other := harbor.FirmID()
	exec(t, site, "truncate client cascade")
	noor := harbor.As("noor")
	for _, c := range []struct{ kind, file string }{{asClients, "clients.csv"}, {asContacts, "contacts.csv"}, {asProjects, "projects.csv"}} {
		upload(noor, c.kind, c.file, []byte(files[c.file]))
		through(t, harbor, noor, "Import ").SeesNot(t, "were refused")
		if got := textOf(t, site, state[c.kind], other); got != want[c.kind] {
			t.Errorf("%s:\n%s\nwant\n%s", c.kind, got, want[c.kind])
		}
	}
}
