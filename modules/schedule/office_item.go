package schedule

import (
	"slices"
	"strconv"

	"github.com/google/uuid"

	"portico/platform/day"
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
	r.Toast("“" + i.Title + "” is on the schedule: " + i.Span().Words() + ".")
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

type shiftView struct {
	frame
	Item     Item
	Rows     []shiftRow
	Own      string // what becomes of the item itself
	Others   int
	Action   string
	Hidden   []choice
	Reason   string
	Again    bool // the schedule was changed since the page was drawn
	Stays    bool // it cannot go where it was put
	Wish     string
	Told     bool // the client will read the reason
	Revision int
}

// shiftRow is one item that moves.
type shiftRow struct {
	Title, Was, Now, By string
	Later               bool
	Kind                Kind
	Own, Hidden         bool
}

func (o office) shiftView(r *web.Request, p account, b board, i Item, moved []Moved) shiftView {
	view := shiftView{frame: o.frame(r, p, "Move"), Item: i, Told: i.ClientVisible, Revision: b.Plan.Revision}
	for _, m := range moved {
		one, _ := b.item(m.ID)
		by := b.Calendar.Between(m.Was.End, m.Now.End)
		row := shiftRow{Title: one.Title, Was: m.Was.Short(), Now: m.Now.Short(), Kind: one.Kind, Own: m.ID == i.ID, Hidden: !one.ClientVisible, Later: by > 0}
		switch {
		case by > 0:
			row.By = "+" + counted(by, "day")
		case by < 0:
			row.By = "−" + counted(-by, "day")
		}
		if row.Own {
			view.Own = m.Was.Words() + " becomes " + m.Now.Words()
			view.Rows = slices.Insert(view.Rows, 0, row)
			continue
		}
		view.Others++
		view.Told = view.Told || one.ClientVisible
		view.Rows = append(view.Rows, row)
	}
	r.Title("Move “" + i.Title + "”")
	return view
}

// shiftForm is where an item was put.
type shiftForm struct {
	Start    day.Day `form:"start"`
	Workdays int     `form:"workdays"`
	Reason   string  `form:"reason"`
	Confirm  int     `form:"confirm"`
}

// Check is what can be wrong with it.
func (f *shiftForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if f.Start.IsZero() {
		wrong["start"] = "Enter the first day."
	}
	if f.Workdays < 0 || f.Workdays > mostDays {
		wrong["workdays"] = "Enter how many days of work it takes."
	}
	if len([]rune(f.Reason)) > longReason {
		wrong["reason"] = "Use at most 300 characters."
	}
	return wrong
}

// wish is where the form wants an item.
func (f shiftForm) wish(i Item) Wish {
	w := Wish{i.ID, f.Start, f.Workdays}
	if w.Workdays == 0 {
		w.Workdays = i.Workdays
	}
	return w
}

// askShift shows what moves with an item that was put somewhere else.
func (o office) askShift(r *web.Request) error {
	p, b, i, err := o.itemOf(r)
	if err != nil {
		return err
	}
	var f shiftForm
	f.Start, err = day.Parse(r.Query("start"))
	if err != nil || f.Start.Year() < 1900 || f.Start.Year() > 2200 {
		return r.Go(r.Path(section, "projects", p.ID, "items", i.ID))
	}
	f.Workdays, _ = strconv.Atoi(r.Query("workdays"))
	if end, err := day.Parse(r.Query("end")); err == nil && i.Kind != Milestone && f.Start.Until(end) < 4*mostDays { // its end was moved
		f.Workdays = max(1, b.Calendar.Count(f.Start, end))
	}
	f.Workdays = min(max(f.Workdays, 0), mostDays)
	view, err := o.shiftAsked(r, p, b, i, f)
	if err != nil {
		return err
	}
	return r.Show("schedule/shift", view)
}

func (o office) shiftAsked(r *web.Request, p account, b board, i Item, f shiftForm) (shiftView, error) {
	w := f.wish(i)
	next, moved, err := b.planned(&w)
	if err != nil {
		return shiftView{}, err
	}
	view := o.shiftView(r, p, b, i, moved)
	view.Action, view.Reason = r.Path(section, "projects", p.ID, "items", i.ID, "shift"), f.Reason
	view.Hidden = []choice{{"start", f.Start.String()}, {"workdays", strconv.Itoa(f.Workdays)}}
	now, _ := next.item(i.ID)
	if want := b.Calendar.Next(f.Start); i.Kind != Milestone && now.StartOn != want || i.Kind == Milestone && now.StartOn != f.Start {
		view.Stays, view.Wish = true, Span{f.Start, f.Start}.Words()
		if len(moved) == 0 {
			view.Own = now.Span().Words()
		}
	}
	return view, nil
}

// shift moves an item and all that depends on it.
func (o office) shift(r *web.Request) error {
	p, b, i, err := o.itemOf(r)
	if err != nil {
		return err
	}
	var f shiftForm
	wrong := r.Bind(&f)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	if f.Start.IsZero() {
		return r.Go(r.Path(section, "projects", p.ID, "items", i.ID))
	}
	f.Workdays = min(max(f.Workdays, 0), mostDays)
	if wrong == nil && f.Confirm != b.Plan.Revision {
		wrong = fault.Conflict("The schedule was changed meanwhile. This is what moves now.")
	}
	if wrong != nil {
		view, err := o.shiftAsked(r, p, b, i, f)
		if err != nil {
			return err
		}
		return r.Again("schedule/shift", view, wrong)
	}
	w := f.wish(i)
	next, moved, err := b.planned(&w)
	if err != nil {
		return err
	}
	if err := keepPlan(r.Context(), r.Tx(), r.Viewer(), b, next, uuid.Nil, i.ID, f.Reason, moved); err != nil {
		return err
	}
	if len(moved) > 0 {
		if err := noteMoved(r.Context(), r.Tx(), r.Viewer(), b, i, f.Reason, moved); err != nil {
			return err
		}
	}
	r.Toast(movedToast(i, moved))
	return r.Go(r.Path(section, "projects", p.ID))
}

func movedToast(i Item, moved []Moved) string {
	for _, m := range moved {
		if m.ID == i.ID {
			text := "“" + i.Title + "” is now " + m.Now.Words() + "."
			if len(moved) > 1 {
				text += " " + counted(len(moved)-1, "item") + " moved with it."
			}
			return text
		}
	}
	return "“" + i.Title + "” stays where it was."
}
