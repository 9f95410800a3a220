-- What went back of a payment: refunds, and disputes that were lost. Whether something is left is no matter of it.
alter table billing.payment drop column state;
alter table billing.payment
	add column refunded bigint not null default 0 check (refunded >= 0),
	add column state text not null generated always as (case
		when reversed_at is not null then 'reversed'
		when refunded >= amount then 'refunded'
		when allocated + refunded < amount then 'unapplied'
		else 'applied' end) stored,
	add constraint payment_enough check (allocated + refunded <= amount);
create index payment_left on billing.payment (firm_id, client_id) where state = 'unapplied';

alter table billing.batch
	add column return_url text not null default '',     -- where the payer comes back to
	add column sent_at    timestamptz,                  -- the saving of the method was handed to the provider
	add column look_at    timestamptz,
	add column looks      integer not null default 0;
create index batch_look on billing.batch (firm_id, look_at) where look_at is not null;

alter table billing.attempt
	add column give_up   boolean not null default false, -- the payer does not want it any more: to be ended at the provider
	add column looked_at timestamptz,                    -- the provider last said how it is
	add column ended_at  timestamptz,                    -- it was paid, or it is certain that it will not be
	add column review    text not null default '';       -- why a person has to look at it
create index attempt_review on billing.attempt (firm_id, created_at) where status in ('unknown', 'needs_review');

-- What happened to an attempt, and who said so.
create table billing.step (
	firm_id    uuid not null,
	attempt_id uuid not null,
	id         uuid not null,
	at         timestamptz not null,
	status     text not null,
	text       text not null,                           -- for staff
	primary key (firm_id, attempt_id, id),
	foreign key (firm_id, attempt_id) references billing.attempt (firm_id, id)
);
comment on table billing.step is 'append-only: the history of an attempt';

-- Money that moved at a provider and that Portico did not move: made there by hand, or by another program. Never put on
-- an invoice by itself.
create table billing.stray (
	firm_id    uuid not null,
	id         uuid not null,
	account_id uuid not null,
	gateway_id text not null,
	what       text not null check (what in ('charge', 'refund', 'orphan')), -- orphan: made by Portico, which knows nothing of it
	status     text not null,                           -- the provider's
	kind       text not null check (kind in ('card', 'bank')),
	amount     bigint not null check (amount > 0),
	currency   char(3) not null,
	attempt_id uuid,                                    -- of a refund
	made_at    timestamptz,
	found_at   timestamptz not null default now(),
	settled_at timestamptz,                             -- somebody said what it is
	settled_by uuid,
	reason     text not null default '',
	payment_id uuid,                                    -- what it became in the books
	primary key (firm_id, id),
	unique (firm_id, account_id, gateway_id, what),
	foreign key (firm_id, account_id) references billing.account (firm_id, id),
	foreign key (firm_id, attempt_id) references billing.attempt (firm_id, id),
	foreign key (firm_id, payment_id) references billing.payment (firm_id, id)
);
create index stray_open on billing.stray (firm_id, found_at) where settled_at is null;
create index stray_attempt on billing.stray (firm_id, attempt_id);
create index stray_payment on billing.stray (firm_id, payment_id);

alter table billing.finding add column mailed_at timestamptz; -- the owners were told; once
