package dailylogs

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/id"
	"portico/platform/web"
)

// name is what a photo is called where clients keep it.
func (p Photo) name() string {
	return files.CleanName(p.LogDate.String() + " " + p.Project + " " + strconv.Itoa(p.Position) + ".jpg")
}

// Alt says what a photo shows, as far as anybody wrote it.
func (p Photo) Alt() string {
	if p.Caption != "" {
		return p.Caption
	}
	return "Photo from site"
}

// takePhoto keeps one photo of a log. The same key again is the same photo: whoever did not hear the answer asks again.
func (o office) takePhoto(r *web.Request, l Log, key uuid.UUID, f *web.File, p Photo) (Photo, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	n, err := countPhotos(ctx, tx, v, l.ID)
	if err != nil {
		return p, err
	}
	if n >= mostPhotos {
		return p, fault.Field("photos", "This log has as many photos as one can have. Please begin another one.")
	}
	from, err := f.Open()
	if err != nil {
		return p, err
	}
	row, err := o.Files.Take(ctx, tx, v, files.Upload{
		Purpose: section, Audience: files.ForSection, ClientID: l.ClientID, Name: f.Name, From: from, Pictures: true, Most: mostBytes,
	})
	if err != nil {
		return p, err
	}
	p.FileID, p.FileState, p.Scan = row.ID, row.State, "off"
	if o.Files.Scanner != nil {
		p.Scan = "waiting"
	}
	fresh, err := addPhoto(ctx, tx, v, l, key, &p)
	switch {
	case err != nil:
		return p, err
	case !fresh:
		return p, o.Files.Drop(ctx, tx, v.FirmID(), row.ID)
	case p.Scan == "waiting":
		_, err = scanPhoto.Enqueue(ctx, tx, v.FirmID(), scanning{l.ID, p.ID})
	}
	return p, err
}

// takeAll takes the photos of a plain form.
func (o office) takeAll(r *web.Request, l Log, form logForm) (n int, err error) {
	for _, f := range append(form.Camera, form.Photos...) {
		if f.Size == 0 && f.Name == "" {
			continue
		}
		if _, err := o.takePhoto(r, l, id.New(), f, Photo{}); err != nil {
			if said, ok := fault.Of(err); ok && said.Kind != fault.Missing {
				return n, fault.Field("photos", f.Name+": "+said.Message)
			}
			return n, err
		}
		n++
	}
	if n == 0 && form.Do == "photos" {
		return 0, fault.Field("photos", "Choose a photo first.")
	}
	return n, nil
}

// sendPhoto takes one photo from our script, by the key that the device gave it.
func (o office) sendPhoto(r *web.Request) error {
	l, err := o.writing(r)
	if err != nil {
		return err
	}
	key, err := r.ID("key")
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	p, gone, err := photoWithKey(ctx, tx, v, l.ID, key)
	switch {
	case err == nil && gone:
		r.Status(204)
		return nil
	case err == nil:
		return o.drawPhoto(r, p)
	case !fault.Is(err, fault.Missing):
		return err
	case !l.Writing():
		return refused(r, fault.Invalid("This log was submitted meanwhile. Reopen it to add photos."))
	}
	body, err := r.Piece()
	if err != nil {
		return refused(r, err)
	}
	if question, err := uuid.Parse(r.Query("question")); err == nil {
		if q, err := questionByID(ctx, tx, v, question); err == nil && q.ByPhotos() {
			p.QuestionID = q.ID
		}
	}
	if at, err := strconv.ParseInt(r.Query("at"), 10, 64); err == nil && at > 0 && at < 4102444800000 {
		p.TakenAt = time.UnixMilli(at).UTC()
	}
	if body.Name = strings.TrimSpace(r.Query("name")); body.Name == "" {
		body.Name = "photo.jpg"
	}
	if p, err = o.takePhoto(r, l, key, body, p); err != nil {
		return refused(r, err)
	}
	return o.drawPhoto(r, p)
}

func (o office) drawPhoto(r *web.Request, p Photo) error {
	return r.Parts(web.Draw("dailylogs/_edit_photo", photoView{p, p.Position, "", r.Here()}))
}

// removePhoto takes a photo out of a log, on the page of the form.
func (o office) removePhoto(r *web.Request) error {
	l, err := o.writing(r)
	if err != nil {
		return err
	}
	photo, err := r.ID("photo")
	if err != nil {
		return err
	}
	if !l.Writing() {
		return fault.NotFound()
	}
	if err := o.dropPhoto(r, l, photo); err != nil {
		return err
	}
	if r.IsPart() {
		return r.Text("")
	}
	return r.Go(r.Path("dailylogs", l.ID, "edit"))
}

// dropPhoto removes a photo with its bytes: what should not have been taken is really gone.
func (o office) dropPhoto(r *web.Request, l Log, photo uuid.UUID) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	photos, err := photosOf(ctx, tx, v, l.ID)
	if err != nil {
		return err
	}
	for _, p := range photos {
		if p.ID != photo {
			continue
		}
		if err := removePhoto(ctx, tx, v, l, photo); err != nil {
			return err
		}
		if l.Revision > 0 {
			if err := o.record(r, l, activity.Entry{Verb: "dailylogs.photo_removed", Text: "removed a photo from the daily log of " + dayText(l.LogDate)}); err != nil {
				return err
			}
		}
		return o.Files.Drop(ctx, tx, v.FirmID(), p.FileID)
	}
	return fault.NotFound()
}
