-- What staff write for clients, and what clients say and ask.
create table help.article (
	firm_id      uuid not null references firm (firm_id),
	id           uuid not null,
	kind         text not null check (kind in ('process', 'faq', 'page')),
	section      text not null default '',
	title        text not null check (title <> ''),
	slug         text not null check (slug ~ '^[^/?#[:space:]]{1,80}$'),
	body         text not null,                     -- Markdown
	audience     text not null default 'all' check (audience in ('all', 'household', 'company')),
	position     integer not null,                  -- among all articles of the firm
	words        tsvector not null,                 -- title and body, folded
	published_at timestamptz,                       -- null: a draft
	deleted_at   timestamptz,
	version      integer not null default 1,
	created_at   timestamptz not null default now(),
	updated_at   timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, slug)
);
create index article_list on help.article (firm_id, position, id) where deleted_at is null;

-- A row without text is a vote, one a contact and article; a row with text is a question or a remark that staff answer.
create table help.feedback (
	firm_id     uuid not null,
	id          uuid not null,
	client_id   uuid not null,
	contact_id  uuid not null,
	person_id   uuid not null,
	article_id  uuid,
	page        text not null default '',           -- where it was said, when not at an article
	useful      text check (useful in ('yes', 'no')),
	text        text not null default '',
	state       text not null check (state in ('new', 'answered', 'closed')),
	answer      text not null default '',
	answered_by uuid,
	answered_at timestamptz,
	mailed_at   timestamptz,                        -- the answer went out; never twice
	version     integer not null default 1,
	created_at  timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, client_id, contact_id) references contact (firm_id, client_id, id),
	foreign key (firm_id, person_id) references person (firm_id, id),
	foreign key (firm_id, answered_by) references person (firm_id, id),
	foreign key (firm_id, article_id) references help.article (firm_id, id),
	check (text <> '' or (useful is not null and article_id is not null)),
	check ((state = 'answered') <= (answer <> ''))
);
create unique index feedback_vote on help.feedback (firm_id, article_id, contact_id) where text = '';
create index feedback_contact on help.feedback (firm_id, contact_id, created_at desc);
create index feedback_client on help.feedback (firm_id, client_id);
create index feedback_inbox on help.feedback (firm_id, state, created_at desc) where text <> '';
create index feedback_article on help.feedback (firm_id, article_id);
create index feedback_person on help.feedback (firm_id, person_id);
