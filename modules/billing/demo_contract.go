package billing

import (
	"context"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/demo"
	facts "portico/platform/fact"
	"portico/platform/id"
	"portico/platform/money"
)

// agreed is a contract of the demo and how it is drawn.
type agreed struct {
	project   string
	amount    int64
	retainage money.Rate
	shared    bool
	draws     []planned
	changes   []handed // approved change orders
	unbilled  []handed
}

// planned is a draw; with the title of an invoice, that is its.
type planned struct {
	title, milestone string
	share            money.Rate
	due              int // days from now; 0: open
	byItself         bool
	invoice          string
}

// handed is what another section handed over.
type handed struct {
	source, text string
	quantity     money.Quantity
	price        int64
	on           int
}

var contractsTold = []agreed{
	{
		project: "maple-street", amount: 18200000, shared: true,
		draws: []planned{
			{title: "Deposit", milestone: "At signing", share: 1000, invoice: "Deposit"},
			{title: "First draw", milestone: "Demolition and framing", share: 2500, invoice: "First draw: demolition and framing"},
			{title: "Second draw", milestone: "Drywall and plumbing", share: 2500, due: 30, invoice: "Second draw: drywall and plumbing"},
			{title: "Third draw", milestone: "Cabinets are in", share: 2500, due: 48, byItself: true},
			{title: "Final payment", milestone: "After the last walk-through", share: 1500},
		},
		changes: []handed{{text: "Wider opening to the living room", price: 248000, on: -23}},
		unbilled: []handed{
			{facts.FromTime, "Site supervision: temporary kitchen", 6500, 9000, -9},
			{facts.FromTime, "Carpenter: shelves in the pantry", 11250, 7800, -5},
			{facts.FromExpense, "Dumpster, second load", money.One, 41500, -4},
			{facts.FromChoice, "Brass faucet instead of chrome, over the allowance", money.One, 18400, -2},
		},
	},
	{
		project: "orchard-lane", amount: 26400000, retainage: 500,
		draws: []planned{
			{title: "Foundation", milestone: "Foundation is inspected", share: 3000},
			{title: "Dry-in", milestone: "Roof and windows are in", share: 3500},
			{title: "Final draw", milestone: "Certificate of occupancy", share: 2500},
		},
	},
}

func tellContract(ctx context.Context, tx bun.Tx, teller auth.Viewer, s *demo.Story, told agreed) error {
	project, known := s.Projects[told.project]
	if !known {
		return nil
	}
	c := contract{ProjectID: project.ID, ClientID: project.ClientID, Currency: s.Firm.Currency, Total: told.amount, RetainageRate: told.retainage, Shared: told.shared}
	var draws []draw
	for n, p := range told.draws {
		d := draw{Position: n + 1, Title: p.title, Milestone: p.milestone, Share: p.share, ByItself: p.byItself, Currency: c.Currency}
		if p.due != 0 {
			d.DueOn = on(s, p.due)
		}
		draws = append(draws, d)
	}
	inShares(c, draws)
	if err := saveSchedule(ctx, tx, teller, c, draws); err != nil {
		return err
	}
	for n, p := range told.draws {
		if p.invoice != "" {
			if err := tellDrawn(ctx, tx, teller, project.ID, n+1, p.invoice); err != nil {
				return err
			}
		}
	}
	for _, h := range append(told.changes, told.unbilled...) {
		one := charge{
			ClientID: project.ClientID, ProjectID: project.ID, Source: h.source, SourceID: id.New(), Text: h.text, Quantity: h.quantity,
			Price: h.price, Currency: c.Currency, OnDay: on(s, h.on),
		}
		var err error
		if h.source == "" {
			one.Quantity = money.One
			_, err = putChange(ctx, tx, teller, one)
		} else {
			err = putCharge(ctx, tx, teller, one)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
