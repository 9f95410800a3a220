package time

import (
	"time"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/web"
)

// Timer runs for one person, on one thing. What it has come to is worked out from its start alone, so nothing has to
// be awake meanwhile.
type Timer struct {
	ClientID, ProjectID uuid.UUID
	Task, ClientNote    string
	StartedAt           time.Time
	Project, Client     string
}

var errRunning = fault.Conflict("A timer of yours is running already. Stop it first.")

// What names its work.
func (t Timer) What() string { return Entry{Task: t.Task}.What() }

type timerForm struct {
	Project uuid.UUID `form:"project"`
	Task    string    `form:"task"`
	Note    string    `form:"note"`
}

func (f timerForm) Check() fault.Fields {
	wrong := lineForm{Project: f.Project, Task: f.Task}.Check()
	if tooLong(f.Note, longestNote) {
		wrong["note"] = "Use at most 400 letters."
	}
	return wrong
}

// ProjectID is the chosen project; "" for none.
func (f timerForm) ProjectID() string { return lineForm{Project: f.Project}.ProjectID() }

type timerView struct {
	*web.Here
	Running  bool
	Timer    Timer
	Since    string // for our script: milliseconds
	Ran      string // 1:30
	Started  time.Time
	Long     bool // it has run for more than half a day: probably forgotten
	Form     timerForm
	Projects []choice
	Tasks    []string
}

func (o office) timerView(r *web.Request, projects []choice) (timerView, error) {
	view := timerView{Here: r.Here(), Projects: projects}
	t, running, err := timerOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil || !running {
		return view, err
	}
	ran := r.Now().Sub(t.StartedAt)
	view.Running, view.Timer, view.Ran, view.Long = true, t, clock(int(ran/time.Minute)), ran > 12*time.Hour
	view.Since, view.Started = t.StartedAt.UTC().Format(time.RFC3339), r.Here().Local(t.StartedAt)
	return view, nil
}

// unarchived is a project for which somebody may begin to write.
func unarchived(r *web.Request, project uuid.UUID) (work, error) {
	w, err := workByID(r.Context(), r.Tx(), r.Viewer(), project)
	if err == nil && w.Status == "archived" {
		err = fault.Field("project", "This project is archived.")
	}
	return w, err
}

// startTimer begins one. One that runs is stopped and kept: a press on something else means that the first is done.
func (o office) startTimer(r *web.Request) error {
	var form timerForm
	err := r.Bind(&form)
	var w work
	if err == nil {
		w, err = unarchived(r, form.Project)
	}
	if err != nil {
		view, drawn := o.weekView(r, "", lineForm{})
		if drawn != nil {
			return drawn
		}
		view.Timer.Form = form
		return r.Again("time/week", view, err)
	}
	if err := o.book(r); err != nil {
		return err
	}
	t := Timer{ProjectID: w.ID, Task: oneLine(form.Task), ClientNote: form.Note, StartedAt: r.Now()}
	if err := setTimer(r.Context(), r.Tx(), r.Viewer(), t); err != nil {
		return err
	}
	if err := record(r, w.ClientID, w.ID, r.Viewer().PersonID, "time.timer_started", "started the timer for "+t.What(), nil); err != nil {
		return err
	}
	return r.Go(r.Path("time"))
}

// stopTimer keeps what it has come to.
func (o office) stopTimer(r *web.Request) error {
	if err := o.book(r); err != nil {
		return err
	}
	return r.Go(r.Path("time"))
}

// book ends the running timer, if there is one, and writes an entry of it: on the day on which it began.
func (o office) book(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	t, ran, err := takeTimer(ctx, tx, v)
	if err != nil || !ran {
		return err
	}
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return err
	}
	e := Entry{
		ID: id.New(), PersonID: v.PersonID, ProjectID: t.ProjectID, Task: t.Task, ClientNote: t.ClientNote, Billable: true,
		WorkDate: day.Of(r.Here().Local(t.StartedAt)), Minutes: booked(r.Now().Sub(t.StartedAt), s.RoundTo, s.RoundUp),
	}
	if _, err = addEntry(ctx, tx, v, e); err != nil {
		return err
	}
	if e.Minutes == mostMinutes {
		r.Warn("The timer had run for more than a day. Please correct the hours.")
	}
	r.Toast(e.Hours() + " h of " + e.What() + " are on your sheet.")
	return record(r, t.ClientID, t.ProjectID, e.ID, "time.timer_stopped", "stopped the timer after "+e.Hours()+" h of "+e.What(), map[string]any{
		"after": map[string]any{"hours": e.Hours()},
	})
}

// dropTimer ends the timer without keeping anything.
func (o office) dropTimer(r *web.Request) error {
	t, ran, err := takeTimer(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	if !ran {
		return r.Go(r.Path("time"))
	}
	if err := record(r, t.ClientID, t.ProjectID, r.Viewer().PersonID, "time.timer_dropped", "threw the timer for "+t.What()+" away", nil); err != nil {
		return err
	}
	r.Toast("Thrown away. Nothing was written down.")
	return r.Go(r.Path("time"))
}
