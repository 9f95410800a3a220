-- What somebody did that colleagues need not know, such as how many hours: for admins, and for whoever did it.
alter table activity add column private boolean not null default false;
