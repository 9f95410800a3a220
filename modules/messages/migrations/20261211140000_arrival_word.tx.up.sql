-- Whether anybody vouches for the author of a mail, as it was found out when it came.
alter table messages.arrival add column word text not null default '' check (word in ('', 'vouched', 'denied'));
