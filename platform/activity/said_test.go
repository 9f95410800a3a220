package activity_test

import (
	"context"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/lang"
	"portico/platform/portaltest"
)

// What clients read is kept as a message, so that each reads it in its language; older entries stay as they were written.
func TestEachReadsWhatHappenedInItsLanguage(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	v := auth.System(site.FirmID())
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		entries := []activity.Entry{
			{Verb: "schedule.published", Said: lang.M("published the schedule: %s", lang.N(3, "%s change", "%s changes")), Data: map[string]any{"changes": 3}},
			{Verb: "documents.uploaded", Text: "uploaded “an old plan.pdf”"},
		}
		if err := activity.RecordEach(ctx, tx, v, entries); err != nil {
			return err
		}
		found, err := activity.Find(ctx, tx, v, activity.Filter{}, activity.Place{}, 2)
		if err != nil {
			return err
		}
		var english, german []string
		for _, e := range found.Entries {
			english, german = append(english, e.In(lang.English)), append(german, e.In(lang.Of("de-DE")))
			if e.In(lang.English) != e.Text {
				t.Errorf("%q is kept as %q", e.In(lang.English), e.Text)
			}
		}
		for what, want := range map[string]string{
			strings.Join(english, "\n"): "published the schedule: 3 changes", strings.Join(german, "\n"): "hat den Zeitplan veröffentlicht: 3 Änderungen",
		} {
			if !strings.Contains(what, want) || !strings.Contains(what, "uploaded “an old plan.pdf”") {
				t.Errorf("%q, want %q", what, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
