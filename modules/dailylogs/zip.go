package dailylogs

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"

	"portico/platform/db/paging"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/web"
)

// mostInZip bounds one archive.
const mostInZip = 2000

// pack answers with the photos of one log.
func (p portal) pack(r *web.Request) error {
	e, err := p.entryOf(r)
	if err != nil {
		return err
	}
	for i := range e.Photos {
		e.Photos[i].LogDate, e.Photos[i].Project = e.LogDate, e.Project
	}
	return p.zip(r, e.Project+" "+e.LogDate.String(), e.Photos, false)
}

// packAll answers with the photos of all logs that the filter shows.
func (p portal) packAll(r *web.Request) error {
	list, err := feedPhotos(r.Context(), r.Tx(), r.Viewer(), portalFilter(r), paging.Place{}, mostInZip+1)
	if err != nil {
		return err
	}
	if len(list) > mostInZip {
		return errTooMany
	}
	name := "Photos"
	if s := r.Viewer().Scope; s != nil {
		name = s.Name
	}
	return p.zip(r, name+" photos", list, true)
}

func (o office) pack(r *web.Request) error {
	l, err := o.log(r)
	if err != nil {
		return err
	}
	if l.Withdrawn() {
		return fault.NotFound()
	}
	list, err := photosOf(r.Context(), r.Tx(), r.Viewer(), l.ID)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(p Photo) bool { return !p.Opens() })
	for i := range list {
		list[i].LogDate, list[i].Project = l.LogDate, l.Project
	}
	return o.zip(r, l.Project+" "+l.LogDate.String(), list, false)
}

// zip packs photos as they are sent: nothing of it is held whole. They are the ones that we made, upright and without what
// the camera told of the place.
func (j journal) zip(r *web.Request, name string, photos []Photo, byDay bool) error {
	if len(photos) == 0 {
		return fault.NotFound()
	}
	firm, ctx, store := r.Viewer().FirmID(), r.Lasting(), j.Files.Store
	headers := files.Download(files.Other, name+".zip")
	headers["Content-Type"] = "application/zip"
	return r.Write(headers, func(w io.Writer) error {
		out := zip.NewWriter(w)
		n, left := map[string]int{}, 0
		for _, p := range photos {
			key := p.LogDate.String() + p.Project
			n[key]++
			p.Position = n[key]
			at := p.name()
			if byDay {
				at = path.Join(files.CleanName(p.Project), p.LogDate.String(), at)
			}
			packed, err := packOne(ctx, store, out, files.Key(firm, p.FileID, "large"), at)
			if err != nil {
				return err
			}
			if !packed {
				left++
			}
		}
		if left > 0 {
			text, err := out.Create("Not included.txt")
			if err != nil {
				return err
			}
			if _, err := io.WriteString(text, "Photos that were not ready when this was packed: "+strconv.Itoa(left)+". Please try again in a minute.\r\n"); err != nil {
				return err
			}
		}
		return out.Close()
	})
}

func packOne(ctx context.Context, store files.Store, out *zip.Writer, key, name string) (packed bool, err error) {
	object, err := store.Open(ctx, key)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = object.Close() }()
	name = path.Join(path.Dir(name), files.NameFor(path.Base(name), object.Kind))
	entry, err := out.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: object.Modified})
	if err != nil {
		return false, err
	}
	_, err = io.Copy(entry, object)
	return true, err
}
