package billing_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/modules/billing"
	"portico/platform/portaltest"
)

func do(t *testing.T, site *portaltest.Site, query string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).NewRaw(query, args...).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func one[T any](t *testing.T, site *portaltest.Site, query string, args ...any) (value T) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func invoiceCalled(t *testing.T, site *portaltest.Site, title string) string {
	t.Helper()
	return one[uuid.UUID](t, site, "select id from billing.invoice where firm_id = ? and title = ?", site.FirmID(), title).String()
}

func TestFromDraftToRelease(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		ben.Open("/office/billing").Follow("New invoice").Follow("Maple Street remodel").Has(t, 200).Sees(t, "New invoice", "Ana & Tom Rivera")
		// nothing typed: words beside the field, and a draft may still have no lines
		ben.Press("Save draft").Has(t, 422).Sees(t, "Say what the invoice is for.")
		// a line too many and one too few, without a script
		ben.Fill("What is it for?", "Third draw").Fill("What", "Third draw, 20%").Fill("Price", "36,400").Press("Add a line")
		ben.Has(t, 200).Sees(t, "$36,400.00", "Line 4")
		ben.Press("Remove line 2").SeesNot(t, "Line 4")
		if ben.Value("What is it for?") != "Third draw" {
			t.Error("what was typed is lost")
		}
		a := ben.Post("/office/billing/invoices", url.Values{
			"project": {one[uuid.UUID](t, site, "select id from project where key = 'maple-street'").String()}, "title": {"Kept title"},
			"line_text": {"Nails", "", "Wood"}, "line_quantity": {"two", "1", "1"}, "line_price": {"12.345", "", "x"}, "line_discount": {"", "", "101"}, "line_tax": {"8.25", "", ""},
			"message": {"Kept message"}, "due_on": {"soon"},
		})
		for _, want := range []string{"Kept title", "Kept message", "Nails", "Enter a number with at most three decimals", "USD has 2 decimals", "Enter an amount", "percentage between 0 and 100", "Enter a date", `value="12.345"`, `value="101"`} {
			if a.Status != 422 || !strings.Contains(string(a.Body), want) {
				t.Errorf("%d, without %q", a.Status, want)
			}
		}
		ben.Press("Save draft").Has(t, 200).Sees(t, "Saved as a draft", "Only staff see this draft", "$36,400.00", "An owner or admin approves").SeesNot(t, "Approve and release")
		path := ben.Path()
		ben.Follow("Edit").Fill("Price", "36,500").Fill("Internal notes", "Ask Tom first").Press("Save draft").Sees(t, "Saved.", "$36,500.00", "Ask Tom first")

		// Ben is a member: what clients owe is not his to decide
		for _, deed := range []string{"/approval", "/release", "/voiding"} {
			if a := ben.Post(path+deed, url.Values{}); a.Status != 404 {
				t.Errorf("a member may post %s: %d", deed, a.Status)
			}
		}
		site.As("ana").For(t).Open("/portal/all/billing").SeesNot(t, "Third draw")

		before := len(site.Mails())
		maria := site.As("maria").For(t)
		maria.Open(path).Press("Approve, release later").Sees(t, "Ready to release", "Approved")
		maria.Press("Make it a draft again").Sees(t, "Only staff see this draft")
		maria.Follow("Approve and release").Press("Approve and release").Sees(t, "Released as INV-1029", "Released by Maria Okafor", "Record a payment")
		mail := site.MailTo("ana")
		if !strings.Contains(mail.Text, "$36,500.00 is due on") || mail.Subject != "Invoice INV-1029 from Northgate Builders" {
			t.Errorf("%s: %s", mail.Subject, mail.Text)
		}
		if n := len(site.Mails()) - before; n != 1 { // Tom may not see invoices
			t.Errorf("%d mails went out", n)
		}
		ana := site.As("ana").For(t)
		link := portaltest.MailedLink(t, mail)
		ana.Open(link[strings.Index(link, "/portal/"):]).Has(t, 200).Sees(t, "Third draw", "INV-1029", "$36,500.00", "First Bank of Austin").SeesNot(t, "Ask Tom first", "Ben", "Maria")
		ben.Open(path+"/edit").SeesNot(t, "Save draft") // it is out of the house
		if a := ben.Post(path, url.Values{"title": {"Cheaper"}, "version": {"9"}}); a.Status != 422 && a.Status != 409 {
			t.Errorf("a released invoice was changed: %d", a.Status)
		}
		ana.Open("/portal/all/billing").Sees(t, "Third draw")
	})
}

// seen is what the forms of an invoice's page send.
func seen(t *testing.T, site *portaltest.Site, path string) url.Values {
	t.Helper()
	return url.Values{"version": {one[string](t, site, "select version::text from billing.invoice where id::text = ?", path[strings.LastIndex(path, "/")+1:])}}
}

// TestWhatIsDecidedIsWhatWasSeen: a colleague saves another price while an owner reads.
func TestWhatIsDecidedIsWhatWasSeen(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	maria, ben, priya := site.As("maria"), site.As("ben"), site.As("priya")
	maria.Open("/office/billing").Follow("Backsplash tile")
	path := maria.Path()
	ben.Open(path+"/edit").Fill("Price", "99").Press("Save draft").Sees(t, "Saved.")
	before := len(site.Mails())
	maria.Follow("Approve and release").Sees(t, "Somebody has changed this invoice meanwhile", "$4,207.50", "Only staff see this draft")
	maria.Follow("Approve and release").Sees(t, "Release this invoice?", "Backsplash tile", "$4,554.62", "Ana & Tom Rivera", "1 person gets a mail", "Ana Rivera, ana.rivera@")
	ben.Open(path+"/edit").Fill("Price", "98.50").Press("Save draft").Sees(t, "Saved.")
	maria.Press("Approve and release").Has(t, 409).Sees(t, "Somebody has changed this invoice meanwhile", "Only staff see this draft")
	ben.Open(path+"/edit").Fill("Price", "99").Press("Save draft").Sees(t, "Saved.")
	if n := len(site.Mails()) - before; n != 0 {
		t.Errorf("%d mails went out", n)
	}
	maria.Open(path)
	ben.Open(path+"/edit").Fill("Price", "54").Press("Save draft")
	maria.Press("Approve, release later").Has(t, 409).Sees(t, "Only staff see this draft")
	maria.Press("Approve, release later").Sees(t, "Ready to release") // what she sees now
	priya.Open(path).Press("Make it a draft again")
	ben.Open(path+"/edit").Fill("Price", "98").Press("Save draft")
	priya.Open(path).Press("Approve, release later")
	maria.Press("Make it a draft again").Has(t, 409).Sees(t, "Ready to release")
	if a := maria.Post(path+"/release", url.Values{}); a.Status != 409 {
		t.Errorf("released without saying what was seen: %d", a.Status)
	}

	// ticked in a list that is old: the one that was changed stays, and its row says so
	maria.Open("/office/billing?state=approved").Tick("Tick Backsplash tile").Tick("Tick Second draw: drywall and plumbing")
	priya.Open(path).Press("Make it a draft again").Follow("Edit").Fill("Price", "97").Press("Save draft").Press("Approve, release later")
	maria.Press("Release ticked").Sees(t, "Release 2 invoices?", "Ana Rivera").Press("Release 2 invoices").Sees(t, "1 invoice released", "Changed meanwhile and not released: 1 invoice", "Backsplash tile", "Changed meanwhile, not released").SeesNot(t, "Second draw")
	maria.Tick("Tick Backsplash tile").Press("Release ticked").Press("Release 1 invoice").Sees(t, "1 invoice released").SeesNot(t, "Changed meanwhile")

	// two who void
	first := "/office/billing/invoices/" + invoiceCalled(t, site, "First draw: demolition and framing")
	maria.Open(first+"/voiding").Fill("Reason", "Wrong")
	do(t, site, "update billing.invoice set version = version + 1 where firm_id = ? and title like 'First draw%'", site.FirmID())
	maria.Press("Void this invoice").Has(t, 409).Sees(t, "Somebody has changed this invoice meanwhile")
	if maria.Value("Reason") != "Wrong" {
		t.Error("the reason is lost")
	}
}

func TestASecondPersonApproves(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	maria := site.As("maria")
	maria.Open("/office/billing/settings").Tick("A second person approves").Press("Save changes").Sees(t, "Saved.")
	maria.Open("/office/billing").Follow("Backsplash tile").Follow("Edit").Fill("Internal notes", "By Maria").Press("Save draft").Sees(t, "Saved.") // now it is hers, too
	path := maria.Path()
	// saved by somebody else as it is, it is as much hers as before
	site.As("priya").Open(path+"/edit").Press("Save draft").Sees(t, "Nothing was changed.")
	// and written on by a third person, it still is
	site.As("ben").Open(path+"/edit").Fill("Internal notes", "By Maria and Ben").Press("Save draft").Sees(t, "Saved.")
	maria.Open(path).Sees(t, "You wrote on it, so somebody else has to approve it.").SeesNot(t, "Approve and release")
	for _, deed := range []string{"/release", "/approval"} {
		a := maria.Post(path+deed, seen(t, site, path))
		if a.Status != 409 || !strings.Contains(string(a.Body), "Somebody else has to approve what you wrote.") {
			t.Errorf("she approved her own: %d", a.Status)
		}
	}
	site.As("priya").Open(path).Follow("Approve and release").Press("Approve and release").Sees(t, "Released as INV-1029")
}

func TestReleaseTicked(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	site.Both(t, "priya", func(t *testing.T, priya *portaltest.Browser) {
		priya.Open("/office/billing?state=approved").Tick("Tick Second draw: drywall and plumbing").Press("Release ticked").Sees(t, "Release this invoice?", "$45,500.00").Press("Release 1 invoice")
		priya.Sees(t, "1 invoice released").SeesNot(t, "Backsplash")
		site.Settle(t)
		site.As("ana").For(t).Open("/portal/all/billing").In("Second draw: drywall and plumbing").SeesNot(t, "Upcoming")
		priya.Open("/office/billing?state=approved").Sees(t, "No invoice found")
	})
}

func TestAnOfflinePayment(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	site.Both(t, "priya", func(t *testing.T, priya *portaltest.Browser) {
		priya.Open("/office/billing").Follow("First draw").Follow("Record a payment")
		if priya.Value("Amount") != "48184.60" {
			t.Errorf("the balance is not filled in: %q", priya.Value("Amount"))
		}
		priya.Fill("Amount", "0").Press("Record the payment").Has(t, 422).Sees(t, "Enter more than nothing.")
		priya.Fill("Amount", "many").Fill("Reference", "Check 2230").Press("Record the payment").Has(t, 422).Sees(t, "Enter an amount")
		if priya.Value("Reference") != "Check 2230" {
			t.Error("the reference is lost")
		}
		priya.Fill("Received on", "2099-01-01").Fill("Amount", "5").Press("Record the payment").Has(t, 422).Sees(t, "This day is still to come.")
		priya.Fill("Received on", site.Now().AddDate(0, 0, -1).Format(time.DateOnly))
		// $5.95 too much: it stays on account, and pays a part of the next invoice
		priya.Fill("Amount", "$48,190.55").Fill("Internal notes", "SECRET-NOTE").Press("Record the payment")
		priya.Has(t, 200).Sees(t, "$5.95 stays on account", "Recorded by Priya Raman", "Check 2230", "INV-1025")
		site.As("ana").For(t).Open("/portal/all/billing/payments").Sees(t, "Check 2230", "$48,190.55") // as on the office's receipt
		priya.Choose("Put it on", "INV-1026, Cabinets, first half: $8,628.58 owed").Fill("Amount", "6.00").Press("Put on invoice").Has(t, 422).Sees(t, "Only $5.95 of it is left.")
		priya.Fill("Amount", "5.95").Press("Put on invoice").Sees(t, "$5.95 now stands on INV-1026").SeesNot(t, "on account")
		payment := priya.Path()
		ana := site.As("ana").For(t)
		ana.Open("/portal/all/billing").In("First draw").Sees(t, "Paid", "$0.00").SeesNot(t, "Overdue")
		ana.Open("/portal/all/billing").In("Cabinets").Sees(t, "$8,622.63")
		ana.Open("/portal/all/billing/payments").Sees(t, "Check 2230", "$48,190.55").SeesNot(t, "SECRET-NOTE", "Priya")

		// the check bounces: both are owed again, and the books keep everything
		priya.Follow("Reverse").Press("Reverse this payment").Has(t, 422).Sees(t, "Say why")
		priya.Fill("Reason", "The check bounced").Press("Reverse this payment").Sees(t, "is reversed", "The check bounced", "Nowhere")
		ana.Open("/portal/all/billing").In("First draw").Sees(t, "Overdue", "$48,184.60")
		ana.Open("/portal/all/billing/payments").SeesNot(t, "Check 2230")
		ana.Open("/portal/all/billing/statement").Sees(t, "taken back", "$56,813.18").SeesNot(t, "bounced")
		if a := priya.Post(payment+"/reversal", url.Values{"reason": {"again"}}); a.Status != 409 {
			t.Errorf("reversed twice: %d", a.Status)
		}
	})
}

func TestVoid(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	site.Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		maria.Open("/office/billing").Follow("Cabinets").SeesNot(t, "Void this invoice") // it is partly paid
		if a := maria.Post("/office/billing/invoices/"+invoiceCalled(t, site, "Cabinets, first half")+"/voiding", url.Values{"reason": {"x"}}); a.Status != 409 {
			t.Errorf("void although paid: %d", a.Status)
		}
		maria.Open("/office/billing").Follow("First draw").Follow("Void this invoice").Press("Void this invoice").Has(t, 422)
		maria.Fill("Reason", "SECRET-REASON").Press("Void this invoice").Sees(t, "INV-1025 is void", "SECRET-REASON")
		ana := site.As("ana").For(t)
		ana.Open("/portal/all/billing").In("First draw").Sees(t, "Void", "$0.00")
		ana.Open("/portal/all/billing").Follow("First draw").Sees(t, "This invoice is void").SeesNot(t, "SECRET-REASON")
	})
}

func TestACredit(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	maria := site.As("maria")
	maria.Open("/office/billing").Follow("Cabinets").Follow("Give a credit").Fill("Amount", "8628.58").Press("Give the credit").Has(t, 422).Sees(t, "Say what the credit is for")
	maria.Fill("What it is for", "We are sorry").Press("Give the credit").Sees(t, "CM-0002", "INV-1026")
	site.As("ana").Open("/portal/all/billing").In("Cabinets").Sees(t, "Paid", "$0.00")
	// a small credit never settles more than itself
	maria.Open("/office/billing").Follow("First draw").Follow("Give a credit").Fill("Amount", "0.01").Fill("What it is for", "A cent").Press("Give the credit")
	site.As("ana").Open("/portal/all/billing").In("First draw").Sees(t, "$48,184.59", "Overdue")
}

func TestSettings(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	site.Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		maria.Open("/office/billing/settings").Fill("Days to pay", "many").Fill("Tax on new lines", "120").Press("Save changes").Has(t, 422).
			Sees(t, "between 0 and 365", "between 0 and 100")
		maria.Fill("Days to pay", "30").Fill("Tax on new lines", "19").Fill("Invoices begin with", "NB-").Press("Save changes").Sees(t, "Saved.", "NB-1029")
		maria.Open("/office/billing").Follow("Backsplash").Follow("Approve and release").Press("Approve and release").Sees(t, "NB-1029")
		site.As("ben").For(t).Open("/office/billing/settings").Has(t, 404)
	})
	noor := site.Firm("harbor").As("noor")
	noor.Open("/office/billing").SeesNot(t, "Rivera draw", "INV-1029")
}

func TestDueTodayIsNotOverdue(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	do(t, site, "update firm set zone = 'Pacific/Honolulu' where key = 'demo'")
	do(t, site, "update billing.invoice set due_on = '2099-01-01' where firm_id = ? and number is not null", site.FirmID())
	for _, c := range []struct {
		at   time.Time // UTC; Honolulu is ten hours behind
		late bool
	}{
		{time.Date(2026, 12, 9, 9, 30, 0, 0, time.UTC), false}, // 23:30 on the 8th
		{time.Date(2026, 12, 9, 10, 30, 0, 0, time.UTC), true}, // 00:30 on the 9th
	} {
		do(t, site, "update billing.invoice set due_on = '2026-12-08' where firm_id = ? and title like 'Cabinets%'", site.FirmID())
		site.Freeze(c.at)
		ana := site.As("ana")
		list := strings.Contains(ana.Open("/portal/all/billing").Text(), "Overdue")
		detail := strings.Contains(ana.Open("/portal/all/billing/invoices/"+invoiceCalled(t, site, "Cabinets, first half")).Text(), "Overdue")
		office := strings.Contains(site.As("maria").Open("/office/billing?state=overdue").Text(), "Cabinets")
		if list != c.late || detail != c.late || office != c.late {
			t.Errorf("at %s: overdue in the list %v, the detail %v, the office %v; want %v", c.at, list, detail, office, c.late)
		}
	}
}

func TestTheOfficesList(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	maria := site.As("maria")
	project := one[uuid.UUID](t, site, "select id from project where key = 'maple-street'")
	for n := range 120 {
		do(t, site, `insert into billing.invoice (firm_id, id, client_id, project_id, title, currency, due_on, net, total)
			values (?, ?, ?, ?, ?, 'USD', ?, ?, ?)`, site.FirmID(), uuid.Must(uuid.NewV7()), site.Person("ana").ClientID, project, fmt.Sprintf("Bulk %03d", n),
			time.Date(2027, 1, 1+n%9, 0, 0, 0, 0, time.UTC), n%7, n%7)
	}
	for _, sort := range []string{"-made", "made", "due", "-due", "amount", "-amount"} {
		seen, pages := map[string]bool{}, 0
		maria.Open("/office/billing?state=draft&sort=" + sort)
		for {
			pages++
			for n := range 120 {
				if title := fmt.Sprintf("Bulk %03d", n); strings.Contains(maria.Body(), title+"<") {
					if seen[title] {
						t.Errorf("%s: %s stands twice", sort, title)
					}
					seen[title] = true
				}
			}
			if maria.Find(`a[rel="next"]`) == nil || pages > 5 {
				break
			}
			maria.Follow("Next")
		}
		if len(seen) != 120 || pages != 3 {
			t.Errorf("%s: %d rows on %d pages", sort, len(seen), pages)
		}
		maria.Follow("Previous")
		if maria.Find(`a[rel="prev"]`) == nil {
			t.Errorf("%s: the page before is the first one", sort)
		}
	}
	maria.Open("/office/billing?q=1026").Sees(t, "Cabinets").SeesNot(t, "First draw")
	maria.Open("/office/billing?q=rivera+caBINets").Sees(t, "INV-1026").SeesNot(t, "First draw")
	maria.Open("/office/billing?q=chen").Sees(t, "Draw at dry-in").SeesNot(t, "Cabinets")
	maria.Open("/office/billing?q=%27%28").Sees(t, "No invoice found")
	maria.Open("/office/billing?after=nonsense&sort=due").Has(t, 200)
}
