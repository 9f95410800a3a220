package web

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/fault"
)

// A preview is the portal as staff see it with a contact's eyes. Two cookies lie beside each other: the session's, which
// opens the office and nothing of the portal, and the preview's, which opens the portal only together with the session
// that it was begun in, and to look only. Which of the two a request means follows from its address; files and what
// else both sides share belong to the page that asks for them.

// previewName is the cookie of a preview.
const previewName = "portico-preview"

// LivePreview is where the pages of a preview listen: the office's listen at /live, in another tab.
const LivePreview = "/live/preview"

// errPreviewOver says that there was a preview, and that it counts no more.
var errPreviewOver = errors.New("the preview is over")

// SetPreview hands the browser a preview, beside its session.
func (r *Request) SetPreview(token string) {
	r.setCookie(previewName, token, auth.PreviewLife.Absolute)
}

// Preview is the token of the browser's preview; "" without one.
func (r *Request) Preview() string { return r.cookie(previewName) }

// DropPreview takes it back.
func (r *Request) DropPreview() { r.setCookie(previewName, "", 0) }

// FromPreview lets staff call the route from a page of their preview, as themselves: to leave it.
func (r Route) FromPreview() Route { r.Leaves = true; return r }

// BeyondPreview keeps a preview out of what belongs to its person alone: an account, payment methods.
func (r Route) BeyondPreview() Route {
	handle := r.Handle
	r.Handle = func(q *Request) error {
		if q.Viewer().ViewAs != uuid.Nil {
			return fault.NotFound()
		}
		return handle(q)
	}
	return r
}

// lookAs turns staff into the contact whose eyes they look with, when the request belongs to the preview.
func (r *Request) lookAs() error {
	r.preview = ""
	token := r.Preview()
	if r.viewer.Side != auth.Office || token == "" || !r.ofPreview() {
		if r.c.Path() == LivePreview && r.viewer.SignedIn() {
			return errPreviewOver
		}
		return nil
	}
	as, ok, err := r.app.Preview(r.ctx, r.tx, r.viewer, token)
	switch {
	case err != nil:
		return err
	case ok:
		r.viewer, r.preview = as, token
		if r.byHTMX() && r.c.Get("X-Preview") != "" && r.c.Get("X-Preview") != as.ContactID.String() {
			return errPreviewOver // an older tab: what it asks for must not come into a page of somebody else
		}
		return nil
	case within(r.c.Path(), "/portal"), r.c.Path() == LivePreview:
		return errPreviewOver
	}
	return nil
}

// ofPreview reports whether a request belongs to the preview, if there is one.
func (r *Request) ofPreview() bool {
	path := r.c.Path()
	switch {
	case r.route.Leaves:
		return false
	case within(path, "/portal"), path == LivePreview:
		return true
	case within(path, "/office"):
		return !r.reads() && r.fromPortal() // pages of a preview change nothing, wherever they send it
	case within(path, "/files"):
		return r.c.Get("Referer") == "" || r.fromPortal() // in doubt less is shown
	}
	return r.fromPortal()
}

// fromPortal reports whether a page of the portal sent the request.
func (r *Request) fromPortal() bool {
	from, err := url.Parse(r.c.Get("Referer"))
	return err == nil && strings.EqualFold(from.Host, r.Host()) && within(from.Path, "/portal")
}

func within(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

// onlyLooks keeps a preview to looking, and out of what belongs to the session: switching, stepping up, the welcome.
func (r *Request) onlyLooks() error {
	switch {
	case r.viewer.ViewAs == uuid.Nil:
		return nil
	case !r.reads():
		return fault.Forbidden(previewRefusal)
	case r.route.Who.Who == access.SignedIn && !within(r.c.Path(), "/portal") && r.c.Path() != LivePreview:
		return fault.NotFound()
	}
	return nil
}

const previewRefusal = "This is a preview: nothing can be changed here."

// previewOver tells staff that their preview has ended; a script loads the page again, and so comes here.
func (r *Request) previewOver() error {
	if r.c.Get("Accept") == "text/event-stream" {
		r.c.Status(204)
		return nil
	}
	if r.byHTMX() {
		r.c.Set("HX-Refresh", "true")
		r.c.Status(204)
		return nil
	}
	r.StandAlone()
	r.Title("This preview has ended.")
	return r.show(410, "error", ErrorView{
		Code: 410, Title: "This preview has ended.",
		Text:    "It ends when you leave it, after 30 minutes without a click and after 2 hours, and when you or the contact may not come in any more. You are still signed in to the office.",
		Actions: []NavItem{{Title: "Back to the office", Href: "/office"}},
	})
}

// look answers who looks, by the two cookies of a request: for streams, which outlive it.
func (a *App) look(ctx context.Context, tx bun.Tx, firm uuid.UUID, token, preview string) (auth.Viewer, error) {
	v, err := a.Load(ctx, tx, firm, token)
	if err != nil || preview == "" {
		return v, err
	}
	as, ok, err := a.Preview(ctx, tx, v, preview)
	if !ok {
		return auth.Viewer{Firm: v.Firm}, err
	}
	return as, err
}
