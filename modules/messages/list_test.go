package messages_test

import (
	"regexp"
	"testing"
)

var rowLink = regexp.MustCompile(`class="messages-row[^"]*" href="/[a-z/]*/messages/([0-9a-f-]{36})`)

// TestNothingIsPassedOverWhileTheListMoves: what is said meanwhile moves a conversation to the front; whoever turns the pages
// sees each of the others once, whichever way.
func TestNothingIsPassedOverWhileTheListMoves(t *testing.T) {
	site := open(t)
	change(t, site, `
		insert into messages.conversation (firm_id, id, client_id, project_id, subject, last_at, noted_at, created_by)
		select c.firm_id, gen_random_uuid(), c.client_id, c.project_id, 'Number ' || n, at, at, c.created_by
		from messages.conversation c, generate_series(1, 70) n, lateral (select timestamptz '2026-10-01 08:00+00' + (n / 3) * interval '1 hour') x (at)
		where c.subject = ?`, tile)
	for who, at := range map[string]string{"ben": "/office/messages?box=all", "ana": "/portal/all/messages"} {
		t.Run(who, func(t *testing.T) {
			b, all, n := site.As(who), map[string]bool{}, 0
			total := ask[int](t, site, "select count(*) from messages.conversation c join client cl on cl.id = c.client_id where ? or cl.name like '%Rivera%' and not c.internal", who == "ben")
			b.Open(at)
			var pages []string
			for page := 1; ; page++ {
				rows := rowLink.FindAllStringSubmatch(b.Body(), -1)
				for _, row := range rows {
					all[row[1]] = true
				}
				n += len(rows)
				pages = append(pages, rows[0][1])
				if page == 1 { // the last of this page comes to the front while the page is read
					change(t, site, "update messages.conversation set last_at = ?0, noted_at = ?0 where id = ?1", site.Now(), rows[len(rows)-1][1])
				}
				if b.Count("a[rel=next]") == 0 {
					break
				}
				b.Follow("Next")
			}
			if n != total || len(all) != total || len(pages) < 3 {
				t.Errorf("%d rows of %d conversations on %d pages; there are %d", n, len(all), len(pages), total)
			}
			for page := len(pages) - 2; page > 0; page-- {
				b.Follow("Previous")
				if first := rowLink.FindStringSubmatch(b.Body())[1]; first != pages[page] {
					t.Errorf("page %d begins otherwise on the way back", page+1)
				}
			}
			// the list stays where it is beside the conversation that is opened from it
			first := rowLink.FindStringSubmatch(b.Body())[1]
			b.Follow("Number")
			if beside := rowLink.FindStringSubmatch(b.Body()); beside == nil || beside[1] != first {
				t.Errorf("the list is elsewhere beside its conversation: %v", beside)
			}
		})
	}
	for _, nonsense := range []string{"?after=AAAA", "?after=AAAAAAAAAAAAAAAAAAAAAGhlbGxv", "?page=3"} {
		site.As("ben").Open("/office/messages"+nonsense).Has(t, 200).Sees(t, "Number 70")
	}
}
