package schedule

import (
	"slices"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/web"
)

type itemView struct {
	frame
	New       bool
	Item      Item
	Form      itemForm
	Action    string
	Kinds     []choice
	Phases    []choice
	Others    []choice // what it can wait for
	Relations []choice
	Colors    []choice
	Mates     []choice
	Grouped   bool // a phase with items: its days are theirs
	Next      []web.NavItem
	Variance  variance
	Talk      string // where a conversation about it begins; "": nowhere
}

// blankLinks are how many empty dependencies a form offers.
const blankLinks = 2

func (o office) itemView(r *web.Request, p account, b board, i Item, form itemForm) (itemView, error) {
	title := i.Title
	if i.ID == uuid.Nil {
		title = "New item"
	}
	r.Title(title)
	view := itemView{
		frame: o.frame(r, p, title), New: i.ID == uuid.Nil, Item: i, Form: form, Colors: colors, Relations: relations,
		Kinds: []choice{{"task", "Task"}, {"phase", "Phase"}, {"milestone", "Milestone"}}, Grouped: i.ID != uuid.Nil && b.spans(i.ID), Variance: i.variance(b.Calendar),
	}
	view.Action = view.At + "/items"
	if !view.New {
		view.Action += "/" + i.ID.String()
	}
	if !view.New && b.talked(i) {
		view.Talk = o.Catalog().Talk(r.Viewer(), section, i.ID)
	}
	for _, other := range b.Items {
		if other.Kind == Phase && other.ID != i.ID {
			view.Phases = append(view.Phases, choice{other.ID.String(), other.Title})
		}
		if other.ID != i.ID && other.PhaseID != i.ID || view.New {
			name := other.Title
			if other.PhaseID != uuid.Nil {
				name = "– " + name
			}
			view.Others = append(view.Others, choice{other.ID.String(), name})
		}
	}
	for range blankLinks {
		view.Form.After = append(view.Form.After, linkForm{"", "FS", "0"})
	}
	for _, l := range b.Links {
		if l.From == i.ID && !view.New {
			if other, known := b.item(l.To); known {
				view.Next = append(view.Next, web.NavItem{Title: other.Title, Href: view.At + "/items/" + other.ID.String()})
			}
		}
	}
	mates, err := matesOf(r.Context(), r.Tx(), r.Viewer(), p.ID)
	for _, m := range mates {
		view.Mates = append(view.Mates, choice{m.ID.String(), m.Name})
	}
	if i.AssigneeID != uuid.Nil && !slices.ContainsFunc(mates, func(m mate) bool { return m.ID == i.AssigneeID }) {
		view.Mates = append(view.Mates, choice{i.AssigneeID.String(), i.Assignee})
	}
	return view, err
}

// newItem is the form of a new one. Phases and milestones are for clients to see, tasks are not.
func (o office) newItem(r *web.Request) error {
	p, b, err := o.boardOf(r)
	if err != nil {
		return err
	}
	form := itemForm{Kind: Task, Workdays: 1, Start: b.Calendar.Next(r.Here().Today())}
	switch Kind(r.Query("kind")) {
	case Phase:
		form.Kind, form.Workdays, form.Visible = Phase, 5, true
	case Milestone:
		form.Kind, form.Workdays, form.Visible = Milestone, 0, true
	}
	if phase, err := uuid.Parse(r.Query("phase")); err == nil {
		if i, known := b.item(phase); known && i.Kind == Phase {
			form.Phase = phase
			form.Start = i.StartOn
		}
	}
	view, err := o.itemView(r, p, b, Item{}, form)
	if err != nil {
		return err
	}
	return r.Show("schedule/item", view)
}

func (o office) addItem(r *web.Request) error {
	p, b, err := o.boardOf(r)
	if err != nil {
		return err
	}
	var form itemForm
	err = r.Bind(&form)
	if fault.Is(err, fault.Unintelligible) {
		return err
	}
	form.read(r)
	if err == nil && len(b.Items) >= mostItems {
		err = fault.Conflict("A schedule has at most 5,000 items.")
	}
	i := Item{ID: id.New(), ProjectID: p.ID, Version: 1}
	var next board
	var links []Link
	var moved []Moved
	if err == nil {
		next, i, links, moved, err = form.apply(b, i)
	}
	if err == nil {
		err = o.checkMate(r, p, Item{}, form)
	}
	if err != nil {
		view, drawn := o.itemView(r, p, b, Item{}, form)
		if drawn != nil {
			return drawn
		}
		return r.Again("schedule/item", view, err)
	}
	if err := insertItem(r.Context(), r.Tx(), r.Viewer(), i); err != nil {
		return err
	}
	if err := insertLinks(r.Context(), r.Tx(), r.Viewer(), p.ID, links); err != nil {
		return err
	}
	if err := keepPlan(r.Context(), r.Tx(), r.Viewer(), b, next, i.ID, i.ID, "", moved); err != nil {
		return err
	}
	if err := note(r.Context(), r.Tx(), r.Viewer(), b.Plan, i.ID, "item_added", "added “"+i.Title+"” to the schedule", nil); err != nil {
		return err
	}
	r.Toast("“" + i.Title + "” is on the schedule: " + i.Span().Words().String() + ".")
	if r.Value("then") == "more" {
		to := r.Path(section, "projects", p.ID, "items", "new") + "?kind=" + string(i.Kind)
		if i.PhaseID != uuid.Nil {
			to += "&phase=" + i.PhaseID.String()
		}
		return r.Go(to)
	}
	return r.Go(r.Path(section, "projects", p.ID))
}

// checkMate asks whether whoever is given the item works here.
func (o office) checkMate(r *web.Request, p account, was Item, f itemForm) error {
	if f.Assignee == uuid.Nil || f.Assignee == was.AssigneeID {
		return nil
	}
	mates, err := matesOf(r.Context(), r.Tx(), r.Viewer(), p.ID)
	if err == nil && !slices.ContainsFunc(mates, func(m mate) bool { return m.ID == f.Assignee }) {
		err = fault.Field("assignee", "Choose somebody from the list.")
	}
	return err
}

// itemOf is the item in the address.
func (o office) itemOf(r *web.Request) (p account, b board, i Item, err error) {
	if p, b, err = o.boardOf(r); err != nil {
		return p, b, i, err
	}
	one, err := r.ID("item")
	if err != nil {
		return p, b, i, err
	}
	i, known := b.item(one)
	if !known {
		return p, b, i, fault.NotFound()
	}
	return p, b, i, nil
}

func (o office) item(r *web.Request) error {
	p, b, i, err := o.itemOf(r)
	if err != nil {
		return err
	}
	view, err := o.itemView(r, p, b, i, formOf(b, i))
	if err != nil {
		return err
	}
	return r.Show("schedule/item", view)
}

// saveItem keeps an item. Where others move with it, staff look at that first.
func (o office) saveItem(r *web.Request) error {
	p, b, i, err := o.itemOf(r)
	if err != nil {
		return err
	}
	var form itemForm
	err = r.Bind(&form)
	if fault.Is(err, fault.Unintelligible) {
		return err
	}
	form.read(r)
	var next board
	var item Item
	var links []Link
	var moved []Moved
	if err == nil {
		next, item, links, moved, err = form.apply(b, i)
	}
	if err == nil {
		err = o.checkMate(r, p, i, form)
	}
	if err == nil && form.Version != i.Version {
		err = errMeanwhile
	}
	if err != nil {
		form.Version = i.Version
		view, drawn := o.itemView(r, p, b, i, form)
		if drawn != nil {
			return drawn
		}
		return r.Again("schedule/item", view, err)
	}
	if len(moved) > 0 && form.Confirm != b.Plan.Revision {
		view := o.shiftView(r, p, b, i, moved)
		view.Action, view.Hidden = r.Path(section, "projects", p.ID, "items", i.ID), form.hidden()
		view.Again = form.Confirm != 0
		return r.Show("schedule/shift", view)
	}
	item.Version = i.Version
	if err := saveItem(r.Context(), r.Tx(), r.Viewer(), item); err != nil {
		return err
	}
	if err := putLinks(r.Context(), r.Tx(), r.Viewer(), p.ID, i.ID, links); err != nil {
		return err
	}
	if err := keepPlan(r.Context(), r.Tx(), r.Viewer(), b, next, i.ID, i.ID, form.Reason, moved); err != nil {
		return err
	}
	if err := o.noteSaved(r, b, i, item, form.Reason, moved); err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Go(r.Path(section, "projects", p.ID))
}

// noteSaved writes what was changed into the log.
func (o office) noteSaved(r *web.Request, b board, was, is Item, reason string, moved []Moved) error {
	if len(moved) > 0 {
		if err := noteMoved(r.Context(), r.Tx(), r.Viewer(), b, is, reason, moved); err != nil {
			return err
		}
	}
	changes := changesOf(was, is)
	if changes == nil {
		return nil
	}
	return note(r.Context(), r.Tx(), r.Viewer(), b.Plan, is.ID, "item_changed", "changed “"+is.Title+"” on the schedule", changes)
}
