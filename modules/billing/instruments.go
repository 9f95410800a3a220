package billing

import (
	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/job"
	"portico/platform/module"
	"portico/platform/money"
	"portico/platform/web"
)

// instrumentRoutes are the office's pages of contracts, draws, deposits, retainage, things handed over, and consolidated
// invoices.
func instrumentRoutes(o office) []web.Route {
	return []web.Route{
		web.Get("/projects/:project/schedule", settle, o.schedule),
		web.Post("/projects/:project/schedule", settle, o.saveSchedule),
		web.Post("/projects/:project/draws", write, o.draftDraw),
		web.Post("/projects/:project/charges", write, o.billCharges),
		web.Get("/projects/:project/deposits/new", write, o.newDeposit),
		web.Post("/projects/:project/deposits", write, o.addDeposit),
		web.Get("/projects/:project/retainage/new", write, o.newRetainage),
		web.Post("/projects/:project/retainage", write, o.addRetainage),

		web.Get("/clients/:client/consolidations/new", write, o.newConsolidation),
		web.Post("/clients/:client/consolidations", write, o.addConsolidation),

		web.Get("/invoices/:invoice/credits/new", settle, o.newLineCredit),
		web.Post("/invoices/:invoice/credits", settle, o.addLineCredit),
		web.Get("/invoices/:invoice/uses/new", settle, o.newUse),
		web.Post("/invoices/:invoice/uses", settle, o.addUse),
		web.Get("/invoices/:invoice/returns/new", settle, o.newReturn),
		web.Post("/invoices/:invoice/returns", settle, o.addReturn),
	}
}

func instrumentJobs(p module.Platform) []job.Handler {
	return append(handover{p}.handlers(), drawer{p}.handlers()...)
}

// instrumentsView is what a client's or project's tab shows of them.
type instrumentsView struct {
	*web.Here
	Client   party
	Project  party // the zero party: all of the client's
	Contract contract
	Changes  []change
	Draws    []drawRow
	Progress progress
	Deposits []depositRow
	Unbilled []charge
	Sum      money.Amount // of the unbilled
	More     int          // unbilled things that the page does not show
	Drafts   []choice     // that unbilled things can be put on
	Wholes   []wholeRow
	Mergers  int // drafts of the client that could be one invoice
	Settles  bool
}

// drawRow is a draw in a list, with the invoice that it is on.
type drawRow struct {
	draw
	Mark mark
	Href string // "": no invoice, or none that the viewer may see
}

type depositRow struct {
	Invoice
	Href string
}

// wholeRow is a consolidated invoice with what of it is one project's, and what of that is paid.
type wholeRow struct {
	Invoice
	Mark       mark
	Href       string
	Part, Done money.Amount
}

func (o office) instruments(r *web.Request, client, project party) (instrumentsView, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view := instrumentsView{Here: r.Here(), Client: client, Project: project, Settles: v.May(settle)}
	deposits, err := heldDeposits(ctx, tx, v, client.ID, project.ID)
	if err != nil {
		return view, err
	}
	for _, d := range deposits {
		view.Deposits = append(view.Deposits, depositRow{d, r.Path("billing", "invoices", d.ID)})
	}
	if project.ID == uuid.Nil {
		list, err := mergeable(ctx, tx, v, client.ID, nil)
		view.Mergers = len(list)
		return view, err
	}
	if view.Contract, err = contractOf(ctx, tx, v, project); err != nil {
		return view, err
	}
	if view.Changes, err = changesOf(ctx, tx, v, project.ID); err != nil {
		return view, err
	}
	draws, err := drawsOf(ctx, tx, v, project.ID)
	if err != nil {
		return view, err
	}
	view.Progress = progressOf(view.Contract, draws)
	at := today(r.Firm(), r.Now())
	for _, d := range draws {
		view.Draws = append(view.Draws, officeDraw(r, d, at))
	}
	if view.Unbilled, err = unbilledOf(ctx, tx, v, project.ID, nil); err != nil {
		return view, err
	}
	if len(view.Unbilled) > 0 {
		sum, err := unbilledSum(ctx, tx, v, project)
		if err != nil {
			return view, err
		}
		view.Sum, view.More = money.Of(sum.Net, project.Currency), sum.Count-len(view.Unbilled)
		drafts, err := draftsOf(ctx, tx, v, project)
		if err != nil {
			return view, err
		}
		for _, d := range drafts {
			view.Drafts = append(view.Drafts, choice{d.ID.String(), d.Title + ", " + r.Here().Money(d.Amount())})
		}
	}
	view.Wholes, err = o.wholesOf(r, project, at)
	return view, err
}

func officeDraw(r *web.Request, d draw, at day.Day) drawRow {
	row := drawRow{draw: d, Mark: mark{"outline", "Not invoiced", "circle-dashed"}}
	if !d.Open() {
		row.Href = r.Path("billing", "invoices", d.AskedID)
		row.Mark = markOf(Invoice{Stage: d.Stage, State: d.State, DueOn: d.DueOn}, at, r.Viewer().Side)
	} else if !d.DueOn.IsZero() && d.DueOn.Before(at) {
		row.Mark = mark{"due", "Due", "circle-alert"}
	}
	return row
}

// OfProject reports whether it is one project's tab.
func (v instrumentsView) OfProject() bool { return v.Project.ID != uuid.Nil }

// Empty reports whether there is nothing to show, and nothing to begin with.
func (v instrumentsView) Empty() bool {
	return v.Project.ID == uuid.Nil && len(v.Deposits) == 0 && v.Mergers < 2
}

// HasContract reports whether a sum was agreed or draws were planned.
func (v instrumentsView) HasContract() bool {
	return v.Contract.Total > 0 || v.Contract.Changes != 0 || len(v.Draws) > 0
}
