-- The words of the firm's mails, as far as they are its own. A restored default keeps its row, so that a version never
-- comes twice.
create table mail_text (
	firm_id    uuid not null references firm (firm_id),
	kind       text not null,
	own        boolean not null,                -- false: the default again
	subject    text not null default '',
	body       text not null default '',        -- Markdown with placeholders
	version    integer not null default 1,
	updated_at timestamptz not null default now(),
	primary key (firm_id, kind)
);

-- What somebody is trying out and has not saved: the preview and the test mail are drawn from it.
create table mail_text_draft (
	firm_id    uuid not null,
	kind       text not null,
	person_id  uuid not null,
	subject    text not null default '',
	body       text not null default '',
	updated_at timestamptz not null default now(),
	primary key (firm_id, kind, person_id),
	foreign key (firm_id, person_id) references person (firm_id, id) on delete cascade
);
create index mail_text_draft_person on mail_text_draft (firm_id, person_id);

-- Which mails a person wants: important are those that open a door or that somebody waits for.
alter table person add column mails text not null default 'all' check (mails in ('all', 'important'));
