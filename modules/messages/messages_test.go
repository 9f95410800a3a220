package messages_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/modules/messages"
	"portico/platform/portaltest"
)

func open(t *testing.T) *portaltest.Site { return portaltest.Open(t, messages.Module) }

func change(t *testing.T, site *portaltest.Site, query string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).NewRaw(query, args...).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func ask[T any](t *testing.T, site *portaltest.Site, query string, args ...any) (answer T) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &answer); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

// thread is the conversation with that subject.
func thread(t *testing.T, site *portaltest.Site, subject string) string {
	return ask[string](t, site, "select id from messages.conversation where subject = ?", subject)
}

const tile = "Kitchen tile and the lead time"

func TestClientAndStaffTalk(t *testing.T) {
	site := open(t)
	path := thread(t, site, tile)
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		ana.Open("/portal/all/messages").Has(t, 200).Sees(t, tile, "Rain on Thursday", "Closed")
		ana.Follow(tile).Sees(t, "green zellige tile", "ordered this week", "Maple Street remodel").SeesNot(t, "Supplier quotes", "Internal note", "Ready answers")
		ana.Fill("Your message", "And *please* not before nine").Press("Send")
		ana.Sees(t, "please not before nine")
		ben := site.As("ben")
		ben.Open("/office/messages?box=waiting").Sees(t, "Rivera", tile)
		ben.Open("/office/messages/"+path).Sees(t, "please not before nine", "Supplier quotes five weeks", "Internal note")
		ben.Fill("Your message", "Nine it is.").Press("Send").Sees(t, "Nine it is.")
		ana.Open("/portal/all/messages/"+path).Sees(t, "Nine it is.")
		ben.Open("/office/messages?box=waiting").SeesNot(t, tile)
		ana.Open("/portal/all/messages/"+path).Fill("Your message", "  ").Press("Send").Has(t, 422).Sees(t, "Write something first.")
	})
	// the same form twice says it once
	ana := site.As("ana")
	form := url.Values{"id": {uuid.Must(uuid.NewV7()).String()}, "body": {"Only once"}}
	ana.Open("/portal/all/messages/" + path)
	for range 2 {
		if a := ana.Post("/portal/all/messages/"+path+"/messages", form); a.Status != 303 {
			t.Fatalf("sent: %d", a.Status)
		}
	}
	if n := ask[int](t, site, "select count(*) from messages.message where body = 'Only once'"); n != 1 {
		t.Errorf("said %d times", n)
	}
	// others
	for who, path := range map[string]string{"grace": "/portal/all/messages/", "ana": "/portal/maple-garden/messages/"} {
		site.As(who).Open(path+thread(t, site, tile)).Has(t, 404)
	}
	site.Stranger().Open("/portal/all/messages/"+path).SeesNot(t, "zellige")
	site.Firm("harbor").As("ruth").Open("/portal/all/messages/"+path).Has(t, 404)
	change(t, site, `update contact set rights = array_remove(rights, 'send_messages') where name like 'Ana%'`)
	ana = site.As("ana")
	ana.Open("/portal/all/messages/"+path).Has(t, 200).Sees(t, "zellige").SeesNot(t, "Send")
	if a := ana.Post("/portal/all/messages/"+path+"/messages", url.Values{"body": {"Not allowed"}}); a.Status != 404 {
		t.Errorf("without the right: %d", a.Status)
	}
	change(t, site, `update client set switches = '{"messages": false}' where name like 'Rivera%' or name like '%Rivera%'`)
	site.As("ana").Open("/portal/all/messages/"+path).Has(t, 404)
}

func TestAMessageIsChangedAndWithdrawn(t *testing.T) {
	site := open(t)
	path := "/portal/all/messages/" + thread(t, site, tile)
	ana := site.As("ana")
	ana.Open(path).Fill("Your message", "I meant the blew one").Press("Send")
	id := ask[string](t, site, "select id from messages.message where body like '%blew%'")
	ana.Open(path+"?edit="+id).Fill("Your message", "I meant the blue one").Press("Save")
	ana.Sees(t, "the blue one", "changed").SeesNot(t, "blew")
	site.As("ben").Open("/office/messages/"+thread(t, site, tile)).Sees(t, "the blue one", "changed")
	// another's, and after a quarter of an hour
	ben := site.As("ben")
	ben.Open("/office/messages/" + thread(t, site, tile))
	if a := ben.Post("/office/messages/"+thread(t, site, tile)+"/messages/"+id, url.Values{"body": {"x"}}); a.Status != 404 {
		t.Errorf("ben changes what ana said: %d", a.Status)
	}
	change(t, site, "update messages.message set created_at = now() - interval '16 minutes' where id = ?", id)
	if a := ana.Post(path+"/messages/"+id, url.Values{"body": {"Too late"}}); a.Status != 409 {
		t.Errorf("after 16 minutes: %d", a.Status)
	}
	ana.Open(path)
	if a := ana.Post(path+"/messages/"+id+"?_method=DELETE", nil); a.Status != 303 {
		t.Fatalf("withdrawn: %d", a.Status)
	}
	ana.Open(path).Sees(t, "You have withdrawn this message.").SeesNot(t, "the blue one")
	site.As("ben").Open("/office/messages/"+thread(t, site, tile)).Sees(t, "This message was withdrawn.").SeesNot(t, "the blue one")
}

func TestDraftsUnreadAndReceipts(t *testing.T) {
	site := open(t)
	id := thread(t, site, tile)
	ana, ben := site.As("ana"), site.As("ben")
	ben.Open("/office/messages/" + id)
	hx := []string{"HX-Request", "true"}
	if a := ben.Post("/office/messages/"+id+"/draft", url.Values{"body": {"Half a sente"}}, hx...); a.Status != 204 {
		t.Fatalf("draft: %d %s", a.Status, a.Body)
	}
	ben.Open("/office/messages").Sees(t, "Draft:", "Half a sente")
	if got := ben.Open("/office/messages/" + id).Value("Your message"); strings.TrimSpace(got) != "Half a sente" {
		t.Errorf("the draft is %q", got)
	}
	// ana sees that he writes; of a note she does not
	typing := func() string { return string(ana.Get("/portal/all/messages/"+id+"/typing", hx...).Body) }
	ana.Open("/portal/all/messages/" + id)
	if !strings.Contains(typing(), "Ben is writing") {
		t.Errorf("typing: %s", typing())
	}
	ben.Post("/office/messages/"+id+"/draft", url.Values{"body": {"psst"}, "internal": {"on"}}, hx...)
	if strings.Contains(typing(), "Ben") {
		t.Error("a client sees that a note is being written")
	}
	ana.Open("/portal/all/messages").SeesNot(t, "Half a sente", "psst")
	site.As("maria").Open("/office/messages/"+id).SeesNot(t, "Half a sente", "psst")

	id = thread(t, site, "Rain on Thursday: the roof crew comes Friday")
	ana.Open("/portal/all/messages").Sees(t, "unread")
	ben.Open("/office/messages/"+id).SeesNot(t, "Read by Ana")
	ana.Open("/portal/all/messages/" + id)
	to := ask[time.Time](t, site, "select max(created_at) from messages.message where conversation_id = ?", id)
	if a := ana.Post("/portal/all/messages/"+id+"/reading", url.Values{"to": {to.UTC().Format(time.RFC3339Nano)}}, hx...); a.Status != 204 {
		t.Fatalf("reading: %d", a.Status)
	}
	ben.Open("/office/messages/"+id).Sees(t, "Read by Ana Rivera")
	ana.Open("/portal/all/messages/"+id).SeesNot(t, "Read by")
	// nobody has read what is still to come, whatever they say
	soon := url.Values{"to": {time.Now().Add(50 * time.Minute).UTC().Format(time.RFC3339Nano)}}
	if a := ana.Post("/portal/all/messages/"+id+"/reading", soon, hx...); a.Status != 204 {
		t.Fatal("a mark in the near future is a matter of clocks, and taken")
	}
	ben.Open("/office/messages/"+id).Fill("Your message", "The crew is here.").Press("Send")
	if ask[bool](t, site, "select bool_or(r.read_to >= m.created_at) from messages.message m join messages.reading r using (firm_id, conversation_id) where m.body = 'The crew is here.' and r.as_client") {
		t.Error("Ana has read what Ben had not written yet")
	}
}

// TestTheMenuCountsWhatIsNew on every page, and the open page asks again; what staff write among themselves is new for staff.
func TestTheMenuCountsWhatIsNew(t *testing.T) {
	site := open(t)
	readAll := func(who string, asClient bool) {
		change(t, site, `
			insert into messages.reading (firm_id, conversation_id, person_id, as_client, read_to, read_at)
			select c.firm_id, c.id, ?, ?, now(), now() from messages.conversation c
			on conflict (firm_id, conversation_id, person_id, as_client) do update set read_to = now()`, site.Person(who).ID, asClient)
	}
	readAll("ana", true)
	ana, ben, maria := site.As("ana"), site.As("ben"), site.As("maria")
	mark := func(b *portaltest.Browser, side string) string {
		a := b.Get(side+"/messages/unread", "HX-Request", "true")
		if a.Status != 200 || !strings.Contains(string(a.Body), `hx-trigger="sse:unread"`) {
			t.Fatalf("%d: %s", a.Status, a.Body)
		}
		_, count, _ := strings.Cut(string(a.Body), ">")
		count, _, _ = strings.Cut(count, "<")
		page := string(b.Get(side + "/messages").Body)
		if !strings.Contains(page, ">"+count+"<span class=\"visually-hidden\"> new</span>") != (count == "") {
			t.Errorf("a page counts something else than %q", count)
		}
		return count
	}
	if n := mark(ana, "/portal/all"); n != "" {
		t.Fatalf("she has read everything, and %q is new", n)
	}
	before := mark(maria, "/office")
	id := thread(t, site, tile)
	readAll("maria", false)
	if n := mark(maria, "/office"); n != "" {
		t.Errorf("she has read everything, and %q is new, where %q was", n, before)
	}
	ben.Open("/office/messages/"+id).Fill("Your message", "Between us").Tick("Internal note").Press("Send")
	if n := mark(ana, "/portal/all"); n != "" {
		t.Errorf("a note counts for a client: %q", n)
	}
	if n := mark(maria, "/office"); n != "1" {
		t.Errorf("a note counts %q for staff", n)
	}
	change(t, site, "update messages.conversation set snoozed_until = now() + interval '1 day' where id = ?", id)
	if n := maria.Open("/office/messages?box=unread").Sees(t, tile).Count(".messages-row"); n != 1 {
		t.Errorf("%d are unread, not the one that the menu counts", n)
	}
	ben.Open("/office/messages/"+id).Fill("Your message", "To all").Untick("Internal note").Press("Send")
	if n := mark(ana, "/portal/all"); n != "1" {
		t.Errorf("a message counts %q", n)
	}
	if n := mark(ana, "/portal/maple-garden"); n != "" {
		t.Errorf("what is of another project counts %q", n)
	}
}

func TestStaffKeepTheirInboxInOrder(t *testing.T) {
	site := open(t)
	id := thread(t, site, tile)
	path := "/office/messages/" + id
	ben := site.As("ben")
	ben.Open(path)
	maria := site.Person("maria")
	if a := ben.Post(path+"/assignee", url.Values{"person": {maria.ID.String()}}); a.Status != 303 {
		t.Fatalf("assigned: %d", a.Status)
	}
	site.As("maria").Open("/office/messages?box=mine").Sees(t, tile)
	ben.Open("/office/messages?box=mine").SeesNot(t, tile)
	site.Settle(t)
	if m := site.MailTo("maria"); !strings.Contains(m.Subject, "Yours: "+tile) {
		t.Errorf("maria got %q", m.Subject)
	}
	ben.Open(path)
	ben.Post(path+"/snooze", url.Values{"until": {"week"}})
	ben.Open("/office/messages").SeesNot(t, tile)
	ben.Open("/office/messages?box=snoozed").Sees(t, tile)
	site.As("ana").Open("/portal/all/messages/"+id).SeesNot(t, "Snoozed").Fill("Your message", "Still there?").Press("Send")
	ben.Open("/office/messages").Sees(t, tile) // she wrote: it is back
	ben.Open(path).Press("Close")
	ben.Open("/office/messages?box=closed").Sees(t, tile)
	site.As("ana").Open("/portal/all/messages/"+id).Sees(t, "Closed").Fill("Your message", "One more thing").Press("Send")
	ben.Open("/office/messages?box=waiting").Sees(t, tile)

	ben.Open("/office/messages?box=all&q=zellige").Sees(t, tile).SeesNot(t, "Rain on Thursday")
	ben.Open("/office/messages?box=all&q=supplier").Sees(t, tile)
	site.As("ana").Open("/portal/all/messages?q=supplier").SeesNot(t, tile).Sees(t, "Nothing found")
	for _, odd := range []string{"%27%3A*%20%26%20%21", "%28%29", "%E2%98%83", "a%27b"} {
		ben.Open("/office/messages?box=all&q="+odd).Has(t, 200)
	}

	ben.Open("/office/messages/answers").Fill("Name", "Keys").Fill("Answer", "The keys are with Maria.").Press("Save")
	ben.Sees(t, "The keys are with Maria.")
	ben.Open("/office/messages/answers").Fill("Name", "keys").Fill("Answer", "x").Press("Save").Has(t, 422).Sees(t, "with this name already")
	ben.Open(path).Sees(t, "Keys")
}

func TestBothSidesBeginConversations(t *testing.T) {
	site := open(t)
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		ana.Open("/portal/all/messages/new").Choose("What is it about?", "Maple Street remodel").Fill("Subject", "The gate").Fill("Message", "It squeaks.")
		ana.Attach("Files", "gate.pdf", []byte("%PDF-1.4\n%nothing")).Press("Send")
		ana.Sees(t, "The gate", "It squeaks.", "gate.pdf")
		ana.Open("/portal/all/messages/new").Fill("Message", "No subject").Press("Send").Has(t, 422).Sees(t, "Say in a few words")
	})
	ben := site.As("ben")
	id := thread2(t, site, "The gate")
	ben.Open("/office/messages/"+id).Sees(t, "It squeaks.", "gate.pdf").Follow("gate.pdf").Sees(t, "gate.pdf", "Download")
	file := ask[string](t, site, "select file_id from messages.attachment limit 1")
	for who, want := range map[string]int{"ana": 200, "ben": 200, "grace": 404, "": 404} {
		b := site.Stranger()
		if who != "" {
			b = site.As(who)
		}
		if a := b.Get("/files/" + file + "/original"); a.Status != want {
			t.Errorf("%q gets the file: %d, not %d", who, a.Status, want)
		}
	}
	client := ask[string](t, site, "select client_id from messages.conversation where id = ?", id)
	ben.Open("/office/messages/new?client="+client).Fill("Subject", "Handover day").Fill("Message", "Is the 12th good?").Press("Send")
	ben.Sees(t, "Handover day", "Is the 12th good?")
	site.As("ana").Open("/portal/all/messages").Sees(t, "Handover day")
	ben.Open("/office/messages/new?client="+client).Fill("Subject", "Between us").Fill("Message", "They pay late.").Tick("For staff only").Press("Send")
	ben.Sees(t, "Between us", "Staff only")
	site.As("ana").Open("/portal/all/messages").SeesNot(t, "Between us", "They pay late")
	site.As("ana").Open("/portal/all/messages/"+thread(t, site, "Between us")).Has(t, 404)
	if a := site.As("ana").Get("/portal/all/messages/" + thread(t, site, "Between us") + "/messages"); a.Status != 404 {
		t.Errorf("the thread alone: %d", a.Status)
	}
}

func thread2(t *testing.T, site *portaltest.Site, subject string) string {
	return ask[string](t, site, "select id from messages.conversation where subject = ? order by created_at limit 1", subject)
}

func TestAMailTellsOfWhatWasNotRead(t *testing.T) {
	site := open(t)
	id := thread(t, site, tile)
	ben := site.As("ben")
	for i := range 3 {
		ben.Open("/office/messages/"+id).Fill("Your message", fmt.Sprintf("Part %d of it", i+1)).Press("Send")
	}
	before := len(site.Mails())
	site.Develop(t)
	mails := site.Mails()[before:]
	n := 0
	for _, m := range mails {
		if strings.Contains(m.Subject, tile) {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d mails of three messages", n)
	}
	if m := site.MailTo("ana"); !strings.Contains(m.Text, "Part 1 of it") || !strings.Contains(m.Text, "Part 3 of it") || strings.Contains(m.Text, "Supplier") {
		t.Errorf("ana got %s", m.Text)
	}
	if n := len(site.Mails()); n != before+len(mails) {
		t.Error("a mail came twice")
	}
	// what was read meanwhile, and what may not be read any more, is not told
	ben.Open("/office/messages/"+id).Fill("Your message", "Read at once").Press("Send")
	change(t, site, "update messages.reading set read_to = now() + interval '1 minute' where as_client")
	before = len(site.Mails())
	site.Develop(t)
	change(t, site, "update messages.reading set read_to = now()")
	ben.Open("/office/messages/"+id).Fill("Your message", "Never seen").Press("Send")
	change(t, site, `update client set portal_on = false where name like '%Rivera%'`)
	site.Develop(t)
	for _, m := range site.Mails()[before:] {
		if m.Recipient == site.Person("ana").Email {
			t.Errorf("ana was told: %s", m.Subject)
		}
	}
}
