package dailylogs

import (
	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/comment"
	"portico/platform/day"
	"portico/platform/job"
	"portico/platform/web"
)

// sayOn keeps a comment, and promises that the other side hears of it. A note for staff goes nowhere.
func (j journal) sayOn(r *web.Request, about comment.Thing, form comment.Form, project string, on day.Day) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	c, fresh, err := comment.Add(ctx, tx, v, about, form)
	if err != nil || !fresh {
		return err
	}
	if !c.Internal {
		if _, err := tellComment.Enqueue(ctx, tx, v.FirmID(), commented{c.ID}, job.At(j.Now().Add(comment.Gathering))); err != nil {
			return err
		}
	}
	j.ring(ctx, v.FirmID(), about.ClientID)
	text := "commented on the daily log of " + dayText(on)
	if v.Side == auth.Office && c.Internal {
		text = "left a note for staff on the daily log of " + dayText(on) + ", " + project
	}
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "dailylogs.commented", Text: text, ClientID: about.ClientID, ProjectID: about.ProjectID, SubjectID: about.ID,
	})
}

// takeBack withdraws the comment of the address.
func (j journal) takeBack(r *web.Request, log, client, project uuid.UUID) error {
	id, err := r.ID("comment")
	if err != nil {
		return err
	}
	c, err := comment.Withdraw(r.Context(), r.Tx(), r.Viewer(), section, log, id)
	if err != nil {
		return err
	}
	j.ring(r.Context(), r.Viewer().FirmID(), client)
	return activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "dailylogs.comment_withdrawn", Text: "withdrew a comment of " + c.Author + " on a daily log", ClientID: client, ProjectID: project, SubjectID: log,
	})
}
