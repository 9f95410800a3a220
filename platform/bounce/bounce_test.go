package bounce_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/bounce"
	"portico/platform/db"
	"portico/platform/invite"
	"portico/platform/mail/mailtest"
	"portico/platform/portaltest"
	"portico/platform/secret"
)

const hookPath = "/webhooks/mail/bounces"

const shown = "a secret of thirty characters."

func open(t *testing.T) (site *portaltest.Site, at string) {
	t.Helper()
	site = portaltest.Configured(t, map[string]string{"PORTICO_BOUNCE_ADDRESS": "bounce@bounces.acme.com", "PORTICO_BOUNCE_SECRET": shown})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- site.Bounces.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the receiver ended with %v", err)
		}
	})
	return site, l.Addr().String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// invited mails Lucía an invitation.
func invited(t *testing.T, site *portaltest.Site) mailtest.Mail {
	t.Helper()
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		var contact uuid.UUID
		if err := tx.NewRaw("select id from contact where name = 'Lucía Rivera'").Scan(ctx, &contact); err != nil {
			return err
		}
		return invite.Invite(ctx, tx, auth.System(site.FirmID()), contact, "")
	})
	must(t, err)
	mail := site.MailTo("lucia.rivera@example.com")
	site.Settle(t) // its row is written after the server has taken it
	return mail
}

func report(t *testing.T, name string, about mailtest.Mail) string {
	t.Helper()
	raw, err := os.ReadFile("../mail/testdata/reports/" + name + ".eml")
	must(t, err)
	text := strings.ReplaceAll(string(raw), "bounce+token@bounces.acme.com", about.Sender)
	return strings.ReplaceAll(text, "<0193678e-4c5b-7a11-8f00-6b0f5f3d2c11@acme.com>", about.Headers.Get("Message-Id"))
}

type fate struct {
	State   string
	Reports int
	Bounced bool
	Reason  string
	Told    int
}

func fateOf(t *testing.T, site *portaltest.Site) (f fate) {
	t.Helper()
	must(t, site.DB(t).NewRaw(`
		select m.state, (select count(*) from mail_bounce b where b.mail_id = m.id) as reports, ct.bounced_at is not null as bounced,
			ct.bounce_reason as reason, (select count(*) from activity a where a.verb = 'contact.bounced') as told
		from contact ct
		join mail m on m.contact_id = ct.id
		where ct.name = 'Lucía Rivera'`).Scan(t.Context(), &f))
	return f
}

func TestAReportMarksTheContactOnce(t *testing.T) {
	site, at := open(t)
	mail := invited(t, site)
	if !strings.HasPrefix(mail.Sender, "bounce+") || !strings.HasSuffix(mail.Sender, "@bounces.acme.com") || strings.Contains(mail.Sender, "lucia") {
		t.Fatalf("reports go to %s", mail.Sender)
	}
	must(t, smtp.SendMail(at, nil, "", []string{mail.Sender}, []byte(report(t, "postfix_delayed", mail))))
	if f := fateOf(t, site); f.Bounced || f.Reports != 1 || f.State != "sent" {
		t.Errorf("after a delay: %+v", f)
	}
	must(t, smtp.SendMail(at, nil, "", []string{mail.Sender}, []byte(report(t, "holiday", mail))))
	for range 2 {
		must(t, smtp.SendMail(at, nil, "mailer-daemon@mx.example.com", []string{strings.ToUpper(mail.Sender)}, []byte(report(t, "postfix", mail))))
	}
	f := fateOf(t, site)
	if !f.Bounced || f.Reports != 2 || f.State != "bounced" || f.Told != 1 || !strings.Contains(f.Reason, "User unknown") || strings.Contains(f.Reason, "@") {
		t.Errorf("after a failure, told twice: %+v", f)
	}
	must(t, smtp.SendMail(at, nil, "", []string{mail.Sender}, []byte(report(t, "gmail", mail))))
	if f := fateOf(t, site); f.Told != 1 || f.Reports != 3 || !strings.Contains(f.Reason, "User unknown") {
		t.Errorf("after another word: %+v", f)
	}
}

// TestAReportSettlesADoubtfulMail: whoever speaks of a mail has seen it.
func TestAReportSettlesADoubtfulMail(t *testing.T) {
	site, at := open(t)
	mail := invited(t, site)
	doubt := func() {
		_, err := site.DB(t).NewRaw("update mail set state = 'unsure' where kind = 'door:invite'").Exec(t.Context())
		must(t, err)
	}
	doubt()
	must(t, smtp.SendMail(at, nil, "", []string{mail.Sender}, []byte(report(t, "postfix_delayed", mail))))
	if f := fateOf(t, site); f.Bounced || f.State != "sent" {
		t.Errorf("after a delay: %+v", f)
	}
	doubt()
	must(t, smtp.SendMail(at, nil, "", []string{mail.Sender}, []byte(report(t, "postfix", mail))))
	if f := fateOf(t, site); !f.Bounced || f.State != "bounced" {
		t.Errorf("after a failure: %+v", f)
	}
}

func TestNobodyElseIsTakenIn(t *testing.T) {
	site, at := open(t)
	mail := invited(t, site)
	token := strings.TrimPrefix(strings.TrimSuffix(mail.Sender, "@bounces.acme.com"), "bounce+")
	flipped := "a" + token[1:]
	if token[0] == 'a' {
		flipped = "b" + token[1:]
	}
	for _, to := range []string{
		"bounce+" + flipped + "@bounces.acme.com", "bounce+" + token[:len(token)-1] + "@bounces.acme.com", "bounce@bounces.acme.com",
		"bounce+" + token + "@elsewhere.com", "postmaster@bounces.acme.com", "victim@example.com", "bounce+@bounces.acme.com",
	} {
		if err := smtp.SendMail(at, nil, "", []string{to}, []byte(report(t, "postfix", mail))); err == nil || !strings.Contains(err.Error(), "550") {
			t.Errorf("%s is taken: %v", to, err)
		}
	}
	if f := fateOf(t, site); f.Bounced || f.Reports != 0 {
		t.Errorf("forged: %+v", f)
	}
	other := bounce.OpenAddress("bounce@bounces.acme.com", secret.NewKey())
	if _, ok := other.Mail(mail.Sender); ok {
		t.Error("another installation's token is taken")
	}
}

func TestAMailServiceReportsByWebhook(t *testing.T) {
	site, _ := open(t)
	mail := invited(t, site)
	b := site.Stranger()
	sign := func(body string) string {
		mac := hmac.New(sha256.New, []byte(shown))
		mac.Write([]byte(body))
		return "sha256=" + hex.EncodeToString(mac.Sum(nil))
	}
	send := func(kind, body string, headers ...string) portaltest.Answer {
		return b.Ask("POST", hookPath, strings.NewReader(body), append([]string{"Content-Type", kind, "Sec-Fetch-Site", "", "Origin", ""}, headers...)...)
	}
	id := mail.Headers.Get("Message-Id")
	soft := fmt.Sprintf(`{"message_id": %q, "status": "4.2.2", "reason": "mailbox of lucia.rivera@example.com is full"}`, id)
	hard := fmt.Sprintf(`[{"message_id": %q, "status": "5.1.1", "reason": "no such user"}]`, id)
	for what, a := range map[string]portaltest.Answer{
		"no proof":          send("application/json", hard),
		"another secret":    send("application/json", hard, "Authorization", "Bearer a secret of someone else's."),
		"another body":      send("application/json", hard, "X-Portico-Signature", sign(soft)),
		"no hex":            send("application/json", hard, "X-Portico-Signature", "sha256=zz"),
		"an empty secret":   send("application/json", hard, "Authorization", "Bearer "),
		"a foreign page's":  send("application/json", hard, "Sec-Fetch-Site", "cross-site"),
		"an empty key's":    send("application/json", hard, "X-Portico-Signature", ""),
		"a proof for basic": send("application/json", hard, "Authorization", "Basic "+shown),
	} {
		if a.Status != 401 {
			t.Errorf("%s: %d", what, a.Status)
		}
	}
	for body, want := range map[string]string{
		`{`: "cannot be read", `"x"`: "cannot be read", `{"message_id":"x","status":"5.1.1"}`: "not one of our mails",
		fmt.Sprintf(`{"message_id":%q,"status":"2.0.0"}`, id): "not like 5.1.1",
	} {
		if a := send("application/json", body, "X-Portico-Signature", sign(body)); a.Status != 400 || !strings.Contains(string(a.Body), want) {
			t.Errorf("%s: %d %s", body, a.Status, a.Body)
		}
	}
	if f := fateOf(t, site); f.Reports != 0 {
		t.Errorf("something of it was kept: %+v", f)
	}
	if a := send("application/json", soft, "X-Portico-Signature", sign(soft)); a.Status != 204 {
		t.Errorf("soft: %d %s", a.Status, a.Body)
	}
	if f := fateOf(t, site); f.Bounced || f.Reports != 1 {
		t.Errorf("soft: %+v", f)
	}
	for range 2 {
		if a := send("application/json", hard, "Authorization", "Bearer "+shown); a.Status != 204 {
			t.Errorf("hard: %d %s", a.Status, a.Body)
		}
	}
	if f := fateOf(t, site); !f.Bounced || f.Reports != 2 || f.Told != 1 || f.Reason != "5.1.1 no such user" {
		t.Errorf("hard: %+v", f)
	}
	for _, name := range []string{"exchange", "gmail"} { // as they came
		body := report(t, name, mail)
		if a := send("message/rfc822", body, "X-Portico-Signature", sign(body)); a.Status != 204 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	if f := fateOf(t, site); f.Reports != 4 {
		t.Errorf("raw: %+v", f)
	}
	early := fmt.Sprintf(`{"message_id":"%s@x","status":"5.1.1"}`, uuid.Must(uuid.NewV7()))
	if a := send("application/json", early, "X-Portico-Signature", sign(early)); a.Status != 503 {
		t.Errorf("quicker than our own row: %d", a.Status)
	}
}

func TestWithoutASecretThereIsNoWebhook(t *testing.T) {
	site := portaltest.Open(t)
	if a := site.Stranger().Post(hookPath, nil, "Authorization", "Bearer "); a.Status != 404 {
		t.Errorf("%d", a.Status)
	}
}
