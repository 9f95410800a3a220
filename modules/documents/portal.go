package documents

import (
	"time"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/web"
)

// portal are the pages of clients.
type portal struct{ archive }

func (p portal) routes() []web.Route {
	return []web.Route{
		web.Get("/", see, p.home),
		web.Get("/projects/:project", see, p.project),
		web.Get("/folders/:folder", see, p.folder),
		web.Get("/files/:document", see, p.document),
		web.Get("/places/:place/files.zip", see, p.pack),

		large(web.Post("/places/:place/files", upload, p.uploads(p.sendTo))),
		web.Post("/places/:place/uploads", upload, p.uploads(p.beginAt)),
		web.Get("/uploads/:upload", upload, p.uploads(p.offset)),
		pieceRoute(web.Post("/uploads/:upload/pieces", upload, p.uploads(p.piece))),
		web.Delete("/uploads/:upload", upload, p.uploads(p.forget)),
	}
}

// large is a route that takes files whole.
func large(r web.Route) web.Route {
	r.Time = 10 * time.Minute
	return r.Upto(mostBytes + 1<<20)
}

// pieceRoute is one that takes a piece.
func pieceRoute(r web.Route) web.Route {
	r.Time = time.Minute
	return r.Upto(pieceBytes + 1)
}

// mayUpload reports whether the paper clip is on: the client may send files, and sees the section.
func mayUpload(v auth.Viewer) bool { return v.Side == auth.Portal && v.UploadsOn && v.May(upload) }

// uploads is there only where the paper clip is on.
func (portal) uploads(handle web.Handler) web.Handler {
	return func(r *web.Request) error {
		if !mayUpload(r.Viewer()) {
			return fault.NotFound()
		}
		return handle(r)
	}
}

// home is the top of the project in view, or of all that is the client's.
func (p portal) home(r *web.Request) error {
	top, err := p.top(r)
	if err != nil {
		return err
	}
	return p.browse(r, top, nil)
}

func (p portal) top(r *web.Request) (place, error) {
	v := r.Viewer()
	if v.Scope != nil {
		return placeByID(r.Context(), r.Tx(), v, v.Scope.ID)
	}
	top := place{ID: v.ClientID, Kind: "client", Name: v.ClientName, ClientID: v.ClientID, ClientName: v.ClientName, Shared: true}
	return top, nil
}

func (p portal) project(r *web.Request) error { return p.open(r, "project") }
func (p portal) folder(r *web.Request) error  { return p.open(r, "folder") }

func (p portal) open(r *web.Request, kind string) error {
	at, err := p.placeAt(r, kind, kind)
	if err != nil {
		return err
	}
	return p.browse(r, at, nil)
}

func (p portal) pack(r *web.Request) error {
	at, err := p.placeOrTop(r)
	if err != nil {
		return err
	}
	return p.zip(r, at)
}

// placeOrTop also takes the top of a client whose contact sees only some of its projects: what is in it, they see.
func (p portal) placeOrTop(r *web.Request) (place, error) {
	id, err := r.ID("place")
	if err != nil {
		return place{}, err
	}
	if v := r.Viewer(); id == v.ClientID && v.Scope == nil {
		return p.top(r)
	}
	return p.placeAt(r, "place", "")
}

func (p portal) sendTo(r *web.Request) error {
	at, err := p.placeAt(r, "place", "")
	if err != nil {
		return err
	}
	return p.send(r, at, nil)
}

func (p portal) beginAt(r *web.Request) error {
	at, err := p.placeAt(r, "place", "")
	if err != nil {
		return err
	}
	return p.begin(r, at, uuid.Nil)
}

type cardView struct {
	*web.Here
	Rows  []row
	Strip []row // pictures
}

// latestCard shows what came lately.
func (p portal) latestCard(r *web.Request) (web.Part, bool, error) {
	list, err := latest(r.Context(), r.Tx(), r.Viewer(), 30, 8, false)
	if err != nil || len(list) == 0 {
		return web.Part{}, false, err
	}
	view := cardView{Here: r.Here()}
	for _, d := range list {
		switch one := rowOf(r.Here(), d); {
		case d.Picture() && d.Ready() && len(view.Strip) < 4:
			view.Strip = append(view.Strip, one)
		case len(view.Rows) < 4:
			one.Where = whereOf(r.Here(), d, false)
			view.Rows = append(view.Rows, one)
		}
	}
	return web.Draw("documents/_card", view), true, nil
}
