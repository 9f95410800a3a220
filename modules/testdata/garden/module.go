// Package garden is a whole section in a folder: what grows on a project, shown to the client and kept by the office. It
// is not part of the product; the tests add it with one import and look whether everything else follows.
package garden

import (
	"context"
	"embed"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/demo"
	"portico/platform/job"
	"portico/platform/module"
	"portico/platform/web"
)

//go:embed all:views migrations
var folder embed.FS

var (
	see  = access.Client("garden:see", "garden")
	pick = access.Client("garden:pick", "garden").InArea("harvest")
	tend = access.Staff("garden:tend", access.Member)
	fell = access.Staff("garden:fell", access.Admin)
)

// Module is the section.
var Module = module.Module{
	ID: "garden", Title: "Garden", Icon: "house", Summary: "What grows around the house.",
	Toggle:      module.Switched,
	Areas:       []access.Area{{ID: "harvest", Title: "Harvest", Summary: "What can be picked."}},
	Permissions: []access.Permission{see, pick, tend, fell},
	PortalNav:   []module.Nav{{Title: "Garden", Icon: "house", Who: see, Order: 900}},
	OfficeNav:   []module.Nav{{Title: "Garden", Icon: "house", Who: tend, Order: 900}},
	Presets:     map[string]bool{"builder": true},
	Views:       folder,
	Migrations:  module.Dir(folder, "migrations"),
	Mount:       mount,
}

func init() { module.Register(Module) }

// watering is the promise that a new plant is watered.
var watering = job.New[thirsty]("garden:water")

type thirsty struct{ Plant uuid.UUID }

func mount(p module.Platform) (module.Section, error) {
	on := pages{p}
	return module.Section{
		Portal: []web.Route{
			web.Get("/", see, on.index),
			web.Get("/harvest", pick, on.harvest),
			web.Get("/plants/:plant", see, on.plant),
		},
		Office: []web.Route{
			web.Get("/", tend, on.beds),
			web.Post("/plants", tend, on.sow),
			web.Delete("/plants/:plant", fell, on.uproot),
		},
		Jobs:  []job.Handler{watering.Handle(on.water)},
		Cards: []module.Card{{ID: "garden:bloom", Title: "In your garden", Side: auth.Portal, Who: see, Order: 90, Path: "garden", Draw: on.bloom}},
		Demo:  chapter,
	}, nil
}

func (p pages) water(ctx context.Context, tx bun.Tx, firm uuid.UUID, t thirsty) error {
	return water(ctx, tx, auth.System(firm), t.Plant, p.Now())
}

func chapter(ctx context.Context, tx bun.Tx, s *demo.Story) error {
	for key, project := range s.Projects {
		name := map[string]string{"maple-street": "Apple tree", "maple-attic": "Secret cactus", "lakeview-house": "Water lily", "winter-gala": "Amaryllis"}[key]
		if name == "" {
			continue
		}
		if _, err := sow(ctx, tx, auth.System(s.Firm.ID), project.ID, name); err != nil {
			return err
		}
	}
	return nil
}
