package activity_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/portaltest"
)

// find walks through all pages of a filter, in the program's role.
func find(t *testing.T, site *portaltest.Site, f activity.Filter, size int) (texts []string, back time.Time) {
	t.Helper()
	v := auth.System(site.FirmID())
	var after activity.Place
	for range 200 {
		var page activity.Found
		err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) (err error) {
			page, err = activity.Find(ctx, tx, v, f, after, size)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entries {
			texts = append(texts, e.Text)
		}
		back = page.Back
		if page.Next.At.IsZero() {
			return texts, back
		}
		after = page.Next
	}
	t.Fatal("the pages do not end")
	return nil, back
}

func TestEachFilterFindsItsEntriesOnce(t *testing.T) {
	t.Parallel()
	site := portaltest.OpenEmpty(t)
	exec(t, site, "insert into firm (firm_id, key, name) values ('00000000-0000-7000-8000-00000000000f', 'demo', 'Demo'), ('00000000-0000-7000-8000-0000000000ff', 'other', 'Other')")
	maria, rivera, maple := uuid.New(), uuid.New(), uuid.New()
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	verbs := []string{"client.changed", "client.created", "clients.merged", "contact.invited", "client-x.y", "preview.started"}
	for i := range 120 { // five at each instant
		exec(t, site, `insert into activity (firm_id, id, at, actor_id, actor_name, verb, text, client_id, project_id) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			site.FirmID(), uuid.New(), start.Add(time.Duration(i/5)*time.Hour), nullable(i%4 == 0, maria), "Maria 100%", verbs[i%6], fmt.Sprintf("did_%03d to Rivera", i),
			nullable(i%3 == 0, rivera), nullable(i%10 == 0, maple))
	}
	exec(t, site, `insert into activity (firm_id, id, at, verb, text) select ?, gen_random_uuid(), ?, 'client.changed', 'secret' from generate_series(1, 50)`,
		uuid.MustParse("00000000-0000-7000-8000-0000000000ff"), start)
	for name, c := range map[string]struct {
		f    activity.Filter
		want func(i int) bool
	}{
		"all":                      {activity.Filter{}, func(int) bool { return true }},
		"a person":                 {activity.Filter{Actor: maria}, func(i int) bool { return i%4 == 0 }},
		"a client":                 {activity.Filter{Client: rivera}, func(i int) bool { return i%3 == 0 }},
		"a project":                {activity.Filter{Project: maple}, func(i int) bool { return i%10 == 0 }},
		"a group of deeds":         {activity.Filter{Kind: "client"}, func(i int) bool { return i%6 < 2 }},
		"one deed":                 {activity.Filter{Kind: "client.created"}, func(i int) bool { return i%6 == 1 }},
		"a group of a person":      {activity.Filter{Kind: "client", Actor: maria}, func(i int) bool { return i%6 < 2 && i%4 == 0 }},
		"days":                     {activity.Filter{From: start.Add(3 * time.Hour), Until: start.Add(5 * time.Hour)}, func(i int) bool { return i/5 == 3 || i/5 == 4 }},
		"a group in some days":     {activity.Filter{Kind: "client", Until: start.Add(2 * time.Hour)}, func(i int) bool { return i < 10 && i%6 < 2 }},
		"words":                    {activity.Filter{Words: "riv DID_01"}, func(i int) bool { return i/10 == 1 }},
		"words with signs":         {activity.Filter{Words: "100%"}, func(int) bool { return true }},
		"words that match no sign": {activity.Filter{Words: "did%1"}, func(int) bool { return false }},
		"words of a client's":      {activity.Filter{Words: "did_00", Client: rivera, Kind: "client"}, func(i int) bool { return i < 10 && i%3 == 0 && i%6 < 2 }},
		"an unknown kind":          {activity.Filter{Kind: "nothing"}, func(int) bool { return false }},
	} {
		var want []string
		for i := range 120 {
			if c.want(i) {
				want = append(want, fmt.Sprintf("did_%03d to Rivera", i))
			}
		}
		for _, size := range []int{7, 1000} {
			got, back := find(t, site, c.f, size)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s, %d a page: %d entries, want %d: %v", name, size, len(got), len(want), got)
			}
			if !back.IsZero() {
				t.Errorf("%s: not the whole log was looked through", name)
			}
		}
	}
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		groups, err := activity.Groups(ctx, tx, auth.System(site.FirmID()))
		if want := []string{"client", "client-x", "clients", "contact", "preview"}; !slices.Equal(groups, want) {
			slices.Sort(groups)
			if !slices.Equal(groups, want) {
				t.Errorf("groups %v, want %v", groups, want)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func nullable(set bool, id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: set} }
