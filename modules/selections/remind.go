package selections

import (
	"context"
	"slices"
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
// What nobody can read is not used up: its reminder goes out when somebody can.
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
	due, err := holdDue(ctx, tx, v, d.today(v), set.RemindDays)
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
		letters, err := d.letters(ctx, tx, loaded.Firm, *byProject[project])
		if err != nil {
			return err
		}
		if len(letters) == 0 {
			continue
		}
		if err := setReminded(ctx, tx, v, d.today(v), named(letters)); err != nil {
			return err
		}
		if err := d.remindBy(ctx, tx, v, letters); err != nil {
			return err
		}
	}
	return nil
}

// remindBy promises reminders of one project, and notes that.
func (d desk) remindBy(ctx context.Context, tx bun.Tx, v auth.Viewer, letters []letter) error {
	if err := mailClient.EnqueueEach(ctx, tx, v.FirmID(), letters); err != nil {
		return err
	}
	to := letters[0]
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "selections.reminded", Text: "reminded the client of " + counted(len(named(letters)), "selection", "selections"),
		ClientID: to.Client, ProjectID: to.Project, SubjectID: to.Project,
	})
}

// named are the selections that stand in one of the letters.
func named(letters []letter) (ids []uuid.UUID) {
	for _, l := range letters {
		for _, one := range l.Selections {
			if !slices.Contains(ids, one) {
				ids = append(ids, one)
			}
		}
	}
	return ids
}

func localHour(name string, now time.Time) int {
	zone, err := day.Zone(name)
	if err != nil {
		zone = time.UTC
	}
	return now.In(zone).Hour()
}

// remind mails the client what is still to be chosen in a project: each contact once a day, however often it is pressed.
func (o office) remind(r *web.Request) error {
	p, err := o.at(r)
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	list, err := ofProjects(ctx, tx, v, []uuid.UUID{p.ID})
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
	readers, err := o.letters(ctx, tx, v.Firm, t)
	if err != nil {
		return err
	}
	letters, err := notToday(ctx, tx, v, readers, o.today(v))
	if err != nil {
		return err
	}
	switch {
	case len(readers) == 0:
		r.Warn("Nobody was reminded: no contact who may choose can see this in the portal and gets mails. Look at who of the client is invited, and whether the project is shared.")
	case len(letters) == 0:
		r.Warn("Nobody was reminded again: everybody who may choose was reminded today already. The next reminder can go out tomorrow.")
	default:
		if err := o.remindBy(ctx, tx, v, letters); err != nil {
			return err
		}
		r.Toast("The reminder is on its way to everybody who may choose.")
	}
	if form.Only != uuid.Nil {
		return r.Go(r.Path("selections", form.Only))
	}
	return r.Go(r.Path("selections", "projects", p.ID))
}
