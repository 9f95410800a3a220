-- What was signed elsewhere and counts here: each document once, whoever tells of it however often.
create table billing.agreement (
	firm_id     uuid not null,
	envelope_id uuid not null,
	client_id   uuid not null,
	project_id  uuid not null,
	kind        text not null check (kind in ('contract', 'proposal', 'deposit')),
	title       text not null check (title <> ''),
	amount      bigint not null,                 -- in the project's currency
	on_day      date not null,
	invoice_id  uuid,                            -- of a deposit: its draft
	created_at  timestamptz not null default now(),
	primary key (firm_id, envelope_id),
	foreign key (firm_id, client_id, project_id) references project (firm_id, client_id, id),
	foreign key (firm_id, invoice_id) references billing.invoice (firm_id, id) on delete set null (invoice_id)
);
create index agreement_project on billing.agreement (firm_id, client_id, project_id);
create index agreement_invoice on billing.agreement (firm_id, invoice_id);
