// Package plan is what sections ask of what is planned, in days and in money, without knowing who keeps it.
package plan

import (
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/port"
)

// Question asks for a project's items.
type Question struct {
	Tx        bun.IDB
	Viewer    auth.Viewer
	ProjectID uuid.UUID
}

// Item is something planned, as its asker may see it.
type Item struct {
	ID         uuid.UUID
	Title      string
	Start, End day.Day // the first and the last day
}

// Items are what a deadline of another section may hang on, in the order of their days.
var Items = port.Define[Question, []Item]("schedule_items")
