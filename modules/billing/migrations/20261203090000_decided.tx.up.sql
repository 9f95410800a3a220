-- Who wrote anything of a draft: none of them is the second person who approves it.
alter table billing.invoice add column writers uuid[] not null default '{}';

-- What an issued invoice said around its lines, as it was at its release. Null on older ones: they read as the firm and
-- the client are now.
alter table billing.invoice
	add column issued_tax_name text,
	add column issued_footer   text,
	add column issued_from     text[],
	add column issued_to       text[];
