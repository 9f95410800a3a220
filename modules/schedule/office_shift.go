package schedule

import (
	"slices"
	"strconv"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/web"
)

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
		row := shiftRow{Title: one.Title, Was: m.Was.Short().String(), Now: m.Now.Short().String(), Kind: one.Kind, Own: m.ID == i.ID, Hidden: !one.ClientVisible, Later: by > 0}
		switch {
		case by > 0:
			row.By = "+" + counted(by, "day")
		case by < 0:
			row.By = "−" + counted(-by, "day")
		}
		if row.Own {
			view.Own = m.Was.Words().String() + " becomes " + m.Now.Words().String()
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
		view.Stays, view.Wish = true, Span{f.Start, f.Start}.Words().String()
		if len(moved) == 0 {
			view.Own = now.Span().Words().String()
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
			text := "“" + i.Title + "” is now " + m.Now.Words().String() + "."
			if len(moved) > 1 {
				text += " " + counted(len(moved)-1, "item") + " moved with it."
			}
			return text
		}
	}
	return "“" + i.Title + "” stays where it was."
}
