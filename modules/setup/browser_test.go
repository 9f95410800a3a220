package setup_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"portico/platform/portaltest"
)

// pagesOf are all pages of the setup, with something on each.
func pagesOf(t *testing.T, site *portaltest.Site) map[string]string {
	base := "/office/setup"
	return map[string]string{
		"start": base, "firm": base + "/firm", "branding": base + "/branding", "portal": base + "/portal", "sections": base + "/sections",
		"preset": base + "/sections?preset=events", "mails": base + "/mails", "mail": base + "/mails/invitation", "staff": base + "/staff", "invite": base + "/staff/new", "work": base + "/work", "activity": base + "/activity",
		"person": base + "/staff/" + site.Person("ben").ID.String(),
		"client": base + "/clients/" + clientOf(t, site, "ana"),
		"who":    base + "/clients/" + clientOf(t, site, "ana") + "/who", "who_open": base + "/clients/" + clientOf(t, site, "grace") + "/who?as=open",
		"bulk": base + "/bulk", "bulk_pick": base + "/bulk/clients", "bulk_new": base + "/bulk/new?all=1&preset=builder",
		"bulk_draft":   base + "/bulk/" + one[string](t, site, "select id::text from setup.bulk where state = 'draft'"),
		"bulk_running": base + "/bulk/" + one[string](t, site, "select id::text from setup.bulk where state = 'running'"),
		"bulk_done":    base + "/bulk/" + one[string](t, site, "select id::text from setup.bulk where state = 'done'"),
		"project":      base + "/projects/" + one[string](t, site, "select id::text from project where key = 'maple-street'"),
		"several":      base + "/staff/several", "sso": base + "/sso",
		"projects": base + "/staff/" + site.Person("ben").ID.String() + "/projects?q=a", "leaving": base + "/staff/" + site.Person("ben").ID.String() + "/disabling",
		"address": base + "/address", "address-change": base + "/address/change?key=northgate-builders-of-the-valley", "address-wrong": base + "/address?key=www",
		"domain": base + "/domains/portal.donaudampfschifffahrtsgesellschaft-hauptbetriebswerk.example.com", "domain-proved": base + "/domains/portal.northgate.example.com",
		"domain-apex": base + "/domains/northgate.example.net",
	}
}

// ugly fills the pages with what people really type.
func ugly(t *testing.T, site *portaltest.Site) {
	t.Helper()
	for _, query := range []string{
		`insert into outbox (firm_id, id, kind, payload, tries, last_error, dead_at) values
			(?0, gen_random_uuid(), 'billing:settle', '{}', 12, 'the gateway https://gateway.example/v1/charges/1234567890123456789012345678901234567890 did not answer within 30 seconds, and nobody knows why', now()),
			(?0, gen_random_uuid(), 'door:link', '{}', 12, 'mail server refused: 451 try later', now())`,
		`insert into outbox (firm_id, id, kind, payload, next_at, tries, last_error) select ?0, gen_random_uuid(), 'files:render', '{}', now() + interval '1 hour', 3, 'no room' from generate_series(1, 20)`,
		`update client set name = 'Bartholomew-Wolfeschlegelsteinhausenbergerdorff & Daughters LLC', portal_on = true,
			switches = '{"plans": false, "snacks": true, "plans/drafts": true}' where id = (select client_id from project where firm_id = ?0 and key = 'maple-street')`,
		`update project set name = 'Maple Street remodel with the extraordinarily long second name', switches = '{"snacks": false}' where firm_id = ?0 and key = 'maple-street'`,
		`insert into activity (firm_id, id, verb, text, actor_name, data) select ?0, gen_random_uuid(), 'firm.settings', 'changed the firm''s settings', 'Maria Okafor',
			'{"before": {"name": "Northgate", "portal_on": true}, "after": {"name": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", "portal_on": false}}' from generate_series(1, 60)`,
	} {
		_, err := site.DB(t).NewRaw(query, site.FirmID()).Exec(t.Context())
		must(t, err)
	}
	for _, query := range []string{
		`insert into domain (firm_id, name, token, state, problem, checked_at, unsure_since, next_at) values
			(?0, 'portal.donaudampfschifffahrtsgesellschaft-hauptbetriebswerk.example.com', 'portico-token', 'waiting', 'other', now(), null, now() + interval '1 day'),
			(?0, 'portal.northgate.example.com', 'portico-token', 'proved', '', now(), null, now() + interval '1 day'),
			(?0, 'northgate.example.net', 'portico-token', 'unsure', 'silent', now(), now() - interval '2 days', now() + interval '1 day'),
			(?0, 'xn--bcher-kva.example.com', 'portico-token', 'lost', 'missing', now(), null, now() + interval '1 day')`,
		`insert into address (name, kind, firm_id, chosen) values ('portal.northgate.example.com', 'domain', ?0, false), ('northgate.example.net', 'domain', ?0, false)`,
		`insert into address (name, kind, firm_id, released_at) values ('northgate-and-sons-builders-and-remodelers', 'key', ?0, now()), ('ng-old', 'key', ?0, now() - interval '3 months')`,
	} {
		_, err := site.DB(t).NewRaw(query, site.FirmID()).Exec(t.Context())
		must(t, err)
	}
}

// changedMany leaves a change of many clients in each state, and a client with forty contacts.
func changedMany(t *testing.T, site *portaltest.Site) {
	t.Helper()
	addClients(t, site, 200)
	_, err := site.DB(t).NewRaw(`
		insert into contact (firm_id, id, client_id, name, title, email, access, rights, limited, disabled_at, accepted_at)
		select ?0, gen_random_uuid(), ?1, case when n = 3 then 'Maximiliane Konstantinopolitanische-Schifffahrt von und zu Hohenstein' else 'Contact number ' || n end,
			case when n % 3 = 0 then 'Accounts' else '' end, 'many' || n || '@example.com', case when n % 4 = 0 then 'none' else 'portal' end,
			'{view_invoices,sign_documents}', n % 5 = 0, case when n = 7 then now() end, case when n % 2 = 0 then now() end
		from generate_series(1, 40) n`, site.FirmID(), site.Person("ana").ClientID).Exec(t.Context())
	must(t, err)
	maria := site.As("maria")
	draft(maria, func(b *portaltest.Browser) {
		b.Choose("Plans", "Off").Choose("Uploads", "On").Choose("Snacks", "As the firm")
	})
	maria.Press("Change 200 clients")
	_, err = site.DB(t).NewRaw("update client set version = version + 1 where name in ('Bulk 000003', 'Bulk 000004')").Exec(t.Context())
	must(t, err)
	site.Settle(t)
	site.Rest()
	draft(maria, func(b *portaltest.Browser) { b.Choose("Portal", "Off") })
	maria.Press("Change 200 clients")
	draft(maria, func(b *portaltest.Browser) { b.Follow("Builder") })
}

func TestEveryPageCanBeUsedByEverybody(t *testing.T) {
	site := twelve(t)
	_, err := site.DB(t).NewRaw(`update firm set switches = '{"plans": true, "plans/drafts": true, "parta": true, "parta/one": true}'`).Exec(t.Context())
	must(t, err)
	changedMany(t, site)
	ugly(t, site)
	shots := os.Getenv("SETUP_SHOTS")
	type screen struct {
		width int
		dark  bool
	}
	screens := []screen{{360, false}, {768, true}, {1280, true}}
	if shots != "" {
		screens = append(screens, screen{1280, false}) // only to be looked at
	}
	tab := site.Chrome(t, "maria", 360, false)
	for name, page := range pagesOf(t, site) {
		tab.Open(page)
		for i, size := range screens {
			if i > 0 {
				tab.Screen(size.width, size.dark)
			}
			if tab.Fits(t); size.width != 768 {
				tab.Axe(t)
			}
			if shots != "" {
				theme := "light"
				if size.dark {
					theme = "dark"
				}
				must(t, os.WriteFile(fmt.Sprintf("%s/%s-%d-%s.png", shots, name, size.width, theme), tab.Shot(), 0o600))
			}
		}
		slices.Reverse(screens) // the next page is loaded on the screen that is there
		leave(tab)
	}
}

// leave takes the form away: the page would ask whether to leave it unsaved.
func leave(tab *portaltest.Tab) {
	tab.Eval(`document.querySelectorAll("form[data-guard]").forEach((form) => form.remove()); true`, nil)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestChangesAreCountedAndTheirOutcomeIsShown(t *testing.T) {
	site := open(t)
	tab := site.Chrome(t, "maria", 1280, false)
	tab.Open("/office/setup/clients/"+clientOf(t, site, "ana")).Choose("Snacks for this client", "On").Quiet()
	tab.Sees(t, "1 unsaved change")
	var outcome string
	tab.Eval(`document.getElementById("s-snacks-result").textContent`, &outcome)
	if !strings.Contains(outcome, "Shown") || !strings.Contains(outcome, "by this client") {
		t.Errorf("the outcome before saving: %q", outcome)
	}
	if one[bool](t, site, "select jsonb_exists(switches, 'snacks') from client where id = ?", site.Person("ana").ClientID) {
		t.Error("a choice was applied before it was saved")
	}
	leave(tab)
	tab.Open("/office/setup/sections?preset=events").Sees(t, "3 unsaved changes")
	leave(tab)
}

func TestAMailIsDrawnWhileOneTypes(t *testing.T) {
	site := open(t)
	tab := site.Chrome(t, "maria", 1280, false)
	tab.Open("/office/setup/mails/invitation").Sees(t, "Northgate Builders has opened your portal")
	tab.Fill("Subject", "Come in, {{first_name}}").Until("the subject", `document.querySelector("#mail-drawn b").innerText === "Come in, Ana"`)
	tab.Fill("Text", "Hello {{nickname}}").Sees(t, "There is no placeholder {{nickname}} in this mail.")
	tab.Fill("Text", "A **bold** word").Until("the mail", `document.querySelector("#mail-drawn iframe")?.src.includes("of=draft")`)
	tab.Sees(t, "unsaved change")
	if one[int](t, site, "select count(*) from mail_text") != 0 {
		t.Error("what was typed was saved")
	}
	leave(tab)
}
