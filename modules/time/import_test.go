package time

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/module"
	"portico/platform/portaltest"
)

// row is a line of a file, by field.
func row(n int, pairs ...string) module.ImportRow {
	r := module.ImportRow{Number: n, Values: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		r.Values[pairs[i]] = pairs[i+1]
	}
	return r
}

// TestTimeOfOtherPrograms: rows come in once, what is wrong is said, and all of it can be taken back but what was used.
func TestTimeOfOtherPrograms(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, Module)
	maria := site.Person("maria")
	v := auth.Viewer{Side: auth.Office, Firm: auth.Firm{ID: site.FirmID(), Currency: "USD"}, PersonID: maria.ID, Name: maria.Name, Role: access.Owner}
	kind, s := imports()[0], module.ImportSettings{Choices: map[string]string{"as": "approved", "people": "refuse"}}
	within := func(fn func(context.Context, bun.Tx) error) {
		t.Helper()
		if err := db.InTx(t.Context(), site.Pool, site.FirmID(), fn); err != nil {
			t.Fatal(err)
		}
	}
	records := func() (list []*module.Record) {
		at := map[string]*module.Record{}
		for _, r := range []module.ImportRow{
			row(2, "project", "Maple Street remodel", "date", "2026-03-02", "hours", "1:30", "person", "Diego Santos", "task", "Demolition", "client_note", "Kitchen"),
			row(3, "project", "maple-street", "client", "Ana & Tom Rivera", "date", "2026-03-02", "hours", "90m", "person", "ben@northgate.example", "billable", "no", "internal_notes", "x"),
			row(4, "project", "Maple Street remodel", "date", "2026-03-03", "hours", "2:15:40", "task", "Demolition"),
			row(5, "project", "Maple Street remodel", "date", "2026-03-03", "hours", "2:15:40", "task", "Demolition"), // the same once more
			row(6, "project", "No such", "date", "2026-03-02", "hours", "1"),
			row(7, "project", "Maple Street remodel", "date", "soon", "hours", "1"),
			row(8, "project", "Maple Street remodel", "date", "2026-03-02", "hours", "25"),
			row(9, "project", "Maple Street remodel", "date", "2026-03-02", "hours", "1", "person", "Nobody Known"),
			row(10, "project", "Maple Street remodel", "client", "Chen Family", "date", "2026-03-02", "hours", "1"),
		} {
			key := kind.Key(r, s)
			if at[key] == nil {
				at[key] = &module.Record{}
				list = append(list, at[key])
			}
			at[key].Rows = append(at[key].Rows, r)
		}
		return list
	}
	var traces []module.Trace
	bring := func() (fresh, same, wrong int) {
		list := records()
		within(func(ctx context.Context, tx bun.Tx) error { return kind.Look(ctx, tx, v, s, list) })
		var good []*module.Record
		for _, r := range list {
			switch {
			case r.Refused():
				wrong++
			case r.Existing != uuid.Nil:
				same++
				good = append(good, r)
			default:
				fresh++
				good = append(good, r)
			}
		}
		within(func(ctx context.Context, tx bun.Tx) error { return kind.Write(ctx, tx, v, s, good) })
		for _, r := range good {
			traces = append(traces, r.Traces...)
		}
		return fresh, same, wrong
	}
	if fresh, same, wrong := bring(); fresh != 3 || same != 0 || wrong != 5 || len(traces) != 4 {
		t.Fatalf("%d are new, %d there, %d wrong, %d came", fresh, same, wrong, len(traces))
	}
	if fresh, same, wrong := bring(); fresh != 0 || same != 3 || wrong != 5 || len(traces) != 4 {
		t.Errorf("again: %d are new, %d there, %d wrong, %d came", fresh, same, wrong, len(traces))
	}
	var minutes, free int
	within(func(ctx context.Context, tx bun.Tx) error {
		return tx.NewRaw("select sum(e.minutes), count(*) filter (where not e.billable) from time.entry e where e.imported and e.state = 'approved'").Scan(ctx, &minutes, &free)
	})
	if minutes != 90+90+2*136 || free != 1 {
		t.Errorf("%d minutes came, %d not billable", minutes, free)
	}
	// what leaves comes in again: all of it is known
	var lines [][]string
	within(func(ctx context.Context, tx bun.Tx) error {
		return kind.Export(ctx, tx, v, uuid.Nil, func(cells ...string) error { lines = append(lines, cells); return nil })
	})
	for _, name := range []string{"Client", "Project", "Date", "Person", "Task", "Hours", "Note for the client", "Internal notes", "Billable"} {
		found := false
		for _, f := range kind.Fields {
			for _, n := range f.Names {
				found = found || n == strings.ToLower(name)
			}
		}
		if !found || !strings.Contains(strings.Join(lines[0], ";"), name) {
			t.Errorf("the column %q is not found again", name)
		}
	}
	// one is billed meanwhile: it stays, the others go
	used := traces[0].ID
	within(func(ctx context.Context, tx bun.Tx) error {
		b := bill{bus: site.Bus, setting: defaults}
		return b.time(ctx, tx, v, []uuid.UUID{used})
	})
	var kept []module.Trace
	within(func(ctx context.Context, tx bun.Tx) (err error) {
		kept, err = kind.Undo(ctx, tx, v, traces)
		return err
	})
	if len(kept) != 1 || kept[0].ID != used {
		t.Errorf("%d stay", len(kept))
	}
}
