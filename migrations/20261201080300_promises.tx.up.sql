-- Promises (outbox), the mail that came of them, files, and what happened.
create table outbox (
	firm_id    uuid not null,                 -- all zeros: the installation's own
	id         uuid not null,
	kind       text not null,
	payload    jsonb not null,
	created_at timestamptz not null default now(),
	next_at    timestamptz not null default now(),
	dispatches integer not null default 0,    -- times the bell was rung
	tries      integer not null default 0,    -- times the handler said no
	last_error text not null default '',
	done_at    timestamptz,
	dead_at    timestamptz,
	primary key (firm_id, id)
);
create index outbox_open on outbox (next_at) where done_at is null and dead_at is null;
create index outbox_state on outbox (firm_id, created_at desc);
create index outbox_dead on outbox (firm_id, dead_at) where dead_at is not null;
create index outbox_done on outbox (done_at) where done_at is not null;

create table clock (
	kind   text not null,
	period timestamptz not null,
	primary key (kind, period)
);
comment on table clock is 'global: one tick a period for the whole installation';

create table mail (
	firm_id    uuid not null,
	id         uuid not null,                 -- the outbox row that asked for it
	kind       text not null,
	person_id  uuid,
	contact_id uuid,
	sent_to    text not null,
	subject    text not null,
	state      text not null check (state in ('sent', 'bounced', 'failed', 'dropped')),
	detail     text not null default '',
	at         timestamptz not null default now(),
	primary key (firm_id, id)
);
create index mail_person on mail (firm_id, person_id, at desc);
create index mail_contact on mail (firm_id, contact_id, at desc);

create table file (
	firm_id    uuid not null,
	id         uuid not null,
	purpose    text not null,                 -- logo, photo, or a module's own
	audience   text not null check (audience in ('public', 'firm', 'client', 'staff', 'person')),
	client_id  uuid,
	person_id  uuid,
	name       text not null,
	media      text not null,
	size       bigint not null,
	sha256     bytea not null,
	width      integer not null default 0,
	height     integer not null default 0,
	variants   text[] not null default '{}',
	state      text not null default 'new' check (state in ('new', 'ready', 'damaged')),
	created_at timestamptz not null default now(),
	created_by uuid,
	deleted_at timestamptz,
	primary key (firm_id, id),
	foreign key (firm_id, client_id) references client (firm_id, id)
);
create index file_client on file (firm_id, client_id);

create table activity (
	firm_id    uuid not null,
	id         uuid not null,
	at         timestamptz not null default now(),
	actor_id   uuid,                          -- person; null: the program
	actor_name text not null default '',
	verb       text not null,                 -- "client.created"
	text       text not null,                 -- one sentence, past tense
	client_id  uuid,
	project_id uuid,
	subject_id uuid,
	data       jsonb not null default '{}',   -- before and after
	for_client boolean not null default false,
	primary key (firm_id, id)
);
comment on table activity is 'append-only';
create index activity_at on activity (firm_id, at desc);
create index activity_client on activity (firm_id, client_id, at desc);
create index activity_project on activity (firm_id, project_id, at desc);
create index activity_actor on activity (firm_id, actor_id, at desc);
