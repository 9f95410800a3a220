-- A fixed fee and a cap are amounts of one currency: when the firm takes another one, they are nothing until they are said anew.
alter table billing.late_rule add column currency char(3);
update billing.late_rule r set currency = f.currency from public.firm f where f.firm_id = r.firm_id;
