package schedule

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/web"
)

// thing is an item as others link to it: as far as the viewer may open its page. Staff, too, get the title that clients
// read, because a conversation about it begins with that.
func thing(ctx context.Context, tx bun.Tx, v auth.Viewer, item uuid.UUID) (module.Thing, error) {
	here := web.Here{Viewer: v}
	switch {
	case v.May(see):
		s, err := seenByID(ctx, tx, v, item)
		if err != nil {
			return module.Thing{}, err
		}
		return module.Thing{Title: s.Title, Detail: v.Reader().Value(s.Span().Words()).(string) + ", " + s.ProjectName, Href: here.Path(section, "items", s.ID), ClientID: v.ClientID, ProjectID: s.ProjectID}, nil
	case v.May(keep):
		i, err := itemByID(ctx, tx, v, item)
		if err != nil {
			return module.Thing{}, err
		}
		p, err := planOf(ctx, tx, v, i.ProjectID)
		if err != nil {
			return module.Thing{}, err
		}
		return module.Thing{
			Title: i.ForClient(), Detail: i.Span().Words().String() + ", " + p.ProjectName, Href: here.Path(section, "projects", p.ProjectID, "items", i.ID),
			ClientID: p.ClientID, ProjectID: p.ProjectID,
		}, nil
	}
	return module.Thing{}, fault.NotFound()
}

// talked reports whether staff may well begin to talk about an item with the client: it is read there.
func (b board) talked(i Item) bool {
	return i.ClientVisible && b.Plan.Open()
}
