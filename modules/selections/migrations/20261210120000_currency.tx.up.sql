-- The currency of a template's amounts. Those that were kept before it was noted are of the firm's only one; where projects
-- have several, nobody knows: ''.
alter table selections.template add column currency text not null default '';
update selections.template t set currency = coalesce(t.body->>'currency', (
	select min(pr.currency) from public.project pr where pr.firm_id = t.firm_id having count(distinct pr.currency) = 1), '');
