-- What other mail servers reported of our mails. The same report may come again, by another way too.
create table mail_bounce (
	firm_id uuid not null,
	mail_id uuid not null,
	status  text not null check (status ~ '^[45]\.[0-9]{1,3}\.[0-9]{1,3}$'),
	reason  text not null default '',           -- the server's words, without addresses
	at      timestamptz not null default now(),
	primary key (firm_id, mail_id, status),
	foreign key (firm_id, mail_id) references mail (firm_id, id) on delete cascade
);
-- a report names the mail and not the firm
create index mail_id on mail (id);
