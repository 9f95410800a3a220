create schema if not exists garden;

create table garden.plant (
	firm_id    uuid not null,
	id         uuid not null,
	project_id uuid not null,
	name       text not null check (name <> ''),
	watered_at timestamptz,
	primary key (firm_id, id),
	foreign key (firm_id, project_id) references project (firm_id, id) on delete cascade
);
create index plant_project on garden.plant (firm_id, project_id);
