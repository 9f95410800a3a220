-- A firm's own domains. Whoever likes may claim one; it stands in address, too, as long as the DNS proves it.
create table domain (
	firm_id      uuid not null references firm (firm_id),
	name         text not null check (name = lower(name)),
	token        text not null check (token <> ''),  -- what the TXT record must say
	state        text not null default 'waiting' check (state in ('waiting', 'proved', 'unsure', 'lost')),
	problem      text not null default '' check (problem in ('', 'missing', 'other', 'silent', 'taken')),
	checked_at   timestamptz,
	next_at      timestamptz not null default now(), -- of the next look
	proved_at    timestamptz,
	unsure_since timestamptz,                        -- the DNS has not answered since
	told_at      timestamptz,                        -- when the staff were told of the present trouble
	created_at   timestamptz not null default now(),
	primary key (firm_id, name)
);
create index domain_next on domain (next_at);

alter table address add column chosen boolean not null default false; -- the domain that links are made with
create unique index address_chosen on address (firm_id) where chosen;
