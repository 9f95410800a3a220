package envelopes

import "portico/platform/module"

// keeps are our tables, for the export of everything.
func keeps() []module.Kept {
	return []module.Kept{
		{Table: "envelopes.envelope", Of: "client_id", Columns: module.Words(`id client_id project_id kind title message status ordered deadline_days remind_days
			ask_code source body currency amount at_once revision supersedes_id file_id pages sealed_id sent_at sent_by completed_at declined_at
			voided_at voided_by void_reason created_by created_at`)},
		{Table: "envelopes.line", Of: "client_id", Columns: module.Words("envelope_id position client_id text quantity price tax_rate")},
		{Table: "envelopes.stage", Of: "client_id", Columns: module.Words("envelope_id position client_id title share amount due_on")},
		{Table: "envelopes.recipient", Of: "client_id", Columns: module.Words(`id envelope_id client_id position role contact_id person_id name email notified_at
			opened_at consented_at signed_at declined_at reason expires_at reminded_at reminders verified_at host_id forwarded_id created_at`)},
		{Table: "envelopes.field", Of: "client_id", Columns: module.Words("id envelope_id client_id recipient_id page x y w h kind label required value filled_at")},
		{Table: "envelopes.sealed", Of: "client_id", Columns: module.Words("envelope_id client_id file_id stamped_at sealed_at")},
		{Table: "envelopes.chain", Why: "The certificates stand in the sealed files."},
		{Table: "envelopes.event", Of: "client_id", Columns: module.Words("envelope_id n client_id kind at side recipient_id person_id name email ip agent note")},
		{Table: "envelopes.setting", Columns: module.Words("deadline_days remind_days ask_code")},
		{Table: "envelopes.template", Columns: module.Words("id kind name title body stages archived_at created_at")},
		{Table: "envelopes.word", Why: "the words by which documents are found, made of their titles and recipients"},
	}
}
