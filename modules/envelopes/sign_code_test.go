package envelopes_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/modules/envelopes"
	"portico/platform/portaltest"
)

func TestACodeProvesTheMailbox(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	g := send(t, site, "Kitchen contract", false, asked{Who: "ana", Role: "signer", Bare: true, Code: true})
	b := site.Stranger()
	b.Open(g.At("ana")).Press("Read and sign").Sees(t, "Is it you?", "•••@")
	if got := b.Get(g.At("ana") + "/document").Status; got != 404 {
		t.Errorf("read without a code: %d", got)
	}
	if got := b.Post(g.At("ana")+"/signing", url.Values{"read": {"1"}}); got.Status != 303 {
		t.Errorf("%d", got.Status)
	}
	b.Press("Mail me a code").Sees(t, "We have mailed a code")
	first := codeIn(t, site.MailTo("ana").Text)
	for range 5 {
		b.Fill("Code from the message", "AAAA-AAAA").Press("Go on").Has(t, 422)
	}
	b.Fill("Code from the message", first).Press("Go on").Has(t, 422).Sees(t, "counts no more") // five tries are over
	b.Press("Mail another code")
	second := codeIn(t, site.MailTo("ana").Text)
	b.Fill("Code from the message", first).Press("Go on").Has(t, 422).Sees(t, "does not fit")
	b.Fill("Code from the message", second).Press("Go on").Has(t, 200).Sees(t, "1. Read")
	// the link alone, in another browser, proves nothing
	other := site.Stranger()
	other.Open(g.At("ana")+"/signing").Sees(t, "Is it you?")
	other.Open(g.At("ana") + "/code")
	// a few mails, then patience
	other.Press("Mail me a code")
	if got := other.Post(g.At("ana")+"/codes", url.Values{}); got.Status != 429 {
		t.Errorf("a fourth code: %d", got.Status)
	}
	b.Tick("I have read all 3 pages").Tick("I agree to use").Fill("Your full name", "Ana Rivera").Tick("mean my signature").Press("Sign contract").Has(t, 200).Sees(t, "All have signed")
	if got := happenings(t, site, g.ID); !strings.HasPrefix(got, "opened code_sent code_sent verified code_sent consented signed") {
		t.Error(got)
	}
	// a code is good for ten minutes
	g = send(t, site, "Second contract", false, asked{Who: "tom", Role: "signer", Bare: true, Code: true})
	tom := site.Stranger()
	tom.Open(g.At("tom")).Press("Read and sign").Press("Mail me a code")
	late := codeIn(t, site.MailTo("tom").Text)
	site.Advance(11 * time.Minute)
	tom.Post(g.At("tom")+"/code", url.Values{"code": {late}})
	tom.Open(g.At("tom")+"/signing").Sees(t, "Is it you?")
}

func TestSomebodyElseSignsInstead(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	g := send(t, site, "Kitchen contract", true, asked{Who: "ana", Role: "signer", Position: 1}, asked{Who: "tom", Role: "signer", Position: 2, Bare: true})
	b := site.Stranger()
	b.Open(g.At("ana")).Follow("Let somebody else sign")
	b.Fill("Full name", "Lena Rivera").Fill("Mail address", site.Person("ben").Email).Fill("Why not you?", "She is authorised").Press("Hand over").Has(t, 422).Sees(t, "Please agree first.")
	b.Tick("let this person act in my place").Press("Hand over").Has(t, 422).Sees(t, "may sign in your place")
	b.Fill("Mail address", site.Person("tom").Email).Press("Hand over").Has(t, 422).Sees(t, "one of the recipients already")
	b.Fill("Mail address", "Lena@Example.com").Press("Hand over").Has(t, 200).Sees(t, "You have handed this contract over", "Lena Rivera")
	if got := b.Get(g.At("ana") + "/document").Status; got != 404 {
		t.Errorf("the old link still reads: %d", got)
	}
	b.Open(g.At("ana")).SeesNot(t, "Read and sign")
	if n := count(t, site, `select count(*) from envelopes.field f join envelopes.recipient r on r.id = f.recipient_id where f.envelope_id = ? and r.email = 'lena@example.com'`, g.ID); n != 5 {
		t.Errorf("%d fields went over", n)
	}
	if got := line(t, site, `select note from envelopes.event where envelope_id = ? and kind = 'forwarded'`, g.ID); got != "to Lena Rivera, lena@example.com: She is authorised" {
		t.Error(got)
	}
	if m := site.MailTo("maria"); !strings.Contains(m.Subject, "handed “Kitchen contract” over") {
		t.Error(m.Subject)
	}
	// the new one types a code, and passes it on no more
	if m := site.MailTo("lena@example.com"); !strings.Contains(m.Text, "Ana Rivera has handed this over to you.") {
		t.Error(m.Text)
	}
	lena := site.Stranger()
	lena.OpenMailed(site.MailTo("lena@example.com"))
	link := lena.Path()
	lena.Press("Read and sign").Press("Mail me a code").Fill("Code from the message", codeIn(t, site.MailTo("lena@example.com").Text)).Press("Go on")
	if got := lena.Get(link + "/handover").Status; got != 303 {
		t.Errorf("%d", got)
	}
	fill(lena, "Lena Rivera").Press("Sign contract").Has(t, 200).Sees(t, "You have signed this contract.")
	site.Stranger().Open(g.At("tom")).Sees(t, "Read and sign")
}

// codeIn finds the code of a mail.
func codeIn(t *testing.T, text string) string {
	t.Helper()
	for _, word := range strings.Fields(text) {
		if len(word) == 9 && word[4] == '-' && strings.ToUpper(word) == word {
			return word
		}
	}
	t.Fatalf("no code in:\n%s", text)
	return ""
}
