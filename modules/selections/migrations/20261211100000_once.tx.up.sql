-- Copies that were made: a form that is sent twice copies once.
create table selections.copying (
	firm_id    uuid not null,
	id         uuid not null,                       -- made with the form
	client_id  uuid not null,
	project_id uuid not null,                       -- copied into
	at         timestamptz not null default now(),
	primary key (firm_id, id),
	foreign key (firm_id, client_id, project_id) references public.project (firm_id, client_id, id)
);
create index copying_project on selections.copying (firm_id, project_id);

-- The day on which staff last had a contact reminded of a project's selections: once a day is enough.
create table selections.reminder (
	firm_id    uuid not null,
	project_id uuid not null,
	contact_id uuid not null,
	client_id  uuid not null,
	on_day     date not null,
	primary key (firm_id, project_id, contact_id),
	foreign key (firm_id, client_id, project_id) references public.project (firm_id, client_id, id),
	foreign key (firm_id, contact_id) references public.contact (firm_id, id)
);
create index reminder_contact on selections.reminder (firm_id, contact_id);
