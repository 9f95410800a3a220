-- The office's first page says who may come in and has not been asked yet.
create index contact_to_invite on contact (firm_id, created_at)
	where access = 'portal' and invited_at is null and disabled_at is null and archived_at is null;
