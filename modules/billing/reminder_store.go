package billing

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/id"
)

// takeReminders gives what is to be reminded of today, each turn of a rule once, and at most one a day for an invoice: the
// latest. A worker that was down makes up for a reminder before the due day until that day, for one after it during a
// week. What is being paid is left alone.
func takeReminders(ctx context.Context, tx bun.IDB, firm uuid.UUID, today day.Day) ([]reminded, error) {
	var list []reminded
	err := tx.NewRaw(`
		with due as (
			select distinct on (i.id) i.id as invoice_id, r.id as rule_id, t.turn
			from billing.reminder_rule r
			join billing.invoice i on i.firm_id = r.firm_id and i.state in ('open', 'partial') and i.due_key <= ?1::date + 60
			cross join lateral (select
				case when r.again_days = 0 then 0 else greatest(least((?1::date - i.due_on - r.days) / r.again_days, r.most - 1), 0) end as turn) t
			cross join lateral (select i.due_on + r.days + t.turn * r.again_days as on_day) d
			where r.firm_id = ?0 and r.active
				and d.on_day <= ?1::date and d.on_day >= r.since and d.on_day > i.issued_on
				and case when r.days < 0 then ?1::date < i.due_on when r.days = 0 then ?1::date = i.due_on else ?1::date < d.on_day + 7 end
				and i.reserved = 0 and not i.no_reminders
				and not exists (select from billing.spared s where s.firm_id = i.firm_id and s.client_id = i.client_id and s.no_reminders)
				and not exists (select from billing.reminder m where m.firm_id = i.firm_id and m.invoice_id = i.id
					and (m.on_day = ?1::date or m.rule_id = r.id and m.turn = t.turn))
			order by i.id, d.on_day desc, r.id
		)
		insert into billing.reminder (firm_id, invoice_id, rule_id, turn, on_day)
		select ?0, d.invoice_id, d.rule_id, d.turn, ?1::date from due d
		on conflict do nothing
		returning invoice_id as invoice, rule_id as rule, turn`, firm, today.String()).Scan(ctx, &list)
	return list, err
}

// stillReminds gives the rule of a promised reminder, and whether it still holds.
func stillReminds(ctx context.Context, tx bun.IDB, firm uuid.UUID, l told) (reminderRule, bool, error) {
	var rule reminderRule
	err := tx.NewRaw(`
		select r.id, r.days, r.again_days, r.most
		from billing.reminder_rule r
		join billing.invoice i on i.firm_id = r.firm_id and i.id = ?2
		where r.firm_id = ?0 and r.id = ?1 and r.active
			and i.state in ('open', 'partial') and i.reserved = 0 and not i.no_reminders
			and not exists (select from billing.spared s where s.firm_id = i.firm_id and s.client_id = i.client_id and s.no_reminders)`,
		firm, l.RuleID, l.InvoiceID).Scan(ctx, &rule)
	if errors.Is(err, sql.ErrNoRows) {
		return rule, false, nil
	}
	return rule, err == nil, err
}

// dropReminder takes a promise back. When nobody was reminded this time, a payment that fails after all lets the rule
// have its turn again.
func dropReminder(ctx context.Context, tx bun.IDB, firm uuid.UUID, l told) error {
	if err := dropLetter(ctx, tx, firm, l.ID); err != nil {
		return err
	}
	_, err := tx.NewRaw(`
		delete from billing.reminder m
		where m.firm_id = ?0 and m.invoice_id = ?1 and m.rule_id = ?2 and m.turn = ?3
			and exists (select from billing.invoice i where i.firm_id = ?0 and i.id = ?1 and i.reserved > 0)
			and not exists (select from billing.letter l where l.firm_id = ?0 and l.invoice_id = ?1 and l.rule_id = ?2 and l.turn = ?3)`,
		firm, l.InvoiceID, l.RuleID, l.Turn).Exec(ctx)
	return err
}

// reminderRules are a firm's, in the order of their days.
func reminderRules(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]reminderRule, error) {
	var list []reminderRule
	err := tx.NewRaw(`
		select r.id, r.days, r.again_days, r.most, r.since, r.active, r.version
		from billing.reminder_rule r
		where r.firm_id = ?
		order by r.days, r.id`, v.FirmID()).Scan(ctx, &list)
	return list, err
}

func addReminderRule(ctx context.Context, tx bun.IDB, v auth.Viewer, r reminderRule) error {
	_, err := tx.NewRaw(`
		insert into billing.reminder_rule (firm_id, id, days, again_days, most, since)
		values (?, ?, ?, ?, ?, ?)`, v.FirmID(), id.New(), r.Days, r.AgainDays, r.Most, r.Since).Exec(ctx)
	return err
}

// setReminderRule switches one off, or on from a day.
func setReminderRule(ctx context.Context, tx bun.IDB, v auth.Viewer, r reminderRule, active bool, since day.Day) error {
	return unmoved(tx.NewRaw(`
		update billing.reminder_rule set active = ?, since = ?, version = version + 1
		where firm_id = ? and id = ? and version = ?`, active, since, v.FirmID(), r.ID, r.Version).Exec(ctx))
}

func deleteReminderRule(ctx context.Context, tx bun.IDB, v auth.Viewer, r reminderRule) error {
	return unmoved(tx.NewRaw("delete from billing.reminder_rule where firm_id = ? and id = ? and version = ?", v.FirmID(), r.ID, r.Version).Exec(ctx))
}

// spared is whom reminders and fees leave alone.
type spared struct {
	NoReminders, NoFees bool
}

func sparedClient(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) (spared, error) {
	var s spared
	err := tx.NewRaw("select s.no_reminders, s.no_fees from billing.spared s where s.firm_id = ? and s.client_id = ?", v.FirmID(), client).Scan(ctx, &s)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil
	}
	return s, err
}

func spareClient(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID, s spared) error {
	_, err := tx.NewRaw(`
		insert into billing.spared (firm_id, client_id, no_reminders, no_fees) values (?, ?, ?, ?)
		on conflict (firm_id, client_id) do update set no_reminders = excluded.no_reminders, no_fees = excluded.no_fees`,
		v.FirmID(), client, s.NoReminders, s.NoFees).Exec(ctx)
	return err
}

func sparedInvoice(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID) (spared, error) {
	var s spared
	err := tx.NewRaw("select i.no_reminders, i.no_fees from billing.invoice i where i.firm_id = ? and i.id = ?", v.FirmID(), invoice).Scan(ctx, &s)
	return s, db.Found(err)
}

// spareInvoice changes nothing of what the invoice says.
func spareInvoice(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID, s spared) error {
	_, err := tx.NewRaw("update billing.invoice set no_reminders = ?, no_fees = ? where firm_id = ? and id = ?", s.NoReminders, s.NoFees, v.FirmID(), invoice).Exec(ctx)
	return err
}
