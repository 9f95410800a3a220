-- What a person has to see to is counted in the transaction in which it changes.
create index refund_review on billing.refund (firm_id) where status = 'needs_review';
