-- Folders of a project, or of the client itself. What clients see of a folder, they see only when every folder on the
-- way to it is shared: chain names them all, the folder itself last.
create table documents.folder (
	firm_id    uuid not null,
	id         uuid not null,
	client_id  uuid not null,
	project_id uuid,                          -- null: the client's own
	parent_id  uuid,                          -- null: at the top
	place_id   uuid not null,                 -- what it lies in: a folder, a project or the client
	chain      uuid[] not null,
	name       text not null check (name <> ''),
	shared     boolean not null default false,
	version    integer not null default 1,
	created_by uuid,
	created_at timestamptz not null default now(),
	trashed_at timestamptz,
	trashed_by uuid,
	primary key (firm_id, id),
	unique (firm_id, client_id, id),
	foreign key (firm_id, client_id) references client (firm_id, id),
	foreign key (firm_id, client_id, project_id) references project (firm_id, client_id, id),
	foreign key (firm_id, client_id, parent_id) references documents.folder (firm_id, client_id, id),
	foreign key (firm_id, created_by) references person (firm_id, id),
	foreign key (firm_id, trashed_by) references person (firm_id, id),
	check (place_id = coalesce(parent_id, project_id, client_id)),
	check (chain[cardinality(chain)] = id)
);
create unique index folder_name on documents.folder (firm_id, place_id, lower(name)) where trashed_at is null;
create index folder_client on documents.folder (firm_id, client_id, project_id);
create index folder_parent on documents.folder (firm_id, client_id, parent_id);
create index folder_trash on documents.folder (firm_id, trashed_at desc, id) where trashed_at is not null;
create index folder_created_by on documents.folder (firm_id, created_by);
create index folder_trashed_by on documents.folder (firm_id, trashed_by);

-- A file as people know it: a name in a place. What is in it are its versions; the current one's size and kind are
-- repeated here, for lists.
create table documents.document (
	firm_id    uuid not null,
	id         uuid not null,
	client_id  uuid not null,
	project_id uuid,
	folder_id  uuid,
	place_id   uuid not null,
	name       text not null check (name <> ''),
	caption    text not null default '',      -- below a photo
	shared     boolean not null default false,
	by_client  boolean not null default false,
	sort       text not null check (sort in ('picture', 'pdf', 'text', 'other')),
	version_id uuid not null,
	file_id    uuid not null,                 -- the current version's
	size       bigint not null,
	guarded    text not null default '' check (guarded in ('', 'scanning', 'infected')), -- '': may be opened
	changed_at timestamptz not null default now(), -- when the current version came
	version    integer not null default 1,
	created_by uuid,
	created_at timestamptz not null default now(),
	trashed_at timestamptz,
	trashed_by uuid,
	primary key (firm_id, id),
	unique (firm_id, client_id, id),
	foreign key (firm_id, client_id) references client (firm_id, id),
	foreign key (firm_id, client_id, project_id) references project (firm_id, client_id, id),
	foreign key (firm_id, client_id, folder_id) references documents.folder (firm_id, client_id, id),
	foreign key (firm_id, created_by) references person (firm_id, id),
	foreign key (firm_id, trashed_by) references person (firm_id, id),
	check (place_id = coalesce(folder_id, project_id, client_id))
);
-- Lists: by name, by day, by size; each page is a stretch of an index.
create index document_name on documents.document (firm_id, place_id, lower(name), id) where trashed_at is null;
create index document_changed on documents.document (firm_id, place_id, changed_at, id) where trashed_at is null;
create index document_size on documents.document (firm_id, place_id, size, id) where trashed_at is null;
create index document_pictures on documents.document (firm_id, place_id, sort, lower(name), id) where trashed_at is null;
create index document_latest on documents.document (firm_id, changed_at desc, id desc) where trashed_at is null;
create index document_by_clients on documents.document (firm_id, changed_at desc, id desc) where trashed_at is null and by_client;
create index document_client on documents.document (firm_id, client_id, changed_at desc);
create index document_project on documents.document (firm_id, client_id, project_id);
create index document_folder on documents.document (firm_id, client_id, folder_id);
create index document_file on documents.document (firm_id, file_id);
create index document_trash on documents.document (firm_id, trashed_at desc, id) where trashed_at is not null;
create index document_created_by on documents.document (firm_id, created_by);
create index document_trashed_by on documents.document (firm_id, trashed_by);

create table documents.version (
	firm_id     uuid not null,
	id          uuid not null,
	client_id   uuid not null,
	document_id uuid not null,
	number      integer not null check (number > 0),
	file_id     uuid not null,
	name        text not null,                -- as it was called when it came
	media       text not null,
	size        bigint not null,
	remark      text not null default '',     -- what is new in it; clients read the current one's
	restored    integer,                      -- an old one, taken back: its number
	scan        text not null default 'off' check (scan in ('off', 'waiting', 'clean', 'infected')),
	virus       text not null default '',
	reading     text not null default '' check (reading in ('', 'waiting', 'read', 'locked', 'damaged', 'heavy')), -- the words inside
	pages       integer not null default 0,
	by_client   boolean not null default false,
	created_by  uuid,
	created_at  timestamptz not null default now(),
	primary key (firm_id, id),
	unique (firm_id, document_id, number),
	foreign key (firm_id, client_id, document_id) references documents.document (firm_id, client_id, id),
	foreign key (firm_id, file_id) references file (firm_id, id),
	foreign key (firm_id, created_by) references person (firm_id, id)
);
create index version_file on documents.version (firm_id, file_id);
create index version_client on documents.version (firm_id, client_id, document_id);
create index version_created_by on documents.version (firm_id, created_by);

-- What documents are found by: the words of their names, and those inside.
create table documents.word (
	firm_id     uuid not null,
	client_id   uuid not null,
	word        text collate "C" not null,
	document_id uuid not null,
	named       boolean not null,             -- it stands in the name
	primary key (firm_id, client_id, word, document_id),
	foreign key (firm_id, client_id, document_id) references documents.document (firm_id, client_id, id) on delete cascade
);
create index word_firm on documents.word (firm_id, word, document_id);
create index word_document on documents.word (firm_id, client_id, document_id);

-- Uploads under way: they go on where they broke off.
create table documents.upload (
	firm_id     uuid not null,
	id          uuid not null,
	client_id   uuid not null,
	place_id    uuid not null,
	document_id uuid,                         -- a new version of it; null: by its name
	contact_id  uuid,                         -- of a client; null: staff
	person_id   uuid not null,
	name        text not null,
	size        bigint not null check (size >= 0),
	mark        text not null default '',     -- the browser's own, to know the same file again
	remark      text not null default '',
	shared      boolean not null default false,
	tells       boolean not null default false,
	arrived     bigint not null default 0,    -- bytes
	pieces      integer not null default 0,
	state       text not null default 'arriving' check (state in ('arriving', 'joining', 'done', 'refused')),
	problem     text not null default '',
	made_id     uuid,                         -- the document that it became
	created_at  timestamptz not null default now(),
	updated_at  timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, client_id, contact_id) references contact (firm_id, client_id, id),
	foreign key (firm_id, client_id) references client (firm_id, id),
	foreign key (firm_id, person_id) references person (firm_id, id)
);
create index upload_contact on documents.upload (firm_id, client_id, contact_id);
create index upload_mark on documents.upload (firm_id, person_id, place_id, state);
create index upload_old on documents.upload (firm_id, updated_at);
create index upload_client on documents.upload (firm_id, client_id);

create table documents.setting (
	firm_id    uuid not null,
	quota      bigint check (quota > 0),      -- bytes; null: as the installation allows
	used       bigint not null default 0 check (used >= 0),
	tells      boolean not null default true, -- the team hears of uploads by mail
	updated_at timestamptz not null default now(),
	primary key (firm_id)
);

-- What somebody is to hear of: one mail tells of many.
create table documents.news (
	firm_id     uuid not null,
	id          uuid not null,
	client_id   uuid not null,
	document_id uuid not null,
	side        text not null check (side in ('portal', 'office')), -- who is to hear
	batch_id    uuid,                         -- the mail that tells of it; null: none yet
	created_at  timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, client_id, document_id) references documents.document (firm_id, client_id, id) on delete cascade
);
create unique index news_once on documents.news (firm_id, client_id, side, document_id) where batch_id is null;
create index news_batch on documents.news (firm_id, batch_id);
create index news_document on documents.news (firm_id, client_id, document_id);
