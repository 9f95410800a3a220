package schedule_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"portico/modules/schedule"
	"portico/platform/portaltest"
)

// large gives a project a schedule of so many items: phases of twenty, each item after the one before it, all for the
// client to see, and published.
func large(t testing.TB, site *portaltest.Site, key string, items int) (project string) {
	t.Helper()
	project = projectKeyed(t, site, key)
	do(t, site, `
		insert into schedule.plan (firm_id, project_id, client_id, online, published_at, items, start_on, end_on)
		select firm_id, id, client_id, true, now() + interval '1 hour', ?, date '2027-01-04', date '2029-01-01' from project where id = ?`, items, project)
	do(t, site, `
		with made as (
			select p.firm_id, p.id as project_id, n, gen_random_uuid() as id,
				first_value(n) over (partition by n / 20 order by n) as head
			from project p, generate_series(0, ?0 - 1) n where p.id = ?1),
		placed as (
			select m.*, case when n % 20 > 0 then h.id end as phase_id from (select m.*, gen_random_uuid() as x from made m) m
			join lateral (select id from made h where h.n = m.head) h on true)
		insert into schedule.item (firm_id, id, project_id, phase_id, kind, position, title, start_on, end_on, workdays, not_before, client_visible)
		select firm_id, id, project_id, null, case n % 20 when 0 then 'phase' when 19 then 'milestone' else 'task' end, n + 1,
			'Item ' || n || ' of the house on the hill', date '2027-01-04' + n / 3, date '2027-01-04' + n / 3 + case when n % 20 = 19 then 0 else n % 9 end,
			case when n % 20 = 19 then 0 else 1 + n % 9 end, date '2027-01-04' + n / 3, true
		from placed order by n`, items, project)
	do(t, site, `
		update schedule.item i set phase_id = h.id from schedule.item h
		where i.project_id = ?0 and h.project_id = ?0 and h.kind = 'phase' and i.kind <> 'phase' and (i.position - 1) / 20 = (h.position - 1) / 20`, project)
	do(t, site, `
		insert into schedule.link (firm_id, project_id, from_id, to_id, relation)
		select a.firm_id, a.project_id, a.id, b.id, 'FS' from schedule.item a
		join schedule.item b on b.project_id = a.project_id and b.position = a.position + 1 and b.kind <> 'phase' and a.kind <> 'phase'
		where a.project_id = ?`, project)
	do(t, site, `
		insert into schedule.shown (firm_id, item_id, project_id, client_id, phase_id, kind, position, title, client_text, start_on, end_on, color, visible,
			after_ids, after_kinds, published_at)
		select i.firm_id, i.id, i.project_id, p.client_id, i.phase_id, i.kind, i.position, i.title, '', i.start_on, i.end_on, '', true,
			coalesce((select array_agg(l.from_id) from schedule.link l where l.to_id = i.id), '{}'),
			coalesce((select array_agg(l.relation) from schedule.link l where l.to_id = i.id), '{}'), now()
		from schedule.item i join project p on p.id = i.project_id where i.project_id = ?`, project)
	do(t, site, "analyze schedule.item; analyze schedule.link; analyze schedule.shown; analyze schedule.plan")
	return project
}

// asker asks for one page again and again, as fast as the server answers.
func asker(t testing.TB, site *portaltest.Site, who, path string) func() int {
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	session := site.Session(who)
	return func() int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+site.Address()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = "demo.localhost"
		request.AddCookie(&http.Cookie{Name: "portico", Value: session})
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != 200 {
			t.Fatal(answer.StatusCode, err)
		}
		return len(body)
	}
}

// TestALargeChartIsDrawnWhole within a generous time.
func TestALargeChartIsDrawnWhole(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	large(t, site, "maple-garden", 2000)
	ana := site.As("ana")
	begun := time.Now()
	ana.Open("/portal/maple-garden/schedule?view=gantt").Has(t, 200)
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	if n := ana.Count(".schedule-names a"); n != 2000 {
		t.Errorf("%d names", n)
	}
	if drawn, lists := ana.Count(".schedule-chart *"), ana.Count(".schedule-names .many"); drawn > 60 || lists != 40 {
		t.Errorf("a browser has %d shapes to draw, and the names lie in %d lists", drawn, lists)
	}
	ana.Open("/portal/maple-garden/schedule?view=list&page=10").Sees(t, "1,801–2,000 of 2,000 steps")
}
