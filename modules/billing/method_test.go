package billing_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/platform/portaltest"
)

// keep saves a method as a person does: with a fresh factor, on the provider's page.
func keep(t *testing.T, site *portaltest.Site, b *portaltest.Browser, button, digits string) {
	t.Helper()
	do(t, site, "update session set confirmed_at = ? where firm_id = ?", site.Now(), site.FirmID())
	b.Open("/portal/all/billing/methods").Press(button)
	look(t, site, b)
	enter(t, b, digits)
	look(t, site, b).Sees(t, "is saved")
}

func TestSavedMethodsAreTheContactsOwn(t *testing.T) {
	site := online(t)
	do(t, site, "update contact set rights = '{view_invoices,make_payments}' where name = 'Tom Rivera' and firm_id = ?", site.FirmID())
	ana, tom := site.As("ana").For(t), site.As("tom").For(t)
	do(t, site, "update session set confirmed_at = ? where firm_id = ?", site.Now().Add(-time.Hour), site.FirmID())
	ana.Open("/portal/all").Follow("Payment methods").Sees(t, "Nothing saved", "Confirm")
	if a := ana.Post("/portal/all/billing/methods", url.Values{"key": {uuid.NewString()}, "kind": {"card"}}); a.Status != 303 || !strings.Contains(a.Header.Get("Location"), "/sign-in/confirm") {
		t.Errorf("without a fresh factor: %d %s", a.Status, a.Header.Get("Location"))
	}
	for from, to := range map[string]string{site.URL() + "/portal/all/billing/methods": url.QueryEscape("/portal/all/billing/methods"), "https://elsewhere.example/portal": ""} {
		a := ana.Post("/portal/all/billing/methods", url.Values{"key": {uuid.NewString()}, "kind": {"card"}}, "Referer", from)
		if got := a.Header.Get("Location"); !strings.HasSuffix(got, "?to="+to) {
			t.Errorf("whoever confirms comes back to %s", got)
		}
	}
	keep(t, site, ana, "Add a card", "4242424242424242")
	if m := site.MailTo("ana"); !strings.Contains(m.Subject, "A payment method was saved") || !strings.Contains(m.Text, "Visa •••• 4242") {
		t.Errorf("%s\n%s", m.Subject, m.Text)
	}
	keep(t, site, ana, "Add a bank account", "000123456789")
	ana.Open("/portal/all/billing/methods").Sees(t, "Visa •••• 4242", "Practice Bank •••• 6789", "Default")
	ana.Press("Make default: Practice Bank").Sees(t, "Make default: Visa")
	ana.Open(together(t, site, three[1])).Sees(t, "Visa •••• 4242")
	card := one[string](t, site, "select id from billing.method where kind = 'card'")

	// nobody else sees or uses it, by any request
	tom.Open("/portal/all/billing/methods").SeesNot(t, "4242", "6789").Open(together(t, site, three[1])).SeesNot(t, "4242", "6789")
	do(t, site, "update session set confirmed_at = ? where firm_id = ?", site.Now(), site.FirmID())
	cabinets := invoiceCalled(t, site, three[1])
	use := url.Values{"key": {uuid.NewString()}, "invoice": {cabinets}, "with": {card}}
	if a := tom.Post("/portal/all/billing/payments", use); a.Status != 422 {
		t.Errorf("another contact pays with it: %d", a.Status)
	}
	if a := tom.Post("/portal/all/billing/autopay", url.Values{"method": {card}}); a.Status != 422 {
		t.Errorf("another contact's autopay: %d", a.Status)
	}
	for method, path := range map[string]string{"POST": "/default", "GET": "/removal", "DELETE": ""} {
		if a := tom.Ask(method, "/portal/all/billing/methods/"+card+path, nil); a.Status != 404 {
			t.Errorf("another contact, %s: %d", method, a.Status)
		}
	}
	for _, who := range []string{"maria", "grace"} {
		b := site.As(who).For(t)
		for _, path := range []string{"/portal/all/billing/methods", "/portal/all/billing/methods/" + card + "/removal", together(t, site, three[1])} {
			if a := b.Get(path); strings.Contains(string(a.Body), "4242") {
				t.Errorf("%s sees it at %s", who, path)
			}
		}
		if a := b.Post("/portal/all/billing/payments", use); a.Status == 303 && strings.Contains(a.Header.Get("Location"), "batches") {
			t.Errorf("%s pays with it", who)
		}
	}
	if n := one[int](t, site, "select count(*) from billing.attempt where firm_id = ?", site.FirmID()); n != 0 {
		t.Errorf("%d attempts", n)
	}
	// not in the office, on the contact's page, the invoice or the client
	maria := site.As("maria").For(t)
	for _, path := range []string{"/office/billing/invoices/" + cabinets, "/office/billing/clients/" + site.Person("ana").ClientID.String(), "/office/billing/payments"} {
		maria.Open(path).SeesNot(t, "•••• 4242", "•••• 6789")
	}
}

// TestACardExpiresWhenTheFirmsDayIsOver: not when the database's is, nor the server's.
func TestACardExpiresWhenTheFirmsDayIsOver(t *testing.T) {
	site := online(t)
	ana := site.As("ana").For(t)
	keep(t, site, ana, "Add a card", "4242424242424242")
	do(t, site, "update firm set zone = 'America/New_York' where firm_id = ?", site.FirmID())
	do(t, site, "update billing.method set expires_on = '2031-01-31' where firm_id = ?", site.FirmID())
	site.Firms.Forget()
	for at, says := range map[string]string{"2031-02-01T04:30:00Z": "Expires 01/2031", "2031-02-01T05:30:00Z": "Expired 01/2031"} { // 23:30 and 00:30 there
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		site.Freeze(now)
		ana.Open("/portal/all/billing/methods").Sees(t, says)
	}
}

func TestAMethodIsRemovedEverywhere(t *testing.T) {
	site := online(t)
	ana := site.As("ana").For(t)
	keep(t, site, ana, "Add a card", "4242424242424242")
	ana.Open("/portal/all/billing/autopay").Press("Switch automatic payment on").Sees(t, "On: what is due is charged to Visa •••• 4242")
	token := one[string](t, site, "select token from billing.method")
	ana.Open("/portal/all/billing/methods").Follow("Remove Visa").Sees(t, "Automatic payment uses it and ends with it").Press("Remove it").Sees(t, "Nothing saved").SeesNot(t, "Expires", "pays automatically")
	if m := site.MailTo("ana"); !strings.Contains(m.Subject, "removed") || !strings.Contains(m.Text, "Automatic payment used it and has ended") {
		t.Errorf("%s\n%s", m.Subject, m.Text)
	}
	if n := one[int](t, site, "select count(*) from billing.autopay"); n != 0 {
		t.Error("autopay goes on")
	}
	if n := one[int](t, site, "select count(*) from outbox where kind = 'billing:forget' and done_at is not null"); n != 1 || token == "" {
		t.Error("the provider was not asked to forget it")
	}
}

func TestAutopay(t *testing.T) {
	site := online(t)
	ana := site.As("ana").For(t)
	keep(t, site, ana, "Add a card", "4242424242424242")
	// what is overdue already is announced first, too
	do(t, site, "update billing.invoice set pay_card = false where title = ? and firm_id = ?", three[0], site.FirmID())
	dueIn(t, site, three[1], 5)
	ana.Open("/portal/all/billing/autopay").Press("Switch automatic payment on").Sees(t, "On: ")
	run := func() {
		t.Helper()
		clock(t, site, "billing:autopay")
		site.Settle(t)
	}
	notices := func() (n int) {
		for _, m := range site.Mails() {
			if strings.Contains(m.Subject, "will be charged on") {
				n++
			}
		}
		return n
	}
	run()
	if n := notices(); n != 0 {
		t.Errorf("%d notices five days before", n)
	}
	days(site, 2)
	run()
	run()
	if n := notices(); n != 1 {
		t.Fatalf("%d notices three days before", n)
	}
	m := site.MailTo("ana")
	if !strings.Contains(m.Text, "$8,628.58") || !strings.Contains(m.Text, "Visa •••• 4242") || !strings.Contains(m.Text, "switch automatic payment off") {
		t.Error(m.Text)
	}
	site.As("maria").For(t).Open("/office/billing/invoices/"+invoiceCalled(t, site, three[1])).Sees(t, "Ana Rivera pays it automatically on")
	ana = site.As("ana").For(t)
	ana.Open(invoicePath(t, site, three[1])).Sees(t, "Paid automatically on", "See or stop it")
	back := site.Snapshot(t)
	days(site, 3)
	run()
	run()
	ana = site.As("ana").For(t)
	ana.Open(invoicePath(t, site, three[1])).Sees(t, "Paid").SeesNot(t, "To pay")
	if n := one[int](t, site, "select count(*) from billing.attempt"); n != 1 {
		t.Errorf("%d attempts", n)
	}
	if m := site.MailTo("ana"); !strings.Contains(m.Subject, "Receipt R-") {
		t.Error(m.Subject)
	}
	for why, statement := range map[string]string{
		"the right is withdrawn": "update contact set rights = '{view_invoices}' where name = 'Ana Rivera'",
		"disabled":               "update contact set disabled_at = now() where name = 'Ana Rivera'",
		"paid meanwhile":         "update billing.invoice set paid = total where title = 'Cabinets, first half'",
		"stopped":                "delete from billing.autopay",
		"cards are off":          "update billing.account set cards = false where active",
	} {
		back()
		do(t, site, statement)
		run()
		if n := one[int](t, site, "select count(*) from billing.attempt"); n != 0 {
			t.Errorf("%s: charged all the same", why)
		}
	}
}

func TestAutopayThatIsDeclinedTriesOnceMore(t *testing.T) {
	site := online(t)
	ana := site.As("ana").For(t)
	keep(t, site, ana, "Add a card", "4000000000000341") // is declined when it is charged
	do(t, site, "update billing.invoice set pay_card = false where title = ? and firm_id = ?", three[0], site.FirmID())
	dueIn(t, site, three[1], 0)
	ana.Open("/portal/all/billing/autopay").Press("Switch automatic payment on")
	for n, want := range []string{"", "We try once more on", "We do not try again", ""} {
		clock(t, site, "billing:autopay")
		site.Settle(t)
		m := site.MailTo("ana")
		if want != "" && !strings.Contains(strings.Join(strings.Fields(m.Text), " "), want) {
			t.Errorf("after try %d: %s", n, m.Text)
		}
		days(site, 3)
	}
	if n := one[int](t, site, "select count(*) from billing.attempt"); n != 2 {
		t.Errorf("%d tries", n)
	}
}

// days lets days pass, for the database too.
func days(site *portaltest.Site, n int) { site.Clock.Advance(time.Duration(n) * 24 * time.Hour) }

// dueIn makes an invoice due so many days from the firm's own day, which in the evening is not the database's.
func dueIn(t *testing.T, site *portaltest.Site, title string, n int) {
	t.Helper()
	do(t, site, `
		update billing.invoice i set due_on = (?::timestamptz at time zone f.zone)::date + ?
		from firm f
		where f.firm_id = i.firm_id and i.title = ? and f.firm_id = ?`, site.Now(), n, title, site.FirmID())
}
