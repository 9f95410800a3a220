-- A credit memo may be for lines of an invoice: it then takes their tax back with them.
alter table billing.payment
	add column tax bigint not null default 0,
	add constraint payment_tax_check check (tax = 0 or method = 'credit' and tax between 0 and amount);

create table billing.credit_line (
	firm_id    uuid not null,
	payment_id uuid not null,
	position   integer not null,                  -- of the invoice's line
	invoice_id uuid not null,
	text       text not null check (text <> ''),
	net        bigint not null check (net > 0),
	tax        bigint not null default 0 check (tax >= 0),
	tax_rate   integer not null default 0 check (tax_rate between 0 and 10000),
	primary key (firm_id, payment_id, position),
	foreign key (firm_id, payment_id) references billing.payment (firm_id, id),
	foreign key (firm_id, invoice_id) references billing.invoice (firm_id, id)
);
comment on table billing.credit_line is 'append-only: what a credit memo says';
create index credit_line_invoice on billing.credit_line (firm_id, invoice_id, position);
