package time

import (
	"strconv"
	"strings"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/view"
	"portico/platform/web"
)

// cellKey is a field of the week sheet.
type cellKey struct {
	ProjectID uuid.UUID
	Task      string
	On        day.Day
}

// cell is a field as it is drawn.
type cell struct {
	*web.Here
	ID                    string // "c-0-3": row and day
	Key                   cellKey
	Week                  day.Day
	Value                 string // as it was typed, or as it is kept
	Minutes               int
	State                 State // of what stands there; "" for nothing
	Locked                bool  // it cannot be typed in
	Many                  int   // so many entries stand there
	Noted                 bool
	Project, Task         string
	Weekend, Today, Weeks bool
	Error                 string
}

// Label says for screen readers what is typed there.
func (c cell) Label() string {
	return c.Project + ", " + c.Task + ", " + c.Key.On.Midnight().Format("Monday, January 2")
}

// Day is the short name of its day.
func (c cell) Day() string { return c.Key.On.Midnight().Format("Mon 2") }

// Href is the list of what stands there.
func (c cell) Href() string {
	return c.Path("time", "entries") + "?project=" + c.Key.ProjectID.String() + "&from=" + c.Key.On.String() + "&to=" + c.Key.On.String()
}

// Mark is its state for the colour of its edge.
func (c cell) Mark() string {
	switch c.State {
	case "", Draft:
		return ""
	case Submitted:
		return "submitted"
	}
	return "approved"
}

// take puts an entry into a field. One draft can be typed over; several, and what is further along, are only shown.
func (c *cell) take(p piece) {
	c.Many++
	c.Minutes += p.Minutes
	c.Noted = c.Noted || p.ClientNote != "" || p.InternalNotes != ""
	c.Locked = c.Locked || c.Many > 1 || p.State != Draft
	if c.State == "" || c.State == Draft || c.State == Submitted && p.State != Draft {
		c.State = p.State
	}
	c.Value = ""
	if c.Minutes > 0 {
		c.Value = clock(c.Minutes)
	}
}

// cellForm is what a field of the sheet sends when it is left.
type cellForm struct {
	Cell    string    `form:"cell"`
	Project uuid.UUID `form:"project"`
	Task    string    `form:"task"`
	On      day.Day   `form:"on"`
	Hours   string    // under the field's own name
}

type cellView struct {
	cell
	Columns []column
	Line    line
	Sum     string
	Saved   bool
}

// saveCell keeps one field, and answers it with the sums that changed.
func (o office) saveCell(r *web.Request) error {
	var form cellForm
	if err := r.Bind(&form); err != nil {
		return err
	}
	if !cellName(form.Cell) || form.On.IsZero() {
		return fault.BadRequest("That is no field of the sheet.")
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	form.Hours = r.Value(form.Cell)
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return err
	}
	w, err := workByID(ctx, tx, v, form.Project)
	if err != nil {
		return err
	}
	week := s.weekOf(form.On)
	c := cell{
		Here: r.Here(), ID: form.Cell, Key: cellKey{w.ID, form.Task, form.On}, Week: week, Value: form.Hours, Project: w.Name,
		Task: Entry{Task: form.Task}.What(), Weekend: weekend(form.On), Today: form.On == today(r),
	}
	minutes, err := minutesIn(form.Hours)
	if err != nil {
		c.Error = advice(err)
		return r.Again("time/_cell", c, fault.Field(form.Cell, c.Error))
	}
	kept, err := o.put(r, w, c.Key, minutes)
	if err != nil {
		if said, ok := fault.Of(err); ok {
			c.Error = said.Message
			return r.Again("time/_cell", c, fault.Field(form.Cell, c.Error))
		}
		return err
	}
	c.Value = ""
	for _, p := range kept {
		c.take(p)
	}
	if !r.IsPart() {
		return r.Go(r.Path("time") + "?week=" + week.String())
	}
	return o.cellSums(r, c, week)
}

// cellSums answers a field and the sums of its row, its day and its week.
func (o office) cellSums(r *web.Request, c cell, week day.Day) error {
	sp := span{r.Viewer().PersonID, week, week.Add(6)}
	totals, err := dayTotals(r.Context(), r.Tx(), r.Viewer(), sp)
	if err != nil {
		return err
	}
	row, err := lineTotal(r.Context(), r.Tx(), r.Viewer(), sp, c.Key)
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(strings.Split(c.ID, "-")[1])
	view := cellView{cell: c, Line: line{N: n, Minutes: row}, Saved: true}
	all := 0
	for at := range 7 {
		d := week.Add(at)
		all += totals[d]
		view.Columns = append(view.Columns, column{On: d, Minutes: totals[d]})
	}
	view.Sum = clock(all)
	return r.Parts(web.Draw("time/_cell", c), web.Draw("time/_sums", view))
}

// cellName reports whether a name is one that the sheet gives its fields.
func cellName(name string) bool {
	parts := strings.Split(name, "-")
	if len(parts) != 3 || parts[0] != "c" {
		return false
	}
	row, err := strconv.ParseUint(parts[1], 10, 16)
	at, wrong := strconv.ParseUint(parts[2], 10, 16)
	return err == nil && wrong == nil && row < 3000 && at < 7
}

// put makes a field of the sheet say so many minutes: a draft is written, changed, or gone when nothing is left of it.
func (o office) put(r *web.Request, w work, key cellKey, minutes int) ([]piece, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	key.Task = oneLine(key.Task)
	if tooLong(key.Task, longestTask) {
		return nil, fault.Invalid("Use at most 80 letters for the task.")
	}
	there, err := cellOf(ctx, tx, v, key)
	if err != nil {
		return nil, err
	}
	was := 0
	for _, p := range there {
		was += p.Minutes
	}
	switch {
	case was == minutes:
		return there, nil
	case len(there) > 1:
		return nil, fault.Conflict("Several entries stand here. Change them one by one below.")
	case len(there) == 1 && there[0].State != Draft:
		return nil, errLocked
	case len(there) == 0:
		if w.Status == "archived" {
			return nil, fault.Conflict("This project is archived.")
		}
		e := Entry{ID: id.New(), PersonID: v.PersonID, ProjectID: w.ID, WorkDate: key.On, Minutes: minutes, Task: key.Task, Billable: true}
		if _, err = addEntry(ctx, tx, v, e); err != nil {
			return nil, err
		}
		there = []piece{{ID: e.ID, ProjectID: w.ID, Task: key.Task, WorkDate: key.On, State: Draft, Billable: true}}
	case minutes == 0 && there[0].ClientNote == "" && there[0].InternalNotes == "":
		if err := drop(ctx, tx, v, ofTime, there[0].ID); err != nil {
			return nil, err
		}
		if err := addLine(ctx, tx, v, o.weekStart(r, key.On), w.ID, key.Task); err != nil { // the row stays
			return nil, err
		}
		return nil, o.told(r, w, key, there[0].ID, was, 0)
	default:
		if err := setMinutes(ctx, tx, v, there[0].ID, minutes); err != nil {
			return nil, err
		}
	}
	there[0].Minutes = minutes
	return there, o.told(r, w, key, there[0].ID, was, minutes)
}

func (o office) weekStart(r *web.Request, d day.Day) day.Day {
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		s = defaults
	}
	return s.weekOf(d)
}

// told notes a change of the sheet.
func (o office) told(r *web.Request, w work, key cellKey, entry uuid.UUID, was, is int) error {
	text := "wrote " + clock(is) + " h on " + view.Day(key.On) + " for " + Entry{Task: key.Task}.What()
	return record(r, w.ClientID, w.ID, entry, "time.written", text, map[string]any{
		"before": map[string]any{"hours": clock(was)}, "after": map[string]any{"hours": clock(is)},
	})
}
