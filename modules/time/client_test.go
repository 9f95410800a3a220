package time_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"portico/modules/time"
	"portico/platform/portaltest"
)

// TestStaffReadWhatAClientSees: the tab of a client says the areas that are on and the hours that stand on the client's own
// page, and the level that decided it.
func TestStaffReadWhatAClientSees(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, time.Module)
	switches(t, site, "unbilled_time")
	home := site.Person("ana").ClientID.String()
	seen := func() (said string) {
		body := site.As("maria").For(t).Open("/office/time/clients/" + home).Body()
		_, rest, _ := strings.Cut(body, "In all: <b>")
		said, _, _ = strings.Cut(rest, " hours")
		return said
	}
	shown := func() string {
		_, rest, _ := strings.Cut(site.As("ana").For(t).Open("/portal/all/time").Body(), `<p class="sub">`)
		said, _, _ := strings.Cut(rest, " hours in all")
		return said
	}
	before := seen()
	if before == "0:00" || before != shown() {
		t.Errorf("staff read %q, the client %q", before, shown())
	}
	maple := project(t, site, "maple-street")
	maria := site.As("maria").For(t)
	client := maria.Open("/office/time/clients/"+home).Sees(t, "What", "sees", "Unbilled time", "By project", "Latest time").Body()
	if n := strings.Count(client, `<li class="off">`); n != 7 {
		t.Errorf("%d areas are said to be off", n)
	}
	maria.Open("/office/time/projects/"+maple).Sees(t, "Unbilled time")
	// a project narrows: its own tab says so, and its hours are gone from what the client sees
	do(t, site, `update project set switches = switches || '{"time/unbilled_time": false}' where id = ?`, maple)
	if is := seen(); is == before || is != shown() && shown() != "" {
		t.Errorf("narrowed: staff read %q, the client %q; before %q", is, shown(), before)
	}
	maria.Open("/office/time/projects/"+maple).Sees(t, "by the project", "No area is on")
	do(t, site, `update project set shared = false where id = ?`, maple)
	maria.Open("/office/time/projects/"+maple).Sees(t, "this project is not shared")
	do(t, site, `update client set portal_on = false where id = ?`, home)
	maria.Open("/office/time/clients/"+home).Sees(t, "The portal of this client is off")
	if a := maria.Get("/office/time/clients/" + uuid.NewString()); a.Status != 404 {
		t.Errorf("a client that does not exist: %d", a.Status)
	}
	maria.Open("/office/time/entries?client="+home).Sees(t, "Show all again")
}

// TestMoneyOfAProjectThatChangedItsCurrency is added up by currency, on the page, on paper and beside Bill.
func TestMoneyOfAProjectThatChangedItsCurrency(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, time.Module)
	maple := project(t, site, "maple-street")
	do(t, site, "delete from time.expense where firm_id = ?", site.FirmID())
	do(t, site, "delete from time.entry where firm_id = ?", site.FirmID())
	for currency, price := range map[string]int{"USD": 1250, "JPY": 900} {
		do(t, site, `
			insert into time.expense (firm_id, id, client_id, project_id, person_id, spent_on, category, cost, price, currency, state, approved_at)
			select firm_id, gen_random_uuid(), client_id, id, ?0, date '2026-11-02', 'Materials', ?1, ?1, ?2, 'approved', now() from project where id = ?3`,
			site.Person("diego").ID, price, currency, maple)
	}
	switches(t, site, "unbilled_expenses")
	page := site.As("ana").For(t).Open("/portal/all/time").Sees(t, "2 expenses").Text()
	if !strings.Contains(page, "$12.50, ¥900") && !strings.Contains(page, "¥900, $12.50") {
		t.Errorf("the sum is of no currency: %s", page)
	}
	site.As("maria").For(t).Open("/office/time/projects/"+maple).Sees(t, "Bill $12.50").SeesNot(t, "$21.50")
}
