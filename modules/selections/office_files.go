package selections

import (
	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/web"
)

func given(uploads []*web.File) bool {
	for _, f := range uploads {
		if f.Name != "" || f.Size > 0 {
			return true
		}
	}
	return false
}

type filesForm struct {
	Pictures []*web.File `form:"pictures"`
	Files    []*web.File `form:"files"`
}

// addFiles adds pictures and files to the selection itself.
func (o office) addFiles(r *web.Request) error {
	s, err := o.holding(r)
	if err != nil {
		return err
	}
	var form filesForm
	err = r.Bind(&form)
	if err == nil && !given(form.Pictures) && !given(form.Files) {
		err = fault.Field("pictures", "Choose a picture or a file first.")
	}
	if err == nil {
		err = o.take(r, s, uuid.Nil, "picture", "pictures", form.Pictures)
	}
	if err == nil {
		err = o.take(r, s, uuid.Nil, "file", "files", form.Files)
	}
	if err != nil {
		return o.again(r, s, err)
	}
	if err := o.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.files", "added files to “"+s.Title+"”", nil); err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	return r.Go(r.Path("selections", s.ID))
}

func (o office) dropFile(r *web.Request) error {
	id, err := r.ID("file")
	if err != nil {
		return err
	}
	f, s, err := fileByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	if f.Kind == "evidence" {
		return fault.Conflict("A proof of what was approved stays.")
	}
	if _, err := dropFile(r.Context(), r.Tx(), r.Viewer(), f); err != nil {
		return err
	}
	if err := o.forget(r, []File{f}); err != nil {
		return err
	}
	if err := o.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.files", "removed a file from “"+s.Title+"”", nil); err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	r.Toast("Removed.")
	if f.ChoiceID != uuid.Nil {
		return r.Go(r.Path("selections", "choices", f.ChoiceID))
	}
	return r.Go(r.Path("selections", s.ID))
}
