package door

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/module"
	"portico/platform/secret"
	"portico/platform/web"
)

// look is a contact whose portal staff may want to see.
type look struct {
	ID, ClientID                           uuid.UUID
	Name, Email, ClientName                string
	Portal, Disabled, Archived, ClientGone bool
	FirmOn, ClientOn                       bool
}

// Why says why there is nothing to see; "" when there is.
func (l look) Why() string {
	switch {
	case l.ClientGone:
		return l.ClientName + " is archived."
	case l.Archived:
		return l.Name + " is archived."
	case !l.FirmOn:
		return "The portal is off for the whole firm."
	case !l.ClientOn:
		return "The portal of " + l.ClientName + " is off."
	case !l.Portal:
		return l.Name + " has no portal access."
	case l.Disabled:
		return "The access of " + l.Name + " is disabled."
	}
	return ""
}

type lookView struct {
	*web.Here
	Look                       look
	Sections, Projects, Rights []string
	Limited                    bool
	From                       string
}

type looksView struct {
	*web.Here
	Client string
	Looks  []look
	From   string
}

// askLook says what will be seen before it is seen, or why nothing can be.
func (d *Door) askLook(r *web.Request) error {
	contact, err := r.ID("contact")
	if err != nil {
		return err
	}
	l, err := findLook(r.Context(), r.Tx(), r.Viewer(), contact)
	if err != nil {
		return err
	}
	r.Title("View as " + l.Name)
	view := lookView{Here: r.Here(), Look: l, From: cameFrom(r)}
	as, _, err := auth.ContactAs(r.Context(), r.Tx(), r.Viewer(), contact, d.Now())
	if err != nil {
		return err
	}
	view.Sections, view.Limited = sectionsFor(as), as.Limited
	for _, p := range as.Projects {
		view.Projects = append(view.Projects, p.Name)
	}
	for _, right := range access.AllRights {
		if slices.Contains(as.Rights, right) {
			view.Rights = append(view.Rights, right.Title())
		}
	}
	return r.Show("auth/view_as", view)
}

// sectionsFor are the titles of the sections that the contact may open.
func sectionsFor(as auth.Viewer) []string {
	var titles []string
	for _, m := range module.All() {
		if m.Toggle == module.Switched && as.May(access.Client(m.ID, m.ID)) {
			titles = append(titles, m.Title)
		}
	}
	slices.Sort(titles)
	return titles
}

// cameFrom is the page of the office from which the preview is asked for.
func cameFrom(r *web.Request) string {
	for _, from := range []string{r.Header("HX-Current-URL"), r.Query("from"), r.Header("Referer")} {
		u, err := url.Parse(from)
		if err == nil && (u.Host == "" || strings.EqualFold(u.Host, r.Host())) && within(u.Path, "/office") && !within(u.Path, "/office/view-as") {
			return local(u.RequestURI())
		}
	}
	return ""
}

// askLooks lets staff choose among the contacts of a client.
func (d *Door) askLooks(r *web.Request) error {
	client, err := uuid.Parse(r.Query("client"))
	if err != nil {
		return fault.NotFound()
	}
	name, looks, err := findLooks(r.Context(), r.Tx(), r.Viewer(), client)
	if err != nil {
		return err
	}
	r.Title("View the portal of " + name)
	return r.Show("auth/view_as_whom", looksView{r.Here(), name, looks, cameFrom(r)})
}

// previewOver tells the end of a preview that nobody has left.
var previewOver = job.New[previewed]("door:preview_over")

type previewed struct {
	Preview uuid.UUID `json:"preview"`
}

// beginLook opens the portal as the contact sees it.
func (d *Door) beginLook(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	contact, err := r.ID("contact")
	if err != nil {
		return err
	}
	l, err := findLook(ctx, tx, v, contact)
	if err != nil {
		return err
	}
	if why := l.Why(); why != "" {
		r.Title("View as " + l.Name)
		return r.Again("auth/view_as", lookView{Here: r.Here(), Look: l}, fault.Invalid(why))
	}
	if err := endOpenLook(ctx, tx, v); err != nil {
		return err
	}
	from := local(r.Value("from"))
	if !within(from, "/office") {
		from = ""
	}
	token, preview, err := auth.StartPreview(ctx, tx, v, contact, from)
	if err != nil {
		return err
	}
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "preview.started", Text: "looked at the portal as " + l.Name, ClientID: l.ClientID, SubjectID: l.ID,
	})
	if err != nil {
		return err
	}
	_, err = previewOver.Enqueue(ctx, tx, v.FirmID(), previewed{preview}, job.At(d.Now().Add(auth.PreviewLife.Idle)))
	if err != nil {
		return err
	}
	r.SetPreview(token)
	return r.Go("/portal/all")
}

// endOpenLook ends what the session looked at before: one at a time, so that a page never stands for two people.
func endOpenLook(ctx context.Context, tx bun.Tx, v auth.Viewer) error {
	before, err := auth.OpenPreview(ctx, tx, v)
	if fault.Is(err, fault.Missing) {
		return nil
	}
	if err != nil {
		return err
	}
	return tellEnd(ctx, tx, v, before)
}

// leaveLook ends a preview and leads back to where it was begun.
func (d *Door) leaveLook(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	p, err := auth.PreviewOf(ctx, tx, v, secret.Hash(r.Preview()))
	if fault.IgnoreNotFound(err) != nil {
		return err
	}
	r.DropPreview()
	if err == nil {
		if err := tellEnd(ctx, tx, v, p); err != nil {
			return err
		}
	}
	if p.CameFrom == "" {
		p.CameFrom = "/office"
	}
	return r.Go(p.CameFrom)
}

// tellEnd writes the end of a preview into the log, once.
func tellEnd(ctx context.Context, tx bun.Tx, v auth.Viewer, p auth.Preview) error {
	first, err := auth.EndPreview(ctx, tx, v.FirmID(), p.ID)
	if err != nil || !first {
		return err
	}
	return activity.Record(ctx, tx, v, activity.Entry{
		ActorID: p.StaffID, ActorName: p.StaffName,
		Verb: "preview.ended", Text: "stopped looking at the portal as " + p.ContactName, ClientID: p.ClientID, SubjectID: p.ContactID,
	})
}

// closeLook ends a preview that has run out, or whose session has gone; one that still counts is looked at again later.
func (d *Door) closeLook(ctx context.Context, tx bun.Tx, firm uuid.UUID, told previewed) error {
	p, err := auth.FindPreview(ctx, tx, firm, told.Preview)
	if err != nil || p.Ended {
		return err
	}
	if p.Live {
		_, err := previewOver.Enqueue(ctx, tx, firm, told, job.At(p.IdleUntil))
		return err
	}
	return tellEnd(ctx, tx, auth.System(firm), p)
}
