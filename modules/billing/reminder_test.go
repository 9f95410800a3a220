package billing_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/modules/billing"
	"portico/platform/mail/mailtest"
	"portico/platform/portaltest"
)

// quiet leaves one open invoice of Ana, issued and due on these days, and no other rule than those of the test.
func quiet(t *testing.T, site *portaltest.Site, issued, due string) {
	t.Helper()
	do(t, site, "delete from billing.reminder_rule where firm_id = ?", site.FirmID())
	do(t, site, "delete from billing.late_rule where firm_id = ?", site.FirmID())
	do(t, site, "delete from billing.reminder where firm_id = ?", site.FirmID())
	do(t, site, "update billing.invoice set issued_on = '2026-01-01', due_on = '2030-01-01' where firm_id = ? and number is not null", site.FirmID())
	do(t, site, "update billing.invoice set issued_on = ?, due_on = ? where firm_id = ? and title like 'Cabinets%'", issued, due, site.FirmID())
}

// mailsOf are the mails that follow from the clock's work.
func mailsOf(t *testing.T, site *portaltest.Site, job string) []mailtest.Mail {
	t.Helper()
	before := len(site.Mails())
	clock(t, site, job)
	return site.Mails()[before:]
}

func TestReminders(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	at(t, site, "2026-12-01")
	quiet(t, site, "2026-12-01", "2026-12-15")
	maria := site.As("maria")
	maria.Open("/office/billing/reminders").Fill("Days", "many").Press("Add this reminder").Has(t, 422).Sees(t, "Enter a whole number from 1 to 365")
	site.As("ben").Open("/office/billing/reminders").Has(t, 404)
	maria.Open("/office/billing/reminders").Press("Add the usual three").Sees(t, "3 days before it is due", "On the day it is due", "7 days after it was due, then every 14 days, 3 times in all")
	maria.Choose("Remind", "After it was due").Fill("Days", "7").Press("Add this reminder").Has(t, 422).Sees(t, "There is a rule for this day already")

	cabinets := "/office/billing/invoices/" + invoiceCalled(t, site, "Cabinets, first half")
	for _, c := range []struct{ day, subject, text string }{
		{"2026-12-11", "", ""},
		{"2026-12-13", "INV-1026 is due in 2 days", "A friendly note: $8,628.58"}, // the worker was down on the 12th
		{"2026-12-14", "", ""},
		{"2026-12-15", "INV-1026 is due today", "is due today"},
		{"2026-12-22", "INV-1026 is overdue", "7 days ago"},
		{"2026-12-28", "", ""},
		{"2027-01-05", "INV-1026 is overdue", "21 days ago"},
		{"2027-01-19", "INV-1026 is overdue", "35 days ago"},
		{"2027-02-02", "", ""}, // three times in all
		{"2027-02-16", "", ""},
	} {
		at(t, site, c.day)
		mails := mailsOf(t, site, "billing:find_reminders") // the clock strikes twice, Tom may not see invoices
		switch {
		case c.subject == "" && len(mails) > 0:
			t.Errorf("on %s there are %d mails: %s", c.day, len(mails), mails[0].Subject)
		case c.subject != "" && (len(mails) != 1 || mails[0].Subject != c.subject || !strings.Contains(mails[0].Text, c.text)):
			t.Errorf("on %s: %+v", c.day, mails)
		}
	}
	if text := maria.Open(cabinets).Text(); strings.Count(text, "Reminded Ana Rivera") != 5 {
		t.Error("the invoice does not tell of its reminders")
	}
	site.As("ana").Open("/portal/all/billing").Follow("Cabinets").SeesNot(t, "Reminded")
}

// TestNobodyIsRemindedOfWhatIsSettled asks every reason for silence at the time of the sending.
func TestNobodyIsRemindedOfWhatIsSettled(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	at(t, site, "2026-12-01")
	quiet(t, site, "2026-12-01", "2026-12-15")
	maria := site.As("maria")
	maria.Open("/office/billing/reminders").Press("Add the usual three")
	cabinets := invoiceCalled(t, site, "Cabinets, first half")
	is := func(set string) func() {
		return func() { do(t, site, "update billing.invoice set "+set+" where id::text = ?", cabinets) }
	}
	for name, set := range map[string]func(){
		"paid":       is("paid = total"),
		"void":       is("stage = 'void', paid = 0"),
		"processing": is("reserved = total - paid"),
		"off for it": func() {
			maria.Open("/office/billing/invoices/"+cabinets).Untick("Reminders").Press("Save").Sees(t, "Saved.")
		},
		"off for the client": func() {
			maria.Open("/office/billing/clients/"+site.Person("ana").ClientID.String()).Untick("This client gets reminders").Press("Save").Sees(t, "Saved.")
		},
		"a paused rule": func() {
			maria.Open("/office/billing/reminders").Press("Pause: On the day it is due").Sees(t, "paused")
		},
		"no right to see it": func() {
			do(t, site, "update contact set rights = '{}' where firm_id = ? and person_id = ?", site.FirmID(), site.Person("ana").ID)
		},
		"no project": func() { do(t, site, "update project set shared = false where firm_id = ?", site.FirmID()) },
		"night":      func() { site.Freeze(time.Date(2026, 12, 15, 10, 0, 0, 0, time.UTC)) }, // four in the morning
		"a rule that is newer than the day": func() {
			do(t, site, "update billing.reminder_rule set since = '2026-12-16' where firm_id = ?", site.FirmID())
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer site.Snapshot(t)()
			at(t, site, "2026-12-15")
			set()
			if mails := mailsOf(t, site, "billing:find_reminders"); len(mails) > 0 {
				t.Errorf("%d mails: %s", len(mails), mails[0].Subject)
			}
		})
	}
	// a payment under way that fails after all: it is reminded of, if the rule's time is not over
	at(t, site, "2026-12-15")
	is("reserved = total - paid")()
	if mails := mailsOf(t, site, "billing:find_reminders"); len(mails) != 0 {
		t.Errorf("%d mails while it is being paid", len(mails))
	}
	is("reserved = 0")()
	if mails := mailsOf(t, site, "billing:find_reminders"); len(mails) != 1 {
		t.Errorf("%d mails after it failed", len(mails))
	}
}

func TestLateFees(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	at(t, site, "2026-12-01")
	quiet(t, site, "2026-12-01", "2026-12-15")
	maria := site.As("maria")
	maria.Open("/office/billing/reminders").Tick("Charge for being late").Fill("Part of what is overdue", "0").Press("Save changes").Has(t, 422)
	maria.Fill("Part of what is overdue", "1.5").Fill("Days of grace", "5").Choose("How often", "Every month, as long as it is overdue").Fill("At most for one invoice", "200").
		Tick("Send the fee at once").Press("Save changes").Sees(t, "Saved.")
	at(t, site, "2026-12-20")
	clock(t, site, "billing:find_late")
	maria.Open("/office/billing?q=late").Sees(t, "No invoice found")
	at(t, site, "2026-12-21")
	mails := mailsOf(t, site, "billing:find_late")
	// 1.5% of 8,628.58
	if len(mails) != 1 || !strings.Contains(mails[0].Text, "$129.43") || !strings.Contains(mails[0].Text, "was due on Tue, Dec 15, 2026") {
		t.Errorf("mails: %+v", mails)
	}
	ana := site.As("ana")
	ana.Open("/portal/all/billing").Follow("Late fee for INV-1026").Sees(t, "This is a fee because INV-1026 is overdue", "Late fee: 1.5% of $8,628.58 for INV-1026, overdue since Tue, Dec 15, 2026", "$8,628.58 of it is still owed")
	ana.Follow("See INV-1026").Sees(t, "Cabinets, first half", "Late fee of $129.43, INV-1029")
	// next month what the cap leaves, then nothing; and no fee for a fee
	for _, day := range []string{"2027-01-21", "2027-02-21", "2027-03-21"} {
		at(t, site, day)
		clock(t, site, "billing:find_late")
	}
	if got := one[string](t, site, "select string_agg(amount::text, ' ' order by turn) from billing.late_fee where firm_id = ?", site.FirmID()); got != "12943 7057" {
		t.Errorf("the fees are %s", got)
	}
	// the first one is waived: its invoice is void, its client hears of it, and there is room for another
	site.Settle(t)
	maria.Open("/office/billing").Follow("Late fee for INV-1026").Follow("Waive this fee").Press("Waive the fee").Has(t, 422).Sees(t, "Say why")
	before := len(site.Mails())
	maria.Fill("Reason", "SECRET-REASON").Press("Waive the fee").Sees(t, "The late fee is waived", "waived")
	var subjects []string
	for _, m := range site.Mails()[before:] {
		if !strings.HasPrefix(m.Subject, "Invoice INV-1031 from") { // the hourly look may find the room at once
			subjects = append(subjects, m.Subject)
		}
	}
	if len(subjects) != 1 || !strings.Contains(subjects[0], "is void") {
		t.Errorf("mails: %q", subjects)
	}
	ana.Open("/portal/all/billing").SeesNot(t, "SECRET-REASON")
	if n := one[int](t, site, `select count(*) from (select 1 from billing.entry group by firm_id, journal_id having sum(amount) <> 0) x`); n != 0 {
		t.Errorf("%d journals do not balance", n)
	}
	if a := site.As("ben").Post(maria.Path()+"/waiver", url.Values{"reason": {"x"}}); a.Status != 404 {
		t.Errorf("a member waives: %d", a.Status)
	}
}

func TestALateFeeWaitsAsADraft(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	at(t, site, "2026-12-01")
	quiet(t, site, "2026-12-01", "2026-12-15")
	maria := site.As("maria")
	maria.Open("/office/billing/settings").Tick("A second person approves").Press("Save changes")
	maria.Open("/office/billing/reminders").Tick("Charge for being late").Choose("How much", "A fixed amount").Fill("Fixed amount", "25").Fill("Days of grace", "0").
		Tick("Send the fee at once").Press("Save changes").Sees(t, "Saved.", "waits as a draft all the same")
	// not for whom it is off
	cabinets := "/office/billing/invoices/" + invoiceCalled(t, site, "Cabinets, first half")
	maria.Open(cabinets).Untick("Late fees").Press("Save")
	at(t, site, "2026-12-16")
	clock(t, site, "billing:find_late")
	maria.Open(cabinets).SeesNot(t, "Not sent yet").Tick("Late fees").Press("Save")
	clock(t, site, "billing:find_late")
	clock(t, site, "billing:find_late")
	if n := one[int](t, site, "select count(*) from billing.late_fee where firm_id = ?", site.FirmID()); n != 1 {
		t.Errorf("%d fees", n)
	}
	site.As("ana").Open("/portal/all/billing").SeesNot(t, "Late fee")
	site.As("ana").Open("/portal/all/billing").Follow("Cabinets").SeesNot(t, "Late fee")
	maria.Open(cabinets).Sees(t, "Late fee of $25.00, not sent yet").Follow("Not sent yet").Follow("Waive this fee").Sees(t, "Its draft is deleted").
		Fill("Reason", "A friend").Press("Waive the fee").Sees(t, "Cabinets", "A friend")
	at(t, site, "2027-06-01")
	clock(t, site, "billing:find_late")
	if n := one[int](t, site, "select count(*) from billing.late_fee where firm_id = ?", site.FirmID()); n != 1 {
		t.Errorf("%d fees", n)
	}
}

// TestAVoidInvoiceAsksForNoFee: nobody is late with what was never owed. A fee that was paid is left to a person.
func TestAVoidInvoiceAsksForNoFee(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	for name, sends := range map[string]bool{"a draft": false, "one that went out": true} {
		t.Run(name, func(t *testing.T) {
			defer site.Snapshot(t)()
			at(t, site, "2026-12-01")
			quiet(t, site, "2026-12-01", "2026-12-15")
			maria := site.As("maria")
			maria.Open("/office/billing/reminders").Tick("Charge for being late").Choose("How much", "A fixed amount").Fill("Fixed amount", "25").Fill("Days of grace", "0")
			if sends {
				maria.Tick("Send the fee at once")
			}
			maria.Press("Save changes").Sees(t, "Saved.")
			at(t, site, "2026-12-16")
			clock(t, site, "billing:find_late")
			late := invoiceCalled(t, site, "Cabinets, first half")
			for _, payment := range strings.Fields(one[string](t, site, "select coalesce(string_agg(distinct payment_id::text, ' '), '') from billing.allocation where invoice_id = ?", late)) {
				if a := maria.Post("/office/billing/payments/"+payment+"/reversal", url.Values{"reason": {"It bounced"}}); a.Status != 303 {
					t.Fatal(a.Status)
				}
			}
			maria.Open("/office/billing/invoices/"+late).Sees(t, "Late fee of $25.00").Follow("Void this invoice").Sees(t, "Late fees for it that nobody has paid are taken back").
				Fill("Reason", "Ordered twice").Press("Void this invoice").Sees(t, "is void", "waived")
			if n := one[int](t, site, "select count(*) from billing.late_fee f join billing.invoice i on i.firm_id = f.firm_id and i.id = f.fee_invoice_id where f.firm_id = ? and i.stage <> 'void'", site.FirmID()); n != 0 {
				t.Errorf("%d fees for a void invoice are asked for", n)
			}
			site.As("ana").Open("/portal/all/billing").SeesNot(t, "$25.00 owed")
			agrees(t, site)
		})
	}
}

// TestAFixedFeeIsOfItsCurrency: 25 dollars are no 2,500 yen when the firm takes another currency.
func TestAFixedFeeIsOfItsCurrency(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	at(t, site, "2026-12-01")
	quiet(t, site, "2026-12-01", "2026-12-15")
	maria := site.As("maria")
	maria.Open("/office/billing/reminders").Tick("Charge for being late").Choose("How much", "A fixed amount").Fill("Fixed amount", "25").Fill("Days of grace", "0").
		Press("Save changes").Sees(t, "Saved.")
	do(t, site, "update firm set currency = 'JPY' where firm_id = ?", site.FirmID())
	do(t, site, "update billing.invoice set currency = 'JPY' where number = 'INV-1026' and firm_id = ?", site.FirmID())
	at(t, site, "2026-12-16")
	clock(t, site, "billing:find_late")
	if n := one[int](t, site, "select count(*) from billing.late_fee where firm_id = ?", site.FirmID()); n != 0 {
		t.Errorf("%d fees of another currency", n)
	}
	maria.Open("/office/billing/reminders").SeesNot(t, "2500").Tick("Charge for being late").Choose("How much", "A fixed amount").Fill("Fixed amount", "3000").
		Press("Save changes").Sees(t, "Saved.")
	do(t, site, "update billing.late_rule set since = '2026-12-01' where firm_id = ?", site.FirmID())
	clock(t, site, "billing:find_late")
	if fee := one[int](t, site, "select coalesce(max(amount), 0) from billing.late_fee where firm_id = ?", site.FirmID()); fee != 3000 {
		t.Errorf("the fee is %d", fee)
	}
}
