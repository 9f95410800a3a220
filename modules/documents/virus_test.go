package documents_test

import (
	"strings"
	"testing"

	"portico/modules/documents"
	"portico/platform/files/scantest"
	"portico/platform/portaltest"
)

func TestAnInfectedFileIsLocked(t *testing.T) {
	scanner, answer := scantest.Slow(t)
	site := portaltest.Configured(t, map[string]string{"PORTICO_CLAMD": scanner}, documents.Module)
	site.Develop(t)
	clip(t, site, true)
	before := len(site.Mails())
	ana, ben := site.As("ana"), site.As("ben")
	ana.Open("/portal/maple-street/documents").Attach("Upload files", "wish.txt", []byte("VIRUS inside")).Press("Upload").
		Sees(t, "wish.txt", "Being checked for viruses")
	file := fileOf(t, site, "wish.txt")
	if a := ben.Get("/files/" + file + "/original"); a.Status != 404 {
		t.Errorf("nobody has looked yet: %d", a.Status)
	}
	do(t, site, "update outbox set done_at = now() where kind = 'documents:tell'")
	answer()
	site.Settle(t)
	for _, b := range []*portaltest.Browser{ana, ben, site.As("maria")} {
		if a := b.Get("/files/" + file + "/original"); a.Status != 404 {
			t.Errorf("an infected file: %d", a.Status)
		}
	}
	ana.Open("/portal/maple-street/documents").SeesNot(t, "wish.txt")
	ben.Open("/office/documents").Sees(t, "wish.txt", "Locked: infected").Follow("wish.txt").Sees(t, "It is locked, and nobody can open it.", "Test.Virus")
	sides := map[bool]int{}
	for _, m := range site.Mails()[before:] {
		if m.Subject == "A file was locked: wish.txt" {
			sides[strings.Contains(m.Recipient, "rivera")]++
		}
	}
	if sides[true] != 1 || sides[false] == 0 {
		t.Errorf("told: %v", sides)
	}
	// a clean version before it comes back
	page := "/office/documents/projects/" + projectOf(t, site, "maple-garden")
	ben.Open(page).Attach("Upload files", "plan.txt", []byte("clean")).Press("Upload")
	site.Settle(t)
	if a := ben.Get("/files/" + fileOf(t, site, "plan.txt") + "/original"); string(a.Body) != "clean" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	ben.Open(page).Attach("Upload files", "plan.txt", []byte("VIRUS")).Press("Upload")
	site.Settle(t)
	ben.Open(page).SeesNot(t, "Locked").Follow("plan.txt").Sees(t, "Version 1 (current)", "Locked: Test.Virus", "clean")
}
