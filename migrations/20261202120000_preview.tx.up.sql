-- A member of staff looks at the portal as one contact sees it. It opens nothing by itself: whoever shows it must also
-- show the office's session that it was begun in. That session is named and not referred to, because the end is told
-- also when the session has gone.
create table preview (
	firm_id        uuid not null,
	id             uuid not null,
	token_hash     bytea not null,
	session_hash   bytea not null,
	staff_id       uuid not null,
	contact_id     uuid not null,
	came_from      text not null default '',     -- where leaving leads back to
	created_at     timestamptz not null default now(),
	last_seen_at   timestamptz not null default now(),
	idle_until     timestamptz not null,
	absolute_until timestamptz not null,
	ended_at       timestamptz,
	primary key (firm_id, id),
	unique (firm_id, token_hash),
	foreign key (firm_id, staff_id) references staff (firm_id, person_id),
	foreign key (firm_id, contact_id) references contact (firm_id, id) on delete cascade
);
create index preview_staff on preview (firm_id, staff_id);
create index preview_contact on preview (firm_id, contact_id);
create index preview_session on preview (firm_id, session_hash) where ended_at is null;
