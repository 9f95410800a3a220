-- What a firm starts its documents with.
create table envelopes.setting (
	firm_id       uuid not null,
	deadline_days integer not null default 14 check (deadline_days between 0 and 365), -- 0: none
	remind_days   integer not null default 3 check (remind_days between 0 and 60),     -- 0: not by itself
	ask_code      boolean not null default false,
	version       integer not null default 1,
	primary key (firm_id)
);

-- Texts that documents are made from. The program brings a few; one of those that a firm has changed, or does not want, is
-- a row with the same id.
create table envelopes.template (
	firm_id     uuid not null,
	id          uuid not null,
	kind        text not null check (kind in ('contract', 'change_order', 'proposal', 'deposit', 'design', 'other')),
	name        text not null check (name <> ''),   -- as staff choose it
	title       text not null check (title <> ''),  -- of the documents made from it
	body        text not null,                      -- Markdown with placeholders
	stages      text not null default '',           -- the payment schedule, one a line: "On signing, 30%"
	archived_at timestamptz,
	version     integer not null default 1,
	created_at  timestamptz not null default now(),
	updated_at  timestamptz not null default now(),
	primary key (firm_id, id)
);

-- The words by which documents are found: of their titles and of the names of whom they go to.
create table envelopes.word (
	firm_id     uuid not null,
	client_id   uuid not null,
	word        text collate "C" not null,
	envelope_id uuid not null,
	primary key (firm_id, client_id, word, envelope_id),
	foreign key (firm_id, client_id, envelope_id) references envelopes.envelope (firm_id, client_id, id) on delete cascade
);
create index word_firm on envelopes.word (firm_id, word, envelope_id);
create index word_envelope on envelopes.word (firm_id, client_id, envelope_id);

create index envelope_title on envelopes.envelope (firm_id, lower(title), id);
create index envelope_amount on envelopes.envelope (firm_id, amount, id);
create index recipient_waiting on envelopes.recipient (firm_id, envelope_id, role) where signed_at is null and declined_at is null and forwarded_id is null;

-- Of a document that was written here: how many pages the text has, before those where people sign.
alter table envelopes.envelope add column text_pages integer not null default 0;
