-- What was sealed, for ever: its document and its file cannot be deleted while it is there, and nobody can take it away.
create table envelopes.sealed (
	firm_id     uuid not null,
	envelope_id uuid not null,
	client_id   uuid not null,
	file_id     uuid not null,
	hash        bytea not null,                  -- SHA-256 of the file
	head        bytea not null,                  -- hash of the last event that stands in it
	fingerprint bytea not null,                  -- SHA-256 of the certificate
	stamped_at  timestamptz,                     -- what the timestamp authority said; null: none was asked
	sealed_at   timestamptz not null,
	primary key (firm_id, envelope_id),
	unique (firm_id, hash),
	foreign key (firm_id, client_id, envelope_id) references envelopes.envelope (firm_id, client_id, id),
	foreign key (firm_id, file_id) references file (firm_id, id)
);
create index sealed_client on envelopes.sealed (firm_id, client_id, envelope_id);
create index sealed_file on envelopes.sealed (firm_id, file_id);
comment on table envelopes.sealed is 'append-only';

-- The certificates that documents were sealed with, so that a file is known as ours after the installation has got
-- another one.
create table envelopes.chain (
	firm_id     uuid not null,
	fingerprint bytea not null,
	certs       bytea not null,                  -- DER, the first one first
	first_at    timestamptz not null,
	primary key (firm_id, fingerprint)
);
comment on table envelopes.chain is 'append-only';
