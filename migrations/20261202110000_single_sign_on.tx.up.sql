-- Staff may sign in with a provider of the firm's own, by OpenID Connect.
create table sso_provider (
	firm_id       uuid not null references firm (firm_id),
	name          text not null check (name <> ''),       -- as the button says it
	issuer        text not null check (issuer <> ''),
	client_id     text not null check (client_id <> ''),
	client_secret bytea not null,                         -- sealed with the installation's key
	domains       text[] not null default '{}',           -- of the addresses that are let in
	enabled       boolean not null default false,
	required      boolean not null default false,         -- staff come in no other way; owners do
	second_factor boolean not null default false,         -- the provider checks one
	joins         boolean not null default false,         -- whoever comes with one of the domains becomes a member
	proved_at     timestamptz,                            -- the last sign-in with this issuer and client
	version       integer not null default 1,
	updated_at    timestamptz not null default now(),
	primary key (firm_id)
);

-- Whose account at a provider it is, noted at the first sign-in: from then on the account counts, not its address.
create table sso_account (
	firm_id    uuid not null,
	issuer     text not null,
	subject    text not null,
	person_id  uuid not null,
	said       text not null default '',                  -- how the provider says that it checked the person
	created_at timestamptz not null default now(),
	used_at    timestamptz not null default now(),
	primary key (firm_id, issuer, subject),
	unique (firm_id, person_id, issuer),
	foreign key (firm_id, person_id) references person (firm_id, id) on delete cascade
);

alter table session add column sso boolean not null default false;

-- Since then the firm's provider can speak for this person. It speaks for staff of its firm and for nothing else: neither
-- for the same address in other firms, nor for a client of this one.
alter table person add column sso_at timestamptz;

-- A question that was answered is kept until it could not count any more, so that no answer counts twice.
alter table challenge drop constraint challenge_kind_check;
alter table challenge add constraint challenge_kind_check
	check (kind in ('passkey_add', 'passkey_sign_in', 'second_factor', 'totp_add', 'sso'));

-- A second factor can be asked of one person, whatever the role.
alter table staff add column second_factor boolean not null default false;
