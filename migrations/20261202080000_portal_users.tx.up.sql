-- The list of portal users: 100,000 contacts are filtered by how far they have come, and sorted, by indexes alone. What
-- row-level security lets an index use are plain columns, hence a generated one for each.
alter table contact
	add column sort_name text collate "C" generated always as (lower(translate(name,
	'ÀÁÂÃÄÅàáâãäåĀāĂăĄąÇçĆćČčĎďĐđÈÉÊËèéêëĒēĖėĘęĚěĞğÌÍÎÏìíîïĪīİıŁłÑñŃńŇňÒÓÔÕÖØòóôõöøŌōŐőŘřŚśŞşŠšŢţŤťÙÚÛÜùúûüŪūŮůŰűŲųÝýÿŹźŻżŽž',
	'AAAAAAaaaaaaAaAaAaCcCcCcDdDdEEEEeeeeEeEeEeEeGgIIIIiiiiIiIiLlNnNnNnOOOOOOooooooOoOoRrSsSsSsTtTtUUUUuuuuUuUuUuUuYyyZzZzZz'
	))) stored,
	add column portal_state text collate "C" generated always as (case
		when access <> 'portal' then 'none'
		when disabled_at is not null then 'disabled'
		when bounced_at is not null and (accepted_at is null or bounced_at > accepted_at) then 'bounced'
		when accepted_at is not null then 'accepted'
		when invited_at is not null then 'invited'
		else 'not_invited' end) stored,
	add column signed_in_at timestamptz,                 -- the last time as this contact
	add column invite_note  text not null default '',    -- of the last invitation: sent again, it says the same
	add column invite_mail  uuid;                        -- the promise of its mail

create index contact_list_name on contact (firm_id, portal_state, sort_name, id) where archived_at is null;
create index contact_list_invited on contact (firm_id, portal_state, coalesce(invited_at, '-infinity'), id) where archived_at is null;
create index contact_list_accepted on contact (firm_id, portal_state, coalesce(accepted_at, '-infinity'), id) where archived_at is null;
create index contact_list_signed_in on contact (firm_id, portal_state, coalesce(signed_in_at, '-infinity'), id) where archived_at is null;
