package notices_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/db"
	"portico/platform/id"
	"portico/platform/mail/mailtest"
	"portico/platform/notice"
	"portico/platform/portaltest"
)

func TestOneEventTellsOnePersonOnce(t *testing.T) {
	g := open(t)
	ana := g.As("ana")
	ana.Open("/portal/all/notices").Sees(t, "Nothing new yet")
	g.promise("ana", told{Title: "The roof is on"}, 2)
	if got := g.subjects("ana"); !slices.Equal(got, []string{"The roof is on"}) {
		t.Errorf("mails %q", got)
	}
	// every promise once more, as after a worker that died before it could say so
	g.do("update outbox set done_at = null, dispatches = 0, next_at = now() where kind = 'gazette:tell'")
	if got := g.subjects("ana"); !slices.Equal(got, []string{"The roof is on"}) {
		t.Errorf("after a second delivery: %q", got)
	}
	ana.Open("/portal/all/notices").Sees(t, "1 unread", "The roof is on")
	if n := ana.Count(".notices-row"); n != 1 {
		t.Errorf("%d rows in the bell", n)
	}
	g.As("tom").Open("/portal/all/notices").SeesNot(t, "The roof is on")
}

func TestTheBellRingsWhileNoMailCanBeSent(t *testing.T) {
	g := open(t)
	g.Smtp.Break(mailtest.Busy)
	g.promise("ana", told{Title: "The roof is on"}, 1)
	if n := g.Refused(t); n != 1 {
		t.Fatalf("%d were refused", n)
	}
	g.As("ana").Open("/portal/all/notices").Sees(t, "The roof is on")
	g.Smtp.Heal()
	g.now("gazette:tell")
	if got := g.subjects("ana"); !slices.Equal(got, []string{"The roof is on"}) {
		t.Errorf("mails %q", got)
	}
	if n := g.As("ana").Open("/portal/all/notices").Count(".notices-row"); n != 1 {
		t.Errorf("%d rows in the bell", n)
	}
}

func TestTheBellCountsAndIsRead(t *testing.T) {
	g := open(t)
	for _, title := range []string{"One", "Two", "Three"} {
		g.promise("ana", told{Title: title}, 1)
	}
	g.Settle(t)
	g.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		g.do("update notice set read_at = null")
		ana.Open("/portal/all/notices").Sees(t, "3 unread")
		if !strings.Contains(ana.Body(), `aria-label="Notifications, 3 unread"`) {
			t.Error("the bell does not count three")
		}
		ana.Press("Mark as read: Two").Open("/portal/all/notices").Sees(t, "2 unread")
		ana.Follow("Unread").SeesNot(t, "Two").Sees(t, "One", "Three")
		ana.Open("/portal/all/notices").Press("Mark all as read").Sees(t, "You have read everything.", "One", "Two", "Three")
		if !strings.Contains(ana.Body(), `aria-label="Notifications"`) {
			t.Error("the bell still counts")
		}
	})
	// what is another's, or another firm's, is not found
	var mine string
	if err := g.DB(t).NewRaw("select id::text from notice limit 1").Scan(t.Context(), &mine); err != nil {
		t.Fatal(err)
	}
	for who, b := range map[string]*portaltest.Browser{"tom": g.As("tom"), "maria": g.As("maria"), "noor": g.Firm("harbor").As("noor")} {
		side := "/portal/all"
		if who != "tom" {
			side = "/office"
		}
		if a := b.Post(side+"/notices/"+mine+"/reading", url.Values{"stay": {"1"}}); a.Status != 404 {
			t.Errorf("%s: %d", who, a.Status)
		}
	}
}

func TestARightThatIsGoneTakesItsNoticesAlong(t *testing.T) {
	g := open(t)
	g.choose("ana", news, notice.Ways{Mail: notice.Daily, Bell: true})
	shown := g.promise("ana", told{Title: "Shown at first"}, 1)
	g.Settle(t)
	ana := g.As("ana")
	ana.Open("/portal/all/notices").Sees(t, "1 unread", "Shown at first")
	g.hide(shown)
	ana.Open("/portal/all/notices").SeesNot(t, "Shown at first").Sees(t, "Nothing new yet", "You have read everything.")
	if !strings.Contains(ana.Body(), `aria-label="Notifications"`) {
		t.Error("the bell counts what may not be seen")
	}
	// the daily mail would have nothing else to say
	g.Advance(25 * time.Hour)
	g.digests()
	if got := g.subjects("ana"); len(got) != 0 {
		t.Errorf("an empty daily mail: %q", got)
	}
	// and a mail that waits for the morning is not sent
	g.choose("ana", news, notice.Ways{Mail: notice.Now, Bell: true})
	held := g.quiet("ana", func() uuid.UUID { return g.promise("ana", told{Title: "Held"}, 1) })
	g.hide(held)
	g.now("gazette:tell")
	if got := g.subjects("ana"); len(got) != 0 {
		t.Errorf("mails %q", got)
	}
}

// quiet does something in the middle of somebody's quiet hours; then they are over.
func (g gazette) quiet(who string, fn func() uuid.UUID) uuid.UUID {
	g.t.Helper()
	person := g.Person(who).ID
	g.do("update person set zone = 'Asia/Tokyo' where id = ?", person)
	zone, _ := time.LoadLocation("Asia/Tokyo")
	local := g.Now().In(zone)
	from, until := (local.Hour()+23)%24*60, (local.Hour()+2)%24*60
	g.do(`insert into notice_person (firm_id, person_id, quiet_from, quiet_until) values (?, ?, ?, ?)
		on conflict (firm_id, person_id) do update set quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until`, g.FirmID(), person, from, until)
	made := fn()
	g.Settle(g.t)
	g.Advance(3 * time.Hour)
	return made
}

func TestQuietHoursHoldMailsUntilTheyAreOver(t *testing.T) {
	g := open(t)
	g.quiet("ana", func() uuid.UUID {
		g.promise("ana", told{Title: "In the night"}, 1)
		g.promise("ana", told{Title: "A receipt", Kind: law.ID}, 1)
		if got := g.subjects("ana"); !slices.Equal(got, []string{"A receipt"}) {
			t.Errorf("while it is quiet: %q", got)
		}
		g.As("ana").Open("/portal/all/notices").Sees(t, "2 unread", "In the night", "A receipt")
		g.now("gazette:tell") // asked too early: it goes on waiting
		return uuid.Nil
	})
	if got := g.subjects("ana"); len(got) != 1 {
		t.Errorf("before the morning: %q", got)
	}
	g.now("gazette:tell")
	if got := g.subjects("ana"); !slices.Equal(got, []string{"A receipt", "In the night"}) {
		t.Errorf("in the morning: %q", got)
	}
	if n := g.As("ana").Open("/portal/all/notices").Count(".notices-row"); n != 2 {
		t.Errorf("%d rows in the bell", n)
	}
}

func TestDailyMailsGatherWhatIsUnread(t *testing.T) {
	g := open(t)
	zone, _ := time.LoadLocation("America/Chicago")
	g.do("update person set zone = 'America/Chicago'")
	day := time.Date(2027, 3, 13, 10, 0, 0, 0, zone) // the clocks go forward in the night
	g.Freeze(day)
	g.choose("ana", news, notice.Ways{Mail: notice.Daily, Bell: true})
	read := g.promise("ana", told{Title: "Read in the portal"}, 1)
	g.promise("ana", told{Title: "The roof is on"}, 1)
	g.promise("ana", told{Title: "The stove has come"}, 1)
	g.promise("tom", told{Title: "For Tom, at once"}, 1)
	g.Settle(t)
	g.do("update notice set read_at = now() where item_id = ?", read)
	g.digests()
	if got := g.subjects("ana"); len(got) != 0 {
		t.Errorf("before the hour: %q", got)
	}
	g.Freeze(time.Date(2027, 3, 14, 7, 59, 0, 0, zone))
	g.digests()
	if got := g.subjects("ana"); len(got) != 0 {
		t.Errorf("at 7:59 of a day with 23 hours: %q", got)
	}
	g.Freeze(time.Date(2027, 3, 14, 8, 4, 0, 0, zone))
	g.digests()
	g.digests()
	if got := g.subjects("ana"); !slices.Equal(got, []string{"Your daily mail from Northgate Builders: 2 things are new"}) {
		t.Fatalf("mails %q", got)
	}
	if m := g.MailTo("ana"); !strings.Contains(m.Text, "The roof is on") || !strings.Contains(m.Text, "The stove has come") || strings.Contains(m.Text, "Read in the portal") {
		t.Errorf("it says %s", m.Text)
	}
	g.promise("ana", told{Title: "Later that day"}, 1)
	g.Settle(t)
	g.Freeze(time.Date(2027, 3, 14, 20, 4, 0, 0, zone))
	g.digests()
	if n := len(g.subjects("ana")); n != 1 {
		t.Errorf("%d mails in a day", n)
	}
	g.Freeze(time.Date(2027, 3, 15, 8, 4, 0, 0, zone))
	g.digests()
	if n := len(g.subjects("ana")); n != 2 {
		t.Errorf("%d mails in two days", n)
	}
	g.Freeze(time.Date(2027, 3, 16, 8, 4, 0, 0, zone))
	g.digests()
	if n := len(g.subjects("ana")); n != 2 {
		t.Errorf("%d mails: one of them was empty", n)
	}
}

func TestManyAtOnceAreOneNotice(t *testing.T) {
	g := open(t)
	for i := range 5 {
		g.promise("ana", told{Title: fmt.Sprintf("Comment %d", i), Bundle: "the log of Monday"}, 1)
	}
	g.Settle(t)
	ana := g.As("ana").Open("/portal/all/notices").Sees(t, "1 unread", "Several: 5")
	if n := ana.Count(".notices-row"); n != 1 {
		t.Errorf("%d rows in the bell", n)
	}
	ana.Press("Mark all as read")
	g.promise("ana", told{Title: "Another one", Bundle: "the log of Monday"}, 1)
	g.Settle(t)
	ana.Open("/portal/all/notices").Sees(t, "1 unread", "Another one", "Several: 5")
}

func TestWhatMustBeSentCannotBeSwitchedOff(t *testing.T) {
	g := open(t)
	ana := g.As("ana")
	form := url.Values{"kind": {law.ID, news.ID}, "mails": {"all"}, "quiet": {"firm"}, "mail-" + law.ID: {"off"}, "mail-" + news.ID: {"off"}}
	if a := ana.Post("/portal/all/notices/choices", form); a.Status != 422 || !strings.Contains(string(a.Body), "cannot be switched off") {
		t.Errorf("by hand: %d", a.Status)
	}
	if a := g.As("maria").Post("/office/notices/settings", url.Values{"kind": {law.ID}, "mail-" + law.ID: {"daily"}, "bell-" + law.ID: {"1"}, "digest": {"8"}, "quiet": {"never"}}); a.Status != 422 {
		t.Errorf("by the firm: %d", a.Status)
	}
	// not even by a row in the table
	g.do("insert into notice_choice (firm_id, person_id, kind, mail, bell) values (?, ?, ?, 'off', false)", g.FirmID(), g.Person("ana").ID, law.ID)
	g.do("update person set mails = 'important'")
	g.promise("ana", told{Title: "Please sign", Kind: law.ID}, 1)
	g.promise("ana", told{Title: "Only news"}, 1)
	g.promise("ana", told{Title: "Somebody waits", Kind: wait.ID}, 1)
	got := g.subjects("ana")
	slices.Sort(got)
	if !slices.Equal(got, []string{"Please sign", "Somebody waits"}) {
		t.Errorf("mails %q", got)
	}
	ana.Open("/portal/all/notices").Sees(t, "Please sign", "Only news")
}

func TestPeopleChooseAndTheFirmSaysWhatIsUsual(t *testing.T) {
	g := open(t)
	maria, ana := g.As("maria"), g.As("ana")
	maria.Open("/office/notices/settings").In("News").Choose("Mail", "By mail: Once a day").In("").
		Choose("Daily mails go out at", "7 AM").Choose("Quiet hours", "Between the times below").Fill("Quiet from", "22:00").Fill("Quiet until", "22:00").
		Press("Save notifications").Has(t, 422).Sees(t, "Enter another time than the first.")
	maria.Fill("Quiet until", "06:30").Press("Save notifications").Sees(t, "Saved.")
	ana.Open("/portal/all").Follow("Notifications").Open("/portal/all/notices/choices").Sees(t, "Daily mails go out at 7:00 AM", "As usual here: 22:00 to 06:30")
	if got := ana.In("News").Value("Mail"); got != "daily" {
		t.Errorf("Ana gets %q", got)
	}
	ana.In("News").Choose("Mail", "No mail").Untick("In the bell").In("").Choose("Quiet hours", "Never: at any hour").Press("Save notifications").Sees(t, "Saved.")
	g.promise("ana", told{Title: "Unwanted"}, 1)
	if got := g.subjects("ana"); len(got) != 0 {
		t.Errorf("mails %q", got)
	}
	ana.Open("/portal/all/notices").SeesNot(t, "Unwanted")
	var kept int // what is as usual is not kept
	if err := g.DB(t).NewRaw("select count(*) from notice_choice").Scan(t.Context(), &kept); err != nil || kept != 1 {
		t.Errorf("%d choices are kept, %v", kept, err)
	}
	g.As("ben").Open("/office/notices/settings").Has(t, 404)
	g.As("ben").Open("/office/notices/choices").Has(t, 200)
}

func TestOneClickEndsOneKindOfMail(t *testing.T) {
	g := open(t)
	g.promise("ana", told{Title: "The roof is on"}, 1)
	u, err := url.Parse(strings.Trim(g.MailTo("ana").Headers.Get("List-Unsubscribe"), "<>"))
	if err != nil || u.Path == "" {
		t.Fatal("the mail cannot be unsubscribed from")
	}
	for range 3 { // scanners look
		g.Stranger().Open(u.Path).Has(t, 200).Sees(t, "No more mails about: News", "Waiting").SeesNot(t, "Law")
	}
	program := []string{"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "", "Origin", ""}
	if a := g.Stranger().Ask("POST", u.Path, strings.NewReader("List-Unsubscribe=One-Click"), program...); a.Status != 200 {
		t.Fatalf("one click: %d", a.Status)
	}
	g.promise("ana", told{Title: "More of it"}, 1)
	g.promise("ana", told{Title: "Somebody waits", Kind: wait.ID}, 1)
	if got := g.subjects("ana"); !slices.Equal(got, []string{"The roof is on", "Somebody waits"}) {
		t.Errorf("mails %q", got)
	}
	g.As("ana").Open("/portal/all/notices").Sees(t, "More of it")
	// the page offers the rest, and a way back
	page := g.Stranger().Open(u.Path)
	page.Choose("Waiting", "Once a day").Choose("News", "At once").Press("Save").Sees(t, "Saved.")
	if got := page.Value("News"); got != "now" {
		t.Errorf("news come %s", got)
	}
	page.Open(u.Path).Press("No more mails about: News").Sees(t, "Done.")
	if got := page.Value("News"); got != "off" {
		t.Errorf("news come %s", got)
	}
	for _, bad := range []string{u.Path[:len(u.Path)-2], u.Path + "AA"} {
		if a := g.Stranger().Ask("POST", bad, strings.NewReader("List-Unsubscribe=One-Click"), program...); a.Status != 403 {
			t.Errorf("%s: %d", bad, a.Status)
		}
	}
	g.Firm("harbor").Stranger().Open(u.Path).Has(t, 404)
	if m := g.mailOf("ana", law); m.Headers.Get("List-Unsubscribe") != "" {
		t.Error("what must be sent can be unsubscribed from")
	}
}

func (g gazette) mailOf(who string, k notice.Kind) mailtest.Mail {
	g.promise(who, told{Title: "One of them", Kind: k.ID}, 1)
	return g.MailTo(who)
}

// crowd makes notices for many, each once.
func crowd(event uuid.UUID, people []uuid.UUID) (all []notice.Notice) {
	for _, person := range people {
		all = append(all, notice.Notice{Kind: news, ID: notice.IDOf(event, person, uuid.Nil), Person: person, Title: "The office is closed on Friday", Path: "/office"})
	}
	return all
}

func (g gazette) tellAll(all []notice.Notice) {
	g.t.Helper()
	err := db.InTx(g.t.Context(), g.Pool, g.FirmID(), func(ctx context.Context, tx bun.Tx) error { return g.Notices.Tell(ctx, tx, g.FirmID(), all) })
	if err != nil {
		g.t.Fatal(err)
	}
}

func TestManyAreToldInFewStatementsAndOnce(t *testing.T) {
	g := open(t)
	var staff []uuid.UUID
	if err := g.DB(t).NewRaw("select person_id from staff where firm_id = ? and disabled_at is null", g.FirmID()).Scan(t.Context(), &staff); err != nil {
		t.Fatal(err)
	}
	event := id.New()
	g.tellAll(crowd(event, staff))
	g.tellAll(crowd(event, staff))
	mails := g.Mails()
	if len(mails) != len(staff) || mails[0].Subject != "The office is closed on Friday" {
		t.Errorf("%d mails to %d people", len(mails), len(staff))
	}
	g.As("ben").Open("/office/notices").Sees(t, "1 unread", "The office is closed on Friday")
}
