-- What did not come online is given back by hand.
alter table billing.refund alter column attempt_id drop not null;

create index attempt_moved on billing.attempt (firm_id, updated_at);
