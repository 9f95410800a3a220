-- Sessions, links and the factors that open them. Secrets are stored as SHA-256 only.
create table session (
	firm_id        uuid not null,
	token_hash     bytea not null,
	person_id      uuid not null,
	contact_id     uuid,                        -- for which client; null: staff
	created_at     timestamptz not null default now(),
	last_seen_at   timestamptz not null default now(),
	idle_until     timestamptz not null,
	absolute_until timestamptz not null,
	factors        smallint not null default 1, -- 2: a second factor was shown
	confirmed_at   timestamptz not null default now(), -- the last fresh factor, for step-up
	ip             text not null default '',
	agent          text not null default '',
	primary key (firm_id, token_hash),
	foreign key (firm_id, person_id) references person (firm_id, id) on delete cascade,
	foreign key (firm_id, contact_id) references contact (firm_id, id)
);
create index session_person on session (firm_id, person_id);
create index session_contact on session (firm_id, contact_id);
create index session_old on session (firm_id, absolute_until);

create table link (
	firm_id     uuid not null,
	token_hash  bytea not null,
	id          uuid not null,
	purpose     text not null check (purpose in ('invite', 'sign_in', 'handover', 'email')),
	person_id   uuid not null,
	contact_id  uuid,
	sent_to     text not null,                  -- must still be the person's address when it is used
	code_hash   bytea,
	code_tries  smallint not null default 0,
	nonce_hash  bytea,                          -- the browser that asked for it
	return_to   text not null default '',
	created_at  timestamptz not null default now(),
	expires_at  timestamptz not null,
	used_at     timestamptz,
	ended_at    timestamptz,                    -- a newer one took its place, or access was withdrawn
	primary key (firm_id, token_hash),
	foreign key (firm_id, person_id) references person (firm_id, id) on delete cascade,
	foreign key (firm_id, contact_id) references contact (firm_id, id)
);
create index link_person on link (firm_id, person_id, purpose);
create index link_contact on link (firm_id, contact_id);
create index link_nonce on link (firm_id, nonce_hash);
create index link_old on link (firm_id, expires_at);

create table recovery_code (
	firm_id   uuid not null,
	person_id uuid not null,
	code_hash bytea not null,
	used_at   timestamptz,
	primary key (firm_id, person_id, code_hash),
	foreign key (firm_id, person_id) references person (firm_id, id) on delete cascade
);

create table passkey (
	firm_id      uuid not null,
	id           bytea not null,
	person_id    uuid not null,
	name         text not null,
	credential   jsonb not null,
	created_at   timestamptz not null default now(),
	last_used_at timestamptz,
	primary key (firm_id, id),
	foreign key (firm_id, person_id) references person (firm_id, id) on delete cascade
);
create index passkey_person on passkey (firm_id, person_id);

-- A question that a passkey or a second factor must answer soon; one use.
create table challenge (
	firm_id    uuid not null,
	token_hash bytea not null,
	kind       text not null check (kind in ('passkey_add', 'passkey_sign_in', 'second_factor', 'totp_add')),
	person_id  uuid,
	data       jsonb not null default '{}',
	tries      smallint not null default 0,
	expires_at timestamptz not null,
	primary key (firm_id, token_hash),
	foreign key (firm_id, person_id) references person (firm_id, id) on delete cascade
);
create index challenge_person on challenge (firm_id, person_id);
create index challenge_old on challenge (firm_id, expires_at);
