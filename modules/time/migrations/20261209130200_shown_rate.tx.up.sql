-- Rates are for staff, unless the firm wants them on its invoices.
alter table time.setting add column show_rate boolean not null default false;
