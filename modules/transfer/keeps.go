package transfer

import "portico/platform/module"

const (
	secret   = "It opens doors: nothing of it leaves the house."
	derived  = "It is made of other tables, and can be made again."
	passing  = "It is work of the moment."
	seals    = "It proves that the log is whole in this database, with the installation's key."
	ourFiles = "It is how imports and exports are done here; what they brought is in the other tables."
)

// keeps are the tables of the platform and of this module. A table of another section is named by that section. A test
// holds the list against the database: what is new must be named here or there.
var keeps = []module.Kept{
	{Table: "public.firm", Columns: module.Words("firm_id key name kind status portal_on switches zone locale currency email phone address website brand_color logo_id links_last second_factor auto_activate created_at")},
	{Table: "public.person", Columns: module.Words("id email name locale zone theme photo_id mails welcomed_at last_sign_in_at created_at")},
	{Table: "public.staff", Columns: module.Words("person_id role title phone show_photo show_email show_phone second_factor disabled_at created_at")},
	{Table: "public.client", Columns: module.Words("id name kind email phone street city region postcode country notes portal_on uploads_on switches logo_id auto_activated_at archived_at created_at updated_at"), Of: "id"},
	{Table: "public.contact", Columns: module.Words("id client_id person_id name title email phone notes is_primary access rights limited invited_at opened_at accepted_at disabled_at bounced_at bounce_reason archived_at created_at updated_at"), Of: "client_id"},
	{Table: "public.contact_project", Columns: module.Words("contact_id project_id client_id"), Of: "client_id"},
	{Table: "public.project", Columns: module.Words("id client_id key name street city region postcode country status summary next_steps notes starts_on ends_on currency shared switches created_at updated_at"), Of: "client_id"},
	{Table: "public.project_member", Columns: module.Words("project_id person_id role visible contactable position"), Of: "project_id"},
	{Table: "public.mail", Columns: module.Words("id kind person_id contact_id sent_to subject state detail at"), Of: "contact_id"},
	{Table: "public.file", Columns: module.Words("id purpose audience client_id person_id name media size width height created_at created_by deleted_at"), Of: "client_id"},
	{Table: "public.activity", Columns: module.Words("id at actor_id actor_name verb text client_id project_id subject_id data for_client side behalf ip agent"), Of: "client_id"},
	{Table: "public.comment", Columns: module.Words("id client_id project_id section thing_id person_id contact_id text internal created_at withdrawn_at"), Of: "client_id"},
	{Table: "public.mail_text", Columns: module.Words("kind own subject body updated_at")},
	{Table: "public.notice", Columns: module.Words("id person_id contact_id kind item_id title body path bundle items mail push created_at read_at"), Of: "contact_id"},
	{Table: "public.notice_choice", Columns: module.Words("person_id kind mail bell push")},
	{Table: "public.notice_default", Columns: module.Words("kind mail bell push")},
	{Table: "public.notice_person", Columns: module.Words("person_id quiet_from quiet_until")},
	{Table: "public.notice_firm", Columns: module.Words("digest_hour quiet_from quiet_until")},
	{Table: "public.mail_bounce", Columns: module.Words("mail_id status reason at")},
	{Table: "public.sso_provider", Columns: module.Words("name issuer domains enabled required second_factor joins proved_at updated_at")},
	{Table: "public.domain", Columns: module.Words("name state problem proved_at created_at")},

	{Table: "public.session", Why: secret},
	{Table: "public.link", Why: secret},
	{Table: "public.recovery_code", Why: secret},
	{Table: "public.passkey", Why: secret},
	{Table: "public.challenge", Why: secret},
	{Table: "public.sso_account", Why: secret},
	{Table: "public.preview", Why: secret},
	{Table: "public.push_device", Why: secret},
	{Table: "public.activity_seal", Why: seals},
	{Table: "public.activity_unsealed", Why: seals},
	{Table: "public.activity_head", Why: seals},
	{Table: "public.mail_text_draft", Why: passing},
	{Table: "public.client_word", Why: derived},
	{Table: "public.project_word", Why: derived},
	{Table: "public.outbox", Why: passing},
	{Table: "public.push_message", Why: passing},
	{Table: "public.alarm", Why: derived},
	{Table: "transfer.import", Why: ourFiles},
	{Table: "transfer.finding", Why: ourFiles},
	{Table: "transfer.trace", Why: ourFiles},
	{Table: "transfer.saved", Why: ourFiles},
	{Table: "transfer.export", Why: ourFiles},
}
