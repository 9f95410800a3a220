package setup_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"portico/platform/portaltest"
)

// addClients gives the firm more clients, each with a version of its own, and answers their ids in order.
func addClients(t *testing.T, site *portaltest.Site, n int) []uuid.UUID {
	t.Helper()
	var ids []uuid.UUID
	err := site.DB(t).NewRaw(`
		insert into client (firm_id, id, name, portal_on, switches)
		select ?, gen_random_uuid(), 'Bulk ' || to_char(n, 'FM000000'), true, case n % 3 when 0 then '{"plans": false}' when 1 then '{"snacks": true}' else '{}' end::jsonb
		from generate_series(1, ?) n
		returning id`, site.FirmID(), n).Scan(t.Context(), &ids)
	must(t, err)
	_, err = site.DB(t).NewRaw("insert into client_word (firm_id, word, client_id) select firm_id, 'bulk', id from client where firm_id = ? and name like 'Bulk %'", site.FirmID()).Exec(t.Context())
	must(t, err)
	return ids
}

func TestManyClientsAreChangedAtOnce(t *testing.T) {
	site := open(t)
	addClients(t, site, 600)
	site.Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		maria.Open("/office/setup").Follow("Change many clients").Sees(t, "No changes yet").Follow("Choose clients")
		maria.Fill("Search clients", "bulk").Press("Show").Sees(t, "600 clients", "Bulk 000001").SeesNot(t, "Chen Family")
		maria.Follow("Change all 600 that match").Sees(t, "found by “bulk”", "(600)").Press("Preview the change").Has(t, 422).Sees(t, "Nothing is to change yet")
		maria.Choose("Plans", "Off").Choose("Sketches", "As the firm").Press("Preview the change")
		maria.Sees(t, "400 of 600 clients would change", "Plans", "as the firm", "for 400 clients", "Nothing has changed yet")
		if one[bool](t, site, "select exists (select from client where name like 'Bulk %' and version > 1)") {
			t.Error("a preview changed clients")
		}
		maria.Press("Change 400 clients").Sees(t, "0 of 600", "Running")
		site.Settle(t)
		maria.Open(maria.Path()).Sees(t, "600 of 600", "Done", "Changed", "Nothing to change", "Bulk 0000")
		if n := one[int](t, site, "select count(*) from client where name like 'Bulk %' and switches ->> 'plans' = 'false'"); n != 600 {
			t.Errorf("%d of 600 clients have the section off", n)
		}
		if n := one[int](t, site, "select count(*) from client where name like 'Bulk %' and switches -> 'snacks' = 'true'"); n != 200 {
			t.Errorf("what was not spoken of changed: %d of 200 keep their snacks", n)
		}
		if n := one[int](t, site, "select count(*) from activity where verb = 'client.setup' and actor_name = 'Maria Okafor' and data -> 'before' ->> 'plans' = 'as the firm' and data -> 'after' ->> 'plans' = 'off'"); n != 400 {
			t.Errorf("%d entries in the log, not 400", n)
		}
		maria.Follow("Nothing to change").Sees(t, "Bulk 0000")
		maria.Open("/office/setup/bulk").Sees(t, "Plans: off", "all clients: found by “bulk”", "Done", "Maria Okafor")
		if n := one[int](t, site, "select count(*) from activity where verb = 'bulk.started' and data -> 'after' ->> 'chosen' like '%bulk%'"); n != 1 {
			t.Errorf("the log says %d times that it began", n)
		}
	})
}

// draft prepares a change of the bulk clients and answers its address.
func draft(maria *portaltest.Browser, choose func(*portaltest.Browser)) string {
	maria.Open("/office/setup/bulk/new?all=1&q=bulk")
	choose(maria)
	return maria.Press("Preview the change").Path()
}

func TestAClientChangedMeanwhileIsLeftAlone(t *testing.T) {
	site := open(t)
	ids := addClients(t, site, 5)
	maria, priya := site.As("maria"), site.As("priya")
	page := draft(maria, func(b *portaltest.Browser) { b.Choose("Plans", "Off").Choose("Uploads", "On") })
	priya.Open("/office/setup/clients/"+ids[0].String()).Choose("Plans for this client", "On").Press("Save changes").Sees(t, "Saved.")
	_, err := site.DB(t).NewRaw("update client set archived_at = now(), version = version + 1 where id = ?", ids[1]).Exec(t.Context())
	must(t, err)
	maria.Press("Change 5 clients")
	site.Settle(t)
	maria.Open(page).Follow("Changed meanwhile").Sees(t, "Somebody changed this client meanwhile")
	maria.Follow("Archived meanwhile").Sees(t, "Archived before its turn")
	if got := one[string](t, site, "select switches::text from client where id = ?", ids[0]); got != `{"plans": true, "snacks": true}` && got != `{"plans": true}` {
		t.Errorf("what Priya chose became %s", got)
	}
	if n := one[int](t, site, "select count(*) from client where name like 'Bulk %' and uploads_on"); n != 3 {
		t.Errorf("%d of the 3 others have uploads", n)
	}
}

func TestAKilledWorkerChangesEachClientOnce(t *testing.T) {
	site := open(t)
	addClients(t, site, 700)
	maria := site.As("maria")
	page := draft(maria, func(b *portaltest.Browser) { b.Choose("Snacks", "Off").Choose("Portal", "Off") })
	maria.Press("Change 700 clients")
	maria.Post(page+"/run", nil) // the button, pressed twice
	for range 6 {
		site.Work()
		site.Rest()
		if _, err := site.DB(t).NewRaw("update outbox set next_at = now() where done_at is null").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	site.Settle(t)
	for what, query := range map[string]string{
		"a client was changed twice": "select count(*) from client where name like 'Bulk %' and version <> 2",
		"a client was missed":        "select count(*) from client where name like 'Bulk %' and (portal_on or switches ->> 'snacks' is distinct from 'false')",
		"entries too many or few":    "select abs(700 - count(*)) from activity where verb = 'client.setup'",
		"it is not done":             "select count(*) from setup.bulk where state <> 'done'",
	} {
		if n := one[int](t, site, query); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
}

func TestAPortalThatGoesOffForManySignsThemOut(t *testing.T) {
	site := open(t)
	ana := site.As("ana")
	maria := site.As("maria")
	maria.Open("/office/setup/bulk/new?id="+clientOf(t, site, "ana")).Sees(t, "1 ticked client").Choose("Portal", "Off").Press("Preview the change").
		Sees(t, "1 of 1 client would change").Press("Change 1 client")
	site.Settle(t)
	if n := one[int](t, site, "select count(*) from session s join contact ct on ct.id = s.contact_id where ct.client_id = ?", site.Person("ana").ClientID); n != 0 {
		t.Errorf("%d sessions outlive the portal", n)
	}
	if a := ana.Get("/portal/all/"); a.Status == 200 && !strings.Contains(a.URL.Path, "sign-in") {
		t.Errorf("Ana still reads %s", a.URL)
	}
}

func TestAChangeOfManyIsStoppedOrDiscarded(t *testing.T) {
	site := open(t)
	addClients(t, site, 600)
	maria := site.As("maria")
	page := draft(maria, func(b *portaltest.Browser) { b.Choose("Plans", "Off") })
	maria.Press("Discard").Sees(t, "Nothing was changed").Open(page).Has(t, 404)
	page = draft(maria, func(b *portaltest.Browser) { b.Choose("Plans", "Off") })
	maria.Press("Change 400 clients").Press("Stop").Sees(t, "Stopped")
	site.Settle(t)
	if one[bool](t, site, "select exists (select from client where name like 'Bulk %' and version > 1)") {
		t.Error("a stopped change went on")
	}
	if a := maria.Ask("DELETE", page, nil); a.Status != 404 {
		t.Errorf("a change that was begun is forgotten: %d", a.Status)
	}
}

func TestASetIsAppliedToMany(t *testing.T) {
	site := open(t)
	addClients(t, site, 3)
	maria := site.As("maria")
	maria.Open("/office/setup/bulk/new?all=1&q=bulk").Follow("Builder").Sees(t, "“Builder” is filled in").Press("Preview the change").Press("Change 3 clients")
	site.Settle(t)
	if n := one[int](t, site, `select count(*) from client where name like 'Bulk %' and switches = '{"plans": true, "plans/drafts": true, "snacks": false}'`); n != 3 {
		t.Errorf("%d of 3 have the set", n)
	}
	maria.Open("/office/setup/bulk/new?all=1&q=bulk").Follow("As the firm in everything").Press("Preview the change").Press("Change 3 clients")
	site.Settle(t)
	if n := one[int](t, site, `select count(*) from client where name like 'Bulk %' and switches = '{}'`); n != 3 {
		t.Errorf("%d of 3 are as the firm", n)
	}
}

func TestNonsenseChangesNobody(t *testing.T) {
	site := open(t)
	maria := site.As("maria")
	changed := site.Changed(t, func() {
		for _, form := range []url.Values{
			{}, {"id": {"nonsense"}, "portal_on": {"off"}}, {"all": {"1"}, "portal_on": {"maybe"}}, {"all": {"1"}, "s:plans": {"sometimes"}}, {"all": {"1"}},
		} {
			if a := maria.Post("/office/setup/bulk", form); a.Status < 400 || a.Status > 499 {
				t.Errorf("%v: %d", form, a.Status)
			}
		}
		for _, page := range []string{"/bulk/clients?after=xyz&q=%00&kind=x&portal=y", "/bulk?before=x", "/bulk/clients?q=%26"} {
			if a := maria.Get("/office/setup" + page); a.Status != 200 {
				t.Errorf("%s: %d", page, a.Status)
			}
		}
		elsewhere := one[string](t, site, "select c.id::text from client c join firm f using (firm_id) where f.key = 'harbor' limit 1")
		if body := string(maria.Get("/office/setup/bulk/new?id=" + elsewhere).Body); !strings.Contains(body, "No client matches") {
			t.Error("another firm's client can be chosen")
		}
	})
	if len(changed) > 0 {
		t.Errorf("it changed %v", changed)
	}
}
