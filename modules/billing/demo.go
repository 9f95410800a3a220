package billing

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/demo"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/money"
)

// bill is an invoice of the demo.
type bill struct {
	project, title string
	kind           Kind
	lines          []Line
	stage          Stage
	issued, due    int // days from now; drafts and approved ones have no day of issue
	message, notes string
	paid           []part
}

// part is what was paid of it.
type part struct {
	minor     int64
	method    Method
	on        int
	reference string
}

func line(text string, quantity money.Quantity, price int64, tax money.Rate) Line {
	l := Line{Text: text, Quantity: quantity, Price: price, TaxRate: tax}
	l.work()
	return l
}

func lump(text string, price int64) []Line { return []Line{line(text, money.One, price, 0)} }

// northgate is the builder's chapter: a remodel with invoices in every state, a finished house, and one just sold.
var northgate = []bill{
	{project: "lakeview-house", title: "Deposit", lines: lump("Deposit, 10% of the contract", 4850000), stage: Released, issued: -425, due: -415,
		paid: []part{{4850000, Transfer, -418, "Lakeview deposit"}}},
	{project: "lakeview-house", title: "Draw at dry-in", lines: lump("Second draw, 45% of the contract", 21825000), stage: Released, issued: -240, due: -226,
		paid: []part{{10000000, Check, -230, "1187"}, {11825000, Check, -227, "1192"}}},
	{project: "lakeview-house", title: "Final draw", lines: append(lump("Final draw, 45% of the contract", 21825000), line("Boat shed: cedar instead of pine", money.One, 385000, 0)),
		stage: Released, issued: -32, due: -18, paid: []part{{22210000, Transfer, -20, "Final payment, thank you"}}},
	{project: "maple-street", title: "Deposit", lines: lump("Deposit, 10% of the contract", 1820000), stage: Released, issued: -50, due: -40,
		paid: []part{{1820000, Check, -44, "2204"}}},
	{project: "maple-street", title: "First draw: demolition and framing", stage: Released, issued: -21, due: -6, message: "Thank you for letting us work through the holidays.",
		lines: []Line{line("First draw, 25% of the contract", money.One, 4550000, 0), line("Change to your contract: wider opening to the living room", money.One, 248000, 825)}, notes: "Tom said on the phone that the bank holds the transfer."},
	{project: "maple-street", title: "Cabinets, first half", stage: Released, issued: -8, due: 12,
		lines: []Line{line("Kitchen cabinets, painted maple", 14000, 68500, 825), line("Island with seating", money.One, 312000, 825), line("Delivery", money.One, 18000, 0)},
		paid:  []part{{500000, Transfer, -3, "Cabinets, part"}, {31000, Credit, -2, "Tile that came broken"}}},
	{project: "maple-street", title: "Second draw: drywall and plumbing", lines: lump("Second draw, 25% of the contract", 4550000), stage: Approved, due: 30},
	{project: "maple-street", title: "Backsplash tile", lines: []Line{line("Handmade tile, laid", 42500, 5400, 825)}, stage: Draft, notes: "Wait for the subcontractor's price before this goes out."},
	{project: "maple-garden", title: "Garden plan", stage: Released, issued: -15, due: -1, lines: []Line{line("Design, hours", 6500, 14500, 0)},
		paid: []part{{94250, Check, -5, "2211"}}},
	{project: "orchard-lane", title: "Deposit", kind: Deposit, lines: lump("Deposit, 10% of the contract", 2640000), stage: Released, issued: -2, due: 6, message: "We apply for the permit the day after it arrives."},
	{project: "orchard-lane", title: "Permit and survey", lines: []Line{line("Building permit, at cost", money.One, 187500, 0), line("Survey", money.One, 92000, 0)}, stage: Draft},
}

var harborEvents = []bill{
	{project: "rivera-anniversary", title: "Deposit", lines: lump("Deposit for the evening", 150000), stage: Released, issued: -9, due: 5},
	{project: "winter-gala", title: "Venue and catering, first half", lines: lump("First half", 3200000), stage: Released, issued: -18, due: -4,
		paid: []part{{3200000, Transfer, -6, "Seabrook gala"}}},
	{project: "winter-gala", title: "Stage and light", lines: lump("HARBOR-ONLY stage and light", 870000), stage: Released, issued: -3, due: 11},
}

// telling is tell, and the practice provider where there is one: then the demo's invoices can be paid.
func telling(p module.Platform) func(context.Context, bun.Tx, *demo.Story) error {
	return func(ctx context.Context, tx bun.Tx, s *demo.Story) error {
		if err := tell(ctx, tx, s); err != nil || p.Sandbox == "" || !s.Size.Empty() {
			return err
		}
		if err := ConnectPractice(ctx, tx, p.Key, s.Firm.ID); err != nil {
			return err
		}
		if err := tellPayable(ctx, tx, auth.System(s.Firm.ID)); err != nil || !s.Main {
			return err
		}
		_, err := tellPaying.Enqueue(ctx, tx, s.Firm.ID, demoPaying{s.People["ana"].ContactID, s.People["omar"].ContactID, s.People["priya"].ID})
		return err
	}
}

// tell bills what the story built.
func tell(ctx context.Context, tx bun.Tx, s *demo.Story) error {
	teller := auth.Viewer{Side: auth.Program, Firm: s.Firm}
	if !s.Size.Empty() {
		made, err := many(ctx, tx, teller, s)
		s.Made.Invoices += made
		return err
	}
	bills, author := harborEvents, s.People["felix"]
	footer := "By transfer to Harbor Bank, account 4471 0093. Please name the number of the invoice."
	if s.Main {
		bills, author = northgate, s.People["ben"]
		footer = "Checks to Northgate Builders, 2200 Northgate Ave, Austin, TX 78723.\nTransfers to First Bank of Austin, routing 111000025, account 7 334 1180."
	}
	setting := defaults
	setting.ShowUpcoming, setting.Footer, setting.TaxName = s.Main, footer, "Sales tax"
	if err := saveSetting(ctx, tx, teller, setting, 1021); err != nil {
		return err
	}
	teller.PersonID = author.ID
	for _, b := range bills {
		project, known := s.Projects[b.project]
		if !known {
			continue
		}
		if err := tellBill(ctx, tx, teller, s, project, b); err != nil {
			return fmt.Errorf("%s of %s: %w", b.title, b.project, err)
		}
	}
	if s.Main {
		for _, told := range contractsTold {
			if err := tellContract(ctx, tx, teller, s, told); err != nil {
				return fmt.Errorf("the contract of %s: %w", told.project, err)
			}
		}
	}
	return tellRoutine(ctx, tx, teller, s)
}

func on(s *demo.Story, days int) day.Day { return today(s.Firm, s.Day(days)) }

func tellBill(ctx context.Context, tx bun.Tx, teller auth.Viewer, s *demo.Story, project demo.Project, b bill) error {
	form := draftForm{Title: b.title, Message: b.message, Notes: b.notes, Kind: b.kind}
	if b.due != 0 {
		form.DueOn = on(s, b.due)
	}
	for n := range b.lines {
		b.lines[n].Position = n + 1
	}
	invoice, err := addDraft(ctx, tx, teller, party{ID: project.ID, ClientID: project.ClientID, Currency: s.Firm.Currency}, form, b.lines)
	if err != nil || b.stage == Draft {
		return err
	}
	i := Invoice{ID: invoice, ClientID: project.ClientID, ProjectID: project.ID, Stage: Draft, Currency: s.Firm.Currency, Version: 1}
	settler := teller
	if priya, ok := s.People["priya"]; ok {
		settler.PersonID = priya.ID
	}
	if err := setApproved(ctx, tx, settler, i, true); err != nil || b.stage == Approved {
		return err
	}
	list, err := release(ctx, tx, settler, []tick{{invoice, 2}}, on(s, b.issued))
	if err != nil {
		return err
	}
	if err := tellWhen(ctx, tx, settler, invoice, s.Day(b.issued)); err != nil {
		return err
	}
	for _, p := range b.paid {
		payment := Payment{
			ClientID: project.ClientID, Method: p.method, Currency: s.Firm.Currency, Total: p.minor, ReceivedOn: on(s, p.on), Reference: p.reference,
		}
		payment, _, err := addPayment(ctx, tx, settler, payment, id.New())
		if err != nil {
			return err
		}
		if err := allocate(ctx, tx, settler, payment, list[0], p.minor, on(s, p.on)); err != nil {
			return err
		}
	}
	return nil
}
