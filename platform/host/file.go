package host

import (
	"strings"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/web"
)

// serveFile answers with one variant of a file, if the viewer may see it. What a person uploaded is never shown on our
// origin: pictures are those that we made, all else is a download.
func (h *Host) serveFile(r *web.Request) error {
	id, err := r.ID("file")
	if err != nil {
		return err
	}
	row, err := h.Library.Find(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	variant := r.Param("variant")
	switch variant {
	case "original":
		return h.serveOriginal(r, row, files.Download)
	case "shown": // what a browser shows by itself, on a page of its own; all else is saved
		return h.serveOriginal(r, row, files.Show)
	}
	if !row.Shown(variant) {
		return awaited(r, row, variant)
	}
	keep := "private, no-cache" // the browser may keep it, but asks each time: access may have ended
	if row.Audience == files.ForAnyone {
		keep = "public, max-age=86400"
	}
	mark := `"` + row.ID.String() + "-" + variant + `"` // what is behind an id never changes
	if r.Header("If-None-Match") == mark {
		r.Status(304)
		r.SetHeader("ETag", mark)
		r.SetHeader("Cache-Control", keep)
		return nil
	}
	object, err := h.Library.Store.Open(r.Lasting(), files.Key(row.FirmID, row.ID, variant))
	if err != nil {
		return err
	}
	headers := files.Show(object.Kind, row.Name)
	headers["ETag"], headers["Cache-Control"] = mark, keep
	return r.Stream(object, object.Size, headers)
}

// awaited stands for a picture that a worker is still making: nothing to see for a moment, rather than something broken.
func awaited(r *web.Request, row files.Row, variant string) error {
	if row.State != "new" || variant != "thumb" && variant != "medium" && variant != "large" {
		return fault.NotFound()
	}
	r.SetHeader("Content-Type", "image/svg+xml")
	r.SetHeader("Content-Security-Policy", "sandbox; default-src 'none'")
	return r.Bytes([]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"/>`))
}

// serveOriginal is for staff: it still tells where a photo was taken.
func (h *Host) serveOriginal(r *web.Request, row files.Row, as func(files.Kind, string) map[string]string) error {
	if strings.HasPrefix(row.Media, "image/") && r.Viewer().Side != auth.Office {
		return fault.NotFound()
	}
	object, err := h.Library.Store.Open(r.Lasting(), files.Key(row.FirmID, row.ID, ""))
	if err != nil {
		return err
	}
	kind := files.Kind(row.Media)
	if kind.Picture() {
		as = files.Download
	}
	return r.Range(object, object.Size, as(kind, row.Name))
}
