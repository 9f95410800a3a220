package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/day"
)

const statementRows = 5000 // more fit on no page that anybody reads

// statements gives one statement a currency, from the books: the receivables of the invoices that the viewer may see.
// A payment counts from the day on which it was put on an invoice.
func statements(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID, from, to day.Day) ([]statement, error) {
	mine, ok := bookings(v, client)
	if !ok {
		return nil, nil
	}
	var openings []struct {
		Currency string
		Amount   int64
	}
	err := tx.NewRaw(`
		select e.currency, coalesce(sum(e.amount) filter (where j.on_day < ?), 0)::bigint as amount
		from billing.journal j
		join billing.entry e on e.firm_id = j.firm_id and e.journal_id = j.id and e.account = 'receivable'
		where j.firm_id = ? and j.client_id = ? and j.on_day <= ? and ? and ?
		group by e.currency
		order by e.currency`, from, v.FirmID(), client, to, mine, neverUndone).Scan(ctx, &openings)
	if err != nil {
		return nil, err
	}
	var rows []statementRow
	err = tx.NewRaw(`
		with booked as ( -- what one payment did on one day is one row, over however many invoices
			select min(j.id::text) as at, ?6 as shown, j.on_day, j.kind, coalesce(al.payment_id, j.source_id) as source, e.currency,
				sum(e.amount)::bigint as amount
			from billing.journal j
			join billing.entry e on e.firm_id = j.firm_id and e.journal_id = j.id and e.account = 'receivable'
			left join billing.allocation al on al.firm_id = j.firm_id and al.id = j.source_id and j.kind = 'apply'
			where j.firm_id = ?0 and j.client_id = ?1 and j.on_day between ?2 and ?3 and ?4 and ?7
				and not exists (select from billing.payment u where u.firm_id = al.firm_id and u.id = al.payment_id and u.undone)
			group by j.on_day, j.kind, coalesce(al.payment_id, j.source_id), e.currency, sign(e.amount), shown
			order by j.on_day, at
			limit ?5
		)
		select b.on_day, b.kind, b.amount, b.currency, b.source, coalesce(i.number, case when b.shown then p.number end, '') as number,
			coalesce(i.title, case when b.shown then p.reference end, '') as title, coalesce(p.method, '') as method
		from booked b
		left join billing.invoice i on i.firm_id = ?0 and i.id = b.source and b.kind <> 'apply'
		left join billing.payment p on p.firm_id = ?0 and p.id = b.source and b.kind = 'apply'
		order by b.on_day, b.at`, v.FirmID(), client, from, to, mine, statementRows+1, receiptsOf(v), neverUndone).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	cut := len(rows) > statementRows
	list := make([]statement, len(openings))
	for n, o := range openings {
		s := statement{From: from, To: to, Currency: o.Currency, Opening: o.Amount, Cut: cut}
		for _, r := range rows[:min(len(rows), statementRows)] {
			if r.Currency == o.Currency {
				s.Rows = append(s.Rows, r)
			}
		}
		s.settle()
		list[n] = s
	}
	return list, nil
}

// neverUndone leaves out invoices of an import that was taken back: the books have them twice, there and back on one day.
var neverUndone = bun.Safe("not exists (select from billing.invoice w where w.firm_id = e.firm_id and w.id = e.invoice_id and w.stage = 'undone')")

// bookings are the entries that count for a viewer; ok is false when there can be none.
func bookings(v auth.Viewer, client uuid.UUID) (mine schema.QueryAppender, ok bool) {
	switch v.Side {
	case auth.Office, auth.Program:
		return bun.Safe("true"), true
	case auth.Portal:
		projects := inBoth(v.ProjectIDs("billing"), v.ProjectIDs("billing/statements"))
		if client != v.ClientID || !v.May(seeStatements) || len(projects) == 0 {
			return nil, false
		}
		return bun.SafeQuery(`e.invoice_id IN (
			SELECT i.id FROM billing.invoice i WHERE i.firm_id = ? AND i.client_id = ? AND i.project_id IN (?) AND (i.kind <> 'consolidated' OR ?))`,
			v.FirmID(), v.ClientID, bun.List(projects), whole(v, projects)), true
	}
	return nil, false
}

// receiptsOf are the entries whose payment a viewer may know. Of others a statement has the day and the amount, or it
// would not add up, and nothing else.
func receiptsOf(v auth.Viewer) schema.QueryAppender {
	if v.Side != auth.Portal {
		return bun.Safe("true")
	}
	projects := v.ProjectIDs("billing/payments")
	if !v.May(seePayments) || len(projects) == 0 {
		return bun.Safe("false")
	}
	return bun.SafeQuery(`e.invoice_id IN (
		SELECT i.id FROM billing.invoice i WHERE i.firm_id = ? AND i.client_id = ? AND i.project_id IN (?) AND (i.kind <> 'consolidated' OR ?))`,
		v.FirmID(), v.ClientID, bun.List(projects), whole(v, projects))
}

func inBoth(a, b []uuid.UUID) []uuid.UUID {
	in := map[uuid.UUID]bool{}
	for _, id := range b {
		in[id] = true
	}
	both := []uuid.UUID{}
	for _, id := range a {
		if in[id] {
			both = append(both, id)
		}
	}
	return both
}
