package time

import (
	"strconv"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/web"
)

// mostLines is how many rows one form may send.
const mostLines = 200

// saveWeek keeps the whole sheet at once: what a browser without scripts sends. Either all of it is kept, or none.
func (o office) saveWeek(r *web.Request) error {
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	week := weekIn(r, s, r.Value("week"))
	type place struct {
		project uuid.UUID
		task    string
		at      int
	}
	typed, wrong := map[place]string{}, map[place]string{}
	for n := range mostLines {
		project, err := uuid.Parse(r.Value("project-" + strconv.Itoa(n)))
		if err != nil {
			break
		}
		task := r.Value("task-" + strconv.Itoa(n))
		for at := range 7 {
			name := "c-" + strconv.Itoa(n) + "-" + strconv.Itoa(at)
			if len(r.Values(name)) == 0 {
				continue // a locked field sends nothing
			}
			here := place{project, task, at}
			typed[here] = r.Value(name)
			minutes, err := minutesIn(typed[here])
			if err != nil {
				wrong[here] = advice(err)
				continue
			}
			w, err := workByID(r.Context(), r.Tx(), r.Viewer(), project)
			if err != nil {
				return err
			}
			if _, err := o.put(r, w, cellKey{project, task, week.Add(at)}, minutes); err != nil {
				said, ok := fault.Of(err)
				if !ok {
					return err
				}
				wrong[here] = said.Message
			}
		}
	}
	if len(wrong) == 0 {
		r.Toast("Saved.")
		return r.Go(r.Path("time") + "?week=" + week.String())
	}
	view, err := o.weekView(r, week.String(), lineForm{})
	if err != nil {
		return err
	}
	for n := range view.Sheet.Lines {
		for at := range view.Sheet.Lines[n].Cells {
			c := &view.Sheet.Lines[n].Cells[at]
			here := place{c.Key.ProjectID, c.Key.Task, at}
			if text, ok := typed[here]; ok && !c.Locked {
				c.Value, c.Error = text, wrong[here]
			}
		}
	}
	return r.Again("time/week", view, fault.Invalid("Nothing was saved yet: please look at the marked hours."))
}

// lineForm is a row to be added.
type lineForm struct {
	Project uuid.UUID `form:"project"`
	Task    string    `form:"task"`
	Week    day.Day   `form:"week"`
}

// ProjectID is the chosen project; "" for none.
func (f lineForm) ProjectID() string {
	if f.Project == uuid.Nil {
		return ""
	}
	return f.Project.String()
}

func (f lineForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if f.Project == uuid.Nil {
		wrong["project"] = "Choose a project."
	}
	if tooLong(f.Task, longestTask) {
		wrong["task"] = "Use at most 80 letters."
	}
	return wrong
}

func (o office) addLine(r *web.Request) error {
	var form lineForm
	err := r.Bind(&form)
	var w work
	if err == nil {
		w, err = unarchived(r, form.Project)
	}
	if err != nil {
		view, drawn := o.weekView(r, form.Week.String(), form)
		if drawn != nil {
			return drawn
		}
		return r.Again("time/week", view, err)
	}
	week := o.weekStart(r, form.Week)
	if form.Week.IsZero() {
		week = o.weekStart(r, today(r))
	}
	if err := addLine(r.Context(), r.Tx(), r.Viewer(), week, w.ID, oneLine(form.Task)); err != nil {
		return err
	}
	return r.Go(r.Path("time") + "?week=" + week.String() + "#sheet")
}

func (o office) dropLine(r *web.Request) error {
	var form lineForm
	if err := r.Bind(&form); err != nil {
		return err
	}
	if err := dropLine(r.Context(), r.Tx(), r.Viewer(), form.Week, form.Project, form.Task); err != nil {
		return err
	}
	return r.Go(r.Path("time") + "?week=" + form.Week.String())
}

// copyWeek takes over the rows of the week before.
func (o office) copyWeek(r *web.Request) error {
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	week := weekIn(r, s, r.Value("week"))
	n, err := copyLines(r.Context(), r.Tx(), r.Viewer(), week.Add(-7), week)
	if err != nil {
		return err
	}
	if n == 0 {
		r.Warn("The week before has no other rows.")
	}
	return r.Go(r.Path("time") + "?week=" + week.String())
}

// submit hands in one's own week.
func (o office) submit(r *web.Request) error {
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	v := r.Viewer()
	week := weekIn(r, s, r.Value("week"))
	n, minutes, err := submitWeek(r.Context(), r.Tx(), v, span{v.PersonID, week, week.Add(6)})
	if err != nil {
		return err
	}
	if n == 0 {
		r.Warn("There is nothing to submit in this week.")
		return r.Go(r.Path("time") + "?week=" + week.String())
	}
	err = record(r, uuid.Nil, uuid.Nil, v.PersonID, "time.submitted", "submitted "+clock(minutes)+" h of the week of "+weekTitle(week), map[string]any{
		"before": map[string]any{"state": Draft}, "after": map[string]any{"state": Submitted, "hours": clock(minutes)},
	})
	if err != nil {
		return err
	}
	r.Toast("Submitted: " + clock(minutes) + " hours.")
	return r.Go(r.Path("time") + "?week=" + week.String())
}

// takeBack makes drafts again of what nobody has approved yet.
func (o office) takeBack(r *web.Request) error {
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	v := r.Viewer()
	week := weekIn(r, s, r.Value("week"))
	n, err := takeBackWeek(r.Context(), r.Tx(), v, span{v.PersonID, week, week.Add(6)})
	if err != nil {
		return err
	}
	if n == 0 {
		r.Warn("All of this week is approved already.")
		return r.Go(r.Path("time") + "?week=" + week.String())
	}
	err = record(r, uuid.Nil, uuid.Nil, v.PersonID, "time.taken_back", "took back the week of "+weekTitle(week), map[string]any{
		"before": map[string]any{"state": Submitted}, "after": map[string]any{"state": Draft},
	})
	if err != nil {
		return err
	}
	r.Toast("Taken back. You can change it and submit again.")
	return r.Go(r.Path("time") + "?week=" + week.String())
}
