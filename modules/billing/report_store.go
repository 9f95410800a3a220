package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/day"
)

// aged is what a client owes in one currency, by how long it is overdue.
type aged struct {
	ClientID                      uuid.UUID
	ClientName, Currency          string
	Current, D30, D60, D90, Older int64
}

func (a aged) parts() []int64 { return []int64{a.Current, a.D30, a.D60, a.D90, a.Older} }
func (a aged) sum() int64     { return a.Current + a.D30 + a.D60 + a.D90 + a.Older }

// owed are the invoices with what was owed on them at the end of a day. Of today and later it is what stands on the
// invoices, which the audit holds against the books; of an earlier day it is added up from the books.
func owed(v auth.Viewer, on, today day.Day) schema.QueryAppender {
	if v.Side != auth.Office {
		return bun.Safe("select null::uuid as invoice_id, 0::bigint as owed where false")
	}
	if !on.Before(today) {
		return bun.SafeQuery(`select i.id as invoice_id, i.total - i.paid as owed from billing.invoice i
			where i.firm_id = ? and i.state in ('open', 'partial')`, v.FirmID())
	}
	return bun.SafeQuery(`select e.invoice_id, sum(e.amount)::bigint as owed
		from billing.journal j
		join billing.entry e on e.firm_id = j.firm_id and e.journal_id = j.id and e.account = 'receivable'
		where j.firm_id = ? and j.on_day <= ?
		group by e.invoice_id
		having sum(e.amount) <> 0`, v.FirmID(), on)
}

func ageing(ctx context.Context, tx bun.IDB, v auth.Viewer, on, today day.Day) (list []aged, err error) {
	err = tx.NewRaw(`
		with owed as (?2), late as (
			select i.client_id, i.currency, o.owed, ?1::date - i.due_on as days
			from owed o
			join billing.invoice i on i.firm_id = ?0 and i.id = o.invoice_id
		)
		select l.client_id, cl.name as client_name, l.currency,
			coalesce(sum(l.owed) filter (where l.days <= 0), 0)::bigint as current,
			coalesce(sum(l.owed) filter (where l.days between 1 and 30), 0)::bigint as d30,
			coalesce(sum(l.owed) filter (where l.days between 31 and 60), 0)::bigint as d60,
			coalesce(sum(l.owed) filter (where l.days between 61 and 90), 0)::bigint as d90,
			coalesce(sum(l.owed) filter (where l.days > 90), 0)::bigint as older
		from late l
		join client cl on cl.firm_id = ?0 and cl.id = l.client_id
		group by l.client_id, cl.name, cl.sort_name, l.currency
		order by l.currency, cl.sort_name, l.client_id`, v.FirmID(), on, owed(v, on, today)).Scan(ctx, &list)
	return list, err
}

// owedFilter are the invoices behind one figure.
type owedFilter struct {
	On, Today   day.Day
	Client      uuid.UUID
	Currency    string
	Least, Most int // days over
}

type owedInvoice struct {
	ID, ClientID                 uuid.UUID
	Number, ClientName, Currency string
	DueOn                        day.Day
	Total, Owed                  int64
}

func owedThen(ctx context.Context, tx bun.IDB, v auth.Viewer, f owedFilter) (list []owedInvoice, err error) {
	err = tx.NewRaw(`
		with owed as (?2)
		select i.id, i.client_id, i.number, cl.name as client_name, i.currency, i.due_on, i.total, o.owed
		from owed o
		join billing.invoice i on i.firm_id = ?0 and i.id = o.invoice_id
		join client cl on cl.firm_id = i.firm_id and cl.id = i.client_id
		where (?3 or i.client_id = ?4) and (?5 = '' or i.currency = ?5) and ?1::date - i.due_on between ?6 and ?7
		order by i.currency, i.due_on, i.id`,
		v.FirmID(), f.On, owed(v, f.On, f.Today), f.Client == uuid.Nil, f.Client, f.Currency, f.Least, f.Most).Scan(ctx, &list)
	return list, err
}

// paidPart is what came in by one method, and what of it went back.
type paidPart struct {
	Method         Method
	Currency       string
	N              int
	Received, Back int64
}

// moved are the bookings by which money or credit came in or went back, with the payment that each is of. An import that
// was taken back is none.
const moved = `
	with moved as (
		select j.kind, j.on_day, j.id as journal_id, e.currency, -e.amount as amount, p.id, p.client_id, p.method, p.number, p.reference
		from billing.journal j
		join billing.entry e on e.firm_id = j.firm_id and e.journal_id = j.id and e.account = 'unapplied'
		left join billing.refund rf on j.source_type = 'refund' and rf.firm_id = j.firm_id and rf.id = j.source_id
		left join billing.dispute d on j.source_type = 'dispute' and d.firm_id = j.firm_id and d.id = j.source_id
		left join billing.attempt a on j.source_type in ('attempt', 'dispute') and a.firm_id = j.firm_id and a.id = coalesce(d.attempt_id, j.source_id)
		join billing.payment p on p.firm_id = j.firm_id and p.id = coalesce(rf.payment_id, a.payment_id, j.source_id) and not p.undone
			and p.method <> 'deposit' -- it came in when the deposit was paid
		where j.firm_id = ?0 and ?3 and j.on_day between ?1 and ?2
			and j.kind in ('receive', 'reverse', 'refund', 'refund_failed', 'refund_elsewhere', 'dispute_lost', 'return')
	)`

func paidBy(ctx context.Context, tx bun.IDB, v auth.Viewer, from, to day.Day) (list []paidPart, err error) {
	err = tx.NewRaw(moved+`
		select m.method, m.currency, count(*) filter (where m.kind = 'receive') as n,
			coalesce(sum(m.amount) filter (where m.kind = 'receive'), 0)::bigint as received,
			coalesce(-sum(m.amount) filter (where m.kind <> 'receive'), 0)::bigint as back
		from moved m
		group by m.method, m.currency
		order by m.currency, m.method = 'credit', m.method`, v.FirmID(), from, to, v.Side == auth.Office).Scan(ctx, &list)
	return list, err
}

type moneyMove struct {
	ID, ClientID                      uuid.UUID
	Kind, Currency, Number, Reference string
	ClientName                        string
	OnDay                             day.Day
	Amount                            int64
}

func moneyMoved(ctx context.Context, tx bun.IDB, v auth.Viewer, from, to day.Day, method Method, currency string) (list []moneyMove, err error) {
	err = tx.NewRaw(moved+`
		select m.id, m.client_id, m.kind, m.currency, m.number, m.reference, m.on_day, m.amount, cl.name as client_name
		from moved m
		join client cl on cl.firm_id = ?0 and cl.id = m.client_id
		where (?4 = '' or m.method = ?4) and (?5 = '' or m.currency = ?5)
		order by m.currency, m.on_day, m.journal_id`, v.FirmID(), from, to, v.Side == auth.Office, string(method), currency).Scan(ctx, &list)
	return list, err
}

// earned is what was invoiced in a month.
type earned struct {
	Month    day.Day
	Currency string
	Net, Tax int64
}

func revenue(ctx context.Context, tx bun.IDB, v auth.Viewer, from, to day.Day) (list []earned, err error) {
	err = tx.NewRaw(`
		select date_trunc('month', j.on_day)::date as month, e.currency,
			coalesce(-sum(e.amount) filter (where e.account = 'revenue'), 0)::bigint as net,
			coalesce(-sum(e.amount) filter (where e.account = 'tax'), 0)::bigint as tax
		from billing.journal j
		join billing.entry e on e.firm_id = j.firm_id and e.journal_id = j.id and e.account in ('revenue', 'tax')
		where j.firm_id = ? and ? and j.on_day between ? and ?
		group by 1, e.currency
		having count(*) > 0 and (sum(abs(e.amount)) <> 0)
		order by e.currency, 1`, v.FirmID(), v.Side == auth.Office, from, to).Scan(ctx, &list)
	return list, err
}

type invoiced struct {
	ID, ClientID                       uuid.UUID
	Kind, Currency, Number, ClientName string
	OnDay                              day.Day
	Net, Tax                           int64
}

func invoicedIn(ctx context.Context, tx bun.IDB, v auth.Viewer, from, to day.Day, currency string) (list []invoiced, err error) {
	err = tx.NewRaw(`
		select i.id, i.client_id, j.kind, i.currency, i.number, cl.name as client_name, j.on_day,
			coalesce(-sum(e.amount) filter (where e.account = 'revenue'), 0)::bigint as net,
			coalesce(-sum(e.amount) filter (where e.account = 'tax'), 0)::bigint as tax
		from billing.journal j
		join billing.entry e on e.firm_id = j.firm_id and e.journal_id = j.id and e.account in ('revenue', 'tax')
		join billing.invoice i on i.firm_id = j.firm_id and i.id = e.invoice_id and i.stage <> 'undone'
		join client cl on cl.firm_id = i.firm_id and cl.id = i.client_id
		where j.firm_id = ?0 and ?1 and j.on_day between ?2 and ?3 and (?4 = '' or i.currency = ?4)
		group by i.id, i.client_id, j.kind, i.currency, i.number, cl.name, j.on_day, j.id
		order by i.currency, j.on_day, j.id`, v.FirmID(), v.Side == auth.Office, from, to, currency).Scan(ctx, &list)
	return list, err
}

// held is what is kept for a client.
type held struct {
	ClientID             uuid.UUID
	ClientName, Currency string
	Held                 int64
}

func depositsHeld(ctx context.Context, tx bun.IDB, v auth.Viewer, on day.Day) (list []held, err error) {
	err = tx.NewRaw(`
		select j.client_id, cl.name as client_name, e.currency, -sum(e.amount)::bigint as held
		from billing.invoice i
		join billing.entry e on e.firm_id = i.firm_id and e.invoice_id = i.id and e.account in ('deposits', 'receivable') -- what is not paid yet stands on both
		join billing.journal j on j.firm_id = e.firm_id and j.id = e.journal_id
		join client cl on cl.firm_id = j.firm_id and cl.id = j.client_id
		where i.firm_id = ? and ? and i.kind = 'deposit' and j.on_day <= ?
		group by j.client_id, cl.name, cl.sort_name, e.currency
		having sum(e.amount) <> 0
		order by e.currency, cl.sort_name, j.client_id`, v.FirmID(), v.Side == auth.Office, on).Scan(ctx, &list)
	return list, err
}

// anyDeposits reports whether a deposit was ever held.
func anyDeposits(ctx context.Context, tx bun.IDB, v auth.Viewer) (any bool, err error) {
	err = tx.NewRaw("select exists (select from billing.invoice i where i.firm_id = ? and i.kind = 'deposit' and i.paid > 0)", v.FirmID()).Scan(ctx, &any)
	return any, err
}

// looseEnd is one thing on which two sides do not agree, or money without a place.
type looseEnd struct {
	Kind, Number, ClientName, Status, Currency string
	InvoiceID, PaymentID, ClientID             uuid.UUID
	OnDay                                      day.Day
	Amount                                     int64
}

const looseAtMost = 500 // of each kind

func looseEnds(ctx context.Context, tx bun.IDB, v auth.Viewer) (list []looseEnd, err error) {
	err = tx.NewRaw(`
		with loose as (
			(select 'gateway' as kind, i.number, a.client_id, a.status, a.currency, a.invoice_id, null::uuid as payment_id, a.created_at::date as on_day, a.amount
			from billing.attempt a
			join billing.invoice i on i.firm_id = a.firm_id and i.id = a.invoice_id
			where a.firm_id = ?0 and a.payment_id is null and a.status in ('succeeded', 'part_refunded', 'refunded', 'disputed')
			order by a.created_at limit ?1)
			union all
			(select 'unknown', i.number, a.client_id, a.status, a.currency, a.invoice_id, null, a.created_at::date, a.amount
			from billing.attempt a
			join billing.invoice i on i.firm_id = a.firm_id and i.id = a.invoice_id
			where a.firm_id = ?0 and (a.status in ('unknown', 'needs_review') or a.review <> '')
			order by a.created_at limit ?1)
			union all
			(select 'refund', p.number, p.client_id, r.status, p.currency, null, p.id, r.created_at::date, r.amount
			from billing.refund r
			join billing.payment p on p.firm_id = r.firm_id and p.id = r.payment_id
			where r.firm_id = ?0 and (r.status in ('unknown', 'needs_review') or r.status = 'failed' and r.ended = '')
			order by r.created_at limit ?1)
			union all
			(select 'books', p.number, p.client_id, p.state, p.currency, null, p.id, p.received_on, p.amount
			from billing.payment p
			where p.firm_id = ?0 and p.method in ('card', 'bank') and p.reversed_at is null and not p.undone and not p.imported
				and not exists (select from billing.attempt a where a.firm_id = p.firm_id and a.payment_id = p.id)
			order by p.received_on limit ?1)
			union all
			(select 'differs', p.number, p.client_id, a.status, p.currency, null, p.id, p.received_on, a.amount - p.amount
			from billing.attempt a
			join billing.payment p on p.firm_id = a.firm_id and p.id = a.payment_id
			where a.firm_id = ?0 and a.amount <> p.amount
			order by p.received_on limit ?1)
			union all
			(select 'left', p.number, p.client_id, p.state, p.currency, null, p.id, p.received_on, p.amount - p.allocated - p.refunded
			from billing.payment p
			where p.firm_id = ?0 and p.state = 'unapplied' and not p.undone
			order by p.received_on limit ?1)
		)
		select l.*, cl.name as client_name
		from loose l
		join client cl on cl.firm_id = ?0 and cl.id = l.client_id
		where ?2`, v.FirmID(), looseAtMost, v.Side == auth.Office).Scan(ctx, &list)
	return list, err
}
