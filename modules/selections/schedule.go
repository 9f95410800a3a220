package selections

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fact"
	"portico/platform/plan"
	"portico/platform/web"
)

// subscribers are what selections want to hear: where the schedule moves what deadlines hang on, and what was billed.
func (d desk) subscribers() []fact.Subscriber {
	return []fact.Subscriber{
		fact.On("selections:move_deadlines", d.moveDeadlines),
		fact.On("selections:keep_deadlines", func(ctx context.Context, tx bun.Tx, firm uuid.UUID, f fact.ScheduleItemRemoved) error {
			return dropItem(ctx, tx, auth.System(firm), f.ProjectID, f.ItemID)
		}),
		fact.On("selections:mark_billed", func(ctx context.Context, tx bun.Tx, firm uuid.UUID, f fact.LinesBilled) error {
			if f.Source != fact.FromChangeOrder {
				return nil
			}
			return setInvoiced(ctx, tx, auth.System(firm), f.IDs, f.InvoiceID)
		}),
		fact.On("selections:mark_returned", func(ctx context.Context, tx bun.Tx, firm uuid.UUID, f fact.LinesReturned) error {
			if f.Source != fact.FromChangeOrder {
				return nil
			}
			return setInvoiced(ctx, tx, auth.System(firm), f.IDs, uuid.Nil)
		}),
	}
}

// moveDeadlines follows the schedule. Facts come in any order: where a schedule answers, its days are the true ones.
func (d desk) moveDeadlines(ctx context.Context, tx bun.Tx, firm uuid.UUID, f fact.ScheduleItemMoved) error {
	v := auth.System(firm)
	if err := holdHanging(ctx, tx, v, f.ProjectID, f.ItemID); err != nil {
		return err
	}
	items, answered, err := plan.Items.Ask(ctx, d.Board, plan.Question{Tx: tx, Viewer: v, ProjectID: f.ProjectID})
	if err != nil {
		return err
	}
	title := f.Title
	end, err := day.Parse(f.End)
	if err != nil {
		return nil // nothing that a deadline could hang on
	}
	if answered {
		item, there := itemByID(items, f.ItemID)
		if !there {
			return nil // it is gone meanwhile: deadlines keep the day that they had
		}
		title, end = item.Title, item.End // clients never read the title
	}
	moved, err := moveDeadlines(ctx, tx, v, f.ProjectID, f.ItemID, oneLine(title), end)
	if err != nil {
		return err
	}
	for _, s := range moved {
		if s.Locked() {
			continue // it waits for nobody
		}
		text := "moved the deadline of “" + s.Title + "” to " + dayText(s.DueOn) + " with the schedule"
		if err := d.note(ctx, tx, v, s, "selections.moved", text, nil); err != nil {
			return err
		}
		d.ring(ctx, firm, s.ClientID)
	}
	return nil
}

// planned are the items of the project's schedule that a deadline can hang on; none where nobody keeps a schedule.
func (d desk) planned(r *web.Request, projectID uuid.UUID) ([]plan.Item, error) {
	items, _, err := plan.Items.Ask(r.Context(), d.Board, plan.Question{Tx: r.Tx(), Viewer: r.Viewer(), ProjectID: projectID})
	return items, err
}

func itemByID(items []plan.Item, item uuid.UUID) (plan.Item, bool) {
	n := slices.IndexFunc(items, func(i plan.Item) bool { return i.ID == item })
	if n < 0 {
		return plan.Item{}, false
	}
	return items[n], true
}
