package modules_test

import (
	"testing"

	"portico/platform/portaltest"
)

// TestWhatIsOffDoesNotHappen: news of a section stand on the first page where it is on, and nowhere else.
func TestWhatIsOffDoesNotHappen(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	ana := site.Person("ana")
	exec(t, site, `insert into activity (firm_id, id, at, actor_name, verb, text, client_id, project_id, for_client)
		select p.firm_id, gen_random_uuid(), now(), 'Maria', 'selections.approved', 'approved a very green marble', p.client_id, p.id, true
		from project p where p.client_id = ? and p.key = 'maple-street'`, ana.ClientID)
	site.As("ana").Open("/portal/all/cards/dashboard:latest").Sees(t, "approved a very green marble")
	exec(t, site, `update project set switches = '{"selections": false}' where client_id = ? and key = 'maple-street'`, ana.ClientID)
	site.As("ana").Open("/portal/all/cards/dashboard:latest").SeesNot(t, "green marble")
	exec(t, site, "update project set switches = '{}' where client_id = ?", ana.ClientID)
	site.As("ana").Open("/portal/all/cards/dashboard:latest").Sees(t, "green marble")
	exec(t, site, `update client set switches = '{"selections": false}' where id = ?`, ana.ClientID)
	site.As("ana").Open("/portal/all/cards/dashboard:latest").SeesNot(t, "green marble")
}
