package dailylogs

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/web"
)

// thing is a log as others link to it: as far as the viewer may open its page.
func thing(ctx context.Context, tx bun.Tx, v auth.Viewer, log uuid.UUID) (module.Thing, error) {
	here := web.Here{Viewer: v}
	switch {
	case v.May(see):
		e, err := entryByID(ctx, tx, v, log)
		if err != nil {
			return module.Thing{}, err
		}
		return module.Thing{Title: logTitle(e.LogDate), Detail: e.Project, Href: here.Path(section, e.ID), ClientID: e.ClientID, ProjectID: e.ProjectID}, nil
	case v.May(write):
		l, err := logByID(ctx, tx, v, log)
		if err != nil {
			return module.Thing{}, err
		}
		return module.Thing{Title: logTitle(l.LogDate), Detail: l.Project, Href: here.Path(section, l.ID), ClientID: l.ClientID, ProjectID: l.ProjectID}, nil
	}
	return module.Thing{}, fault.NotFound()
}

func logTitle(d day.Day) string { return fmt.Sprintf("Daily log, %s", dayText(d)) }
