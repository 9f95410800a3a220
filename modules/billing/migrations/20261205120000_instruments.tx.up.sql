-- What an invoice asks for: work; a deposit, which is held and not earned; retainage that was kept back before; or the
-- work of several projects in one document, whose parts are the drafts that were merged into it.
alter table billing.invoice
	add column kind text not null default 'work' check (kind in ('work', 'deposit', 'retainage', 'consolidated')),
	add column retainage_rate integer not null default 0 check (retainage_rate between 0 and 10000), -- basis points
	add column retained bigint not null default 0 check (retained >= 0), -- of the work, kept back until later
	add column used bigint not null default 0,                           -- of a deposit: applied, put on account or given back
	add column part_of uuid,
	add foreign key (firm_id, part_of) references billing.invoice (firm_id, id),
	add constraint invoice_used_check check (used >= 0 and used <= paid and (used = 0 or kind = 'deposit')),
	add constraint invoice_untaxed_check check (tax = 0 or kind in ('work', 'consolidated')),
	add constraint invoice_part_check check ((part_of is not null) = (stage = 'merged')),
	drop constraint invoice_stage,
	add constraint invoice_stage check (stage in ('draft', 'approved', 'released', 'void', 'undone', 'merged')),
	drop constraint invoice_number,
	add constraint invoice_number check (number is not null or stage in ('draft', 'approved', 'merged')),
	drop constraint invoice_issued,
	add constraint invoice_issued check ((issued_on is null) = (stage in ('draft', 'approved', 'merged'))),
	drop constraint invoice_due,
	add constraint invoice_due check (due_on is not null or stage in ('draft', 'approved', 'merged'));
create index invoice_part on billing.invoice (firm_id, part_of) where part_of is not null;
create index invoice_held on billing.invoice (firm_id, client_id) where kind = 'deposit';
create index invoice_whole on billing.invoice (firm_id, client_id) where kind = 'consolidated';

-- Where a line comes from, so that it comes once; and on a consolidated invoice whose part it is.
alter table billing.line
	add column source_id uuid,  -- the draw or the charge
	add column section uuid,    -- the draft that was merged
	add column project_id uuid, -- and its project
	add foreign key (firm_id, project_id) references project (firm_id, id),
	drop constraint line_source_check,
	add constraint line_source_check check (source in ('hand', 'time', 'expense', 'choice', 'change_order', 'draw', 'retainage'));

create index line_project on billing.line (firm_id, project_id) where project_id is not null;

-- What was agreed for a project, and what of its invoices is kept back.
create table billing.contract (
	firm_id        uuid not null,
	project_id     uuid not null,
	client_id      uuid not null,
	currency       char(3) not null,
	amount         bigint not null default 0 check (amount >= 0), -- as signed; changes are rows of their own
	tax_rate       integer not null default 0 check (tax_rate between 0 and 10000),       -- on draws
	retainage_rate integer not null default 0 check (retainage_rate between 0 and 10000), -- on new invoices
	shared         boolean not null default false,   -- the client sees the payment schedule
	retained       bigint not null default 0,        -- of released invoices
	asked          bigint not null default 0,        -- of that, invoiced since
	version        integer not null default 1,
	updated_at     timestamptz not null default now(),
	primary key (firm_id, project_id),
	foreign key (firm_id, client_id, project_id) references project (firm_id, client_id, id),
	check (asked >= 0 and asked <= retained)
);
create index contract_client on billing.contract (firm_id, client_id);

-- An approved change order raises or lowers what was agreed.
create table billing.contract_change (
	firm_id         uuid not null,
	change_order_id uuid not null,
	project_id      uuid not null,
	text            text not null,
	amount          bigint not null,
	on_day          date not null,
	at              timestamptz not null default now(),
	primary key (firm_id, change_order_id),
	foreign key (firm_id, project_id) references project (firm_id, id)
);
create index contract_change_project on billing.contract_change (firm_id, project_id);

-- One instalment of a contract.
create table billing.draw (
	firm_id    uuid not null,
	id         uuid not null,
	project_id uuid not null,
	position   integer not null,
	title      text not null check (title <> ''),
	milestone  text not null default '',          -- when it falls due, in words
	due_on     date,                              -- or by the calendar
	by_itself  boolean not null default false,    -- the draft is made in time for that day
	share      integer not null default 0 check (share between 0 and 10000), -- of the contract; 0: an amount
	amount     bigint not null check (amount > 0),
	invoice_id uuid,
	primary key (firm_id, id),
	foreign key (firm_id, project_id) references billing.contract (firm_id, project_id),
	foreign key (firm_id, invoice_id) references billing.invoice (firm_id, id) on delete set null (invoice_id),
	check (due_on is not null or not by_itself)
);
create index draw_project on billing.draw (firm_id, project_id, position);
create index draw_invoice on billing.draw (firm_id, invoice_id);
create index draw_due on billing.draw (firm_id, due_on) where by_itself and invoice_id is null;

-- What other sections hand over to be billed: each thing once, whoever tells of it however often.
create table billing.charge (
	firm_id    uuid not null,
	id         uuid not null,
	client_id  uuid not null,
	project_id uuid not null,
	source     text not null check (source in ('time', 'expense', 'choice', 'change_order')),
	source_id  uuid not null,
	text       text not null check (text <> ''),
	quantity   bigint not null,                   -- thousandths
	price      bigint not null,                   -- of one
	currency   char(3) not null,
	tax_rate   integer not null default 0 check (tax_rate between 0 and 10000),
	on_day     date not null,
	invoice_id uuid,                              -- null: not billed yet
	created_at timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, source, source_id),
	foreign key (firm_id, client_id, project_id) references project (firm_id, client_id, id),
	foreign key (firm_id, invoice_id) references billing.invoice (firm_id, id) on delete set null (invoice_id)
);
create index charge_unbilled on billing.charge (firm_id, project_id, on_day, id) where invoice_id is null;
create index charge_invoice on billing.charge (firm_id, invoice_id);

-- A deposit goes where it is needed as a payment of its own kind; what is left over may go back to the client.
alter table billing.payment
	add column deposit_id uuid,
	add foreign key (firm_id, deposit_id) references billing.invoice (firm_id, id),
	drop constraint payment_method_check,
	add constraint payment_method_check check (method in ('check', 'cash', 'transfer', 'card', 'bank', 'other', 'credit', 'deposit')),
	add constraint payment_deposit_check check ((method = 'deposit') = (deposit_id is not null));
create index payment_deposit on billing.payment (firm_id, deposit_id) where deposit_id is not null;

create table billing.deposit_return (
	firm_id    uuid not null,
	id         uuid not null,
	invoice_id uuid not null,
	method     text not null check (method in ('check', 'cash', 'transfer', 'other')),
	amount     bigint not null check (amount > 0),
	on_day     date not null,
	reference  text not null default '',
	form_key   uuid not null,
	by_id      uuid,
	at         timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, form_key),
	foreign key (firm_id, invoice_id) references billing.invoice (firm_id, id)
);
comment on table billing.deposit_return is 'append-only: money that went back';
create index deposit_return_invoice on billing.deposit_return (firm_id, invoice_id);

alter table billing.counter
	drop constraint counter_kind,
	add constraint counter_kind check (kind in ('invoice', 'credit', 'receipt', 'earlier', 'deposit'));
