package envelopes

import (
	"bytes"
	"crypto/sha256"
	"io"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/web"
)

// purpose marks our files in the library.
const purpose = "envelopes"

// attachFile takes an uploaded PDF as the one that is signed.
func (o office) attachFile(r *web.Request, e *Envelope, f *web.File) error {
	if f.Size > mostBytes {
		return fault.Field("file", "This PDF is too large. The most we can take is 40 MB.")
	}
	from, err := f.Open()
	if err != nil {
		return err
	}
	pdf, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	return o.attach(r, e, f.Name, pdf)
}

// attach makes a PDF the one that is signed. Fields stay where they are, as far as there are such pages.
func (o office) attach(r *web.Request, e *Envelope, name string, pdf []byte) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	pages, err := inspect(pdf)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(pdf)
	if bytes.Equal(sum[:], e.FileHash) {
		return nil
	}
	row, err := o.Files.Take(ctx, tx, v, files.Upload{
		Purpose: purpose, Audience: files.ForSection, ClientID: e.ClientID, Name: files.NameFor(name, files.PDF), From: bytes.NewReader(pdf), Most: mostBytes,
	})
	if err != nil {
		return err
	}
	before := e.FileID
	e.FileID, e.FileHash, e.Pages = row.ID, sum[:], pages
	if err := setFile(ctx, tx, v, *e); err != nil {
		return err
	}
	return o.release(r, before)
}

// release forgets a file that no document needs any more.
func (o office) release(r *web.Request, file uuid.UUID) error {
	if file == uuid.Nil {
		return nil
	}
	needed, err := fileNeeded(r.Context(), r.Tx(), r.Viewer(), file)
	if err != nil || needed {
		return err
	}
	return o.Files.Drop(r.Context(), r.Tx(), r.Viewer().FirmID(), file)
}
