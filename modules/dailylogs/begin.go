package dailylogs

import (
	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/day"
	"portico/platform/web"
)

// today is the day where the firm is: a log's day is the site's, wherever its author's phone comes from.
func today(r *web.Request) day.Day {
	if zone, err := day.Zone(r.Firm().Zone); err == nil {
		return day.Of(r.Now().In(zone))
	}
	return day.Of(r.Now().UTC())
}

// start begins today's log of a project, or goes on with it.
func (o office) start(r *web.Request) error {
	project, err := r.ID("project")
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	on := today(r)
	w, err := workByID(ctx, tx, v, on, project)
	if err != nil {
		return err
	}
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return err
	}
	log, fresh, err := start(ctx, tx, v, w, on, s.unit(r.Firm()))
	if err != nil {
		return err
	}
	if fresh {
		if err := o.askWeather(r, log); err != nil {
			return err
		}
		if err := activity.Record(ctx, tx, v, activity.Entry{
			Verb: "dailylogs.started", Text: "began a daily log for " + w.Name, ClientID: w.ClientID, ProjectID: w.ID, SubjectID: log,
		}); err != nil {
			return err
		}
	}
	return r.Go(r.Path("dailylogs", log, "edit"))
}

// askWeather promises to fill in the weather of a log, where the firm wants that.
func (o office) askWeather(r *web.Request, log uuid.UUID) error {
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil || !s.Weather || o.Weather == "" {
		return err
	}
	_, err = lookUp.Enqueue(r.Context(), r.Tx(), r.Viewer().FirmID(), looking{log})
	return err
}
