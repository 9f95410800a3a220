package users_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/db"
	"portico/platform/portaltest"
	"portico/platform/search"
)

// crowd gives the firm a client with its portal on and n portal users whom nobody has invited: guest1@crowd.example, …
func crowd(t testing.TB, site *portaltest.Site, n int) (client uuid.UUID) {
	t.Helper()
	do(t, site, `
		insert into client (firm_id, id, name, kind, portal_on) values (?0, gen_random_uuid(), 'The Crowd', 'company', true)`, site.FirmID())
	if err := site.DB(t).NewRaw("select id from client where firm_id = ? and name = 'The Crowd'", site.FirmID()).Scan(t.Context(), &client); err != nil {
		t.Fatal(err)
	}
	do(t, site, `
		insert into person (firm_id, id, email, name)
		select ?0, gen_random_uuid(), 'guest' || n || '@crowd.example', 'Guest ' || n from generate_series(1, ?1) n`, site.FirmID(), n)
	do(t, site, `
		insert into contact (firm_id, id, client_id, person_id, name, email, access, rights)
		select p.firm_id, gen_random_uuid(), ?1, p.id, p.name, p.email, 'portal', '{send_messages}'
		from person p where p.firm_id = ?0 and p.email like '%@crowd.example'`, site.FirmID(), client)
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error { return search.Index(ctx, tx, site.FirmID(), client) })
	if err != nil {
		t.Fatal(err)
	}
	do(t, site, "analyze") // as autovacuum does; a planner that knows nothing of so many new rows walks them all
	return client
}

func do(t testing.TB, site *portaltest.Site, query string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).NewRaw(query, args...).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func number(t testing.TB, site *portaltest.Site, query string, args ...any) (n int) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// finished waits until the newest sending has nothing left to do.
func finished(t testing.TB, site *portaltest.Site) {
	t.Helper()
	site.Work()
	portaltest.Eventually(t, 90*time.Second, "the sending is finished", func() bool {
		return number(t, site, "select count(*) from users.sending where state = 'running'") == 0
	})
}

// invite opens the page that asks about everybody of the crowd, and presses its button.
func invite(t testing.TB, b *portaltest.Browser, way string, rate int) *portaltest.Browser {
	t.Helper()
	b.Open("/office/users/invitation?all=1&q=crowd&way="+way).Fill("Mails a minute", fmt.Sprint(rate))
	return b.Press("Send ")
}

// mailsTo counts what each address was sent, by Message-ID.
func mailsTo(site *portaltest.Site) map[string]map[string]int {
	count := map[string]map[string]int{}
	for _, m := range site.Smtp.Messages() {
		if count[m.Recipient] == nil {
			count[m.Recipient] = map[string]int{}
		}
		count[m.Recipient][m.ID]++
	}
	return count
}

func TestInvite500ContactsTwoBounceAndOneIsDisabledWhileQueued(t *testing.T) {
	site := portaltest.Open(t)
	client := crowd(t, site, 500)
	for i, address := range []string{"bounce@crowd.example", "bounce@crowd2.example"} {
		do(t, site, "update person set email = ? where email = ?", address, fmt.Sprintf("guest%d@crowd.example", i+1))
		do(t, site, "update contact set email = ? where email = ?", address, fmt.Sprintf("guest%d@crowd.example", i+1))
	}
	do(t, site, "update contact set access = 'none' where name = 'Guest 3'")
	do(t, site, "update contact set email = '' where name = 'Guest 4'")
	do(t, site, "update contact set bounced_at = now() where name = 'Guest 5'")
	do(t, site, "update contact set disabled_at = now() where name = 'Guest 6'")

	ben := site.As("ben").Open("/office/users/invitation?all=1&q=crowd&way=first")
	ben.Sees(t, "496 contacts will be invited", "4 skipped", "No portal access", "No email address", "Mail to this address came back", "Access is disabled")
	ben.Fill("A word of your own", "See you at the site.").Fill("Mails a minute", "20000").Press("Send 496 invitations")
	ben.Sees(t, "Portal invitations", "0 of 496 mails", "Queued 496", "Skipped 4")
	do(t, site, "update contact set disabled_at = now() where name = 'Guest 7'")

	finished(t, site)
	ben.Open(ben.Path()).Sees(t, "495 of 495 mails", "Finished", "Sent 493", "Came back 2", "Skipped 5")
	ben.Follow("Came back").Sees(t, "Guest 1", "Guest 2", "550").SeesNot(t, "Guest 77")
	ben.Follow("Skipped").Sees(t, "Guest 7", "Access is disabled", "Guest 3")

	if got := len(mailsTo(site)); got != 493 {
		t.Errorf("%d addresses were mailed", got)
	}
	onlyOnce(t, site)
	mail := site.MailTo("guest8@crowd.example")
	if !strings.Contains(mail.Text, "See you at the site.") {
		t.Errorf("the note is not in the mail:\n%s", mail.Text)
	}
	guest := site.Browser().OpenMailed(mail)
	ben.Open("/office/users?q=guest+8").Sees(t, "Invitation opened")
	guest.Press("Open my portal")
	site.Settle(t)
	ben.Open("/office/users?q=guest+8").Sees(t, "Accepted")
	ben.Open("/office/users/sendings").Sees(t, "Ben Lindqvist", "Finished", "495", "493")
	if n := number(t, site, "select count(*) from users.sending_row where state = 'accepted' and sending_id = (select max(id::text)::uuid from users.sending)"); n != 1 {
		t.Errorf("%d rows are accepted", n)
	}
	if n := number(t, site, "select count(*) from activity where verb = 'contact.invited' and client_id = ?", client); n != 495 {
		t.Errorf("%d invitations are in the log", n)
	}
	if n := number(t, site, "select count(*) from contact where client_id = ? and portal_state = 'bounced'", client); n != 3 {
		t.Errorf("%d contacts are marked as bounced", n)
	}
}

func TestPressedTwiceIsOnce(t *testing.T) {
	site := portaltest.Open(t)
	crowd(t, site, 30)
	ben := site.As("ben").Open("/office/users/invitation?all=1&q=crowd")
	form := url.Values{"all": {"1"}, "q": {"crowd"}, "rate": {"6000"}, "key": {uuid.NewString()}}
	var places []string
	for range 2 {
		a := ben.Post("/office/users/sendings", form)
		places = append(places, a.Header.Get("Location"))
	}
	if places[0] == "" || places[0] != places[1] {
		t.Errorf("two presses lead to %q", places)
	}
	// another page, or another person, at the same time: everybody waits already
	ben.Open("/office/users/invitation?all=1&q=crowd").Sees(t, "Nobody can be invited now", "Waits in another sending already")
	form.Set("key", uuid.NewString())
	ben.Post("/office/users/sendings", form)
	finished(t, site)
	onlyOnce(t, site)
	if got := len(mailsTo(site)); got != 30 {
		t.Errorf("%d of 30 were mailed", got)
	}
}

func TestASendingPausesGoesOnAndIsCancelled(t *testing.T) {
	site := portaltest.Open(t)
	crowd(t, site, 40)
	priya := invite(t, site.As("priya"), "first", 300)
	site.Work()
	portaltest.Eventually(t, 90*time.Second, "some are sent", func() bool { return len(site.Smtp.Messages()) >= 5 })
	priya.Press("Pause").Sees(t, "Paused", "Resume")
	out := func() int {
		return number(t, site, "select count(*) from users.sending_row where state not in ('waiting', 'skipped') and sending_id = (select max(id::text)::uuid from users.sending)")
	}
	site.Settle(t)
	still := out()
	portaltest.Eventually(t, 90*time.Second, "nothing looks after the paused sending any more", func() bool {
		return number(t, site, "select count(*) from outbox where kind = 'users:pump' and done_at is null") == 0
	})
	if now := out(); now != still || still >= 40 {
		t.Errorf("%d are out at the pause and %d later", still, now)
	}
	priya.Press("Resume").Sees(t, "Sending")
	portaltest.Eventually(t, 90*time.Second, "it goes on", func() bool { return out() > still })
	priya.Open(priya.Path()).Press("Cancel sending").Sees(t, "Cancelled")
	site.Settle(t)
	sent := len(mailsTo(site))
	if sent == 0 || sent >= 40 {
		t.Errorf("%d of 40 were mailed before the end", sent)
	}
	waiting := number(t, site, "select count(*) from contact where email like '%@crowd.example' and invited_at is null")
	if waiting+sent != 40 {
		t.Errorf("%d were mailed and %d may be invited again, of 40", sent, waiting)
	}
	// who was not reached can be invited anew
	invite(t, priya, "first", 6000)
	finished(t, site)
	if got := len(mailsTo(site)); got != 40 {
		t.Errorf("%d of 40 were mailed in the end", got)
	}
	onlyOnce(t, site)
}

func TestSentAgainSaysTheSameWithAFreshLink(t *testing.T) {
	site := portaltest.Open(t)
	crowd(t, site, 2)
	ben := site.As("ben").Open("/office/users/invitation?all=1&q=crowd")
	ben.Fill("A word of your own", "The crane comes on Monday.").Press("Send 2 invitations")
	finished(t, site)
	first := site.MailTo("guest1@crowd.example")
	ben.Open("/office/users/invitation?all=1&q=crowd").Sees(t, "Nobody can be invited now", "Was invited already").Follow("Send again to those who were invited")
	ben.Sees(t, "2 contacts will get the invitation again").Press("Send 2 invitations again")
	finished(t, site)
	site.Settle(t)
	second := site.MailTo("guest1@crowd.example")
	if first.ID == second.ID {
		t.Fatal("there is no second mail")
	}
	if !strings.Contains(second.Text, "The crane comes on Monday.") {
		t.Errorf("sent again it says:\n%s", second.Text)
	}
	site.Browser().OpenMailed(first).Has(t, 410).Sees(t, "There is a newer link")
	site.Browser().OpenMailed(second).Has(t, 200).Sees(t, "Welcome, Guest")
}

func TestWhoeverChangedMeanwhileIsSkipped(t *testing.T) {
	site := portaltest.Open(t)
	client := crowd(t, site, 6)
	maria := invite(t, site.As("maria"), "first", 6000)
	for i, change := range []string{
		"update contact set disabled_at = now()", "update contact set archived_at = now()", "update contact set email = ''",
		"update contact set access = 'none'", "update contact set invited_at = now()",
	} {
		do(t, site, change+" where name = ?", fmt.Sprintf("Guest %d", i+1))
	}
	do(t, site, "update client set portal_on = false where id = ?", client)
	finished(t, site)
	if mails := site.Mails(); len(mails) > 0 {
		t.Errorf("%d mails", len(mails))
	}
	maria.Open(maria.Path()).Sees(t, "Access is disabled", "Archived", "No email address", "No portal access", "Was invited already", "The client’s portal is off", "Skipped 6")
}

func TestTheMailServerIsLeftAloneWhileItTurnsMailsAway(t *testing.T) {
	site := portaltest.Open(t)
	crowd(t, site, 300)
	site.Smtp.Break(4) // Busy
	maria := invite(t, site.As("maria"), "first", 6000)
	site.Work()
	portaltest.Eventually(t, 90*time.Second, "it waits", func() bool { return number(t, site, "select count(*) from users.sending where held_up") == 1 })
	maria.Open(maria.Path()).Sees(t, "Mail server is slow")
	if n := number(t, site, "select count(*) from users.sending_row where state = 'waiting'"); n == 0 {
		t.Error("all were handed out to a server that takes none")
	}
	maria.Press("Pause") // what was refused comes back too
	site.Rest()
	if n := number(t, site, "select count(*) from users.sending_row where state = 'waiting'"); n != 300 {
		t.Errorf("%d of 300 wait again", n)
	}
	site.Smtp.Heal()
	maria.Open(maria.Path()).Press("Resume")
	finished(t, site)
	if got := len(mailsTo(site)); got != 300 {
		t.Errorf("%d of 300 were mailed", got)
	}
}
