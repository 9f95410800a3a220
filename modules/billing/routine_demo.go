package billing

import (
	"context"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/demo"
	"portico/platform/money"
)

// tellRoutine shows what the program does by itself: an invoice that comes every month, as a draft; and the usual
// reminders, which wait until somebody lets them go.
func tellRoutine(ctx context.Context, tx bun.Tx, teller auth.Viewer, s *demo.Story) error {
	garden, known := s.Projects["maple-garden"]
	if !known {
		return nil
	}
	now := on(s, 0).Midnight()
	first := day.New(now.Year(), now.Month()+1, 1)
	t := Template{
		ClientID: garden.ClientID, ProjectID: garden.ID, Title: "Care of the garden, {month} {year}", Currency: s.Firm.Currency,
		Every: 1, Unit: "month", OnDay: 1, StartsOn: first, NextOn: first, DueDays: 14, Becomes: Draft,
		Notes: "Look at the hours of the month before it goes out.",
		Lines: []Line{line("Care of beds and hedges in {last_month}", money.One, 24000, 0), line("Green waste, taken away", 2000, 3500, 0)},
	}
	for n := range t.Lines {
		t.Lines[n].Position = n + 1
	}
	if _, err := addTemplate(ctx, tx, teller, t); err != nil {
		return err
	}
	for _, rule := range usualRules {
		rule.Since = on(s, 0)
		if err := addReminderRule(ctx, tx, teller, rule); err != nil {
			return err
		}
	}
	rules, err := reminderRules(ctx, tx, teller)
	for _, rule := range rules {
		if err := setReminderRule(ctx, tx, teller, rule, false, rule.Since); err != nil {
			return err
		}
	}
	return err
}
