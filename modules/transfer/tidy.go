package transfer

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/files"
)

const (
	abandonedDays = 7  // an import that nobody went on with
	keptDays      = 30 // after an import, its rejected rows can be fetched and it can be undone
	exportDays    = 7  // an export can be fetched
)

// tidy removes files that are no longer needed.
func (o office) tidy(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	v := auth.System(firm)
	old, err := oldImports(ctx, tx, v, o.Now())
	if err != nil {
		return err
	}
	for _, i := range old {
		forget := forgetRows
		if !i.Over() {
			forget = deleteImport
		}
		if err := forget(ctx, tx, v, i.ID); err != nil {
			return err
		}
		o.dropFiles(ctx, v, i.ID)
	}
	expired, err := oldExports(ctx, tx, v, o.Now())
	if err != nil {
		return err
	}
	for _, id := range expired { // the file first: a row that says more than there is harms nobody
		if err := o.Files.Store.Delete(ctx, files.Key(firm, id, "")); err != nil {
			return err
		}
		if err := endExport(ctx, tx, v, id, "gone"); err != nil {
			return err
		}
	}
	return nil
}
