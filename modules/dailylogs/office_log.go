package dailylogs

import (
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/comment"
	"portico/platform/fault"
	"portico/platform/web"
)

// logView is a log's page in the office.
type logView struct {
	*web.Here
	Log       Log
	Trail     []web.NavItem
	People    []Present
	Answers   []Answer
	Tags      []Tag
	Photos    []Photo
	Revisions []Revision
	Comments  commentsView

	MayEdit, MayReopen, MayWithdraw, MayShare bool
	Why                                       string // what was typed of a withdrawal
	Hours                                     string // of all who were there
	Talk                                      string // where a conversation about it begins; "": nowhere
}

// Lines are the text as it is shown.
func (v logView) Lines(text string) [][]comment.Piece { return comment.Lines(text) }

// commentsView is what was said about a log, on either side.
type commentsView struct {
	*web.Here
	Items  comment.Page
	Action string
	May    bool
	Office bool
	Form   comment.Form
	Help   string
}

func (o office) show(r *web.Request) error {
	l, err := o.log(r)
	if err != nil {
		return err
	}
	view, err := o.logView(r, l)
	if err != nil {
		return err
	}
	return r.Show("dailylogs/log", view)
}

func (o office) logView(r *web.Request, l Log) (logView, error) {
	r.Title(l.Project + ", " + dayText(l.LogDate))
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view := logView{
		Here: r.Here(), Log: l, MayEdit: l.mayWrite(v), MayReopen: l.mayReopen(v, r.Now()), MayWithdraw: l.mayWithdraw(v), MayShare: l.mayShare(v),
		Trail: []web.NavItem{{Title: "Daily logs", Href: r.Path("dailylogs")}, {Title: l.Project, Href: r.Path("dailylogs", "projects", l.ProjectID)}, {Title: dayText(l.LogDate)}},
	}
	if l.Withdrawn() { // what it said is on record, not on the page
		return view, nil
	}
	var err error
	if view.People, err = peopleOf(ctx, tx, v, l.ID); err != nil {
		return view, err
	}
	minutes := 0
	for _, p := range view.People {
		minutes += p.Minutes * p.People
	}
	view.Hours = hoursText(minutes)
	if view.Answers, err = answersOf(ctx, tx, v, l.ID); err != nil {
		return view, err
	}
	tags, err := tagsOf(ctx, tx, v, []uuid.UUID{l.ID})
	if err != nil {
		return view, err
	}
	view.Tags = tags[l.ID]
	if view.Photos, err = photosOf(ctx, tx, v, l.ID); err != nil {
		return view, err
	}
	if view.Revisions, err = revisionsOf(ctx, tx, v, l.ID); err != nil {
		return view, err
	}
	if l.Told() {
		view.Talk = o.Catalog().Talk(v, section, l.ID)
	}
	view.Comments, err = o.comments(r, l, comment.Form{})
	return view, err
}

func (o office) comments(r *web.Request, l Log, form comment.Form) (commentsView, error) {
	items, err := comment.Of(r.Context(), r.Tx(), r.Viewer(), section, l.ID, r.Place())
	view := commentsView{Here: r.Here(), Items: items, Action: r.Path("dailylogs", l.ID, "comments"), May: l.Revision > 0 && !l.Withdrawn(), Office: true, Form: form}
	if !l.Told() {
		view.Help = "The client does not see this log now, and so not its comments."
	}
	return view, err
}

// comment says something about a log; the client is told by mail when it may read it.
func (o office) comment(r *web.Request) error {
	l, err := o.log(r)
	if err != nil {
		return err
	}
	if l.Revision == 0 || l.Withdrawn() {
		return fault.NotFound()
	}
	var form comment.Form
	err = r.Bind(&form)
	if err == nil {
		err = o.sayOn(r, comment.Thing{Section: section, ID: l.ID, ClientID: l.ClientID, ProjectID: l.ProjectID}, form, l.Project, l.LogDate)
	}
	if err != nil {
		view, drawn := o.logView(r, l)
		if drawn != nil {
			return drawn
		}
		view.Comments.Form = form
		if r.IsPart() {
			return r.Again("dailylogs/_comments", view.Comments, err)
		}
		return r.Again("dailylogs/log", view, err)
	}
	return o.showComments(r, l)
}

func (o office) showComments(r *web.Request, l Log) error {
	view, err := o.comments(r, l, comment.Form{})
	if err != nil {
		return err
	}
	return r.Done(r.Path("dailylogs", l.ID)+"#comments", web.Draw("dailylogs/_comments", view))
}

func (o office) dropComment(r *web.Request) error {
	l, err := o.log(r)
	if err != nil {
		return err
	}
	if err := o.takeBack(r, l.ID, l.ClientID, l.ProjectID); err != nil {
		return err
	}
	return o.showComments(r, l)
}

// deed finds the log of the address, asks whether the viewer may do something to it now, and holds it.
func (o office) deed(r *web.Request, may func(Log) bool) (Log, error) {
	id, err := r.ID("log")
	if err != nil {
		return Log{}, err
	}
	l, err := holdLog(r.Context(), r.Tx(), r.Viewer(), id)
	if err == nil && !may(l) {
		err = fault.NotFound()
	}
	return l, err
}

func (o office) reopen(r *web.Request) error {
	l, err := o.deed(r, func(l Log) bool { return l.mayReopen(r.Viewer(), r.Now()) || l.Reopened() && l.mine(r.Viewer()) })
	if err != nil {
		return err
	}
	if l.State == submitted {
		if err := reopen(r.Context(), r.Tx(), r.Viewer(), l.ID); err != nil {
			return err
		}
		err = o.record(r, l, activity.Entry{
			Verb: "dailylogs.reopened", Text: "reopened the daily log of " + dayText(l.LogDate),
			Data: map[string]any{"before": map[string]any{"state": submitted}, "after": map[string]any{"state": reopened}},
		})
		if err != nil {
			return err
		}
		if l.Told() {
			r.Toast("Reopened. The client reads the submitted version until you submit again.")
		}
	}
	return r.Go(r.Path("dailylogs", l.ID, "edit"))
}

// withdraw takes a submitted log back: the client sees it no more, staff see who did it and why.
func (o office) withdraw(r *web.Request) error {
	l, err := o.deed(r, func(l Log) bool { return l.mayWithdraw(r.Viewer()) })
	if err != nil {
		return err
	}
	why := strings.TrimSpace(r.Value("why"))
	problem := ""
	switch {
	case why == "":
		problem = "Say why, for your colleagues."
	case utf8.RuneCountInString(why) > longCaption:
		problem = "Use at most 300 characters."
	}
	if problem != "" {
		view, err := o.logView(r, l)
		if err != nil {
			return err
		}
		view.Why = why
		return r.Again("dailylogs/log", view, fault.Field("why", problem))
	}
	if err := withdraw(r.Context(), r.Tx(), r.Viewer(), l.ID, why); err != nil {
		return err
	}
	err = o.record(r, l, activity.Entry{
		Verb: "dailylogs.withdrawn", Text: "withdrew the daily log of " + dayText(l.LogDate),
		Data: map[string]any{"before": map[string]any{"state": l.State}, "after": map[string]any{"state": withdrawn, "why": why}},
	})
	if err != nil {
		return err
	}
	r.Toast("Withdrawn. The client does not see it any more.")
	return r.Go(r.Path("dailylogs", l.ID))
}

func (o office) share(r *web.Request) error { return o.setShared(r, true) }
func (o office) hide(r *web.Request) error  { return o.setShared(r, false) }

func (o office) setShared(r *web.Request, on bool) error {
	l, err := o.deed(r, func(l Log) bool { return l.mayShare(r.Viewer()) })
	if err != nil {
		return err
	}
	if err := o.setSharing(r, &l, on); err != nil {
		return err
	}
	switch {
	case !on:
		r.Toast("The client does not see it any more.")
	case l.Open:
		r.Toast("Shared. Nobody was told by mail.")
	default:
		r.Toast("Shared. The client sees it as soon as the project is shared, too.")
	}
	return r.Go(r.Path("dailylogs", l.ID))
}

func (o office) setSharing(r *web.Request, l *Log, on bool) error {
	changed, err := share(r.Context(), r.Tx(), r.Viewer(), l.ID, on)
	if err != nil || !changed {
		return err
	}
	text := "shared the daily log of " + dayText(l.LogDate) + " with the client"
	if !on {
		text = "stopped sharing the daily log of " + dayText(l.LogDate)
	}
	data := map[string]any{"before": map[string]any{"shared": l.Shared}, "after": map[string]any{"shared": on}}
	l.Shared = on
	return o.record(r, *l, activity.Entry{Verb: "dailylogs.shared", Text: text, Data: data})
}

// tellClient notifies the client of a log; what it is told of, it must be able to read.
func (o office) tellClient(r *web.Request) error {
	l, err := o.deed(r, func(l Log) bool { return l.mayShare(r.Viewer()) })
	if err != nil {
		return err
	}
	if !l.Open {
		r.Warn("The client does not see this project, so nobody was told.")
		return r.Go(r.Path("dailylogs", l.ID))
	}
	if err := o.setSharing(r, &l, true); err != nil {
		return err
	}
	if l.Notified() {
		r.Toast("The client was told of this version already.")
		return r.Go(r.Path("dailylogs", l.ID))
	}
	if err := o.notify(r, l); err != nil {
		return err
	}
	r.Toast("The client is told by mail.")
	return r.Go(r.Path("dailylogs", l.ID))
}

// notify promises the mails of a log, once for each of its versions.
func (o office) notify(r *web.Request, l Log) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if !l.Open {
		return nil
	}
	first, err := noteNotified(ctx, tx, v, l.ID)
	if err != nil || !first {
		return err
	}
	if _, err := announce.Enqueue(ctx, tx, v.FirmID(), announced{l.ID}); err != nil {
		return err
	}
	return o.record(r, l, activity.Entry{Verb: "dailylogs.notified", Text: "told the client of the daily log of " + dayText(l.LogDate)})
}

// discard forgets a draft that was never submitted.
func (o office) discard(r *web.Request) error {
	l, err := o.deed(r, func(l Log) bool { return l.Draft() && l.mine(r.Viewer()) })
	if err != nil {
		return err
	}
	gone, err := discard(r.Context(), r.Tx(), r.Viewer(), l.ID)
	if err != nil {
		return err
	}
	if err := o.Files.Drop(r.Context(), r.Tx(), r.Viewer().FirmID(), gone...); err != nil {
		return err
	}
	if err := o.record(r, l, activity.Entry{Verb: "dailylogs.discarded", Text: "discarded a draft of a daily log for " + l.Project}); err != nil {
		return err
	}
	r.Toast("Discarded.")
	return r.Go(r.Path("dailylogs"))
}
