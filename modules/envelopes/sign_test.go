package envelopes_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/modules/envelopes"
	"portico/platform/portaltest"
)

// fill does what the signing page asks for, by typing.
func fill(b *portaltest.Browser, name string) *portaltest.Browser {
	b.Tick("I have read all 3 pages").Fill("Colour of the front door", "Red").Tick("I have seen the plans")
	b.Tick("I agree to use electronic records").Fill("Your full name", name).Fill("Your initials", "AR")
	return b.Tick("mean my signature to bind me")
}

func TestAClientSignsInThePortalAndAnotherByLink(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	g := send(t, site, "Kitchen contract", true, asked{Who: "ana", Role: "signer", Position: 1}, asked{Who: "tom", Role: "signer", Position: 2},
		asked{Who: "maria", Role: "countersigner", Position: 3})
	ana := site.As("ana")
	ana.Open("/portal/all/envelopes").Sees(t, "Waiting for you", "Kitchen contract", "To sign", "0 of 3 signed")
	ana.Follow("Kitchen contract").Sees(t, "Your signature is asked for", "Here it is, as we said on Monday.", "Tom", "Later").SeesNot(t, "tom.rivera@")
	site.Stranger().Open(g.At("tom")).Has(t, 200).Sees(t, "It is not your turn yet")

	ana.Press("Read and sign").Has(t, 200).Sees(t, "1. Read", "4. Sign")
	ana.Fill("Colour of the front door", "Blue").Fill("Your full name", "Ana Rivera").Press("Sign contract").Has(t, 422)
	ana.Sees(t, "Please read every page first.", "Tick “I have seen the plans” to go on.", "Please agree, or ask for paper instead.", "Type your initials.", "Please confirm that you mean it.")
	if ana.Value("Colour of the front door") != "Blue" || ana.Value("Your full name") != "Ana Rivera" {
		t.Error("what was typed is lost")
	}
	fill(ana, "Ana Rivera").Press("Sign contract").Has(t, 200).Sees(t, "You have signed this contract.", "Next")
	if got := happenings(t, site, g.ID); got != "opened consented signed notified" && got != "opened consented signed" {
		t.Error(got)
	}

	tom := site.Stranger()
	tom.Open(g.At("tom")).Has(t, 200).Sees(t, "Kitchen contract", "to sign")
	for header, want := range map[string]string{"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"} {
		if got := tom.Header(header); got != want {
			t.Errorf("%s: %s", header, got)
		}
	}
	tom.Open(g.At("tom")+"/signing").Sees(t, "Read and sign") // not opened by a press yet
	tom.Press("Read and sign")
	fill(tom, "Tom Rivera").Press("Sign contract").Has(t, 200).Sees(t, "You have signed this contract.")

	maria := site.As("maria")
	maria.Open("/office/envelopes/"+g.ID+"/sign").Has(t, 200).Press("Read and sign")
	fill(maria, "Maria Okafor").Press("Sign contract").Has(t, 200).Sees(t, "All have signed")
	site.Settle(t)
	tom.Open(g.At("tom")).Sees(t, "All have signed, on", "Download your copy")
	for who, at := range map[string]string{"tom": g.At("tom"), "ana": "/portal/all/envelopes/" + g.ID} {
		b := tom
		if who == "ana" {
			b = ana
		}
		if got := b.Get(at + "/copy"); got.Status != 200 || !strings.HasPrefix(string(got.Body), "%PDF") || !strings.Contains(got.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("the copy of %s: %d", who, got.Status)
		}
	}
	ana.Open("/portal/all/envelopes?state=done").Sees(t, "Kitchen contract", "Signed by all")
	for _, who := range []string{"ana", "tom", "maria"} {
		if n := count(t, site, `select count(*) from envelopes.event where envelope_id = ? and recipient_id = ? and kind in ('consented', 'signed') and ip <> '' and agent <> ''`, g.ID, g.Of[who]); n != 2 {
			t.Errorf("%s: %d events", who, n)
		}
	}
	if got := line(t, site, `select side from envelopes.event where envelope_id = ? and recipient_id = ? and kind = 'signed'`, g.ID, g.Of["tom"]); got != "link" {
		t.Errorf("Tom came by %q", got)
	}
	if got := line(t, site, `select value from envelopes.field where id = ?`, g.Field["ana text"]); got != "Red" {
		t.Error(got)
	}
	if got := line(t, site, `select value from envelopes.field where id = ?`, g.Field["ana date"]); len(got) != 10 {
		t.Errorf("the date is %q", got)
	}
}

func TestAGetChangesNothingAndTwoPressesSignOnce(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	g := send(t, site, "Kitchen contract", false, asked{Who: "ana", Role: "signer", Bare: true}, asked{Who: "tom", Role: "signer", Bare: true})
	before := site.Hash(t)
	for range 2 { // a program that looks into mails
		for _, below := range []string{"", "/signing", "/document", "/copy", "/code", "/declining", "/handover"} {
			site.Stranger().Get(g.At("ana") + below)
			site.Stranger().Ask("HEAD", g.At("ana")+below, nil)
		}
	}
	if site.Hash(t) != before {
		t.Error("a GET has changed something")
	}
	if got := site.Stranger().Get(g.At("ana") + "/document").Status; got != 404 {
		t.Errorf("the document is read before it was opened: %d", got)
	}

	one := site.Stranger()
	one.Open(g.At("ana")).Press("Read and sign")
	if got := one.Get(g.At("ana") + "/document"); got.Status != 200 || !strings.HasPrefix(string(got.Body), "%PDF") {
		t.Errorf("the document: %d", got.Status)
	}
	hash := line(t, site, "select encode(file_hash, 'hex') from envelopes.envelope where id = ?", g.ID)
	form := url.Values{"document": {hash}, "read": {"1"}, "consent": {"1"}, "confirm": {"1"}, "signature_kind": {"drawn"},
		"signature_strokes": {"[[[1000,5000],[3000,2000],[6000,8000]]]"}}
	for range 3 {
		if got := one.Post(g.At("ana")+"/signing", form); got.Status != 303 {
			t.Errorf("%d: %s", got.Status, got.Body)
		}
	}
	if n := count(t, site, `select count(*) from envelopes.event where envelope_id = ? and kind = 'signed'`, g.ID); n != 1 {
		t.Errorf("signed %d times", n)
	}
	if got := line(t, site, `select signature::text from envelopes.recipient where id = ?`, g.Of["ana"]); !strings.Contains(got, "drawn") {
		t.Error(got)
	}
	// eight at once
	again := send(t, site, "Second contract", false, asked{Who: "ana", Role: "signer", Bare: true}, asked{Who: "tom", Role: "signer", Bare: true})
	site.Stranger().Open(again.At("ana")).Press("Read and sign")
	form.Set("document", line(t, site, "select encode(file_hash, 'hex') from envelopes.envelope where id = ?", again.ID))
	var all sync.WaitGroup
	for range 8 {
		b := site.Stranger()
		all.Go(func() {
			if got := b.Post(again.At("ana")+"/signing", form); got.Status != 303 {
				t.Errorf("%d", got.Status)
			}
		})
	}
	all.Wait()
	if n := count(t, site, `select count(*) from envelopes.event where envelope_id = ? and kind = 'signed'`, again.ID); n != 1 {
		t.Errorf("eight presses at once signed %d times", n)
	}

	form.Set("document", strings.Repeat("00", 32))
	two := site.Stranger()
	two.Open(g.At("tom")).Press("Read and sign")
	if got := two.Post(g.At("tom")+"/signing", form); got.Status != 422 || !strings.Contains(string(got.Body), "has changed") {
		t.Errorf("another document was signed: %d", got.Status)
	}
	form.Set("document", hash)
	do(t, site, "update envelopes.envelope set status = 'void', voided_at = now(), void_reason = 'The price was wrong' where id = ?", g.ID)
	if got := two.Post(g.At("tom")+"/signing", form); got.Status != 303 {
		t.Errorf("%d", got.Status)
	}
	two.Open(g.At("tom")).Sees(t, "has withdrawn this contract", "The price was wrong")
	if n := count(t, site, `select count(*) from envelopes.recipient where envelope_id = ? and signed_at is not null`, g.ID); n != 1 {
		t.Errorf("%d have signed what is void", n)
	}
}

func TestWhatIsNotYoursCannotBeSigned(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	g := send(t, site, "Kitchen contract", false, asked{Who: "ana", Role: "signer"}, asked{Who: "tom", Role: "signer"}, asked{Who: "maria", Role: "countersigner"})
	hash := line(t, site, "select encode(file_hash, 'hex') from envelopes.envelope where id = ?", g.ID)
	form := func() url.Values {
		return url.Values{"document": {hash}, "read": {"1"}, "consent": {"1"}, "confirm": {"1"}, "signature_kind": {"typed"}, "signature_text": {"Ana Rivera"},
			"initials_kind": {"typed"}, "initials_text": {"AR"}, "field-" + g.Field["ana text"]: {"Red"}, "field-" + g.Field["ana checkbox"]: {"x"},
			"field-" + g.Field["tom text"]: {"forged"}, "field-" + g.Field["tom checkbox"]: {"x"}}
	}
	// somebody who is not named, another firm's staff, another client
	for _, who := range []string{"omar", "grace"} {
		b := site.As(who)
		b.Open("/portal/all")
		if got := b.Get("/portal/all/envelopes/" + g.ID); got.Status != 404 {
			t.Errorf("%s sees it: %d", who, got.Status)
		}
		if got := b.Post("/portal/all/envelopes/"+g.ID+"/signing", form()); got.Status != 404 {
			t.Errorf("%s signs it: %d", who, got.Status)
		}
	}
	// staff who are not named do not sign for the firm, nor does staff with a client's link
	ben := site.As("ben")
	ben.Open("/office")
	for _, at := range []string{"/office/envelopes/" + g.ID + "/sign", "/office/envelopes/" + g.ID + "/sign/signing"} {
		if got := ben.Get(at); got.Status != 404 {
			t.Errorf("%s: %d", at, got.Status)
		}
	}
	if got := ben.Post("/office/envelopes/"+g.ID+"/sign/signing", form()); got.Status != 404 {
		t.Errorf("ben signs for maria: %d", got.Status)
	}
	ben.Open(g.At("ana")).Has(t, 403).Sees(t, "This link is not yours", "Ana")
	for _, below := range []string{"/opening", "/signing", "/declining", "/handover", "/codes"} {
		if got := ben.Post(g.At("ana")+below, form()); got.Status != 403 {
			t.Errorf("staff at %s: %d", below, got.Status)
		}
	}
	if got := ben.Get(g.At("ana") + "/document").Status; got != 403 {
		t.Errorf("staff read by a client's link: %d", got)
	}
	// one's own link leads into the portal, another's is not for oneself
	ana := site.As("ana")
	ana.Open(g.At("ana")).Has(t, 200)
	if !strings.HasPrefix(ana.Path(), "/portal/all/envelopes/") {
		t.Error(ana.Path())
	}
	ana.Open(g.At("tom")).Has(t, 403).Sees(t, "This link is for")
	// the fields of others stay as they are
	if got := ana.Post("/portal/all/envelopes/"+g.ID+"/signing", form()); got.Status != 303 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	if got := line(t, site, "select value from envelopes.field where id = ?", g.Field["tom text"]); got != "" {
		t.Errorf("Tom's field says %q", got)
	}
	// a link that was replaced, and none at all
	do(t, site, "update envelopes.recipient set token_hash = sha256('another'), link_no = 2 where id = ?", g.Of["tom"])
	for _, at := range []string{g.At("tom"), "/sign/nothing", "/sign/p.nothing", "/sign/p." + strings.Repeat("A", 76)} {
		b := site.Stranger()
		b.Open(at).Has(t, 404).Sees(t, "This link does not work")
		if got := b.Post(at+"/signing", form()); got.Status != 404 {
			t.Errorf("%s: %d", at, got.Status)
		}
	}
	// maria's link opens the office, which asks who it is
	other := site.Stranger()
	other.Open(g.At("maria"))
	if !strings.HasPrefix(other.Path(), "/sign-in") {
		t.Error(other.Path())
	}
	// huge drawings
	huge := form()
	huge.Set("signature_kind", "drawn")
	huge.Set("signature_strokes", "["+strings.Repeat("[[1,1],[9000,9000]],", 20000)+"[[1,1]]]")
	tom := site.As("tom")
	tom.Open("/portal/all/envelopes/" + g.ID)
	if got := tom.Post("/portal/all/envelopes/"+g.ID+"/signing", huge); got.Status != 422 && got.Status != 413 {
		t.Errorf("%d", got.Status)
	}
}

func TestSomebodyDeclinesAndTheOthersAreTold(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	g := send(t, site, "Kitchen contract", false, asked{Who: "ana", Role: "signer", Bare: true}, asked{Who: "tom", Role: "approver", Bare: true})
	tom := site.Stranger()
	tom.Open(g.At("tom")).Press("Read and approve").Follow("Decline")
	tom.Press("Decline contract").Has(t, 422).Sees(t, "Say why, so that it can be put right.")
	tom.Fill("Why?", "The price is not what we agreed.").Press("Decline contract").Has(t, 200).Sees(t, "You declined this contract.", "The price is not what we agreed.")
	site.As("ana").Open("/portal/all/envelopes/"+g.ID).Sees(t, "declined this contract", "The price is not what we agreed.").SeesNot(t, "Read and sign")
	site.Stranger().Open(g.At("ana")).SeesNot(t, "Read and sign").Sees(t, "Nobody can sign it any more")
	for _, who := range []string{"maria", "ana"} {
		if m := site.MailTo(who); !strings.Contains(m.Subject, "declined “Kitchen contract”") || !strings.Contains(m.Text, "The price is not what we agreed.") {
			t.Errorf("%s is told: %s\n%s", who, m.Subject, m.Text)
		}
	}
	if got := happenings(t, site, g.ID); got != "opened declined" {
		t.Error(got)
	}
}

func TestSigningOnTheDeviceOfStaff(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	g := send(t, site, "Kitchen contract", true, asked{Who: "ana", Role: "signer", Position: 1, Bare: true}, asked{Who: "tom", Role: "signer", Position: 2, Bare: true},
		asked{Who: "maria", Role: "countersigner", Position: 3})
	ben := site.As("ben")
	if got := ben.Get("/office/envelopes/" + g.ID + "/host/" + g.Of["maria"]).Status; got != 404 {
		t.Errorf("a device is handed to staff: %d", got)
	}
	other := send(t, site, "Another contract", false, asked{Who: "ana", Role: "signer", Bare: true})
	if got := ben.Get("/office/envelopes/" + g.ID + "/host/" + other.Of["ana"]).Status; got != 404 {
		t.Errorf("a recipient of another document: %d", got)
	}
	ben.Open("/office/envelopes/"+g.ID+"/host/"+g.Of["tom"]).Sees(t, "nothing to sign for Tom")
	ben.Open("/office/envelopes/"+g.ID+"/host/"+g.Of["ana"]).Sees(t, "Hand this device to Ana", "Nobody signs for a client.").Press("Sign out and hand over")
	ben.Sees(t, "You are signing on the device of Ben", "I am Ana")
	pass := ben.Path()
	if got := ben.Get("/office/envelopes").Status; got != 303 {
		t.Errorf("the device still opens the office: %d", got)
	}
	if got := site.Stranger().Get(pass).Status; got != 404 {
		t.Errorf("the pass works on another device: %d", got)
	}
	ben.Press("I am Ana").Sees(t, "Is it you?").Press("Mail me a code").Fill("Code from the message", codeIn(t, site.MailTo("ana").Text)).Press("Go on")
	ben.Tick("I have read all 3 pages").Tick("I agree to use").Fill("Your full name", "Ana Rivera").Tick("mean my signature").Press("Sign contract")
	ben.Has(t, 200).Sees(t, "You have signed this contract.", "Please hand the device back to Ben", "back to the office")
	if got := happenings(t, site, g.ID); !strings.HasPrefix(got, "opened code_sent verified consented hosted signed") {
		t.Error(got)
	}
	if n := count(t, site, `select count(*) from envelopes.recipient where id = ? and host_id = ?`, g.Of["ana"], site.Person("ben").ID); n != 1 {
		t.Error("the host is not kept")
	}
	if m := site.MailTo("ana"); !strings.Contains(m.Subject, "in person") || !strings.Contains(m.Text, "Ben") {
		t.Errorf("she is told: %s", m.Subject)
	}
	// staff who sign in again on that device are not Ana
	ben.SetSession(site.Session("ben"))
	ben.Open(pass).Has(t, 403).Sees(t, "This device was handed over")
	// an hour is over
	ben = site.As("ben")
	ben.Open("/office/envelopes/" + g.ID + "/host/" + g.Of["tom"]).Press("Sign out and hand over")
	site.Advance(61 * time.Minute)
	ben.Open(ben.Path()).Has(t, 410).Sees(t, "This took a while")
}

func TestSigningInThePortalAsksForAFreshFactor(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	g := send(t, site, "Kitchen contract", false, asked{Who: "ana", Role: "signer", Bare: true})
	ana := site.As("ana")
	do(t, site, "update session set confirmed_at = now() - interval '1 hour'")
	ana.Open("/portal/all/envelopes/"+g.ID).Press("Read and sign").Sees(t, "Is it you?")
	do(t, site, "update session set confirmed_at = now()")
	ana.Open("/portal/all/envelopes/"+g.ID+"/signing").Tick("I have read all 3 pages").Tick("I agree to use").Fill("Your full name", "Ana Rivera").Tick("mean my signature")
	do(t, site, "update session set confirmed_at = now() - interval '1 hour'") // reading took its time
	ana.Press("Sign contract").Has(t, 422).Sees(t, "Some time has passed", "Confirm that it is you")
	if ana.Value("Your full name") != "Ana Rivera" {
		t.Error("what was typed is lost")
	}
	do(t, site, "update session set confirmed_at = now()")
	ana.Press("Sign contract").Has(t, 200).Sees(t, "All have signed")
}

func TestWhoMayNotSignAnyMore(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	g := send(t, site, "Kitchen contract", false, asked{Who: "ana", Role: "signer", Bare: true, Until: site.Now().Add(time.Hour)}, asked{Who: "tom", Role: "signer", Bare: true})
	site.Advance(2 * time.Hour)
	site.As("ana").Open("/portal/all/envelopes/"+g.ID).Sees(t, "Your time to sign is over").SeesNot(t, "Read and sign")
	ana := site.Stranger()
	ana.Open(g.At("ana")).Sees(t, "Your time to sign is over")
	if got := ana.Post(g.At("ana")+"/signing", url.Values{}); got.Status != 303 {
		t.Errorf("%d", got.Status)
	}
	site.Stranger().Open(g.At("tom")).Sees(t, "Read and sign") // one who is late holds nobody up

	contact := site.Person("tom").ContactID
	do(t, site, "update contact set rights = '{view_invoices}' where id = ?", contact)
	site.Stranger().Open(g.At("tom")).Has(t, 403).Sees(t, "Signing is switched off for you")
	site.As("tom").Open("/portal/all/envelopes/"+g.ID).SeesNot(t, "Read and sign").Sees(t, "ask for the right to sign")
	site.As("maria").Open("/office/envelopes/"+g.ID).Sees(t, "may not sign: tick “Sign documents”")
	do(t, site, "update contact set rights = '{sign_documents}', disabled_at = now() where id = ?", contact)
	site.Stranger().Open(g.At("tom")).Has(t, 403)

	// who gets a copy sees nothing before there is one
	g = send(t, site, "Second contract", false, asked{Who: "tom", Role: "signer", Bare: true}, asked{Who: "ana", Role: "copy"})
	site.Stranger().Open(g.At("ana")).Has(t, 404)
	site.As("ana").Open("/portal/all/envelopes/"+g.ID).Has(t, 404)
}
