package dailylogs

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/web"
)

// thing is a log as others link to it, as far as the viewer may open its page. Staff, too, get the day that clients read,
// because a conversation about it begins with that.
func thing(ctx context.Context, tx bun.Tx, v auth.Viewer, log uuid.UUID) (module.Thing, error) {
	here := web.Here{Viewer: v}
	switch {
	case v.May(see):
		e, err := entryByID(ctx, tx, v, log)
		if err != nil {
			return module.Thing{}, err
		}
		return module.Thing{
			Title: "Daily log, " + dayText(e.LogDate), Detail: e.Project, Href: here.Path(section, e.ID), ClientID: e.ClientID, ProjectID: e.ProjectID,
		}, nil
	case v.May(write):
		l, err := logByID(ctx, tx, v, log)
		if err != nil {
			return module.Thing{}, err
		}
		return module.Thing{
			Title: "Daily log, " + dayText(l.ToldDate), Detail: l.Project, Href: here.Path(section, l.ID), ClientID: l.ClientID, ProjectID: l.ProjectID,
		}, nil
	}
	return module.Thing{}, fault.NotFound()
}
