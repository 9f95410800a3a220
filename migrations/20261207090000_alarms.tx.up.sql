-- What owners and admins read above every page of the office until it is settled: one line a section.
create table alarm (
	firm_id   uuid not null references firm (firm_id),
	section   text not null,       -- the module's id
	text      text not null check (text <> ''),
	path      text not null,       -- below the start of the office
	action    text not null,
	raised_at timestamptz not null default now(),
	primary key (firm_id, section)
);
