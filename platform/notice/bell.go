package notice

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// Item is a notice as the bell shows it.
type Item struct {
	ID                uuid.UUID
	Section           string
	Title, Body, Path string
	At                time.Time
	Read              bool
}

// MostCounted is the most that the bell counts: of more it says that there are more, and asks for no more on every page.
const MostCounted = 30

func greeting(v auth.Viewer) string {
	first, _, _ := strings.Cut(v.Name, " ")
	return strings.TrimSpace(v.Reader().Say("Hello %s", first))
}

// visible are those of some notices that the viewer may still see, asked section by section.
func (d *Desk) visible(ctx context.Context, tx bun.Tx, v auth.Viewer, rows []row) ([]row, error) {
	v.Scope = nil // the bell is about all projects
	items := map[string][]uuid.UUID{}
	for _, r := range rows {
		section := r.section()
		if !slices.Contains(items[section], r.ItemID) {
			items[section] = append(items[section], r.ItemID)
		}
	}
	seen := map[uuid.UUID]bool{}
	open := map[string]bool{}
	for section, ids := range items {
		found, err := d.Sees(ctx, tx, v, section, ids)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			seen[id] = true
			open[section] = open[section] || id == uuid.Nil
		}
	}
	var left []row
	for _, r := range rows {
		if r.ItemID == uuid.Nil && open[r.section()] || r.ItemID != uuid.Nil && seen[r.ItemID] {
			left = append(left, r)
		}
	}
	return left, nil
}

// Unread is how many notices the viewer has not read, of those that they may still see; at most MostCounted and one.
func (d *Desk) Unread(ctx context.Context, tx bun.Tx, v auth.Viewer) (int, error) {
	rows, err := unread(ctx, tx, v, MostCounted+1)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	rows, err = d.visible(ctx, tx, v, rows)
	return len(rows), err
}

// List is a page of the bell, newest first; more says whether there may be another.
func (d *Desk) List(ctx context.Context, tx bun.Tx, v auth.Viewer, onlyUnread bool, offset, most int64) (items []Item, more bool, err error) {
	rows, err := pageOf(ctx, tx, v, onlyUnread, offset, most+1)
	if err != nil {
		return nil, false, err
	}
	if more = len(rows) > int(most); more {
		rows = rows[:most]
	}
	rows, err = d.visible(ctx, tx, v, rows)
	for _, r := range rows {
		items = append(items, Item{r.ID, r.section(), r.Title, r.Body, r.Path, r.CreatedAt, !r.ReadAt.IsZero()})
	}
	return items, more, err
}

// Read notes that the viewer has read a notice, and answers where it leads.
func (d *Desk) Read(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (path string, err error) {
	r, err := byID(ctx, tx, v, id)
	if err != nil {
		return "", err
	}
	return r.Path, d.markRead(ctx, tx, v, reading{notice: id})
}

// ReadAll notes that the viewer has read everything.
func (d *Desk) ReadAll(ctx context.Context, tx bun.IDB, v auth.Viewer) error {
	return d.markRead(ctx, tx, v, reading{})
}

// Seen notes that the viewer has looked at an item of a section: whatever told of it is read.
func (d *Desk) Seen(ctx context.Context, tx bun.IDB, v auth.Viewer, section string, item uuid.UUID) error {
	if v.ViewAs != uuid.Nil {
		return nil
	}
	return d.markRead(ctx, tx, v, reading{section: section, item: item})
}

func (d *Desk) markRead(ctx context.Context, tx bun.IDB, v auth.Viewer, read reading) error {
	n, err := markRead(ctx, tx, v, read)
	if err == nil && n > 0 && d.Bell != nil {
		d.Bell.Publish(ctx, v.FirmID(), Topic+"@person:"+v.PersonID.String())
	}
	return err
}
