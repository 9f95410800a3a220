package billing_test

import (
	"testing"

	"portico/modules/billing"
	"portico/platform/portaltest"
)

func TestADiscountOnTheWholeInvoice(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	ben := site.As("ben")
	ben.Open("/office/billing").Follow("Permit and survey").Follow("Edit").Fill("Discount on every line, %", "10").Press("Put on all lines").Has(t, 200).Sees(t, "$1,687.50", "$828.00", "$2,515.50")
	ben.Press("Save draft").Sees(t, "10%", "$2,515.50")
}

func TestWhatIsPutOnAnInvoiceFits(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	priya := site.As("priya")
	client := "/office/billing/clients/" + site.Person("ana").ClientID.String()
	// more than the oldest invoice takes: what fits on it stands in the field
	priya.Open(client+"/payments/new").Fill("Amount", "60000").Choose("Goes to", "No invoice yet: keep it on account").Press("Record the payment").Sees(t, "$60,000.00 on account")
	if got := priya.Value("Amount"); got != "48184.60" {
		t.Errorf("the field says %q", got)
	}
	priya.Press("Put on invoice").Sees(t, "now stands on INV-1025")
	if got := priya.Value("Amount"); got != "8628.58" {
		t.Errorf("the field says %q", got)
	}
	priya.Press("Put on invoice").Sees(t, "No invoice of this client is owed in USD")
}
