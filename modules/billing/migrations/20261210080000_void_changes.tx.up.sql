-- A change that was made void stays, so that its approval does not count when it is delivered later.
alter table billing.contract_change add column voided_at timestamptz;
