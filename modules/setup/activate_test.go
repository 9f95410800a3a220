package setup_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/db"
	"portico/platform/fact"
	"portico/platform/portaltest"
)

// tell publishes that a document went out to these contacts of a client.
func tell(t *testing.T, site *portaltest.Site, client string, signers ...string) {
	t.Helper()
	sent := fact.EnvelopeSent{ClientID: uuid.MustParse(client), EnvelopeID: uuid.New()}
	for _, name := range signers {
		sent.SignerIDs = append(sent.SignerIDs, one[uuid.UUID](t, site, "select id from contact where name = ? and firm_id = ?", name, site.FirmID()))
	}
	must(t, db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		return site.Bus.Publish(ctx, tx, site.FirmID(), sent)
	}))
	site.Settle(t)
}

func TestTheFirstDocumentForSignatureOpensThePortal(t *testing.T) {
	site := open(t)
	novak := one[string](t, site, "select id::text from client where name = 'Jana Nováková'")
	on := func() bool { return one[bool](t, site, "select portal_on from client where id = ?", novak) }
	add := func(name, set string) {
		t.Helper()
		_, err := site.DB(t).NewRaw(`
			insert into contact (firm_id, id, client_id, name, email) values (?0, gen_random_uuid(), ?1, ?2, lower(replace(?2, ' ', '.')) || '@example.com');
			update contact set `+set+` where name = ?2`, site.FirmID(), novak, name).Exec(t.Context())
		must(t, err)
	}
	add("Petr Signer", "phone = ''")
	add("Eva Onlooker", "phone = ''")
	add("Dan Disabled", "disabled_at = now()")
	add("Nora Nomail", "email = ''")

	tell(t, site, novak, "Jana Nováková")
	if on() || len(site.Mails()) > 0 {
		t.Fatal("the portal opened although the firm did not ask for it")
	}
	site.As("maria").Open("/office/setup/portal").Tick("The first document sent for signature opens a client's portal").Press("Save changes").Sees(t, "Saved.")
	tell(t, site, novak, "Petr Signer", "Dan Disabled", "Nora Nomail", "Petr Signer", "Ana Rivera") // Ana is somebody else's
	if !on() {
		t.Fatal("the portal is still closed")
	}
	if mails := site.Mails(); len(mails) != 1 || mails[0].Recipient != "petr.signer@example.com" {
		t.Errorf("invited: %v", mails)
	}
	if got := one[string](t, site, "select string_agg(name, ', ' order by name) from contact where client_id = ? and access = 'portal'", novak); got != "Petr Signer" {
		t.Errorf("portal users: %s", got)
	}
	if one[bool](t, site, "select disabled_at is null from contact where name = 'Dan Disabled'") {
		t.Error("a disabled contact was let in")
	}
	if n := one[int](t, site, "select count(*) from activity where verb = 'portal.activated' and actor_id is null"); n != 1 {
		t.Errorf("noted %d times", n)
	}
	tell(t, site, novak, "Petr Signer")
	if n := len(site.Mails()); n != 1 {
		t.Errorf("told twice: %d mails", n)
	}
	tell(t, site, novak, "Jana Nováková") // a second signer, later
	if n := len(site.Mails()); n != 2 {
		t.Errorf("another signer: %d mails", n)
	}
	_, err := site.DB(t).NewRaw("update client set portal_on = false where id = ?", novak).Exec(t.Context())
	must(t, err)
	tell(t, site, novak, "Eva Onlooker")
	if on() || len(site.Mails()) != 2 {
		t.Error("a portal that staff closed was opened again")
	}
}

func TestAClosedFirmOpensNothingByItself(t *testing.T) {
	site := open(t)
	_, err := site.DB(t).NewRaw("update firm set auto_activate = true, portal_on = false").Exec(t.Context())
	must(t, err)
	novak := one[string](t, site, "select id::text from client where name = 'Jana Nováková'")
	tell(t, site, novak, "Jana Nováková")
	if one[bool](t, site, "select portal_on from client where id = ?", novak) || len(site.Mails()) > 0 {
		t.Error("the portal opened behind a closed door")
	}
}
