-- Changes of many clients' portal setup at once: what was decided, for whom, and what became of each client.
create table setup.bulk (
	firm_id    uuid not null references public.firm (firm_id),
	id         uuid not null,
	state      text not null default 'draft' check (state in ('draft', 'running', 'stopped', 'done')),
	portal_on  boolean,                     -- null: stays as it is
	uploads_on boolean,
	switches   jsonb not null default '{}', -- "section" or "section/area" -> on, off, or "" for as the firm
	chosen     text not null,               -- how the clients were chosen, for people to read
	plan       jsonb not null default '[]', -- what would change, counted when they were chosen
	clients    integer not null default 0,
	by_id      uuid,
	by_name    text not null default '',
	created_at timestamptz not null default now(),
	started_at timestamptz,
	ended_at   timestamptz,
	primary key (firm_id, id)
);
create index bulk_created on setup.bulk (firm_id, created_at desc, id desc);

create table setup.bulk_client (
	firm_id   uuid not null,
	bulk_id   uuid not null,
	client_id uuid not null,
	version   integer not null,             -- the client's, when it was chosen
	result    text not null check (result in ('due', 'idle', 'changed', 'same', 'moved', 'archived')),
	was       jsonb not null default '{}',
	became    jsonb not null default '{}',
	primary key (firm_id, bulk_id, client_id),
	foreign key (firm_id, bulk_id) references setup.bulk (firm_id, id) on delete cascade,
	foreign key (firm_id, client_id) references public.client (firm_id, id) on delete cascade
);
create index bulk_client_result on setup.bulk_client (firm_id, bulk_id, result, client_id);
create index bulk_client_client on setup.bulk_client (firm_id, client_id);
