package team

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/web"
)

// thing is a member of the team as others link to one: clients know those whom they see, and may write to those who are
// there to be written to.
func thing(ctx context.Context, tx bun.Tx, v auth.Viewer, person uuid.UUID) (module.Thing, error) {
	here := web.Here{Viewer: v}
	if v.Side == auth.Office {
		one, err := colleagueByID(ctx, tx, v, person)
		return module.Thing{Title: one.Name, Detail: one.Title, Icon: "user", Href: here.Path("clients"), PersonID: one.ID}, err
	}
	if !v.May(see) {
		return module.Thing{}, fault.NotFound()
	}
	all, err := visible(ctx, tx, v)
	if err != nil {
		return module.Thing{}, err
	}
	i := slices.IndexFunc(all, func(m membership) bool { return m.PersonID == person && m.Contactable })
	if i < 0 {
		return module.Thing{}, fault.NotFound()
	}
	return module.Thing{Title: all[i].Name, Detail: all[i].Role, Icon: "user", Href: here.Path("team"), PersonID: person}, nil
}
