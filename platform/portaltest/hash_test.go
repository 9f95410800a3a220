package portaltest_test

import (
	"slices"
	"testing"

	"portico/platform/portaltest"
)

func TestChangedNamesWhatIsOther(t *testing.T) {
	site := portaltest.Open(t)
	do := func(query string) func() {
		return func() {
			t.Helper()
			if _, err := site.DB(t).ExecContext(t.Context(), query); err != nil {
				t.Fatal(err)
			}
		}
	}
	before := site.Hash(t)
	for _, c := range []struct {
		query string
		want  []string
	}{
		{"select 1", nil},
		{"update client set name = name", nil}, // written, and yet the same
		{"update client set name = name || '!' where id = (select id from client order by id limit 1)", []string{"public.client"}},
		{"update client set name = rtrim(name, '!')", []string{"public.client"}},
		{"delete from activity where id = (select id from activity order by id limit 1)", []string{"public.activity"}},
		{"begin; update person set name = name || '!'; rollback", nil},
	} {
		changed := site.Changed(t, do(c.query))
		if !slices.Equal(changed, c.want) {
			t.Errorf("%s changes %v, not %v", c.query, changed, c.want)
		}
	}
	if site.Hash(t) == before {
		t.Error("a row less has the same hash")
	}
}
