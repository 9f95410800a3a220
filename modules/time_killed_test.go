package modules_test

import (
	"fmt"
	"net/url"
	"regexp"
	"sync"
	"testing"
	"time"

	"portico/platform/module"
	"portico/platform/portaltest"
)

// TestVictim is a worker that is killed.
func TestVictim(t *testing.T) { portaltest.Victim(t, module.All()...) }

// TestHoursAreBilledOnceThoughWorkersAreKilled: three people press Bill at once, two put what came of it on drafts, and
// the workers that carry it from one section to the other die with it in their hands. Each hour stands on one line.
func TestHoursAreBilledOnceThoughWorkersAreKilled(t *testing.T) {
	site := portaltest.Open(t)
	maple := mapleID(t, site)
	exec(t, site, "delete from time.expense where firm_id = ?", site.FirmID())
	exec(t, site, "delete from time.entry where firm_id = ?", site.FirmID())
	exec(t, site, "delete from billing.charge where firm_id = ? and invoice_id is null", site.FirmID())
	exec(t, site, "update outbox set done_at = now() where done_at is null and dead_at is null")
	const many = 90
	exec(t, site, `
		insert into time.entry (firm_id, id, client_id, project_id, person_id, work_date, minutes, task, state, currency, approved_at)
		select p.firm_id, gen_random_uuid(), p.client_id, p.id, ?0, date '2025-01-01' + n, 61, 'Hard job', 'approved', p.currency, now()
		from generate_series(1, ?2) n join project p on p.id = ?1`, site.Person("diego").ID, maple, many)
	press := func(path string, forms ...url.Values) {
		t.Helper()
		var all sync.WaitGroup
		for n, form := range forms {
			b := site.As([]string{"maria", "priya"}[n%2]).For(t)
			all.Go(func() { b.Post(path, form) })
		}
		all.Wait()
	}
	// dying does work until all of it is done, and kills two workers that are in the middle of it
	dying := func(what, count string, from, to int) {
		t.Helper()
		until := func(n int) {
			t.Helper()
			portaltest.Eventually(t, 2*time.Minute, fmt.Sprintf("%s: %d", what, n), func() bool { return rows(t, site, count) >= n })
		}
		for n := range 2 {
			victim := site.StartVictim(t)
			until(from + (to-from)*(n+1)/4)
			portaltest.Kill(victim)
			site.Forget(t)
		}
		site.StartVictim(t)
		until(to)
		site.Settle(t)
		if n := rows(t, site, count); n != to {
			t.Errorf("%s: %d, not %d", what, n, to)
		}
	}
	press("/office/time/projects/"+maple+"/handovers", url.Values{}, url.Values{}, url.Values{})
	dying("charges", "select count(*) from billing.charge where source = 'time' and text like 'Hard job%'", 0, many)

	tab := "/office/billing/projects/" + maple
	form := url.Values{"to": {"new"}}
	for _, id := range regexp.MustCompile(`data-tick name="id" value="([^"]+)"`).FindAllStringSubmatch(site.As("maria").For(t).Open(tab).Body(), -1) {
		form.Add("id", id[1])
	}
	press(tab+"/charges", form, form)
	if n := rows(t, site, "select count(*) from billing.line l join billing.charge c on c.firm_id = l.firm_id and c.id = l.source_id where c.text like 'Hard job%'"); n != many {
		t.Errorf("%d lines of %d hours", n, many)
	}
	var draft string
	if err := site.DB(t).QueryRowContext(t.Context(), "select distinct invoice_id from billing.charge where text like 'Hard job%'").Scan(&draft); err != nil {
		t.Fatal(err)
	}
	maria := site.As("maria").For(t)
	maria.Open("/office/billing/invoices/" + draft).Follow("Approve and release").Press("Approve and release")
	dying("invoiced entries", "select count(*) from time.entry where task = 'Hard job' and state = 'invoiced'", 0, many)
	if n := rows(t, site, "select count(*) from time.entry where task = 'Hard job' and invoice_id = '"+draft+"'"); n != many {
		t.Errorf("%d are on that invoice", n)
	}
	maria.Open("/office/billing/invoices/"+draft).Sees(t, "$8,420.40") // 90 times 1.017 hours at $92: $93.56 each
}
