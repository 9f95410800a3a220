package module

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
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

// Sees answers which items of a section the viewer may see now. uuid.Nil stands for the section itself.
func (c *Catalog) Sees(ctx context.Context, tx bun.Tx, v auth.Viewer, section string, items []uuid.UUID) ([]uuid.UUID, error) {
	i := slices.IndexFunc(c.Modules, func(m Mounted) bool { return m.ID == section })
	if i < 0 || !c.Modules[i].open(v) {
		return nil, nil
	}
	var seen, asked []uuid.UUID
	for _, id := range items {
		if id == uuid.Nil {
			seen = append(seen, id)
		} else {
			asked = append(asked, id)
		}
	}
	m := c.Modules[i]
	switch {
	case len(asked) == 0:
		return seen, nil
	case m.Section.Still != nil:
		some, err := m.Section.Still(ctx, tx, v, asked)
		return append(seen, some...), err
	case m.Section.Thing == nil:
		return append(seen, asked...), nil
	}
	for _, id := range asked {
		_, err := m.Section.Thing(ctx, tx, v, id)
		if err == nil {
			seen = append(seen, id)
		} else if !fault.Is(err, fault.Missing) {
			return nil, err
		}
	}
	return seen, nil
}

// open reports whether the section is there for the viewer at all.
func (m Mounted) open(v auth.Viewer) bool {
	if v.Side == auth.Portal && m.Toggle == Switched {
		return v.May(access.Client(m.ID, m.ID))
	}
	return v.Side == auth.Office || v.Side == auth.Portal && v.Levels().Portal().On
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
