-- How a firm works with choices.
create table selections.setting (
	firm_id     uuid not null,
	at_once     boolean not null default false,     -- a change becomes a draft invoice right away
	credits     boolean not null default false,     -- what an allowance is not used up for is given back
	remind_days integer not null default 3 check (remind_days between 0 and 60), -- before the deadline; 0: not by itself
	tax_rate    integer not null default 0 check (tax_rate between 0 and 10000), -- on changes; basis points
	version     integer not null default 1,
	primary key (firm_id)
);

-- What a project's client sees of cost beside the price: nothing, of what is chosen, or of all. No row: nothing.
create table selections.book (
	firm_id    uuid not null,
	project_id uuid not null,
	client_id  uuid not null,
	opens      text not null check (opens in ('nothing', 'chosen', 'all')),
	primary key (firm_id, project_id),
	foreign key (firm_id, client_id, project_id) references public.project (firm_id, client_id, id)
);

-- Categories and rooms, under which clients find what they choose.
create table selections.heading (
	firm_id    uuid not null,
	id         uuid not null,
	client_id  uuid not null,
	project_id uuid not null,
	kind       text not null check (kind in ('category', 'room')),
	title      text not null check (title <> ''),
	position   integer not null default 0,
	primary key (firm_id, id),
	unique (firm_id, project_id, id),
	foreign key (firm_id, client_id, project_id) references public.project (firm_id, client_id, id)
);
create unique index heading_title on selections.heading (firm_id, project_id, kind, lower(title));

-- What the contract has for one selection, or for several that share it.
create table selections.allowance (
	firm_id    uuid not null,
	id         uuid not null,
	client_id  uuid not null,
	project_id uuid not null,
	title      text not null check (title <> ''),
	amount     bigint not null check (amount >= 0), -- minor units of the project's currency
	shared     boolean not null default false,      -- other selections may draw on it, too
	notes      text not null default '',            -- staff only
	version    integer not null default 1,
	created_at timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, project_id, id),
	foreign key (firm_id, client_id, project_id) references public.project (firm_id, client_id, id)
);

create table selections.selection (
	firm_id       uuid not null,
	id            uuid not null,
	client_id     uuid not null,
	project_id    uuid not null,
	category_id   uuid,
	room_id       uuid,
	allowance_id  uuid,
	kind          text not null check (kind in ('selection', 'specification')),
	title         text not null check (title <> ''),
	specification text not null default '',         -- everybody reads it
	instructions  text not null default '',         -- the client and staff
	trade_info    text not null default '',         -- trades and staff: no client
	notes         text not null default '',         -- staff only
	due_on        date,
	item_id       uuid,                             -- of the schedule, on which the deadline hangs
	item_title    text not null default '',
	item_offset   integer not null default 0,       -- days after the item's end; before it, with a minus
	required      boolean not null default true,    -- false: the client may skip it
	several       boolean not null default false,   -- more than one choice may be taken
	may_decline   boolean not null default false,
	may_propose   boolean not null default false,   -- the client adds choices
	open_ended    boolean not null default false,   -- there are no choices but proposals
	state         text not null default 'draft' check (state in ('draft', 'released', 'selected', 'approved', 'skipped', 'declined')),
	reminders     integer not null default 0,       -- by itself, for this deadline: 1 before it, 2 when it has passed
	released_at   timestamptz,
	decided_at    timestamptz,                      -- approved, skipped or declined
	ordered_on    date,
	order_notes   text not null default '',         -- staff only
	words         tsvector not null,                -- what it is found by
	version       integer not null default 1,
	created_at    timestamptz not null default now(),
	changed_at    timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, client_id, id),
	foreign key (firm_id, client_id, project_id) references public.project (firm_id, client_id, id),
	foreign key (firm_id, project_id, category_id) references selections.heading (firm_id, project_id, id),
	foreign key (firm_id, project_id, room_id) references selections.heading (firm_id, project_id, id),
	foreign key (firm_id, project_id, allowance_id) references selections.allowance (firm_id, project_id, id),
	check ((released_at is null) = (state = 'draft')),
	check ((decided_at is not null) = (state in ('approved', 'skipped', 'declined'))),
	check (ordered_on is null or state = 'approved')
);
create index selection_project on selections.selection (firm_id, project_id, due_on);
create index selection_client on selections.selection (firm_id, client_id);
create index selection_category on selections.selection (firm_id, category_id);
create index selection_room on selections.selection (firm_id, room_id);
create index selection_allowance on selections.selection (firm_id, allowance_id);
create index selection_item on selections.selection (firm_id, item_id) where item_id is not null;
create index selection_open on selections.selection (firm_id, due_on, id) where state in ('released', 'selected');
create index selection_changed on selections.selection (firm_id, changed_at desc, id desc);
create index selection_words on selections.selection using gin (words);

create table selections.choice (
	firm_id      uuid not null,
	id           uuid not null,
	client_id    uuid not null,
	selection_id uuid not null,
	title        text not null check (title <> ''),
	text         text not null default '',
	link         text not null default '',
	vendor       text not null default '',          -- staff only
	cost         bigint check (cost >= 0),          -- staff, and clients to whom the book is open
	markup       integer check (markup between 0 and 1000000), -- basis points on the cost
	price        bigint,                            -- what the client pays; null: to be priced
	by_client    boolean not null default false,    -- proposed
	position     integer not null default 0,
	version      integer not null default 1,
	created_by   uuid,
	created_at   timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, selection_id, id),
	foreign key (firm_id, client_id, selection_id) references selections.selection (firm_id, client_id, id),
	foreign key (firm_id, created_by) references person (firm_id, id)
);
create index choice_selection on selections.choice (firm_id, selection_id, position);
create index choice_to_price on selections.choice (firm_id, created_at) where price is null;
create index choice_created_by on selections.choice (firm_id, created_by);

-- What is taken now; alone: of a selection that allows one.
create table selections.pick (
	firm_id      uuid not null,
	choice_id    uuid not null,
	client_id    uuid not null,
	selection_id uuid not null,
	alone        boolean not null,
	approved     boolean not null default false,
	price        bigint,                            -- as approved
	at           timestamptz not null default now(),
	primary key (firm_id, choice_id),
	foreign key (firm_id, selection_id, choice_id) references selections.choice (firm_id, selection_id, id),
	foreign key (firm_id, client_id, selection_id) references selections.selection (firm_id, client_id, id),
	check (not approved or price is not null)
);
create unique index pick_alone on selections.pick (firm_id, selection_id) where alone;
create index pick_selection on selections.pick (firm_id, selection_id);

-- Who decided what, when, and what they saw. Rows are only added.
create table selections.decision (
	firm_id      uuid not null,
	id           uuid not null,
	client_id    uuid not null,
	selection_id uuid not null,
	act          text not null check (act in ('chosen', 'withdrawn', 'approved', 'skipped', 'declined', 'reopened', 'ordered', 'unordered')),
	choices      jsonb not null default '[]',       -- id, title and price as they were
	allowance    bigint,                            -- null: none
	used         bigint not null default 0,         -- of the allowance, by others, when it was decided
	difference   bigint not null default 0,         -- the change to the contract
	actor_id     uuid,
	actor_name   text not null default '',
	by_client    boolean not null,
	behalf       text not null default '',          -- the contact who said so to staff
	way          text not null default '' check (way in ('', 'phone', 'person', 'paper', 'mail')),
	signature    text not null default '',          -- the name that was typed
	reason       text not null default '',          -- both sides read it
	note         text not null default '',          -- staff only: evidence in words
	ip           text not null default '',          -- staff only
	at           timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, client_id, selection_id) references selections.selection (firm_id, client_id, id),
	foreign key (firm_id, actor_id) references person (firm_id, id)
);
create index decision_selection on selections.decision (firm_id, selection_id, at);
create index decision_actor on selections.decision (firm_id, actor_id);

-- The changes to the contract that approvals have made, as billing was told.
create table selections.change (
	firm_id      uuid not null,
	id           uuid not null,
	client_id    uuid not null,
	project_id   uuid not null,
	selection_id uuid not null,
	allowance_id uuid,
	text         text not null check (text <> ''),
	amount       bigint not null check (amount <> 0),
	on_day       date not null,
	invoice_id   uuid,                              -- of billing, when the client was billed for it
	voided_at    timestamptz,
	created_at   timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, client_id, selection_id) references selections.selection (firm_id, client_id, id),
	foreign key (firm_id, project_id, allowance_id) references selections.allowance (firm_id, project_id, id)
);
create index change_selection on selections.change (firm_id, selection_id);
create index change_project on selections.change (firm_id, project_id);
create index change_allowance on selections.change (firm_id, allowance_id);

-- A client asks to change what is decided.
create table selections.request (
	firm_id      uuid not null,
	id           uuid not null,
	client_id    uuid not null,
	selection_id uuid not null,
	reason       text not null check (reason <> ''),
	state        text not null default 'open' check (state in ('open', 'granted', 'refused')),
	answer       text not null default '',
	person_id    uuid not null,
	name         text not null,
	created_at   timestamptz not null default now(),
	answered_at  timestamptz,
	primary key (firm_id, id),
	foreign key (firm_id, client_id, selection_id) references selections.selection (firm_id, client_id, id),
	foreign key (firm_id, person_id) references person (firm_id, id)
);
create unique index request_open on selections.request (firm_id, selection_id) where state = 'open';
create index request_selection on selections.request (firm_id, selection_id);
create index request_person on selections.request (firm_id, person_id);

-- Pictures and files of selections and their choices. One file may be shown in several projects.
create table selections.file (
	firm_id      uuid not null,
	id           uuid not null,
	client_id    uuid not null,
	selection_id uuid not null,
	choice_id    uuid,
	file_id      uuid not null,
	kind         text not null check (kind in ('picture', 'file', 'inspiration', 'evidence')), -- evidence: staff only
	by_client    boolean not null default false,
	position     integer not null default 0,
	created_by   uuid,
	created_at   timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, client_id, selection_id) references selections.selection (firm_id, client_id, id),
	foreign key (firm_id, selection_id, choice_id) references selections.choice (firm_id, selection_id, id),
	foreign key (firm_id, file_id) references public.file (firm_id, id),
	foreign key (firm_id, created_by) references person (firm_id, id)
);
create index file_selection on selections.file (firm_id, selection_id, position);
create index file_choice on selections.file (firm_id, choice_id);
create index file_file on selections.file (firm_id, file_id);
create index file_created_by on selections.file (firm_id, created_by);

-- A project's selections, to begin another one with.
create table selections.template (
	firm_id    uuid not null,
	id         uuid not null,
	title      text not null check (title <> ''),
	body       jsonb not null,
	size       integer not null,                    -- selections in it
	created_at timestamptz not null default now(),
	primary key (firm_id, id)
);
