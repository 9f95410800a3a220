package billing

import "portico/platform/module"

// instrumentKeeps are the tables of contracts, draws, things handed over and deposits given back.
func instrumentKeeps() []module.Kept {
	return []module.Kept{
		{Table: "billing.contract", Of: "client_id", Columns: module.Words("project_id client_id currency amount tax_rate retainage_rate shared retained asked updated_at")},
		{
			Table: "billing.contract_change", Of: "project_id",
			Columns: module.Words("change_order_id project_id text amount on_day at voided_at"),
		},
		{Table: "billing.agreement", Of: "client_id", Columns: module.Words("envelope_id client_id project_id kind title amount on_day invoice_id created_at")},
		{
			Table: "billing.draw", Of: "project_id",
			Columns: module.Words("id project_id position title milestone due_on by_itself share amount invoice_id"),
		},
		{Table: "billing.charge", Of: "client_id", Columns: module.Words("id client_id project_id source source_id text quantity price currency tax_rate on_day invoice_id created_at")},
		{
			Table: "billing.credit_line", Of: "invoice_id", Through: "billing.invoice",
			Columns: module.Words("payment_id position invoice_id text net tax tax_rate"),
		},
		{
			Table: "billing.deposit_return", Of: "invoice_id", Through: "billing.invoice",
			Columns: module.Words("id invoice_id method amount on_day reference by_id at"),
		},
	}
}
