package users_test

import (
	"strings"
	"testing"

	"portico/platform/portaltest"
)

// TestManyAreGivenAccessAndThenInvited: whom an import has brought becomes a portal user, with the rights that are ticked,
// and nobody gets a mail before staff say so.
func TestManyAreGivenAccessAndThenInvited(t *testing.T) {
	site := portaltest.Open(t)
	client := crowd(t, site, 70)
	do(t, site, "update contact set access = 'none', person_id = null, rights = '{}' where client_id = ?", client)
	do(t, site, "delete from person where email like '%@crowd.example' and email <> 'guest9@crowd.example'") // one is known already
	do(t, site, "update contact set email = '' where name = 'Guest 1'")
	do(t, site, "update contact set disabled_at = now() where name = 'Guest 2'")
	do(t, site, "update contact set access = 'portal', person_id = (select id from person where email = 'guest9@crowd.example') where name = 'Guest 3'")
	do(t, site, "update contact set email = 'guest5@crowd.example' where name = 'Guest 4'") // two with one address

	ben := site.As("ben").Open("/office/users/access?all=1&q=crowd")
	ben.Sees(t, "67 contacts become portal users", "3 skipped", "No email address", "Access is disabled", "Has access already", "Nobody gets a mail yet")
	ben.Untick("Make payments").Press("Grant access to 67 contacts")
	ben.Has(t, 200).Sees(t, "67 contacts have access now", "will be invited")
	site.Settle(t)
	if mails := site.Mails(); len(mails) > 0 {
		t.Errorf("%d mails", len(mails))
	}
	if n := number(t, site, `
		select count(*) from contact ct join person p on p.firm_id = ct.firm_id and p.id = ct.person_id and p.email = ct.email
		where ct.client_id = ? and ct.access = 'portal' and ct.portal_state = 'not_invited' and ct.rights @> '{view_invoices,send_messages}' and not ct.rights @> '{make_payments}'`, client); n != 67 {
		t.Errorf("%d are portal users", n)
	}
	if n := number(t, site, "select count(*) from activity where verb = 'contact.granted' and client_id = ? and data::text like '%Portal user%'", client); n != 67 {
		t.Errorf("%d entries in the log", n)
	}
	ben.Press("Send 68 invitations") // and whoever had access before, and was never invited
	finished(t, site)
	if got := len(site.Smtp.Messages()); got != 68 {
		t.Errorf("%d mails", got)
	}
	ben.Open("/office/users/access?all=1&q=crowd").Sees(t, "Nobody can be given access")
}

func TestWhoWasTickedIsGivenAccess(t *testing.T) {
	site := portaltest.Open(t)
	client := crowd(t, site, 3)
	do(t, site, "update contact set access = 'none', person_id = null where client_id = ?", client)
	ben := site.As("ben").Open("/office/users?q=crowd").Tick("Tick Guest 1").Tick("Tick Guest 2").Press("Grant access")
	ben.Sees(t, "2 contacts become portal users").Press("Grant access to 2 contacts").Sees(t, "2 contacts will be invited")
	if n := number(t, site, "select count(*) from contact where client_id = ? and access = 'portal'", client); n != 2 {
		t.Errorf("%d have access", n)
	}
	if a := ben.Post("/office/users/access", map[string][]string{"all": {"1"}, "q": {"crowd"}, "rights": {"own_everything"}}); a.Status != 422 || !strings.Contains(string(a.Body), "Choose from the list") {
		t.Errorf("a right that is none: %d", a.Status)
	}
}
