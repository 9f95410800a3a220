package time_test

import (
	"net/url"
	"strings"
	"testing"

	"portico/modules/time"
	"portico/platform/portaltest"
)

// TestAllOfAListIsWhatIsToBeDone: however much of the list is done already, or cannot be done, a press does the oldest of
// what is left, and says what more there is.
func TestAllOfAListIsWhatIsToBeDone(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, time.Module)
	firm, garden := site.FirmID(), project(t, site, "maple-garden")
	many := func(task, state string, from string, n int) {
		t.Helper()
		do(t, site, `
			insert into time.entry (firm_id, id, client_id, project_id, person_id, work_date, minutes, task, state, currency, approved_at, finalised_at)
			select ?0, gen_random_uuid(), p.client_id, p.id, ?1, ?2::date + (n / 50)::integer, 30, ?3, ?4, p.currency, now(), case when ?4 = 'finalised' then now() end
			from generate_series(1, ?5) n join project p on p.firm_id = ?0 and p.id = ?6`, firm, site.Person("priya").ID, from, task, state, n, garden)
	}
	many("Plenty", "finalised", "2020-01-01", 2100)
	many("Plenty", "submitted", "2022-01-01", 2003)
	maria := site.As("maria").For(t)
	count := func(state string) int {
		return one[int](t, site, "select count(*) from time.entry where task = 'Plenty' and state = ?", state)
	}
	maria.Open("/office/time/entries?q=Plenty").Sees(t, "All 4103 of this list, the oldest 2000 at a time")
	all := url.Values{"kind": {"time"}, "list": {"q=Plenty"}, "all": {"1"}}
	maria.Post("/office/time/approvals", all)
	maria.Open("/office/time/entries?q=Plenty").Sees(t, "Approved: 1000:00 hours. 3 more of the list are left: press again.")
	if n := count("approved"); n != 2000 {
		t.Fatalf("%d are approved", n)
	}
	maria.Post("/office/time/approvals", all)
	if n := count("submitted"); n != 0 {
		t.Errorf("%d wait still", n)
	}
	// what has no rate is not in the way of what has one
	do(t, site, "delete from time.rate where firm_id = ?", firm)
	do(t, site, "insert into time.rate (firm_id, id, person_id, price, currency) values (?, gen_random_uuid(), ?, 9000, 'USD')", firm, site.Person("diego").ID)
	do(t, site, "update time.entry set person_id = ? where firm_id = ? and id in (select id from time.entry where task = 'Plenty' and state = 'approved' order by work_date desc, id limit 3)", site.Person("diego").ID, firm)
	maria.Post("/office/time/projects/"+garden+"/handovers", url.Values{})
	if n := one[int](t, site, "select count(*) from time.entry where task = 'Plenty' and handed_at is not null"); n != 3 {
		t.Errorf("%d are with billing", n)
	}
	do(t, site, "update time.entry set handed_at = null where task = 'Plenty'")
	maria.Post("/office/time/handovers", all)
	if n := one[int](t, site, "select count(*) from time.entry where task = 'Plenty' and handed_at is not null"); n != 3 {
		t.Errorf("%d are with billing", n)
	}
	// money spent goes the same way
	do(t, site, `
		insert into time.expense (firm_id, id, client_id, project_id, person_id, spent_on, category, cost, price, currency)
		select ?0, gen_random_uuid(), p.client_id, p.id, ?1, date '2021-01-01' + n, 'Plenty', 100, 100, p.currency
		from generate_series(1, 60) n join project p on p.firm_id = ?0 and p.id = ?2`, firm, site.Person("maria").ID, garden)
	maria.Open("/office/time/expenses?q=Plenty").Sees(t, "All 60 of this list")
	spent := url.Values{"kind": {"expense"}, "list": {"q=Plenty"}, "all": {"1"}}
	for _, path := range []string{"submissions", "approvals"} {
		maria.Post("/office/time/"+path, spent)
	}
	if n := one[int](t, site, "select count(*) from time.expense where category = 'Plenty' and state = 'approved'"); n != 60 {
		t.Errorf("%d expenses are approved", n)
	}
	// and a list that others see more of does no more than the viewer may
	if a := site.As("diego").For(t).Post("/office/time/returns", spent); a.Status != 303 || strings.Contains(string(a.Body), "Sent back") {
		t.Errorf("%d", a.Status)
	}
	if n := one[int](t, site, "select count(*) from time.expense where category = 'Plenty' and state = 'approved'"); n != 60 {
		t.Errorf("%d expenses are approved", n)
	}
}
