// Package alarm puts a line above every page of the office, for owners and admins, until what it is about is settled. Each
// section has one line at most. It is read together with who is looking, so that no page asks for it.
package alarm

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Line is what owners and admins are to see to.
type Line struct {
	Text   string // a whole sentence
	Path   string // where it can be settled, below the start of the office: "billing/unsettled"
	Action string // the words of the way there
}

// Say raises a section's alarm, changes its words, or with the zero Line takes it down. What is said already costs a read.
func Say(ctx context.Context, tx bun.IDB, firm uuid.UUID, section string, is Line) error {
	was, err := said(ctx, tx, firm, section)
	switch {
	case err != nil || was == is:
		return err
	case is == Line{}:
		return drop(ctx, tx, firm, section)
	}
	return raise(ctx, tx, firm, section, is)
}
