-- Lists of 100,000 clients and projects are sorted, filtered and searched by indexes alone. The sort names are columns:
-- row-level security lets an index use no function that might leak, and lower() is one.
alter table client add column sort_name text collate "C" generated always as (lower(translate(name,
	'ÀÁÂÃÄÅàáâãäåĀāĂăĄąÇçĆćČčĎďĐđÈÉÊËèéêëĒēĖėĘęĚěĞğÌÍÎÏìíîïĪīİıŁłÑñŃńŇňÒÓÔÕÖØòóôõöøŌōŐőŘřŚśŞşŠšŢţŤťÙÚÛÜùúûüŪūŮůŰűŲųÝýÿŹźŻżŽž',
	'AAAAAAaaaaaaAaAaAaCcCcCcDdDdEEEEeeeeEeEeEeEeGgIIIIiiiiIiIiLlNnNnNnOOOOOOooooooOoOoRrSsSsSsTtTtUUUUuuuuUuUuUuUuYyyZzZzZz'
))) stored;
alter table project add column sort_name text collate "C" generated always as (lower(translate(name,
	'ÀÁÂÃÄÅàáâãäåĀāĂăĄąÇçĆćČčĎďĐđÈÉÊËèéêëĒēĖėĘęĚěĞğÌÍÎÏìíîïĪīİıŁłÑñŃńŇňÒÓÔÕÖØòóôõöøŌōŐőŘřŚśŞşŠšŢţŤťÙÚÛÜùúûüŪūŮůŰűŲųÝýÿŹźŻżŽž',
	'AAAAAAaaaaaaAaAaAaCcCcCcDdDdEEEEeeeeEeEeEeEeGgIIIIiiiiIiIiLlNnNnNnOOOOOOooooooOoOoRrSsSsSsTtTtUUUUuuuuUuUuUuUuYyyZzZzZz'
))) stored;

drop index client_name;
create index client_sort_name on client (firm_id, sort_name, id);
-- every filter has its own stretch of these, in either order; a list without a filter merges the stretches
create index client_list_name on client (firm_id, portal_on, kind, sort_name, id) where archived_at is null;
create index client_list_new on client (firm_id, portal_on, kind, created_at, id) where archived_at is null;
create index client_archive_name on client (firm_id, portal_on, kind, sort_name, id) where archived_at is not null;
create index client_archive_new on client (firm_id, portal_on, kind, created_at, id) where archived_at is not null;
create index project_list_name on project (firm_id, status, sort_name, id);
create index project_list_new on project (firm_id, status, created_at, id);

-- as client_word, for projects: their own words and their client's name
create table project_word (
	firm_id    uuid not null,
	word       text collate "C" not null,
	project_id uuid not null,
	primary key (firm_id, word, project_id),
	foreign key (firm_id, project_id) references project (firm_id, id) on delete cascade
);
create index project_word_project on project_word (firm_id, project_id);
