-- What clients and staff say about a thing of a section, such as a daily log: one home for all sections.
create table comment (
	firm_id      uuid not null references firm (firm_id),
	id           uuid not null,
	client_id    uuid not null,
	project_id   uuid not null,
	section      text not null check (section ~ '^[a-z][a-z0-9]{2,20}$'), -- the module's id
	thing_id     uuid not null,                  -- what it is about; its section knows it
	person_id    uuid not null,                  -- who wrote it
	contact_id   uuid,                           -- and as whom; null: as staff
	text         text not null check (text <> '' and length(text) <= 4000),
	internal     boolean not null default false, -- for staff only
	created_at   timestamptz not null default now(),
	withdrawn_at timestamptz,
	withdrawn_by uuid,
	primary key (firm_id, id),
	foreign key (firm_id, client_id, project_id) references project (firm_id, client_id, id),
	foreign key (firm_id, client_id, contact_id) references contact (firm_id, client_id, id),
	foreign key (firm_id, person_id) references person (firm_id, id),
	foreign key (firm_id, withdrawn_by) references person (firm_id, id),
	check (contact_id is null or not internal),
	check ((withdrawn_at is null) = (withdrawn_by is null))
);
create index comment_thing on comment (firm_id, section, thing_id, created_at, id);
create index comment_latest on comment (firm_id, section, created_at desc) where withdrawn_at is null and not internal;
create index comment_project on comment (firm_id, project_id);
create index comment_contact on comment (firm_id, contact_id);
create index comment_person on comment (firm_id, person_id);
create index comment_withdrawn_by on comment (firm_id, withdrawn_by);
