package dailylogs

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/web"
)

// save keeps the form, and submits it when that was pressed.
func (o office) save(r *web.Request) error {
	l, err := o.writing(r)
	if err != nil {
		return err
	}
	if !l.Writing() { // sent twice over a bad line: it is done
		return r.Go(r.Path("dailylogs", l.ID))
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	var form logForm
	err = r.Bind(&form)
	before := l
	var people []Present
	var answers []Answer
	var questions []Question
	var photos []Photo
	if err == nil {
		people, answers, questions, photos, err = o.keep(r, &l, &form)
	} else if questions, _ = listQuestions(ctx, tx, v, false); true {
		form.read(r, questions, nil)
	}
	if err == nil {
		var came int
		if came, err = o.takeAll(r, l, form); came > 0 && err == nil {
			photos, err = photosOf(ctx, tx, v, l.ID)
		}
	}
	if err == nil && form.Remove != uuid.Nil {
		err = o.dropPhoto(r, l, form.Remove)
	}
	if err == nil && form.Do == "submit" {
		if err = fault.InFields(lacks(l, questions, answers, photos, today(r))); err == nil {
			return o.submit(r, l, before, form, people)
		}
	}
	if err != nil {
		return o.again(r, l, form, questions, err)
	}
	r.Toast("Saved.")
	return r.Go(r.Path("dailylogs", l.ID, "edit"))
}

// again shows the form with what was typed and what to mend.
func (o office) again(r *web.Request, l Log, form logForm, questions []Question, err error) error {
	said, ok := fault.Of(err)
	if !ok || said.Kind == fault.Missing {
		return err
	}
	if said.Kind == fault.Clash { // saved again, it replaces the other one
		if is, now := logByID(r.Context(), r.Tx(), r.Viewer(), l.ID); now == nil {
			form.Version = is.Version
		}
	}
	r.Title("Daily log: " + l.Project)
	view := editView{Here: r.Here(), Log: l, Skies: skies, Unit: l.Unit, Person: r.Viewer().PersonID, Today: today(r), Most: longText, Form: form}
	view.Trail = []web.NavItem{{Title: "Daily logs", Href: r.Path("dailylogs")}, {Title: l.Project, Href: r.Path("dailylogs", "projects", l.ProjectID)}, {Title: "Log"}}
	r.Problem(err)
	if drawn := o.fill(r, &view, questions); drawn != nil {
		return drawn
	}
	return r.Again("dailylogs/edit", view, err)
}

// submit makes a revision of what was kept, shares it and tells the client, as the form wishes.
func (o office) submit(r *web.Request, l, before Log, form logForm, people []Present) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	shared := form.Share || form.Notify         // to tell of it is to share it
	answers, err := answersOf(ctx, tx, v, l.ID) // with those to questions that were put away since
	if err != nil {
		return err
	}
	told := tell(l, people, answers)
	kept := Kept{l.Text, l.TextShown, l.ClientText, l.Notes, l.Weather, people, answers}
	number, err := submit(ctx, tx, v, l, told, kept, shared, time.Time{})
	if err != nil {
		return err
	}
	l.Revision, l.Shared, l.State = number, shared, submitted
	text := "submitted the daily log of " + dayText(l.LogDate)
	if number > 1 {
		text = "submitted the daily log of " + dayText(l.LogDate) + " again, as version " + strconv.Itoa(number)
	}
	// clients read of it in their logs: an entry of theirs would outlive a log that is withdrawn
	e := activity.Entry{Verb: "dailylogs.submitted", Text: text}
	if number > 1 {
		e.Data = activity.Changes(before.fields(), l.fields())
	}
	err = o.record(r, l, e)
	if err != nil {
		return err
	}
	toast := "Submitted."
	if shared {
		toast = "Submitted and shared."
	}
	if form.Notify {
		if err := o.notify(r, l); err != nil {
			return err
		}
		toast = "Submitted and shared. The client is told by mail."
		if !l.Open {
			toast = "Submitted. The client does not see this project, so nobody is told."
		}
	}
	r.Toast(toast)
	return r.Go(r.Path("dailylogs", l.ID))
}

// fields are what the activity compares when a log is submitted again.
func (l Log) fields() map[string]any {
	return map[string]any{
		"day": l.LogDate.String(), "text": l.Text, "text_shown": l.TextShown, "client_text": l.ClientText, "notes": l.Notes,
		"weather": l.WeatherText().String(), "weather_note": l.WeatherNote, "shared": l.Shared,
	}
}

func (o office) record(r *web.Request, l Log, e activity.Entry) error {
	o.ring(r.Context(), r.Viewer().FirmID(), l.ClientID)
	e.ClientID, e.ProjectID, e.SubjectID = l.ClientID, l.ProjectID, l.ID
	return activity.Record(r.Context(), r.Tx(), r.Viewer(), e)
}
