package documents

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/web"
)

func (o office) record(r *web.Request, verb, text string, client, project, subject uuid.UUID, data map[string]any) error {
	o.ring(r.Context(), r.Viewer().FirmID(), client)
	return activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: verb, Text: text, ClientID: client, ProjectID: project, SubjectID: subject, Data: data,
	})
}

var changesOf = activity.Changes

// ring lets open pages of a client's documents follow, on both sides.
func (a archive) ring(ctx context.Context, firm, client uuid.UUID) {
	a.Bell.Publish(ctx, firm, "documents@client:"+client.String())
}

func (o office) recordOf(r *web.Request, p place, verb, text string, data map[string]any) error {
	return o.record(r, verb, text, p.ClientID, p.ProjectID, p.ID, data)
}

func (o office) recordFile(r *web.Request, d Document, verb, text string, data map[string]any) error {
	return o.record(r, verb, text, d.ClientID, d.ProjectID, d.ID, data)
}

// editForm is what can be changed of a folder or a file.
type editForm struct {
	Name    string `form:"name"`
	Caption string `form:"caption"`
	Shared  bool   `form:"shared"`
	Tells   bool   `form:"tells"`
}

type editView struct {
	*web.Here
	Title    string
	Action   string
	Back     string
	Button   string
	Form     editForm
	Folder   bool
	Picture  bool
	Client   string
	Hidden   string // a folder above that is not shared
	New      bool
	Document Document
}

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
func (o office) hideFolder(r *web.Request) error  { return o.setFolder(r, false) }

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

// home is where something goes back to: its place, or, when that is gone, the top of its project or client.
func (o office) home(r *web.Request, was, project, client uuid.UUID) (place, error) {
	for _, id := range []uuid.UUID{was, project} {
		p, err := placeByID(r.Context(), r.Tx(), r.Viewer(), id)
		if err == nil || !fault.Is(err, fault.Missing) {
			return p, err
		}
	}
	return placeByID(r.Context(), r.Tx(), r.Viewer(), client)
}

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
func (o office) hideDocument(r *web.Request) error  { return o.setDocument(r, false) }

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
