package documents

import (
	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/web"
)

func (o office) newFolder(r *web.Request) error {
	view, _, err := o.newFolderView(r)
	if err != nil {
		return err
	}
	return r.Show("documents/edit", view)
}

func (o office) newFolderView(r *web.Request) (editView, place, error) {
	p, err := o.placeAt(r, "place", "")
	r.Title("New folder")
	return editView{
		Here: r.Here(), Title: "New folder", Action: r.Path("documents", "places", p.ID, "folders"), Back: p.path(r.Here()), Button: "Make folder",
		Folder: true, New: true, Client: p.ClientName, Hidden: hiddenBy(p),
	}, p, err
}

// hiddenBy is the folder, or one above, that clients do not see.
func hiddenBy(p place) string {
	if shut := p.shut(); shut != "" || !p.Folder() || p.Shared {
		return shut
	}
	return p.Name
}

func (o office) addFolder(r *web.Request) error {
	view, p, err := o.newFolderView(r)
	if err != nil {
		return err
	}
	err = r.Bind(&view.Form)
	name := ""
	if err == nil {
		name, err = nameOf(view.Form.Name, "")
	}
	var folder uuid.UUID
	if err == nil {
		folder, err = addFolder(r.Context(), r.Tx(), r.Viewer(), p, name, view.Form.Shared)
	}
	if err != nil {
		return r.Again("documents/edit", view, err)
	}
	if err := o.record(r, "documents.folder_added", "made the folder “"+name+"”", p.ClientID, p.ProjectID, folder, nil); err != nil {
		return err
	}
	return r.Go(r.Path("documents", "folders", folder))
}

func (o office) editFolder(r *web.Request) error {
	view, _, err := o.editFolderView(r)
	if err != nil {
		return err
	}
	return r.Show("documents/edit", view)
}

func (o office) editFolderView(r *web.Request) (editView, place, error) {
	p, err := o.placeAt(r, "folder", "folder")
	r.Title("Edit folder")
	return editView{
		Here: r.Here(), Title: "Edit folder", Action: p.path(r.Here()), Back: p.path(r.Here()), Button: "Save", Folder: true, Client: p.ClientName,
		Hidden: p.shut(), Form: editForm{Name: p.Name, Shared: p.Shared},
	}, p, err
}

func (o office) saveFolder(r *web.Request) error {
	view, p, err := o.editFolderView(r)
	if err != nil {
		return err
	}
	view.Form = editForm{}
	err = r.Bind(&view.Form)
	name := ""
	if err == nil {
		name, err = nameOf(view.Form.Name, "")
	}
	if err == nil && name != p.Name {
		err = renameFolder(r.Context(), r.Tx(), r.Viewer(), p, name)
	}
	if err == nil && view.Form.Shared != p.Shared {
		_, err = shareFolder(r.Context(), r.Tx(), r.Viewer(), p, view.Form.Shared)
	}
	if err != nil {
		return r.Again("documents/edit", view, err)
	}
	changes := changesOf(map[string]any{"name": p.Name, "shared": p.Shared}, map[string]any{"name": name, "shared": view.Form.Shared})
	if changes != nil {
		if err := o.recordOf(r, p, "documents.folder_changed", "changed the folder “"+name+"”", changes); err != nil {
			return err
		}
	}
	return r.Go(p.path(r.Here()))
}

func (o office) shareFolder(r *web.Request) error { return o.setFolder(r, true) }

func (o office) hideFolder(r *web.Request) error { return o.setFolder(r, false) }

func (o office) setFolder(r *web.Request, on bool) error {
	p, err := o.placeAt(r, "folder", "folder")
	if err != nil {
		return err
	}
	changed, err := shareFolder(r.Context(), r.Tx(), r.Viewer(), p, on)
	if err != nil {
		return err
	}
	verb, text := "documents.folder_hidden", "hid the folder “"+p.Name+"” from the client"
	if on {
		verb, text = "documents.folder_shared", "shared the folder “"+p.Name+"” with the client"
	}
	if changed {
		if err := o.recordOf(r, p, verb, text, nil); err != nil {
			return err
		}
	}
	return r.Go(p.path(r.Here()))
}

func (o office) trashFolder(r *web.Request) error {
	p, err := o.placeAt(r, "folder", "folder")
	if err != nil {
		return err
	}
	if err := trashFolder(r.Context(), r.Tx(), r.Viewer(), p); err != nil {
		return err
	}
	if err := o.recordOf(r, p, "documents.folder_deleted", "put the folder “"+p.Name+"” into the trash", nil); err != nil {
		return err
	}
	r.Toast("The folder is in the trash for 30 days, with all that is in it.")
	return r.Go(back(r.Here(), p))
}

func (o office) restoreFolder(r *web.Request) error {
	id, err := r.ID("folder")
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	p, err := trashedFolder(ctx, tx, v, id)
	if err != nil {
		return err
	}
	to, err := o.home(r, p.PlaceID, p.ProjectID, p.ClientID)
	if err != nil {
		return err
	}
	name := p.Name
	for n := 2; ; n++ {
		_, err := folderCalled(ctx, tx, v, to, name)
		if fault.Is(err, fault.Missing) {
			break
		}
		if err != nil {
			return err
		}
		name = numbered(p.Name, n)
	}
	if err := untrashFolder(ctx, tx, v, p, name); err != nil {
		return err
	}
	if to.ID != p.PlaceID {
		if err := moveFolder(ctx, tx, v, p, to); err != nil {
			return err
		}
	}
	if err := o.recordOf(r, p, "documents.folder_restored", "took the folder “"+name+"” out of the trash", nil); err != nil {
		return err
	}
	r.Toast("The folder is back.")
	return r.Go(r.Path("documents", "folders", p.ID))
}
