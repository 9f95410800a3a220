-- How one firm bills; without a row it is as the columns' defaults say.
create table billing.setting (
	firm_id         uuid not null references firm (firm_id),
	invoice_prefix  text not null default 'INV-',
	credit_prefix   text not null default 'CM-',
	receipt_prefix  text not null default 'R-',
	terms_days      integer not null default 14 check (terms_days between 0 and 365),
	second_person   boolean not null default false,  -- who drafts does not approve
	show_upcoming   boolean not null default false,  -- clients see approved invoices before their release
	tax_rate        integer not null default 0 check (tax_rate between 0 and 10000), -- basis points, on new lines
	tax_name        text not null default 'Tax',
	footer          text not null default '',        -- below every invoice
	version         integer not null default 1,
	updated_at      timestamptz not null default now(),
	primary key (firm_id)
);

-- Numbers without gaps: taken in the transaction of the release, so that one that is rolled back takes none. Of each
-- firm and kind there is one row, and whoever releases holds it until the end.
create table billing.counter (
	firm_id uuid not null references firm (firm_id),
	kind    text not null check (kind in ('invoice', 'credit', 'receipt')),
	last    bigint not null default 0 check (last >= 0),
	primary key (firm_id, kind)
);

create table billing.invoice (
	firm_id     uuid not null,
	id          uuid not null,
	client_id   uuid not null,
	project_id  uuid not null,
	stage       text not null default 'draft' check (stage in ('draft', 'approved', 'released', 'void')), -- what staff decided
	number      text,                             -- given at release
	ordinal      bigint,                           -- what is counted in it
	title       text not null check (title <> ''),
	currency    char(3) not null,
	issued_on   date,
	due_on      date,                             -- null before release: so many days after it
	net         bigint not null default 0,
	tax         bigint not null default 0,
	total       bigint not null default 0,
	paid        bigint not null default 0,        -- the sum of the allocations; nothing else decides what is owed
	reserved    bigint not null default 0,        -- what open attempts to pay hold
	message     text not null default '',         -- for the client
	notes       text not null default '',         -- staff only
	drafted_by  uuid,                             -- who wrote it last
	approved_by uuid,
	approved_at timestamptz,
	released_by uuid,
	released_at timestamptz,
	voided_by   uuid,
	voided_at   timestamptz,
	void_reason text not null default '',         -- staff only
	mailed_at   timestamptz,                      -- the contacts were told; never twice
	version     integer not null default 1,
	created_at  timestamptz not null default now(),
	updated_at  timestamptz not null default now(),
	state       text not null generated always as (case
		when stage <> 'released' then stage
		when paid >= total then 'paid'
		when paid > 0 then 'partial'
		else 'open' end) stored,
	due_key     date not null generated always as (coalesce(due_on, '9999-12-31')) stored, -- to sort by
	primary key (firm_id, id),
	unique (firm_id, number),
	unique (firm_id, ordinal),
	foreign key (firm_id, client_id, project_id) references project (firm_id, client_id, id),
	check (net + tax = total),
	check (paid >= 0 and reserved >= 0 and paid + reserved <= total),
	check ((number is not null) = (stage in ('released', 'void'))),
	check ((number is not null) = (issued_on is not null)),
	check ((number is not null) = (ordinal is not null)),
	check (number is null or due_on is not null),
	check (stage = 'released' or paid + reserved = 0)
);
create index invoice_list on billing.invoice (firm_id, state, id);
create index invoice_due on billing.invoice (firm_id, state, due_key, id);
create index invoice_total on billing.invoice (firm_id, state, total, id);
create index invoice_client on billing.invoice (firm_id, client_id, state, due_key, id);
create index invoice_project on billing.invoice (firm_id, project_id, state, due_key, id);

create table billing.line (
	firm_id    uuid not null,
	invoice_id uuid not null,
	position   integer not null,
	text       text not null check (text <> ''),
	quantity   bigint not null,                   -- thousandths
	price      bigint not null,                   -- of one
	discount   integer not null default 0 check (discount between 0 and 10000), -- basis points
	tax_rate   integer not null default 0 check (tax_rate between 0 and 10000),
	net        bigint not null,                   -- quantity x price - discount
	tax        bigint not null,
	source     text not null default 'hand' check (source in ('hand', 'time', 'expense', 'choice', 'change_order', 'draw')),
	primary key (firm_id, invoice_id, position),
	foreign key (firm_id, invoice_id) references billing.invoice (firm_id, id) on delete cascade
);

-- An invoice is found by its number, its title, and its client's name (client_word).
create table billing.invoice_word (
	firm_id    uuid not null,
	word       text collate "C" not null,
	invoice_id uuid not null,
	primary key (firm_id, word, invoice_id),
	foreign key (firm_id, invoice_id) references billing.invoice (firm_id, id) on delete cascade
);
create index invoice_word_invoice on billing.invoice_word (firm_id, invoice_id);

-- What lowers what a client owes: money received, or a credit memo.
create table billing.payment (
	firm_id         uuid not null,
	id              uuid not null,
	client_id       uuid not null,
	project_id      uuid,                         -- a credit memo's; null: of the client as such
	method          text not null check (method in ('check', 'cash', 'transfer', 'card', 'bank', 'other', 'credit')),
	number          text not null,                -- of the receipt or the memo
	currency        char(3) not null,
	amount          bigint not null check (amount > 0),
	allocated       bigint not null default 0,    -- the sum of its allocations
	received_on     date not null,
	reference       text not null default '',     -- check number, transfer's text, or why there is a credit; clients read it
	notes           text not null default '',     -- staff only
	form_key        uuid not null,                -- made with the form: sent twice, it is one payment
	recorded_by     uuid,
	reversed_by     uuid,
	reversed_at     timestamptz,
	reversal_reason text not null default '',     -- staff only
	created_at      timestamptz not null default now(),
	state           text not null generated always as (case
		when reversed_at is not null then 'reversed'
		when allocated < amount then 'unapplied'
		else 'applied' end) stored,
	primary key (firm_id, id),
	unique (firm_id, number),
	unique (firm_id, form_key),
	foreign key (firm_id, client_id) references client (firm_id, id),
	foreign key (firm_id, client_id, project_id) references project (firm_id, client_id, id),
	check (allocated >= 0 and allocated <= amount),
	check (reversed_at is null or allocated = 0)
);
create index payment_list on billing.payment (firm_id, received_on, id);
create index payment_client on billing.payment (firm_id, client_id, received_on, id);
create index payment_project on billing.payment (firm_id, client_id, project_id);
create index payment_left on billing.payment (firm_id, client_id) where state = 'unapplied';

-- What of a payment went to which invoice. Taken back, it is written once more with a minus.
create table billing.allocation (
	firm_id    uuid not null,
	id         uuid not null,
	payment_id uuid not null,
	invoice_id uuid not null,
	amount     bigint not null check (amount <> 0),
	on_day     date not null,
	by_id      uuid,
	at         timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, payment_id) references billing.payment (firm_id, id),
	foreign key (firm_id, invoice_id) references billing.invoice (firm_id, id)
);
comment on table billing.allocation is 'append-only: money is taken back by writing, never by deleting';
create index allocation_payment on billing.allocation (firm_id, payment_id);
create index allocation_invoice on billing.allocation (firm_id, invoice_id);

-- The books: double entry, written once. The entries of a journal add up to nothing.
create table billing.journal (
	firm_id     uuid not null,
	id          uuid not null,
	client_id   uuid not null,
	kind        text not null check (kind in ('issue', 'void', 'receive', 'apply', 'reverse')),
	source_type text not null check (source_type in ('invoice', 'payment', 'allocation')),
	source_id   uuid not null,
	on_day      date not null,
	by_id       uuid,
	at          timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, source_type, source_id, kind),
	foreign key (firm_id, client_id) references client (firm_id, id)
);
comment on table billing.journal is 'append-only: the books';
create index journal_client on billing.journal (firm_id, client_id, on_day, id);
create index journal_at on billing.journal (firm_id, at);

create table billing.entry (
	firm_id    uuid not null,
	journal_id uuid not null,
	n          integer not null,
	account    text not null check (account in ('receivable', 'revenue', 'tax', 'cash', 'credits', 'unapplied')),
	invoice_id uuid,
	currency   char(3) not null,
	amount     bigint not null check (amount <> 0), -- debit +, credit -
	primary key (firm_id, journal_id, n),
	foreign key (firm_id, journal_id) references billing.journal (firm_id, id),
	foreign key (firm_id, invoice_id) references billing.invoice (firm_id, id)
);
comment on table billing.entry is 'append-only: the books';
create index entry_invoice on billing.entry (firm_id, invoice_id);

-- What each project was billed and paid, kept up with every change: a balance is read, not added up. The client's own
-- unapplied money stands in the row without a project.
create table billing.total (
	firm_id    uuid not null,
	client_id  uuid not null,
	project_id uuid,
	currency   char(3) not null,
	invoiced   bigint not null default 0,
	paid       bigint not null default 0,
	unapplied  bigint not null default 0,
	id         uuid not null,                     -- the project's, or the client's
	primary key (firm_id, client_id, id, currency),
	foreign key (firm_id, client_id) references client (firm_id, id),
	foreign key (firm_id, client_id, project_id) references project (firm_id, client_id, id),
	check (unapplied >= 0 and invoiced >= paid),
	check ((project_id is null and id = client_id) or project_id = id)
);
create index total_project on billing.total (firm_id, client_id, project_id);

-- What the last look at the books found; without rows it found nothing.
create table billing.finding (
	firm_id uuid not null references firm (firm_id),
	promise text not null,
	rows    bigint not null check (rows > 0),
	at      timestamptz not null default now(),
	primary key (firm_id, promise)
);
