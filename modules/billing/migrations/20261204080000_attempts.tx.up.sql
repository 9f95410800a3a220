-- How an invoice can be paid. Without a way it shows no button.
alter table billing.invoice
	add column pay_card    boolean not null default false,
	add column pay_bank    boolean not null default false,
	add column min_payment bigint check (min_payment > 0),   -- least part payment; null: as the firm's setting says
	add column allow_over  boolean not null default false;   -- more than is owed becomes money on account

-- What a firm's new invoices begin with.
alter table billing.setting
	add column pay_card     boolean not null default true,
	add column pay_bank     boolean not null default true,
	add column part_payment boolean not null default true,
	add column min_payment  bigint not null default 0 check (min_payment >= 0),
	add column allow_over   boolean not null default false;

-- A firm's accounts at providers. One is in use; attempts of former ones are still looked after.
create table billing.account (
	firm_id     uuid not null references firm (firm_id),
	id          uuid not null,
	provider    text not null check (provider in ('sandbox', 'stripe', 'checkbook')),
	title       text not null,
	live        boolean not null default false,   -- real money
	credentials bytea not null,                   -- sealed with the installation's key; purpose "billing account", bound to firm and id
	hook_key    text not null,                    -- in the address of its webhook
	cards       boolean not null default true,
	banks       boolean not null default true,
	active      boolean not null default false,
	checked_at  timestamptz,                      -- the last call that worked
	wrong       text not null default '',         -- why the last one did not
	listed_to   timestamptz,                      -- the reconciler has seen what changed until then
	created_by  uuid,
	created_at  timestamptz not null default now(),
	version     integer not null default 1,
	primary key (firm_id, id)
);
create unique index account_active on billing.account (firm_id) where active;
create unique index account_hook on billing.account (firm_id, hook_key);

-- A contact's name at the provider, and the methods kept there. Nobody but that contact sees or uses them.
create table billing.method (
	firm_id    uuid not null,
	id         uuid not null,
	contact_id uuid not null,
	account_id uuid not null,
	kind       text not null check (kind in ('card', 'bank')),
	token      text not null,                     -- the provider's
	customer   text not null default '',
	brand      text not null default '',
	last4      text not null default '',
	expires_on date,
	first      boolean not null default false,    -- preselected
	kept       boolean not null default true,     -- false: for one batch only, forgotten afterwards
	removed_at timestamptz,
	created_at timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, account_id, token),
	foreign key (firm_id, contact_id) references contact (firm_id, id),
	foreign key (firm_id, account_id) references billing.account (firm_id, id)
);
create index method_contact on billing.method (firm_id, contact_id);
create unique index method_first on billing.method (firm_id, contact_id) where first and removed_at is null;

-- One invoice's way to be paid without signing in.
create table billing.pay_link (
	firm_id    uuid not null,
	id         uuid not null,
	invoice_id uuid not null,
	contact_id uuid,                              -- whom it was sent to; null: made by hand
	hash       bytea not null,
	expires_at timestamptz not null,
	revoked_at timestamptz,
	revoked_by uuid,
	created_by uuid,
	created_at timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, hash),
	foreign key (firm_id, invoice_id) references billing.invoice (firm_id, id)
);
create index pay_link_invoice on billing.pay_link (firm_id, invoice_id);

-- One press of Pay: an attempt for each invoice of it. Its id is made with the form, so pressed twice it is one batch.
create table billing.batch (
	firm_id    uuid not null,
	id         uuid not null,
	client_id  uuid not null,
	contact_id uuid,                              -- null: through a link, or by the firm
	link_id    uuid,
	account_id uuid not null,
	kind       text not null check (kind in ('card', 'bank')),
	method_id  uuid,                              -- null until the payer entered one
	keep       boolean not null default false,    -- a new method is kept afterwards
	auto       boolean not null default false,    -- autopay: nobody at the screen
	currency   char(3) not null,
	-- a new method for several invoices is entered once, on the provider's page
	setup_id     text,
	setup_url    text not null default '',
	setup_status text check (setup_status in ('created', 'requires_action', 'succeeded', 'failed', 'canceled')),
	setup_text   text not null default '',
	created_at timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, client_id) references client (firm_id, id),
	foreign key (firm_id, contact_id) references contact (firm_id, id),
	foreign key (firm_id, account_id) references billing.account (firm_id, id),
	foreign key (firm_id, method_id) references billing.method (firm_id, id),
	foreign key (firm_id, link_id) references billing.pay_link (firm_id, id)
);
create index batch_contact on billing.batch (firm_id, contact_id, created_at);
create index batch_client on billing.batch (firm_id, client_id);
create index batch_account on billing.batch (firm_id, account_id);
create index batch_method on billing.batch (firm_id, method_id);
create index batch_link on billing.batch (firm_id, link_id);

create table billing.attempt (
	firm_id      uuid not null,
	id           uuid not null,                   -- the provider's idempotency key
	batch_id     uuid not null,
	invoice_id   uuid not null,
	client_id    uuid not null,
	account_id   uuid not null,
	kind         text not null check (kind in ('card', 'bank')),
	amount       bigint not null check (amount > 0),
	held         bigint not null check (held >= 0 and held <= amount), -- of it what is reserved on the invoice; the rest is an overpayment
	fee          bigint not null default 0,
	currency     char(3) not null,
	status       text not null default 'created' check (status in ('waiting', 'created', 'submitting', 'unknown', 'requires_action', 'pending',
		'succeeded', 'failed', 'canceled', 'part_refunded', 'refunded', 'disputed', 'returned', 'needs_review')),
	rank         integer not null default 0,      -- a report of lower rank is ignored
	gateway_id   text,
	url          text not null default '',        -- where the payer goes on
	failure_code text not null default '',
	failure_text text not null default '',
	tries        integer not null default 0,
	sent_at      timestamptz,                     -- the first time it was handed to the provider
	look_at      timestamptz,                     -- the reconciler looks at it then; null: nothing to look for
	looks        integer not null default 0,
	payment_id   uuid,                            -- what it became in the books
	created_at   timestamptz not null default now(),
	updated_at   timestamptz not null default now(),
	open         boolean not null generated always as (status in ('waiting', 'created', 'submitting', 'unknown', 'requires_action', 'pending', 'needs_review')) stored,
	primary key (firm_id, id),
	unique (firm_id, batch_id, invoice_id),
	unique (firm_id, account_id, gateway_id),
	foreign key (firm_id, batch_id) references billing.batch (firm_id, id),
	foreign key (firm_id, invoice_id) references billing.invoice (firm_id, id),
	foreign key (firm_id, client_id) references client (firm_id, id),
	foreign key (firm_id, account_id) references billing.account (firm_id, id),
	foreign key (firm_id, payment_id) references billing.payment (firm_id, id)
);
create index attempt_invoice on billing.attempt (firm_id, invoice_id) where open;
create index attempt_look on billing.attempt (firm_id, look_at) where look_at is not null;
create index attempt_payment on billing.attempt (firm_id, payment_id);
create index attempt_client on billing.attempt (firm_id, client_id, created_at);

create table billing.refund (
	firm_id      uuid not null,
	id           uuid not null,                   -- the provider's idempotency key; made with the form
	attempt_id   uuid not null,
	payment_id   uuid not null,
	amount       bigint not null check (amount > 0),
	status       text not null default 'created' check (status in ('created', 'submitting', 'unknown', 'pending', 'succeeded', 'failed', 'needs_review')),
	gateway_id   text,
	failure_text text not null default '',
	reason       text not null default '',
	tries        integer not null default 0,
	sent_at      timestamptz,
	look_at      timestamptz,
	looks        integer not null default 0,
	by_id        uuid,
	created_at   timestamptz not null default now(),
	updated_at   timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, attempt_id, gateway_id),
	foreign key (firm_id, attempt_id) references billing.attempt (firm_id, id),
	foreign key (firm_id, payment_id) references billing.payment (firm_id, id)
);
create index refund_attempt on billing.refund (firm_id, attempt_id);
create index refund_payment on billing.refund (firm_id, payment_id);
create index refund_look on billing.refund (firm_id, look_at) where look_at is not null;

create table billing.dispute (
	firm_id    uuid not null,
	id         uuid not null,
	attempt_id uuid not null,
	gateway_id text not null,
	status     text not null check (status in ('open', 'won', 'lost')),
	amount     bigint not null check (amount > 0),
	reason     text not null default '',
	answer_by  timestamptz,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, attempt_id, gateway_id),
	foreign key (firm_id, attempt_id) references billing.attempt (firm_id, id)
);

-- What a provider reported: kept once, worked off by a job.
create table billing.event (
	firm_id     uuid not null,
	account_id  uuid not null,
	id          text not null,                    -- the provider's
	type        text not null,
	object      text not null,
	ref         text not null,
	body        bytea not null,
	received_at timestamptz not null default now(),
	done_at     timestamptz,
	primary key (firm_id, account_id, id),
	foreign key (firm_id, account_id) references billing.account (firm_id, id)
);
create index event_old on billing.event (firm_id, received_at);

-- A contact who lets what is due be charged by itself.
create table billing.autopay (
	firm_id    uuid not null,
	contact_id uuid not null,
	client_id  uuid not null,
	method_id  uuid not null,
	since      timestamptz not null default now(),
	primary key (firm_id, contact_id),
	foreign key (firm_id, contact_id) references contact (firm_id, id),
	foreign key (firm_id, client_id) references client (firm_id, id),
	foreign key (firm_id, method_id) references billing.method (firm_id, id)
);
create index autopay_method on billing.autopay (firm_id, method_id);
create index autopay_client on billing.autopay (firm_id, client_id);

-- The notice before each charge, and the charge itself: one a contact and invoice.
create table billing.autopay_charge (
	firm_id    uuid not null,
	invoice_id uuid not null,
	contact_id uuid not null,
	charge_on  date not null,
	noticed_at timestamptz not null default now(),
	batch_id   uuid,
	dropped    text not null default '',          -- why it was not charged
	primary key (firm_id, invoice_id, contact_id),
	foreign key (firm_id, invoice_id) references billing.invoice (firm_id, id),
	foreign key (firm_id, contact_id) references contact (firm_id, id),
	foreign key (firm_id, batch_id) references billing.batch (firm_id, id)
);
create index autopay_charge_contact on billing.autopay_charge (firm_id, contact_id);
create index autopay_charge_batch on billing.autopay_charge (firm_id, batch_id);
create index autopay_due on billing.autopay_charge (firm_id, charge_on) where batch_id is null and dropped = '';

-- The books know more than invoices and payments now: money at a provider until it is paid out, its fees, what is
-- disputed, deposits held for clients, and what is retained until a project ends.
alter table billing.journal drop constraint journal_kind_check, drop constraint journal_source_type_check;
alter table billing.journal
	add constraint journal_kind_check check (kind in ('issue', 'void', 'receive', 'apply', 'reverse', 'refund', 'refund_failed',
		'dispute', 'dispute_won', 'dispute_lost', 'return', 'fee', 'hold', 'hold_apply', 'hold_return', 'retain', 'retain_release', 'consolidate', 'import')),
	add constraint journal_source_type_check check (source_type in ('invoice', 'payment', 'allocation', 'attempt', 'refund', 'dispute', 'deposit', 'retainage'));
alter table billing.entry drop constraint entry_account_check;
alter table billing.entry add constraint entry_account_check
	check (account in ('receivable', 'revenue', 'tax', 'cash', 'credits', 'unapplied', 'clearing', 'fees', 'disputes', 'deposits', 'retainage'));
