package users_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/users"
	"portico/platform/auth"
	"portico/platform/db"
	invitation "portico/platform/invite"
	"portico/platform/portaltest"
)

// bar disables, or enables, contacts by the pages of the list, as an admin.
func bar(t *testing.T, site *portaltest.Site, what string, contacts ...uuid.UUID) {
	t.Helper()
	query := url.Values{}
	for _, c := range contacts {
		query.Add("id", c.String())
	}
	priya := site.As("priya").Open("/office/users/" + what + "?" + query.Encode())
	priya.Press(map[string]string{"disabled": "Disable access of", "enabled": "Enable access of"}[what]).Has(t, 200)
}

func TestDisablingEndsPagesAtOnceAndEnablingDoesNotBringThemBack(t *testing.T) {
	site := portaltest.Open(t, users.Module)
	ana, session := site.Person("ana"), site.Session("ana")
	in := func() bool {
		b := site.Browser()
		b.SetSession(session)
		return strings.HasPrefix(b.Get("/portal").Header.Get("Location"), "/portal/")
	}
	if !in() {
		t.Fatal("Ana is not in to begin with")
	}
	bar(t, site, "disabled", ana.ContactID)
	if in() {
		t.Error("Ana is still in")
	}
	site.As("ben").Open("/office/users?state=disabled").Sees(t, "Ana Rivera")
	bar(t, site, "enabled", ana.ContactID)
	if in() {
		t.Error("an ended session lives again")
	}
	if fresh := site.Session("ana"); fresh == "" {
		t.Error("Ana cannot come in anew")
	}
	site.As("ben").Open("/office/users?q=ana.rivera").Sees(t, "Accepted", "1") // one session
}

func TestDisablingEndsFilesAtOnce(t *testing.T) {
	site := portaltest.Open(t, users.Module)
	ana := site.Person("ana")
	file := uuid.New()
	do(t, site, `
		insert into file (firm_id, id, purpose, audience, client_id, name, media, size, sha256, state)
		values (?, ?, 'photo', 'client', ?, 'plan.txt', 'text/plain', 4, '', 'ready')`, site.FirmID(), file, ana.ClientID)
	key := fmt.Sprintf("%s/%s", site.FirmID(), file)
	b, stranger := site.As("ana"), site.Stranger()
	before, other := b.Get("/files/"+file.String()), stranger.Get("/files/"+file.String())
	if before.Status == other.Status && string(before.Body) == string(other.Body) {
		t.Fatalf("Ana does not reach the file %s to begin with: %d", key, before.Status)
	}
	bar(t, site, "disabled", ana.ContactID)
	if after := b.Get("/files/" + file.String()); after.Status != other.Status {
		t.Errorf("after that the file answers %d, to a stranger %d", after.Status, other.Status)
	}
}

func TestDisablingCutsLiveStreams(t *testing.T) {
	site := portaltest.Open(t, users.Module)
	site.Web.Streams.Beat = 50 * time.Millisecond
	c, err := net.Dial("tcp", site.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(60 * time.Second))
	fmt.Fprintf(c, "GET /live HTTP/1.1\r\nHost: %s\r\nCookie: portico=%s\r\n\r\n", strings.TrimPrefix(site.URL(), "http://"), site.Session("ana"))
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || answer.StatusCode != 200 {
		t.Fatalf("no stream: %v", err)
	}
	in := bufio.NewReader(answer.Body)
	if line, err := in.ReadString('\n'); err != nil {
		t.Fatalf("the stream does not begin: %q %v", line, err)
	}
	bar(t, site, "disabled", site.Person("ana").ContactID)
	if _, err := io.ReadAll(in); err != nil { // to its end, not to its deadline
		t.Errorf("the stream goes on: %v", err)
	}
}

// asked invites somebody as the program does, and gives the mail.
func asked(t *testing.T, site *portaltest.Site, contact uuid.UUID) {
	t.Helper()
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		return invitation.Invite(ctx, tx, auth.System(site.FirmID()), contact, "")
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDisablingEndsLinksAndCodes(t *testing.T) {
	site := portaltest.Open(t, users.Module)
	wei := site.Person("wei")
	asked(t, site, wei.ContactID)
	invited := site.MailTo("wei")
	ana := site.Person("ana")
	site.Browser().Open("/sign-in").Fill("Email", ana.Email).Press("Email me a link")
	signIn := site.MailTo("ana")
	bar(t, site, "disabled", wei.ContactID, ana.ContactID)
	for who, mail := range map[string]string{"Wei": portaltest.MailedLink(t, invited), "Ana": portaltest.MailedLink(t, signIn)} {
		b := site.Browser().Open(mail)
		if b.Status() == 200 {
			t.Errorf("%s's link still opens:\n%s", who, b.Text())
		}
	}
	_, after, _ := strings.Cut(invited.Text, "this code:")
	code := strings.Fields(after)[0]
	b := site.Browser().Open("/sign-in/code").Fill("Your email", wei.Email).Fill("Code", code).Press("Sign in")
	if strings.HasPrefix(b.Path(), "/portal") || strings.HasPrefix(b.Path(), "/welcome") {
		t.Errorf("the code leads to %s", b.Path())
	}
	// enabled again, what was mailed before stays ended
	bar(t, site, "enabled", wei.ContactID)
	site.Browser().Open(portaltest.MailedLink(t, invited)).Has(t, 410)
}

func TestDisablingStopsQueuedMails(t *testing.T) {
	site := portaltest.Open(t, users.Module)
	wei, ana := site.Person("wei"), site.Person("ana")
	asked(t, site, wei.ContactID)
	site.Browser().Open("/sign-in").Fill("Email", ana.Email).Press("Email me a link")
	bar(t, site, "disabled", wei.ContactID, ana.ContactID)
	for _, m := range site.Mails() {
		if m.Recipient == wei.Email || m.Recipient == ana.Email {
			t.Errorf("%s still got %q", m.Recipient, m.Subject)
		}
	}
}

func TestAnotherFirmsContactsAreNotChanged(t *testing.T) {
	site := portaltest.Open(t, users.Module)
	ruth, lina := site.Firm("harbor").Person("ruth").ContactID, site.Person("lina").ContactID
	rows := func() string {
		var all string
		err := site.DB(t).NewRaw("select string_agg(ct::text, '|' order by id) from contact ct where firm_id = ?", site.Firm("harbor").FirmID()).Scan(t.Context(), &all)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	before := rows()
	priya := site.As("priya")
	ids := url.Values{"id": {ruth.String(), lina.String(), uuid.NewString()}}
	priya.Open("/office/users/invitation?"+ids.Encode()).Sees(t, "1 contact will be invited", "Lina Haddad").SeesNot(t, "Ruth")
	ids.Set("rate", "6000")
	ids.Set("key", uuid.NewString())
	priya.Post("/office/users/sendings", ids)
	priya.Post("/office/users/disabled", url.Values{"id": {ruth.String()}})
	priya.Post("/office/users/enabled", url.Values{"id": {ruth.String()}})
	finished(t, site)
	if rows() != before {
		t.Error("a contact of another firm was changed")
	}
	if got := mailsTo(site); len(got) != 1 || got["lina@haddad.example"] == nil {
		t.Errorf("mailed: %v", got)
	}
	sending := number(t, site, "select count(*) from users.sending where firm_id = ?", site.FirmID())
	if sending != 2 {
		t.Errorf("%d sendings", sending)
	}
	var id string
	if err := site.DB(t).NewRaw("select id::text from users.sending where firm_id = ? limit 1", site.FirmID()).Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	noor := site.Firm("harbor").As("noor")
	for _, path := range []string{"", "/pause", "/end"} {
		method := map[string]string{"": "GET"}[path]
		if method == "" {
			method = "POST"
		}
		if a := noor.Ask(method, "/office/users/sendings/"+id+path, nil); a.Status != 404 {
			t.Errorf("%s answers %d to another firm", path, a.Status)
		}
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	site := portaltest.Open(t, users.Module)
	lina := url.Values{"id": {site.Person("lina").ContactID.String()}}
	ben := site.As("ben").Open("/office/users")
	ben.Sees(t, "Send portal invite", "Send again").SeesNot(t, "Disable access")
	for _, what := range []string{"disabled", "enabled"} { // for admins
		if a := ben.Get("/office/users/" + what + "?" + lina.Encode()); a.Status != 404 {
			t.Errorf("%s answers a member %d", what, a.Status)
		}
		if a := ben.Post("/office/users/"+what, lina); a.Status != 404 {
			t.Errorf("%s answers a member's press %d", what, a.Status)
		}
	}
	ana := site.As("ana")
	for _, path := range []string{"", "/sendings", "/invitation", "/list.csv"} {
		if a := ana.Get("/office/users" + path); a.Status != 404 {
			t.Errorf("%s answers a client %d", path, a.Status)
		}
	}
	if a := ana.Post("/office/users/sendings", lina); a.Status != 404 {
		t.Errorf("a client's press answers %d", a.Status)
	}
	if n := number(t, site, "select count(*) from contact where disabled_at > now() - interval '1 hour' or invited_at > now() - interval '1 hour'"); n != 0 {
		t.Errorf("%d contacts were changed", n)
	}
	// without the firm's portal there is nothing to press
	do(t, site, "update firm set portal_on = false where firm_id = ?", site.FirmID())
	ben.Open("/office/users").Sees(t, "The firm’s portal is off: nobody can be invited yet.").SeesNot(t, "Send portal invite")
	ben.Open("/office/users/invitation?"+lina.Encode()).Sees(t, "The firm’s portal is off").SeesNot(t, "Send 1 invitation")
	lina.Set("rate", "60")
	lina.Set("key", uuid.NewString())
	if a := ben.Post("/office/users/sendings", lina); a.Status != 409 && a.Status != 422 {
		t.Errorf("a sending without a portal answers %d", a.Status)
	}
}

func TestTheExportRunsNothing(t *testing.T) {
	site := portaltest.Open(t, users.Module)
	do(t, site, "update contact set name = '=cmd|calc' where name = 'Lina Haddad'")
	a := site.As("ben").Get("/office/users/list.csv")
	if text := string(a.Body); a.Status != 200 || !strings.Contains(text, "'=cmd|calc") || strings.Count(text, "\n") != 13 {
		t.Errorf("%d:\n%s", a.Status, text)
	}
	if text := string(site.As("ben").Get("/office/users/list.csv?state=bounced").Body); strings.Count(text, "\n") != 2 {
		t.Errorf("only the bounced ones:\n%s", text)
	}
}
