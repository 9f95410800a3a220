// Package billing is what clients owe and have paid: invoices from draft to paid, payments and credits, and the books
// that say so.
package billing

import (
	"context"
	"embed"
	"slices"

	"github.com/google/uuid"

	"portico/modules/billing/gateway/sandbox"
	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/notice"
	asks "portico/platform/plan"
	"portico/platform/web"
)

//go:embed all:views style.css page.css migrations
var own embed.FS

var (
	see           = access.Client("billing:see", "billing").With(access.ViewInvoices)
	seePaid       = access.Client("billing:see_paid", "billing").InArea("paid").With(access.ViewInvoices)
	seePayments   = access.Client("billing:see_payments", "billing").InArea("payments").With(access.ViewInvoices)
	seeStatements = access.Client("billing:see_statements", "billing").InArea("statements").With(access.ViewInvoices)

	write  = access.Staff("billing:write", access.Member) // drafts
	settle = access.Staff("billing:settle", access.Admin) // what clients see and what they owe
)

// Module is the section.
var Module = module.Module{
	ID: "billing", Title: "Billing", Icon: "billing",
	Summary: "Invoices with their state and balance, what was paid, receipts and statements.",
	Toggle:  module.Switched,
	Areas: []access.Area{
		{ID: "paid", Title: "Paid invoices", Summary: "Invoices that are paid in full stay in the list."},
		{ID: "payments", Title: "Payments", Summary: "What was paid and when, with receipts."},
		{ID: "statements", Title: "Statements", Summary: "What was owed, invoiced and paid in any span of time. Lists paid invoices too."},
	},
	Permissions: []access.Permission{see, seePaid, seePayments, seeStatements, pay, write, settle},
	PortalNav:   []module.Nav{{Title: "Billing", Icon: "billing", Who: see, Order: 20, Tab: true}},
	PersonNav:   []module.Nav{{Title: "Payment methods", Path: "methods", Icon: "wallet", Who: pay, Order: 20}},
	OfficeNav:   []module.Nav{{Title: "Billing", Icon: "billing", Who: write, Order: 300}},
	Notices:     []notice.Kind{invoiceNotice, receiptNotice, methodNotice, paymentNotice, troubleNotice, alarmNotice},
	Presets:     map[string]bool{"builder": true, "agency": true, "services": true, "events": true},
	Views:       own,
	Migrations:  module.Dir(own, "migrations"),
	Mount:       mount,
}

func init() { module.Register(Module) }

func mount(p module.Platform) (module.Section, error) {
	portal, office, mail := portal{p}, office{p}, mailer{p}
	money := engine{p, openAccount(p)}
	asks.OnInvoices.Answer(p.Board, func(ctx context.Context, q asks.Handed) ([]uuid.UUID, error) {
		return handedOnInvoices(ctx, q.Tx, q.Viewer, q.Source, q.IDs)
	})
	return module.Section{
		Public: practice{p, sandbox.NewDesk(p.Sandbox)}.routes(),
		Doors:  append(hooks{p}.routes(), doorRoutes(p)...),
		Portal: append(payingRoutes(p), []web.Route{
			web.Get("/", see, portal.invoices),
			web.Get("/invoices/:invoice", see, portal.invoice),
			web.Get("/invoices/:invoice/document", see, portal.document),
			web.Get("/payments", seePayments, portal.payments),
			web.Get("/payments/:payment/document", seePayments, portal.receipt),
			web.Get("/statement", seeStatements, portal.statement),
			web.Get("/statement/document", seeStatements, portal.statementDocument),
			web.Get("/schedule", see, portal.schedule),
		}...),
		Office: slices.Concat(
			instrumentRoutes(office),
			recurringRoutes(office),
			askingRoutes(office),
			bulkRoutes(office),
			reportRoutes(office),
			ruleRoutes(office),
			waysRoutes(office),
			paymentRoutes(office),
			unsettledRoutes(office, money),
			online{office}.routes(),
			practiceDesk{office}.routes(),
			officeRoutes(office),
		),
		Jobs: slices.Concat(
			mail.handlers(),
			auditor{p}.handlers(),
			recurrer{p}.handlers(),
			postman{mail}.handlers(),
			money.handlers(),
			newsroom{p}.handlers(),
			wallet{p}.handlers(), tellPayingHandlers(p),
			reminder{mail}.handlers(),
			collector{p}.handlers(),
			instrumentJobs(p),
		),
		Subscribers: handover{p}.subscribers(),
		Cards: []module.Card{
			{ID: "billing:balance", Title: "Balance", Side: auth.Portal, Who: see, Order: 20, Path: "billing", Draw: portal.balanceCard},
			{ID: "billing:overdue", Title: "Invoices", Side: auth.Office, Who: write, Order: 30, Path: "billing", Draw: office.invoicesCard},
			{ID: "billing:trouble", Title: "The books need a look", Side: auth.Office, Who: settle, Order: 6, Draw: office.troubleCard},
		},
		ClientTabs: []module.Tab{
			{ID: "billing:client", Title: "Billing", Of: "client", Who: write, Order: 40, Path: func(id string) string { return "/office/billing/clients/" + id }},
			{ID: "billing:project", Title: "Billing", Of: "project", Who: write, Order: 40, Path: func(id string) string { return "/office/billing/projects/" + id }},
		},
		Setups: []module.SetupPage{
			{Title: "Billing settings", Summary: "Invoice numbers, taxes, terms, and what stands on every invoice.", Icon: "receipt", Who: settle, Path: "billing/settings"},
			{Title: "Online payments", Summary: "The provider that takes cards and bank payments for you.", Icon: "wallet", Who: settle, Path: "billing/online"},
			{Title: "Reminders and late fees", Summary: "When clients are reminded of an invoice, and what being late costs.", Icon: "bell", Who: settle, Path: "billing/reminders"},
		},
		Waiting: waiting(p),
		Search:  find,
		Thing:   thing,
		Still:   still,
		Words:   wordsKnown,
		Demo:    telling(p),
		Audit:   audited,
		Imports: imports(),
		Gauges:  auditor{p}.gauges(),
		Keeps:   append(keeps(), instrumentKeeps()...),
	}, nil
}

// officeRoutes are the pages of invoices, payments and settings.
func officeRoutes(office office) []web.Route {
	return []web.Route{
		web.Post("/invoices/:invoice/links", settle, office.addLink),
		web.Delete("/invoices/:invoice/links/:link", settle, office.revokeLink),
		web.Post("/settings/mail-links", settle, office.saveMailLinks),

		web.Get("/", write, office.invoices),

		web.Get("/invoices/new", write, office.newInvoice),
		web.Post("/invoices", write, office.addInvoice),
		web.Get("/invoices/:invoice", write, office.invoice),
		web.Post("/invoices/:invoice", write, office.saveInvoice),
		web.Delete("/invoices/:invoice", write, office.deleteInvoice),
		web.Get("/invoices/:invoice/edit", write, office.editInvoice),
		web.Get("/invoices/:invoice/document", write, office.document),
		web.Post("/invoices/:invoice/approval", settle, office.approve),
		web.Delete("/invoices/:invoice/approval", settle, office.takeBack),
		web.Post("/invoices/:invoice/release", settle, office.release),

		web.Get("/clients/:client", write, office.client),
		web.Get("/clients/:client/statement", write, office.statement),
		web.Get("/clients/:client/statement/document", write, office.statementDocument),
		web.Get("/clients/:client/payments/new", settle, office.newPayment),
		web.Post("/clients/:client/payments", settle, office.addPayment),
		web.Get("/clients/:client/credits/new", settle, office.newCredit),
		web.Post("/clients/:client/credits", settle, office.addCredit),
		web.Get("/projects/:project", write, office.project),

		web.Get("/payments", write, office.payments),
		web.Get("/payments/:payment", write, office.payment),
		web.Get("/payments/:payment/document", write, office.receipt),
		web.Post("/payments/:payment/allocations", settle, office.allocate),
		web.Get("/payments/:payment/reversal", settle, office.askReverse),
		web.Post("/payments/:payment/reversal", settle, office.reverse),

		web.Get("/settings", settle, office.settings),
		web.Post("/settings", settle, office.saveSettings),
	}
}
