package documents

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/web"
)

func (o office) editDocument(r *web.Request) error {
	view, _, err := o.editDocumentView(r)
	if err != nil {
		return err
	}
	return r.Show("documents/edit", view)
}

func (o office) editDocumentView(r *web.Request) (editView, place, error) {
	d, p, err := o.load(r)
	r.Title("Edit file")
	href := r.Path("documents", "files", d.ID)
	return editView{
		Here: r.Here(), Title: "Edit file", Action: href, Back: href, Button: "Save", Client: p.ClientName, Picture: d.Sort == "picture",
		Hidden: hiddenBy(p), Document: d, Form: editForm{Name: d.Name, Caption: d.Caption, Shared: d.Shared},
	}, p, err
}

func (o office) saveDocument(r *web.Request) error {
	view, p, err := o.editDocumentView(r)
	if err != nil {
		return err
	}
	d := view.Document
	view.Form = editForm{}
	err = r.Bind(&view.Form)
	name := ""
	if err == nil {
		name, err = nameOf(view.Form.Name, d.Name)
	}
	if err == nil && utf8.RuneCountInString(view.Form.Caption) > longRemark {
		err = fault.Field("caption", fmt.Sprintf("Use at most %d characters.", longRemark))
	}
	if err == nil {
		name, err = o.freeOrSame(r, p, d, name)
	}
	if err == nil {
		err = renameDocument(r.Context(), r.Tx(), r.Viewer(), d, name, view.Form.Caption)
	}
	if err == nil && view.Form.Shared != d.Shared {
		_, err = shareDocument(r.Context(), r.Tx(), r.Viewer(), d, view.Form.Shared)
	}
	if err == nil && view.Form.Shared && view.Form.Tells && p.Open() {
		err = o.tellOf(r.Context(), r.Tx(), r.Viewer(), d)
	}
	if err != nil {
		return r.Again("documents/edit", view, err)
	}
	changes := changesOf(map[string]any{"name": d.Name, "caption": d.Caption, "shared": d.Shared},
		map[string]any{"name": name, "caption": view.Form.Caption, "shared": view.Form.Shared})
	if changes != nil {
		if err := o.recordFile(r, d, "documents.changed", "changed the file “"+name+"”", changes); err != nil {
			return err
		}
	}
	return r.Go(view.Back)
}

// freeOrSame refuses a name that another file has here.
func (o office) freeOrSame(r *web.Request, p place, d Document, name string) (string, error) {
	if strings.EqualFold(name, d.Name) {
		return name, nil
	}
	free, err := freeName(r.Context(), r.Tx(), r.Viewer(), p, name)
	if err == nil && free != name {
		err = fault.Field("name", "There is a file with this name here already.")
	}
	return name, err
}

func (o office) shareDocument(r *web.Request) error { return o.setDocument(r, true) }

func (o office) hideDocument(r *web.Request) error { return o.setDocument(r, false) }

func (o office) setDocument(r *web.Request, on bool) error {
	d, _, err := o.load(r)
	if err != nil {
		return err
	}
	if err := o.setOne(r, d, on); err != nil {
		return err
	}
	return r.Go(r.Path("documents", "files", d.ID))
}

// setOne shares a file or hides it.
func (o office) setOne(r *web.Request, d Document, on bool) error {
	changed, err := shareDocument(r.Context(), r.Tx(), r.Viewer(), d, on)
	if err != nil || !changed {
		return err
	}
	if on {
		return o.recordFile(r, d, "documents.shared", "shared “"+d.Name+"” with the client", nil)
	}
	return o.recordFile(r, d, "documents.hidden", "hid “"+d.Name+"” from the client", nil)
}

func (o office) trashDocument(r *web.Request) error {
	d, p, err := o.load(r)
	if err != nil {
		return err
	}
	if err := o.trashOne(r, d); err != nil {
		return err
	}
	r.Toast("The file is in the trash for 30 days.")
	return r.Go(p.path(r.Here()))
}

// trashOne puts a file into the trash.
func (o office) trashOne(r *web.Request, d Document) error {
	if err := trashDocument(r.Context(), r.Tx(), r.Viewer(), d); err != nil {
		return err
	}
	return o.recordFile(r, d, "documents.deleted", "put “"+d.Name+"” into the trash", nil)
}

func (o office) restoreDocument(r *web.Request) error {
	id, err := r.ID("document")
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	d, err := trashedDocument(ctx, tx, v, id)
	if err != nil {
		return err
	}
	to, err := o.home(r, d.PlaceID, d.ProjectID, d.ClientID)
	if err != nil {
		return err
	}
	free, err := freeName(ctx, tx, v, to, d.Name)
	if err != nil {
		return err
	}
	if err := untrashDocument(ctx, tx, v, d); err != nil {
		return err
	}
	if to.ID != d.PlaceID {
		err = moveDocument(ctx, tx, v, d, to)
	} else if free != d.Name {
		err = renameDocument(ctx, tx, v, d, free, d.Caption)
	}
	if err != nil {
		return err
	}
	if err := o.recordFile(r, d, "documents.restored", "took “"+d.Name+"” out of the trash", nil); err != nil {
		return err
	}
	r.Toast("The file is back.")
	return r.Go(r.Path("documents", "files", d.ID))
}

func (o office) addVersion(r *web.Request) error {
	d, p, err := o.load(r)
	if err != nil {
		return err
	}
	if _, err := o.receive(r, p, d.ID); err != nil {
		view, drawn := o.documentView(r)
		if drawn != nil {
			return drawn
		}
		view.Send.Form.Remark = r.Value("remark")
		return r.Again("documents/document", view, err)
	}
	r.Toast("The new version has arrived.")
	return r.Go(r.Path("documents", "files", d.ID))
}

func (o office) beginVersion(r *web.Request) error {
	d, p, err := o.load(r)
	if err != nil {
		return err
	}
	return o.begin(r, p, d.ID)
}

func (o office) takeBack(r *web.Request) error {
	d, _, err := o.load(r)
	if err != nil {
		return err
	}
	id, err := r.ID("version")
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	old, err := versionOf(ctx, tx, v, d, id)
	if err != nil {
		return err
	}
	if old.Current {
		return r.Go(r.Path("documents", "files", d.ID))
	}
	number, again, err := takeBack(ctx, tx, v, d, old)
	if err != nil {
		return err
	}
	if again != uuid.Nil {
		if _, err := readFile.Enqueue(ctx, tx, v.FirmID(), looking{again}); err != nil {
			return err
		}
	}
	err = o.recordFile(r, d, "documents.version_restored", fmt.Sprintf("took back version %d of “%s”, as version %d", old.Number, d.Name, number), nil)
	if err != nil {
		return err
	}
	r.Toast(fmt.Sprintf("Version %d is the current one again.", old.Number))
	return r.Go(r.Path("documents", "files", d.ID))
}
