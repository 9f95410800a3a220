package billing_test

import (
	"bytes"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"portico/modules/billing"
	"portico/platform/portaltest"
)

func TestAClientSeesWhatIsOwed(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		ana.Open("/portal/all/billing").Sees(t, "$56,813.18", "Overdue", "Partly paid", "Upcoming", "Paid", "Garden plan").
			SeesNot(t, "Backsplash", "Lakeview", "Permit and survey")
		ana.Open("/portal/maple-garden/billing").Sees(t, "Garden plan").SeesNot(t, "Cabinets", "First draw")
		ana.Open("/portal/all/billing?state=owed").Sees(t, "Cabinets").SeesNot(t, "Garden plan")
		ana.Open("/portal/all/billing?state=paid").Sees(t, "Garden plan").SeesNot(t, "Cabinets")
		ana.Open("/portal/all/billing").Follow("Cabinets").Sees(t, "Kitchen cabinets, painted maple", "14", "$685.00", "$12,890.00", "Sales tax 8.25%", "$1,048.58", "$13,938.58", "−$5,310.00", "$8,628.58").
			SeesNot(t, "Priya", "Pay now")
		ana.Open("/portal/all/billing").Follow("Second draw").Sees(t, "There is nothing to pay yet").SeesNot(t, "PDF")
		ana.Open("/portal/all/billing/invoices/"+invoiceCalled(t, site, "Second draw: drywall and plumbing")+"/document").Has(t, 404)
		ana.Open("/portal/all/billing/payments").Sees(t, "Tile that came broken", "R-0005", "$18,200.00")
	})
}

func TestWhoMayNotSeeInvoicesSeesNothingOfThem(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	cabinets := invoiceCalled(t, site, "Cabinets, first half")
	payment := one[string](t, site, "select id::text from billing.payment where firm_id = ? and reference = 'Cabinets, part'", site.FirmID())
	paths := []string{
		"/portal/all/billing", "/portal/maple-street/billing", "/portal/all/billing/invoices/" + cabinets, "/portal/all/billing/invoices/" + cabinets + "/document",
		"/portal/all/billing/payments", "/portal/all/billing/payments/" + payment + "/document", "/portal/all/billing/statement", "/portal/all/billing/statement/document",
	}
	nothing := func(t *testing.T, who string) {
		t.Helper()
		b := site.As(who).For(t)
		for _, path := range paths {
			if a := b.Get(path); a.Status != 404 {
				t.Errorf("%s at %s: %d", who, path, a.Status)
			}
		}
	}
	nothing(t, "tom") // without the right
	back := site.Snapshot(t)
	do(t, site, `update client set switches = '{"billing": false}' where name like 'Ana%'`)
	nothing(t, "ana")
	back()
	do(t, site, "update contact set rights = '{make_payments}' where name = 'Ana Rivera' and firm_id = ?", site.FirmID())
	nothing(t, "ana")
	back()
	for _, who := range []string{"grace", "omar"} {
		for _, path := range []string{"/portal/all/billing/invoices/" + cabinets, "/portal/all/billing/invoices/" + cabinets + "/document", "/portal/all/billing/payments/" + payment + "/document"} {
			if a := site.As(who).Get(path); a.Status != 404 {
				t.Errorf("%s at %s: %d", who, path, a.Status)
			}
		}
	}
	if a := site.Firm("harbor").As("ana").Get("/portal/all/billing/invoices/" + cabinets); a.Status != 404 {
		t.Errorf("at the other firm: %d", a.Status)
	}
}

func TestProjectsThatAreNotSharedTakeTheirInvoicesAlong(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	garden := invoiceCalled(t, site, "Garden plan")
	gone := func(t *testing.T, why string) {
		t.Helper()
		ana := site.As("ana").For(t)
		ana.Open("/portal/all/billing").SeesNot(t, "Garden plan", "$81,265.68").Sees(t, "$80,323.18")
		ana.Open("/portal/all/billing/invoices/"+garden).Has(t, 404)
		ana.Open("/portal/all/billing/payments").SeesNot(t, "2211", "$942.50")
		ana.Open("/portal/all/billing/statement").SeesNot(t, "Garden plan", "$942.50", "2211")
		if ana.Status() != 200 {
			t.Error(why)
		}
	}
	back := site.Snapshot(t)
	for why, statement := range map[string]string{
		"not shared":   "update project set shared = false where key = 'maple-garden'",
		"archived":     "update project set status = 'archived' where key = 'maple-garden'",
		"switched off": `update project set switches = '{"billing": false}' where key = 'maple-garden'`,
	} {
		do(t, site, statement)
		gone(t, why)
		back()
	}
	// a contact of one project, with the right
	do(t, site, "update contact set rights = '{view_invoices}' where name = 'Tom Rivera' and firm_id = ?", site.FirmID())
	tom := site.As("tom")
	tom.Open("/portal/all/billing").Sees(t, "Cabinets").SeesNot(t, "Garden plan")
	tom.Open("/portal/all/billing/statement").SeesNot(t, "Garden plan")
	// an invoice that was moved to another client is gone for the first (access is asked of the invoice itself)
	do(t, site, "update billing.invoice set client_id = p.client_id, project_id = p.id from project p where p.firm_id = invoice.firm_id and p.key = 'orchard-lane' and invoice.title = 'Garden plan'")
	site.As("ana").Open("/portal/all/billing/invoices/"+garden).Has(t, 404)
	site.As("ana").Open("/portal/all/billing").SeesNot(t, "Garden plan")
}

func TestAreas(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	garden := invoiceCalled(t, site, "Garden plan")
	do(t, site, `update client set switches = '{"billing/paid": false, "billing/payments": false, "billing/statements": false}' where name like 'Ana%'`)
	ana := site.As("ana")
	ana.Open("/portal/all/billing").Sees(t, "Cabinets").SeesNot(t, "Garden plan", "Statement")
	ana.Open("/portal/all/billing/invoices/"+garden).Has(t, 404)
	ana.Open("/portal/all/billing/payments").Has(t, 404)
	ana.Open("/portal/all/billing/statement").Has(t, 404)
	ana.Open("/portal/all/billing").Follow("Cabinets").SeesNot(t, "Payments and credits")
	do(t, site, "update billing.setting set show_upcoming = false")
	ana.Open("/portal/all/billing").SeesNot(t, "Second draw")
	ana.Open("/portal/all/billing/invoices/"+invoiceCalled(t, site, "Second draw: drywall and plumbing")).Has(t, 404)
}

// pdf is the text of a document as pdftotext reads it.
func pdf(t *testing.T, body []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed")
	}
	c := exec.CommandContext(t.Context(), tool, "-layout", "-", "-")
	c.Stdin = bytes.NewReader(body)
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestDocumentsSayWhatTheScreenSays(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	do(t, site, "update client set name = 'Ana Rivera, Ελένη Παπαδοπούλου, Łukasz Żółć & Анна Иванова', notes = 'CANARY' where name like 'Ana%' and firm_id = ?", site.FirmID())
	do(t, site, "update billing.invoice set notes = 'CANARY', message = 'Vielen Dank, naïve Größe: 5 €, ₴, −1', issued_from = null where firm_id = ?", site.FirmID())
	ana := site.As("ana")
	get := func(path string) string {
		a := ana.Get(path)
		if a.Status != 200 || a.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") {
			t.Fatalf("%s: %d %v", path, a.Status, a.Header)
		}
		return pdf(t, a.Body)
	}
	invoice := get("/portal/all/billing/invoices/" + invoiceCalled(t, site, "Cabinets, first half") + "/document")
	for _, want := range []string{
		"Invoice INV-1026", "Cabinets, first half", "Northgate Builders", "418 Maple Street", "Ελένη Παπαδοπούλου", "Łukasz Żółć", "Анна Иванова", "Größe: 5 €",
		"Kitchen cabinets, painted maple", "$685.00", "$9,590.00", "$12,890.00", "Sales tax 8.25%", "$1,048.58", "$13,938.58", "−$5,310.00", "$8,628.58", "Page 1 / 1", "Tue, Dec 8, 2026",
	} {
		if want == "Tue, Dec 8, 2026" {
			want = ana.Open("/portal/all/billing/invoices/" + invoiceCalled(t, site, "Cabinets, first half")).Find("time[datetime]").FirstChild.Data
		}
		if !strings.Contains(invoice, want) {
			t.Errorf("the invoice lacks %q:\n%s", want, invoice)
		}
	}
	receipt := get("/portal/all/billing/payments/" + one[string](t, site, "select id::text from billing.payment where firm_id = ? and reference = 'Cabinets, part'", site.FirmID()) + "/document")
	statement := get("/portal/all/billing/statement/document?from=2020-01-01")
	for text, wants := range map[string][]string{
		receipt:   {"Receipt R-0006", "Bank transfer", "INV-1026: Cabinets, first half", "$5,000.00"},
		statement: {"Statement", "Credit memo CM-0001", "$81,265.68", "−$24,452.50", "$56,813.18", "Payment R-0005"},
	} {
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("it lacks %q:\n%s", want, text)
			}
		}
	}
	if strings.Contains(invoice+receipt+statement, "CANARY") {
		t.Error("internal notes are in a document")
	}
}

// holds looks for texts in a document.
func holds(t *testing.T, paper string, texts []string, want bool) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(paper, text) != want {
			t.Errorf("that it says %q is not %v:\n%s", text, want, paper)
		}
	}
}

// TestAClientsListIsReadToItsEndAndBack: over all that is owed, coming, paid and void, nothing twice and nothing left out.
func TestAClientsListIsReadToItsEndAndBack(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	ana := site.As("ana").For(t)
	do(t, site, `
		insert into billing.invoice (firm_id, id, client_id, project_id, stage, number, imported, title, currency, issued_on, due_on, net, total, paid)
		select p.firm_id, gen_random_uuid(), p.client_id, p.id, s.stage, 'Z-' || g, true, 'Row ' || g, 'USD', date '2026-01-01' + g % 7, date '2026-02-01' + g % 5, 10, 10, s.paid
		from project p, generate_series(1, 170) g
		join lateral (select case g % 4 when 3 then 'void' else 'released' end as stage, case g % 4 when 0 then 0 when 1 then 4 when 2 then 10 else 0 end as paid) s on true
		where p.firm_id = ? and p.key = 'maple-street'`, site.FirmID())
	walk := func(way string) (seen []string) {
		for {
			for _, word := range strings.Fields(ana.Text()) {
				if strings.HasPrefix(word, "Z-") {
					seen = append(seen, word)
				}
			}
			if ana.Count("nav a[rel="+way+"]") == 0 {
				return seen
			}
			ana.Follow(map[string]string{"next": "Next", "prev": "Previous"}[way])
		}
	}
	ana.Open("/portal/all/billing")
	there := walk("next")
	back := walk("prev")
	slices.Sort(there)
	slices.Sort(back)
	if len(there) != 170 || len(slices.Compact(there)) != 170 {
		t.Errorf("%d rows on the way there", len(there))
	}
	if len(slices.Compact(back)) != 170 {
		t.Errorf("%d rows on the way back", len(back))
	}
}

var amounts = regexp.MustCompile(`\d[\d.,]*[.,]\d\d\b`)

// sumsOf are the amounts of a document in cents, in whichever format.
func sumsOf(text string) (all []string) {
	for _, found := range amounts.FindAllString(text, -1) {
		all = append(all, strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, found))
	}
	return all
}

// TestAnInvoiceIsSaidInItsReadersLanguage: to a contact in their own, from the office in what the client's contacts share.
func TestAnInvoiceIsSaidInItsReadersLanguage(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	path := "/billing/invoices/" + invoiceCalled(t, site, "Cabinets, first half") + "/document"
	reads := func(who, locale string) {
		do(t, site, "update person set locale = ? where firm_id = ? and email = ?", locale, site.FirmID(), site.Person(who).Email)
	}
	said := func(who, path string) string {
		a := site.As(who).Get(path)
		if a.Status != 200 {
			t.Fatalf("%s at %s: %d", who, path, a.Status)
		}
		return strings.ReplaceAll(pdf(t, a.Body), "\u00a0", " ")
	}
	spanish := []string{"Factura INV-1026", "mié, 18 nov 2026", "13.938,58 US$", "8,25%", "Concepto", "Cantidad", "Saldo", "Página 1 / 1", "Kitchen cabinets, painted maple"}
	english := []string{"Invoice INV-1026", "Wed, Nov 18, 2026", "$13,938.58", "8.25%", "What", "Quantity", "Balance", "Page 1 / 1", "Kitchen cabinets, painted maple"}
	before := said("ana", "/portal/all"+path)
	holds(t, before, english, true)
	reads("ana", "es-ES")
	after := said("ana", "/portal/all"+path)
	holds(t, after, spanish, true)
	if a, b := sumsOf(before), sumsOf(after); !slices.Equal(a, b) || len(a) < 8 {
		t.Errorf("the sums differ: %v, %v", a, b)
	}
	holds(t, said("maria", "/office"+path), english, true) // Tom reads English
	reads("tom", "es-MX")
	holds(t, said("maria", "/office"+path), spanish[:2], true)
}
