package modules_test

import (
	"net/url"
	"strings"
	"testing"

	"portico/platform/portaltest"
)

// TestTheFirstDocumentOpensThePortal: where the firm wants it, sending is enough.
func TestTheFirstDocumentOpensThePortal(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	exec(t, site, "update firm set auto_activate = true where firm_id = ?", site.FirmID())
	var deck, client string
	err := site.DB(t).NewRaw("select id::text, client_id::text from envelopes.envelope where firm_id = ? and title = 'Pecan Drive deck: contract'", site.FirmID()).Scan(t.Context(), &deck, &client)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, site, "update client set portal_on = false, auto_activated_at = null where firm_id = ? and id = ?", site.FirmID(), client)
	ben := site.As("ben")
	ben.Open("/office/envelopes/"+deck).Follow("Send contract").Press("Send contract").Sees(t, "It is on its way.")
	site.Settle(t)
	var on bool
	if err := site.DB(t).NewRaw("select portal_on from client where firm_id = ? and id = ?", site.FirmID(), client).Scan(t.Context(), &on); err != nil || !on {
		t.Errorf("the portal is on: %v, %v", on, err)
	}
	asked := false
	for _, mail := range site.Mails() {
		asked = asked || strings.HasPrefix(mail.Subject, "Please sign: Pecan Drive deck")
	}
	if !asked {
		t.Error("nobody was asked to sign")
	}
	ben.Open("/office").Sees(t, "Declined: Orchard Lane addition")
	ben.Open("/office/palette?q=pecan+contract").Sees(t, "Pecan Drive deck: contract")
}

// TestAContractGoesFromItsTemplateToDraftInvoices: written, sent, signed by a mailed link and for the firm, sealed, and billed.
func TestAContractGoesFromItsTemplateToDraftInvoices(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	var garden string
	if err := site.DB(t).NewRaw("select id::text from project where firm_id = ? and key = 'maple-garden'", site.FirmID()).Scan(t.Context(), &garden); err != nil {
		t.Fatal(err)
	}
	ben := site.As("ben")
	ben.Open("/office/envelopes/new?project="+garden).Choose("Template", "Contract: Remodel contract").Press("Go on").
		Fill("What (1)", "Terrace and beds").Fill("Price (1)", "20,000").Press("Save and go on").Press("Save and go on").Press("Save and go on").Sees(t, "Everything is there.").
		Follow("Send contract").Press("Send contract").Sees(t, "It is on its way.", "Waits for Ana Rivera")
	page := ben.Path()

	ana := site.Stranger().OpenMailed(site.MailTo("ana"))
	ana.Press("Read and sign").Tick("I have read all ").Tick("I agree to use electronic records").Fill("Your full name", "Ana Rivera").
		Tick("mean my signature to bind me").Press("Sign contract").Has(t, 200).Sees(t, "You have signed this contract.")
	ben.Open(page).Sees(t, "Waits for our signature", "Your signature for the firm is missing")
	ben.Open("/office").Sees(t, "for our signature")
	mail := site.MailTo("ben")
	if !strings.HasPrefix(mail.Subject, "Your signature is missing") {
		t.Errorf("Ben got %q", mail.Subject)
	}
	way, err := url.Parse(portaltest.MailedLink(t, mail))
	if err != nil {
		t.Fatal(err)
	}
	ben.Open(way.Path).Press("Read and sign").Tick("I have read all ").Tick("I agree to use electronic records").Fill("Your full name", "Ben Lindqvist").
		Tick("mean my signature to bind me").Press("Sign contract").Has(t, 200)
	site.Settle(t)
	ben.Open(page).Sees(t, "Complete since", "Download the sealed file", "Sealed")
	if mail := site.MailTo("ana"); !strings.HasPrefix(mail.Subject, "Signed by all") {
		t.Errorf("Ana got %q", mail.Subject)
	}
	ben.Open("/office/billing/projects/"+garden).Sees(t, "On signing", "$2,000.00", "Demolition done", "$5,000.00", "Final walk-through")
}
