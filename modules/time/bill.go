package time

import (
	"context"
	"strconv"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	facts "portico/platform/fact"
	"portico/platform/money"
	"portico/platform/view"
)

// bill tells billing of approved work and expenses: each once, whoever presses how often. What has no rate stays.
type bill struct {
	bus      *facts.Bus
	setting  Setting
	unpriced int // hours that have no rate
	hours    int
	things   int
	minutes  int
	more     int // that one press does not reach
}

func (b *bill) time(ctx context.Context, tx bun.Tx, v auth.Viewer, ids []uuid.UUID) error {
	list, err := openToBill(ctx, tx, v, ids)
	if err != nil {
		return err
	}
	priced := list[:0]
	for _, e := range list {
		if !e.Priced || e.Worth == 0 {
			b.unpriced++
			continue
		}
		priced = append(priced, e)
	}
	if len(priced) == 0 {
		return nil
	}
	if err := handEntries(ctx, tx, v, priced); err != nil {
		return err
	}
	entries := make([]activity.Entry, 0, len(priced))
	for _, e := range priced {
		if err := b.bus.Publish(ctx, tx, v.FirmID(), facts.TimeApproved{Billable: b.line(e)}); err != nil {
			return err
		}
		b.minutes += e.Minutes
		entries = append(entries, activity.Entry{
			Verb: "time.handed", Text: "handed " + e.Hours() + " h of " + e.What() + " over to billing", ClientID: e.ClientID, ProjectID: e.ProjectID, SubjectID: e.ID, Private: true, Part: true,
			Data: map[string]any{"after": map[string]any{"hours": e.Hours(), "rate": e.Worth}},
		})
	}
	b.hours += len(priced)
	return activity.RecordEach(ctx, tx, v, entries)
}

// line is how an entry stands on the invoice: hours at their rate where the firm shows rates, else what they come to.
func (b *bill) line(e Entry) facts.Billable {
	l := facts.Billable{
		ID: e.ID, ClientID: e.ClientID, ProjectID: e.ProjectID, On: e.WorkDate.String(), Currency: e.Currency, TaxRate: int(b.setting.TimeTax),
		Text: lineText(e.What(), view.Day(e.WorkDate), e.ClientNote), Quantity: int64(quantity(e.Minutes)), Price: e.Worth,
	}
	if !b.setting.ShowRate {
		l.Text = lineText(e.What(), view.Day(e.WorkDate)+", "+e.Hours()+" h", e.ClientNote)
		l.Quantity, l.Price = int64(money.One), worth(e.Worth, e.Minutes, e.Currency).Minor
	}
	return l
}

func (b *bill) expenses(ctx context.Context, tx bun.Tx, v auth.Viewer, ids []uuid.UUID) error {
	list, err := openExpenses(ctx, tx, v, ids)
	if err != nil || len(list) == 0 {
		return err
	}
	if err := handExpenses(ctx, tx, v, list); err != nil {
		return err
	}
	entries := make([]activity.Entry, 0, len(list))
	for _, e := range list {
		err := b.bus.Publish(ctx, tx, v.FirmID(), facts.ExpenseApproved{Billable: facts.Billable{
			ID: e.ID, ClientID: e.ClientID, ProjectID: e.ProjectID, Text: lineText(e.Category, view.Day(e.SpentOn), e.ClientNote),
			On: e.SpentOn.String(), Quantity: 1000, Price: e.Price, Currency: e.Currency, TaxRate: int(b.setting.ExpenseTax),
		}})
		if err != nil {
			return err
		}
		entries = append(entries, activity.Entry{
			Verb: "time.handed", Text: "handed the expense “" + e.Category + "” over to billing", ClientID: e.ClientID, ProjectID: e.ProjectID, SubjectID: e.ID, Private: true, Part: true,
			Data: map[string]any{"after": map[string]any{"price": e.Charged().Plain()}},
		})
	}
	b.things += len(list)
	return activity.RecordEach(ctx, tx, v, entries)
}

// lineText is how it reads on the invoice: what, when, and what the client should know.
func lineText(what, on, note string) string {
	text := what + ", " + on
	if note != "" {
		text += ": " + note
	}
	if letters := []rune(text); len(letters) > longestLine {
		return string(letters[:longestLine-1]) + "…"
	}
	return text
}

// longestLine is what fits on a line of an invoice.
const longestLine = 300

// words say what was handed over.
func (b *bill) words() string {
	var text string
	switch {
	case b.hours > 0 && b.things > 0:
		text = clock(b.minutes) + " hours and " + counted(b.things, "expense", "expenses")
	case b.hours > 0:
		text = clock(b.minutes) + " hours"
	case b.things > 0:
		text = counted(b.things, "expense", "expenses")
	}
	return text
}

// missing says what could not be handed over; "" when all was.
func (b *bill) missing() string {
	if b.unpriced == 0 {
		return ""
	}
	return strconv.Itoa(b.unpriced) + " of them have no rate yet, so they stay here. Enter a rate first."
}

// subscribers hear what became of what was handed over.
func subscribers() []facts.Subscriber {
	return []facts.Subscriber{
		facts.On("time:note_billed", func(ctx context.Context, tx bun.Tx, firm uuid.UUID, f facts.LinesBilled) error {
			k, ours := kindOf(f.Source)
			if !ours {
				return nil
			}
			n, err := markBilled(ctx, tx, auth.System(firm), k, f.IDs, f.InvoiceID)
			return note(ctx, tx, firm, f.ClientID, f.ProjectID, err, n, "time.invoiced", k.many(n)+" went out on an invoice")
		}),
		facts.On("time:note_returned", func(ctx context.Context, tx bun.Tx, firm uuid.UUID, f facts.LinesReturned) error {
			k, ours := kindOf(f.Source)
			if !ours {
				return nil
			}
			n, err := markReturned(ctx, tx, auth.System(firm), k, f.IDs)
			return note(ctx, tx, firm, f.ClientID, f.ProjectID, err, n, "time.returned", k.many(n)+view.Plural(n, " stands", " stand")+" on no invoice any more")
		}),
	}
}

// note keeps what billing said, if it was news.
func note(ctx context.Context, tx bun.Tx, firm, client, project uuid.UUID, err error, n int, verb, text string) error {
	if err != nil || n == 0 {
		return err
	}
	return activity.Record(ctx, tx, auth.System(firm), activity.Entry{Verb: verb, Text: text, ClientID: client, ProjectID: project, SubjectID: project})
}

func counted(n int, one, many string) string {
	return strconv.Itoa(n) + " " + view.Plural(n, one, many)
}
