package billing_test

import (
	"testing"

	"portico/modules/billing"
	"portico/platform/portaltest"
)

func TestHowAnInvoiceCanBePaid(t *testing.T) {
	site := portaltest.Open(t, billing.Module)
	site.Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		maria.Open("/office/billing/settings").Untick("By bank payment").Tick("More than is owed").Fill("Least part payment", "some").Press("Save changes").Has(t, 422).Sees(t, "Enter an amount")
		maria.Fill("Least part payment", "100").Press("Save changes").Sees(t, "Saved.")
		// a new invoice begins with that, and can say something else
		maria.Open("/office/billing/invoices/new").Follow("Maple Street remodel").Sees(t, "a part of at least $100.00 may be paid")
		maria.Fill("What is it for?", "Paint").Fill("What", "Paint").Fill("Price", "900").Fill("Least part payment", "none").Press("Save draft").Has(t, 422).Sees(t, "Enter an amount")
		maria.Fill("Least part payment", "250").Press("Save draft").Sees(t, "How it can be paid", "Card", "$250.00", "More than owed").SeesNot(t, "bank payment")
		path := maria.Path()
		maria.Follow("Edit").Untick("By card").Untick("More than is owed").Fill("Least part payment", "").Press("Save draft").Sees(t, "Saved.", "Not online").SeesNot(t, "$250.00", "More than owed")
		maria.Follow("Edit").Press("Save draft").Sees(t, "Nothing was changed.")
		maria.Follow("Approve and release").Press("Approve and release")
		// once it is out, the ways can still be opened and closed
		maria.Follow("Change how it can be paid").Tick("By bank payment").Fill("Least part payment", "-3").Press("Save").Has(t, 422).Sees(t, "Enter more than nothing")
		maria.Fill("Least part payment", "300").Press("Save").Sees(t, "Bank payment", "$300.00")
		site.As("ben").For(t).Open(path).SeesNot(t, "Change how it can be paid").Open(path+"/ways").Has(t, 404)
	})
}
