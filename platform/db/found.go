package db

import (
	"database/sql"
	"errors"

	"github.com/google/uuid"

	"portico/platform/fault"
)

// Found words what a read of one row, or a write that must touch one, says: a row that is not there is not found.
func Found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.NotFound()
	}
	return err
}

// NullID is NULL for no id.
func NullID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }
