-- Taking back goes from the last trace to the first: what is taken back already is not looked at again.
create index trace_open on transfer.trace (firm_id, import_id, n) where not undone and kept = '';
