-- A client with a hundred thousand invoices: the office reads its newest, the client what is over, in the order of an index.
create index invoice_of_client on billing.invoice (firm_id, client_id, state, id);
create index invoice_past on billing.invoice (firm_id, client_id, state, (date '4000-01-01' - (issued_on - date '1900-01-01')), id)
	where state in ('paid', 'void');
