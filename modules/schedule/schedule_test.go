package schedule_test

import (
	"testing"

	"portico/modules/schedule"
	"portico/platform/portaltest"
)

func TestSmoke(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	ben, ana := site.As("ben"), site.As("ana")
	project := one[string](t, site, "select id::text from project where key = 'maple-street' and firm_id = ?", site.FirmID())
	for _, p := range []string{"/office/schedule", "/office/schedule/new", "/office/schedule/calendar", "/office/schedule/templates", "/office/schedule/projects/" + project, "/office/schedule/projects/" + project + "?view=list", "/office/schedule/projects/" + project + "/publication", "/office/schedule/projects/" + project + "/plan", "/office/schedule/projects/" + project + "/items/new"} {
		if p == "/office/schedule/calendar" {
			site.As("maria").Open(p).Has(t, 200)
			continue
		}
		ben.Open(p)
		if ben.Status() != 200 {
			t.Errorf("%s: %d\n%s", p, ben.Status(), ben.Text())
		}
	}
	for _, p := range []string{"", "?view=list", "?view=gantt", "?view=month", "/changes", "/calendar"} {
		ana.Open("/portal/all/schedule" + p)
		if ana.Status() != 200 {
			t.Errorf("%s: %d\n%s", p, ana.Status(), ana.Text())
		}
	}
	t.Log(ana.Open("/portal/all/schedule?view=list").Text())
	t.Log(ana.Open("/portal/all/schedule/changes").Text())
}

func one[T any](t *testing.T, site *portaltest.Site, query string, args ...any) (v T) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}
