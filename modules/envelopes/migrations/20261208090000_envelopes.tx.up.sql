-- An envelope is a document that goes to people to be signed. It is changed only while it is a draft; what has to be
-- changed later is made void and sent as a new revision.
create table envelopes.envelope (
	firm_id       uuid not null,
	id            uuid not null,
	client_id     uuid not null,
	project_id    uuid,                          -- null: the client's own
	kind          text not null check (kind in ('contract', 'change_order', 'proposal', 'deposit', 'design', 'other')),
	title         text not null check (title <> ''),
	message       text not null default '',      -- in the mail to the recipients
	status        text not null default 'draft' check (status in ('draft', 'sent', 'sealing', 'complete', 'declined', 'void')),
	ordered       boolean not null default false, -- recipients one after the other
	deadline_days integer not null default 0 check (deadline_days between 0 and 365), -- for each signer from when it is their turn; 0: none
	remind_days   integer not null default 0 check (remind_days between 0 and 60),    -- 0: not by itself
	ask_code      boolean not null default false, -- every signer types a mailed code
	source        text not null default 'pdf' check (source in ('pdf', 'template')),
	body          text not null default '',      -- Markdown, where the source is a template
	currency      char(3) not null,
	amount        bigint not null default 0,     -- contract sum, price of the change, deposit; minor units
	at_once       boolean not null default false, -- change order: an invoice upon approval
	revision      integer not null default 1 check (revision > 0),
	supersedes_id uuid,                          -- the envelope that this one corrects
	file_id       uuid,                          -- the PDF that is signed
	file_hash     bytea,                         -- SHA-256 of it
	pages         integer not null default 0,
	sealed_id     uuid,                          -- the PDF with everything in it
	sealed_hash   bytea,
	events        integer not null default 0,    -- how many there are
	head          bytea,                         -- the hash of the last one
	sent_at       timestamptz,
	sent_by       uuid,
	completed_at  timestamptz,
	declined_at   timestamptz,
	voided_at     timestamptz,
	voided_by     uuid,
	void_reason   text not null default '',
	version       integer not null default 1,
	created_by    uuid,
	created_at    timestamptz not null default now(),
	updated_at    timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, client_id, id),
	foreign key (firm_id, client_id) references client (firm_id, id),
	foreign key (firm_id, client_id, project_id) references project (firm_id, client_id, id),
	foreign key (firm_id, client_id, supersedes_id) references envelopes.envelope (firm_id, client_id, id),
	foreign key (firm_id, file_id) references file (firm_id, id),
	foreign key (firm_id, sealed_id) references file (firm_id, id),
	foreign key (firm_id, sent_by) references person (firm_id, id),
	foreign key (firm_id, voided_by) references person (firm_id, id),
	foreign key (firm_id, created_by) references person (firm_id, id),
	check (status = 'draft' or (sent_at is not null and file_id is not null and file_hash is not null)),
	check ((status = 'complete') = (sealed_id is not null and sealed_hash is not null and completed_at is not null)),
	check ((status = 'void') = (voided_at is not null and void_reason <> '')),
	check ((status = 'declined') = (declined_at is not null) or status = 'void')
);
create index envelope_client on envelopes.envelope (firm_id, client_id, project_id, id desc);
create index envelope_newest on envelopes.envelope (firm_id, id desc);
create index envelope_status on envelopes.envelope (firm_id, status, id desc);
create index envelope_supersedes on envelopes.envelope (firm_id, client_id, supersedes_id);
create index envelope_file on envelopes.envelope (firm_id, file_id);
create index envelope_sealed on envelopes.envelope (firm_id, sealed_id);
create index envelope_sealed_hash on envelopes.envelope (firm_id, sealed_hash);
create index envelope_sent_by on envelopes.envelope (firm_id, sent_by);
create index envelope_voided_by on envelopes.envelope (firm_id, voided_by);
create index envelope_created_by on envelopes.envelope (firm_id, created_by);

-- The price table of a document that was made from a template.
create table envelopes.line (
	firm_id     uuid not null,
	envelope_id uuid not null,
	position    integer not null,
	client_id   uuid not null,
	text        text not null check (text <> ''),
	quantity    bigint not null default 1000,    -- thousandths
	price       bigint not null default 0,       -- of one, minor units
	tax_rate    integer not null default 0 check (tax_rate between 0 and 10000), -- basis points
	primary key (firm_id, envelope_id, position),
	foreign key (firm_id, client_id, envelope_id) references envelopes.envelope (firm_id, client_id, id)
);
create index line_client on envelopes.line (firm_id, client_id, envelope_id);

-- What is to be paid when: once signed, each stage becomes a draft invoice.
create table envelopes.stage (
	firm_id     uuid not null,
	envelope_id uuid not null,
	position    integer not null,
	client_id   uuid not null,
	title       text not null check (title <> ''), -- "On signing", "Framing done"
	share       integer not null default 0 check (share between 0 and 10000), -- of the amount, basis points; 0: a fixed amount
	amount      bigint not null default 0,
	due_on      date,                            -- null: when staff say so
	primary key (firm_id, envelope_id, position),
	foreign key (firm_id, client_id, envelope_id) references envelopes.envelope (firm_id, client_id, id)
);
create index stage_client on envelopes.stage (firm_id, client_id, envelope_id);

create table envelopes.recipient (
	firm_id      uuid not null,
	id           uuid not null,
	envelope_id  uuid not null,
	client_id    uuid not null,
	position     integer not null default 1 check (position between 1 and 99), -- the order, where there is one; equal: at once
	role         text not null check (role in ('signer', 'approver', 'viewer', 'copy', 'countersigner')),
	contact_id   uuid,                           -- of the client
	person_id    uuid,                           -- staff: countersigners, copies
	name         text not null check (name <> ''),
	email        text not null default '' check (email = lower(email)),
	token_hash   bytea,                          -- of the link in the mails; null: not sent
	link_no      integer not null default 0,     -- a new one ends the older ones
	notified_at  timestamptz,                    -- asked to act
	opened_at    timestamptz,
	consented_at timestamptz,
	signed_at    timestamptz,                    -- or approved
	declined_at  timestamptz,
	reason       text not null default '',
	expires_at   timestamptz,
	expired_at   timestamptz,                    -- noticed; extending makes it null again
	reminded_at  timestamptz,
	reminders    integer not null default 0,
	ask_code     boolean not null default false, -- of this one: the link was forwarded
	code_hash    bytea,                          -- of the mailed code
	code_until   timestamptz,
	code_tries   integer not null default 0,
	verified_at  timestamptz,                    -- the code was typed
	signature    jsonb,                          -- {"kind": "typed", "text": …} or {"kind": "drawn", "strokes": [[[x, y], …], …]}
	initials     jsonb,
	host_id      uuid,                           -- staff on whose device it was signed, in person
	forwarded_id uuid,                           -- who acts instead
	version      integer not null default 1,
	created_at   timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, envelope_id, id),
	unique (firm_id, token_hash),
	foreign key (firm_id, client_id, envelope_id) references envelopes.envelope (firm_id, client_id, id),
	foreign key (firm_id, client_id, contact_id) references contact (firm_id, client_id, id),
	foreign key (firm_id, person_id) references person (firm_id, id),
	foreign key (firm_id, host_id) references person (firm_id, id),
	foreign key (firm_id, envelope_id, forwarded_id) references envelopes.recipient (firm_id, envelope_id, id),
	check (contact_id is null or person_id is null),
	check (signed_at is null or declined_at is null),
	check ((declined_at is null) = (reason = ''))
);
create index recipient_envelope on envelopes.recipient (firm_id, client_id, envelope_id);
create index recipient_contact on envelopes.recipient (firm_id, client_id, contact_id, envelope_id);
create index recipient_person on envelopes.recipient (firm_id, person_id);
create index recipient_host on envelopes.recipient (firm_id, host_id);
create index recipient_forwarded on envelopes.recipient (firm_id, envelope_id, forwarded_id);
create index recipient_expires on envelopes.recipient (firm_id, expires_at) where expires_at is not null and expired_at is null and signed_at is null;

-- Where on the pages somebody signs or fills in. Measures are ten-thousandths of the page as it is seen, from its top left.
create table envelopes.field (
	firm_id      uuid not null,
	id           uuid not null,
	envelope_id  uuid not null,
	client_id    uuid not null,
	recipient_id uuid not null,
	page         integer not null check (page > 0),
	x            integer not null check (x between 0 and 10000),
	y            integer not null check (y between 0 and 10000),
	w            integer not null check (w > 0 and x + w <= 10000),
	h            integer not null check (h > 0 and y + h <= 10000),
	kind         text not null check (kind in ('signature', 'initials', 'date', 'text', 'checkbox')),
	label        text not null default '',
	required     boolean not null default true,
	value        text not null default '',       -- text; a checkbox: "x"; a date: 2026-11-26
	filled_at    timestamptz,
	primary key (firm_id, id),
	foreign key (firm_id, client_id, envelope_id) references envelopes.envelope (firm_id, client_id, id),
	foreign key (firm_id, envelope_id, recipient_id) references envelopes.recipient (firm_id, envelope_id, id)
);
create index field_envelope on envelopes.field (firm_id, client_id, envelope_id, page);
create index field_recipient on envelopes.field (firm_id, envelope_id, recipient_id);

-- What happened, in order: each entry's hash covers the one before it, so that none can be changed, added or left out
-- unnoticed; the last one stands in the sealed PDF.
create table envelopes.event (
	firm_id      uuid not null,
	envelope_id  uuid not null,
	n            integer not null check (n > 0),
	client_id    uuid not null,
	kind         text not null,
	at           timestamptz not null,
	side         text not null default '',       -- office, portal, link, system
	recipient_id uuid,
	person_id    uuid,
	name         text not null default '',
	email        text not null default '',
	ip           text not null default '',
	agent        text not null default '',
	file_hash    bytea,                          -- of the PDF as it was then
	note         text not null default '',       -- a reason, the other's name
	prev         bytea,
	hash         bytea not null,
	primary key (firm_id, envelope_id, n),
	foreign key (firm_id, client_id, envelope_id) references envelopes.envelope (firm_id, client_id, id)
);
create index event_client on envelopes.event (firm_id, client_id, envelope_id);
comment on table envelopes.event is 'append-only';
