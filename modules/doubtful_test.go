package modules_test

import (
	"testing"

	"portico/platform/mail/mailtest"
	"portico/platform/portaltest"
)

// TestADoubtfulInvitationIsShownWhereverItMatters: on Today, in the list, on the contact's page, in the background work.
func TestADoubtfulInvitationIsShownWhereverItMatters(t *testing.T) {
	site := portaltest.Open(t)
	maria, grace := site.As("maria"), site.Person("grace")
	at := "/office/clients/" + grace.ClientID.String() + "/contacts/" + grace.ContactID.String()
	_, err := site.DB(t).NewRaw("update contact set accepted_at = null, disabled_at = null, bounced_at = null, access = 'portal' where id = ?", grace.ContactID).Exec(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	site.Smtp.BreakFor(1, mailtest.LostWord)
	maria.Open(at + "/invitation").Press("Send")
	site.Settle(t)
	maria.Open(at).Sees(t, "Perhaps sent", "We cannot tell whether it arrived", "Send again")
	maria.Open("/office/users?state=perhaps").Sees(t, "Grace", "Invitation perhaps sent")
	maria.Open("/office/setup/work?state=done").Sees(t, "Mail with an invitation to the portal", "Perhaps sent")
	maria.Open("/office/cards/users:perhaps").Sees(t, "Grace")
	maria.Open(at + "/invitation").Press("Send again")
	site.Settle(t)
	maria.Open("/office/users?state=perhaps").SeesNot(t, "Grace")
}
