package activity

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/id"
)

// RecordEach is Record for many entries of one change, such as an import, in one statement.
func RecordEach(ctx context.Context, tx bun.IDB, v auth.Viewer, entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	for i := range entries {
		e := &entries[i]
		e.FirmID, e.ID = v.FirmID(), id.New()
		if e.ActorID == uuid.Nil {
			e.ActorID, e.ActorName = v.PersonID, v.Name
		}
		if e.Data == nil {
			e.Data = map[string]any{}
		}
	}
	return insertEach(ctx, tx, entries)
}
