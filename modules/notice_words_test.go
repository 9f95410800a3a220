package modules_test

import (
	"context"
	"testing"

	"github.com/uptrace/bun"

	"portico/platform/db"
	"portico/platform/id"
	"portico/platform/lang"
	"portico/platform/notice"
	"portico/platform/portaltest"
)

// Whoever is told is told in its own language, of many things as of one.
func TestTheBellSpeaksTheReadersLanguage(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	site.Develop(t)
	exec(t, site, "delete from notice")
	exec(t, site, "update person set locale = 'de-DE' where email = '"+site.Person("ana").Email+"'")
	ben := site.As("ben")
	page := "/office/documents/projects/" + textOf(t, site, "select id::text from project where key = 'maple-street' and firm_id = (select firm_id from firm where key = 'demo')")
	for _, name := range []string{"Plan.txt", "Other plan.txt"} {
		ben.Open(page).Attach("Upload files", name, []byte("x")).Tick("Share with the client").Tick("Tell them by mail").Press("Upload")
	}
	exec(t, site, "update outbox set next_at = now() where kind = 'documents:tell' and done_at is null")
	site.Settle(t)
	site.As("ana").Open("/portal/all/notices").Sees(t, "2 neue Dokumente in Maple Street remodel")
	// who has chosen another language meanwhile is told in that
	exec(t, site, "update person set locale = 'es-ES' where email = '"+site.Person("ana").Email+"'")
	desk := site.Notices
	firm, who := site.FirmID(), site.Person("ana")
	err := db.InTx(t.Context(), site.Pool, firm, func(ctx context.Context, tx bun.Tx) error {
		kind, _ := desk.Kinds.Find("messages:new")
		return desk.Tell(ctx, tx, firm, []notice.Notice{{
			Kind: kind, ID: id.New(), Person: who.ID, Contact: who.ContactID, Title: "One", Path: "/portal/all", Items: 3,
			Many: func(r *lang.Reader, n int) string { return r.Count(n, "%s new photo", "%s new photos") },
		}})
	})
	if err != nil {
		t.Fatal(err)
	}
	if title := textOf(t, site, "select title from notice where kind = 'messages:new' and items = 3"); title != "3 fotos nuevas" {
		t.Errorf("the title is %q", title)
	}
}
