package billing

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/db/paging"
	"portico/platform/search"
)

// pickPayments gives one page of the payments that a filter finds, in its order.
func pickPayments(ctx context.Context, tx bun.IDB, v auth.Viewer, f paymentFilter, from paging.Place) ([]Payment, paging.Turns, error) {
	q, none := f.narrow(payments(tx, v), v)
	if none {
		return nil, paging.Turns{}, nil
	}
	column, kind, down := bun.Ident("p.received_on"), bun.Safe("date"), strings.HasPrefix(f.Sort, "-") != from.Back
	if f.byAmount() {
		column, kind = "p.amount", "bigint"
	}
	if !from.At.IsZero() {
		q = q.Where("(?0, p.id) ?1 (?2::?3, ?4)", column, paging.Beyond(down), from.At.Key, kind, from.At.ID)
	}
	var list []Payment
	if err := q.OrderExpr("?0 ?1, p.id ?1", column, paging.Way(down)).Limit(pageSize+1).Scan(ctx, &list); err != nil {
		return nil, paging.Turns{}, err
	}
	list, turns := paging.Cut(list, pageSize, from, func(p Payment) paging.Cursor {
		return key{ID: p.ID, DueKey: p.ReceivedOn, Total: p.Total}.cursor(f.cursorSort())
	})
	return list, turns, nil
}

// eachPayment gives the payments that a filter finds, in its order, as far as they fit.
func eachPayment(ctx context.Context, tx bun.IDB, v auth.Viewer, f paymentFilter, most int64) ([]Payment, error) {
	q, none := f.narrow(payments(tx, v), v)
	if none {
		return nil, nil
	}
	column := bun.Ident("p.received_on")
	if f.byAmount() {
		column = "p.amount"
	}
	var list []Payment
	return list, q.OrderExpr("?0 ?1, p.id ?1", column, paging.Way(strings.HasPrefix(f.Sort, "-"))).Limit(most).Scan(ctx, &list)
}

// narrow leaves out what a filter does not mean; none: nothing can be found.
func (f paymentFilter) narrow(q *bun.SelectQuery, v auth.Viewer) (_ *bun.SelectQuery, none bool) {
	if f.Client != uuid.Nil {
		q = q.Where("p.client_id = ?", f.Client)
	}
	switch f.State {
	case "reversed":
		q = q.Where("p.reversed_at IS NOT NULL")
	case "applied", "unapplied":
		q = q.Where("p.state = ?", f.State)
	}
	if f.Method != "" {
		q = q.Where("p.method = ?", f.Method)
	}
	if !f.From.IsZero() {
		q = q.Where("p.received_on >= ?", f.From)
	}
	if !f.To.IsZero() {
		q = q.Where("p.received_on <= ?", f.To)
	}
	if f.Query == "" {
		return q, false
	}
	hits, none := paymentHits(v, f.Query)
	return q.Where("p.id IN (?)", hits), none
}

// paymentHits are the ids of payments whose number or reference begins as typed, or whose client's name has all the words.
func paymentHits(v auth.Viewer, query string) (schema.QueryAppender, bool) {
	typed := search.Typed(query)
	if len(typed) == 0 {
		return nil, true
	}
	from, to := search.Beginning(strings.ToLower(query))
	clients, args := []string(nil), []any{v.FirmID(), from, to}
	for n, word := range typed {
		clients = append(clients, fmt.Sprintf("exists (select from client_word w where w.firm_id = ?0 and w.client_id = cl.id and w.word >= ?%d and w.word < ?%d)", 3+2*n, 4+2*n))
		from, to := search.Beginning(word)
		args = append(args, from, to)
	}
	return bun.SafeQuery(`
		(select n.id from billing.payment n where n.firm_id = ?0 and lower(n.number) collate "C" >= ?1 and lower(n.number) collate "C" < ?2 limit 500)
		union
		(select n.id from billing.payment n where n.firm_id = ?0 and n.reference <> '' and lower(n.reference) collate "C" >= ?1 and lower(n.reference) collate "C" < ?2 limit 500)
		union
		(select n.id
		from (
			select cl.id from (select w.client_id as id from client_word w where w.firm_id = ?0 and w.word >= ?3 and w.word < ?4 limit 200) cl
			where `+strings.Join(clients, " and ")+` limit 50) cl
		cross join lateral (
			select n.id from billing.payment n where n.firm_id = ?0 and n.client_id = cl.id
			order by n.received_on desc, n.id desc
			limit 500) n)`, args...), false
}

// currenciesOf are those of a client's projects, the most used first; the firm's own when there is no project.
func currenciesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) ([]string, error) {
	var list []string
	err := tx.NewRaw(`
		select pr.currency from project pr
		where pr.firm_id = ? and pr.client_id = ?
		group by pr.currency
		order by count(*) desc, pr.currency`, v.FirmID(), client).Scan(ctx, &list)
	if len(list) == 0 && err == nil {
		list = []string{v.Firm.Currency}
	}
	return list, err
}
