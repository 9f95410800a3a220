-- A refund that a provider refused, or of which it never said the end, is ended by a person: it was paid back by other means,
-- or it is given up.
alter table billing.refund
	add column ended          text not null default '' check (ended in ('', 'elsewhere', 'given_up')),
	add column ended_at       timestamptz,
	add column ended_by       uuid,
	add column ended_note     text not null default '',                                            -- staff only: why it was given up
	add column paid_method    text check (paid_method in ('check', 'transfer', 'cash', 'other')),
	add column paid_reference text not null default '',
	add column paid_on        date;
update billing.refund set ended = 'given_up', ended_at = updated_at where status = 'failed'; -- nobody was asked about those
alter table billing.refund
	add constraint refund_end check (
		(ended = '') = (ended_at is null) and (ended = 'elsewhere') = (paid_method is not null) and (paid_method is null) = (paid_on is null)
		and (ended <> 'elsewhere' or status = 'succeeded') and (ended <> 'given_up' or status = 'failed'));
create index refund_unsettled on billing.refund (firm_id, created_at) where status in ('unknown', 'needs_review') or status = 'failed' and ended = '';

-- It leaves by another way than it came, and the books say which.
alter table billing.journal drop constraint journal_kind_check;
alter table billing.journal
	add constraint journal_kind_check check (kind in ('issue', 'void', 'receive', 'apply', 'reverse', 'refund', 'refund_failed', 'refund_elsewhere',
		'dispute', 'dispute_won', 'dispute_lost', 'return', 'fee', 'hold', 'hold_apply', 'hold_return', 'retain', 'retain_release', 'consolidate', 'import'));
