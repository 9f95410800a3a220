package billing_test

import (
	"testing"

	"github.com/google/uuid"

	"portico/modules/billing"
	"portico/platform/fact"
	"portico/platform/id"
	"portico/platform/portaltest"
)

// signedFor is a document about a project without a contract so far.
func signedFor(t *testing.T, site *portaltest.Site, title string, amount int64, stages ...fact.Stage) fact.Agreement {
	t.Helper()
	return fact.Agreement{
		EnvelopeID: id.New(), ClientID: uuid.MustParse(one[string](t, site, "select client_id::text from project where key = 'maple-street'")),
		ProjectID: uuid.MustParse(projectKeyed(t, site, "maple-street")), Title: title, On: "2026-11-26", Amount: amount, Currency: "USD", Stages: stages,
	}
}

func bare(t *testing.T, site *portaltest.Site) {
	t.Helper()
	do(t, site, "delete from billing.draw where project_id = (select id from project where key = 'maple-street') and invoice_id is null")
	do(t, site, "update billing.contract set amount = 0 where project_id = (select id from project where key = 'maple-street')")
}

func TestASignedContractIsTheSumAndItsScheduleDrafts(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	bare(t, site)
	drafts := func() int {
		return one[int](t, site, "select count(*) from billing.invoice i join project p on p.id = i.project_id where p.key = 'maple-street' and i.stage = 'draft' and i.title like 'Stage %'")
	}
	sum := func() int {
		return one[int](t, site, "select amount from billing.contract where project_id = (select id from project where key = 'maple-street')")
	}
	all := []fact.Stage{{Title: "Stage 1: signing", Share: 3333}, {Title: "Stage 2: framing", Share: 3333, DueOn: "2027-02-01"}, {Title: "Stage 3: keys", Share: 3334}}
	proposal := signedFor(t, site, "Kitchen, proposal", 900_00, all...)
	toldOf(t, site, fact.ProposalAccepted{Agreement: proposal}, fact.ProposalAccepted{Agreement: proposal})
	if drafts() != 3 || sum() != 900_00 {
		t.Fatalf("%d drafts, sum %d", drafts(), sum())
	}
	agrees(t, site)

	contract := signedFor(t, site, "Kitchen contract", 1000_01, fact.Stage{Title: "Stage 4: half", Share: 5000}, fact.Stage{Title: "Stage 5: half", Share: 5000})
	toldOf(t, site, fact.ContractSigned{Agreement: contract}, fact.ContractSigned{Agreement: contract})
	if sum() != 1000_01 { // instead of the proposal's, not beside it
		t.Errorf("sum %d", sum())
	}
	if n := one[int](t, site, "select sum(total) from billing.invoice where title in ('Stage 4: half', 'Stage 5: half')"); n != 1000_01 {
		t.Errorf("its drafts come to %d", n)
	}
	more := signedFor(t, site, "Garage contract", 500_00, fact.Stage{Title: "Stage 6: all of it", Share: 10000})
	toldOf(t, site, fact.ContractSigned{Agreement: more})
	if sum() != 1500_01 || one[int](t, site, "select total from billing.invoice where title = 'Stage 6: all of it'") != 500_00 {
		t.Errorf("sum %d", sum())
	}
	agrees(t, site)
	site.As("ben").Open("/office/billing/projects/"+projectKeyed(t, site, "maple-street")).Sees(t, "$1,500.01")
}

func TestWhatIsSignedNowhereNearCountsNowhere(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	before := one[int](t, site, "select count(*) from billing.invoice")
	euro, nowhere, nothing, other := signedFor(t, site, "In euros", 100), signedFor(t, site, "The client's own", 100), signedFor(t, site, "Free", 0), signedFor(t, site, "Another client's", 100)
	euro.Currency, nowhere.ProjectID, other.ClientID = "EUR", uuid.Nil, id.New()
	for _, a := range []fact.Agreement{euro, nowhere, nothing, other} {
		toldOf(t, site, fact.ContractSigned{Agreement: a}, fact.DepositRequested{Agreement: a})
	}
	if n := one[int](t, site, "select count(*) from billing.agreement"); n != 0 {
		t.Errorf("%d agreements", n)
	}
	if n := one[int](t, site, "select count(*) from billing.invoice"); n != before {
		t.Errorf("%d invoices more", n-before)
	}
	if n := one[int](t, site, "select count(*) from activity where text like '%it is in EUR, the project in USD%'"); n == 0 {
		t.Error("nobody is told that the currencies differ")
	}
	agrees(t, site)
}

func TestASignedDepositIsDraftedOnce(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	d := signedFor(t, site, "Deposit for the windows", 2500_00)
	toldOf(t, site, fact.DepositRequested{Agreement: d}, fact.DepositRequested{Agreement: d})
	toldOf(t, site, fact.DepositRequested{Agreement: d})
	if n := one[int](t, site, "select count(*) from billing.invoice where title = 'Deposit for the windows' and kind = 'deposit' and stage = 'draft' and total = 250000"); n != 1 {
		t.Errorf("%d drafts", n)
	}
	if n := one[int](t, site, "select count(*) from billing.agreement where invoice_id is not null"); n != 1 {
		t.Errorf("%d agreements", n)
	}
	agrees(t, site)
}
