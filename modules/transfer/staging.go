package transfer

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/module"
	"portico/platform/sheet"
)

// An import has up to three files: as it came, its rows in our own form, and these with the rows of one record together.
// They are no rows of the files' table: nobody gets at them but by the pages here.
const (
	asItCame = ""
	asRows   = "rows"
	asSorted = "sorted"
)

func (o office) stored(ctx context.Context, v auth.Viewer, id uuid.UUID, variant string) (*files.Object, error) {
	return o.Files.Store.Open(ctx, files.Key(v.FirmID(), id, variant))
}

// dropFiles removes what an import has stored, once that is certain to be right.
func (o office) dropFiles(ctx context.Context, v auth.Viewer, id uuid.UUID) {
	db.AfterCommit(ctx, func(ctx context.Context) {
		for _, variant := range []string{asSorted, asRows, asItCame} {
			if err := o.Files.Store.Delete(ctx, files.Key(v.FirmID(), id, variant)); err != nil {
				o.Log.Warn("file of an import stays", "import", id, "err", err)
			}
		}
	})
}

// spool is a temporary file that is gone when it is closed.
func spool() (*os.File, error) {
	f, err := os.CreateTemp("", "portico-transfer-*")
	if err == nil {
		_ = os.Remove(f.Name()) // the open file stays
	}
	return f, err
}

// stage reads a file as its shape says, stores its rows in our own form, and fills in what is known then.
func (o office) stage(ctx context.Context, v auth.Viewer, k module.Import, i *Import, from io.ReaderAt) error {
	table, err := sheet.Open(from, i.Size, i.Shape, known(k))
	if err != nil {
		return err
	}
	defer func() { _ = table.Close() }()
	rows, err := spool()
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	summary, err := table.Copy(rows)
	if err != nil {
		return err
	}
	if _, err := rows.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := o.put(ctx, v, i.ID, asRows, rows); err != nil {
		return err
	}
	i.Shape, i.Sheets, i.Columns, i.Rows = table.Shape, table.Sheets, summary.Columns, summary.Rows
	return nil
}

func (o office) put(ctx context.Context, v auth.Viewer, id uuid.UUID, variant string, from io.Reader) error {
	err := o.Files.Store.Put(ctx, files.Key(v.FirmID(), id, variant), from)
	if errors.Is(err, files.ErrFull) {
		return &fault.Error{Kind: fault.Busy, Message: "There is no room for this file right now. Nothing was saved."}
	}
	return err
}

// walk reads the rows of an import from where it stands.
type walk struct {
	object *files.Object
	rows   *sheet.Copied
}

func (o office) walk(ctx context.Context, v auth.Viewer, i Import) (*walk, error) {
	variant := asRows
	if i.Sorted {
		variant = asSorted
	}
	object, err := o.stored(ctx, v, i.ID, variant)
	if err != nil {
		return nil, err
	}
	if _, err := object.Seek(i.At, io.SeekStart); err != nil {
		_ = object.Close()
		return nil, err
	}
	return &walk{object, sheet.NewCopied(object, i.At)}, nil
}

func (w *walk) close() { _ = w.object.Close() }

// sort puts the rows of one record together, where the file has them apart, in the order of their first rows. It holds a
// few bytes a row.
func (o office) sort(ctx context.Context, v auth.Viewer, k module.Import, i *Import) error {
	i.Sorted = false
	if k.Key == nil {
		return nil
	}
	object, err := o.stored(ctx, v, i.ID, asRows)
	if err != nil {
		return err
	}
	defer func() { _ = object.Close() }()
	local, err := spool()
	if err != nil {
		return err
	}
	defer func() { _ = local.Close() }()
	if _, err := io.Copy(local, object); err != nil {
		return err
	}
	if _, err := local.Seek(0, io.SeekStart); err != nil {
		return err
	}
	groups, apart, err := grouped(sheet.NewCopied(bufio.NewReaderSize(local, 256<<10), 0), k, *i)
	if err != nil || !apart {
		return err
	}
	sorted, err := spool()
	if err != nil {
		return err
	}
	defer func() { _ = sorted.Close() }()
	out := bufio.NewWriterSize(sorted, 256<<10)
	for _, g := range groups {
		for _, piece := range g {
			if _, err := io.Copy(out, io.NewSectionReader(local, piece.at, int64(piece.size))); err != nil {
				return err
			}
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if _, err := sorted.Seek(0, io.SeekStart); err != nil {
		return err
	}
	i.Sorted = true
	return o.put(ctx, v, i.ID, asSorted, sorted)
}

// piece is where a row stands in the file.
type piece struct {
	at   int64
	size int32
}

// grouped finds the rows of each record; apart is false when they stand together already.
func grouped(rows *sheet.Copied, k module.Import, i Import) (groups [][]piece, apart bool, err error) {
	of, last, at := map[string]int{}, -1, int64(0)
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return groups, apart, nil
		}
		if err != nil {
			return nil, false, err
		}
		next := rows.Offset()
		p := piece{at, int32(next - at)}
		at = next
		key := k.Key(i.Mapping.row(row), i.Settings)
		g, seen := of[key]
		if key == "" || !seen {
			g = len(groups)
			groups = append(groups, nil)
			if key != "" {
				of[key] = g
			}
		}
		apart = apart || g < last
		last = g
		groups[g] = append(groups[g], p)
	}
}
