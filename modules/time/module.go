// Package time is the work done and the money spent for clients: timers and week sheets, expenses with receipts, from
// writing to approval to the invoice; and what of it clients see.
package time

import (
	"context"
	"embed"
	"slices"
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/job"
	"portico/platform/module"
	"portico/platform/notice"
	"portico/platform/plan"
)

//go:embed all:views style.css page.css migrations
var own embed.FS

// The areas of the section. None is on until somebody switches it on.
const (
	unbilledTime     = "unbilled_time"
	billedTime       = "billed_time"
	finalisedTime    = "finalised_time"
	unbilledExpenses = "unbilled_expenses"
	billedExpenses   = "billed_expenses"
	receipts         = "receipts"
	remarks          = "notes"
	budget           = "budget"
)

var (
	see   = access.Client("time:see", "time")
	areas = map[string]access.Permission{
		unbilledTime:     access.Client("time:see_unbilled", "time").InArea(unbilledTime),
		billedTime:       access.Client("time:see_billed", "time").InArea(billedTime),
		finalisedTime:    access.Client("time:see_finalised", "time").InArea(finalisedTime),
		unbilledExpenses: access.Client("time:see_unbilled_expenses", "time").InArea(unbilledExpenses),
		billedExpenses:   access.Client("time:see_billed_expenses", "time").InArea(billedExpenses),
		receipts:         access.Client("time:see_receipts", "time").InArea(receipts),
		remarks:          access.Client("time:see_notes", "time").InArea(remarks),
		budget:           access.Client("time:see_budget", "time").InArea(budget),
	}

	write = access.Staff("time:write", access.Member) // own time and expenses, and those of projects that one leads
	rule  = access.Staff("time:rule", access.Admin)   // everybody's, rates, billing and settings
)

// Module is the section.
var Module = module.Module{
	ID: "time", Title: "Time", Icon: "timer",
	Summary: "Hours worked, expenses and notes, as far as each is switched on, and what is left of the hours agreed.",
	Toggle:  module.Switched,
	Areas: []access.Area{
		{ID: unbilledTime, Title: "Unbilled time", Summary: "Approved hours that stand on no invoice yet."},
		{ID: billedTime, Title: "Billed time", Summary: "Hours that stand on an invoice."},
		{ID: finalisedTime, Title: "Finalised time", Summary: "Hours that were settled and locked."},
		{ID: unbilledExpenses, Title: "Unbilled expenses", Summary: "Approved expenses that stand on no invoice yet, at the price the client pays."},
		{ID: billedExpenses, Title: "Billed expenses", Summary: "Expenses that stand on an invoice, and finalised ones."},
		{ID: receipts, Title: "Receipts", Summary: "Photos and PDFs of the expenses shown, where no markup is on them."},
		{ID: remarks, Title: "Notes", Summary: "Project notes that are marked for the client."},
		{ID: budget, Title: "Hours budget", Summary: "Hours agreed, used, invoiced and left, with a chart."},
	},
	Permissions: slices.Concat([]access.Permission{see}, inAreas(), []access.Permission{write, rule}),
	PortalNav:   []module.Nav{{Title: "Time", Icon: "timer", Who: see, Order: 600}},
	OfficeNav:   []module.Nav{{Title: "Time", Icon: "timer", Who: write, Order: 340}},
	// What stands on an invoice is no news to a client; what is still to come is shown by those who say so.
	Notices: []notice.Kind{returnedNotice},
	Presets: map[string]bool{
		"builder": true, "builder/" + unbilledTime: false, "builder/" + unbilledExpenses: false, "builder/" + receipts: false,
		"agency": true, "agency/" + unbilledTime: false, "agency/" + unbilledExpenses: false, "agency/" + receipts: false,
		"services": true, "services/" + unbilledExpenses: false,
	},
	Views:      own,
	Migrations: module.Dir(own, "migrations"),
	Mount:      mount,
}

func init() { module.Register(Module) }

// inAreas are the permissions of the areas, in their order.
func inAreas() (all []access.Permission) {
	for _, id := range []string{unbilledTime, billedTime, finalisedTime, unbilledExpenses, billedExpenses, receipts, remarks, budget} {
		all = append(all, areas[id])
	}
	return all
}

func mount(p module.Platform) (module.Section, error) {
	portal, office := portal{p}, office{p}
	if p.Files != nil {
		p.Files.Watch(purpose, guard)
	}
	plan.StillHanded.Answer(p.Board, func(ctx context.Context, q plan.Handed) ([]uuid.UUID, error) {
		k, ours := kindOf(q.Source)
		if !ours {
			return q.IDs, nil
		}
		return stillHanded(ctx, q.Tx, q.Viewer, k, q.IDs)
	})
	return module.Section{
		Portal:      portal.routes(),
		Office:      office.routes(),
		Subscribers: subscribers(),
		Jobs:        []job.Handler{tellSentBack.Handle(postman{p}.tellSentBack).Within(time.Minute)},
		Cards: []module.Card{
			{ID: "time:budget", Title: "Hours", Side: auth.Portal, Who: areas[budget], Order: 600, Path: "time", Draw: portal.budgetCard},
			{ID: "time:own", Title: "Time", Side: auth.Office, Who: write, Order: 28, Path: "time", Draw: office.card},
		},
		ClientTabs: []module.Tab{
			{ID: "time:client", Title: "Time", Of: "client", Who: write, Order: 60, Path: func(id string) string { return "/office/time/clients/" + id }},
			{ID: "time:project", Title: "Time", Of: "project", Who: write, Order: 60, Path: func(id string) string { return "/office/time/projects/" + id }},
		},
		Setups: []module.SetupPage{
			{Title: "Time settings", Summary: "Rounding, who approves, rates of an hour, markup and taxes.", Icon: "timer", Who: rule, Path: "time/settings"},
		},
		Search:   find,
		Demo:     teller{p}.tell,
		Own:      ownRows,
		HandOver: handOver,
		Imports:  imports(),
		Keeps:    keeps(),
	}, nil
}
