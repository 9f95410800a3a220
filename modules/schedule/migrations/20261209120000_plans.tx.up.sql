-- What a firm's schedules begin with: the week, and the view that clients see first.
create table schedule.setting (
	firm_id      uuid not null primary key references firm (firm_id),
	week         smallint not null default 62 check (week between 1 and 127), -- bit 0: Sunday
	default_view text not null default 'gantt' check (default_view in ('gantt', 'list', 'month')),
	version      integer not null default 1,
	updated_at   timestamptz not null default now()
);

-- Exceptions of the week: holidays, and days on which work is done all the same; of the firm, or of one project.
create table schedule.day_off (
	firm_id    uuid not null references firm (firm_id),
	id         uuid not null,
	project_id uuid,
	first_on   date not null,
	last_on    date not null,
	works      boolean not null default false,
	name       text not null check (name <> ''),
	created_at timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, project_id) references project (firm_id, id),
	check (last_on >= first_on and last_on - first_on <= 366)
);
create index day_off_project on schedule.day_off (firm_id, project_id, first_on);

-- One project's schedule. Clients see it when it is online and viewable, and of it what is in schedule.shown.
create table schedule.plan (
	firm_id      uuid not null,
	project_id   uuid not null,
	client_id    uuid not null,
	online       boolean not null default false,
	viewable     boolean not null default true,
	revision     integer not null default 1,      -- goes up with every change: a preview is of one revision
	start_on     date,                            -- of all items; kept for the list
	end_on       date,
	items        integer not null default 0,
	done         integer not null default 0,      -- in hundredths of the work
	changed_at   timestamptz not null default now(),
	published_at timestamptz,
	baseline_at  timestamptz,
	created_by   uuid,
	created_at   timestamptz not null default now(),
	primary key (firm_id, project_id),
	unique (firm_id, client_id, project_id),
	foreign key (firm_id, client_id, project_id) references project (firm_id, client_id, id),
	foreign key (firm_id, created_by) references person (firm_id, id)
);
create index plan_changed on schedule.plan (firm_id, changed_at desc, project_id);
create index plan_end on schedule.plan (firm_id, end_on, project_id);
create index plan_creator on schedule.plan (firm_id, created_by);

create table schedule.item (
	firm_id        uuid not null,
	id             uuid not null,
	project_id     uuid not null,
	phase_id       uuid,                          -- the phase in which it stands
	kind           text not null check (kind in ('phase', 'task', 'milestone')),
	position       integer not null,
	title          text not null check (title <> ''),
	client_title   text not null default '',      -- what clients read instead
	client_text    text not null default '',      -- for clients
	internal_notes text not null default '',      -- staff only
	vendor         text not null default '',      -- staff only: the trade or subcontractor
	assignee_id    uuid,                          -- a member of staff
	start_on       date not null,
	end_on         date not null,
	workdays       integer not null check (workdays between 0 and 2000),
	not_before     date,                          -- null: as soon as what it depends on lets it
	progress       smallint not null default 0 check (progress between 0 and 100),
	color          text not null default '',
	client_visible boolean not null,
	base_start     date,                          -- the baseline: staff only
	base_end       date,
	deleted_at     timestamptz,                   -- gone with the next publication
	version        integer not null default 1,
	created_at     timestamptz not null default now(),
	updated_at     timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, project_id, id),
	foreign key (firm_id, project_id) references schedule.plan (firm_id, project_id),
	foreign key (firm_id, project_id, phase_id) references schedule.item (firm_id, project_id, id),
	foreign key (firm_id, assignee_id) references person (firm_id, id),
	check (end_on >= start_on),
	check (kind <> 'milestone' or start_on = end_on),
	check (kind <> 'phase' or phase_id is null)
);
create index item_project on schedule.item (firm_id, project_id, position, id);
create index item_phase on schedule.item (firm_id, project_id, phase_id);
create index item_assignee on schedule.item (firm_id, assignee_id) where assignee_id is not null;

create table schedule.link (
	firm_id    uuid not null,
	project_id uuid not null,
	from_id    uuid not null,                     -- what is waited for
	to_id      uuid not null,
	relation   text not null check (relation in ('FS', 'SS', 'FF')),
	lag        integer not null default 0 check (lag between -365 and 365),
	primary key (firm_id, project_id, from_id, to_id),
	foreign key (firm_id, project_id, from_id) references schedule.item (firm_id, project_id, id) on delete cascade,
	foreign key (firm_id, project_id, to_id) references schedule.item (firm_id, project_id, id) on delete cascade,
	check (from_id <> to_id)
);
create index link_to on schedule.link (firm_id, project_id, to_id);

-- What moved, and why. Rows without a notice were not told to the client yet.
create table schedule.shift (
	firm_id    uuid not null,
	id         uuid not null,
	project_id uuid not null,
	item_id    uuid not null,
	cause_id   uuid,                              -- the item that was moved, when this one followed
	old_start  date not null,
	old_end    date not null,
	new_start  date not null,
	new_end    date not null,
	reason     text not null default '',          -- clients read it with the notice
	by_id      uuid,
	at         timestamptz not null default clock_timestamp(),
	notice_id  uuid,
	primary key (firm_id, id),
	foreign key (firm_id, project_id, item_id) references schedule.item (firm_id, project_id, id) on delete cascade,
	foreign key (firm_id, by_id) references person (firm_id, id)
);
create index shift_item on schedule.shift (firm_id, project_id, item_id, id);
create index shift_open on schedule.shift (firm_id, project_id, id) where notice_id is null;
create index shift_by on schedule.shift (firm_id, by_id);

-- The schedule as it was published last: nothing else is ever read for clients. A hidden item is here too, for what
-- others were told about it, and is not visible.
create table schedule.shown (
	firm_id      uuid not null,
	item_id      uuid not null,
	project_id   uuid not null,
	client_id    uuid not null,
	phase_id     uuid,
	kind         text not null,
	position     integer not null,
	title        text not null,                   -- as clients read it
	client_text  text not null,
	start_on     date not null,
	end_on       date not null,
	color        text not null,
	visible      boolean not null,
	after_ids    uuid[] not null,                 -- what it waits for
	after_kinds  text[] not null,                 -- and how
	sequence     integer not null default 0,      -- how often it was changed since it was first published
	published_at timestamptz not null,
	primary key (firm_id, item_id),
	foreign key (firm_id, project_id, item_id) references schedule.item (firm_id, project_id, id) on delete cascade,
	foreign key (firm_id, client_id, project_id) references schedule.plan (firm_id, client_id, project_id)
);
create index shown_project on schedule.shown (firm_id, project_id, position, item_id);
create index shown_client on schedule.shown (firm_id, client_id, end_on);

-- One publication, and what it changed.
create table schedule.notice (
	firm_id    uuid not null,
	id         uuid not null,
	project_id uuid not null,
	client_id  uuid not null,
	message    text not null default '',          -- for clients
	first      boolean not null,                  -- the schedule was not published before
	told       boolean not null,                  -- a mail was asked for
	by_id      uuid,
	at         timestamptz not null default clock_timestamp(),
	primary key (firm_id, id),
	foreign key (firm_id, client_id, project_id) references schedule.plan (firm_id, client_id, project_id),
	foreign key (firm_id, by_id) references person (firm_id, id)
);
create index notice_client on schedule.notice (firm_id, client_id, at desc, id);
create index notice_project on schedule.notice (firm_id, project_id, at desc, id);
create index notice_by on schedule.notice (firm_id, by_id);

create table schedule.change (
	firm_id    uuid not null,
	notice_id  uuid not null,
	item_id    uuid not null,                     -- may be gone
	kind       text not null check (kind in ('moved', 'added', 'removed', 'renamed')),
	item_kind  text not null,
	position   integer not null,
	title      text not null,
	old_title  text not null default '',
	old_start  date,
	old_end    date,
	new_start  date,
	new_end    date,
	reason     text not null default '',
	primary key (firm_id, notice_id, item_id),
	foreign key (firm_id, notice_id) references schedule.notice (firm_id, id)
);
create index change_item on schedule.change (firm_id, item_id);

-- A contact's calendar feed. The address is known to its holder alone: here is its hash.
create table schedule.feed (
	firm_id    uuid not null,
	id         uuid not null,
	client_id  uuid not null,
	contact_id uuid not null,
	hash       bytea not null,
	created_at timestamptz not null default now(),
	revoked_at timestamptz,
	primary key (firm_id, id),
	unique (firm_id, hash),
	foreign key (firm_id, client_id, contact_id) references contact (firm_id, client_id, id)
);
create unique index feed_contact on schedule.feed (firm_id, contact_id) where revoked_at is null;
create index feed_of on schedule.feed (firm_id, client_id, contact_id);

-- Items without days, to begin a schedule with.
create table schedule.template (
	firm_id    uuid not null references firm (firm_id),
	id         uuid not null,
	name       text not null check (name <> ''),
	body       jsonb not null,
	items      integer not null,
	workdays   integer not null,
	created_by uuid,
	created_at timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, created_by) references person (firm_id, id)
);
create index template_name on schedule.template (firm_id, lower(name), id);
create index template_creator on schedule.template (firm_id, created_by);

-- The words by which items are found.
create table schedule.word (
	firm_id uuid not null,
	word    text collate "C" not null,
	item_id uuid not null,
	primary key (firm_id, word, item_id),
	foreign key (firm_id, item_id) references schedule.item (firm_id, id) on delete cascade
);
create index word_item on schedule.word (firm_id, item_id);
