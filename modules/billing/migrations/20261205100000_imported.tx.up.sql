-- Invoices and payments that came from another program. They keep their own numbers, which are none of ours: no ordinal
-- is taken, and our own count goes on without a gap. What an import brought can be undone: the books keep the way there
-- and back, and nobody is shown it any more. Its number is free again then.
alter table billing.invoice
	add column imported boolean not null default false,
	drop constraint invoice_stage_check,
	add constraint invoice_stage check (stage in ('draft', 'approved', 'released', 'void', 'undone'));

alter table billing.payment
	add column imported boolean not null default false,
	add column undone   boolean not null default false;

do $$
declare
	rule record;
begin
	for rule in
		select c.conname from pg_constraint c
		where c.conrelid = 'billing.invoice'::regclass and c.contype = 'c' and pg_get_constraintdef(c.oid) ~ 'number IS (NOT )?NULL'
	loop
		execute format('alter table billing.invoice drop constraint %I', rule.conname);
	end loop;
end $$;

alter table billing.invoice
	add constraint invoice_number check (number is not null or stage in ('draft', 'approved')),
	add constraint invoice_number_early check (number is null or imported or stage in ('released', 'void')), -- a draft of ours has none yet
	add constraint invoice_issued check ((issued_on is null) = (stage in ('draft', 'approved'))),
	add constraint invoice_ordinal check ((ordinal is not null) = (stage in ('released', 'void') and not imported)),
	add constraint invoice_due check (due_on is not null or stage in ('draft', 'approved')),
	add constraint invoice_undone check (stage <> 'undone' or imported);

alter table billing.payment
	add constraint payment_undone check (not undone or imported and reversed_at is not null);

-- receipts for money that another program had taken are counted apart
alter table billing.counter
	drop constraint counter_kind_check,
	add constraint counter_kind check (kind in ('invoice', 'credit', 'receipt', 'earlier'));
