package billing

import (
	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// onlinePromises are what must hold of money that moves by itself.
func onlinePromises(firm uuid.UUID, all bool) []promise {
	return []promise{
		{"an invoice keeps free what is being paid", bun.SafeQuery(clientsMoved+`
		select count(*) from billing.invoice i
		where i.firm_id = ?0 and i.client_id in (select m.client_id from moved m) and i.reserved <> (
			select coalesce(sum(a.held), 0) from billing.attempt a where a.firm_id = i.firm_id and a.invoice_id = i.id and a.open)`, firm, all)},
		{"what was paid online is in the books, once", bun.SafeQuery(clientsMoved+`
		select count(*) from billing.attempt a
		left join billing.payment p on p.firm_id = a.firm_id and p.form_key = a.id
		where a.firm_id = ?0 and a.client_id in (select m.client_id from moved m) and (
			(p.id is not null) <> (a.status in ('succeeded', 'part_refunded', 'refunded', 'disputed', 'returned'))
			or p.id is distinct from a.payment_id
			or p.id is not null and (p.client_id, p.amount, p.currency, p.method) <> (a.client_id, a.amount, a.currency, a.kind))`, firm, all)},
		{"what was paid online has the provider's number", bun.SafeQuery(clientsMoved+`
		select count(*) from billing.attempt a
		where a.firm_id = ?0 and a.client_id in (select m.client_id from moved m) and a.gateway_id is null
			and a.status in ('pending', 'succeeded', 'part_refunded', 'refunded', 'disputed', 'returned')`, firm, all)},
		{"no more went back than came in, and the payment says how much", bun.SafeQuery(clientsMoved+`
		select count(*) from (
			select p.amount, p.refunded,
				coalesce((select sum(r.amount) from billing.refund r where r.firm_id = p.firm_id and r.payment_id = p.id and r.status <> 'failed'), 0) as promised,
				coalesce((select sum(r.amount) from billing.refund r where r.firm_id = p.firm_id and r.payment_id = p.id and r.status = 'succeeded'), 0) as gone,
				coalesce((
					select sum(d.amount) from billing.attempt a
					join billing.dispute d on d.firm_id = a.firm_id and d.attempt_id = a.id and d.status = 'lost'
					where a.firm_id = p.firm_id and a.payment_id = p.id), 0) as lost
			from billing.payment p
			where p.firm_id = ?0 and p.client_id in (select m.client_id from moved m) and p.method <> 'credit') x
		where x.refunded <> x.gone + x.lost or x.promised + x.lost > x.amount`, firm, all)},
		{"what stands with the provider is what came, less what went and what it keeps", bun.SafeQuery(clientsMoved+`
		select count(*) from (
			select j.client_id, e.currency, sum(e.amount) as amount
			from billing.journal j
			join billing.entry e on e.firm_id = j.firm_id and e.journal_id = j.id and e.account in ('clearing', 'fees', 'disputes')
			where j.firm_id = ?0 and j.client_id in (select m.client_id from moved m)
			group by 1, 2) b
		full join (
			select p.client_id, p.currency, sum(p.amount - p.refunded + coalesce(el.amount, 0)) as amount
			from billing.payment p
			left join (
				select r.payment_id, sum(r.amount) as amount
				from billing.refund r
				where r.firm_id = ?0 and r.ended = 'elsewhere'
				group by 1) el on el.payment_id = p.id
			where p.firm_id = ?0 and p.method in ('card', 'bank') and p.reversed_at is null and p.client_id in (select m.client_id from moved m)
			group by 1, 2) p on p.client_id = b.client_id and p.currency = b.currency
		where coalesce(b.amount, 0) <> coalesce(p.amount, 0)`, firm, all)},
		{endsAreSaid, bun.SafeQuery(`
		select (select count(*) from billing.attempt a where a.firm_id = ?0 and a.status = 'needs_review')
			+ (select count(*) from billing.refund r where r.firm_id = ?0 and r.status = 'needs_review')`, firm)},
		{"nothing that was sent to a provider is unknown for an hour", bun.SafeQuery(`
		select (select count(*) from billing.attempt a
				where a.firm_id = ?0 and a.status in ('submitting', 'unknown') and a.sent_at < now() - interval '1 hour')
			+ (select count(*) from billing.refund r
				where r.firm_id = ?0 and r.status in ('submitting', 'unknown') and r.sent_at < now() - interval '1 hour')`, firm)},
		{"what a provider reports is looked into", bun.SafeQuery(`
		select count(*) from billing.event ev
		where ev.firm_id = ?0 and ev.done_at is null and ev.received_at < now() - interval '10 minutes'
			and not exists (
				select from outbox o
				where o.firm_id = ev.firm_id and o.kind = 'billing:event' and o.payload->>'Event' = ev.id and coalesce(o.done_at, o.dead_at) is null)`, firm)},
		{"no promise of billing waits for long", bun.SafeQuery(`
		select count(*) from outbox o
		where o.firm_id = ?0 and o.done_at is null and o.dead_at is null and o.kind like 'billing:%'
			and (o.next_at < now() - interval '10 minutes' or o.dispatches > 6)`, firm)},
		{"no promise of billing was given up", bun.SafeQuery(`
		select count(*) from outbox o
		where o.firm_id = ?0 and o.dead_at is not null and o.done_at is null and o.kind like 'billing:%'`, firm)},
		{"the provider has no payment of ours that is missing here", bun.SafeQuery(`
		select count(*) from billing.stray s where s.firm_id = ?0 and s.what = 'orphan' and s.settled_at is null`, firm)},
	}
}

// endsAreSaid is broken as long as a person has to look at an online payment, and mended when somebody has.
const endsAreSaid = "nobody has to say what became of an online payment"
