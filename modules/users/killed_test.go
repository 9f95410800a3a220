package users_test

import (
	"testing"
	"time"

	"portico/modules/users"
	"portico/platform/mail/mailtest"
	"portico/platform/portaltest"
)

// TestVictim is a worker that is killed.
func TestVictim(t *testing.T) { portaltest.Victim(t, users.Module) }

// TestNobodyGetsTwoMailsThoughWorkersAreKilledAndRedisForgets kills workers with mails in their hands, and wipes Redis:
// everybody is mailed once, or is shown as perhaps mailed; nobody twice.
func TestNobodyGetsTwoMailsThoughWorkersAreKilledAndRedisForgets(t *testing.T) {
	site := portaltest.Open(t, users.Module)
	const guests, kills = 240, 3
	crowd(t, site, guests)
	invite(t, site.As("priya"), "first", 6000)
	for range kills {
		victim := site.StartVictim(t)
		before := len(site.Smtp.Messages())
		portaltest.Eventually(t, 90*time.Second, "the new worker sends something", func() bool { return len(site.Smtp.Messages()) >= before+20 })
		portaltest.Kill(victim)
		site.Forget(t)
	}
	if len(mailsTo(site)) >= guests {
		t.Fatal("all were sent before the last kill: invite more")
	}
	finished(t, site)
	onlyOnce(t, site)
	var rows []struct{ Email, State string }
	err := site.DB(t).NewRaw(`
		select ct.email, r.state from users.sending_row r
		join contact ct on ct.firm_id = r.firm_id and ct.id = r.contact_id
		where ct.email like '%@crowd.example'`).Scan(t.Context(), &rows)
	if err != nil {
		t.Fatal(err)
	}
	got, count := mailsTo(site), map[string]int{}
	for _, row := range rows {
		count[row.State]++
		if row.State == "sent" && len(got[row.Email]) != 1 {
			t.Errorf("%s is sent and got %d mails", row.Email, len(got[row.Email]))
		}
		if row.State == "perhaps" && len(got[row.Email]) == 0 {
			t.Logf("%s is perhaps sent and got none", row.Email)
		}
	}
	if count["sent"]+count["perhaps"] != guests || count["perhaps"] > 4*kills {
		t.Errorf("of %d: %v", guests, count)
	}
	t.Logf("%v, %d mails", count, len(site.Smtp.Messages()))
}

// onlyOnce demands that no address has got a mail twice, not even the same one.
func onlyOnce(t *testing.T, site *portaltest.Site) {
	t.Helper()
	for address, mails := range mailsTo(site) {
		for id, n := range mails {
			if n != 1 || len(mails) != 1 {
				t.Errorf("%s got %d mails; %s %d times", address, len(mails), id, n)
			}
		}
	}
}

// diesHandingOver invites one guest, and kills the worker when the mail server has taken the mail: before it says so, or
// after.
func diesHandingOver(t *testing.T, answered bool) (*portaltest.Site, *portaltest.Browser) {
	t.Helper()
	site := portaltest.Open(t, users.Module)
	crowd(t, site, 1)
	ben := invite(t, site.As("ben"), "first", 6000)
	site.Smtp.Break(mailtest.Held)
	victim := site.StartVictim(t)
	portaltest.Eventually(t, 90*time.Second, "the server has the mail", func() bool { return len(site.Smtp.Messages()) == 1 })
	if answered { // the worker hears the answer, and cannot write it down
		tx, err := site.DB(t).BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		if _, err := tx.ExecContext(t.Context(), "select 1 from outbox where kind = 'door:invite' for update"); err != nil {
			t.Fatal(err)
		}
		site.Smtp.Heal()
		portaltest.Eventually(t, 90*time.Second, "the worker waits at its last step", func() bool {
			return number(t, site, `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%update outbox set done_at%'`) > 0
		})
	}
	portaltest.Kill(victim)
	site.Smtp.Heal()
	site.Forget(t)
	return site, ben
}

func TestAMailWhoseWorkerDiesHandingItOverIsPerhapsSent(t *testing.T) {
	for name, answered := range map[string]bool{"before the answer": false, "after the answer": true} {
		t.Run(name, func(t *testing.T) {
			site, ben := diesHandingOver(t, answered)
			finished(t, site)
			site.Settle(t)
			if n := len(site.Smtp.Messages()); n != 1 {
				t.Fatalf("%d mails", n)
			}
			ben.Open("/office/users/sendings").Sees(t, "perhaps 1 more")
			ben.Open("/office/users?q=guest").Sees(t, "Invitation perhaps sent")
			ben.Open("/office/users?state=perhaps").Sees(t, "Guest 1", "1 contact")
			ben.Open("/office/users?state=perhaps&q=guest").Sees(t, "Guest 1")
			ben.Open("/office/users?state=perhaps&q=nobody").SeesNot(t, "Guest 1")

			ben.Open(newestSending(t, site)).Sees(t, "1 of 1 mail", "Finished", "Perhaps sent 1", "We cannot tell whether 1 mail went out")
			ben.Follow("Send again to 1 contact").Sees(t, "1 contact will get the invitation again").Press("Send 1 invitation again")
			finished(t, site)
			site.Settle(t)
			mails := site.Smtp.Messages()
			if len(mails) != 2 || mails[0].ID == mails[1].ID {
				t.Fatalf("%d mails after Send again", len(mails))
			}
			site.Browser().OpenMailed(mails[0]).Has(t, 410).Sees(t, "There is a newer link")
			ben.Open("/office/users?q=guest").Sees(t, "Invitation sent")
			site.Browser().OpenMailed(mails[1]).Has(t, 200).Sees(t, "Welcome, Guest")
		})
	}
}

func TestWhoFollowsTheLinkOfADoubtfulMailSettlesIt(t *testing.T) {
	site, ben := diesHandingOver(t, false)
	finished(t, site)
	guest := site.Browser().OpenMailed(site.MailTo("guest1@crowd.example")).Has(t, 200).Sees(t, "Welcome, Guest")
	ben.Open("/office/users?q=guest").Sees(t, "Invitation opened")
	guest.Press("Open my portal")
	site.Settle(t)
	ben.Open("/office/users?q=guest").Sees(t, "Accepted")
	ben.Open(newestSending(t, site)).Sees(t, "Accepted 1").SeesNot(t, "We cannot tell")
	if n := number(t, site, "select count(*) from mail where state = 'sent' and kind = 'door:invite' and sent_to like 'guest1@%'"); n != 1 {
		t.Error("the mail is not called sent")
	}
}

// TestADoubtfulMailIsNotTakenBack: whoever cancels a sending does not make those uninvited who may have their mail.
func TestADoubtfulMailIsNotTakenBack(t *testing.T) {
	site, ben := diesHandingOver(t, false)
	ben.Open(newestSending(t, site)).Press("Cancel sending").Sees(t, "Cancelled")
	site.Work()
	portaltest.Eventually(t, 90*time.Second, "it is looked after all the same", func() bool {
		return number(t, site, "select count(*) from users.sending_row r join contact ct on ct.id = r.contact_id where ct.name = 'Guest 1' and r.state = 'perhaps'") == 1
	})
	ben.Open("/office/users?q=guest").Sees(t, "Invitation perhaps sent")
	ben.Open("/office/users/invitation?all=1&q=crowd&way=first").Sees(t, "Nobody can be invited now", "Was invited already")
	onlyOnce(t, site)
}

func newestSending(t *testing.T, site *portaltest.Site) string {
	t.Helper()
	var id string
	if err := site.DB(t).NewRaw("select max(id::text) from users.sending").Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	return "/office/users/sendings/" + id
}

// TestAServerThatRefusesBeforeItHasTheMailIsAskedAgain: nothing is doubtful about a no, wherever in the talk it is said.
func TestAServerThatRefusesBeforeItHasTheMailIsAskedAgain(t *testing.T) {
	for fault, name := range map[mailtest.Fault]string{mailtest.Down: "down", mailtest.Busy: "busy", mailtest.Unsigned: "refused after DATA"} {
		t.Run(name, func(t *testing.T) {
			site := portaltest.Open(t, users.Module)
			crowd(t, site, 1)
			site.Smtp.Break(fault)
			invite(t, site.As("ben"), "first", 6000)
			site.Work()
			portaltest.Eventually(t, 90*time.Second, "the server says no", func() bool {
				return number(t, site, "select count(*) from outbox where kind = 'door:invite' and tries > 0") == 1
			})
			if n := number(t, site, "select count(*) from mail where kind = 'door:invite' and sent_to like 'guest1@%'"); n != 0 {
				t.Error("a mail that was refused is noted")
			}
			site.Smtp.Heal()
			do(t, site, "update outbox set next_at = now() where kind = 'door:invite' and done_at is null")
			finished(t, site)
			site.Settle(t)
			onlyOnce(t, site)
			if n := number(t, site, "select count(*) from users.sending_row where state = 'sent' and contact_id = (select id from contact where name = 'Guest 1')"); n != 1 {
				t.Error("it is not sent")
			}
		})
	}
}

// TestALineThatBreaksAfterTheMailLeavesItDoubtful, whether the server kept it or not.
func TestALineThatBreaksAfterTheMailLeavesItDoubtful(t *testing.T) {
	for fault, mails := range map[mailtest.Fault]int{mailtest.LostWord: 1, mailtest.LostMail: 0} {
		site := portaltest.Open(t, users.Module)
		crowd(t, site, 1)
		site.Smtp.BreakFor(1, fault)
		ben := invite(t, site.As("ben"), "first", 6000)
		finished(t, site)
		site.Settle(t)
		if n := len(site.Smtp.Messages()); n != mails {
			t.Errorf("%d mails came", n)
		}
		ben.Open(newestSending(t, site)).Sees(t, "1 of 1 mail", "Finished", "Perhaps sent 1")
	}
}
