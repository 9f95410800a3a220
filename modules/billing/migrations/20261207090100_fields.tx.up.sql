-- Cards may be entered in the provider's own fields on a page of ours. What opens those fields is sealed, and gone as soon
-- as the payer has nothing to do any more.
alter table billing.account add column fields boolean not null default false;
alter table billing.batch add column fields boolean not null default false;
alter table billing.attempt add column fields_secret bytea;
alter table billing.attempt add constraint attempt_fields check (fields_secret is null or status = 'requires_action');
