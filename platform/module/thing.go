package module

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
)

// Thing is one item of a section as others link to it: an invoice, a selection, a member of the team. Its section says
// what the viewer may know of it; what the viewer may not see is not found.
type Thing struct {
	Title  string // "Invoice INV-1042"
	Detail string // a sum, a state, a day: what the viewer's own page of it says
	Icon   string // "": the section's
	Href   string

	ClientID, ProjectID uuid.UUID // whose it is; Nil: nobody's in particular
	PersonID            uuid.UUID // a member of staff: who is talked to, not only about
}

// Thing asks a section about one of its items.
func (c *Catalog) Thing(ctx context.Context, tx bun.Tx, v auth.Viewer, section string, id uuid.UUID) (Thing, error) {
	for _, m := range c.Modules {
		if m.ID == section && m.Section.Thing != nil && id != uuid.Nil {
			thing, err := m.Section.Thing(ctx, tx, v, id)
			if thing.Icon == "" {
				thing.Icon = m.Icon
			}
			return thing, err
		}
	}
	return Thing{}, fault.NotFound()
}

// Talk is where the viewer begins to talk about an item; "" where that is not possible. Pages offer it as a link.
func (c *Catalog) Talk(v auth.Viewer, section string, id uuid.UUID) string {
	for _, m := range c.Modules {
		if m.Section.Talk != nil {
			if href := m.Section.Talk(v, section, id); href != "" {
				return href
			}
		}
	}
	return ""
}
