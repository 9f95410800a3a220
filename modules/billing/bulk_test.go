package billing_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing"
	"portico/platform/db"
	"portico/platform/portaltest"
	"portico/platform/portaltest/stopwatch"
)

// approve writes n approved invoices over all projects of the firm.
func approve(t testing.TB, site *portaltest.Site, n int) {
	t.Helper()
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(`
			with pr as (
				select p.id, p.client_id, p.currency, row_number() over (order by p.id) - 1 as n, count(*) over () as of
				from project p where p.firm_id = ?0 and p.status <> 'archived'
			), made as (
				insert into billing.invoice (firm_id, id, client_id, project_id, stage, title, currency, net, total)
				select ?0, gen_random_uuid(), pr.client_id, pr.id, 'approved', 'Bulk ' || g.n, pr.currency, 100 + g.n, 100 + g.n
				from generate_series(1, ?1) g (n) join pr on pr.n = g.n % pr.of
				returning id, net
			)
			insert into billing.line (firm_id, invoice_id, position, text, quantity, price, net, tax)
			select ?0, m.id, 1, 'Work', 1000, m.net, m.net, 0 from made m`, site.FirmID(), n).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestManyAreReleasedAtOnce presses one button for all that a filter finds.
func TestManyAreReleasedAtOnce(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	do(t, site, "delete from billing.invoice where firm_id = ? and stage = 'approved'", site.FirmID())
	approve(t, site, 1200)
	maria := site.As("maria")
	maria.Open("/office/billing?state=approved").Follow("Release all that are found").Sees(t, "Release 1,200 invoices?", "1,195 more")
	// one changes meanwhile: nothing is released, and they are shown as they are now
	do(t, site, "update billing.invoice set version = version + 1 where firm_id = ? and title = 'Bulk 17'", site.FirmID())
	maria.Press("Release 1,200 invoices").Has(t, 409).Sees(t, "These invoices have changed meanwhile", "Release 1,200 invoices?")
	began := time.Now()
	maria.Press("Release 1,200 invoices").Has(t, 200).Sees(t, "1,200 invoices released")
	stopwatch.Holds(t, "releasing", 1200*time.Millisecond, time.Since(began))
	if n := one[int](t, site, "select count(distinct ordinal) from billing.invoice where firm_id = ? and title like 'Bulk %' and stage = 'released' and issued_to[1] <> ''", site.FirmID()); n != 1200 {
		t.Errorf("%d have a number", n)
	}
	if n := one[int](t, site, "select max(ordinal) - min(ordinal) + 1 - count(*) from billing.invoice where firm_id = ? and ordinal is not null", site.FirmID()); n != 0 {
		t.Errorf("%d numbers are missing", n)
	}
	if n := one[int](t, site, "select count(*) from outbox where firm_id = ? and kind = 'billing:announce'", site.FirmID()); n != 1200 {
		t.Errorf("%d mails are promised", n)
	}
	broken := one[int](t, site, `select count(*) from (
		select 1 from billing.invoice i join billing.entry e on e.firm_id = i.firm_id and e.invoice_id = i.id and e.account = 'receivable'
		where i.title like 'Bulk %' group by i.id, i.total having sum(e.amount) <> i.total) x`)
	sums := one[int64](t, site, `select (select sum(total) from billing.invoice where firm_id = ?0 and stage = 'released') - (select sum(invoiced) from billing.total where firm_id = ?0)`, site.FirmID())
	if broken != 0 || sums != 0 {
		t.Errorf("%d invoices are booked wrongly, the totals are off by %d", broken, sums)
	}
	maria.Open("/office/billing?q=999").Sees(t, "INV-")
}

// BenchmarkRelease is what one of many invoices costs at its release.
func BenchmarkRelease(b *testing.B) {
	site := portaltest.Open(b, billing.Module)
	if _, err := site.DB(b).NewRaw("delete from billing.invoice where firm_id = ? and stage = 'approved'", site.FirmID()).Exec(b.Context()); err != nil {
		b.Fatal(err)
	}
	maria := site.As("maria")
	for b.Loop() {
		b.StopTimer()
		approve(b, site, 10_000)
		maria.Open("/office/billing?state=approved").Follow("Release all that are found")
		b.StartTimer()
		began := time.Now()
		maria.Press("Release 10,000 invoices").Sees(b, "10,000 invoices released")
		stopwatch.Holds(b, "the release of 10,000 invoices", 10*time.Second, time.Since(began))
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/10_000, "µs/invoice")
}

func TestMailedAgain(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	site.Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		before := len(site.Mails())
		maria.Open("/office/billing?state=owed").Tick("Tick Cabinets, first half").Tick("Tick First draw: demolition and framing").Press("Mail ticked again")
		maria.Sees(t, "Mail 2 invoices again?", "Ana Rivera")
		do(t, site, "update billing.invoice set paid = total where firm_id = ? and title like 'First draw%'", site.FirmID()) // it is paid meanwhile
		maria.Press("Mail again").Has(t, 200).Sees(t, "Mailed again", "Maria Okafor")
		path := maria.Path()
		mails := site.Mails()[before:]
		if len(mails) != 1 || !strings.Contains(mails[0].Text, "Once more, as a copy") || !strings.Contains(mails[0].Text, "$8,628.58") {
			t.Errorf("%d mails: %+v", len(mails), mails)
		}
		maria.Open(path).Sees(t, "2 of 2", "Nothing is owed on it any more", "First draw")
		maria.Open("/office/billing").Follow("Cabinets").Sees(t, "Mailed again to Ana Rivera")
		site.As("ben").For(t).Open(path).Has(t, 404)
		if a := site.As("ben").Post("/office/billing/mailings", url.Values{"all": {"1"}, "state": {"owed"}}); a.Status != 404 {
			t.Errorf("a member mails: %d", a.Status)
		}
		if a := maria.Post("/office/billing/mailings", url.Values{"all": {"1"}, "state": {"owed"}, "seen": {"x"}}); a.Status != 409 {
			t.Errorf("mailed without having looked: %d", a.Status)
		}
		site.Firm("harbor").As("noor").For(t).Open(path).Has(t, 404)
	})
}

func TestAVoidInvoiceIsTold(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	maria := site.As("maria")
	maria.Open("/office/billing").Follow("Backsplash tile").Follow("Delete this draft").Sees(t, "Delete this draft?", "$2,484.34", "gets no mail").Follow("Cancel")
	maria.Follow("Approve and release").Press("Approve and release")
	path := maria.Path()
	site.Settle(t)
	// a second contact may see invoices since then, and was not mailed
	do(t, site, "update contact set rights = '{view_invoices}' where firm_id = ? and person_id = ?", site.FirmID(), site.Person("tom").ID)
	before := len(site.Mails())
	maria.Open(path).Sees(t, "Mailed to Ana Rivera").Follow("Void this invoice").Sees(t, "1 person gets a mail", "Ana Rivera").SeesNot(t, "Tom Rivera,")
	maria.Fill("Reason", "SECRET-REASON").Press("Void this invoice").Sees(t, "is void")
	mails := site.Mails()[before:]
	if len(mails) != 1 || mails[0].Subject != "Invoice INV-1029 is void" || strings.Contains(mails[0].Text, "SECRET") {
		t.Errorf("%d mails: %+v", len(mails), mails)
	}
	maria.Open(path).Sees(t, "Told Ana Rivera that it is void")

	// a draft that is deleted is nobody's news
	maria.Open("/office/billing").Follow("Permit and survey").Follow("Delete this draft").Press("Delete this draft").Sees(t, "The draft is gone.")
	if n := len(site.Mails()) - before; n != 1 {
		t.Errorf("%d mails", n)
	}
	if a := maria.Post(path+"?_method=DELETE", url.Values{"version": {uuid.NewString()}}); a.Status != 409 && a.Status != 422 {
		t.Errorf("deleted: %d", a.Status)
	}
}
