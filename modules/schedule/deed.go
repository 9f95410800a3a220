package schedule

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
)

// errMeanwhile is for two people at one thing.
var errMeanwhile = fault.Conflict("Somebody has changed this meanwhile. Look at it again before you save.")

// planned is the board as it becomes by a wish (nil: as it stands), and what moves by it.
func (b board) planned(w *Wish) (next board, moved []Moved, err error) {
	n := b.network()
	if w != nil {
		n = n.With(*w)
	}
	settled, err := n.Settle()
	if err != nil {
		return b, nil, b.explain(err)
	}
	next = b
	next.Items = make([]Item, len(b.Items))
	for at, i := range b.Items {
		was, s := i.Span(), n.Steps[at]
		now := settled[i.ID]
		i.StartOn, i.EndOn, i.NotBefore, i.Workdays = now.Start, now.End, s.NotBefore, s.Workdays
		if i.Kind == Phase && b.spans(i.ID) {
			i.Workdays, i.Progress = b.Calendar.Count(now.Start, now.End), b.progress(i.ID)
		}
		next.Items[at] = i
		if now != was {
			moved = append(moved, Moved{i.ID, was, now})
		}
	}
	return next, moved, nil
}

// explain says in words which items wait for each other.
func (b board) explain(err error) error {
	var c Circle
	if !errors.As(err, &c) {
		return err
	}
	var names []string
	for n := len(c.IDs) - 1; n >= 0; n-- {
		i, _ := b.item(c.IDs[n])
		names = append(names, "“"+i.Title+"”")
	}
	text := names[0] + " cannot wait for itself."
	if len(names) > 1 {
		text = names[0] + " would wait for " + strings.Join(names[1:], ", which waits for ") + ", which waits for " + names[0] + ". Take one of these dependencies out."
	}
	return fault.Field("after", text)
}

// differing are the items whose days, or what comes of them, are to be written; but is written by itself.
func differing(was, now board, but uuid.UUID) []Item {
	before := make(map[uuid.UUID]Item, len(was.Items))
	for _, i := range was.Items {
		before[i.ID] = i
	}
	var list []Item
	for _, i := range now.Items {
		b := before[i.ID]
		if i.ID == but {
			continue
		}
		if b.Span() != i.Span() || b.NotBefore != i.NotBefore || b.Workdays != i.Workdays || b.Progress != i.Progress {
			list = append(list, i)
		}
	}
	return list
}

// keepPlan writes a board as it was planned anew: was is as the database has it.
func keepPlan(ctx context.Context, tx bun.IDB, v auth.Viewer, was, next board, but, cause uuid.UUID, reason string, moved []Moved) error {
	if err := saveDays(ctx, tx, v, differing(was, next, but)); err != nil {
		return err
	}
	if err := noteShifts(ctx, tx, v, next.Plan.ProjectID, cause, reason, moved); err != nil {
		return err
	}
	return touch(ctx, tx, v, next)
}

// regrouped is the board with the phases as their items have them; nothing else moves.
func (b board) regrouped() (next board, moved []Moved) {
	next = b
	next.Items = slices.Clone(b.Items)
	for at, i := range next.Items {
		if i.Kind != Phase || !b.spans(i.ID) {
			continue
		}
		var around Span
		for _, one := range b.Items {
			if one.PhaseID != i.ID {
				continue
			}
			if around.Start.IsZero() || one.StartOn.Before(around.Start) {
				around.Start = one.StartOn
			}
			around.End = later(around.End, one.EndOn)
		}
		if around != i.Span() {
			moved = append(moved, Moved{i.ID, i.Span(), around})
		}
		i.StartOn, i.EndOn, i.Workdays, i.Progress = around.Start, around.End, b.Calendar.Count(around.Start, around.End), b.progress(i.ID)
		next.Items[at] = i
	}
	return next, moved
}

// regroup writes the phases as their items have them, after items came or went.
func regroup(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) error {
	b, err := boardOf(ctx, tx, v, project)
	if err != nil {
		return err
	}
	if _, _, err := b.planned(nil); err != nil { // what came back may wait for what was made to wait for it meanwhile
		return err
	}
	next, moved := b.regrouped()
	return keepPlan(ctx, tx, v, b, next, uuid.Nil, uuid.Nil, "", moved)
}

// note writes what was done to a schedule into the log.
func note(ctx context.Context, tx bun.IDB, v auth.Viewer, p Plan, subject uuid.UUID, verb, text string, data map[string]any) error {
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "schedule." + verb, Text: text, ClientID: p.ClientID, ProjectID: p.ProjectID, SubjectID: subject, Data: data,
	})
}

// noteMoved writes a shift into the log, with the item's own days before and after.
func noteMoved(ctx context.Context, tx bun.IDB, v auth.Viewer, b board, item Item, reason string, moved []Moved) error {
	text := "moved “" + item.Title + "”"
	data := map[string]any{"reason": reason, "items": len(moved)}
	others := len(moved)
	for _, m := range moved {
		if m.ID == item.ID {
			text += " from " + m.Was.Words().String() + " to " + m.Now.Words().String()
			data["before"] = map[string]any{"start": m.Was.Start.String(), "end": m.Was.End.String()}
			data["after"] = map[string]any{"start": m.Now.Start.String(), "end": m.Now.End.String()}
			others--
		}
	}
	if others > 0 {
		text += ", and " + counted(others, "item") + " with it"
	}
	return note(ctx, tx, v, b.Plan, item.ID, "moved", text, data)
}
