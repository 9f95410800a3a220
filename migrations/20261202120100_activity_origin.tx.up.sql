-- An entry says from where and on whose behalf, and every filter of the log has its own stretch of an index, in the
-- order of the pages.
alter table activity
	add column side   text not null default '',  -- office, portal, system: where the actor stood; '' before this was kept
	add column behalf text not null default '',  -- for whom: the client of a contact
	add column ip     text not null default '',
	add column agent  text not null default '',
	alter column verb type text collate "C";     -- groups of deeds are stretches of its index

drop index activity_at;
drop index activity_client;
drop index activity_project;
drop index activity_actor;
create index activity_newest on activity (firm_id, at desc, id desc);
create index activity_client on activity (firm_id, client_id, at desc, id desc);
create index activity_project on activity (firm_id, project_id, at desc, id desc);
create index activity_actor on activity (firm_id, actor_id, at desc, id desc);
create index activity_verb on activity (firm_id, verb, at desc, id desc);
