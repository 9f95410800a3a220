-- A sending asks many contacts into the portal: how fast, and what became of each.
create table users.sending (
	firm_id     uuid not null,
	id          uuid not null,
	again       boolean not null default false,  -- to those who were invited before
	note        text not null default '',        -- of a first invitation; sent again, everybody gets the one from before
	state       text not null default 'running' check (state in ('running', 'paused', 'cancelled', 'finished')),
	rate        integer not null check (rate between 1 and 60000), -- mails a minute
	by_id       uuid,
	by_name     text not null default '',
	form_key    uuid not null,                   -- of the page whose button was pressed: twice is once
	paid_until  timestamptz not null default now(), -- the rate's clock: each mail takes it on by its share of a minute
	turn        integer not null default 1,      -- the chain of jobs that counts; an older one ends by itself
	tally       jsonb not null default '{}',     -- rows by state, and skipped ones by reason, as of the last look
	total       integer not null default 0,
	held_up     boolean not null default false,  -- the mail server asks to be left alone for a while
	created_at  timestamptz not null default now(),
	finished_at timestamptz,
	primary key (firm_id, id),
	unique (firm_id, form_key)
);
create index sending_new on users.sending (firm_id, created_at, id);

create table users.sending_row (
	firm_id     uuid not null,
	sending_id  uuid not null,
	contact_id  uuid not null,
	state       text not null check (state in ('waiting', 'released', 'sent', 'opened', 'accepted', 'bounced', 'skipped', 'failed', 'cancelled')),
	reason      text not null default '',
	mail_id     uuid,                            -- the promise of the mail; it stays the same when a pause takes it back
	released_at timestamptz,
	at          timestamptz not null default now(),
	primary key (firm_id, sending_id, contact_id),
	foreign key (firm_id, sending_id) references users.sending (firm_id, id) on delete cascade,
	foreign key (firm_id, contact_id) references public.contact (firm_id, id) on delete cascade
);
-- nobody waits for two mails at once
create unique index sending_row_open on users.sending_row (firm_id, contact_id) where state in ('waiting', 'released');
create index sending_row_state on users.sending_row (firm_id, sending_id, state, contact_id);
create index sending_row_contact on users.sending_row (firm_id, contact_id);
