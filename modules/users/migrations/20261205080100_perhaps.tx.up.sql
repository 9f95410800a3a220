-- A mail whose worker died while it was handed over: nobody can tell whether it went out.
alter table users.sending_row drop constraint sending_row_state_check;
alter table users.sending_row add constraint sending_row_state_check check (
	state in ('waiting', 'released', 'sent', 'perhaps', 'opened', 'accepted', 'bounced', 'skipped', 'failed', 'cancelled'));
