package schedule

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fact"
	"portico/platform/id"
	"portico/platform/lang"
)

// Change is what a publication does to one item that the client sees.
type Change struct {
	ItemID   uuid.UUID
	Kind     string // moved, added, removed, renamed
	ItemKind Kind
	Position int
	Title    string
	OldTitle string
	Was, Now Span `bun:"-"`
	Reason   string

	OldStart, OldEnd, NewStart, NewEnd day.Day // as the database has them
}

// spans fills in what came from the database.
func (c *Change) spans() {
	c.Was, c.Now = Span{c.OldStart, c.OldEnd}, Span{c.NewStart, c.NewEnd}
}

// Notice is one publication as the client is told of it.
type Notice struct {
	ID, ProjectID, ClientID uuid.UUID
	ProjectName, ProjectKey string
	Message                 string
	First, Told             bool
	By                      string
	At                      time.Time
	Changes                 []Change `bun:"-"`
}

// edition is a schedule as it would be published now, beside what was published last.
type edition struct {
	Next    []Shown
	Changes []Change    // that the client is told of
	Moved   []Shown     // whose days, title or visibility are others: others are told of them
	Dated   []Item      // milestones that others are told of
	Gone    []uuid.UUID // published items that are no more
	First   bool
}

// Quiet reports whether there is nothing that the client would hear of.
func (e edition) Quiet() bool { return !e.First && len(e.Changes) == 0 }

// editionOf compares a schedule with what was published of it, and says why things moved.
func editionOf(b board, was map[uuid.UUID]Shown, reasons map[uuid.UUID]string) edition {
	e := edition{First: !b.Plan.Published()}
	waits, hows := map[uuid.UUID][]uuid.UUID{}, map[uuid.UUID][]string{}
	for _, l := range b.Links {
		waits[l.To], hows[l.To] = append(waits[l.To], l.From), append(hows[l.To], string(l.Relation))
	}
	there := map[uuid.UUID]bool{}
	for n, i := range b.Items {
		there[i.ID] = true
		next := Shown{
			ID: i.ID, ProjectID: i.ProjectID, PhaseID: i.PhaseID, Kind: i.Kind, Position: n + 1, Title: i.ForClient(), ClientText: i.ClientText,
			StartOn: i.StartOn, EndOn: i.EndOn, Color: i.Color, Visible: i.ClientVisible, AfterIds: waits[i.ID], AfterKinds: hows[i.ID],
		}
		before, known := was[i.ID]
		same := known && before.Span() == next.Span() && before.Title == next.Title && before.Visible == next.Visible
		next.Sequence = before.Sequence
		if known && (!same || before.ClientText != next.ClientText) {
			next.Sequence++
		}
		e.Next = append(e.Next, next)
		if !same {
			e.Moved = append(e.Moved, next)
			if i.Kind == Milestone && (!known || before.Span() != next.Span() || before.Title != next.Title) {
				e.Dated = append(e.Dated, i)
			}
		}
		if change, tells := changeOf(before, next, known); tells && !e.First {
			change.Reason = reasons[i.ID]
			e.Changes = append(e.Changes, change)
		}
	}
	for _, before := range was {
		if there[before.ID] {
			continue
		}
		e.Gone = append(e.Gone, before.ID)
		if before.Visible && !before.Hidden && !e.First {
			e.Changes = append(e.Changes, Change{
				ItemID: before.ID, Kind: "removed", ItemKind: before.Kind, Position: before.Position, Title: before.Title, Was: before.Span(),
			})
		}
	}
	slices.SortStableFunc(e.Changes, func(a, b Change) int { return a.Position - b.Position })
	return e
}

// changeOf is what the client is told of one item; what is hidden is never spoken of.
func changeOf(before, next Shown, known bool) (c Change, tells bool) {
	c = Change{ItemID: next.ID, ItemKind: next.Kind, Position: next.Position, Title: next.Title, Was: before.Span(), Now: next.Span()}
	switch {
	case !next.Visible:
		return c, false
	case !known || !before.Visible:
		c.Kind, c.Was = "added", Span{}
		return c, true
	case before.Span() != next.Span():
		c.Kind = "moved"
	case before.Title != next.Title:
		c.Kind = "renamed"
	default:
		return c, false
	}
	if before.Title != next.Title {
		c.OldTitle = before.Title
	}
	return c, true
}

// publication is what staff say with it.
type publication struct {
	Message string
	Tell    bool
	Reasons map[uuid.UUID]string
}

// publish makes a schedule what the client sees, tells the other sections, and promises the mails.
func (d desk) publish(ctx context.Context, tx bun.Tx, v auth.Viewer, b board, e edition, p publication) (Notice, error) {
	n := Notice{ID: id.New(), ProjectID: b.Plan.ProjectID, ClientID: b.Plan.ClientID, Message: p.Message, First: e.First, Told: p.Tell && !e.Quiet(), Changes: e.Changes}
	for i := range n.Changes {
		if reason, given := p.Reasons[n.Changes[i].ItemID]; given {
			n.Changes[i].Reason = reason
		}
	}
	if err := insertNotice(ctx, tx, v, n); err != nil {
		return n, err
	}
	if err := putShown(ctx, tx, v, b.Plan, e.Next); err != nil {
		return n, err
	}
	gone, err := sweep(ctx, tx, v, b.Plan.ProjectID)
	if err != nil {
		return n, err
	}
	if err := markPublished(ctx, tx, v, b.Plan.ProjectID, n.ID); err != nil {
		return n, err
	}
	if err := d.tellOthers(ctx, tx, v, b.Plan.ProjectID, e, gone); err != nil {
		return n, err
	}
	if n.Told && b.Plan.Viewable {
		if _, err := tellNotice.Enqueue(ctx, tx, v.FirmID(), telling{n.ID}); err != nil {
			return n, err
		}
	}
	text := lang.M("published the schedule")
	if !e.Quiet() && !e.First {
		text = lang.M("published the schedule: %s", lang.N(len(e.Changes), "%s change", "%s changes"))
	}
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "schedule.published", Said: text, ClientID: b.Plan.ClientID, ProjectID: b.Plan.ProjectID, SubjectID: n.ID,
		Data: map[string]any{"changes": len(e.Changes)}, ForClient: b.Plan.Viewable && !e.Quiet(),
	})
	d.ring(ctx, v, b.Plan, b.Plan.Viewable)
	return n, err
}

// tellOthers lets the other sections know what is planned for when.
func (d desk) tellOthers(ctx context.Context, tx bun.Tx, v auth.Viewer, project uuid.UUID, e edition, gone []uuid.UUID) error {
	var facts []fact.Fact
	for _, s := range e.Moved {
		f := fact.ScheduleItemMoved{ProjectID: project, ItemID: s.ID, Start: s.StartOn.String(), End: s.EndOn.String()}
		if s.Visible { // the title of what is hidden is nobody's business
			f.Title = s.Title
		}
		facts = append(facts, f)
	}
	for _, i := range e.Dated {
		facts = append(facts, fact.MilestoneMoved{ProjectID: project, Milestone: i.Title, On: i.EndOn.String()})
		if i.ClientTitle != "" && i.ClientTitle != i.Title {
			facts = append(facts, fact.MilestoneMoved{ProjectID: project, Milestone: i.ClientTitle, On: i.EndOn.String()})
		}
	}
	for _, one := range gone {
		facts = append(facts, fact.ScheduleItemRemoved{ProjectID: project, ItemID: one})
	}
	for _, f := range facts {
		if err := d.Bus.Publish(ctx, tx, v.FirmID(), f); err != nil {
			return err
		}
	}
	return nil
}

// ring lets open pages follow: those of staff, and of the client where there is something new to see.
func (d desk) ring(ctx context.Context, v auth.Viewer, p Plan, client bool) {
	if d.Bell == nil {
		return
	}
	topic := section
	if client {
		topic += "@client:" + p.ClientID.String()
	}
	d.Bell.Publish(ctx, v.FirmID(), topic)
}
