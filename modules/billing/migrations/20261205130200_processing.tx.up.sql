-- What is being paid at the moment is a handful of rows of a million.
create index invoice_processing on billing.invoice (firm_id, state, id) where reserved > 0;
