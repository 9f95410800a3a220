package documents

import (
	"fmt"

	"github.com/google/uuid"

	"portico/platform/web"
)

// several are the files that were ticked in a place's list. What is not there any more, or somewhere else, is left alone.
func (o office) several(r *web.Request) (place, []Document, error) {
	var form struct {
		IDs []uuid.UUID `form:"id"`
	}
	p, err := o.placeAt(r, "place", "")
	if err != nil {
		return p, nil, err
	}
	if err := r.Bind(&form); err != nil {
		return p, nil, err
	}
	list, err := byIDs(r.Context(), r.Tx(), r.Viewer(), form.IDs[:min(len(form.IDs), pageSize)])
	var here []Document
	for _, d := range list {
		if d.PlaceID == p.ID {
			here = append(here, d)
		}
	}
	return p, here, err
}

func (o office) shareMany(r *web.Request) error { return o.setMany(r, true) }
func (o office) hideMany(r *web.Request) error  { return o.setMany(r, false) }

func (o office) setMany(r *web.Request, on bool) error {
	p, list, err := o.several(r)
	if err != nil {
		return err
	}
	for _, d := range list {
		if err := o.setOne(r, d, on); err != nil {
			return err
		}
	}
	switch {
	case len(list) == 0:
		r.Warn("Tick some files first.")
	case on && !p.Open():
		r.Warn(countText(len(list)) + " shared, but the client does not see them: a folder on the way is not shared.")
	case on:
		r.Toast(countText(len(list)) + " shared with the client.")
	default:
		r.Toast(countText(len(list)) + " hidden from the client.")
	}
	return r.Go(p.path(r.Here()))
}

func (o office) trashMany(r *web.Request) error {
	p, list, err := o.several(r)
	if err != nil {
		return err
	}
	for _, d := range list {
		if err := o.trashOne(r, d); err != nil {
			return err
		}
	}
	if len(list) == 0 {
		r.Warn("Tick some files first.")
	} else {
		r.Toast(countText(len(list)) + " in the trash for 30 days.")
	}
	return r.Go(p.path(r.Here()))
}

func countText(n int) string {
	if n == 1 {
		return "1 file is"
	}
	return fmt.Sprintf("%d files are", n)
}
