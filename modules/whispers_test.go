package modules_test

import (
	"bufio"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/platform/portaltest"
	"portico/platform/portaltest/loadtest"
)

// stream is what a live stream has said, byte by byte.
type stream struct {
	mu   sync.Mutex
	said strings.Builder
	more chan struct{}
}

func (s *stream) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.String()
}

// until waits for what the stream says sooner or later.
func (s *stream) until(t *testing.T, want string) {
	t.Helper()
	late := time.After(time.Minute)
	for !strings.Contains(s.text(), want) {
		select {
		case <-s.more:
		case <-late:
			t.Fatalf("the stream never says %q:\n%s", want, s.text())
		}
	}
}

func listen(t *testing.T, site *portaltest.Site, who string) *stream {
	t.Helper()
	conn, err := net.Dial("tcp", site.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.Write(loadtest.Ask("demo.localhost", "/live", site.Session(who))); err != nil {
		t.Fatal(err)
	}
	s := &stream{more: make(chan struct{}, 1)}
	go func() {
		for in := bufio.NewReader(conn); ; {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			s.mu.Lock()
			s.said.WriteString(line)
			s.mu.Unlock()
			select {
			case s.more <- struct{}{}:
			default:
			}
		}
	}()
	s.until(t, "welcome")
	return s
}

// TestWhatStaffDoAmongThemselvesIsNoNews: neither the raw stream of a client's open page says that there was something, nor
// do its pages, its search or the export of own data hold any of it.
func TestWhatStaffDoAmongThemselvesIsNoNews(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	project := one(t, site, "select id::text from project where key = 'maple-street' and firm_id = ?", site.FirmID())
	talk := one(t, site, "select id::text from messages.conversation where subject = 'Kitchen tile and the lead time'")
	wiring := one(t, site, "select id::text from schedule.item where title = 'Wiring' and project_id = ?", project)
	alter(t, site, "update schedule.item set internal_notes = 'CANARY-NOTES', vendor = 'CANARY-VENDOR'")
	alter(t, site, "update schedule.item set title = 'CANARY ' || title, client_text = 'CANARY-TEXT' where not client_visible")
	alter(t, site, "update schedule.item i set client_visible = false where exists (select from schedule.item w where w.phase_id = i.id and w.title = 'CANARY Wiring')")
	alter(t, site, "update messages.message set body = 'CANARY ' || body where internal")
	ben := site.As("ben")
	heard := listen(t, site, "ana")
	// a note, what is begun of one, a whole conversation; then the schedule, as far as it is hidden
	ben.Open("/office/messages/"+talk).Fill("Your message", "CANARY between us").Tick("Internal note").Press("Send")
	if a := ben.Post("/office/messages/"+talk+"/draft", url.Values{"body": {"CANARY I wonder"}, "internal": {"true"}}); a.Status >= 400 {
		t.Fatalf("a draft: %d", a.Status)
	}
	ben.Open("/office/messages/new?client="+site.Person("ana").ClientID.String()).Fill("Subject", "CANARY subject").Fill("Message", "CANARY body").Tick("For staff only").Press("Send")
	at := "/office/schedule/projects/" + project
	ben.Open(at+"/items/"+wiring).Fill("Internal notes", "CANARY-NEW").Press("Save")
	if a := ben.Post(at+"/items/"+wiring+"/progress", url.Values{"progress": {"50"}}); a.Status >= 400 {
		t.Fatalf("progress: %d", a.Status)
	}
	ben.Open(at+"/items/"+wiring+"/shift?start=2027-05-03").Fill("Reason", "CANARY-REASON").Press("Move")
	ben.Open(at + "?view=list").Press("Keep as a template")
	site.Settle(t)
	ben.Open("/office/messages/"+talk).Fill("Your message", "Said to all.").Untick("Internal note").Press("Send")
	heard.until(t, "event: messages")
	heard.until(t, "event: typing")
	heard.until(t, "event: unread")
	if events := strings.Count(heard.text(), "event:"); events != 3 { // of what was said to all
		t.Errorf("a client's page hears of what staff do among themselves:\n%s", heard.text())
	}
	secret := []string{"CANARY", wiring, one(t, site, "select id::text from messages.conversation where subject = 'CANARY subject'")}
	ana := site.As("ana")
	for _, path := range []string{
		"/portal/all", "/portal/all/search?q=between", "/portal/all/search?q=subject", "/portal/all/search?q=Wiring", "/portal/all/messages?q=between", "/portal/all/messages?box=unread",
		"/portal/maple-street/schedule?view=gantt", "/portal/maple-street/schedule?view=list&q=Wiring", "/portal/maple-street/schedule?view=month", "/portal/maple-street/schedule/changes",
	} {
		a := ana.Get(path)
		if a.Status != 200 {
			t.Errorf("%s: %d", path, a.Status)
		}
		for _, word := range secret {
			if strings.Contains(string(a.Body), word) {
				t.Errorf("%s holds %s", path, word)
			}
		}
	}
	own := unzipped(t, ana.Get("/portal/all/profile/export.zip").Body)
	if len(own) == 0 {
		t.Error("an empty export holds no secrets")
	}
	for name, text := range own {
		for _, word := range secret {
			if strings.Contains(name+text, word) {
				t.Errorf("the export of own data holds %s in %s", word, name)
			}
		}
	}
}
