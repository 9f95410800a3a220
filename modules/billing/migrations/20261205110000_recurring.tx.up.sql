-- What is billed again and again: a worker makes one invoice of it a period, on the firm's own day.
create table billing.template (
	firm_id     uuid not null,
	id          uuid not null,
	client_id   uuid not null,
	project_id  uuid not null,
	title       text not null check (title <> ''),   -- may hold places such as {month}, as may the message and the lines
	currency    char(3) not null,
	every       integer not null default 1 check (every between 1 and 52),
	unit        text not null check (unit in ('week', 'month', 'quarter', 'year')),
	on_day      integer not null default 1 check (on_day between 1 and 31), -- of the month; 31: its last one
	starts_on   date not null,
	ends_on     date,
	times       integer check (times between 1 and 1000), -- how many in all
	due_days    integer not null default 14 check (due_days between 0 and 365),
	becomes     text not null default 'draft' check (becomes in ('draft', 'approved', 'released')),
	message     text not null default '',
	notes       text not null default '',            -- staff only
	next_on     date,                                -- null: it is over
	paused_at   timestamptz,
	paused_why  text not null default '',
	writers     uuid[] not null default '{}',        -- none of them is the second person
	approved_by uuid,                                -- who answers for what goes out by itself; null: it waits as a draft
	version     integer not null default 1,
	created_at  timestamptz not null default now(),
	updated_at  timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, client_id, project_id) references project (firm_id, client_id, id),
	check (ends_on is null or ends_on >= starts_on)
);
create index template_due on billing.template (firm_id, next_on) where paused_at is null;
create index template_client on billing.template (firm_id, client_id, project_id);

create table billing.template_line (
	firm_id     uuid not null,
	template_id uuid not null,
	position    integer not null,
	text        text not null check (text <> ''),
	quantity    bigint not null,
	price       bigint not null,
	discount    integer not null default 0 check (discount between 0 and 10000),
	tax_rate    integer not null default 0 check (tax_rate between 0 and 10000),
	primary key (firm_id, template_id, position),
	foreign key (firm_id, template_id) references billing.template (firm_id, id) on delete cascade
);

-- What became of each period: one invoice, whatever happened to the worker. A draft that is deleted is not made again.
create table billing.template_run (
	firm_id     uuid not null,
	template_id uuid not null,
	period_on   date not null,
	invoice_id  uuid,
	at          timestamptz not null default now(),
	primary key (firm_id, template_id, period_on),
	foreign key (firm_id, template_id) references billing.template (firm_id, id) on delete cascade,
	foreign key (firm_id, invoice_id) references billing.invoice (firm_id, id) on delete set null (invoice_id)
);
create index template_run_invoice on billing.template_run (firm_id, invoice_id);
