package billing

import "portico/platform/module"

// keeps are our tables, for the export of everything.
func keeps() []module.Kept {
	return []module.Kept{
		{Table: "billing.setting", Columns: module.Words("invoice_prefix credit_prefix receipt_prefix terms_days second_person show_upcoming tax_rate tax_name footer updated_at")},
		{Table: "billing.counter", Columns: module.Words("kind last")},
		{Table: "billing.invoice", Of: "client_id", Columns: module.Words(`id client_id project_id stage state number title currency issued_on due_on
			net tax total paid reserved message notes drafted_by writers approved_by approved_at released_by released_at voided_by voided_at void_reason
			mailed_at issued_tax_name issued_footer issued_from issued_to created_at updated_at`)},
		{
			Table: "billing.line", Of: "invoice_id", Through: "billing.invoice",
			Columns: module.Words("invoice_id position text quantity price discount tax_rate net tax source"),
		},
		{Table: "billing.invoice_word", Why: "it is made of the invoices, for the search"},
		{Table: "billing.payment", Of: "client_id", Columns: module.Words(`id client_id project_id method number currency amount allocated state received_on
			reference notes recorded_by reversed_by reversed_at reversal_reason created_at`)},
		{
			Table: "billing.allocation", Of: "invoice_id", Through: "billing.invoice",
			Columns: module.Words("id payment_id invoice_id amount on_day by_id at"),
		},
		{Table: "billing.journal", Of: "client_id", Columns: module.Words("id client_id kind source_type source_id on_day by_id at")},
		{
			Table: "billing.entry", Of: "journal_id", Through: "billing.journal",
			Columns: module.Words("journal_id n account invoice_id currency amount"),
		},
		{Table: "billing.total", Of: "client_id", Columns: module.Words("id client_id project_id currency invoiced paid unapplied")},
		{Table: "billing.template", Of: "client_id", Columns: module.Words(`id client_id project_id title currency every unit on_day starts_on ends_on times due_days
			becomes message notes next_on paused_at paused_why writers approved_by created_at updated_at`)},
		{
			Table: "billing.template_line", Of: "template_id", Through: "billing.template",
			Columns: module.Words("template_id position text quantity price discount tax_rate"),
		},
		{Table: "billing.template_run", Of: "template_id", Through: "billing.template", Columns: module.Words("template_id period_on invoice_id at")},
		{Table: "billing.finding", Columns: module.Words("promise rows at")},
	}
}
