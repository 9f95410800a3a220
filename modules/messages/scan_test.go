package messages_test

import (
	"testing"

	"portico/modules/messages"
	"portico/platform/files/scantest"
	"portico/platform/portaltest"
)

// TestAFileIsOpenedOnceTheScannerHasSeenIt, and one in which it found something by nobody, on neither side.
func TestAFileIsOpenedOnceTheScannerHasSeenIt(t *testing.T) {
	scanner, answer := scantest.Slow(t)
	site := portaltest.Configured(t, map[string]string{"PORTICO_CLAMD": scanner}, messages.Module)
	site.Develop(t)
	id := thread(t, site, tile)
	ana, ben := site.As("ana"), site.As("ben")
	ana.Open("/portal/all/messages/"+id).Fill("Your message", "Two lists").
		Attach("Attach files", "wish.txt", []byte("VIRUS inside")).Press("Send")
	ana.Open("/portal/all/messages/"+id).Fill("Your message", "And this").
		Attach("Attach files", "plan.pdf", []byte("%PDF-1.4\nclean")).Press("Send")
	file := func(name string) string {
		return "/files/" + ask[string](t, site, "select file_id from messages.attachment where name = ?", name) + "/original"
	}
	ben.Open("/office/messages/"+id).Sees(t, "wish.txt", "plan.pdf", "Being looked into, one moment")
	for _, name := range []string{"wish.txt", "plan.pdf"} {
		if a := ben.Get(file(name)); a.Status != 404 {
			t.Errorf("nobody has looked into %s yet: %d", name, a.Status)
		}
	}
	answer()
	site.Settle(t)
	for _, b := range []*portaltest.Browser{ana, ben} {
		if a := b.Get(file("wish.txt")); a.Status != 404 {
			t.Errorf("an infected file: %d", a.Status)
		}
		if a := b.Get(file("plan.pdf")); a.Status != 200 {
			t.Errorf("a clean file: %d", a.Status)
		}
	}
	ana.Open("/portal/all/messages/"+id).Sees(t, "wish.txt", "Locked: the virus scanner found something")
	ben.Open("/office/messages/"+id).Sees(t, "wish.txt", "Locked: the virus scanner found something", "PDF, ")
}
