// Package help is what staff write so that clients need not ask, and the way in which they ask all the same: articles,
// questions and answers, process pages ("what happens next"), and feedback.
package help

import (
	"embed"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/notice"
	"portico/platform/web"
)

//go:embed all:views style.css page.css migrations
var files embed.FS

var (
	see   = access.Client("help:see", "help")
	ask   = access.Client("help:ask", "help").With(access.SendMessages)
	write = access.Staff("help:write", access.Member)
)

// Module is the section.
var Module = module.Module{
	ID: "help", Title: "Help", Icon: "help",
	Summary:     "How things work: articles, questions and answers, what happens next, and a way to ask the team.",
	Toggle:      module.Switched,
	Permissions: []access.Permission{see, ask, write},
	PortalNav:   []module.Nav{{Title: "Help", Icon: "help", Who: see, Order: 800}},
	OfficeNav:   []module.Nav{{Title: "Help", Icon: "help", Who: write, Order: 800}},
	Notices:     []notice.Kind{answerNotice},
	Presets:     map[string]bool{"builder": true, "agency": true, "services": true, "events": true},
	Views:       files,
	Migrations:  module.Dir(files, "migrations"),
	Mount:       mount,
}

func init() { module.Register(Module) }

func mount(p module.Platform) (module.Section, error) {
	portal, office, mail := portal{}, office{}, mailer{p}
	return module.Section{
		Portal: []web.Route{
			web.Get("/", see, portal.home),
			web.Get("/articles/:slug", see, portal.article),
			web.Post("/articles/:slug/feedback", see, portal.say),

			web.Get("/questions", see, portal.questions),
			web.Get("/questions/new", ask, portal.newQuestion),
			web.Post("/questions", ask, portal.ask),
			web.Get("/questions/:question", see, portal.question),
		},
		Office: []web.Route{
			web.Get("/", write, office.articles),
			web.Get("/articles/new", write, office.newArticle),
			web.Post("/articles", write, office.addArticle),
			web.Post("/articles/preview", write, office.preview),
			web.Get("/articles/:article", write, office.article),
			web.Post("/articles/:article", write, office.saveArticle),
			web.Delete("/articles/:article", write, office.deleteArticle),
			web.Delete("/articles/:article/deletion", write, office.restoreArticle),
			web.Post("/articles/:article/publication", write, office.publish),
			web.Delete("/articles/:article/publication", write, office.withdraw),
			web.Post("/articles/:article/place", write, office.move),

			web.Get("/questions", write, office.questions),
			web.Get("/questions/:question", write, office.question),
			web.Post("/questions/:question/answer", write, office.answer),
			web.Post("/questions/:question/closing", write, office.closeQuestion),
			web.Delete("/questions/:question/closing", write, office.reopen),
		},
		Jobs: mail.handlers(),
		Cards: []module.Card{
			{ID: "help:process", Title: "How it works", Side: auth.Portal, Who: see, Order: 700, Draw: portal.processCard},
			{ID: "help:questions", Title: "New questions", Side: auth.Office, Who: write, Order: 40, Draw: office.questionsCard},
		},
		Still:  still,
		Search: find,
		Demo:   tell,
		Own:    own,
		Keeps: []module.Kept{
			{Table: "help.article", Columns: module.Words("id kind section title slug body audience position published_at deleted_at created_at updated_at")},
			{Table: "help.feedback", Columns: module.Words("id client_id contact_id person_id article_id page useful text state answer answered_by answered_at mailed_at created_at"), Of: "client_id"},
		},
	}, nil
}
