package web

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// Find reads what a piece of the path names, as far as the viewer may see it; read is a store's.
func Find[T any](r *Request, name string, read func(context.Context, bun.IDB, auth.Viewer, uuid.UUID) (T, error)) (T, error) {
	id, err := r.ID(name)
	if err != nil {
		var none T
		return none, err
	}
	return read(r.Context(), r.Tx(), r.Viewer(), id)
}
