// Package messages is where a firm and its clients talk: conversations of a project or a client, with files, live in every
// open page, and by mail for those who are elsewhere. Internal notes lie in the same thread and never reach a client.
package messages

import (
	"embed"
	"slices"
	"time"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/notice"
	"portico/platform/web"
)

//go:embed all:views page.css migrations
var own embed.FS

const section = "messages"

var (
	see   = access.Client("messages:see", section)
	write = access.Client("messages:write", section).With(access.SendMessages)
	keep  = access.Staff("messages:keep", access.Member)
)

// Module is the section.
var Module = module.Module{
	ID: "messages", Title: "Messages", Icon: "message-circle",
	Summary:     "Conversations with the team about a project, with files, answered in the portal or by mail.",
	Toggle:      module.Switched,
	Permissions: []access.Permission{see, write, keep},
	PortalNav:   []module.Nav{{Title: "Messages", Icon: "message-circle", Who: see, Order: 40, Tab: true}},
	OfficeNav:   []module.Nav{{Title: "Messages", Icon: "message-circle", Who: keep, Order: 20}},
	Notices:     []notice.Kind{newNotice, assignedNotice},
	Presets:     map[string]bool{"builder": true, "agency": true, "services": true, "events": true},
	Views:       own,
	Migrations:  module.Dir(own, "migrations"),
	Mount:       mount,
}

func init() { module.Register(Module) }

func mount(p module.Platform) (module.Section, error) {
	d := desk{p}
	if p.Files != nil {
		p.Files.Watch(purpose, guard)
	}
	if p.Replies != nil {
		p.Replies.Hand(d.receive)
	}
	return module.Section{
		Portal: d.shared(see, write),
		Office: slices.Concat(d.officeRoutes(), d.shared(keep, keep)), // names before ids
		Jobs:   d.handlers(),
		Still:  still,
		Cards: []module.Card{
			{ID: "messages:unread", Title: "Messages", Side: auth.Portal, Who: see, Order: 60, Path: section, Draw: d.unreadCard},
			{ID: "messages:waiting", Title: "Waiting for an answer", Side: auth.Office, Who: keep, Order: 30, Path: section, Draw: d.waitingCard},
		},
		ClientTabs: []module.Tab{
			{ID: "messages:client", Title: "Messages", Of: "client", Who: keep, Order: 44, Path: func(id string) string { return "/office/messages/clients/" + id }},
		},
		Waiting:  d.waiting,
		Unread:   unreadCount,
		Search:   find,
		Demo:     d.tell,
		Talk:     talk,
		Own:      ownMessages,
		HandOver: handOver,
		Keeps:    keeps(),
	}, nil
}

// desk is what all sides do with conversations.
type desk struct{ module.Platform }

// shared are the pages that look the same from both sides.
func (d desk) shared(read, say access.Permission) []web.Route {
	return []web.Route{
		web.Get("/", read, d.index),
		web.Get("/new", say, d.begin),
		web.Get("/unread", read, d.unreadMark),
		web.Post("/", say, d.start).Upto(mostBody).Tries("conversations", 240, time.Hour),
		web.Get("/:conversation", read, d.open),
		web.Get("/:conversation/messages", read, d.thread),
		web.Get("/:conversation/typing", read, d.whoTypes),
		web.Post("/:conversation/messages", say, d.send).Upto(mostBody).Tries("messages", 1200, time.Hour),
		web.Post("/:conversation/messages/:message", say, d.edit),
		web.Delete("/:conversation/messages/:message", say, d.withdraw),
		web.Post("/:conversation/reading", read, d.read),
		web.Post("/:conversation/draft", say, d.keepDraft),
		web.Get("/:conversation/attachments/:attachment", read, d.attachment),
	}
}

func (d desk) officeRoutes() []web.Route {
	return []web.Route{
		web.Get("/clients/:client", keep, d.ofClient),
		web.Post("/:conversation/assignee", keep, d.assign),
		web.Post("/:conversation/snooze", keep, d.snooze),
		web.Delete("/:conversation/snooze", keep, d.wake),
		web.Post("/:conversation/closing", keep, d.close),
		web.Delete("/:conversation/closing", keep, d.reopen),
		web.Post("/:conversation/participants", keep, d.takePart),
		web.Get("/mails", keep, d.mails),
		web.Post("/mails/:mail/admission", keep, d.admitMail),
		web.Delete("/mails/:mail", keep, d.discardMail),
		web.Get("/answers", keep, d.answers),
		web.Post("/answers", keep, d.addAnswer),
		web.Post("/answers/:answer", keep, d.saveAnswer),
		web.Delete("/answers/:answer", keep, d.dropAnswer),
	}
}
