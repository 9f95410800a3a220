package schedule_test

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/emersion/go-ical"

	"portico/modules/schedule"
	"portico/platform/portaltest"
)

// events reads a calendar with a parser of others, and looks at what it does not.
func events(t *testing.T, body []byte) map[string]ical.Event {
	t.Helper()
	if bytes.Count(body, []byte("\n")) != bytes.Count(body, []byte("\r\n")) {
		t.Error("a line does not end with CR LF")
	}
	for _, line := range strings.Split(string(body), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) {
			t.Errorf("a line of %d octets: %s", len(line), line)
		}
	}
	decoder := ical.NewDecoder(bytes.NewReader(body))
	calendar, err := decoder.Decode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decoder.Decode(); err != io.EOF {
		t.Errorf("there is more: %v", err)
	}
	var again bytes.Buffer // its encoder refuses what RFC 5545 forbids, such as an event without DTSTAMP or UID
	if err := ical.NewEncoder(&again).Encode(calendar); err != nil {
		t.Error(err)
	}
	found := map[string]ical.Event{}
	uids := map[string]bool{}
	for _, e := range calendar.Events() {
		uid, _ := e.Props.Text(ical.PropUID)
		if uids[uid] || uid == "" {
			t.Errorf("the UID %q is there twice", uid)
		}
		uids[uid] = true
		title, err := e.Props.Text(ical.PropSummary)
		if err != nil {
			t.Error(err)
		}
		for _, name := range []string{ical.PropDateTimeStart, ical.PropDateTimeEnd} {
			if p := e.Props.Get(name); p == nil || p.ValueType() != ical.ValueDate || len(p.Value) != 8 {
				t.Errorf("%s of %s is no whole day: %v", name, title, p)
			}
		}
		if stamp := e.Props.Get(ical.PropDateTimeStamp); stamp == nil || !strings.HasSuffix(stamp.Value, "Z") {
			t.Errorf("the stamp of %s: %v", title, stamp)
		}
		found[title] = e
	}
	return found
}

var feedAddress = regexp.MustCompile(`/schedule/feed/[A-Za-z0-9_-]{43}\.ics`)

func TestTheCalendarFeed(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	ana, ben, program := site.As("ana"), site.As("ben"), site.Stranger()
	ana.Open("/portal/all/schedule/calendar").Press("Make my calendar address").Sees(t, "Your address")
	address := feedAddress.FindString(ana.Body())
	if address == "" {
		t.Fatal(ana.Text())
	}
	token := strings.TrimSuffix(address[strings.LastIndex(address, "/")+1:], ".ics")
	if n := one[int](t, site, "select count(*) from schedule.feed f where f::text like '%' || ? || '%'", token); n != 0 {
		t.Error("the address itself is kept")
	}
	at := "/office/schedule/projects/" + projectKeyed(t, site, "maple-street")
	ugly := "Ärger; \"Fliesen\", \\ und 木材の搬入 – " + strings.Repeat("sehr ", 12) + "lang"
	ben.Open(at+"/items/"+itemCalled(t, site, "Drywall")).Fill("The client reads", ugly).Fill("Words for the client", "Line one, with a comma; and more.\nBEGIN:VEVENT\nSUMMARY:Injected\nEND:VEVENT").Press("Save")
	ben.Open(at + "/publication").Press("Publish")

	a := program.Get(address)
	if a.Status != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/calendar") || !strings.Contains(a.Header.Get("Cache-Control"), "no-store") {
		t.Fatalf("%d %v", a.Status, a.Header)
	}
	found := events(t, a.Body)
	if len(found) < 15 {
		t.Errorf("%d events", len(found))
	}
	drywall, there := found[ugly]
	if !there {
		t.Fatalf("its title is not %q in\n%s", ugly, a.Body)
	}
	if words, _ := drywall.Props.Text(ical.PropDescription); !strings.Contains(words, "Line one, with a comma; and more.\nBEGIN:VEVENT\nSUMMARY:Injected") {
		t.Errorf("%q", words)
	}
	if _, injected := found["Injected"]; injected {
		t.Error("words became an event")
	}
	first, last := one[string](t, site, "select to_char(start_on, 'YYYYMMDD') from schedule.item where title = 'Drywall'"), one[string](t, site, "select to_char(end_on + 1, 'YYYYMMDD') from schedule.item where title = 'Drywall'")
	if drywall.Props.Get(ical.PropDateTimeStart).Value != first || drywall.Props.Get(ical.PropDateTimeEnd).Value != last {
		t.Errorf("from %v to %v, want %s to the day after its last, %s", drywall.Props.Get(ical.PropDateTimeStart), drywall.Props.Get(ical.PropDateTimeEnd), first, last)
	}
	for _, hidden := range []string{"Wiring", "Bluebonnet", "Canary", "They want half", "Paint"} {
		if bytes.Contains(a.Body, []byte(hidden)) {
			t.Errorf("%s is in the feed", hidden)
		}
	}
	// an item that moves is the same one, and newer
	uid, _ := drywall.Props.Text(ical.PropUID)
	sequence := drywall.Props.Get(ical.PropSequence).Value
	ben.Open(at + "/items/" + itemCalled(t, site, "Drywall") + "/shift?start=2027-02-01").Press("Move")
	if got := events(t, program.Get(address).Body)[ugly]; got.Props.Get(ical.PropDateTimeStart).Value != first {
		t.Error("a draft is in the feed")
	}
	ben.Open(at + "/publication").Press("Publish")
	moved := events(t, program.Get(address).Body)[ugly]
	if got, _ := moved.Props.Text(ical.PropUID); got != uid || moved.Props.Get(ical.PropDateTimeStart).Value != "20270201" || moved.Props.Get(ical.PropSequence).Value <= sequence {
		t.Errorf("%s on %v, %v", got, moved.Props.Get(ical.PropDateTimeStart), moved.Props.Get(ical.PropSequence))
	}
	// one item alone
	event := ana.Get("/portal/all/schedule/items/" + itemCalled(t, site, "Drywall") + "/event")
	if got := events(t, event.Body); len(got) != 1 || !strings.Contains(event.Header.Get("Content-Disposition"), ".ics") {
		t.Errorf("%d events, %v", len(got), event.Header)
	}
	// hidden at the moment of asking
	ben.Open(at + "/items/" + itemCalled(t, site, "Drywall")).Untick("Show it to the client").Press("Save")
	if bytes.Contains(program.Get(address).Body, []byte("Line one")) {
		t.Error("what was hidden is in the feed")
	}
	gone := func(what string) {
		t.Helper()
		if a := program.Get(address); a.Status != 404 {
			t.Errorf("%s: %d", what, a.Status)
		}
	}
	back := func(what string) {
		t.Helper()
		if a := program.Get(address); a.Status != 200 {
			t.Errorf("back after %s: %d", what, a.Status)
		}
	}
	for _, c := range []struct{ what, off, on string }{
		{"the contact is shut out", "update contact set disabled_at = now() where id = ?", "update contact set disabled_at = null where id = ?"},
		{"the client's portal is off", "update client set portal_on = false where id = (select client_id from contact where id = ?)", "update client set portal_on = true where id = (select client_id from contact where id = ?)"},
		{"the section is off for the client", `update client set switches = switches || '{"schedule": false}' where id = (select client_id from contact where id = ?)`, `update client set switches = switches - 'schedule' where id = (select client_id from contact where id = ?)`},
	} {
		contact := site.Person("ana").ContactID
		do(t, site, c.off, contact)
		gone(c.what)
		do(t, site, c.on, contact)
		back(c.what)
	}
	contact := site.Person("ana").ContactID
	person := one[string](t, site, "select person_id::text from contact where id = ?", contact)
	do(t, site, "update contact set person_id = (select id from person where firm_id = ? and email = ?) where id = ?", site.FirmID(), site.Person("omar").Email, contact)
	gone("the contact is somebody else")
	do(t, site, "update contact set person_id = ? where id = ?", person, contact)
	back("the contact is herself again")
	do(t, site, "update project set shared = false where id = ?", projectKeyed(t, site, "maple-street"))
	if n := len(events(t, program.Get(address).Body)); n != 0 {
		t.Errorf("%d events of a project that is not shared", n)
	}
	do(t, site, "update project set shared = true where id = ?", projectKeyed(t, site, "maple-street"))
	// a new address ends the old one; ended, there is none
	old := address
	ana.Open("/portal/all/schedule/calendar").Press("Make a new address")
	if address = feedAddress.FindString(ana.Body()); address == old {
		t.Error("it is the same one")
	}
	back("a new address")
	if a := program.Get(old); a.Status != 404 {
		t.Errorf("the old address answers %d", a.Status)
	}
	ana.Press("End this address").Sees(t, "does not work any more")
	gone("ended")
	if a := site.Firm("harbor").Stranger().Get(address); a.Status != 404 {
		t.Errorf("at another firm: %d", a.Status)
	}
	if a, b := program.Get(address), program.Get("/schedule/feed/nothing"); a.Status != b.Status {
		t.Error("an ended address is told from one that never was")
	}
}

// TestTheFeedIsNotAskedForEver: one address is asked so often, and no more.
func TestTheFeedIsNotAskedForEver(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	program := site.Stranger()
	for n := range 600 { // tries come back with the time
		switch a := program.Get("/schedule/feed/nothing.ics"); {
		case a.Status == 429 && n >= 300:
			return
		case a.Status != 404:
			t.Fatalf("%d: %d", n, a.Status)
		}
	}
	t.Error("it is asked for ever")
}
