package modules_test

import (
	"fmt"
	"testing"

	"portico/platform/portaltest"
)

// Twenty files at once are one notice, and what is taken back is not spoken of any more: not in the bell, and not by mail.
func TestTheBellTellsOfManyAtOnceAndOnlyOfWhatIsThere(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	site.Develop(t)
	exec(t, site, "delete from notice")
	ana, ben := site.As("ana"), site.As("ben")
	page := "/office/documents/projects/" + textOf(t, site, "select id::text from project where key = 'maple-street' and firm_id = (select firm_id from firm where key = 'demo')")
	for i := range 20 {
		ben.Open(page).Attach("Upload files", fmt.Sprintf("Offer %d.txt", i), []byte("x")).Tick("Share with the client").Tick("Tell them by mail").Press("Upload")
	}
	ana.Open("/portal/all/notices").SeesNot(t, "new documents")
	exec(t, site, "update outbox set next_at = now() where kind = 'documents:tell' and done_at is null")
	site.Settle(t)
	ana.Open("/portal/all/notices").Sees(t, "20 new documents in Maple Street remodel", "1 unread")
	if n := ana.Count(".notices-row"); n != 1 {
		t.Errorf("%d lines", n)
	}
	exec(t, site, "update documents.document set shared = false where name like 'Offer%'")
	ana.Open("/portal/all/notices").SeesNot(t, "20 new documents")
	exec(t, site, "update documents.document set shared = true where name like 'Offer%'")
	ana.Open("/portal/all/notices").Sees(t, "20 new documents")
	exec(t, site, `update firm set switches = switches || '{"documents": false}'`)
	ana.Open("/portal/all/notices").SeesNot(t, "20 new documents").Sees(t, "Nothing new yet")
}
