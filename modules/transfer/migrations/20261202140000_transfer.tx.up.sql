-- Imports of other programs' tables, with what they did, and exports.
create table transfer.import (
	firm_id    uuid not null references firm (firm_id),
	id         uuid not null,
	kind       text not null,                       -- of a section: "clients:contacts"
	state      text not null check (state in ('columns', 'checking', 'ready', 'importing', 'done', 'stopped', 'undoing', 'undone')),
	file_name  text not null,
	size       bigint not null,
	shape      jsonb not null,                      -- how the file is written
	sheets     text[] not null default '{}',        -- of an Excel file
	columns    jsonb not null default '[]',         -- those with something in them
	rows       integer not null default 0,
	mapping    jsonb not null default '{}',         -- field -> column or fixed value
	settings   jsonb not null default '{}',
	existing   text not null default 'skip' check (existing in ('skip', 'update', 'create')),
	sorted     boolean not null default false,      -- rows of one record stand together in a file of their own
	at         bigint not null default 0,           -- where the next row begins
	rows_done  integer not null default 0,
	fresh      integer not null default 0,          -- records: found by the check, or added by the import
	same       integer not null default 0,          -- there already
	changed    integer not null default 0,
	refused    integer not null default 0,
	mild       integer not null default 0,          -- values left out
	traces     integer not null default 0,
	undone     integer not null default 0,
	kept       integer not null default 0,          -- by the undo
	error      text not null default '',            -- why it cannot go on
	actor_id   uuid not null,
	actor_name text not null,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	ended_at   timestamptz,
	files_gone boolean not null default false,
	primary key (firm_id, id)
);
create index import_list on transfer.import (firm_id, created_at desc, id);

-- What was found wrong, or there already, row by row.
create table transfer.finding (
	firm_id   uuid not null,
	import_id uuid not null,
	row       integer not null,                     -- as the file counts
	n         integer not null,
	sort      text not null check (sort in ('refused', 'mild', 'same')),
	field     text not null,
	reason    text not null,
	value     text not null,
	primary key (firm_id, import_id, row, n),
	foreign key (firm_id, import_id) references transfer.import (firm_id, id) on delete cascade
);
create index finding_sort on transfer.finding (firm_id, import_id, sort, row, n);

-- What an import added or changed, so that it can be taken back.
create table transfer.trace (
	firm_id    uuid not null,
	import_id  uuid not null,
	n          integer not null,
	what       text not null,
	subject_id uuid not null,
	client_id  uuid not null,
	name       text not null,
	version    integer not null,
	before     jsonb,                               -- null: it was added
	undone     boolean not null default false,
	kept       text not null default '',            -- why an undo left it
	primary key (firm_id, import_id, n),
	foreign key (firm_id, import_id) references transfer.import (firm_id, id) on delete cascade
);
create index trace_kept on transfer.trace (firm_id, import_id, n) where kept <> '';

-- Columns that were chosen by hand, kept under a name, found again by the same head of a file.
create table transfer.saved (
	firm_id    uuid not null references firm (firm_id),
	id         uuid not null,
	kind       text not null,
	name       text not null check (name <> ''),
	head       text not null,                       -- the columns' names, hashed
	mapping    jsonb not null,                      -- by the names of columns
	settings   jsonb not null,
	created_at timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, kind, name)
);
create index saved_head on transfer.saved (firm_id, kind, head, created_at desc);

create table transfer.export (
	firm_id     uuid not null references firm (firm_id),
	id          uuid not null,
	client_id   uuid,                               -- null: everything
	client_name text not null default '',
	person_id   uuid not null,                      -- who asked: nobody else gets it
	person_name text not null,
	state       text not null check (state in ('making', 'ready', 'gone', 'failed')),
	done        integer not null default 0,         -- tables and files
	total       integer not null default 0,
	size        bigint not null default 0,
	created_at  timestamptz not null default now(),
	ready_at    timestamptz,
	expires_at  timestamptz,
	primary key (firm_id, id)
);
create index export_list on transfer.export (firm_id, created_at desc, id);
create index export_client on transfer.export (firm_id, client_id, created_at desc);
