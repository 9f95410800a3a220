package messages_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net"
	"net/smtp"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"portico/modules/messages"
	"portico/platform/domain/dnstest"
	"portico/platform/portaltest"
)

// mailbox is a site that takes answers by SMTP, and where it does.
func mailbox(t *testing.T) (site *portaltest.Site, at string, sign func(domain, mail string) string) {
	t.Helper()
	dns := dnstest.Start(t)
	site = portaltest.Configured(t, map[string]string{
		"PORTICO_REPLY_ADDRESS": "reply@replies.example.com", "PORTICO_REPLY_RELAY": "mx.example.com", "PORTICO_DNS": dns.Address,
	}, messages.Module)
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	dns.Say("mail._domainkey.northgate.example", "v=DKIM1; k=ed25519; p="+base64.StdEncoding.EncodeToString(public))
	dns.Say("mail._domainkey.example.com", "v=DKIM1; k=ed25519; p="+base64.StdEncoding.EncodeToString(public))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- site.Replies.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return site, l.Addr().String(), func(domain, mail string) string {
		var out bytes.Buffer
		err := dkim.Sign(&out, strings.NewReader(mail), &dkim.SignOptions{Domain: domain, Selector: "mail", Signer: key, Hash: crypto.SHA256})
		if err != nil {
			t.Error(err)
		}
		return out.String()
	}
}

func answer(from, to, id, extra, text string) string {
	return strings.ReplaceAll(fmt.Sprintf("From: %s\nTo: <%s>\nSubject: Re: tile\nMessage-ID: <%s@mail.example.com>\n%sMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n%s\n\nOn Tue, Nov 3, 2026 at 9:12 AM Northgate <%s> wrote:\n> old words\n", from, to, id, extra, text, to), "\n", "\r\n")
}

func TestAnAnswerByMailLandsInItsConversation(t *testing.T) {
	site, at, _ := mailbox(t)
	id := thread(t, site, tile)
	ben := site.As("ben")
	ben.Open("/office/messages/"+id).Fill("Your message", "Shall we order?").Press("Send")
	site.Develop(t)
	notice := site.MailTo("ana")
	to := notice.ReplyTo.Address
	if !strings.HasPrefix(to, "reply+") || !strings.Contains(notice.Text, "simply answer this mail") {
		t.Fatalf("the notice is answered at %q", to)
	}
	ana := "Ana Rivera <ana.rivera@example.com>"
	send := func(envelope, to, mail string) error {
		return smtp.SendMail(at, nil, envelope, []string{to}, []byte(mail))
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the same mail twice is one message
		must(send("ana.rivera@example.com", to, answer(ana, to, "one", "", "Yes, order it.")))
	}
	site.Settle(t)
	ben.Open("/office/messages/"+id).Sees(t, "Yes, order it.", "by mail").SeesNot(t, "old words")
	if n := ask[int](t, site, "select count(*) from messages.message where body like '%Yes, order it.%'"); n != 1 {
		t.Errorf("it was said %d times", n)
	}
	// machines, and made up addresses
	must(send("ana.rivera@example.com", to, answer(ana, to, "two", "Auto-Submitted: auto-replied\n", "I am on holiday.")))
	must(send("", to, answer("Mail Delivery <mailer-daemon@example.com>", to, "three", "", "It failed.")))
	wrong := "reply+" + strings.Repeat("a", 42) + "@replies.example.com"
	if err := send("ana.rivera@example.com", wrong, answer(ana, wrong, "four", "", "Let me in")); err == nil || !strings.Contains(err.Error(), "550") {
		t.Errorf("a made up address: %v", err)
	}
	if err := send("ana.rivera@example.com", "someone@elsewhere.example", answer(ana, to, "five", "", "Relay me")); err == nil {
		t.Error("it relays")
	}
	// another sender, and one of whom a server says that it is forged
	must(send("eve@evil.example", to, answer("Eve <eve@evil.example>", to, "six", "", "Pay to my account")))
	must(send("ana.rivera@example.com", to, answer(ana, to, "seven", "Authentication-Results: mx.example.com; dmarc=fail\n", "Pay to another account")))
	site.Settle(t)
	ben.Open("/office/messages/"+id).SeesNot(t, "holiday", "It failed", "Pay to", "Let me in").Sees(t, "2 mails wait")
	site.As("ana").Open("/portal/all/messages/"+id).SeesNot(t, "Pay to", "mails wait")
	ben.Open("/office/messages/mails").Sees(t, "eve@evil.example", "Pay to my account", "another address", "does not come from whom it says")
	ben.In("Pay to another account").Press("Put it in as Ana Rivera’s")
	ben.Sees(t, "Pay to another account")
	ben.Open("/office/messages/mails").Press("Discard")
	ben.Open("/office/messages/mails").Sees(t, "No mail waits")
	if n := ask[int](t, site, "select count(*) from file where name = 'mail.eml'"); n != 0 {
		t.Errorf("%d mails are kept as they came", n)
	}
	// without the right no answer comes in
	change(t, site, `update contact set rights = array_remove(rights, 'send_messages') where name like 'Ana%'`)
	must(send("ana.rivera@example.com", to, answer(ana, to, "eight", "", "Am I still in?")))
	site.Settle(t)
	ben.Open("/office/messages/mails").Sees(t, "Am I still in?", "may not write here any more")
}

// TestASignatureOfAClientThatDoesNotHold is a reason to look twice; none at all, or the word of a stranger, is not.
func TestASignatureOfAClientThatDoesNotHold(t *testing.T) {
	site, at, sign := mailbox(t)
	id := thread(t, site, tile)
	ben := site.As("ben")
	ben.Open("/office/messages/"+id).Fill("Your message", "Shall we order?").Press("Send")
	site.Develop(t)
	to, ana := site.MailTo("ana").ReplyTo.Address, "Ana Rivera <ana.rivera@example.com>"
	for _, mail := range []string{
		sign("example.com", answer(ana, to, "one", "", "It is signed.")),
		answer(ana, to, "two", "Authentication-Results: mx.evil.example; dmarc=fail\n", "A stranger doubts it."),
		strings.Replace(sign("example.com", answer(ana, to, "three", "", "Pay the firm.")), "Pay the firm.", "Pay me now!!!", 1),
	} {
		if err := smtp.SendMail(at, nil, "ana.rivera@example.com", []string{to}, []byte(mail)); err != nil {
			t.Fatal(err)
		}
	}
	site.Settle(t)
	ben.Open("/office/messages/"+id).Sees(t, "It is signed.", "A stranger doubts it.", "1 mail waits").SeesNot(t, "Pay me")
}

func TestAnAnswerOfStaffToANoteStaysANote(t *testing.T) {
	site, at, sign := mailbox(t)
	id := thread(t, site, tile)
	site.As("maria").Open("/office/messages/"+id).Fill("Your message", "CANARY between us").Tick("Internal note").Press("Send")
	site.Develop(t)
	notice := site.MailTo("ben")
	to := notice.ReplyTo.Address
	if !strings.Contains(notice.Text, "CANARY") {
		t.Fatalf("ben got %s", notice.Text)
	}
	send := func(mail string) {
		t.Helper()
		if err := smtp.SendMail(at, nil, "ben@northgate.example", []string{to}, []byte(mail)); err != nil {
			t.Fatal(err)
		}
	}
	ben := "Ben <ben@northgate.example>"
	send(sign("northgate.example", answer(ben, to, "note", "", "CANARY I agree")))
	// in his name anybody could write: what nobody vouches for waits, whoever else signs it or says that it is good
	send(answer(ben, to, "forged", "", "CANARY pay to my account"))
	send(sign("example.com", answer(ben, to, "forged-2", "Authentication-Results: mx.evil.example; dmarc=pass\n", "CANARY pay to my other account")))
	send(strings.Replace(sign("northgate.example", answer(ben, to, "forged-3", "", "CANARY pay the firm")), "pay the firm", "pay me now!!", 1))
	send(answer(ben, to, "relayed", "Authentication-Results: mx.example.com; dmarc=pass header.from=northgate.example\n", "CANARY our relay knows me"))
	site.Settle(t)
	maria := site.As("maria").Open("/office/messages/"+id).Sees(t, "CANARY I agree", "CANARY our relay knows me").SeesNot(t, "CANARY pay")
	maria.Open("/office/messages/mails").Sees(t, "CANARY pay to my account", "CANARY pay to my other account", "pay me now!!", "Nobody vouches for its sender", "Its signature or your mail server")
	site.As("ana").Open("/portal/all/messages/"+id).SeesNot(t, "CANARY")
}

// TestNotesReachNoClient plants a word in every note and internal conversation, and looks for it in all that a client gets.
func TestNotesReachNoClient(t *testing.T) {
	site, _, _ := mailbox(t)
	id := thread(t, site, tile)
	change(t, site, "update messages.message set body = 'CANARY ' || body where internal")
	ben, client := site.As("ben"), site.Person("ana").ClientID.String()
	ben.Open("/office/messages/new?client="+client).Fill("Subject", "CANARY subject").Fill("Message", "CANARY body").Attach("Files", "CANARY.pdf", []byte("%PDF-1.4\nCANARY")).Tick("For staff only").Press("Send")
	ben.Open("/office/messages/"+id).Fill("Your message", "CANARY with a file").Tick("Internal note").Attach("Attach files", "CANARY-2.pdf", []byte("%PDF-1.4\nCANARY")).Press("Send")
	ben.Open("/office/messages/"+id).Fill("Your message", "Said to all.").Press("Send")
	site.Develop(t)
	secret := thread(t, site, "CANARY subject")
	files := ask[string](t, site, "select string_agg(file_id::text, ' ') from messages.attachment where name like 'CANARY%'")
	hx := []string{"HX-Request", "true"}
	for _, who := range []string{"ana", "tom"} {
		b := site.As(who)
		for _, path := range []string{
			"/portal/all", "/portal/all/messages", "/portal/all/messages?q=CANARY", "/portal/all/messages/" + id, "/portal/all/messages/" + id + "/messages",
			"/portal/all/messages/" + id + "/typing", "/portal/all/messages/" + secret, "/portal/all/cards/messages:unread", "/portal/maple-street/messages",
			"/portal/all/messages/new?about=messages&item=" + secret,
		} {
			for _, headers := range [][]string{nil, hx} {
				a := b.Get(path, headers...)
				if strings.Contains(strings.ReplaceAll(string(a.Body), "q=CANARY", ""), "CANARY b") || strings.Contains(string(a.Body), "CANARY w") || strings.Contains(string(a.Body), "CANARY S") || strings.Contains(string(a.Body), "CANARY-2") || strings.Contains(string(a.Body), "CANARY s") {
					t.Errorf("%s gets it at %s", who, path)
				}
			}
		}
		for _, file := range strings.Fields(files) {
			for _, variant := range []string{"original", "shown", "thumb", "large"} {
				if a := b.Get("/files/" + file + "/" + variant); a.Status != 404 {
					t.Errorf("%s gets a file of a note: %d", who, a.Status)
				}
			}
		}
	}
	for _, m := range site.Mails() {
		if m.Recipient != site.Person("ana").Email && m.Recipient != site.Person("tom").Email {
			continue
		}
		if strings.Contains(m.Text+m.HTML+m.Subject, "CANARY") {
			t.Errorf("%s gets a note by mail: %s", m.Recipient, m.Subject)
		}
	}
	if m := site.MailTo("ana"); !strings.Contains(m.Text, "Said to all.") {
		t.Errorf("ana was not told: %s", m.Text)
	}
}
