package envelopes_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/envelopes"
	"portico/modules/envelopes/seal"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/files"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/portaltest"
)

// signedByAll is an envelope of Ana's that she, Tom and the firm have signed, past the pages.
func signedByAll(t testing.TB, site *portaltest.Site, kind envelopes.Kind, title string, pages int) uuid.UUID {
	t.Helper()
	pdf, err := seal.Render(seal.Draft{Title: title, Markdown: strings.Repeat("# Work\n\nThe builder builds.\n\n", 12*pages), Page: "Page", Made: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(pdf)
	envelope, firm, ana, tom := id.New(), site.FirmID(), site.Person("ana"), site.Person("tom")
	inTx(t, site, func(ctx context.Context, tx bun.Tx) error {
		row, err := site.Library.Take(ctx, tx, auth.System(firm), files.Upload{
			Purpose: "envelopes", Audience: files.ForSection, ClientID: ana.ClientID, Name: title + ".pdf", From: bytes.NewReader(pdf),
		})
		if err != nil {
			return err
		}
		_, err = tx.NewRaw(`
			insert into envelopes.envelope (firm_id, id, client_id, project_id, kind, title, status, currency, amount, at_once, file_id, file_hash, pages, sent_at, sent_by)
			select p.firm_id, ?, p.client_id, p.id, ?, ?, 'sent', 'USD', 123450, true, ?, ?, ?, now(), (select person_id from staff where firm_id = p.firm_id and role = 'owner' limit 1)
			from project p where p.firm_id = ? and p.key = 'maple-street'`, envelope, string(kind), title, row.ID, sum[:], pages, firm).Exec(ctx)
		if err != nil {
			return err
		}
		for n, c := range []uuid.UUID{ana.ContactID, tom.ContactID} {
			signer := id.New()
			_, err = tx.NewRaw(`
				insert into envelopes.recipient (firm_id, id, envelope_id, client_id, position, role, contact_id, name, email, notified_at, signed_at, signature)
				select c.firm_id, ?, ?, c.client_id, ?, 'signer', c.id, c.name, c.email, now(), now(), '{"kind": "typed", "text": "My Name"}' from contact c where c.firm_id = ? and c.id = ?`,
				signer, envelope, n+1, firm, c).Exec(ctx)
			if err != nil {
				return err
			}
			_, err = tx.NewRaw(`
				insert into envelopes.field (firm_id, id, envelope_id, client_id, recipient_id, page, x, y, w, h, kind)
				values (?, ?, ?, ?, ?, 1, ?, 8000, 3000, 500, 'signature')`, firm, id.New(), envelope, ana.ClientID, signer, 500+n*4000).Exec(ctx)
			if err != nil {
				return err
			}
		}
		_, err = tx.NewRaw(`
			insert into envelopes.recipient (firm_id, id, envelope_id, client_id, position, role, name, email)
			values (?, ?, ?, ?, 9, 'copy', 'The bank', 'bank@example.com')`, firm, id.New(), envelope, ana.ClientID).Exec(ctx)
		return err
	})
	return envelope
}

func inTx(t testing.TB, site *portaltest.Site, fn func(context.Context, bun.Tx) error) {
	t.Helper()
	if err := db.InTx(t.Context(), site.Pool, site.FirmID(), fn); err != nil {
		t.Fatal(err)
	}
}

// closed does what the last signature does.
func closed(t testing.TB, site *portaltest.Site, envelope uuid.UUID) {
	t.Helper()
	closedAt(t, site, envelope, site.Now())
}

func closedAt(t testing.TB, site *portaltest.Site, envelope uuid.UUID, at time.Time) {
	t.Helper()
	inTx(t, site, func(ctx context.Context, tx bun.Tx) error {
		return envelopes.AllSigned(ctx, tx, module.Platform{}, site.FirmID(), envelope, at)
	})
}

func one[T any](t testing.TB, site *portaltest.Site, query string, args ...any) (v T) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

// final is the sealed file as the store has it.
func final(t testing.TB, site *portaltest.Site, envelope uuid.UUID) []byte {
	t.Helper()
	file := one[uuid.UUID](t, site, "select sealed_id from envelopes.envelope where id = ?", envelope)
	object, err := site.Store.Open(t.Context(), files.Key(site.FirmID(), file, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer object.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(object); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// copies counts the mails about a title, by address, and looks at what they carry.
func copies(t testing.TB, site *portaltest.Site, title string) map[string]int {
	t.Helper()
	count, ids := map[string]int{}, map[string]bool{}
	for _, m := range site.Mails() {
		if !strings.Contains(m.Subject, "Signed by all") || !strings.Contains(m.Subject, title) || ids[m.Recipient+m.ID] {
			continue
		}
		ids[m.Recipient+m.ID] = true
		count[m.Recipient]++
	}
	return count
}

func TestWhatAllHaveSignedIsSealedAndMailed(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	var all []uuid.UUID
	for n := range 3 { // three at once: three files, each with its own
		all = append(all, signedByAll(t, site, envelopes.Design, fmt.Sprintf("Plan %d", n), 1+n))
	}
	for _, e := range all {
		closed(t, site, e)
	}
	site.Settle(t)
	hashes := map[string]bool{}
	for n, e := range all {
		if s := one[string](t, site, "select status from envelopes.envelope where id = ?", e); s != "complete" {
			t.Fatalf("it is %s", s)
		}
		pdf := final(t, site, e)
		if r := (seal.Signer{Signet: site.Signet}).Verify(pdf); !r.OK() {
			t.Errorf("%+v", r)
		}
		sum := sha256.Sum256(pdf)
		hashes[string(sum[:])] = true
		if kept := one[[]byte](t, site, "select hash from envelopes.sealed where envelope_id = ?", e); !bytes.Equal(kept, sum[:]) {
			t.Error("another hash is kept")
		}
		got := copies(t, site, fmt.Sprintf("Plan %d", n))
		for _, to := range []string{site.Person("ana").Email, site.Person("tom").Email, "bank@example.com"} {
			if got[to] != 1 {
				t.Errorf("%s got %d copies of plan %d: %v", to, got[to], n, got)
			}
		}
		if len(got) != 4 { // and whoever sent it
			t.Errorf("%v", got)
		}
		if text := textOf(t, pdf); !strings.Contains(text, "Certificate of completion") || !strings.Contains(text, "203.0.113.7") || strings.Count(text, "My Name") != 2 ||
			!strings.Contains(text, one[string](t, site, "select encode(head, 'hex') from envelopes.sealed where envelope_id = ?", e)) {
			t.Errorf("it does not tell: %s", text)
		}
	}
	if len(hashes) != 3 {
		t.Error("two files are the same")
	}
	m, attached := site.MailTo("bank@example.com"), 0
	for _, a := range m.Attachments {
		if sum := sha256.Sum256(a.Data); a.Type == "application/pdf" && hashes[string(sum[:])] {
			attached++
		}
	}
	if attached != 1 {
		t.Errorf("%d sealed files are attached", attached)
	}
	// the bank was asked for nothing, and opens the document with the mail's link
	bank := site.Stranger().OpenMailed(m).Has(t, 200).Sees(t, "Plan")
	got := sha256.Sum256(bank.Get(bank.Path() + "/copy").Body)
	if !hashes[string(got[:])] {
		t.Error("it is not the sealed file")
	}
	// kept for ever
	for _, query := range []string{"delete from envelopes.sealed", "update envelopes.sealed set hash = 'x'"} {
		err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error { _, err := tx.ExecContext(ctx, query); return err })
		if err == nil {
			t.Errorf("%s: done", query)
		}
	}
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		return site.Library.Drop(ctx, tx, site.FirmID(), one[uuid.UUID](t, site, "select sealed_id from envelopes.envelope where id = ?", all[0]))
	})
	if err == nil {
		t.Error("the file of a sealed document was deleted")
	}
}

func textOf(t testing.TB, pdf []byte) string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("needs pdftotext")
	}
	file := filepath.Join(t.TempDir(), "f.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "pdftotext", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(out), "\n", " ")
}

// TestAForgedFileOrLogIsNotSealed: what was signed is what is sealed, or nothing is.
func TestAForgedFileOrLogIsNotSealed(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	file, log := signedByAll(t, site, envelopes.Other, "Forged file", 1), signedByAll(t, site, envelopes.Other, "Forged log", 1)
	closed(t, site, file)
	closed(t, site, log)
	key := files.Key(site.FirmID(), one[uuid.UUID](t, site, "select file_id from envelopes.envelope where id = ?", file), "")
	if err := site.Store.Put(t.Context(), key, strings.NewReader("%PDF-1.7 another one")); err != nil {
		t.Fatal(err)
	}
	do(t, site, "update envelopes.event set name = 'Somebody' where envelope_id = ? and n = 2", log)
	site.Refused(t)
	if n := one[int](t, site, "select count(*) from envelopes.envelope where status = 'complete'"); n != 0 {
		t.Errorf("%d are sealed", n)
	}
}
