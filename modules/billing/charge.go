package billing

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	facts "portico/platform/fact"
	"portico/platform/job"
	"portico/platform/module"
	"portico/platform/money"
	asks "portico/platform/plan"
	"portico/platform/port"
)

// charge is something that another section handed over to be billed.
type charge struct {
	ID, ClientID, ProjectID uuid.UUID
	Source                  string
	SourceID                uuid.UUID
	Text                    string
	Quantity                money.Quantity
	Price                   int64
	Currency                string
	TaxRate                 money.Rate
	OnDay                   day.Day
	InvoiceID               uuid.UUID // the draft or invoice that it stands on; Nil: unbilled
}

// line is how it reads on an invoice.
func (c charge) line() Line {
	l := Line{Text: c.Text, Quantity: c.Quantity, Price: c.Price, TaxRate: c.TaxRate, Source: c.Source, SourceID: c.ID}
	l.work()
	return l
}

// Amount is what it comes to, without taxes.
func (c charge) Amount() money.Amount { return money.Of(c.line().Net, c.Currency) }

// What names its source for people.
func (c charge) What() string {
	return map[string]string{
		facts.FromTime: "Time", facts.FromExpense: "Expense", facts.FromChoice: "Selection", facts.FromChangeOrder: "Change order",
	}[c.Source]
}

// handedOver reads what a fact says; it is the section's mistake when nobody could bill it.
func handedOver(b facts.Billable, source string) (charge, error) {
	on, err := day.Parse(b.On)
	c := charge{
		ClientID: b.ClientID, ProjectID: b.ProjectID, Source: source, SourceID: b.ID, Text: oneLine(b.Text), Quantity: money.Quantity(b.Quantity),
		Price: b.Price, Currency: strings.ToUpper(b.Currency), TaxRate: money.Rate(b.TaxRate), OnDay: on,
	}
	switch {
	case err != nil:
		return c, fmt.Errorf("%s %s has no day", source, b.ID)
	case c.Text == "" || utf8.RuneCountInString(c.Text) > longestLine:
		return c, fmt.Errorf("%s %s has no text that fits on a line", source, b.ID)
	case c.TaxRate < 0 || c.TaxRate > money.Whole:
		return c, fmt.Errorf("%s %s has no tax rate", source, b.ID)
	case c.line().Net > money.Most || c.line().Net < -money.Most:
		return c, fmt.Errorf("%s %s is more than an invoice can hold", source, b.ID)
	}
	return c, nil
}

// handover takes what other sections tell.
type handover struct{ module.Platform }

func (h handover) subscribers() []facts.Subscriber {
	return append(h.agreementSubscribers(), []facts.Subscriber{
		facts.On("billing:take_time", func(ctx context.Context, tx bun.Tx, firm uuid.UUID, f facts.TimeApproved) error {
			return h.take(ctx, tx, firm, f.Billable, facts.FromTime)
		}),
		facts.On("billing:take_expense", func(ctx context.Context, tx bun.Tx, firm uuid.UUID, f facts.ExpenseApproved) error {
			return h.take(ctx, tx, firm, f.Billable, facts.FromExpense)
		}),
		facts.On("billing:take_choice", func(ctx context.Context, tx bun.Tx, firm uuid.UUID, f facts.ChoicePriced) error {
			return h.take(ctx, tx, firm, f.Billable, facts.FromChoice)
		}),
		facts.On("billing:take_change_order", takeChangeOrder),
		facts.On("billing:drop_change_order", func(ctx context.Context, tx bun.Tx, firm uuid.UUID, f facts.ChangeOrderVoided) error {
			v := auth.System(firm)
			if err := voidChange(ctx, tx, v, f.ProjectID, f.ID); err != nil {
				return err
			}
			return withdrawCharge(ctx, tx, v, facts.FromChangeOrder, f.ID)
		}),
		facts.On("billing:move_draws", h.moveDraws),
		facts.On("billing:forget_charge", func(ctx context.Context, tx bun.Tx, firm uuid.UUID, f facts.BillableWithdrawn) error {
			still, known, err := stillHanded(ctx, tx, h.Board, auth.System(firm), f.Source, []uuid.UUID{f.ID})
			if err != nil || known && len(still) > 0 {
				return err // it was handed over once more, and that was heard first
			}
			return withdrawCharge(ctx, tx, auth.System(firm), f.Source, f.ID)
		}),
	}...)
}

func (h handover) handlers() []job.Handler { return []job.Handler{tellCharges.Handle(h.tell)} }

// take keeps one thing to be billed, unless it was taken back before this was heard.
func (h handover) take(ctx context.Context, tx bun.Tx, firm uuid.UUID, b facts.Billable, source string) error {
	c, err := handedOver(b, source)
	if err != nil {
		return err
	}
	still, known, err := stillHanded(ctx, tx, h.Board, auth.System(firm), source, []uuid.UUID{b.ID})
	if err != nil || known && len(still) == 0 {
		return err
	}
	return putCharge(ctx, tx, auth.System(firm), c)
}

// stillHanded are those things of a source that are with billing as their section sees it, and stay so until this
// transaction ends. known is false where no section takes back what it handed over.
func stillHanded(ctx context.Context, tx bun.IDB, board *port.Board, v auth.Viewer, source string, ids []uuid.UUID) (still []uuid.UUID, known bool, err error) {
	if source != facts.FromTime && source != facts.FromExpense {
		return nil, false, nil
	}
	return asks.StillHanded.Ask(ctx, board, asks.Handed{Tx: tx, Viewer: v, Source: source, IDs: ids})
}

// recalled reports whether any of this was taken back by its section, and holds what was not.
func recalled(ctx context.Context, tx bun.IDB, board *port.Board, v auth.Viewer, list []charge) (bool, error) {
	ids := map[string][]uuid.UUID{}
	for _, c := range list {
		ids[c.Source] = append(ids[c.Source], c.SourceID)
	}
	for _, source := range slices.Sorted(maps.Keys(ids)) {
		still, known, err := stillHanded(ctx, tx, board, v, source, ids[source])
		if err != nil || known && len(still) < len(ids[source]) {
			return true, err
		}
	}
	return false, nil
}

// takeChangeOrder changes what was agreed, and keeps its price to be billed: as a draft of its own, if it says so.
func takeChangeOrder(ctx context.Context, tx bun.Tx, firm uuid.UUID, f facts.ChangeOrderApproved) error {
	v := auth.System(firm)
	c, err := handedOver(f.Billable, facts.FromChangeOrder)
	if err != nil {
		return err
	}
	if counts, err := putChange(ctx, tx, v, c); err != nil || !counts {
		return err
	}
	if err := putCharge(ctx, tx, v, c); err != nil || !f.AtOnce {
		return err
	}
	open, err := openCharge(ctx, tx, v, c.Source, c.SourceID)
	if err != nil || open.ID == uuid.Nil || open.line().Net < 0 {
		return err // it stands on an invoice already, or there is nothing to ask for
	}
	project, err := projectByID(ctx, tx, v, c.ProjectID)
	if err != nil {
		return err
	}
	title := []rune(c.Text)
	invoice, err := draftCharges(ctx, tx, v, project, string(title[:min(len(title), longestTitle)]), []charge{open})
	if err != nil {
		return err
	}
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.drafted", Text: "drafted an invoice for the approved change “" + c.Text + "”",
		ClientID: c.ClientID, ProjectID: c.ProjectID, SubjectID: invoice,
	})
}

// chargesTold names charges whose sections are to hear what became of them.
type chargesTold struct{ Charges []uuid.UUID }

var tellCharges = job.New[chargesTold]("billing:tell_charges")

// tell says how it is now, not how it was when the promise was made: whichever is told last is true.
func (h handover) tell(ctx context.Context, tx bun.Tx, firm uuid.UUID, t chargesTold) error {
	list, err := chargesByID(ctx, tx, auth.System(firm), t.Charges)
	if err != nil {
		return err
	}
	type group struct {
		invoice, client, project uuid.UUID
		source                   string
	}
	ids := map[group][]uuid.UUID{}
	var order []group
	for _, c := range list {
		g := group{c.Issued, c.ClientID, c.ProjectID, c.Source}
		if ids[g] == nil {
			order = append(order, g)
		}
		ids[g] = append(ids[g], c.SourceID)
	}
	for _, g := range order {
		var news facts.Fact = facts.LinesBilled{ClientID: g.client, ProjectID: g.project, InvoiceID: g.invoice, Source: g.source, IDs: ids[g]}
		if g.invoice == uuid.Nil {
			news = facts.LinesReturned{ClientID: g.client, ProjectID: g.project, Source: g.source, IDs: ids[g]}
		}
		if err := h.Bus.Publish(ctx, tx, firm, news); err != nil {
			return err
		}
	}
	return nil
}
