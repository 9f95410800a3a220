-- Every mail about an invoice, and to whom: whoever got one also hears that it is void.
create table billing.letter (
	firm_id    uuid not null,
	id         uuid not null,
	invoice_id uuid not null,
	contact_id uuid not null,
	kind       text not null check (kind in ('issued', 'again', 'reminder', 'void')),
	rule_id    uuid,                              -- a reminder's
	turn       integer,
	sent_at    timestamptz,                       -- null: promised
	primary key (firm_id, id),
	foreign key (firm_id, invoice_id) references billing.invoice (firm_id, id) on delete cascade,
	foreign key (firm_id, contact_id) references contact (firm_id, id),
	check ((rule_id is not null) = (kind = 'reminder') and (turn is not null) = (kind = 'reminder'))
);
create index letter_invoice on billing.letter (firm_id, invoice_id, sent_at);
create index letter_contact on billing.letter (firm_id, contact_id);
create unique index letter_reminder on billing.letter (firm_id, invoice_id, contact_id, rule_id, turn) where rule_id is not null;
create unique index letter_void on billing.letter (firm_id, invoice_id, contact_id) where kind = 'void';

-- When a firm reminds of what is owed.
create table billing.reminder_rule (
	firm_id    uuid not null references firm (firm_id),
	id         uuid not null,
	days       integer not null check (days between -60 and 365), -- after the due day; before it, with a minus
	again_days integer not null default 0 check (again_days between 0 and 90), -- then every so many days; 0: once
	most       integer not null default 1 check (most between 1 and 24),
	since      date not null,                     -- what would have been reminded of before is left alone
	active     boolean not null default true,
	version    integer not null default 1,
	created_at timestamptz not null default now(),
	primary key (firm_id, id),
	check (again_days = 0 or days > 0)
);

-- An invoice had a rule's turn: once, however often the clock strikes.
create table billing.reminder (
	firm_id    uuid not null,
	invoice_id uuid not null,
	rule_id    uuid not null,
	turn       integer not null,
	on_day     date not null,
	primary key (firm_id, invoice_id, rule_id, turn),
	foreign key (firm_id, invoice_id) references billing.invoice (firm_id, id) on delete cascade
);

-- What is asked for being late; without a row nothing is.
create table billing.late_rule (
	firm_id    uuid not null references firm (firm_id),
	active     boolean not null default false,
	kind       text not null default 'percent' check (kind in ('flat', 'percent')),
	amount     bigint not null default 0 check (amount >= 0),      -- flat; in the firm's currency
	rate       integer not null default 0 check (rate between 0 and 10000), -- of what is overdue
	grace_days integer not null default 7 check (grace_days between 0 and 365),
	monthly    boolean not null default false,
	cap        bigint not null default 0 check (cap >= 0),         -- of all fees for one invoice; 0: none
	releases   boolean not null default false,                    -- the fee goes to the client at once, not as a draft
	since      date not null,
	writer     uuid,                                              -- who asks for it
	version    integer not null default 1,
	updated_at timestamptz not null default now(),
	primary key (firm_id)
);

-- A fee is an invoice of its own: what was issued stays as it was.
create table billing.late_fee (
	firm_id        uuid not null,
	invoice_id     uuid not null,                 -- what is late
	turn           integer not null,
	fee_invoice_id uuid,
	amount         bigint not null check (amount > 0),
	currency       char(3) not null,
	on_day         date not null,
	waived_at      timestamptz,
	waived_by      uuid,
	waive_reason   text not null default '',      -- staff only
	primary key (firm_id, invoice_id, turn),
	foreign key (firm_id, invoice_id) references billing.invoice (firm_id, id),
	foreign key (firm_id, fee_invoice_id) references billing.invoice (firm_id, id) on delete set null (fee_invoice_id)
);
create index late_fee_invoice on billing.late_fee (firm_id, fee_invoice_id);

-- Whom reminders and fees leave alone.
alter table billing.invoice
	add column no_reminders boolean not null default false,
	add column no_fees      boolean not null default false;
create table billing.spared (
	firm_id      uuid not null,
	client_id    uuid not null,
	no_reminders boolean not null default false,
	no_fees      boolean not null default false,
	primary key (firm_id, client_id),
	foreign key (firm_id, client_id) references client (firm_id, id)
);

-- Released invoices that are mailed once more, many at once: a list that workers go through.
create table billing.mailing (
	firm_id    uuid not null references firm (firm_id),
	id         uuid not null,
	by_id      uuid,
	created_at timestamptz not null default now(),
	primary key (firm_id, id)
);
create table billing.mailing_item (
	firm_id    uuid not null,
	mailing_id uuid not null,
	invoice_id uuid not null,
	state      text not null default 'waiting' check (state in ('waiting', 'mailed', 'skipped')),
	mails      integer not null default 0,
	why        text not null default '',
	primary key (firm_id, mailing_id, invoice_id),
	foreign key (firm_id, mailing_id) references billing.mailing (firm_id, id),
	foreign key (firm_id, invoice_id) references billing.invoice (firm_id, id)
);
create index mailing_item_invoice on billing.mailing_item (firm_id, invoice_id);
