-- The addresses that mails carry for answers: one conversation as one person has it.
create table messages.address (
	firm_id         uuid not null,
	id              uuid not null,
	conversation_id uuid not null,
	client_id       uuid not null,
	person_id       uuid not null,
	contact_id      uuid,                              -- null: of staff
	internal        boolean not null,                  -- an answer becomes an internal note
	created_at      timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, client_id, conversation_id) references messages.conversation (firm_id, client_id, id) on delete cascade,
	foreign key (firm_id, person_id) references person (firm_id, id),
	foreign key (firm_id, client_id, contact_id) references contact (firm_id, client_id, id),
	check (contact_id is null or not internal)
);
create unique index address_of on messages.address (firm_id, conversation_id, person_id, (contact_id is null), internal);
create index address_found on messages.address (id); -- a mail does not name the firm
create index address_conversation on messages.address (firm_id, client_id, conversation_id);
create index address_person on messages.address (firm_id, person_id);
create index address_contact on messages.address (firm_id, client_id, contact_id);

-- Mails that came as answers. Each is taken once; one that is not from whom it should be waits for a decision of staff.
create table messages.arrival (
	firm_id      uuid not null,
	id           uuid not null,
	address_id   uuid not null,
	mail_key     text not null,                        -- of its Message-ID, or of all of it
	sender       text not null default '',             -- the envelope's
	from_address text not null default '',
	from_name    text not null default '',
	subject      text not null default '',
	body         text not null default '',
	files        integer not null default 0,
	state        text not null default 'new' check (state in ('new', 'said', 'held', 'dropped', 'discarded')),
	why          text not null default '',
	file_id      uuid,                                 -- the mail as it came, while it is needed
	message_id   uuid,
	created_at   timestamptz not null default now(),
	settled_at   timestamptz,
	settled_by   uuid,
	primary key (firm_id, id),
	foreign key (firm_id, address_id) references messages.address (firm_id, id) on delete cascade,
	foreign key (firm_id, file_id) references file (firm_id, id),
	foreign key (firm_id, message_id) references messages.message (firm_id, id),
	foreign key (firm_id, settled_by) references person (firm_id, id)
);
create unique index arrival_once on messages.arrival (firm_id, address_id, mail_key);
create index arrival_held on messages.arrival (firm_id, created_at desc, id desc) where state = 'held';
create index arrival_settled on messages.arrival (firm_id, created_at);
create index arrival_file on messages.arrival (firm_id, file_id);
create index arrival_message on messages.arrival (firm_id, message_id);
create index arrival_settled_by on messages.arrival (firm_id, settled_by);
