package time

import (
	"slices"
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

// line is a row of the week sheet.
type line struct {
	N                     int
	ProjectID             uuid.UUID
	Task, Project, Client string
	Cells                 []cell
	Minutes               int
	Empty                 bool // nothing is written in it: it can be taken off
}

// What names its task.
func (l line) What() string { return Entry{Task: l.Task}.What() }

// Sum is its hours.
func (l line) Sum() string { return clock(l.Minutes) }

// column is a day of the week sheet.
type column struct {
	On             day.Day
	Name, Date     string
	Minutes        int
	Weekend, Today bool
}

// Sum is its hours.
func (c column) Sum() string {
	if c.Minutes == 0 {
		return "–"
	}
	return clock(c.Minutes)
}

// sheet is a week of one person.
type sheet struct {
	Week    day.Day
	Lines   []line
	Columns []column
	Minutes int
	Drafts  int // entries that can be handed in
	Waiting int // entries that are handed in and not approved
	Back    []string
	Pieces  []piece
}

// Sum is all of its hours.
func (s sheet) Sum() string { return clock(s.Minutes) }

// arrange makes rows and fields of a week's entries.
func arrange(here *web.Here, week day.Day, pieces []piece, writes bool) sheet {
	s := sheet{Week: week}
	for n := range 7 {
		d := week.Add(n)
		s.Columns = append(s.Columns, column{
			On: d, Name: d.Midnight().Format("Mon"), Date: d.Midnight().Format("Jan 2"), Weekend: weekend(d), Today: d == here.Today(),
		})
	}
	for _, p := range pieces {
		n := len(s.Lines) - 1
		if n < 0 || s.Lines[n].ProjectID != p.ProjectID || s.Lines[n].Task != p.Task {
			n++
			s.Lines = append(s.Lines, newLine(here, week, n, p, writes))
		}
		if p.ID == uuid.Nil {
			continue
		}
		at := week.Until(p.WorkDate)
		s.Lines[n].Cells[at].take(p)
		s.Lines[n].Empty = false
		s.Lines[n].Minutes += p.Minutes
		s.Columns[at].Minutes += p.Minutes
		s.Minutes += p.Minutes
		switch {
		case p.State == Draft && p.Minutes > 0:
			s.Drafts++
		case p.State == Submitted:
			s.Waiting++
		}
		if p.Returned != "" && !slices.Contains(s.Back, p.Returned) {
			s.Back = append(s.Back, p.Returned)
		}
		s.Pieces = append(s.Pieces, p)
	}
	slices.SortStableFunc(s.Pieces, func(a, b piece) int { return strings.Compare(a.WorkDate.String(), b.WorkDate.String()) })
	return s
}

func weekend(d day.Day) bool { return d.Weekday() == 0 || d.Weekday() == 6 }

func newLine(here *web.Here, week day.Day, n int, p piece, writes bool) line {
	l := line{N: n, ProjectID: p.ProjectID, Task: p.Task, Project: p.Project, Client: p.Client, Empty: true}
	for at := range 7 {
		d := week.Add(at)
		l.Cells = append(l.Cells, cell{
			Here: here, ID: "c-" + strconv.Itoa(n) + "-" + strconv.Itoa(at), Key: cellKey{p.ProjectID, p.Task, d}, Week: week,
			Project: p.Project, Task: l.What(), Weekend: weekend(d), Today: d == here.Today(), Locked: !writes,
		})
	}
	return l
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

type weekView struct {
	*web.Here
	Tabs       []web.NavItem
	Sheet      sheet
	Title      string
	Prev, Next string
	Now        string // this week; "" when it is in view
	Mine       bool
	Person     string
	People     []choice // whose week can be looked at
	PersonID   string
	Projects   []choice
	Tasks      []string
	Timer      timerView
	Form       lineForm
	Entries    []entryRow
	ApproveAt  string // where what is handed in is approved
}

// whose is the person whose week is in view: one's own, or for owners and admins somebody else's.
func whose(r *web.Request) uuid.UUID {
	if id, err := uuid.Parse(r.Query("person")); err == nil && r.Viewer().May(rule) {
		return id
	}
	return r.Viewer().PersonID
}

// weekIn is the week that the address or the form names; this one when it names none.
func weekIn(r *web.Request, s Setting, named string) day.Day {
	d, err := day.Parse(named)
	if err != nil || d.Year() < 1900 || d.Year() > 2200 {
		d = today(r)
	}
	return s.weekOf(d)
}

func (o office) week(r *web.Request) error {
	view, err := o.weekView(r, r.Query("week"), lineForm{})
	if err != nil {
		return err
	}
	return r.Show("time/week", view)
}

func (o office) weekView(r *web.Request, named string, form lineForm) (weekView, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	r.Title("Time")
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return weekView{}, err
	}
	week := weekIn(r, s, named)
	person := whose(r)
	view := weekView{Here: r.Here(), Mine: person == v.PersonID, PersonID: person.String(), Form: form, Title: weekTitle(week)}
	if view.Tabs, err = o.tabs(r, "week"); err != nil {
		return view, err
	}
	pieces, err := sheetOf(ctx, tx, v, span{person, week, week.Add(6)})
	if err != nil {
		return view, err
	}
	view.Sheet = arrange(view.Here, week, pieces, view.Mine)
	view.turn(r, s, week, person)
	if v.May(rule) {
		people, err := colleagues(ctx, tx, v)
		if err != nil {
			return view, err
		}
		view.People = colleagueChoices(people)
		at := slices.IndexFunc(people, func(c colleague) bool { return c.ID == person })
		if at >= 0 {
			view.Person = people[at].Name
		} else if !view.Mine {
			return view, fault.NotFound()
		}
	}
	for _, p := range view.Sheet.Pieces {
		view.Entries = append(view.Entries, entryRowOf(r, p.entry(person)))
	}
	if !view.Mine {
		if view.Sheet.Waiting > 0 {
			view.ApproveAt = r.Path("time", "entries") + "?state=submitted&person=" + person.String() + "&from=" + week.String() + "&to=" + week.Add(6).String()
		}
		return view, nil
	}
	projects, err := offered(ctx, tx, v)
	if err != nil {
		return view, err
	}
	view.Projects = projectChoices(projects)
	if view.Tasks, err = known(ctx, tx, v); err != nil {
		return view, err
	}
	view.Timer, err = o.timerView(r, view.Projects)
	return view, err
}

func (view *weekView) turn(r *web.Request, s Setting, week day.Day, person uuid.UUID) {
	at := func(d day.Day) string {
		to := r.Path("time") + "?week=" + d.String()
		if person != r.Viewer().PersonID {
			to += "&person=" + person.String()
		}
		return to
	}
	view.Prev, view.Next = at(week.Add(-7)), at(week.Add(7))
	if now := s.weekOf(today(r)); now != week {
		view.Now = at(now)
	}
}

func weekTitle(week day.Day) string {
	from, to := week.Midnight(), week.Add(6).Midnight()
	switch {
	case from.Year() != to.Year():
		return from.Format("January 2, 2006") + " – " + to.Format("January 2, 2006")
	case from.Month() != to.Month():
		return from.Format("January 2") + " – " + to.Format("January 2, 2006")
	}
	return from.Format("January 2") + " – " + to.Format("2, 2006")
}

// entry is a piece of a sheet as lists show it.
func (p piece) entry(person uuid.UUID) Entry {
	return Entry{
		ID: p.ID, ProjectID: p.ProjectID, PersonID: person, WorkDate: p.WorkDate, Minutes: p.Minutes, Task: p.Task, ClientNote: p.ClientNote,
		InternalNotes: p.InternalNotes, Billable: p.Billable, State: p.State, HandedAt: p.HandedAt.Time, Returned: p.Returned, Project: p.Project, Client: p.Client, Currency: p.Currency,
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
