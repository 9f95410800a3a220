package time_test

import (
	"net/url"
	"strings"
	"testing"

	"portico/modules/time"
	"portico/platform/portaltest"
)

// TestWhoeverGetsWorkBackHearsOfIt by one mail, with what it is and why, as long as there is something to be mended.
func TestWhoeverGetsWorkBackHearsOfIt(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, time.Module)
	garden := project(t, site, "maple-garden")
	maria := site.As("maria").For(t)
	submit := func(who, task string, days ...string) {
		t.Helper()
		b := site.As(who).For(t)
		for _, on := range days {
			b.Post("/office/time/week/cells", cell(garden, task, on, "c-0-0", "1:30"), byHTMX...)
		}
		b.Post("/office/time/week/submission", url.Values{"week": {days[0]}})
	}
	sendBack := func(kind, query, why string) {
		t.Helper()
		if a := maria.Post("/office/time/returns", url.Values{"kind": {kind}, "all": {"1"}, "list": {"q=" + query}, "why": {why}}); a.Status != 303 {
			t.Fatal(a.Status)
		}
	}
	sent := func() int { return len(site.Mails()) }

	submit("priya", "Hedges", "2027-01-04", "2027-01-05")
	submit("maria", "Hedges", "2027-01-04")
	before := sent()
	sendBack("time", "Hedges", "Monday was a <holiday>")
	if n := sent() - before; n != 1 {
		t.Fatalf("%d mails", n)
	}
	m := site.MailTo("priya")
	for _, words := range []string{"Hello Priya", "Maria Okafor has sent back 2 things", "“Monday was a <holiday>”", "Mon, Jan 4, 2027: 1:30 h of Hedges", "Tue, Jan 5, 2027: 1:30 h of Hedges", "/office/time?week=2027-01-04"} {
		if !strings.Contains(m.Text, words) {
			t.Errorf("no %q in %s", words, m.Text)
		}
	}
	if m.Subject != "Sent back: 2 things that you submitted" || m.Headers.Get("List-Unsubscribe") == "" || strings.Contains(m.HTML, "<holiday>") {
		t.Errorf("%q %s", m.Subject, m.HTML)
	}

	// mended before the mail was written, there is nothing to tell
	site.Rest()
	submit("priya", "Roses", "2027-01-11")
	before = len(site.Smtp.Messages())
	sendBack("time", "Roses", "")
	submit("priya", "Roses", "2027-01-11")
	if n := sent() - before; n != 0 {
		t.Errorf("%d mails", n)
	}

	// money spent, and no reason
	site.As("priya").For(t).Post("/office/time/expenses", url.Values{"project": {garden}, "spent_on": {"2027-01-05"}, "category": {"Compost"}, "cost": {"12.50"}, "markup": {"0"}, "submit": {"1"}})
	sendBack("expense", "Compost", "")
	m = site.MailTo("priya")
	if m.Subject != "Sent back: Tue, Jan 5, 2027: $12.50 for Compost, "+one[string](t, site, "select name from project where id::text = ?", garden) || !strings.Contains(m.Text, "sent back one thing") || strings.Contains(m.Text, "“”") {
		t.Errorf("%q %s", m.Subject, m.Text)
	}
}
