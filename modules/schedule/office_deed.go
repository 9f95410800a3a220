package schedule

import (
	"slices"
	"strconv"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fact"
	"portico/platform/fault"
	"portico/platform/web"
)

// changesOf is what differs between two states of an item, but for its days.
func changesOf(was, is Item) map[string]any {
	words := func(i Item) map[string]any {
		return map[string]any{
			"title": i.Title, "client title": i.ClientTitle, "text": i.ClientText, "internal notes": i.InternalNotes, "trade": i.Vendor,
			"kind": string(i.Kind), "progress": i.Progress, "shown to the client": i.ClientVisible, "color": i.Color, "phase": i.PhaseID.String(), "assignee": i.AssigneeID.String(),
		}
	}
	return activity.Changes(words(was), words(is))
}

// deleteItem takes an item, and of a phase its items, off the schedule. The client sees that with the next publication.
func (o office) deleteItem(r *web.Request) error {
	p, b, i, err := o.itemOf(r)
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	ids := []uuid.UUID{i.ID}
	for _, one := range b.Items {
		if one.PhaseID == i.ID {
			ids = append(ids, one.ID)
		}
	}
	if b.Plan.Published() {
		err = setDeleted(ctx, tx, v, p.ID, ids, true)
	} else { // nobody was ever told of it, but a deadline of another section may hang on it
		for _, one := range ids {
			if err := o.Bus.Publish(ctx, tx, v.FirmID(), fact.ScheduleItemRemoved{ProjectID: p.ID, ItemID: one}); err != nil {
				return err
			}
		}
		err = forget(ctx, tx, v, p.ID, ids)
	}
	if err != nil {
		return err
	}
	if err := regroup(ctx, tx, v, p.ID); err != nil {
		return err
	}
	text := "took “" + i.Title + "” off the schedule"
	if len(ids) > 1 {
		text += ", with " + counted(len(ids)-1, "item")
	}
	if err := note(ctx, tx, v, b.Plan, i.ID, "item_deleted", text, nil); err != nil {
		return err
	}
	to := r.Path(section, "projects", p.ID)
	if b.Plan.Published() {
		return r.Go(to + "?deleted=" + i.ID.String())
	}
	r.Toast("“" + i.Title + "” is off the schedule.")
	return r.Go(to)
}

// restoreItem brings back what was deleted since the last publication.
func (o office) restoreItem(r *web.Request) error {
	p, b, err := o.boardOf(r)
	if err != nil {
		return err
	}
	one, err := r.ID("item")
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	i, err := itemOf(ctx, tx, v, p.ID, one)
	if err != nil {
		return err
	}
	if i.DeletedAt.IsZero() {
		return r.Go(r.Path(section, "projects", p.ID))
	}
	ids, err := deletedWith(ctx, tx, v, p.ID, i)
	if err != nil {
		return err
	}
	if err := setDeleted(ctx, tx, v, p.ID, ids, false); err != nil {
		return err
	}
	if err := regroup(ctx, tx, v, p.ID); fault.Is(err, fault.Bad) {
		return fault.Conflict("“" + i.Title + "” cannot come back: items would wait for each other.")
	} else if err != nil {
		return err
	}
	if err := note(ctx, tx, v, b.Plan, i.ID, "item_restored", "brought back “"+i.Title+"” to the schedule", nil); err != nil {
		return err
	}
	r.Toast("“" + i.Title + "” is back.")
	return r.Go(r.Path(section, "projects", p.ID))
}

// moveItem changes places with the one before or after it, within its phase.
func (o office) moveItem(r *web.Request) error {
	p, b, i, err := o.itemOf(r)
	if err != nil {
		return err
	}
	step := 1
	if r.Value("to") == "up" {
		step = -1
	}
	var peers []uuid.UUID
	for _, one := range b.Items {
		if one.PhaseID == i.PhaseID {
			peers = append(peers, one.ID)
		}
	}
	at := slices.Index(peers, i.ID)
	other := at + step
	if other < 0 || other >= len(peers) {
		return r.Go(r.Path(section, "projects", p.ID) + "?view=list")
	}
	items := slices.Clone(b.Items)
	a := slices.IndexFunc(items, func(o Item) bool { return o.ID == peers[at] })
	z := slices.IndexFunc(items, func(o Item) bool { return o.ID == peers[other] })
	items[a], items[z] = items[z], items[a]
	var inOrder []uuid.UUID
	for _, one := range arrange(items) {
		inOrder = append(inOrder, one.ID)
	}
	if err := setPlaces(r.Context(), r.Tx(), r.Viewer(), p.ID, inOrder); err != nil {
		return err
	}
	if err := touch(r.Context(), r.Tx(), r.Viewer(), b); err != nil {
		return err
	}
	if err := note(r.Context(), r.Tx(), r.Viewer(), b.Plan, i.ID, "item_placed", "changed the place of “"+i.Title+"” on the schedule", nil); err != nil {
		return err
	}
	return r.Go(r.Path(section, "projects", p.ID) + "?view=list")
}

type progressForm struct {
	Progress int `form:"progress"`
}

// Check is what can be wrong with it.
func (f *progressForm) Check() fault.Fields {
	if f.Progress < 0 || f.Progress > 100 {
		return fault.Fields{"progress": "Enter 0 to 100 percent."}
	}
	return nil
}

// progressed reports whether something that the client may see has come further, or less far.
func progressed(was, next board) bool {
	before := map[uuid.UUID]int{}
	for _, i := range was.Items {
		before[i.ID] = i.Progress
	}
	return slices.ContainsFunc(next.Items, func(i Item) bool { return i.ClientVisible && i.Progress != before[i.ID] })
}

// progress notes how far an item has come; clients see that at once, of what they see.
func (o office) progress(r *web.Request) error {
	p, b, i, err := o.itemOf(r)
	if err != nil {
		return err
	}
	var f progressForm
	if err := r.Bind(&f); err != nil {
		return err
	}
	if b.spans(i.ID) {
		return fault.Conflict("A phase is done when its items are.")
	}
	if f.Progress == i.Progress {
		return r.Go(r.Path(section, "projects", p.ID) + "?view=list")
	}
	was := b
	b.Items = slices.Clone(b.Items)
	at := slices.IndexFunc(b.Items, func(o Item) bool { return o.ID == i.ID })
	b.Items[at].Progress = f.Progress
	next, moved := b.regrouped()
	if err := keepPlan(r.Context(), r.Tx(), r.Viewer(), was, next, uuid.Nil, i.ID, "", moved); err != nil {
		return err
	}
	data := map[string]any{"before": map[string]any{"progress": i.Progress}, "after": map[string]any{"progress": f.Progress}}
	text := "noted “" + i.Title + "” as " + progressWords(f.Progress)
	if err := note(r.Context(), r.Tx(), r.Viewer(), b.Plan, i.ID, "progress", text, data); err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer(), b.Plan, b.Plan.Open() && progressed(was, next))
	r.Toast("“" + i.Title + "”: " + progressWords(f.Progress) + ".")
	return r.Go(r.Path(section, "projects", p.ID) + "?view=list")
}

type planView struct {
	frame
	Rows     []shiftRow
	Action   string
	Revision int
	Reason   string
}

// askPlan shows what would move if all was planned anew, such as after a change of the work calendar.
func (o office) askPlan(r *web.Request) error {
	p, b, err := o.boardOf(r)
	if err != nil {
		return err
	}
	_, moved, err := b.planned(nil)
	if err != nil {
		return err
	}
	return r.Show("schedule/plan", o.planView(r, p, b, moved))
}

func (o office) planView(r *web.Request, p account, b board, moved []Moved) planView {
	s := o.shiftView(r, p, b, Item{}, moved)
	r.Title("Plan anew")
	return planView{frame: o.frame(r, p, "Plan anew"), Rows: s.Rows, Action: r.Path(section, "projects", p.ID, "plan"), Revision: b.Plan.Revision}
}

// planAnew moves everything to where the work calendar and the dependencies want it.
func (o office) planAnew(r *web.Request) error {
	p, b, err := o.boardOf(r)
	if err != nil {
		return err
	}
	next, moved, err := b.planned(nil)
	if err != nil {
		return err
	}
	f := shiftForm{Start: r.Here().Today()}
	wrong := r.Bind(&f)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	if f.Confirm != b.Plan.Revision {
		view := o.planView(r, p, b, moved)
		view.Reason = f.Reason
		return r.Again("schedule/plan", view, fault.Conflict("The schedule was changed meanwhile. This is what moves now."))
	}
	if err := keepPlan(r.Context(), r.Tx(), r.Viewer(), b, next, uuid.Nil, uuid.Nil, f.Reason, moved); err != nil {
		return err
	}
	if err := note(r.Context(), r.Tx(), r.Viewer(), b.Plan, p.ID, "planned_anew", "planned the schedule anew: "+counted(len(moved), "item")+" moved", map[string]any{"reason": f.Reason}); err != nil {
		return err
	}
	r.Toast(counted(len(moved), "item") + " moved.")
	return r.Go(r.Path(section, "projects", p.ID))
}

// progressWords is how far something has come.
func progressWords(percent int) string {
	switch percent {
	case 0:
		return "not begun"
	case 100:
		return "done"
	}
	return strconv.Itoa(percent) + " % done"
}
