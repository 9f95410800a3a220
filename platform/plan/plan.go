// Package plan is what sections ask of what is planned, in days and in money, without knowing who keeps it.
package plan

import (
	"strings"

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
	ID          uuid.UUID
	Title       string
	ClientTitle string // as clients read it
	Visible     bool   // to clients
	Milestone   bool
	Start, End  day.Day // the first and the last day
}

// Called reports whether it bears the name, on either side.
func (i Item) Called(name string) bool {
	return strings.EqualFold(i.Title, name) || strings.EqualFold(i.ClientTitle, name)
}

// Items are what a deadline of another section may hang on, in the order of their days: for staff as it is planned now, for
// clients what they see, and for a job (auth.System) as it was published last. Facts about a schedule come in any order: what
// is true now is asked here.
var Items = port.Define[Question, []Item]("schedule_items")
