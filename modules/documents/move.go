package documents

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/web"
)

// spot is a place that something can be moved to.
type spot struct {
	ID      uuid.UUID
	Title   string
	Deep    string // how far it lies below: a class
	Kind    string
	Current bool
}

type moveView struct {
	*web.Here
	Title, Action, Back string
	Spots               []spot
	To                  uuid.UUID
}

// spots are all places of a client, as a tree; what lies in the folder that is moved is left out.
func (o office) spots(r *web.Request, p place, without, current uuid.UUID) ([]spot, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	folders, err := folderChoices(ctx, tx, v, p)
	if err != nil {
		return nil, err
	}
	projects, err := projectsOf(ctx, tx, v, p.ClientID)
	if err != nil {
		return nil, err
	}
	within := map[uuid.UUID][]place{}
	for _, f := range folders {
		if !slices.Contains(f.Chain, without) {
			within[f.PlaceID] = append(within[f.PlaceID], f)
		}
	}
	var all []spot
	var add func(id uuid.UUID, title, kind string, deep int)
	add = func(id uuid.UUID, title, kind string, deep int) {
		all = append(all, spot{id, title, strings.Repeat("i", min(deep, 6)), kind, id == current})
		for _, f := range within[id] {
			add(f.ID, f.Name, "folder", deep+1)
		}
	}
	add(p.ClientID, p.ClientName+" (no project)", "client", 0)
	for _, one := range projects {
		add(one.ID, one.Name, "project", 0)
	}
	return all, nil
}

func (o office) whereFolder(r *web.Request) error {
	view, _, err := o.whereFolderView(r)
	if err != nil {
		return err
	}
	return r.Show("documents/move", view)
}

func (o office) whereFolderView(r *web.Request) (moveView, place, error) {
	p, err := o.placeAt(r, "folder", "folder")
	if err != nil {
		return moveView{}, p, err
	}
	r.Title("Move folder")
	view := moveView{Here: r.Here(), Title: "Move “" + p.Name + "”", Action: r.Path("documents", "folders", p.ID, "place"), Back: p.path(r.Here())}
	view.Spots, err = o.spots(r, p, p.ID, p.PlaceID)
	return view, p, err
}

func (o office) moveFolder(r *web.Request) error {
	view, p, err := o.whereFolderView(r)
	if err != nil {
		return err
	}
	to, err := o.target(r, &view, p.ClientID)
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if err == nil {
		err = holdFolders(ctx, tx, v, p.ClientID)
	}
	if err == nil && (slices.Contains(to.Chain, p.ID) || len(to.Chain) >= deepest) {
		err = fault.Field("to", "A folder cannot be moved there.")
	}
	if err == nil && to.ID != p.PlaceID {
		err = inTo(moveFolder(ctx, tx, v, p, to))
	}
	if err != nil {
		return r.Again("documents/move", view, err)
	}
	if to.ID != p.PlaceID {
		if err := o.recordOf(r, p, "documents.folder_moved", "moved the folder “"+p.Name+"” to “"+to.Name+"”", nil); err != nil {
			return err
		}
	}
	return r.Go(p.path(r.Here()))
}

// inTo shows what is wrong with a name beside the choice of the place.
func inTo(err error) error {
	if said, ok := fault.Of(err); ok && said.Fields["name"] != "" {
		return fault.Field("to", said.Fields["name"])
	}
	return err
}

func (o office) target(r *web.Request, view *moveView, client uuid.UUID) (place, error) {
	var form struct {
		To uuid.UUID `form:"to"`
	}
	if err := r.Bind(&form); err != nil {
		return place{}, err
	}
	view.To = form.To
	to, err := placeByID(r.Context(), r.Tx(), r.Viewer(), form.To)
	if fault.Is(err, fault.Missing) || err == nil && to.ClientID != client {
		return place{}, fault.Field("to", "Choose a place from the list.")
	}
	return to, err
}

func (o office) whereDocument(r *web.Request) error {
	view, _, err := o.whereDocumentView(r)
	if err != nil {
		return err
	}
	return r.Show("documents/move", view)
}

func (o office) whereDocumentView(r *web.Request) (moveView, Document, error) {
	d, p, err := o.load(r)
	if err != nil {
		return moveView{}, d, err
	}
	r.Title("Move file")
	href := r.Path("documents", "files", d.ID)
	view := moveView{Here: r.Here(), Title: "Move “" + d.Name + "”", Action: r.Path("documents", "files", d.ID, "place"), Back: href}
	view.Spots, err = o.spots(r, p, uuid.Nil, d.PlaceID)
	return view, d, err
}

func (o office) moveDocument(r *web.Request) error {
	view, d, err := o.whereDocumentView(r)
	if err != nil {
		return err
	}
	to, err := o.target(r, &view, d.ClientID)
	if err == nil && to.ID != d.PlaceID {
		err = moveDocument(r.Context(), r.Tx(), r.Viewer(), d, to)
	}
	if err != nil {
		return r.Again("documents/move", view, err)
	}
	if to.ID != d.PlaceID {
		if err := o.recordFile(r, d, "documents.moved", "moved “"+d.Name+"” to “"+to.Name+"”", nil); err != nil {
			return err
		}
	}
	return r.Go(view.Back)
}
