// Package envelopes is where contracts, change orders, proposals and other documents are signed: staff make and send them,
// the people named in them sign on any device, and what all have signed is sealed for good.
package envelopes

import (
	"embed"
	"slices"

	"portico/platform/access"
	"portico/platform/module"
	"portico/platform/notice"
)

//go:embed all:views style.css page.css migrations
var own embed.FS

var (
	see  = access.Client("envelopes:see", "envelopes")
	sign = access.Client("envelopes:sign", "envelopes").With(access.SignDocuments)
	keep = access.Staff("envelopes:keep", access.Member)
	rule = access.Staff("envelopes:rule", access.Admin) // settings and templates
)

// Module is the section.
var Module = module.Module{
	ID: "envelopes", Title: "Contracts", Icon: "signature",
	Summary:     "Contracts, change orders, proposals and other documents, signed electronically and sealed.",
	Toggle:      module.Switched,
	Permissions: []access.Permission{see, sign, keep, rule},
	PortalNav:   []module.Nav{{Title: "Contracts", Icon: "signature", Who: see, Order: 35}},
	OfficeNav:   []module.Nav{{Title: "Contracts", Icon: "signature", Who: keep, Order: 325}},
	Notices:     []notice.Kind{signNotice, newsNotice},
	Presets:     map[string]bool{"builder": true, "agency": true, "services": true, "events": true},
	Views:       own,
	Migrations:  module.Dir(own, "migrations"),
	Mount:       mount,
}

func init() { module.Register(Module) }

func mount(p module.Platform) (module.Section, error) {
	d := desk{p}
	if p.Files != nil {
		p.Files.Watch(filePurpose, guard)
	}
	return module.Section{
		Portal:     portalRoutes(d),
		Office:     slices.Concat(officeRoutes(d), hostRoutes(d)),
		Doors:      slices.Concat(doorRoutes(d), verifyRoutes(d)),
		Jobs:       slices.Concat(sendHandlers(d), signHandlers(d), completeHandlers(d)),
		Cards:      slices.Concat(portalCards(d), officeCards(d)),
		ClientTabs: officeTabs(),
		Setups:     officeSetups(),
		Waiting:    d.waiting,
		Own:        ownParts,
		Search:     d.find,
		Thing:      thing,
		Still:      still,
		Words:      wordsKnown,
		Demo:       d.tell,
		HandOver:   d.handOver,
		Keeps:      keeps(),
	}, nil
}

// desk is what all sides do with envelopes.
type desk struct{ module.Platform }
