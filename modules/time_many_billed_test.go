package modules_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"portico/platform/portaltest"
)

// TestMoreHoursThanAnInvoiceHolds: 250 entries become three drafts, and every page says what is left.
func TestMoreHoursThanAnInvoiceHolds(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	maple := mapleID(t, site)
	exec(t, site, "delete from time.expense where firm_id = ?", site.FirmID())
	exec(t, site, "delete from time.entry where firm_id = ?", site.FirmID())
	exec(t, site, "delete from billing.charge where firm_id = ? and invoice_id is null", site.FirmID())
	exec(t, site, `
		insert into time.entry (firm_id, id, client_id, project_id, person_id, work_date, minutes, task, state, currency, approved_at)
		select p.firm_id, gen_random_uuid(), p.client_id, p.id, ?0, date '2025-01-01' + n, 61, 'Long job', 'approved', p.currency, now()
		from generate_series(1, 250) n join project p on p.id = ?1`, site.Person("diego").ID, maple)
	maria := site.As("maria").For(t)
	maria.Post("/office/time/projects/"+maple+"/handovers", url.Values{})
	site.Settle(t)
	tab := "/office/billing/projects/" + maple
	onDrafts := func() int {
		return rows(t, site, "select count(*) from billing.charge c join billing.line l on l.firm_id = c.firm_id and l.source_id = c.id and l.invoice_id = c.invoice_id where c.source = 'time' and c.text like 'Long job%'")
	}
	ticks := regexp.MustCompile(`data-tick name="id" value="([^"]+)"`)
	last := ""
	for n, want := range []struct {
		page, said string
		on         int
	}{
		{"50 more follow when they are on drafts.", "An invoice holds 100 lines: the other 100 stand under “Not billed yet” still", 100},
		{"Long job", "An invoice holds 100 lines: the other 50 stand under “Not billed yet” still", 200},
		{"Long job", "On the draft: 50 things. Only staff see it.", 250},
	} {
		body := maria.Open(tab).Sees(t, want.page).Body()
		if n == 0 && !strings.Contains(body, "$23,390.00") { // each 61 minutes at $92 are 1.017 hours, $93.56
			t.Error("the sum is not that of all 250")
		}
		form := url.Values{"to": {"new"}}
		for _, id := range ticks.FindAllStringSubmatch(body, -1) {
			form.Add("id", id[1])
		}
		if n == 1 { // a draft that is full takes no more
			form.Set("to", last)
			if a := maria.Post(tab+"/charges", form); a.Status != 409 || !strings.Contains(string(a.Body), "This draft has 100 lines") {
				t.Errorf("%d", a.Status)
			}
			form.Set("to", "new")
		}
		a := maria.Post(tab+"/charges", form)
		last = a.Header.Get("Location")
		last = last[strings.LastIndex(last, "/")+1:]
		maria.Open("/office/billing/invoices/"+last).Sees(t, "Hours worked", want.said)
		if n := onDrafts(); n != want.on {
			t.Fatalf("%d are on drafts, not %d", n, want.on)
		}
	}
	maria.Open(tab).SeesNot(t, "Long job")
}
