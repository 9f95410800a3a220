package billing

import "portico/platform/module"

// keeps are our tables, for the export of everything.
func keeps() []module.Kept {
	return append([]module.Kept{
		{Table: "billing.setting", Columns: module.Words("invoice_prefix credit_prefix receipt_prefix terms_days second_person show_upcoming tax_rate tax_name footer pay_card pay_bank part_payment min_payment allow_over mail_links updated_at")},
		{Table: "billing.counter", Columns: module.Words("kind last")},
		{Table: "billing.invoice", Of: "client_id", Columns: module.Words(`id client_id project_id stage state imported number title currency issued_on due_on
			net tax total paid reserved message notes drafted_by writers approved_by approved_at released_by released_at voided_by voided_at void_reason
			mailed_at kind retainage_rate retained used part_of no_reminders no_fees pay_card pay_bank min_payment allow_over issued_tax_name issued_footer issued_from issued_to created_at updated_at`)},
		{
			Table: "billing.line", Of: "invoice_id", Through: "billing.invoice",
			Columns: module.Words("invoice_id position text quantity price discount tax_rate net tax source source_id section project_id"),
		},
		{Table: "billing.invoice_word", Why: "it is made of the invoices, for the search"},
		{Table: "billing.payment", Of: "client_id", Columns: module.Words(`id client_id project_id method number currency amount allocated refunded state imported undone received_on
			reference notes deposit_id tax recorded_by reversed_by reversed_at reversal_reason created_at`)},
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
		{Table: "billing.account", Columns: module.Words("id provider title live cards banks active checked_at wrong created_by created_at")},
		{Table: "billing.method", Columns: module.Words("id contact_id account_id kind brand last4 expires_on first kept removed_at created_at")},
		{
			Table: "billing.pay_link", Of: "invoice_id", Through: "billing.invoice",
			Columns: module.Words("id invoice_id contact_id expires_at revoked_at revoked_by created_by created_at"),
		},
		{Table: "billing.batch", Of: "client_id", Columns: module.Words("id client_id contact_id link_id account_id kind method_id keep auto currency setup_status created_at")},
		{Table: "billing.attempt", Of: "client_id", Columns: module.Words(`id batch_id invoice_id client_id account_id kind amount held fee currency status
			gateway_id failure_code failure_text review tries sent_at ended_at payment_id created_at updated_at`)},
		{
			Table: "billing.step", Of: "attempt_id", Through: "billing.attempt",
			Columns: module.Words("attempt_id at status text"),
		},
		{Table: "billing.stray", Columns: module.Words("id account_id gateway_id what status kind amount currency attempt_id made_at found_at settled_at settled_by reason payment_id")},
		{
			Table: "billing.refund", Of: "payment_id", Through: "billing.payment",
			Columns: module.Words("id attempt_id payment_id amount status gateway_id failure_text reason by_id created_at updated_at ended ended_at ended_by ended_note paid_method paid_reference paid_on"),
		},
		{
			Table: "billing.dispute", Of: "attempt_id", Through: "billing.attempt",
			Columns: module.Words("id attempt_id gateway_id status amount reason answer_by created_at updated_at"),
		},
		{Table: "billing.event", Why: "it is what a provider reported, and what came of it stands in the attempts"},
		{Table: "billing.autopay", Of: "client_id", Columns: module.Words("contact_id client_id method_id since")},
		{
			Table: "billing.autopay_charge", Of: "invoice_id", Through: "billing.invoice",
			Columns: module.Words("invoice_id contact_id charge_on noticed_at batch_id dropped tries"),
		},
		{Table: "billing.finding", Columns: module.Words("promise rows at mailed_at")},
	}, routineKeeps()...)
}
