-- Whoever pays through a link that staff passed on may name an address for the receipt. It is kept until the receipt is on its
-- way there, or there will be none; '' is left of it.
alter table billing.batch add column receipt_to text check (receipt_to is null or link_id is not null);
