package notices_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/notice"
)

// devices are everybody's; they show what they were sent.
type devices struct {
	mu    sync.Mutex
	shown []string
}

func (d *devices) Reaches(_ context.Context, _ bun.IDB, _ uuid.UUID, people []uuid.UUID) ([]uuid.UUID, error) {
	return people, nil
}

func (d *devices) Send(_ context.Context, _ bun.IDB, _ uuid.UUID, p notice.Push) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shown = append(d.shown, p.Title)
	return nil
}

func (d *devices) show(t *testing.T, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if got := slices.Sorted(slices.Values(d.shown)); !slices.Equal(got, want) {
		t.Errorf("devices show %q, want %q", got, want)
	}
}

func TestPushesComeAsChosenAndWaitForTheMorning(t *testing.T) {
	g, all := open(t), &devices{}
	g.Notices.Push = all
	g.promise("ana", told{Title: "Nobody has chosen pushes of news"}, 1)
	g.promise("ana", told{Title: "A receipt", Kind: law.ID}, 2)
	g.Settle(t)
	all.show(t, "A receipt")
	g.choose("ana", news, notice.Ways{Mail: notice.Off, Bell: true, Push: true})
	g.choose("ana", law, notice.Ways{Mail: notice.Now, Bell: true, Push: false})
	g.promise("ana", told{Title: "No push of this receipt", Kind: law.ID}, 1)
	g.promise("ana", told{Title: "By push alone"}, 1)
	g.Settle(t)
	all.show(t, "A receipt", "By push alone")
	hidden := g.quiet("ana", func() uuid.UUID {
		g.promise("ana", told{Title: "For the morning"}, 1)
		return g.promise("ana", told{Title: "Hidden until then"}, 1)
	})
	g.hide(hidden)
	all.show(t, "A receipt", "By push alone")
	g.now("notice:push")
	all.show(t, "A receipt", "By push alone", "For the morning")
	for _, subject := range g.subjects("ana") {
		if subject == "By push alone" {
			t.Error("a mail came, too")
		}
	}
}
