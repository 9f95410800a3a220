package modules_test

import (
	"strings"
	"testing"

	"portico/modules/messages"
	"portico/modules/schedule"
	"portico/platform/portaltest"
)

func TestAConversationBeginsAtAnItem(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	invoice := one(t, site, `
		select i.id from billing.invoice i join client c on c.firm_id = i.firm_id and c.id = i.client_id
		where c.name like '%Rivera%' and i.number <> '' and i.released_at is not null order by i.created_at limit 1`)
	number := one(t, site, "select number from billing.invoice where id = ?", invoice)
	ana := site.As("ana")
	ana.Open("/portal/all/billing/invoices/"+invoice).Follow("Message us about this").Sees(t, "Invoice "+number)
	ana.Fill("Message", "What is line two?").Press("Send").Sees(t, "What is line two?", "Invoice "+number)
	site.As("ben").Open("/office/messages/"+one(t, site, "select id from messages.conversation where item_id = ?", invoice)).
		Sees(t, "What is line two?", "Invoice "+number)
	// whoever may not see the invoice sees no card of it
	alter(t, site, `update contact set rights = array_remove(rights, 'view_invoices') where name like 'Ana%'`)
	site.As("ana").Open("/portal/all/messages/"+one(t, site, "select id from messages.conversation where item_id = ?", invoice)).
		Sees(t, "What is line two?").SeesNot(t, "Maple Street remodel · "+number)
	if n := site.As("ana").Open("/portal/all/messages/" + one(t, site, "select id from messages.conversation where item_id = ?", invoice)).Count(".messages-thing"); n != 0 {
		t.Error("the card of an invoice is shown to somebody who may not see invoices")
	}
	// somebody of the team gets it
	ana = site.As("ana")
	ana.Open("/portal/all/team").Follow("Message Ben Lindqvist").Sees(t, "Ben Lindqvist").Fill("Subject", "For Ben").Fill("Message", "Hello Ben").Press("Send")
	site.As("ben").Open("/office/messages?box=mine").Sees(t, "For Ben")
	selection := one(t, site, "select s.id from selections.selection s join client c on c.firm_id = s.firm_id and c.id = s.client_id where c.name like '%Rivera%' and s.released_at is not null order by s.created_at limit 1")
	if a := ana.Get("/portal/all/messages/new?about=selections&item=" + selection); a.Status != 200 || !strings.Contains(string(a.Body), "messages-thing") {
		t.Errorf("a selection is no item to talk about: %d", a.Status)
	}
	log := one(t, site, "select l.id from dailylogs.log l join client c on c.firm_id = l.firm_id and c.id = l.client_id where c.name like '%Rivera%' and l.shared and l.state = 'submitted' order by l.log_date desc limit 1")
	ana.Open("/portal/all/dailylogs/"+log).Follow("Message us about this").Sees(t, "Daily log, ").Fill("Message", "Is that our wall?").Press("Send").Sees(t, "Is that our wall?", "Daily log, ")
	ben := site.As("ben")
	ben.Open("/office/messages/"+one(t, site, "select id from messages.conversation where item_id = ?", log)).Sees(t, "Is that our wall?").Follow("Daily log, ").Has(t, 200)
	ben.Open("/office/dailylogs/"+log).Follow("Message the client").Has(t, 200)
	draft := one(t, site, "select l.id from dailylogs.log l join client c on c.firm_id = l.firm_id and c.id = l.client_id where c.name like '%Rivera%' and not l.shared limit 1")
	if a := ana.Get("/portal/all/messages/new?about=dailylogs&item=" + draft); a.Status != 200 || strings.Contains(string(a.Body), "messages-thing") {
		t.Errorf("a log that is not shared: %d", a.Status)
	}
	change := one(t, site, "select e.id from envelopes.envelope e join client c on c.firm_id = e.firm_id and c.id = e.client_id where c.name like '%Rivera%' and e.kind = 'change_order' order by e.created_at limit 1")
	if a := ana.Get("/portal/all/messages/new?about=envelopes&item=" + change); a.Status != 200 || !strings.Contains(string(a.Body), "messages-thing") {
		t.Errorf("a change is no item to talk about: %d", a.Status)
	}
	for _, odd := range []string{"?about=billing&item=" + site.Person("ana").ID.String(), "?about=nothing&item=x", "?about=billing"} {
		if a := ana.Get("/portal/all/messages/new" + odd); a.Status != 200 || strings.Contains(string(a.Body), "messages-thing") {
			t.Errorf("%s: %d", odd, a.Status)
		}
	}
}

// TestAConversationBeginsAtAScheduleItem: clients talk about what they see of the schedule, and staff begin with the title
// that the client reads.
func TestAConversationBeginsAtAScheduleItem(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, messages.Module, schedule.Module)
	item := func(title string) string {
		return one(t, site, "select id from schedule.item where title = ?", title)
	}
	ana, ben := site.As("ana"), site.As("ben")
	ana.Open("/portal/all/schedule/items/"+item("Drywall")).Follow("Message us about this").Sees(t, "Drywall").
		Fill("Message", "May we stay in the house?").Press("Send").Sees(t, "May we stay in the house?", "Drywall")
	about := one(t, site, "select id from messages.conversation where item_id = ?", item("Drywall"))
	ben.Open("/office/messages/"+about).Sees(t, "May we stay in the house?").Follow("Drywall").Has(t, 200).Sees(t, "Who does it")
	hidden := "?about=schedule&item=" + item("Wiring")
	if a := ana.Get("/portal/all/messages/new" + hidden); a.Status != 200 || strings.Contains(string(a.Body), "messages-thing") || strings.Contains(string(a.Body), "Wiring") {
		t.Errorf("an item that is hidden: %d", a.Status)
	}
	project := one(t, site, "select project_id from schedule.item where id = ?", item("Wiring"))
	ben.Open("/office/schedule/projects/"+project+"/items/"+item("Wiring")).SeesNot(t, "Message the client")
	alter(t, site, "update schedule.item set title = 'Wait for the inspector again', client_title = 'Walls are closed' where title = 'Walls are closed' or client_title = 'Walls are closed'")
	ben.Open("/office/schedule/projects/"+project+"/items/"+item("Wait for the inspector again")).Follow("Message the client").Has(t, 200)
	if got := ben.Value("Subject"); got != "Walls are closed" {
		t.Errorf("the subject begins as %q", got)
	}
	// whatever becomes of the item, its card is for those who may see it
	alter(t, site, "update schedule.item set client_visible = false where title = 'Drywall'")
	if n := site.As("ana").Open("/portal/all/messages/"+about).Sees(t, "May we stay").Count(".messages-thing"); n != 0 {
		t.Error("the card of a hidden item is shown")
	}
	alter(t, site, "update schedule.item set deleted_at = now() where title = 'Drywall'")
	if n := site.As("ben").Open("/office/messages/"+about).Sees(t, "May we stay").Count(".messages-thing"); n != 0 {
		t.Error("the card of a deleted item is shown")
	}
}

func one(t *testing.T, site *portaltest.Site, query string, args ...any) (answer string) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &answer); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

func alter(t *testing.T, site *portaltest.Site, query string) {
	t.Helper()
	if _, err := site.DB(t).NewRaw(query).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}
