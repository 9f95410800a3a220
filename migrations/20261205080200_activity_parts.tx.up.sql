-- What an import of 10,000 clients did to each is in each client's activity; in the firm's news it is one entry.
alter table activity add column part boolean not null default false;
create index activity_news on activity (firm_id, at desc) where not part;
