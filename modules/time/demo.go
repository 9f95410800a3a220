package time

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/brand"
	"portico/platform/day"
	"portico/platform/demo"
	"portico/platform/files"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/paper"
)

// teller writes the section's chapter of the demo: hours and expenses of the Riveras' remodel from its first week on.
type teller struct{ module.Platform }

// worked is what somebody does in every week of the story.
type worked struct {
	who, project, task, note, internal string
	weekdays                           []int // from Monday, 0
	minutes                            int
	free                               bool // not billed
}

var weeks = []worked{
	{who: "ben", project: "maple-street", task: "Project management", note: "Site meeting, calls with trades, orders", internal: "Half of it went into the tile subcontractor.", weekdays: []int{0, 3}, minutes: 105},
	{who: "ben", project: "maple-street", task: "Design", note: "Kitchen details and cabinet drawings", weekdays: []int{1}, minutes: 150},
	{who: "diego", project: "maple-street", task: "Carpentry", note: "Framing and openings", weekdays: []int{0, 1, 2}, minutes: 150},
	{who: "diego", project: "maple-street", task: "Site cleaning", internal: "Ours, not theirs.", weekdays: []int{4}, minutes: 45, free: true},
	{who: "diego", project: "maple-garden", task: "Planning", note: "Levels taken for the terrace", weekdays: []int{4}, minutes: 90},
}

// weeksBack is how many weeks the story has, the last of them the one that runs.
const weeksBack = 6

func (t teller) tell(ctx context.Context, tx bun.Tx, s *demo.Story) error {
	if !s.Size.Empty() {
		return nil // a big demo is about numbers
	}
	if !s.Main {
		return t.tellHarbor(ctx, tx, s)
	}
	boss := s.People["maria"]
	v := auth.Viewer{Side: auth.Office, Firm: s.Firm, PersonID: boss.ID, Name: boss.Name, Role: access.Owner}
	for _, rate := range []Rate{
		{Price: 8500, Currency: "USD"}, {PersonID: s.People["ben"].ID, Price: 11000, Currency: "USD"},
		{PersonID: s.People["diego"].ID, ProjectID: s.Projects["maple-street"].ID, Price: 9200, Currency: "USD"},
	} {
		if err := putRate(ctx, tx, v, rate); err != nil {
			return err
		}
	}
	for _, terms := range []struct {
		project, lead string
		hours         int
	}{{"maple-street", "ben", 110}, {"maple-garden", "diego", 24}, {"lakeview-house", "", 40}} {
		p := s.Projects[terms.project]
		if err := saveTerms(ctx, tx, v, Terms{ProjectID: p.ID, ClientID: p.ClientID, AgreedMinutes: terms.hours * 60, LeadID: s.People[terms.lead].ID}); err != nil {
			return err
		}
	}
	monday := defaults.weekOf(day.Of(s.Now))
	for back := weeksBack; back >= 0; back-- {
		if err := t.tellWeek(ctx, tx, v, s, monday.Add(-7*back), back); err != nil {
			return err
		}
	}
	if err := t.tellMore(ctx, tx, v, s, monday); err != nil {
		return err
	}
	if err := t.tellExpenses(ctx, tx, v, s); err != nil {
		return err
	}
	for _, n := range []Remark{
		{OnDay: monday.Add(-9), Text: "The plumbing inspection passed at the first try. The walls can be closed.", ClientViewable: true},
		{OnDay: monday.Add(-4), Text: "Cabinet maker asks for two more days. No effect on the hours agreed.", ClientViewable: true},
		{OnDay: monday.Add(-3), Text: "Keep an eye on the tile hours: they run over what we calculated."},
	} {
		n.ProjectID = s.Projects["maple-street"].ID
		if _, err := addRemark(ctx, tx, v, n); err != nil {
			return err
		}
	}
	p := s.Projects["maple-street"]
	w := v
	w.PersonID = s.People["diego"].ID
	return setTimer(ctx, tx, w, Timer{ProjectID: p.ID, Task: "Carpentry", ClientNote: "Trim in the living room", StartedAt: s.Now.Add(-85 * time.Minute)})
}

// tellWeek writes a week: the oldest are finalised, the ones after them approved, the last one waits or is being written.
func (t teller) tellWeek(ctx context.Context, tx bun.Tx, v auth.Viewer, s *demo.Story, week day.Day, back int) error {
	state, today := Draft, day.Of(s.Now)
	switch {
	case back >= 4:
		state = Finalised
	case back >= 2:
		state = Approved
	case back == 1:
		state = Submitted
	}
	var list []Entry
	for n, one := range weeks {
		p := s.Projects[one.project]
		for _, weekday := range one.weekdays {
			on := week.Add(weekday)
			if on.After(today) || one.project == "maple-garden" && back > 2 {
				continue
			}
			as := state
			if one.free && state == Finalised {
				as = Approved
			}
			list = append(list, Entry{
				ID: id.New(), ClientID: p.ClientID, ProjectID: p.ID, PersonID: s.People[one.who].ID, WorkDate: on, Minutes: one.minutes + 15*((back+n+weekday)%3),
				Task: one.task, ClientNote: one.note, InternalNotes: one.internal, Billable: !one.free, State: as, Currency: "USD",
			})
		}
	}
	if err := tellEntries(ctx, tx, v, list); err != nil || back != 3 {
		return err
	}
	b := bill{bus: t.Bus, setting: defaults} // what waits at billing
	var ids []uuid.UUID
	for _, e := range list {
		ids = append(ids, e.ID)
	}
	return b.time(ctx, tx, v, ids)
}

// tellMore has the finished house, where more was used than agreed, and Maria's own hours.
func (t teller) tellMore(ctx context.Context, tx bun.Tx, v auth.Viewer, s *demo.Story, monday day.Day) error {
	house := s.Projects["lakeview-house"]
	var list []Entry
	for n := range 12 {
		list = append(list, Entry{
			ID: id.New(), ClientID: house.ClientID, ProjectID: house.ID, PersonID: s.People["ben"].ID, WorkDate: monday.Add(-60 - 6*n), Minutes: 210, Task: "Finishing",
			ClientNote: "Punch list, room by room", Billable: true, State: Finalised, Currency: "USD",
		})
	}
	p := s.Projects["maple-street"]
	list = append(list, Entry{
		ID: id.New(), ClientID: p.ClientID, ProjectID: p.ID, PersonID: v.PersonID, WorkDate: monday, Minutes: 60, Task: "Project management",
		ClientNote: "Budget review with you on the phone", Billable: true, State: Draft, Currency: "USD",
	})
	return tellEntries(ctx, tx, v, list)
}

func (t teller) tellExpenses(ctx context.Context, tx bun.Tx, v auth.Viewer, s *demo.Story) error {
	p := s.Projects["maple-street"]
	for _, e := range []struct {
		Expense
		who  string
		back int
		bare bool // without a receipt
	}{
		{Expense: Expense{Category: "Permits and fees", Vendor: "City of Austin", Cost: 18500, ClientNote: "Plumbing permit", State: Finalised}, who: "ben", back: 34},
		{Expense: Expense{Category: "Tools and rental", Vendor: "Lone Star Rentals", Cost: 24150, Tax: 1150, Markup: 1000, ClientNote: "Dust wall and air scrubber, one week", InternalNotes: "Deposit came back.", State: Approved}, who: "diego", back: 12},
		{Expense: Expense{Category: "Materials", Vendor: "Hill Country Lumber", Cost: 7320, Tax: 320, ClientNote: "Blocking and fasteners", State: Approved}, who: "diego", back: 9},
		{Expense: Expense{Category: "Travel", Vendor: "Fuel stop 12", Cost: 4180, InternalNotes: "To the cabinet maker and back.", State: Submitted}, who: "ben", back: 5, bare: true},
		{Expense: Expense{Category: "Materials", Vendor: "Hill Country Lumber", Cost: 2975, Tax: 175, Markup: 1000, ClientNote: "Sealant", State: Draft}, who: "maria", back: 1},
	} {
		w := v
		w.PersonID = s.People[e.who].ID
		e.ID, e.ProjectID, e.PersonID, e.SpentOn, e.Currency, e.Billable = id.New(), p.ID, w.PersonID, day.Of(s.Day(-e.back)), "USD", true
		if !e.bare && t.Files != nil {
			row, err := t.receipt(ctx, tx, w, s, p.ClientID, e.Expense)
			if err != nil {
				return err
			}
			e.ReceiptID, e.ReceiptMedia = row.ID, row.Media
		}
		state := e.State
		if _, err := addExpense(ctx, tx, w, e.Expense); err != nil {
			return err
		}
		if err := tellExpense(ctx, tx, v, e.ID, state); err != nil {
			return err
		}
	}
	return nil
}

// receipt is a PDF as shops send it.
func (t teller) receipt(ctx context.Context, tx bun.Tx, v auth.Viewer, s *demo.Story, client uuid.UUID, e Expense) (files.Row, error) {
	total := e.Spent().Format("en-US")
	body, err := paper.Draw(paper.Sheet{
		Lang: "en-US", Title: "Receipt", Sub: e.SpentOn.String(), Color: brand.Of("#555555").Light.Brand, From: []string{"Counter 4", "Thank you for your business"},
		Columns: []paper.Column{{Title: "What"}, {Title: "Amount", Right: true, Width: 34}}, Rows: [][]string{{e.Category, total}},
		Sums: []paper.Pair{{Name: "Paid", Value: total, Strong: true}}, Page: "Page", Made: s.Now,
	})
	if err != nil {
		return files.Row{}, fmt.Errorf("receipt of the demo: %w", err)
	}
	return t.Files.Take(ctx, tx, v, files.Upload{Purpose: purpose, Audience: files.ForSection, ClientID: client, Name: "Receipt.pdf", From: bytes.NewReader(body), Most: receiptBytes})
}

// tellHarbor has just enough of another firm that it would be seen where it does not belong.
func (t teller) tellHarbor(ctx context.Context, tx bun.Tx, s *demo.Story) error {
	p, felix := s.Projects["winter-gala"], s.People["felix"]
	if p.ID == uuid.Nil {
		return nil
	}
	v := auth.Viewer{Side: auth.Office, Firm: s.Firm, PersonID: felix.ID, Name: felix.Name, Role: access.Owner}
	return tellEntries(ctx, tx, v, []Entry{{
		ID: id.New(), ClientID: p.ClientID, ProjectID: p.ID, PersonID: felix.ID, WorkDate: day.Of(s.Now).Add(-3), Minutes: 120, Task: "HARBOR-ONLY planning", Billable: true, State: Approved, Currency: "USD",
	}})
}
