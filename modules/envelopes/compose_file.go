package envelopes

import (
	"bytes"
	"context"
	"io"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/envelopes/seal"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/web"
)

// attachFile takes an uploaded PDF as the one that is signed: written anew, so that people read what will be sealed, with
// forms filled in for good, and nothing of a stranger's file reaches a browser but its pages.
func (o office) attachFile(r *web.Request, e *Envelope, f *web.File) error {
	if f.Size > seal.Largest {
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
	if pdf, err = seal.Stamp(pdf, nil); err != nil {
		return unfit(err)
	}
	return o.attach(r.Context(), r.Tx(), r.Viewer(), e, f.Name, pdf)
}

// unfit says what is wrong with a file to whoever chose it.
func unfit(err error) error {
	if words := seal.Words(err); words != "" {
		return fault.Field("file", words)
	}
	return err
}

// attach makes a PDF the one that is signed. Fields stay where they are, as far as there are such pages.
func (d desk) attach(ctx context.Context, tx bun.IDB, v auth.Viewer, e *Envelope, name string, pdf []byte) error {
	facts, err := seal.Inspect(pdf)
	if err != nil {
		return unfit(err)
	}
	if bytes.Equal(facts.SHA256[:], e.FileHash) {
		return nil
	}
	row, err := d.Files.Take(ctx, tx, v, files.Upload{
		Purpose: filePurpose, Audience: files.ForSection, ClientID: e.ClientID, Name: files.NameFor(name, files.PDF), From: bytes.NewReader(pdf), Most: seal.Largest,
	})
	if err != nil {
		return err
	}
	before := e.FileID
	e.FileID, e.FileHash, e.Pages = row.ID, facts.SHA256[:], facts.Pages
	if err := setFile(ctx, tx, v, *e); err != nil {
		return err
	}
	return d.release(ctx, tx, v, before)
}

// release forgets a file that no document needs any more.
func (d desk) release(ctx context.Context, tx bun.IDB, v auth.Viewer, file uuid.UUID) error {
	if file == uuid.Nil {
		return nil
	}
	needed, err := fileNeeded(ctx, tx, v, file)
	if err != nil || needed {
		return err
	}
	return d.Files.Drop(ctx, tx, v.FirmID(), file)
}
