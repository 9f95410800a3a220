-- What logs are found by. An index on words as a text search has them is of no use here: PostgreSQL looks at rows with its
-- operator only after row-level security has let them pass one by one.
create table dailylogs.word (
	firm_id   uuid not null,
	client_id uuid not null,
	log_id    uuid not null,
	word      text collate "C" not null,
	told      boolean not null, -- clients read it
	primary key (firm_id, client_id, log_id, word),
	foreign key (firm_id, client_id, log_id) references dailylogs.log (firm_id, client_id, id) on delete cascade
);
create index word_firm on dailylogs.word (firm_id, word, client_id, log_id);
create index word_client on dailylogs.word (firm_id, client_id, word, log_id) where told;

insert into dailylogs.word (firm_id, client_id, log_id, word, told)
select l.firm_id, l.client_id, l.id, left(p.word, 40), bool_or(t.told)
from (
	select k.firm_id, k.id, k.words, false as told from dailylogs.log k where k.words is not null
	union all
	select r.firm_id, r.log_id, r.words, true
	from dailylogs.revision r
	join dailylogs.log k on k.firm_id = r.firm_id and k.id = r.log_id and k.revision = r.number) t
join dailylogs.log l on l.firm_id = t.firm_id and l.id = t.id
cross join unnest(tsvector_to_array(t.words)) as s (lexeme)
cross join regexp_split_to_table(s.lexeme, '[^[:alnum:]]+') as p (word)
where p.word <> ''
group by 1, 2, 3, 4;

alter table dailylogs.log drop column words;
alter table dailylogs.revision drop column words;
