package inbound_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/google/uuid"

	"portico/platform/domain"
	"portico/platform/domain/dnstest"
	"portico/platform/inbound"
)

// signer signs mails for a domain, and has its key published.
func signer(t *testing.T, dns *dnstest.Server, domain string) func(raw string, heads ...string) string {
	t.Helper()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	dns.Say("mail._domainkey."+domain, "v=DKIM1; k=ed25519; p="+base64.StdEncoding.EncodeToString(public))
	return func(raw string, heads ...string) string {
		t.Helper()
		if len(heads) == 0 {
			heads = []string{"From", "To", "Subject", "Message-ID"}
		}
		var out bytes.Buffer
		err := dkim.Sign(&out, strings.NewReader(raw), &dkim.SignOptions{Domain: domain, Selector: "mail", Signer: key, Hash: crypto.SHA256, HeaderKeys: heads,
			HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed})
		if err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
}

// TestWhoVouchesForAMail tries what a mail can bring with it: only a signature of the author's domain, for the address that
// the mail came to, and the word of our own relay count.
func TestWhoVouchesForAMail(t *testing.T) {
	dns := dnstest.Start(t)
	sign, evil, sub, own := signer(t, dns, "northgate.example"), signer(t, dns, "evil.example"), signer(t, dns, "news.northgate.example"), signer(t, dns, "co.uk")
	unpublished := signer(t, dns, "forgotten.example")
	dns.Say("mail._domainkey.forgotten.example")
	var k kept
	d, place := desk(&k), uuid.Must(uuid.NewV7())
	d.DNS = domain.DNS{Server: dns.Address}
	to := d.Address.For(place)
	mail := func(from string) string {
		return "From: Ben <" + from + ">\r\nTo: Northgate <" + to + ">\r\nSubject: Re: tile\r\nMessage-ID: <one@mail.example.com>\r\n\r\nOrder it.\r\n"
	}
	plain := mail("ben@northgate.example")
	other := strings.Replace(plain, to, "eve@evil.example", 1)
	line := func(text string) string { return "Authentication-Results: " + text + "\r\n" + plain }
	for name, try := range map[string]struct {
		relay, raw string
		want       inbound.Word
	}{
		"nothing":                         {"", plain, inbound.Silent},
		"signed":                          {"", sign(plain), inbound.Vouched},
		"signed by the domain above":      {"", sign(mail("ben@office.northgate.example")), inbound.Vouched},
		"signed by a domain below":        {"", sub(plain), inbound.Silent},
		"signed by everybody's domain":    {"", own(mail("ben@firm.co.uk")), inbound.Silent},
		"signed by somebody else":         {"", evil(plain), inbound.Silent},
		"and by both":                     {"", evil(sign(plain)), inbound.Vouched},
		"changed on the way":              {"", strings.Replace(sign(plain), "Order it", "Pay me", 1), inbound.Denied},
		"changed, and signed by another":  {"", evil(strings.Replace(sign(plain), "Order it", "Pay me", 1)), inbound.Denied},
		"the key is gone":                 {"", unpublished(mail("ben@forgotten.example")), inbound.Denied},
		"written to somebody else":        {"", sign(other), inbound.Silent},
		"and addressed anew":              {"", "To: <" + to + ">\r\n" + sign(other), inbound.Silent},
		"addressed where nothing is seen": {"", "Cc: <" + to + ">\r\n" + sign(other), inbound.Silent},
		"another author before":           {"", "From: Ben <ben@northgate.example>\r\n" + sign(mail("eve@northgate.example")), inbound.Silent},
		"two authors in a line":           {"", sign(strings.Replace(plain, "From: ", "From: Eve <eve@evil.example>, ", 1)), inbound.Silent},
		"a line of anybody":               {"", line("mx.evil.example; dmarc=pass header.from=northgate.example"), inbound.Silent},
		"a bad line of anybody":           {"", line("mx.evil.example; dmarc=fail header.from=northgate.example"), inbound.Silent},
		"a line of another than ours":     {"mx.northgate.example", line("mx.evil.example; dmarc=pass"), inbound.Silent},
		"our relay's":                     {"mx.northgate.example", line("MX.northgate.example; spf=pass smtp.mailfrom=northgate.example; dmarc=pass (p=none; dis=none) header.from=northgate.example"), inbound.Vouched},
		"our relay finds it bad":          {"mx.northgate.example", "Authentication-Results: mx.northgate.example; dmarc=fail\r\n" + sign(plain), inbound.Denied},
		"our relay says nothing of it":    {"mx.northgate.example", line("mx.northgate.example; spf=pass"), inbound.Silent},
		"but it is signed":                {"mx.northgate.example", "Authentication-Results: mx.northgate.example; dmarc=none\r\n" + sign(plain), inbound.Vouched},
		"of another author":               {"mx.northgate.example", line("mx.northgate.example; dmarc=pass header.from=evil.example"), inbound.Silent},
		"the sender's words in it":        {"mx.northgate.example", line(`mx.northgate.example; spf=pass smtp.mailfrom="; dmarc=pass "@evil.example`), inbound.Silent},
		"the sender's words in a comment": {"mx.northgate.example", line(`mx.northgate.example; spf=none (hello of (x); dmarc=pass )`), inbound.Silent},
		"a line below the relay's":        {"mx.northgate.example", "Authentication-Results: mx.northgate.example; dmarc=none\r\n" + line("mx.northgate.example; dmarc=pass"), inbound.Silent},
		"our relay's, of an old mail":     {"mx.northgate.example", strings.Replace(line("mx.northgate.example; dmarc=pass"), to, "eve@evil.example", 1), inbound.Silent},
		"other ends of lines":             {"", strings.ReplaceAll(sign(plain), "\r\n", "\n"), inbound.Vouched},
		"no mail at all":                  {"", "\x00\x01", inbound.Silent},
	} {
		t.Run(name, func(t *testing.T) {
			k.came, d.Relay = nil, try.relay
			status, text, err := d.Hook(t.Context(), inbound.Hooked{Authorization: "Bearer " + d.Secret, Recipient: to, Body: []byte(try.raw)})
			if err != nil || status != 204 || len(k.came) != 1 {
				t.Fatal(status, text, err)
			}
			if got := k.came[0].Word; got != try.want {
				t.Errorf("the word is %q, not %q", got, try.want)
			}
		})
	}
	dns.Break(true)
	k.came, d.Relay = nil, ""
	if _, _, err := d.Hook(t.Context(), inbound.Hooked{Authorization: "Bearer " + d.Secret, Recipient: to, Body: []byte(sign(plain))}); err != nil || k.came[0].Word != inbound.Silent {
		t.Errorf("while the DNS is broken the word is %q, %v", k.came[0].Word, err)
	}
}
