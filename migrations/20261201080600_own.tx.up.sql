-- What one person did and uploaded, for the export of a person's own data.
create index activity_actor on activity (firm_id, actor_id, at desc);
create index file_creator on file (firm_id, created_by, created_at);
