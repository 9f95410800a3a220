-- Each entry of the activity log is sealed soon after its commit: a seal carries a number, the seal before it, and a hash
-- of both and of all that the entry says, made with the installation's secret. A worker seals, one firm at a time, so
-- that nobody who writes an entry waits for another.
create table activity_seal (
	firm_id   uuid not null,
	seq       bigint not null check (seq > 0),
	entry_id  uuid not null,
	prev      bytea not null,
	hash      bytea not null,
	sealed_at timestamptz not null default now(),
	primary key (firm_id, seq),
	unique (firm_id, entry_id)
);
comment on table activity_seal is 'append-only';

-- Entries that wait for their seal, written with them. No reference: what stays here without its entry was removed.
create table activity_unsealed (
	firm_id uuid not null,
	id      uuid not null,
	at      timestamptz not null default now(),
	primary key (firm_id, id)
);

-- The last seal of each firm, so that a missing end shows, and what the last check found.
create table activity_head (
	firm_id     uuid not null primary key,
	seq         bigint not null,
	hash        bytea not null,
	mac         bytea not null,                     -- proves seq and hash
	checked_at  timestamptz,
	checked     bigint not null default 0,          -- entries that the last check read
	sound_since timestamptz,                        -- no check since has found anything
	troubles    jsonb not null default '[]'
);

insert into activity_unsealed (firm_id, id) select firm_id, id from activity;
