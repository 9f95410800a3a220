package modules_test

import (
	"strings"
	"testing"

	"portico/modules/dailylogs"
	"portico/modules/messages"
	"portico/platform/portaltest"
)

// TestAConversationBeginsAtADailyLog: clients talk about a log that they read, and staff begin with the day that the client
// reads, whatever is being written since.
func TestAConversationBeginsAtADailyLog(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, messages.Module, dailylogs.Module)
	log := one(t, site, `
		select l.id from dailylogs.log l join client c on c.firm_id = l.firm_id and c.id = l.client_id
		where c.name like '%Rivera%' and l.state = 'submitted' and l.shared order by l.told_date desc limit 1`)
	day := one(t, site, "select to_char(told_date, 'FMMon FMDD, YYYY') from dailylogs.log where id = ?", log)
	ana := site.As("ana")
	ana.Open("/portal/all/dailylogs/"+log).Follow("Message us about this").Sees(t, "Daily log", day).Fill("Message", "Who left the gate open?").Press("Send").Sees(t, "Who left the gate open?", day)
	about := one(t, site, "select id from messages.conversation where item_id = ?", log)
	ben := site.As("ben")
	ben.Open("/office/messages/"+about).Sees(t, "Who left the gate open?").Follow("Daily log, ").Has(t, 200).Sees(t, "What was done")
	alter(t, site, "update dailylogs.log set state = 'reopened', log_date = '2024-02-29' where id = '"+log+"'")
	ben.Open("/office/dailylogs/"+log).Follow("Message the client").Has(t, 200)
	if got := ben.Value("Subject"); !strings.Contains(got, day) {
		t.Errorf("the subject begins as %q", got)
	}
	alter(t, site, "update dailylogs.log set shared = false where id = '"+log+"'")
	ben.Open("/office/dailylogs/"+log).SeesNot(t, "Message the client")
	if n := site.As("ana").Open("/portal/all/messages/"+about).Sees(t, "Who left").Count(".messages-thing"); n != 0 {
		t.Error("the card of a log that is shared no more is shown")
	}
	if a := site.As("ana").Get("/portal/all/messages/new?about=dailylogs&item=" + log); a.Status != 200 || strings.Contains(string(a.Body), "messages-thing") {
		t.Errorf("a log that is not shared is an item to talk about: %d", a.Status)
	}
}
