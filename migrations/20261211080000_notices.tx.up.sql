-- What people are told of: one row for each event and person. It is the bell's inbox, and remembers what became of the
-- mail and the push of it, so that each comes once.
create table notice (
	firm_id    uuid not null references firm (firm_id),
	id         uuid not null,                   -- of the event and the person: told again, it is the same
	person_id  uuid not null,
	contact_id uuid,                            -- as whom; null: as staff
	kind       text not null check (kind ~ '^[a-z][a-z0-9]{2,20}:[a-z][a-z0-9_]*$'),
	item_id    uuid,                            -- what it is about: its section knows who may see it
	title      text not null check (title <> '' and length(title) <= 300),
	body       text not null default '' check (length(body) <= 1000),
	path       text not null check (path like '/%'),
	bundle     text not null default '' check (length(bundle) <= 100), -- unread ones of a bundle are shown as one
	items      integer not null default 1 check (items > 0),           -- how many things it tells of
	bell       boolean not null,
	folded     boolean not null default false,  -- a later one of its bundle tells of it, too
	mail       text not null check (mail in ('off', 'held', 'daily', 'sent', 'done')),
	push       text not null check (push in ('off', 'held', 'sent')),
	created_at timestamptz not null,
	read_at    timestamptz,
	primary key (firm_id, id),
	foreign key (firm_id, person_id) references person (firm_id, id),
	foreign key (firm_id, contact_id) references contact (firm_id, id)
);
create index notice_inbox on notice (firm_id, person_id, created_at desc, id);
create index notice_unread on notice (firm_id, person_id) where bell and not folded and read_at is null;
create index notice_contact on notice (firm_id, contact_id);
create index notice_daily on notice (firm_id, created_at) where mail = 'daily';
create index notice_old on notice (firm_id, created_at);

-- What a person has chosen for a kind of notice, where it is not what the firm has set.
create table notice_choice (
	firm_id   uuid not null references firm (firm_id),
	person_id uuid not null,
	kind      text not null,
	mail      text check (mail in ('now', 'daily', 'off')), -- null: as the firm
	bell      boolean,
	push      boolean,
	primary key (firm_id, person_id, kind),
	foreign key (firm_id, person_id) references person (firm_id, id)
);

-- What the firm has set for everybody who has not chosen, where it is not the default.
create table notice_default (
	firm_id uuid not null references firm (firm_id),
	kind    text not null,
	mail    text check (mail in ('now', 'daily', 'off')), -- null: as the section says
	bell    boolean,
	push    boolean,
	primary key (firm_id, kind)
);

-- When a person wants quiet, in minutes of the day in the person's zone; the same twice: never.
create table notice_person (
	firm_id     uuid not null references firm (firm_id),
	person_id   uuid not null,
	quiet_from  smallint not null check (quiet_from between 0 and 1439),
	quiet_until smallint not null check (quiet_until between 0 and 1439),
	primary key (firm_id, person_id),
	foreign key (firm_id, person_id) references person (firm_id, id)
);

-- The firm's hour for daily mails, in each reader's zone, and quiet hours for everybody who has not chosen.
create table notice_firm (
	firm_id     uuid not null references firm (firm_id),
	digest_hour smallint not null default 8 check (digest_hour between 0 and 23),
	quiet_from  smallint not null default 0 check (quiet_from between 0 and 1439),
	quiet_until smallint not null default 0 check (quiet_until between 0 and 1439),
	primary key (firm_id)
);
