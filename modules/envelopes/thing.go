package envelopes

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/web"
)

// thing is a document as others link to it: as far as the viewer may open its page.
func thing(ctx context.Context, tx bun.Tx, v auth.Viewer, envelope uuid.UUID) (module.Thing, error) {
	if !v.May(see) && !v.May(keep) {
		return module.Thing{}, fault.NotFound()
	}
	e, err := byID(ctx, tx, v, envelope)
	if err != nil {
		return module.Thing{}, err
	}
	here := web.Here{Viewer: v}
	detail := e.Kind.Title()
	if e.ProjectName != "" {
		detail += ", " + e.ProjectName
	}
	return module.Thing{Title: e.Title, Detail: detail, Href: here.Path("envelopes", e.ID), ClientID: e.ClientID, ProjectID: e.ProjectID}, nil
}
