package selections

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/web"
)

// thing is a selection as others link to it: as far as the viewer may open its page.
func thing(ctx context.Context, tx bun.Tx, v auth.Viewer, selection uuid.UUID) (module.Thing, error) {
	if !v.May(see) && !v.May(keep) {
		return module.Thing{}, fault.NotFound()
	}
	s, err := byID(ctx, tx, v, selection)
	if err != nil {
		return module.Thing{}, err
	}
	here := web.Here{Viewer: v}
	return module.Thing{Title: s.Title, Detail: s.ProjectName, Href: here.Path("selections", s.ID), ClientID: s.ClientID, ProjectID: s.ProjectID}, nil
}
