// Package id makes ids: UUIDv7, so that keys sort by the time they were made.
package id

import "github.com/google/uuid"

// New makes an id.
func New() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// System is the firm of what belongs to the whole installation.
var System uuid.UUID
