package people

import (
	"context"
	"database/sql"
	"errors"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
)

// Work is one project that a member of staff works on.
type Work struct {
	ProjectID, ClientID uuid.UUID
	Project, Client     string
	Status              string
	Role                string // as the client reads it; "": the title
	Visible             bool   // the client sees this member
}

const longRole = 80

// Change is what becomes of one project of a member of staff.
type Change struct {
	ProjectID uuid.UUID
	Role      string
	Visible   bool
	Leave     bool
}

// KeepWork changes what a member of staff does on projects, and answers what was different before.
func KeepWork(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID, changes []Change) (before []Work, err error) {
	all, err := WorkOf(ctx, tx, v, person)
	if err != nil {
		return nil, err
	}
	is := map[uuid.UUID]Work{}
	for _, w := range all {
		is[w.ProjectID] = w
	}
	for _, c := range changes {
		w, known := is[c.ProjectID]
		c.Role = tidy(c.Role)
		switch {
		case !known: // left meanwhile
			continue
		case utf8.RuneCountInString(c.Role) > longRole:
			return nil, fault.Field("role-"+c.ProjectID.String(), "Use at most 80 characters.")
		case c.Leave:
			err = leave(ctx, tx, v, person, c.ProjectID)
		case c.Role == w.Role && c.Visible == w.Visible:
			continue
		default:
			err = keepWork(ctx, tx, v, person, c)
		}
		if err != nil {
			return nil, err
		}
		before = append(before, w)
	}
	return before, nil
}

// Join puts an active member of staff at the end of a project's team; joined is false when the member was there already.
func Join(ctx context.Context, tx bun.IDB, v auth.Viewer, person, project uuid.UUID, role string) (w Work, joined bool, err error) {
	role = tidy(role)
	if utf8.RuneCountInString(role) > longRole {
		return w, false, fault.Field("role", "Use at most 80 characters.")
	}
	if w, err = holdProject(ctx, tx, v, project); err != nil {
		return w, false, err
	}
	joined, err = join(ctx, tx, v, person, project, Change{Role: role, Visible: true})
	return w, joined, err
}

// HandOver passes a project of one member of staff on to another, with role and with what clients see. Whoever is on the
// team already stays as they are: nobody is on a team twice.
func HandOver(ctx context.Context, tx bun.IDB, v auth.Viewer, project, from, to uuid.UUID) error {
	if from == to {
		return fault.Invalid("Nobody takes over from themselves.")
	}
	if _, err := holdProject(ctx, tx, v, project); err != nil {
		return err
	}
	err := takeOver(ctx, tx, v, project, from, to)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Invalid("Whoever takes over must work here.")
	}
	if err != nil {
		return err
	}
	return leave(ctx, tx, v, from, project)
}
