-- Payments are found by the beginning of their number or reference, and by their client's name (client_word).
create index payment_number on billing.payment (firm_id, (lower(number) collate "C"));
create index payment_reference on billing.payment (firm_id, (lower(reference) collate "C")) where reference <> '';
create index payment_method on billing.payment (firm_id, method, received_on, id);
create index payment_amount on billing.payment (firm_id, amount, id);
create index payment_reversed on billing.payment (firm_id, received_on, id) where reversed_at is not null;
