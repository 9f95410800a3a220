-- A mail that must not go out twice is noted before its content leaves. What dies between that note and the server's
-- answer stays unsure, and a person decides about sending it again.
alter table mail drop constraint mail_state_check;
alter table mail add constraint mail_state_check
	check (state in ('handing', 'sent', 'unsure', 'bounced', 'failed', 'dropped'));
create index mail_unsure on mail (firm_id, at desc) where state in ('handing', 'unsure');
