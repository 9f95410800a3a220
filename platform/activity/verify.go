package activity

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/secret"
)

const (
	mostTroubles  = 20     // that are told one by one
	checkedAtOnce = 20_000 // seals of a stretch
)

// Report is what a check of one firm's log has found.
type Report struct {
	Firm     uuid.UUID
	Entries  int64 // sealed ones that were read
	Waiting  int64 // entries that have no seal yet
	Late     bool  // some of them for more than ten minutes: no worker seals
	Since    time.Time
	Troubles []string // in words, the first twenty
	More     int64    // troubles that are not among them
}

// Sound reports whether nothing was removed, changed or put in.
func (r Report) Sound() bool { return len(r.Troubles) == 0 }

// State is what the last check has found, as it was written down.
type State struct {
	CheckedAt  time.Time
	Checked    int64
	SoundSince time.Time
	Troubles   []string `bun:"type:jsonb"`
}

// link is a seal and what its entry says now.
type link struct {
	seal
	SealedAt, At time.Time
	Content      string
	There        bool // the entry is there
}

type stray struct {
	ID uuid.UUID
	At time.Time
	Of int64 // how many there are
}

type queue struct {
	Entries int64
	Late    bool
}

// Verify reads the whole chain of a firm in stretches, in any transaction or pool that may see it.
func Verify(ctx context.Context, tx bun.IDB, key secret.Key, firm uuid.UUID) (Report, error) {
	c := &check{sealer: newSealer(key, firm), report: Report{Firm: firm}}
	e, err := endsOf(ctx, tx, firm)
	if err != nil {
		return c.report, err
	}
	c.report.Since = e.Since.Time
	for from := int64(1); from <= e.Last; from += checkedAtOnce {
		if err := stretch(ctx, tx, firm, from, min(from+checkedAtOnce, e.Last+1), c.look); err != nil {
			return c.report, err
		}
	}
	c.swapped()
	c.end(e)
	in, out, waits, err := strays(ctx, tx, firm)
	if err != nil {
		return c.report, err
	}
	c.report.Waiting, c.report.Late = waits.Entries-int64(len(out)), waits.Late
	for _, s := range in {
		c.found("an entry dated %s (%s) was put in past the program: it has no seal", told(s.At), s.ID)
	}
	for _, s := range out {
		c.found("an entry of %s (%s) was removed before it was sealed", told(s.At), s.ID)
	}
	for _, list := range [][]stray{in, out} {
		if n := len(list); n > 0 {
			c.report.More += list[0].Of - int64(n)
		}
	}
	return c.report, nil
}

// check walks along a chain.
type check struct {
	sealer
	report  Report
	last    link
	changed []link // kept until the end: two of them may have changed places
}

func (c *check) found(format string, args ...any) {
	if len(c.report.Troubles) >= mostTroubles {
		c.report.More++
		return
	}
	c.report.Troubles = append(c.report.Troubles, fmt.Sprintf(format, args...))
}

// look compares one link with what it should be.
func (c *check) look(l link) {
	c.report.Entries++
	before := c.last
	c.last = link{seal: l.seal}
	follows := l.Seq == before.Seq+1
	if !follows {
		c.found("%s removed, together with %s", were(before.Seq+1, l.Seq-1), seals(before.Seq+1, l.Seq-1))
	}
	if !l.There {
		c.found("entry %d was removed (it was sealed %s)", l.Seq, told(l.SealedAt))
		return
	}
	if !bytes.Equal(c.seal(l.Seq, l.Prev, l.Content), l.Hash) {
		if len(c.changed) < 2*mostTroubles {
			c.changed = append(c.changed, l)
		} else {
			c.report.More++
		}
		return
	}
	if follows && !bytes.Equal(l.Prev, before.Hash) {
		c.found("entry %d does not follow entry %d: the seal of one of them was changed", l.Seq, before.Seq)
	}
}

// swapped tells what was changed, and which two of them only changed places.
func (c *check) swapped() {
	paired := map[int64]bool{}
	for i, a := range c.changed {
		for _, b := range c.changed[i+1:] {
			if !paired[a.Seq] && !paired[b.Seq] && c.exchanged(a, b) {
				paired[a.Seq], paired[b.Seq] = true, true
				c.found("entries %d and %d changed places", a.Seq, b.Seq)
			}
		}
		if !paired[a.Seq] {
			c.found("entry %d (%s, dated %s) was changed after it was sealed", a.Seq, a.EntryID, told(a.At))
		}
	}
}

// exchanged: each says what the other's seal was made of. When rows changed their contents and kept their ids, the ids
// are exchanged first.
func (c *check) exchanged(a, b link) bool {
	fits := func(x link, content string) bool { return bytes.Equal(c.seal(x.Seq, x.Prev, content), x.Hash) }
	if fits(a, b.Content) && fits(b, a.Content) {
		return true
	}
	named := func(content string, from, to uuid.UUID) string {
		return string(bytes.Replace([]byte(content), []byte(from.String()), []byte(to.String()), 1))
	}
	return fits(a, named(b.Content, b.EntryID, a.EntryID)) && fits(b, named(a.Content, a.EntryID, b.EntryID))
}

// end compares the last seal with the head.
func (c *check) end(e ends) {
	switch {
	case !e.HasHead && e.Last == 0: // nothing was ever sealed
	case !e.HasHead || !c.proved(e.head):
		c.found("the end of the log was tampered with: entries after %d may have been removed (or PORTICO_SECRET is not the one that sealed them)", e.Last)
	case e.Seq > e.Last:
		c.found("%s removed from the end, together with %s", were(e.Last+1, e.Seq), seals(e.Last+1, e.Seq))
	case e.Seq < e.Last:
		c.found("%s put in at the end", were(e.Seq+1, e.Last))
	case e.Last > 0 && !bytes.Equal(e.Hash, c.last.Hash):
		c.found("the seal of entry %d, the last one, was changed", e.Last)
	}
}

func were(from, to int64) string {
	if from == to {
		return fmt.Sprintf("entry %d was", from)
	}
	return fmt.Sprintf("entries %d to %d were", from, to)
}

func seals(from, to int64) string {
	if from == to {
		return "its seal"
	}
	return "their seals"
}

func told(t time.Time) string { return t.UTC().Format("Jan 2, 2006, 15:04:05 UTC") }

func tell(troubles []string) (string, error) {
	if troubles == nil {
		troubles = []string{}
	}
	text, err := json.Marshal(troubles)
	return string(text), err
}

func nullTime(t time.Time) sql.NullTime { return sql.NullTime{Time: t, Valid: !t.IsZero()} }
