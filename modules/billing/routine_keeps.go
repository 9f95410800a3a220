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
	}
}
