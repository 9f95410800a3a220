-- A conversation between the firm and one client, of a project or of the client as such. An internal one is the firm's alone.
create table messages.conversation (
	firm_id       uuid not null,
	id            uuid not null,
	client_id     uuid not null,
	project_id    uuid,                              -- null: about the client as such
	subject       text not null check (subject <> '' and length(subject) <= 200),
	internal      boolean not null default false,    -- staff only, whole
	item_section  text not null default '',          -- what it is about: the section that knows it
	item_id       uuid,
	assigned_to   uuid,
	snoozed_until timestamptz,
	closed_at     timestamptz,
	closed_by     uuid,
	waiting_since timestamptz,                       -- a client wrote, and nobody has answered
	last_at       timestamptz not null default now(), -- of the last message that both sides see; of an internal one, of all
	noted_at      timestamptz not null default now(), -- of the last one of any kind
	created_by    uuid not null,
	created_at    timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, client_id, id),
	foreign key (firm_id, client_id) references client (firm_id, id),
	foreign key (firm_id, client_id, project_id) references project (firm_id, client_id, id),
	foreign key (firm_id, assigned_to) references staff (firm_id, person_id),
	foreign key (firm_id, closed_by) references person (firm_id, id),
	foreign key (firm_id, created_by) references person (firm_id, id),
	check ((item_section = '') = (item_id is null))
);
create index conversation_noted on messages.conversation (firm_id, noted_at desc, id desc);
create index conversation_open on messages.conversation (firm_id, noted_at desc, id desc) where closed_at is null;
create index conversation_waiting on messages.conversation (firm_id, waiting_since, id) where waiting_since is not null;
create index conversation_snoozed on messages.conversation (firm_id, snoozed_until) where snoozed_until is not null;
create index conversation_client on messages.conversation (firm_id, client_id, last_at desc, id desc);
create index conversation_project on messages.conversation (firm_id, client_id, project_id, last_at desc);
create index conversation_assigned on messages.conversation (firm_id, assigned_to, noted_at desc);
create index conversation_item on messages.conversation (firm_id, item_id) where item_id is not null;
create index conversation_closed_by on messages.conversation (firm_id, closed_by);
create index conversation_created_by on messages.conversation (firm_id, created_by);

-- Who takes part: whom mails tell, and who is named above the thread.
create table messages.participant (
	firm_id         uuid not null,
	conversation_id uuid not null,
	person_id       uuid not null,
	as_client       boolean not null,
	client_id       uuid not null,
	contact_id      uuid,
	added_at        timestamptz not null default now(),
	primary key (firm_id, conversation_id, person_id, as_client),
	foreign key (firm_id, client_id, conversation_id) references messages.conversation (firm_id, client_id, id) on delete cascade,
	foreign key (firm_id, person_id) references person (firm_id, id),
	foreign key (firm_id, client_id, contact_id) references contact (firm_id, client_id, id),
	check (as_client = (contact_id is not null))
);
create index participant_conversation on messages.participant (firm_id, client_id, conversation_id);
create index participant_person on messages.participant (firm_id, person_id);
create index participant_contact on messages.participant (firm_id, client_id, contact_id);

-- What was said. An internal note lies in the same thread and is read by staff alone.
create table messages.message (
	firm_id         uuid not null,
	id              uuid not null,
	client_id       uuid not null,
	conversation_id uuid not null,
	person_id       uuid not null,
	contact_id      uuid,                              -- null: said as staff
	internal        boolean not null default false,
	body            text not null check (length(body) <= 20000),
	words           tsvector generated always as (to_tsvector('simple', body)) stored,
	by_mail         boolean not null default false,    -- it came as an answer to a mail
	created_at      timestamptz not null default now(),
	edited_at       timestamptz,
	withdrawn_at    timestamptz,
	withdrawn_by    uuid,
	primary key (firm_id, id),
	unique (firm_id, conversation_id, id),
	foreign key (firm_id, client_id, conversation_id) references messages.conversation (firm_id, client_id, id),
	foreign key (firm_id, person_id) references person (firm_id, id),
	foreign key (firm_id, client_id, contact_id) references contact (firm_id, client_id, id),
	foreign key (firm_id, withdrawn_by) references person (firm_id, id),
	check (contact_id is null or not internal),
	check ((withdrawn_at is null) = (withdrawn_by is null))
);
create index message_thread on messages.message (firm_id, conversation_id, created_at, id);
create index message_conversation on messages.message (firm_id, client_id, conversation_id);
create index message_person on messages.message (firm_id, person_id, created_at desc);
create index message_contact on messages.message (firm_id, client_id, contact_id);
create index message_withdrawn_by on messages.message (firm_id, withdrawn_by);
create index message_words on messages.message using gin (words);

create table messages.attachment (
	firm_id         uuid not null,
	id              uuid not null,
	conversation_id uuid not null,
	message_id      uuid not null,
	file_id         uuid not null,
	name            text not null,
	media           text not null,
	size            bigint not null,
	scan            text not null default 'off' check (scan in ('off', 'waiting', 'clean', 'infected')),
	virus           text not null default '',
	created_at      timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, conversation_id, message_id) references messages.message (firm_id, conversation_id, id),
	foreign key (firm_id, file_id) references file (firm_id, id)
);
create index attachment_message on messages.attachment (firm_id, conversation_id, message_id);
create index attachment_file on messages.attachment (firm_id, file_id);

-- How far somebody has read a conversation, and up to where mails have told of it.
create table messages.reading (
	firm_id         uuid not null,
	conversation_id uuid not null,
	person_id       uuid not null,
	as_client       boolean not null,
	read_to         timestamptz,                       -- the last message that was seen
	read_at         timestamptz,                       -- and when
	told_to         timestamptz,                       -- the last message that a mail told of
	primary key (firm_id, conversation_id, person_id, as_client),
	foreign key (firm_id, conversation_id) references messages.conversation (firm_id, id) on delete cascade,
	foreign key (firm_id, person_id) references person (firm_id, id)
);
create index reading_person on messages.reading (firm_id, person_id);

-- What somebody has begun to write.
create table messages.draft (
	firm_id         uuid not null,
	conversation_id uuid not null,
	person_id       uuid not null,
	as_client       boolean not null,
	body            text not null check (length(body) <= 20000),
	internal        boolean not null default false,
	updated_at      timestamptz not null default now(),
	primary key (firm_id, conversation_id, person_id, as_client),
	foreign key (firm_id, conversation_id) references messages.conversation (firm_id, id) on delete cascade,
	foreign key (firm_id, person_id) references person (firm_id, id)
);
create index draft_person on messages.draft (firm_id, person_id);

-- Who is writing at this moment.
create table messages.typing (
	firm_id         uuid not null,
	conversation_id uuid not null,
	person_id       uuid not null,
	as_client       boolean not null,
	internal        boolean not null,
	until           timestamptz not null,
	primary key (firm_id, conversation_id, person_id, as_client),
	foreign key (firm_id, conversation_id) references messages.conversation (firm_id, id) on delete cascade,
	foreign key (firm_id, person_id) references person (firm_id, id)
);
create index typing_person on messages.typing (firm_id, person_id);

-- Answers that staff give often.
create table messages.canned (
	firm_id    uuid not null,
	id         uuid not null,
	title      text not null check (title <> '' and length(title) <= 100),
	body       text not null check (body <> '' and length(body) <= 20000),
	created_by uuid not null,
	created_at timestamptz not null default now(),
	updated_at timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, created_by) references person (firm_id, id)
);
create unique index canned_title on messages.canned (firm_id, lower(title));
create index canned_created_by on messages.canned (firm_id, created_by);
