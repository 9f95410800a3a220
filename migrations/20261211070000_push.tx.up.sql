-- Browsers that a person lets the portal wake: one row for each side on which that was asked for. Where a browser is woken
-- opens it to whoever knows it, so that it is kept sealed.
create table push_device (
	firm_id       uuid not null,
	id            uuid not null,
	person_id     uuid not null,
	side          text not null check (side in ('office', 'portal')),
	contact_id    uuid,                    -- portal: as which contact it was asked for
	token_hash    bytea not null,          -- the session that it belongs to: signing out takes it away
	endpoint_hash bytea not null,
	sealed        bytea not null,          -- endpoint and keys, sealed with the installation's key
	agent         text not null default '',
	created_at    timestamptz not null default now(),
	last_ok_at    timestamptz,
	failed_at     timestamptz,
	failures      smallint not null default 0, -- since the last that went well
	primary key (firm_id, id),
	unique (firm_id, endpoint_hash, side),
	foreign key (firm_id, person_id) references person (firm_id, id) on delete cascade,
	foreign key (firm_id, contact_id) references contact (firm_id, id) on delete cascade,
	check ((side = 'portal') = (contact_id is not null))
);
create index push_device_person on push_device (firm_id, person_id, side);
create index push_device_contact on push_device (firm_id, contact_id);
create index push_device_session on push_device (firm_id, token_hash);

-- What is on its way to the devices of a person. It is forgotten after two days.
create table push_message (
	firm_id    uuid not null,
	id         uuid not null,
	person_id  uuid not null,
	contact_id uuid,                       -- for which contact it is meant; null: whichever of the person's
	title      text not null check (title <> ''),
	body       text not null default '',
	path       text not null check (path ~ '^/(office|portal)(/|$)'),
	tag        text not null default '',
	created_at timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, person_id) references person (firm_id, id) on delete cascade,
	foreign key (firm_id, contact_id) references contact (firm_id, id) on delete cascade
);
create index push_message_old on push_message (firm_id, created_at);
create index push_message_person on push_message (firm_id, person_id);
create index push_message_contact on push_message (firm_id, contact_id);
