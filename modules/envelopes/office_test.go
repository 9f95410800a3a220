package envelopes_test

import (
	"strings"
	"testing"
	"time"

	"portico/modules/envelopes"
	"portico/platform/paper"
	"portico/platform/portaltest"
)

// pdf is a document of a few pages.
func pdf(t *testing.T, title string) []byte {
	t.Helper()
	words := make([]string, 90)
	for n := range words {
		words[n] = "The contractor does the work in a good and workmanlike manner, with new materials unless something else is agreed in writing."
	}
	body, err := paper.Draw(paper.Sheet{Title: title, From: []string{"Northgate Builders"}, Words: words, Page: "Page", Made: time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func value(t *testing.T, site *portaltest.Site, query string, args ...any) (text string) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return text
}

func projectOf(t *testing.T, site *portaltest.Site, key string) string {
	t.Helper()
	return value(t, site, "select id::text from project where firm_id = ? and key = ?", site.FirmID(), key)
}

func envelopeOf(t *testing.T, site *portaltest.Site, title string) string {
	t.Helper()
	return value(t, site, "select id::text from envelopes.envelope where firm_id = ? and title = ? order by id desc limit 1", site.FirmID(), title)
}

// drafted makes a change order from a PDF, for Ana and Tom, with a place to sign for each.
func drafted(t *testing.T, site *portaltest.Site, who *portaltest.Browser, title string) (at string) {
	t.Helper()
	who.Open("/office/envelopes/new?project="+projectOf(t, site, "maple-street")).
		Tick("A PDF of yours").Choose("What it is", "Change order").Fill("Title", title).Attach("PDF", "island.pdf", pdf(t, title)).Press("Go on").Sees(t, "Only staff see it")
	who.Fill("Contract sum, price of the change, or deposit", "1,250.00").Press("Save and go on").Sees(t, "Who gets it", "Ana Rivera")
	who.Press("Add a person").Choose("Who (2)", "Tom Rivera (tom.rivera@example.com)")
	who.Tick("One after the other").Fill("Message", "As we said on Monday.").Press("Save and go on").Sees(t, "Add a field")
	who.Press("Add a field").Press("Add a field").Sees(t, "Field 2")
	who.Choose("For (field 2)", "Tom Rivera").Press("Save and go on").Sees(t, "Everything is there.")
	return "/office/envelopes/" + envelopeOf(t, site, title)
}

func TestStaffMakeADocumentOfTheirPDFAndSendIt(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		at := drafted(t, site, ben, "Wider pantry door")
		site.As("ana").Open("/portal/all/envelopes").SeesNot(t, "Wider pantry door")
		ben.Follow("Send change order").Sees(t, "A mail goes now to", "Ana Rivera", "And later", "Tom Rivera", "$1,250.00", "14 days").Press("Send change order").Sees(t, "It is on its way.", "Waits for Ana Rivera", "Is asked", "Comes later")
		if n := value(t, site, "select count(*)::text from envelopes.recipient where envelope_id = ? and notified_at is not null and token_hash is not null", at[len("/office/envelopes/"):]); n != "1" {
			t.Errorf("%s were asked", n)
		}
		mail := site.MailTo("ana")
		if !strings.Contains(mail.Subject, "Please sign: Wider pantry door") || !strings.Contains(mail.Text, "As we said on Monday.") || !strings.Contains(mail.Text, "/sign/") {
			t.Errorf("%s\n%s", mail.Subject, mail.Text)
		}
		if strings.Contains(ben.Open(at).Body(), "/sign/") {
			t.Error("staff see a client's link")
		}
		// pressed again, nothing happens twice
		ben.Open(at)
		a := ben.Post(at+"/sending", map[string][]string{"version": {"1"}})
		if a.Status != 303 {
			t.Errorf("%d", a.Status)
		}
		if n := value(t, site, "select count(*)::text from envelopes.event where envelope_id = ? and kind = 'sent'", at[len("/office/envelopes/"):]); n != "1" {
			t.Errorf("sent %s times", n)
		}
		if n := value(t, site, "select count(*)::text from outbox where kind = 'fact:EnvelopeSent:setup:auto_activate'"); n != "0" { // setup is not mounted here
			t.Logf("facts: %s", n)
		}
	})
}

func TestADocumentIsFollowedUpWithdrawnAndCorrected(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	ben := site.As("ben")
	at := drafted(t, site, ben, "Wider pantry door")
	ben.Follow("Send change order").Press("Send change order").Sees(t, "Is asked")
	site.Settle(t)

	// a reminder, not twice in a row
	ben.Open(at).Press("Remind now").Sees(t, "They were asked a moment ago")
	site.Clock.Advance(time.Hour)
	ben.Open(at).Press("Remind now").Sees(t, "A reminder is on its way.", "Reminded: Ana Rivera")
	if mail := site.MailTo("ana"); !strings.HasPrefix(mail.Subject, "A reminder to sign") || !strings.Contains(mail.Text, "/sign/") {
		t.Errorf("%s\n%s", mail.Subject, mail.Text)
	}

	// more time
	ben.Open(at).Follow("More time for Ana Rivera").Fill("Until the end of", "2000-01-01").Press("Give time").Sees(t, "Choose a day from today on.")
	until := site.Clock.Now().AddDate(0, 1, 0).Format("2006-01-02")
	ben.Fill("Until the end of", until).Press("Give time").Sees(t, "Ana Rivera has until", "Given more time: Ana Rivera")

	// void, with a reason that Ana reads
	ben.Open(at).Follow("Make void").Press("Make void").Sees(t, "Say why.").Fill("Reason", "The price has changed.").Press("Make void").Sees(t, "Void since", "The price has changed.", "Made void")
	if mail := site.MailTo("ana"); !strings.HasPrefix(mail.Subject, "Withdrawn") || !strings.Contains(mail.Text, "The price has changed.") {
		t.Errorf("%s\n%s", mail.Subject, mail.Text)
	}
	for _, mail := range site.Mails() {
		if mail.Recipient == site.Person("tom").Email {
			t.Errorf("Tom was never asked, and got %q", mail.Subject)
		}
	}

	// a corrected version has everything in it, and the old one keeps what it has
	ben.Open(at).Follow("Correct as a new version").Press("Make the new version").Sees(t, "This is the new version")
	next := "/office/envelopes/" + envelopeOf(t, site, "Wider pantry door")
	if next == at {
		t.Fatal("there is no new version")
	}
	ben.Open(next).Sees(t, "version 2", "Everything is there.", "Ana Rivera", "Tom Rivera", "$1,250.00")
	ben.Open(at).Sees(t, "See the new version")
	ben.Open(next).Follow("Delete this draft").Press("Delete draft").Sees(t, "The draft is gone.")
	ben.Open(next).Has(t, 404)
	ben.Open(at).Has(t, 200).SeesNot(t, "See the new version")
	if n := value(t, site, "select count(*)::text from file where firm_id = ? and purpose = 'envelopes'", site.FirmID()); n == "0" {
		t.Error("the file that was sent went with the draft")
	}
}

func TestTimeRunsOutAndRemindersGoByThemselves(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	ben := site.As("ben")
	at := drafted(t, site, ben, "Wider pantry door")
	site.Clock.Freeze(time.Date(2027, 3, 1, 16, 30, 0, 0, time.UTC)) // Monday morning in Austin
	ben.Open(at).Follow("Send change order").Press("Send change order").Sees(t, "Is asked")
	site.Settle(t)
	count := func(to, subject string) (n int) {
		for _, mail := range site.Mails() {
			if mail.Recipient == site.Person(to).Email && strings.HasPrefix(mail.Subject, subject) {
				n++
			}
		}
		return n
	}
	hourly := func() { // twice, as after a crash
		t.Helper()
		do(t, site, "delete from outbox where kind = 'envelopes:find_due'")
		do(t, site, `insert into outbox (firm_id, id, kind, payload) select ?, gen_random_uuid(), 'envelopes:find_due', '{}' from generate_series(1, 2)`, site.FirmID())
		site.Settle(t)
	}
	hourly()
	if n := count("ana", "A reminder to sign: Wider pantry door"); n != 0 {
		t.Errorf("reminded at once, %d times", n)
	}
	site.Clock.Advance(3 * 24 * time.Hour)
	hourly()
	if n := count("ana", "A reminder to sign: Wider pantry door"); n != 1 {
		t.Errorf("reminded %d times after three days", n)
	}
	site.Clock.Advance(12 * 24 * time.Hour)
	hourly()
	if n := count("ben", "No answer in time: Wider pantry door"); n != 1 {
		t.Errorf("Ben was told %d times", n)
	}
	ben.Open(at).Sees(t, "Expired", "Time is over", "Time was over: Ana Rivera")
	ben.Open("/office/envelopes?state=expired").Sees(t, "Wider pantry door")
	n := count("ana", "A reminder to sign: Wider pantry door")
	site.Clock.Advance(4 * 24 * time.Hour)
	hourly()
	if count("ana", "A reminder to sign: Wider pantry door") != n {
		t.Error("reminded of what is over")
	}
}

func TestMailGoesToNobodyWhoWasShutOut(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	ben := site.As("ben")
	at := drafted(t, site, ben, "Wider pantry door")
	do(t, site, "update contact set disabled_at = now() where firm_id = ? and id = ?", site.FirmID(), site.Person("tom").ContactID)
	ben.Open(at).Sees(t, "Tom Rivera has no access any more").SeesNot(t, "Everything is there.")
	if a := ben.Post(at+"/sending", map[string][]string{"version": {value(t, site, "select version::text from envelopes.envelope where id = ?", at[len("/office/envelopes/"):])}}); a.Status != 422 {
		t.Errorf("%d", a.Status)
	}
	do(t, site, "update contact set disabled_at = null where firm_id = ?", site.FirmID())
	ben.Open(at).Follow("Send change order").Press("Send change order").Sees(t, "It is on its way.")
	site.Settle(t)
	do(t, site, "update contact set disabled_at = now() where firm_id = ? and id = ?", site.FirmID(), site.Person("ana").ContactID)
	site.Clock.Advance(time.Hour)
	before := len(site.Mails())
	ben.Open(at).Press("Remind now")
	if after := len(site.Mails()); after != before {
		t.Error("Ana was mailed")
	}
}
