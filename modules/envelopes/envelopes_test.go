package envelopes_test

import (
	"strings"
	"testing"

	"portico/modules/envelopes"
	"portico/platform/id"
	"portico/platform/portaltest"
)

// sent is an envelope of Ana's firm that went out to her and then to Tom.
type sent struct{ ID, Ana, Tom string }

// put sends an envelope past the office's pages.
func put(t *testing.T, site *portaltest.Site, title string) sent {
	t.Helper()
	e := sent{id.New().String(), id.New().String(), id.New().String()}
	ana, tom, firm := site.Person("ana"), site.Person("tom"), site.FirmID()
	do(t, site, `
		insert into file (firm_id, id, purpose, audience, client_id, name, media, size, sha256, state)
		values (?, ?, 'envelopes', 'section', ?, 'contract.pdf', 'application/pdf', 1, ?, 'ready')`, firm, e.ID, ana.ClientID, []byte(strings.Repeat("x", 32)))
	do(t, site, `
		insert into envelopes.envelope (firm_id, id, client_id, kind, title, status, ordered, currency, amount, file_id, file_hash, pages, sent_at)
		values (?, ?, ?, 'contract', ?, 'sent', true, 'USD', 100000, ?, ?, 1, now())`, firm, e.ID, ana.ClientID, title, e.ID, []byte(strings.Repeat("x", 32)))
	for i, one := range []struct {
		id string
		p  portaltest.Person
	}{{e.Ana, ana}, {e.Tom, tom}} {
		do(t, site, `
			insert into envelopes.recipient (firm_id, id, envelope_id, client_id, position, role, contact_id, name, email, notified_at)
			select c.firm_id, ?, ?, c.client_id, ?, 'signer', c.id, c.name, c.email, now() from contact c where c.firm_id = ? and c.id = ?`,
			one.id, e.ID, i+1, firm, one.p.ContactID)
	}
	return e
}

func do(t *testing.T, site *portaltest.Site, query string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func TestADocumentIsSeenByThoseItNames(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	put(t, site, "Kitchen contract")
	site.As("ana").Open("/portal/all/envelopes").Has(t, 200).Sees(t, "Kitchen contract")
	site.As("maria").Open("/office/envelopes").Has(t, 200).Sees(t, "Kitchen contract")
}
