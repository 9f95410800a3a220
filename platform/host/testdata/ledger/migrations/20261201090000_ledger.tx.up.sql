create table ledger.invoice (
	firm_id uuid not null references firm,
	id uuid not null,
	client_id uuid not null,
	project_id uuid not null,
	number text not null,
	state text not null,
	amount bigint not null,
	paid bigint not null,
	due_on date not null,
	primary key (firm_id, id),
	foreign key (firm_id, client_id) references client,
	foreign key (firm_id, project_id) references project
);
create index invoice_client on ledger.invoice (firm_id, client_id, due_on desc, id);
