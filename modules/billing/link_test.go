package billing_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/platform/portaltest"
)

// made has staff make a link for an invoice.
func made(t *testing.T, site *portaltest.Site, title string) string {
	t.Helper()
	maria := site.As("maria").For(t)
	maria.Open("/office/billing/invoices/"+invoiceCalled(t, site, title)).Press("Make a payment link").Sees(t, "Link by Maria")
	for _, a := range maria.Find("#links button[data-copy]").Attr {
		if a.Key == "data-copy" {
			u, err := url.Parse(a.Val)
			if err != nil {
				t.Fatal(err)
			}
			return u.Path
		}
	}
	t.Fatal("there is no link")
	return ""
}

func TestALinkPaysOneInvoiceAndShowsNothingElse(t *testing.T) {
	site := online(t)
	at := made(t, site, three[1])
	site.Both(t, "", func(t *testing.T, b *portaltest.Browser) {
		b.Open(at).Has(t, 200).Sees(t, three[1], "INV-1026", "$8,628.58", "Kitchen cabinets, painted maple", "Sign in", "PDF").
			SeesNot(t, "Keep it for next time", "••••", three[0], "Ana Rivera ana")
		for name, want := range map[string]string{"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"} {
			if got := b.Header(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
		b.Press("Pay $8,628.58")
		look(t, site, b).Sees(t, "Enter your card")
		enter(t, b, "4242424242424242")
		look(t, site, b).Sees(t, "Thank you", "$8,628.58 is paid").Follow("Back to the invoice").Sees(t, "This invoice is paid. Thank you.").SeesNot(t, "Pay with")
		if a := b.Get(at + "/document"); a.Status != 200 || a.Header.Get("Content-Type") != "application/pdf" {
			t.Errorf("the document: %d", a.Status)
		}
	})
	if n := one[int](t, site, "select count(*) from billing.method where kept"); n != 0 {
		t.Errorf("%d methods were kept of a guest", n)
	}
}

func TestALinkIsNoWayToAnythingElse(t *testing.T) {
	site := online(t)
	at := made(t, site, three[1])
	b := site.Stranger().For(t)
	// a payment of somebody else is not found through it
	ana := site.As("ana").For(t)
	ana.Open(together(t, site, three[0])).Press("Pay $48,184.60")
	batch := strings.TrimSuffix(ana.Path()[strings.LastIndex(ana.Path(), "/")+1:], "?go=1")
	for _, path := range []string{"/pay/nonsense", "/pay/nonsense/document", at + "/batches/" + batch, at + "/batches/not-one", at + "x"} {
		if a := b.Get(path); a.Status != 404 {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	hash := one[string](t, site, "select encode(hash, 'escape') || id::text from billing.pay_link limit 1")
	if strings.Contains(hash, strings.TrimPrefix(at, "/pay/")) {
		t.Error("the token is kept")
	}
	// another's saved method, by any request
	if a := b.Post(at, url.Values{"key": {"01a21792-bb50-7549-b475-bc15d0ad0ce3"}, "with": {"01a21792-bb50-7549-b475-bc15d0ad0ce4"}}, "Sec-Fetch-Site", "same-origin"); a.Status != 422 {
		t.Errorf("a made-up method: %d", a.Status)
	}
	// revoked, too old, or its invoice void
	back := site.Snapshot(t)
	maria := site.As("maria").For(t)
	maria.Open("/office/billing/invoices/" + invoiceCalled(t, site, three[1])).Press("Revoke the link")
	b.Open(at).Has(t, 410).Sees(t, "This link is over").SeesNot(t, "8,628.58", three[1])
	if a := b.Get(at + "/document"); a.Status != 410 {
		t.Errorf("the document of a revoked link: %d", a.Status)
	}
	back()
	site.Clock.Advance(91 * 24 * time.Hour)
	b.Open(at).Has(t, 410)
	site.Clock.Advance(-91 * 24 * time.Hour)
	do(t, site, "update billing.pay_link set contact_id = ?, revoked_at = null", site.Person("ana").ContactID)
	b.Open(at).Has(t, 200)
	do(t, site, "update contact set rights = '{}' where name = 'Ana Rivera' and firm_id = ?", site.FirmID())
	b.Open(at).Has(t, 410)
	if a := site.Firm("harbor").Stranger().For(t).Get(at); a.Status != 404 {
		t.Errorf("at the other firm: %d", a.Status)
	}
}

func TestSigningInKeepsThePayment(t *testing.T) {
	site := online(t)
	at := made(t, site, three[1])
	b := site.Stranger().For(t)
	b.Open(at).Follow("Pay another amount").Fill("Amount", "500.00").Press("Sign in").Sees(t, "Enter your email")
	b.Fill("Email", site.Person("ana").Email).Press("Email me a link")
	b.OpenMailed(site.MailTo("ana")).Press("Continue")
	if !strings.HasPrefix(b.Path(), "/portal/all/billing/payments/new") {
		t.Fatalf("it leads to %s", b.Path())
	}
	if got := b.Value("Amount"); got != "500.00" {
		t.Errorf("the amount is %q", got)
	}
	// whoever is signed in already goes straight there
	b.Open(at).Sees(t, "Pay Cabinets, first half", "Keep it for next time")
	grace := site.As("grace").For(t)
	grace.Open(at).Has(t, 200).SeesNot(t, "Keep it for next time")
}

// T21
func TestFromTheMailToPaidInThreeTaps(t *testing.T) {
	site := online(t)
	oweThree(t, site)
	var link string
	for _, m := range site.Mails() {
		if m.Recipient == site.Person("ana").Email && strings.HasPrefix(m.Subject, "Invoice ") {
			link = portaltest.MailedLink(t, m)
		}
	}
	if !strings.Contains(link, "/pay/") {
		t.Fatal("the mail leads to " + link)
	}
	b := site.Stranger().For(t)
	b.Open(link).Press("Pay $45,500.00") // one: the mail, two: Pay
	look(t, site, b)
	enter(t, b, "4242424242424242") // the page comes by itself; three: Pay there
	look(t, site, b).Sees(t, "Thank you")
}

func TestAFirmMayWantEverybodyToSignIn(t *testing.T) {
	site := online(t)
	site.As("maria").For(t).Open("/office/billing/settings").Untick("Mails carry a payment link").Press("Save links").Has(t, 200)
	oweThree(t, site)
	if m := site.MailTo("ana"); !strings.Contains(m.Text, "/portal/all/billing/invoices/") || strings.Contains(m.Text, "/pay/") {
		t.Errorf("the mail says:\n%s", m.Text)
	}
}

// TestAGuestHasTheReceiptMailed: once, when the money is there, and nobody else reads the address anywhere.
func TestAGuestHasTheReceiptMailed(t *testing.T) {
	site := online(t)
	at := made(t, site, three[1])
	const guest = "ines@aunt.example"
	b := site.Stranger().For(t)
	b.Open(at).Fill("Email for the receipt", "ines@").Press("Pay $8,628.58").Has(t, 422).Sees(t, "This is no mail address")
	if got := b.Value("Email for the receipt"); got != "ines@" {
		t.Errorf("what was typed is lost: %q", got)
	}
	sent := func() (n int) {
		for _, m := range site.Mails() {
			if m.Recipient == guest {
				n++
				if !strings.HasPrefix(m.Subject, "Receipt R-") || len(m.Attachments) != 1 || !strings.Contains(m.Text, at) || strings.Contains(m.Text, "Ana") {
					t.Errorf("%s\n%s", m.Subject, m.Text)
				}
			}
		}
		return n
	}
	// declined first: no mail, and the address is forgotten
	b.Fill("Email for the receipt", "Ines@Aunt.example").Press("Pay $8,628.58")
	look(t, site, b).Press("Do not pay now")
	look(t, site, b).Sees(t, "The payment did not go through")
	kept := func() string {
		return one[string](t, site, "select string_agg(coalesce(receipt_to, '-'), ' ' order by created_at) from billing.batch where link_id is not null")
	}
	if kept() != "" || sent() != 0 {
		t.Errorf("kept of what was not paid: %q, %d mails", kept(), sent())
	}
	b.Open(at).Fill("Email for the receipt", guest).Press("Pay $8,628.58")
	look(t, site, b)
	enter(t, b, "4242424242424242")
	look(t, site, b).Sees(t, "Thank you", "goes to you by mail").SeesNot(t, guest)
	until(t, "the receipt", func() bool { site.Settle(t); return sent() == 1 })
	clock(t, site, "billing:find_due")
	if sent() != 1 {
		t.Errorf("%d mails", sent())
	}
	for _, table := range []string{"billing.batch", "public.mail", "public.activity", "public.outbox", "billing.attempt", "billing.payment"} {
		if n := one[int](t, site, "select count(*) from "+table+" x where to_jsonb(x)::text ilike '%ines@%'"); n != 0 {
			t.Errorf("%s keeps the address", table)
		}
	}
	// one that was sent to a contact asks for no address: the contact gets the receipt
	at = made(t, site, three[0])
	site.Stranger().For(t).Open(at).Sees(t, "Email for the receipt")
	do(t, site, "update billing.pay_link set contact_id = ?", site.Person("ana").ContactID)
	site.Stranger().For(t).Open(at).Has(t, 200).SeesNot(t, "Email for the receipt")
}
