package time_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"

	"portico/modules/time"
	"portico/platform/portaltest"
)

// TestAFormPressedTwiceWritesOnce: an impatient thumb, or a line that is slow, must not bill an hour twice.
func TestAFormPressedTwiceWritesOnce(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, time.Module)
	garden := project(t, site, "maple-garden")
	forms := map[string]url.Values{
		"entries":  {"project": {garden}, "work_date": {"2027-02-01"}, "hours": {"1:30"}, "task": {"Thumb"}, "billable": {"true"}},
		"expenses": {"project": {garden}, "spent_on": {"2027-02-01"}, "category": {"Thumb"}, "cost": {"12.50"}, "markup": {"0"}, "billable": {"true"}, "submit": {"1"}},
	}
	tables := map[string]string{"entries": "time.entry where task = 'Thumb'", "expenses": "time.expense where category = 'Thumb'"}
	for kind, form := range forms {
		t.Run(kind, func(t *testing.T) {
			page := "/office/time/" + kind
			keys := portaltest.Between(site.As("priya").For(t).Open(page+"/new").Body(), `name="key" value="`, `"`)
			if len(keys) != 1 || len(keys[0]) != 36 {
				t.Fatalf("the form has no key: %v", keys)
			}
			form.Set("key", keys[0])
			var all sync.WaitGroup
			for range 6 {
				b := site.As("priya").For(t)
				all.Go(func() {
					if a := b.Post(page, form); a.Status != 303 {
						t.Errorf("%d %s", a.Status, a.Body)
					}
				})
			}
			all.Wait()
			if n := one[int](t, site, "select count(*) from "+tables[kind]); n != 1 {
				t.Fatalf("%d are written", n)
			}
			if n := one[int](t, site, "select count(*) from activity where verb in ('time.written', 'time.spent') and subject_id = ?", keys[0]); n != 1 {
				t.Errorf("%d are noted", n)
			}
			// gone back to and typed over, it is something else: nothing is lost, and pressed again it is written
			form.Set("client_note", "Another")
			b := site.As("priya").For(t)
			a := b.Post(page, form)
			again := portaltest.Between(string(a.Body), `name="key" value="`, `"`)
			if a.Status == 303 || !strings.Contains(string(a.Body), "This form was sent before") || !strings.Contains(string(a.Body), `value="Another"`) || len(again) != 1 || again[0] == keys[0] {
				t.Fatalf("%d %v", a.Status, again)
			}
			form.Set("key", again[0])
			b.Post(page, form)
			if n := one[int](t, site, "select count(*) from "+tables[kind]); n != 2 {
				t.Errorf("%d are written", n)
			}
			// nobody writes over, or hears of, what is somebody else's
			if a := site.As("maria").For(t).Post(page, form); a.Status == 303 {
				t.Errorf("the key of somebody else: %d", a.Status)
			}
		})
	}
}
