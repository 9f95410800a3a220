-- What was hidden when it went stays hidden: the item is gone by then, so the change itself says so.
alter table schedule.change add column hidden boolean not null default false;
update schedule.change c set hidden = true
where not exists (select from schedule.item i where i.firm_id = c.firm_id and i.id = c.item_id)
	and not exists (select from schedule.change r where r.firm_id = c.firm_id and r.item_id = c.item_id and r.kind = 'removed');
