-- The day and the tags of a log that was opened again reach clients with its next submission, as its words and photos do.
alter table dailylogs.log add column told_date date; -- as it was submitted: the day that clients read
update dailylogs.log set told_date = log_date where revision > 0;
alter table dailylogs.log add check ((revision = 0) = (told_date is null));
drop index dailylogs.log_feed;
create index log_feed on dailylogs.log (firm_id, client_id, told_date desc, id desc) where shared and state in ('submitted', 'reopened');

-- The tags of a log as it was submitted. Clients get those of them that are not for staff only.
create table dailylogs.told_tag (
	firm_id uuid not null,
	log_id  uuid not null,
	tag_id  uuid not null,
	primary key (firm_id, log_id, tag_id),
	foreign key (firm_id, log_id) references dailylogs.log (firm_id, id) on delete cascade,
	foreign key (firm_id, tag_id) references dailylogs.tag (firm_id, id)
);
create index told_tag_tag on dailylogs.told_tag (firm_id, tag_id, log_id);
insert into dailylogs.told_tag (firm_id, log_id, tag_id)
select lt.firm_id, lt.log_id, lt.tag_id
from dailylogs.log_tag lt
join dailylogs.log l on l.firm_id = lt.firm_id and l.id = lt.log_id
where l.revision > 0;
