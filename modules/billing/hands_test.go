package billing_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing"
	"portico/platform/portaltest"
)

func TestNumbersHaveNoGaps(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	maria := site.As("maria")
	maria.Open("/office/billing?state=approved").Has(t, 200)
	do(t, site, "update billing.invoice set stage = 'approved' where firm_id = ? and stage = 'draft'", site.FirmID())
	ids := strings.Fields(one[string](t, site, "select string_agg(id::text || ':' || version, ' ') from billing.invoice where firm_id = ? and stage = 'approved'", site.FirmID()))
	// one that is not there is left out, and takes no number
	if a := maria.Post("/office/billing/releases", url.Values{"id": {uuid.NewString() + ":1", ids[0]}}); a.Status != 303 {
		t.Errorf("released with a stranger among them: %d", a.Status)
	}
	if a := maria.Post("/office/billing/releases", url.Values{"id": {"nonsense"}}); a.Status != 400 {
		t.Errorf("released nonsense: %d", a.Status)
	}
	var all sync.WaitGroup
	for _, invoice := range ids {
		for range 2 {
			id, version, _ := strings.Cut(invoice, ":")
			all.Go(func() {
				site.As("maria").Post("/office/billing/invoices/"+id+"/release", url.Values{"version": {version}})
			})
		}
	}
	all.Wait()
	if n := one[int](t, site, "select max(ordinal) - min(ordinal) + 1 - count(*) from billing.invoice where firm_id = ? and ordinal is not null", site.FirmID()); n != 0 {
		t.Errorf("%d numbers are missing", n)
	}
	if n := one[int](t, site, "select count(*) from billing.invoice where firm_id = ? and stage = 'released' and id::text || ':' || version - 1 in (?)", site.FirmID(), bun.List(ids)); n != len(ids) {
		t.Error("it was not released")
	}
	maria.Open("/office/billing/settings").SeesNot(t, "First number")
}

func TestAFormSentTwiceIsOnePayment(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	client := site.Person("ana").ClientID.String()
	form := url.Values{"key": {uuid.NewString()}, "amount": {"100"}, "currency": {"USD"}, "method": {"cash"}, "received_on": {site.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)}, "to": {"oldest"}}
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			if a := site.As("maria").Post("/office/billing/clients/"+client+"/payments", form); a.Status != 303 {
				t.Errorf("%d", a.Status)
			}
		})
	}
	all.Wait()
	if n := one[int](t, site, "select count(*) from billing.payment where firm_id = ? and method = 'cash'", site.FirmID()); n != 1 {
		t.Errorf("%d payments", n)
	}
}

func TestManyPaymentsAtOnceNeverPayMoreThanIsOwed(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	client := site.Person("ana").ClientID.String()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			site.As("maria").Post("/office/billing/clients/"+client+"/payments", url.Values{
				"key": {uuid.NewString()}, "amount": {"20000"}, "currency": {"USD"}, "method": {"transfer"}, "received_on": {site.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)},
				"to": {invoiceCalled(t, site, "First draw: demolition and framing")},
			})
		})
	}
	all.Wait()
	got := one[string](t, site, "select state || ' ' || paid from billing.invoice where title like 'First draw%' and firm_id = ?", site.FirmID())
	if got != "paid 4818460" {
		t.Errorf("it is %s", got)
	}
}

// TestManyHandsAtOnce lets people release, pay and void for two projects at the same time: nobody waits for ever, and
// the books hold.
func TestManyHandsAtOnce(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	client := site.Person("ana").ClientID.String()
	do(t, site, "update billing.invoice set stage = 'approved' where firm_id = ? and stage = 'draft'", site.FirmID())
	approved := strings.Fields(one[string](t, site, "select string_agg(id::text || ':' || version, ' ') from billing.invoice where firm_id = ? and stage = 'approved'", site.FirmID()))
	first := invoiceCalled(t, site, "First draw: demolition and framing")
	var all sync.WaitGroup
	post := func(path string, form url.Values) {
		all.Go(func() {
			if a := site.As("maria").Post(path, form); a.Status >= 500 {
				t.Errorf("%s: %d", path, a.Status)
			}
		})
	}
	for n := range 6 {
		post("/office/billing/releases", url.Values{"id": {approved[n%len(approved)]}})
		post("/office/billing/clients/"+client+"/payments", url.Values{
			"key": {uuid.NewString()}, "amount": {"30000"}, "currency": {"USD"}, "method": {"transfer"}, "to": {"oldest"},
			"received_on": {site.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)},
		})
		post("/office/billing/invoices/"+first+"/voiding", url.Values{"reason": {"test"}, "version": seen(t, site, first)["version"]})
	}
	all.Wait()
	if n := one[int](t, site, `select count(*) from (select 1 from billing.entry group by firm_id, journal_id having sum(amount) <> 0) x`); n != 0 {
		t.Errorf("%d journals do not balance", n)
	}
}
