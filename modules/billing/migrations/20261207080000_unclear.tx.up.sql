-- What a person has to look at may be a payment that has ended: a second one at the provider, a deposit that was given
-- back and then taken back by the bank.
drop index billing.attempt_review;
create index attempt_review on billing.attempt (firm_id, created_at) where status in ('unknown', 'needs_review') or review <> '';
