-- A change order that all have approved can be made void later: the sealed file stays, and the change counts no more.
alter table envelopes.envelope drop constraint envelope_check1;
alter table envelopes.envelope add constraint envelope_sealed check (
	(status = 'complete' or status = 'void' and sealed_id is not null) = (sealed_id is not null and sealed_hash is not null and completed_at is not null));
