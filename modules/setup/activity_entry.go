package setup

import (
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/web"
	"time"

	"github.com/google/uuid"
)

type entryView struct {
	*web.Here
	Trail             []web.NavItem
	Item              happening
	Kind, KindHref    string
	WhoHref, From, On string // From: browser and address; On: where the actor stood
	Behalf            string
	Client, Project   named
	Seq               int64
	SealedAt          time.Time
}

// entry is one entry of the log with all that is known of it.
func (o office) entry(r *web.Request) error {
	id, err := r.ID("entry")
	if err != nil {
		return err
	}
	e, sealed, err := activity.One(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	names, err := namesOf(r.Context(), r.Tx(), r.Viewer(), []activity.Entry{e})
	if err != nil {
		return err
	}
	r.Title("What was done")
	list := r.Path("setup", "activity")
	view := entryView{
		Here: r.Here(), Trail: append(o.trail(r), web.NavItem{Title: "Activity", Href: list}),
		Item: happeningOf(e, titles(o.catalog())), Kind: o.kindOf(e.Verb), KindHref: list + "?kind=" + e.Verb,
		From: origin(e), On: stood(e), Behalf: e.Behalf, Seq: sealed.Seq, SealedAt: sealed.SealedAt,
	}
	if e.ActorID != uuid.Nil {
		view.WhoHref = list + "?who=" + e.ActorID.String()
	}
	if name := names[e.ClientID]; name != "" {
		view.Client = named{e.ClientID.String(), name, r.Path("clients", e.ClientID)}
	}
	if name := names[e.ProjectID]; name != "" {
		view.Project = named{e.ProjectID.String(), name, r.Path("clients", "projects", e.ProjectID)}
	}
	return r.Show("setup/activity_entry", view)
}

// stood is on which side the actor was.
func stood(e activity.Entry) string {
	switch {
	case e.Side == auth.Office:
		return "in the office"
	case e.Side == auth.Portal:
		return "in the portal"
	case e.Side == auth.Program && e.ActorID != uuid.Nil:
		return "by background work, on this person's behalf"
	case e.Side == auth.Program:
		return "by background work"
	}
	return ""
}
