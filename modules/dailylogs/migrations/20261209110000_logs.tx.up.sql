-- What a firm has chosen for its daily logs.
create table dailylogs.setting (
	firm_id    uuid primary key references firm (firm_id),
	shares     boolean not null default true,  -- a log that is submitted is shared unless its author unticks it
	notifies   boolean not null default false, -- and the client is told
	weather    boolean not null default false, -- ask the provider of the installation
	unit       text not null default '' check (unit in ('', 'F', 'C')), -- '': as is usual where the firm is
	updated_at timestamptz not null default now()
);

-- Where a project's weather is asked for; found once by the project's town.
create table dailylogs.place (
	firm_id    uuid not null,
	project_id uuid not null,
	town       text not null,  -- as the project said it: when it says another one, it is found again
	latitude   text not null,  -- both empty: nobody knows this town
	longitude  text not null,
	primary key (firm_id, project_id),
	foreign key (firm_id, project_id) references project (firm_id, id) on delete cascade
);

create table dailylogs.tag (
	firm_id     uuid not null references firm (firm_id),
	id          uuid not null,
	name        text not null check (name <> ''),
	internal    boolean not null default false, -- for staff only
	archived_at timestamptz,
	created_at  timestamptz not null default now(),
	primary key (firm_id, id)
);
create unique index tag_name on dailylogs.tag (firm_id, lower(name)) where archived_at is null;

-- What every log is asked.
create table dailylogs.question (
	firm_id     uuid not null references firm (firm_id),
	id          uuid not null,
	text        text not null check (text <> ''),
	kind        text not null check (kind in ('text', 'yesno', 'choice', 'number')),
	choices     text[] not null default '{}',
	category    text not null check (category in ('client', 'internal', 'photos', 'general')),
	required    boolean not null default false,
	position    integer not null,
	archived_at timestamptz,
	created_at  timestamptz not null default now(),
	primary key (firm_id, id),
	check (kind <> 'choice' or cardinality(choices) > 1)
);

-- A day's log by one author. These columns are what its author writes; what clients read is told by the revision.
create table dailylogs.log (
	firm_id           uuid not null,
	id                uuid not null,
	client_id         uuid not null,
	project_id        uuid not null,
	log_date          date not null,
	author_id         uuid not null,
	state             text not null default 'draft' check (state in ('draft', 'submitted', 'reopened', 'withdrawn')),
	text              text not null default '',
	text_shown        boolean not null default true, -- clients read it
	client_text       text not null default '',      -- or this instead
	notes             text not null default '',      -- staff only
	sky               text not null default '' check (sky in ('', 'clear', 'partly', 'cloudy', 'fog', 'rain', 'storm', 'snow', 'wind')),
	high              smallint,
	low               smallint,
	unit              text not null default 'F' check (unit in ('F', 'C')),
	weather_note      text not null default '',
	weather_from      text not null default '' check (weather_from in ('', 'hand', 'provider')),
	shared            boolean not null default false,
	revision          integer not null default 0,    -- how often it was submitted
	submitted_at      timestamptz,                   -- the last time
	notified_revision integer not null default 0,    -- the last one that the client was told of
	withdrawn_at      timestamptz,
	withdrawn_by      uuid,
	withdrawn_why     text not null default '',
	words             tsvector,                      -- all of it, for the search of staff
	version           integer not null default 1,
	created_at        timestamptz not null default now(),
	updated_at        timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, client_id, id),
	foreign key (firm_id, client_id, project_id) references project (firm_id, client_id, id),
	foreign key (firm_id, author_id) references person (firm_id, id),
	foreign key (firm_id, withdrawn_by) references person (firm_id, id),
	check ((state = 'draft') = (revision = 0)),
	check ((revision = 0) = (submitted_at is null)),
	check ((state = 'withdrawn') = (withdrawn_at is not null)),
	check (notified_revision <= revision)
);
create index log_feed on dailylogs.log (firm_id, client_id, log_date desc, id desc) where shared and state in ('submitted', 'reopened');
create index log_list on dailylogs.log (firm_id, log_date desc, id desc);
create index log_project on dailylogs.log (firm_id, project_id, log_date desc, id desc);
create index log_client on dailylogs.log (firm_id, client_id, log_date desc, id desc);
create index log_author on dailylogs.log (firm_id, author_id, log_date desc, id desc);
create index log_drafts on dailylogs.log (firm_id, author_id) where state in ('draft', 'reopened');
create index log_withdrawn_by on dailylogs.log (firm_id, withdrawn_by);

create table dailylogs.log_tag (
	firm_id uuid not null,
	log_id  uuid not null,
	tag_id  uuid not null,
	primary key (firm_id, log_id, tag_id),
	foreign key (firm_id, log_id) references dailylogs.log (firm_id, id) on delete cascade,
	foreign key (firm_id, tag_id) references dailylogs.tag (firm_id, id)
);
create index log_tag_tag on dailylogs.log_tag (firm_id, tag_id, log_id);

-- Who was on site. Hours are for staff only.
create table dailylogs.present (
	firm_id  uuid not null,
	log_id   uuid not null,
	position integer not null,
	name     text not null check (name <> ''),
	people   integer not null default 1 check (people between 1 and 999),
	minutes  integer not null default 0 check (minutes between 0 and 6000),
	primary key (firm_id, log_id, position),
	foreign key (firm_id, log_id) references dailylogs.log (firm_id, id) on delete cascade
);

create table dailylogs.answer (
	firm_id     uuid not null,
	log_id      uuid not null,
	question_id uuid not null,
	asked       text not null,                  -- the question as it was then
	category    text not null,
	text        text not null default '',
	client_text text not null default '',       -- what clients read instead
	shown       boolean not null default false, -- clients read it; never an internal one
	primary key (firm_id, log_id, question_id),
	foreign key (firm_id, log_id) references dailylogs.log (firm_id, id) on delete cascade,
	foreign key (firm_id, question_id) references dailylogs.question (firm_id, id),
	check (category <> 'internal' or not shown)
);
create index answer_question on dailylogs.answer (firm_id, question_id);

-- A photo of a log. Its key was made by the device that sends it: sent again after a bad line, it is the same photo.
create table dailylogs.photo (
	firm_id     uuid not null,
	id          uuid not null,
	log_id      uuid not null,
	client_id   uuid not null,
	key         uuid not null,
	file_id     uuid not null,
	caption     text not null default '',
	question_id uuid,                          -- it answers this one
	shown       boolean not null default true, -- clients see it
	since       integer,                       -- the revision that first had it; null: not submitted yet
	taken_at    timestamptz,
	position    integer not null,
	removed_at  timestamptz,
	removed_by  uuid,
	created_by  uuid not null,
	created_at  timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, log_id, key),
	foreign key (firm_id, client_id, log_id) references dailylogs.log (firm_id, client_id, id) on delete cascade,
	foreign key (firm_id, question_id) references dailylogs.question (firm_id, id),
	foreign key (firm_id, removed_by) references person (firm_id, id),
	foreign key (firm_id, created_by) references person (firm_id, id)
);
create index photo_log on dailylogs.photo (firm_id, log_id, position, id);
create index photo_client on dailylogs.photo (firm_id, client_id, log_id);
create index photo_file on dailylogs.photo (firm_id, file_id);
create index photo_question on dailylogs.photo (firm_id, question_id);
create index photo_removed_by on dailylogs.photo (firm_id, removed_by);
create index photo_created_by on dailylogs.photo (firm_id, created_by);

-- A log as it was submitted: what clients read of it, and all of it for the firm's records.
create table dailylogs.revision (
	firm_id      uuid not null,
	log_id       uuid not null,
	number       integer not null check (number > 0),
	told         jsonb not null, -- what clients read
	kept         jsonb not null, -- staff only
	words        tsvector not null, -- of what is told
	submitted_by uuid not null,
	submitted_at timestamptz not null default now(),
	primary key (firm_id, log_id, number),
	foreign key (firm_id, log_id) references dailylogs.log (firm_id, id) on delete cascade,
	foreign key (firm_id, submitted_by) references person (firm_id, id)
);
create index revision_submitted_by on dailylogs.revision (firm_id, submitted_by);
comment on table dailylogs.revision is 'append-only: what a client has read stays on record';
