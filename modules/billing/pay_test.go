package billing_test

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing"
	"portico/modules/billing/gateway/sandbox/sandboxtest"
	"portico/platform/db"
	"portico/platform/portaltest"
)

// online is the demo's builder, connected to the practice provider, with invoices that may be paid in every way.
func online(t *testing.T) *portaltest.Site {
	t.Helper()
	var clock atomic.Pointer[portaltest.Site]
	provider := sandboxtest.Start(t, func() time.Time {
		if site := clock.Load(); site != nil {
			return site.Now()
		}
		return time.Now()
	})
	site := portaltest.Configured(t, map[string]string{"PORTICO_SANDBOX": provider.Address}, billing.Module)
	clock.Store(site)
	do(t, site, "update billing.account set active = false")
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		return billing.ConnectPractice(ctx, tx, site.Host.Key, site.FirmID())
	})
	if err != nil {
		t.Fatal(err)
	}
	do(t, site, "update billing.invoice set pay_card = true, pay_bank = true where firm_id = ?", site.FirmID())
	return site
}

// enter types a practice number on the provider's page and comes back.
func enter(t *testing.T, b *portaltest.Browser, digits string) {
	t.Helper()
	next := b.Find("#paying a.primary")
	if next == nil {
		t.Fatalf("nothing leads to the provider:\n%s", b.Text())
	}
	for _, a := range next.Attr {
		if a.Key == "href" {
			b.Open(a.Val)
		}
	}
	if strings.Contains(b.Text(), "Routing number") {
		b.Fill("Routing number", "110000000").Fill("Account number", digits)
	} else {
		b.Fill("Card number", digits)
	}
	b.Submit()
}

// look settles what is promised and shows the result again.
func look(t *testing.T, site *portaltest.Site, b *portaltest.Browser) *portaltest.Browser {
	t.Helper()
	site.Settle(t)
	path, _, _ := strings.Cut(b.Path(), "?")
	return b.Open(path)
}

func invoicePath(t *testing.T, site *portaltest.Site, title string) string {
	t.Helper()
	return "/portal/all/billing/invoices/" + invoiceCalled(t, site, title)
}

func TestAClientPaysAnInvoice(t *testing.T) {
	site := online(t)
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		ana.Open("/portal/all/billing").Sees(t, "Pay now").Follow("Cabinets").Follow("Pay $8,628.58")
		ana.Sees(t, "Pay Cabinets, first half", "$8,628.58", "You enter it on the next page", "Bank payments take up to four business days").SeesNot(t, "••••")
		ana.Press("Pay $8,628.58")
		look(t, site, ana).Sees(t, "One more step", "Enter your card")
		enter(t, ana, "4242 4242 4242 4242")
		look(t, site, ana).Sees(t, "Thank you", "$8,628.58 is paid", "Paid", "Receipt")
		ana.Open(invoicePath(t, site, "Cabinets, first half")).Sees(t, "Paid").SeesNot(t, "To pay")
		mail := site.MailTo("ana")
		if !strings.Contains(mail.Subject, "Receipt R-") || !strings.Contains(mail.Text, "Visa •••• 4242 by Ana Rivera") || len(mail.Attachments) != 1 {
			t.Errorf("%s\n%s\n%d", mail.Subject, mail.Text, len(mail.Attachments))
		}
		text := pdf(t, mail.Attachments[0].Data)
		for _, want := range []string{"Receipt R-", "Visa •••• 4242", "Paid by", "Ana Rivera", "$8,628.58"} {
			if !strings.Contains(text, want) {
				t.Errorf("the receipt lacks %q:\n%s", want, text)
			}
		}
		n := one[int](t, site, "select count(*) from mail where kind = 'billing:tell' and firm_id = ?", site.FirmID())
		if n != 1 {
			t.Errorf("%d receipts", n)
		}
	})
}

func TestWhatIsPartlyProcessingIsFoundAsProcessing(t *testing.T) {
	site := online(t)
	do(t, site, "update billing.invoice set reserved = 250000 where title = 'Cabinets, first half' and firm_id = ?", site.FirmID())
	site.As("ana").For(t).Open("/portal/all/billing?state=processing").Sees(t, "Cabinets, first half", "$2,500.00 processing").SeesNot(t, "First draw")
	site.As("omar").For(t).Open("/portal/all/billing?state=processing").Sees(t, "Nothing is processing")
}

// T10
func TestTwoTabsAndADoubleClickAreOneCharge(t *testing.T) {
	site := online(t)
	ana := site.As("ana").For(t)
	cabinets := invoiceCalled(t, site, "Cabinets, first half")
	at := "/portal/all/billing/payments/new?invoice=" + cabinets
	form := func(b *portaltest.Browser) url.Values {
		b.Open(at)
		return url.Values{"key": {b.Find("input[name=key]").Attr[2].Val}, "invoice": {cabinets}, "with": {"card"}}
	}
	first, second := form(ana), form(site.As("ana").For(t))
	for name, f := range map[string]url.Values{"first": first, "second": second} {
		if _, err := uuid.Parse(f.Get("key")); err != nil {
			t.Fatal(name, f)
		}
	}
	var wait sync.WaitGroup
	answers := make([]portaltest.Answer, 6)
	for n := range answers {
		b := site.As("ana").For(t)
		f := first
		if n%2 == 1 {
			f = second
		}
		wait.Go(func() { answers[n] = b.Post("/portal/all/billing/payments", f) })
	}
	wait.Wait()
	var went, told int
	for _, a := range answers {
		switch {
		case a.Status == 303:
			went++
		case a.Status == 409 && strings.Contains(string(a.Body), "is already being paid"):
			told++
		default:
			t.Errorf("%d: %s", a.Status, a.Body)
		}
	}
	if went != 3 || told != 3 {
		t.Errorf("%d went on, %d were told", went, told)
	}
	if n := one[int](t, site, "select count(*) from billing.attempt where invoice_id = ?", cabinets); n != 1 {
		t.Errorf("%d attempts", n)
	}
	// another contact of the client, in another browser, sees it
	do(t, site, "update contact set rights = '{view_invoices,make_payments}' where name = 'Tom Rivera' and firm_id = ?", site.FirmID())
	tom := site.As("tom").For(t)
	tom.Open("/portal/all/billing").Sees(t, "Processing")
	tom.Open(invoicePath(t, site, "Cabinets, first half")).Sees(t, "Processing", "by Ana Rivera").SeesNot(t, "Pay $")
	tom.Open(at).Sees(t, "A payment for it is under way")
	tom.Open("/portal/all").Follow("Billing")
}
