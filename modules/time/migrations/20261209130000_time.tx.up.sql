-- How the firm keeps time.
create table time.setting (
	firm_id       uuid not null primary key references public.firm (firm_id),
	round_to      integer not null default 1 check (round_to in (1, 5, 6, 10, 15, 30)), -- minutes; what a timer books
	round_up      boolean not null default true,
	sunday_first  boolean not null default false,
	leads_approve boolean not null default false,
	show_people   boolean not null default false,   -- clients read who worked
	markup        integer not null default 0 check (markup between 0 and 10000), -- of new expenses, hundredths of a percent
	time_tax      integer not null default 0 check (time_tax between 0 and 10000),
	expense_tax   integer not null default 0 check (expense_tax between 0 and 10000),
	version       integer not null default 1,
	updated_at    timestamptz not null default now()
);

-- What an hour costs the client: of one person in one project, of a project, of a person, or of the whole firm.
create table time.rate (
	firm_id    uuid not null references public.firm (firm_id),
	id         uuid not null,
	person_id  uuid,
	project_id uuid,
	price      bigint not null check (price between 0 and 1000000000000),
	currency   char(3) not null,
	updated_at timestamptz not null default now(),
	primary key (firm_id, id),
	unique nulls not distinct (firm_id, project_id, person_id),
	foreign key (firm_id, person_id) references public.staff (firm_id, person_id),
	foreign key (firm_id, project_id) references public.project (firm_id, id)
);
create index rate_person on time.rate (firm_id, person_id);

-- What was agreed for a project: how many hours, and who leads it.
create table time.terms (
	firm_id        uuid not null,
	project_id     uuid not null,
	client_id      uuid not null,
	agreed_minutes integer check (agreed_minutes between 1 and 60000000),
	lead_id        uuid,
	version        integer not null default 1,
	updated_at     timestamptz not null default now(),
	primary key (firm_id, project_id),
	foreign key (firm_id, client_id, project_id) references public.project (firm_id, client_id, id),
	foreign key (firm_id, lead_id) references public.staff (firm_id, person_id)
);
create index terms_lead on time.terms (firm_id, lead_id) where lead_id is not null;

-- Hours of work. A month is its year times twelve and the months before it.
create table time.entry (
	firm_id        uuid not null,
	id             uuid not null,
	client_id      uuid not null,
	project_id     uuid not null,
	person_id      uuid not null,
	work_date      date not null,
	month          integer not null generated always as (extract(year from work_date)::integer * 12 + extract(month from work_date)::integer - 1) stored,
	minutes        integer not null check (minutes between 0 and 1440),
	task           text not null default '',
	client_note    text not null default '',        -- the client reads it
	internal_notes text not null default '',        -- staff only
	billable       boolean not null default true,
	state          text not null default 'draft' check (state in ('draft', 'submitted', 'approved', 'invoiced', 'finalised')),
	rate           bigint check (rate between 0 and 1000000000000), -- of an hour, once it is handed over; staff only
	currency       char(3) not null,
	returned       text not null default '',        -- why it came back to its writer
	submitted_at   timestamptz,
	approved_by    uuid,
	approved_at    timestamptz,
	handed_at      timestamptz,                     -- told to billing
	invoice_id     uuid,
	finalised_at   timestamptz,
	imported       boolean not null default false,
	version        integer not null default 1,
	created_at     timestamptz not null default now(),
	updated_at     timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, client_id, project_id) references public.project (firm_id, client_id, id),
	foreign key (firm_id, person_id) references public.staff (firm_id, person_id),
	check (state in ('draft', 'submitted') or approved_at is not null),
	check (state <> 'invoiced' or invoice_id is not null),
	check (state <> 'finalised' or finalised_at is not null),
	check (handed_at is null or billable and rate is not null)
);
create index entry_sheet on time.entry (firm_id, person_id, work_date, id);
create index entry_list on time.entry (firm_id, work_date, id);
create index entry_open on time.entry (firm_id, state, work_date, id) where state in ('draft', 'submitted', 'approved');
create index entry_sum on time.entry (firm_id, client_id, project_id, month, task) include (state, billable, minutes);
create index entry_project on time.entry (firm_id, project_id, work_date, id) include (state, billable, minutes);
create index entry_invoice on time.entry (firm_id, invoice_id) where invoice_id is not null;

-- What was spent for a project.
create table time.expense (
	firm_id        uuid not null,
	id             uuid not null,
	client_id      uuid not null,
	project_id     uuid not null,
	person_id      uuid not null,
	spent_on       date not null,
	month          integer not null generated always as (extract(year from spent_on)::integer * 12 + extract(month from spent_on)::integer - 1) stored,
	category       text not null check (category <> ''),
	vendor         text not null default '',        -- staff only
	cost           bigint not null check (cost between 1 and 1000000000000), -- as on the receipt; staff only
	tax            bigint not null default 0 check (tax between 0 and cost), -- contained in it; staff only
	markup         integer not null default 0 check (markup between 0 and 10000), -- staff only
	price          bigint not null check (price >= 0),                       -- what the client pays
	currency       char(3) not null,
	client_note    text not null default '',
	internal_notes text not null default '',
	billable       boolean not null default true,
	receipt_id     uuid,
	receipt_media  text not null default '',
	state          text not null default 'draft' check (state in ('draft', 'submitted', 'approved', 'invoiced', 'finalised')),
	returned       text not null default '',
	submitted_at   timestamptz,
	approved_by    uuid,
	approved_at    timestamptz,
	handed_at      timestamptz,
	invoice_id     uuid,
	finalised_at   timestamptz,
	version        integer not null default 1,
	created_at     timestamptz not null default now(),
	updated_at     timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, client_id, project_id) references public.project (firm_id, client_id, id),
	foreign key (firm_id, person_id) references public.staff (firm_id, person_id),
	check (state in ('draft', 'submitted') or approved_at is not null),
	check (state <> 'invoiced' or invoice_id is not null),
	check (state <> 'finalised' or finalised_at is not null),
	check (handed_at is null or billable)
);
create index expense_list on time.expense (firm_id, spent_on, id);
create index expense_own on time.expense (firm_id, person_id, spent_on, id);
create index expense_sum on time.expense (firm_id, client_id, project_id, spent_on, id);
create index expense_project on time.expense (firm_id, project_id, spent_on, id);
create index expense_receipt on time.expense (firm_id, receipt_id) where receipt_id is not null;
create index expense_open on time.expense (firm_id, state, spent_on, id) where state in ('draft', 'submitted', 'approved');

-- What is worth remembering of a day in a project.
create table time.remark (
	firm_id         uuid not null,
	id              uuid not null,
	client_id       uuid not null,
	project_id      uuid not null,
	person_id       uuid not null,
	on_day          date not null,
	text            text not null check (text <> ''),
	client_viewable boolean not null default false,
	version         integer not null default 1,
	created_at      timestamptz not null default now(),
	updated_at      timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, client_id, project_id) references public.project (firm_id, client_id, id),
	foreign key (firm_id, person_id) references public.person (firm_id, id)
);
create index remark_project on time.remark (firm_id, project_id, on_day, id);
create index remark_person on time.remark (firm_id, person_id);
create index remark_client on time.remark (firm_id, client_id, on_day, id) where client_viewable;

-- The one timer of a person. It runs in the database alone: closed tabs and restarts do not stop it.
create table time.timer (
	firm_id     uuid not null,
	person_id   uuid not null,
	client_id   uuid not null,
	project_id  uuid not null,
	task        text not null default '',
	client_note text not null default '',
	started_at  timestamptz not null,
	primary key (firm_id, person_id),
	foreign key (firm_id, client_id, project_id) references public.project (firm_id, client_id, id),
	foreign key (firm_id, person_id) references public.staff (firm_id, person_id)
);
create index timer_project on time.timer (firm_id, client_id, project_id);

-- Rows of a week sheet in which nothing is written yet.
create table time.line (
	firm_id    uuid not null,
	person_id  uuid not null,
	week       date not null,
	client_id  uuid not null,
	project_id uuid not null,
	task       text not null default '',
	primary key (firm_id, person_id, week, project_id, task),
	foreign key (firm_id, client_id, project_id) references public.project (firm_id, client_id, id),
	foreign key (firm_id, person_id) references public.staff (firm_id, person_id)
);
create index line_project on time.line (firm_id, client_id, project_id);
