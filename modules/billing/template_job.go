package billing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/module"
)

// recurring names a template of which a period has come.
type recurring struct{ ID uuid.UUID }

var recur = job.New[recurring]("billing:recur")

// recurrer makes the invoices of templates.
type recurrer struct{ module.Platform }

func (c recurrer) handlers() []job.Handler {
	return []job.Handler{
		job.Every("7 * * * *", "billing:find_recurring", c.find),
		recur.Handle(c.make).Within(time.Minute),
	}
}

// firmAt is a firm as it is, and its day; false: nothing is done for it.
func firmAt(ctx context.Context, tx bun.Tx, firm uuid.UUID, now time.Time) (auth.Firm, day.Day, bool, error) {
	loaded, err := auth.Load(ctx, tx, firm, nil, now)
	if err != nil {
		return auth.Firm{}, day.Day{}, false, err
	}
	return loaded.Firm, today(loaded.Firm, now), !loaded.Firm.Suspended, nil
}

// find looks every hour, so that each firm's day begins where it is.
func (c recurrer) find(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	_, at, goes, err := firmAt(ctx, tx, firm, c.Now())
	if err != nil || !goes {
		return err
	}
	ids, err := dueTemplates(ctx, tx, firm, at)
	if err != nil {
		return err
	}
	list := make([]recurring, len(ids))
	for n, id := range ids {
		list[n] = recurring{id}
	}
	return recur.EnqueueEach(ctx, tx, firm, list)
}

// madeAtOnce is how many missed periods one job makes up for; the next hour goes on.
const madeAtOnce = 24

// make writes the invoice of each period that has come, those that were missed too, each once.
func (c recurrer) make(ctx context.Context, tx bun.Tx, firm uuid.UUID, one recurring) error {
	f, at, goes, err := firmAt(ctx, tx, firm, c.Now())
	if err != nil || !goes {
		return err
	}
	if err := holdTemplate(ctx, tx, firm, one.ID); err != nil {
		return fault.IgnoreNotFound(err)
	}
	v := auth.Viewer{Side: auth.Program, Firm: f}
	t, err := templateByID(ctx, tx, v, one.ID)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	if t.Archived && !t.Over() && !t.Paused() {
		return pauseTemplate(ctx, tx, v, t, true, "The project was archived.", t.NextOn)
	}
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return err
	}
	for range madeAtOnce {
		if t.Over() || t.Paused() || t.NextOn.After(at) {
			return nil
		}
		if err := c.invoice(ctx, tx, v, t, s, at); err != nil {
			return err
		}
		t.Made++
		next := t.rhythm().from(t.NextOn.Add(1), t.Made, 1)
		t.NextOn = day.Day{}
		if len(next) > 0 {
			t.NextOn = next[0]
		}
	}
	return nil
}

// invoice makes the one of the next period, as far on as the template says and somebody answers for it.
func (c recurrer) invoice(ctx context.Context, tx bun.Tx, v auth.Viewer, t Template, s Setting, at day.Day) error {
	period := t.NextOn
	form := draftForm{
		Title: cutTo(fillPlaces(t.Title, period), longestTitle), Message: fillPlaces(t.Message, period), Notes: t.Notes,
		DueOn: latest(period, at).Add(t.DueDays),
	}
	project := party{ID: t.ProjectID, ClientID: t.ClientID, Currency: t.Currency}
	agreed, err := contractOf(ctx, tx, v, project)
	if err != nil {
		return err
	}
	form.Rate = agreed.RetainageRate
	invoice, err := addDraft(ctx, tx, v, project, form, t.lines(period))
	if err != nil {
		return err
	}
	if err := setWriters(ctx, tx, v.FirmID(), invoice, t.ID); err != nil {
		return err
	}
	next := day.Day{}
	if days := t.rhythm().from(period.Add(1), t.Made+1, 1); len(days) > 0 {
		next = days[0]
	}
	if err := noteRun(ctx, tx, v.FirmID(), t.ID, period, invoice, next); err != nil {
		return err
	}
	entry := activity.Entry{
		Verb: "billing.recurred", Text: "drafted the invoice “" + form.Title + "” from its template", ClientID: t.ClientID, ProjectID: t.ProjectID,
		SubjectID: invoice, ActorName: "Portico", Data: map[string]any{"period": period.String()},
	}
	if t.Goes() && t.approved(s) {
		if entry.Text, err = c.goOn(ctx, tx, v, t, Invoice{ID: invoice, Version: 1}, at); err != nil {
			return err
		}
	}
	return activity.Record(ctx, tx, v, entry)
}

// goOn approves what a template made, and releases it where that is asked for, for the person who answers for the template.
func (recurrer) goOn(ctx context.Context, tx bun.Tx, v auth.Viewer, t Template, i Invoice, at day.Day) (string, error) {
	person := v
	person.PersonID = t.ApprovedBy
	if err := setApproved(ctx, tx, person, i, true); err != nil {
		return "", err
	}
	if t.Becomes != Released {
		return "made and approved an invoice from the template “" + t.Title + "”", nil
	}
	list, err := release(ctx, tx, person, []tick{{i.ID, i.Version + 1}}, at)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", errMoved
	}
	_, err = announce.Enqueue(ctx, tx, v.FirmID(), announced{i.ID})
	return "made and released the invoice " + list[0].Number + " from the template “" + t.Title + "”", err
}
