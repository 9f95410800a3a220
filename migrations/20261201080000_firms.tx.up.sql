-- Firms and the addresses they answer at.
create table firm (
	firm_id         uuid primary key,
	key             text not null check (key ~ '^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$'),
	name            text not null check (name <> ''),
	kind            text not null default 'builder' check (kind in ('builder', 'agency', 'services', 'events')),
	status          text not null default 'active' check (status in ('active', 'suspended')),
	portal_on       boolean not null default false,
	switches        jsonb not null default '{}', -- "section" or "section/area" -> bool: the firm's defaults
	zone            text not null default 'UTC',
	locale          text not null default 'en-US',
	currency        char(3) not null default 'USD',
	email           text not null default '',
	phone           text not null default '',
	address         text not null default '',
	website         text not null default '',
	brand_color     text not null default '#3b5b4f' check (brand_color ~ '^#[0-9a-f]{6}$'),
	logo_id         uuid,
	links_last      boolean not null default false, -- sign-in links work again for 7 days
	second_factor   text[] not null default '{}',   -- staff roles that must have one
	version         integer not null default 1,
	created_at      timestamptz not null default now()
);

create table address (
	name        text primary key check (name = lower(name)),
	kind        text not null check (kind in ('key', 'domain')),
	firm_id     uuid not null,
	released_at timestamptz,
	created_at  timestamptz not null default now()
);
comment on table address is 'global: a host must name its firm before any firm is set';
create index address_firm on address (firm_id);
