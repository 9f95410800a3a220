package modules_test

import (
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
