package billing

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// listPayments gives one page of what came in, the newest first: of one client, unless Nil; only what is not all on
// invoices, if left.
func listPayments(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID, left bool, from cursor, back bool) ([]Payment, page, error) {
	q := payments(tx, v).Limit(pageSize + 1)
	if client != uuid.Nil {
		q = q.Where("p.client_id = ?", client)
	}
	if left {
		q = q.Where("p.state = 'unapplied'")
	}
	if back {
		q = q.Order("p.received_on", "p.id")
	} else {
		q = q.Order("p.received_on DESC", "p.id DESC")
	}
	switch {
	case from.isZero():
	case back:
		q = q.Where("(p.received_on, p.id) > (?::date, ?)", from.Key, from.ID)
	default:
		q = q.Where("(p.received_on, p.id) < (?::date, ?)", from.Key, from.ID)
	}
	var list []Payment
	if err := q.Scan(ctx, &list); err != nil {
		return nil, page{}, err
	}
	var keys []key
	for _, p := range list {
		keys = append(keys, key{ID: p.ID, DueKey: p.ReceivedOn})
	}
	p := cut(keys, from, back, "due")
	list = list[:min(len(list), pageSize)]
	if back {
		slices.Reverse(list)
	}
	return list, p, nil
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
