package selections

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/web"
)

// firstHour is when the day's mails go out, at the firm's place.
const firstHour = 8

// findReminders looks every hour, and reminds by daylight: once some days before a deadline, and once when it has passed.
func (d desk) findReminders(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil || loaded.Firm.Suspended || !loaded.Firm.PortalOn {
		return err
	}
	v := auth.System(firm)
	v.Firm = loaded.Firm
	set, err := settingOf(ctx, tx, v)
	if err != nil || set.RemindDays == 0 || localHour(loaded.Firm.Zone, d.Now()) < firstHour {
		return err
	}
	due, err := takeReminders(ctx, tx, v, d.today(v), set.RemindDays)
	if err != nil {
		return err
	}
	var order []uuid.UUID
	byProject := map[uuid.UUID]*telling{}
	for _, s := range due {
		t := byProject[s.ProjectID]
		if t == nil {
			t = &telling{Client: s.ClientID, Project: s.ProjectID, What: toldReminder}
			byProject[s.ProjectID], order = t, append(order, s.ProjectID)
		}
		t.Selections = append(t.Selections, s.ID)
	}
	for _, project := range order {
		t := byProject[project]
		if _, err := tellClient.Enqueue(ctx, tx, firm, *t); err != nil {
			return err
		}
		err := activity.Record(ctx, tx, v, activity.Entry{
			Verb: "selections.reminded", Text: "reminded the client of " + counted(len(t.Selections), "selection", "selections"),
			ClientID: t.Client, ProjectID: t.Project,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func localHour(name string, now time.Time) int {
	zone, err := day.Zone(name)
	if err != nil {
		zone = time.UTC
	}
	return now.In(zone).Hour()
}

// remind mails the client what is still to be chosen in a project.
func (o office) remind(r *web.Request) error {
	p, err := o.at(r)
	if err != nil {
		return err
	}
	list, err := ofProjects(r.Context(), r.Tx(), r.Viewer(), []uuid.UUID{p.ID})
	if err != nil {
		return err
	}
	var form struct {
		Only uuid.UUID `form:"only"`
	}
	if err := r.Bind(&form); err != nil {
		return err
	}
	t := telling{Client: p.ClientID, Project: p.ID, What: toldReminder}
	for _, s := range list {
		if s.Open() && (form.Only == uuid.Nil || form.Only == s.ID) {
			t.Selections = append(t.Selections, s.ID)
		}
	}
	if len(t.Selections) == 0 {
		return fault.Conflict("Nothing waits for the client here.")
	}
	if _, err := tellClient.Enqueue(r.Context(), r.Tx(), r.Viewer().FirmID(), t); err != nil {
		return err
	}
	if err := o.noteProject(r, p, "selections.reminded", "reminded the client of "+counted(len(t.Selections), "selection", "selections"), nil); err != nil {
		return err
	}
	r.Toast("The reminder is on its way to everybody who may choose.")
	if form.Only != uuid.Nil {
		return r.Go(r.Path("selections", form.Only))
	}
	return r.Go(r.Path("selections", "projects", p.ID))
}
