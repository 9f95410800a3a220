-- A person is one mail address within one firm: the one who signs in.
create table person (
	firm_id         uuid not null references firm (firm_id),
	id              uuid not null,
	email           text not null check (email = lower(email) and email <> ''),
	name            text not null,
	password_hash   text not null default '',
	totp_secret     bytea,                        -- sealed with the installation's key
	totp_step       bigint not null default 0,    -- last step used: a code works once
	totp_at         timestamptz,                  -- when it was confirmed; null: not in use
	locale          text not null default '',
	zone            text not null default '',
	theme           text not null default '' check (theme in ('', 'light', 'dark')),
	photo_id        uuid,
	welcomed_at     timestamptz,
	last_sign_in_at timestamptz,
	created_at      timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, email)
);

create table staff (
	firm_id      uuid not null,
	person_id    uuid not null,
	role         text not null check (role in ('owner', 'admin', 'member')),
	title        text not null default '',
	phone        text not null default '',
	show_photo   boolean not null default true,
	show_email   boolean not null default true,
	show_phone   boolean not null default false,
	disabled_at  timestamptz,
	created_at   timestamptz not null default now(),
	primary key (firm_id, person_id),
	foreign key (firm_id, person_id) references person (firm_id, id)
);

create table client (
	firm_id     uuid not null references firm (firm_id),
	id          uuid not null,
	name        text not null check (name <> ''),
	kind        text not null default 'household' check (kind in ('household', 'company')),
	email       text not null default '',
	phone       text not null default '',
	street      text not null default '',
	city        text not null default '',
	region      text not null default '',
	postcode    text not null default '',
	country     text not null default '',
	notes       text not null default '',           -- staff only
	portal_on   boolean not null default false,
	uploads_on  boolean not null default false,
	switches    jsonb not null default '{}',        -- overrides; absent: inherit the firm's default
	logo_id     uuid,
	archived_at timestamptz,
	version     integer not null default 1,
	created_at  timestamptz not null default now(),
	updated_at  timestamptz not null default now(),
	primary key (firm_id, id)
);

create table project (
	firm_id     uuid not null,
	id          uuid not null,
	client_id   uuid not null,
	key         text not null check (key ~ '^[a-z0-9][a-z0-9-]{0,78}$' and key <> 'all'),
	name        text not null check (name <> ''),
	street      text not null default '',
	city        text not null default '',
	region      text not null default '',
	postcode    text not null default '',
	country     text not null default '',
	status      text not null default 'planned' check (status in ('planned', 'active', 'completed', 'archived')),
	summary     text not null default '',           -- for the client
	next_steps  text not null default '',           -- for the client, one a line
	notes       text not null default '',           -- staff only
	starts_on   date,
	ends_on     date,
	currency    char(3) not null default 'USD',
	shared      boolean not null default false,     -- the client may see it
	switches    jsonb not null default '{}',        -- only false counts: a project narrows
	version     integer not null default 1,
	created_at  timestamptz not null default now(),
	updated_at  timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, key),
	unique (firm_id, client_id, id),
	foreign key (firm_id, client_id) references client (firm_id, id)
);
create index project_client on project (firm_id, client_id, status);

create table contact (
	firm_id       uuid not null,
	id            uuid not null,
	client_id     uuid not null,
	person_id     uuid,                             -- set when the contact may sign in
	name          text not null check (name <> ''),
	title         text not null default '',
	email         text not null default '' check (email = lower(email)),
	phone         text not null default '',
	notes         text not null default '',         -- staff only
	is_primary    boolean not null default false,
	access        text not null default 'none' check (access in ('none', 'portal')),
	rights        text[] not null default '{}',
	limited       boolean not null default false,   -- only the projects of contact_project
	invited_at    timestamptz,
	opened_at     timestamptz,
	accepted_at   timestamptz,
	disabled_at   timestamptz,
	bounced_at    timestamptz,
	bounce_reason text not null default '',
	archived_at   timestamptz,
	version       integer not null default 1,
	created_at    timestamptz not null default now(),
	updated_at    timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, client_id, id),
	foreign key (firm_id, client_id) references client (firm_id, id),
	foreign key (firm_id, person_id) references person (firm_id, id)
);
create index contact_client on contact (firm_id, client_id);
create index contact_person on contact (firm_id, person_id);
create index contact_email on contact (firm_id, email);

-- The projects of a limited contact; they can only be the contact's own client's.
create table contact_project (
	firm_id    uuid not null,
	contact_id uuid not null,
	project_id uuid not null,
	client_id  uuid not null,
	primary key (firm_id, contact_id, project_id),
	foreign key (firm_id, client_id, contact_id) references contact (firm_id, client_id, id) on delete cascade,
	foreign key (firm_id, client_id, project_id) references project (firm_id, client_id, id) on delete cascade
);
create index contact_project_project on contact_project (firm_id, project_id);

-- Who works on a project, in which role.
create table project_member (
	firm_id     uuid not null,
	project_id  uuid not null,
	person_id   uuid not null,
	role        text not null default '',
	visible     boolean not null default true,      -- clients see this member
	contactable boolean not null default true,
	position    integer not null default 0,
	primary key (firm_id, project_id, person_id),
	foreign key (firm_id, project_id) references project (firm_id, id) on delete cascade,
	foreign key (firm_id, person_id) references staff (firm_id, person_id)
);
create index project_member_person on project_member (firm_id, person_id);

-- Lists of 100,000 clients are searched by the beginning of any word, within the firm.
create table client_word (
	firm_id   uuid not null,
	word      text collate "C" not null,
	client_id uuid not null,
	primary key (firm_id, word, client_id),
	foreign key (firm_id, client_id) references client (firm_id, id) on delete cascade
);
create index client_word_client on client_word (firm_id, client_id);
create index client_name on client (firm_id, lower(name), id);
create index client_created on client (firm_id, created_at desc, id);
