package billing

import "portico/platform/module"

// routineKeeps are the tables of what the program does by itself.
func routineKeeps() []module.Kept {
	return []module.Kept{
		{Table: "billing.template", Of: "client_id", Columns: module.Words(`id client_id project_id title currency every unit on_day starts_on ends_on times due_days
			becomes message notes next_on paused_at paused_why writers approved_by created_at updated_at`)},
		{
			Table: "billing.template_line", Of: "template_id", Through: "billing.template",
			Columns: module.Words("template_id position text quantity price discount tax_rate"),
		},
		{Table: "billing.template_run", Of: "template_id", Through: "billing.template", Columns: module.Words("template_id period_on invoice_id at")},
		{
			Table: "billing.letter", Of: "invoice_id", Through: "billing.invoice",
			Columns: module.Words("id invoice_id contact_id kind rule_id turn sent_at"),
		},
		{Table: "billing.reminder_rule", Columns: module.Words("id days again_days most since active created_at")},
		{Table: "billing.reminder", Of: "invoice_id", Through: "billing.invoice", Columns: module.Words("invoice_id rule_id turn on_day")},
		{Table: "billing.late_rule", Columns: module.Words("active kind amount rate grace_days monthly cap currency releases since writer updated_at")},
		{
			Table: "billing.late_fee", Of: "invoice_id", Through: "billing.invoice",
			Columns: module.Words("invoice_id turn fee_invoice_id amount currency on_day waived_at waived_by waive_reason"),
		},
		{Table: "billing.spared", Of: "client_id", Columns: module.Words("client_id no_reminders no_fees")},
		{Table: "billing.mailing", Columns: module.Words("id by_id created_at")},
		{
			Table: "billing.mailing_item", Of: "invoice_id", Through: "billing.invoice",
			Columns: module.Words("mailing_id invoice_id state mails why"),
		},
	}
}
