// Package dailylogs is what happened on site, day by day: staff write it on a phone in a minute, with photos; clients read
// what is submitted and shared, comment on it and keep the photos.
package dailylogs

import (
	"embed"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/notice"
)

//go:embed all:views style.css page.css migrations
var own embed.FS

var (
	see       = access.Client("dailylogs:see", section)
	seePeople = access.Client("dailylogs:people", section).InArea("people")
	say       = access.Client("dailylogs:comment", section).With(access.SendMessages)
	write     = access.Staff("dailylogs:write", access.Member)
	rule      = access.Staff("dailylogs:rule", access.Admin) // questions, tags, settings
)

// section is our id: the purpose of our files, and what comments are kept under.
const section = "dailylogs"

// Module is the section.
var Module = module.Module{
	ID: "dailylogs", Title: "Daily logs", Icon: "hard-hat",
	Summary: "What happened on site, day by day: work, weather, photos, who was there.",
	Toggle:  module.Switched,
	Areas: []access.Area{
		{ID: "people", Title: "Who was on site", Summary: "The names of people and companies that were on site. Hours are never shown."},
	},
	Permissions: []access.Permission{see, seePeople, say, write, rule},
	PortalNav:   []module.Nav{{Title: "Daily logs", Icon: "hard-hat", Who: see, Order: 50}},
	OfficeNav:   []module.Nav{{Title: "Daily logs", Icon: "hard-hat", Who: write, Order: 350}},
	Notices:     []notice.Kind{newNotice, commentNotice, virusNotice},
	Presets:     map[string]bool{"builder": true, "agency": false, "services": false, "events": true},
	Views:       own,
	Migrations:  module.Dir(own, "migrations"),
	Mount:       mount,
}

func init() { module.Register(Module) }

func mount(p module.Platform) (module.Section, error) {
	j := journal{p}
	portal, office := portal{j}, office{j}
	if p.Files != nil {
		p.Files.Watch(section, guard)
	}
	return module.Section{
		Portal: portal.routes(),
		Office: office.routes(),
		Jobs:   j.handlers(),
		Cards: []module.Card{
			{ID: "dailylogs:latest", Title: "Latest from site", Side: auth.Portal, Who: see, Order: 250, Wide: true, Path: section, Draw: portal.latestCard},
			{ID: "dailylogs:today", Title: "Daily logs", Side: auth.Office, Who: write, Order: 35, Path: section, Draw: office.todayCard},
		},
		ClientTabs: []module.Tab{
			{ID: "dailylogs:client", Title: "Daily logs", Of: "client", Who: write, Order: 55, Path: func(id string) string { return "/office/dailylogs/clients/" + id }},
			{ID: "dailylogs:project", Title: "Daily logs", Of: "project", Who: write, Order: 55, Path: func(id string) string { return "/office/dailylogs/projects/" + id }},
		},
		Setups: []module.SetupPage{{Title: "Daily logs", Summary: "What every log is asked, tags, sharing and the weather.", Icon: "hard-hat", Who: rule, Path: "dailylogs/settings"}},
		Search: find,
		Words:  wordsKnown,
		Thing:  thing,
		Still:  still,
		Demo:   j.tell,
		Own:    ownComments,
		Keeps:  keeps(),

		HandOver: handOver,
	}, nil
}

// journal is what both sides do with logs.
type journal struct{ module.Platform }
