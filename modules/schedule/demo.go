package schedule

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/demo"
	"portico/platform/id"
)

// told1 is an item of the demo. begins counts days from the story's now; after names what it waits for, by title.
type told1 struct {
	kind     Kind
	phase    string
	title    string
	reads    string // what the client reads instead
	text     string
	begins   int
	workdays int
	after    []string
	progress int
	hidden   bool
	color    string
	by       string
	vendor   string
	internal string
}

type story struct {
	project string
	items   []told1
}

var northgate = []story{{"maple-street", []told1{
	{kind: Phase, title: "Preparation"},
	{kind: Task, phase: "Preparation", title: "Permit and utilities", begins: -45, workdays: 8, progress: 100, hidden: true, by: "ben"},
	{kind: Task, phase: "Preparation", title: "Temporary kitchen", text: "Fridge, sink and two burners in the garage.", begins: -38, workdays: 3, progress: 100, by: "diego"},
	{kind: Milestone, phase: "Preparation", title: "At signing", reads: "Contract signed", begins: -44, progress: 100},
	{kind: Phase, title: "Demolition and framing", color: "amber"},
	{kind: Task, phase: "Demolition and framing", title: "Take out the old kitchen", begins: -33, workdays: 4, after: []string{"Temporary kitchen"}, progress: 100, hidden: true, by: "diego", vendor: "Hauling: Big Bend Dumpsters"},
	{kind: Task, phase: "Demolition and framing", title: "Open the wall to the living room", text: "It is loud for two days.", workdays: 6, after: []string{"Take out the old kitchen"}, progress: 100, by: "diego"},
	{kind: Milestone, phase: "Demolition and framing", title: "Framing is inspected", after: []string{"Open the wall to the living room"}, progress: 100},
	{kind: Phase, title: "Plumbing, wiring and drywall", color: "blue"},
	{kind: Task, phase: "Plumbing, wiring and drywall", title: "Plumbing rough-in", begins: -12, workdays: 6, progress: 100, hidden: true, vendor: "Hill Country Plumbing", internal: "They want half before they begin."},
	{kind: Task, phase: "Plumbing, wiring and drywall", title: "Wiring", begins: -6, workdays: 7, progress: 60, hidden: true, vendor: "Bluebonnet Electric"},
	{kind: Task, phase: "Plumbing, wiring and drywall", title: "Drywall", text: "Dust: doors to the kitchen stay shut.", workdays: 8, after: []string{"Wiring", "Plumbing rough-in"}, by: "diego"},
	{kind: Milestone, phase: "Plumbing, wiring and drywall", title: "Drywall and plumbing", reads: "Walls are closed", after: []string{"Drywall"}},
	{kind: Phase, title: "Kitchen", color: "green"},
	{kind: Task, phase: "Kitchen", title: "Set the cabinets", workdays: 6, after: []string{"Drywall"}, by: "ben"},
	{kind: Milestone, phase: "Kitchen", title: "Cabinets are in", after: []string{"Set the cabinets"}},
	{kind: Task, phase: "Kitchen", title: "Measure and cut the stone", workdays: 8, after: []string{"Set the cabinets"}, hidden: true, vendor: "Lone Star Stone", internal: "Canary yellow slab is the reserve."},
	{kind: Task, phase: "Kitchen", title: "Countertops and sink", workdays: 2, after: []string{"Measure and cut the stone"}, by: "ben"},
	{kind: Phase, title: "Finishing", color: "violet"},
	{kind: Task, phase: "Finishing", title: "Tile the backsplash", workdays: 3, after: []string{"Countertops and sink"}},
	{kind: Task, phase: "Finishing", title: "Paint", workdays: 5, after: []string{"Tile the backsplash"}, hidden: true},
	{kind: Milestone, phase: "Finishing", title: "After the last walk-through", reads: "Last walk-through", after: []string{"Paint"}},
}}, {"lakeview-house", []told1{
	{kind: Phase, title: "Shell", begins: -300, workdays: 90, progress: 100},
	{kind: Phase, title: "Inside", begins: -170, workdays: 80, progress: 100},
	{kind: Milestone, title: "Handover", begins: -50, progress: 100},
}}, {"orchard-lane", []told1{
	{kind: Phase, title: "Foundation", begins: 20, workdays: 15},
	{kind: Milestone, title: "Foundation is inspected", after: []string{"Foundation"}},
	{kind: Phase, title: "Frame and roof", workdays: 30, after: []string{"Foundation is inspected"}},
	{kind: Milestone, title: "Roof and windows are in", after: []string{"Frame and roof"}},
}}}

var harbor = []story{{"winter-gala", []told1{
	{kind: Phase, title: "HARBOR-ONLY set-up", begins: 20, workdays: 4},
	{kind: Milestone, title: "HARBOR-ONLY doors open", after: []string{"HARBOR-ONLY set-up"}},
}}}

// tellStory plans what the story's projects are about: published once, moved and published again, and moved since.
func (d desk) tellStory(ctx context.Context, tx bun.Tx, s *demo.Story) error {
	if !s.Size.Empty() {
		return nil // a big demo is about numbers
	}
	told, author := northgate, s.People["ben"]
	if !s.Main {
		told, author = harbor, s.People["felix"]
	}
	v := auth.Viewer{Side: auth.Office, Firm: s.Firm, PersonID: author.ID, Name: author.Name}
	year := s.Now.Year()
	for _, off := range []DayOff{
		{First: day.New(year, 12, 24), Last: day.New(year, 12, 25), Name: "Christmas"}, {First: day.New(year+1, 1, 1), Last: day.New(year+1, 1, 1), Name: "New Year’s Day"},
	} {
		if err := addDayOff(ctx, tx, v, off); err != nil {
			return err
		}
	}
	for _, one := range told {
		if err := d.tellPlan(ctx, tx, v, s, one); err != nil {
			return fmt.Errorf("schedule of %s: %w", one.project, err)
		}
	}
	return nil
}

func (d desk) tellPlan(ctx context.Context, tx bun.Tx, v auth.Viewer, s *demo.Story, told story) error {
	project, known := s.Projects[told.project]
	if !known {
		return nil
	}
	if err := addPlan(ctx, tx, v, project.ID, project.ClientID); err != nil {
		return err
	}
	b, err := boardOf(ctx, tx, v, project.ID)
	if err != nil {
		return err
	}
	names := map[string]uuid.UUID{}
	for _, t := range told.items {
		i := Item{
			ID: id.New(), ProjectID: project.ID, PhaseID: names[t.phase], Kind: t.kind, Title: t.title, ClientTitle: t.reads, ClientText: t.text, InternalNotes: t.internal,
			Vendor: t.vendor, AssigneeID: s.People[t.by].ID, Workdays: t.workdays, Progress: t.progress, Color: t.color, ClientVisible: !t.hidden, Version: 1,
		}
		i.StartOn = day.Of(s.Day(t.begins))
		if i.Color == "" && t.phase != "" {
			phase, _ := b.item(i.PhaseID)
			i.Color = phase.Color
		}
		if t.kind == Phase {
			i.Workdays = max(i.Workdays, 1)
		}
		if len(t.after) == 0 {
			i.NotBefore = i.StartOn
		}
		names[t.title] = i.ID
		span := b.Calendar.span(i.step(), i.StartOn)
		i.StartOn, i.EndOn = span.Start, span.End
		for _, after := range t.after {
			b.Links = append(b.Links, Link{names[after], i.ID, FinishStart, 0})
		}
		b.Items = append(b.Items, i)
	}
	// what has begun is where the others before it put it
	begun := b.Items
	b.Items = make([]Item, len(begun))
	for n, i := range begun {
		b.Items[n] = i
		b.Items[n].Progress = 0
	}
	b.Items = arrange(b.Items)
	next, _, err := b.planned(nil)
	if err != nil {
		return err
	}
	for n := range next.Items {
		i := &next.Items[n]
		for _, was := range begun {
			if was.ID == i.ID {
				i.Progress = was.Progress
			}
		}
	}
	if next, _, err = next.planned(nil); err != nil {
		return err
	}
	for _, i := range next.Items {
		if err := insertItem(ctx, tx, v, i); err != nil {
			return err
		}
	}
	if err := insertLinks(ctx, tx, v, project.ID, next.Links); err != nil {
		return err
	}
	if err := touch(ctx, tx, v, next); err != nil {
		return err
	}
	if err := note(ctx, tx, v, b.Plan, project.ID, "begun", "began the schedule", nil); err != nil || told.project == "orchard-lane" {
		return err
	}
	if err := d.tellPublished(ctx, tx, v, project.ID, ""); err != nil || told.project != "maple-street" {
		return err
	}
	if err := setBaseline(ctx, tx, v, project.ID, true); err != nil {
		return err
	}
	if err := d.tellShift(ctx, tx, v, project.ID, names["Set the cabinets"], 5, "The cabinets leave the workshop a week later."); err != nil {
		return err
	}
	if err := d.tellPublished(ctx, tx, v, project.ID, "The stone and all that comes after it move with the cabinets. The day of the move-in stays."); err != nil {
		return err
	}
	return d.tellShift(ctx, tx, v, project.ID, names["Tile the backsplash"], 2, "The tiler finishes another kitchen first.")
}

// tellPublished publishes without mails: nobody waits for those of days ago.
func (d desk) tellPublished(ctx context.Context, tx bun.Tx, v auth.Viewer, project uuid.UUID, message string) error {
	b, err := boardOf(ctx, tx, v, project)
	if err != nil {
		return err
	}
	was, err := shownOf(ctx, tx, v, project)
	if err != nil {
		return err
	}
	reasons, err := reasonsOf(ctx, tx, v, project)
	if err != nil {
		return err
	}
	_, err = d.publish(ctx, tx, v, b, editionOf(b, was, reasons), publication{Message: message})
	return err
}

// tellShift moves an item by some days of work.
func (d desk) tellShift(ctx context.Context, tx bun.Tx, v auth.Viewer, project, item uuid.UUID, by int, reason string) error {
	b, err := boardOf(ctx, tx, v, project)
	if err != nil {
		return err
	}
	i, _ := b.item(item)
	next, moved, err := b.planned(&Wish{item, b.Calendar.Shift(i.StartOn, by), i.Workdays})
	if err != nil {
		return err
	}
	if err := keepPlan(ctx, tx, v, b, next, uuid.Nil, item, reason, moved); err != nil {
		return err
	}
	return noteMoved(ctx, tx, v, b, i, reason, moved)
}
