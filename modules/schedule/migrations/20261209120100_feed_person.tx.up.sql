-- A feed ends with the person who made it: a contact whose address is somebody else's by now is another reader.
alter table schedule.feed add column person_id uuid;
update schedule.feed f set person_id = ct.person_id from contact ct where ct.firm_id = f.firm_id and ct.id = f.contact_id;
alter table schedule.feed add foreign key (firm_id, person_id) references person (firm_id, id);
create index feed_person on schedule.feed (firm_id, person_id);
