package documents

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/web"
)

// packed is one file of a ZIP: where its bytes are, and what it is called there.
type packed struct {
	Key, Name string
	Picture   bool
	At        time.Time
}

// zip answers with all that the viewer sees of a place, packed as it is sent: nothing of it is held whole.
func (a archive) zip(r *web.Request, p place) error {
	list, err := allBelow(r.Context(), r.Tx(), r.Viewer(), p)
	if err != nil {
		return err
	}
	if len(list) > mostInZip {
		return fault.Invalid(fmt.Sprintf("There are more than %d files here. Please download its folders one by one.", mostInZip))
	}
	folders, err := foldersBelow(r.Context(), r.Tx(), r.Viewer(), p)
	if err != nil {
		return err
	}
	all, left := pack(r.Viewer(), p, list, folders)
	ctx, store := r.Lasting(), a.Files.Store
	headers := files.Download(files.Other, p.Name+".zip")
	headers["Content-Type"] = "application/zip"
	return r.Write(headers, func(w io.Writer) error { return writeZip(ctx, store, w, all, left) })
}

// pack names the files of a ZIP by their folders, each name once. What is not ready, or locked, is left out and named.
func pack(v auth.Viewer, p place, list []Document, folders map[uuid.UUID]string) (all []packed, left []string) {
	used := map[string]bool{}
	for _, d := range list {
		name := files.CleanName(d.Name)
		one := packed{Key: files.Key(v.FirmID(), d.FileID, ""), At: d.ChangedAt}
		switch {
		case !d.Opens(), d.Sort == "picture" && v.Side == auth.Portal && d.FileState != "ready":
			left = append(left, d.Name)
			continue
		case d.Sort == "picture" && v.Side == auth.Portal: // the original tells where it was taken
			one.Key, one.Picture = files.Key(v.FirmID(), d.FileID, "large"), true
		}
		var parts []string
		if p.Kind == "client" && d.ProjectID != uuid.Nil {
			parts = append(parts, files.CleanName(d.ProjectName))
		}
		if within := folders[d.FolderID]; within != "" {
			parts = append(parts, within)
		}
		for n := 1; ; n++ {
			one.Name = path.Join(append(parts, numbered(name, n))...)
			if key := strings.ToLower(one.Name); !used[key] {
				used[key] = true
				break
			}
		}
		all = append(all, one)
	}
	return all, left
}

func writeZip(ctx context.Context, store files.Store, w io.Writer, all []packed, left []string) error {
	out := zip.NewWriter(w)
	for _, one := range all {
		if err := writeOne(ctx, store, out, one); err != nil {
			return err
		}
	}
	if len(left) > 0 {
		text, err := out.Create("Not included.txt")
		if err != nil {
			return err
		}
		if _, err := io.WriteString(text, "These files could not be opened when this was packed:\r\n\r\n"+strings.Join(left, "\r\n")+"\r\n"); err != nil {
			return err
		}
	}
	return out.Close()
}

func writeOne(ctx context.Context, store files.Store, out *zip.Writer, one packed) error {
	object, err := store.Open(ctx, one.Key)
	if err != nil {
		return err
	}
	defer func() { _ = object.Close() }()
	if one.Picture {
		one.Name = path.Join(path.Dir(one.Name), files.NameFor(path.Base(one.Name), object.Kind))
	}
	// most files are packed already: nothing is won by trying
	entry, err := out.CreateHeader(&zip.FileHeader{Name: one.Name, Method: zip.Store, Modified: one.At})
	if err != nil {
		return err
	}
	_, err = io.Copy(entry, object)
	return err
}
