package billing

import (
	"context"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db/paging"
	"portico/platform/money"
)

// rankKey is what a client's list is sorted by: what is to be paid stands first, by its day; the rest by age.
func rankKey(rank int, key day.Day) string { return strconv.Itoa(rank) + " " + key.String() }

// rankOf reads it.
func rankOf(text string) (rank int, key day.Day, err error) {
	first, rest, _ := strings.Cut(text, " ")
	if rank, err = strconv.Atoi(first); err != nil {
		return 0, day.Day{}, err
	}
	key, err = day.Parse(rest)
	return rank, key, err
}

// ranked reports whether a cursor's key is one of this list.
func ranked(key string) bool {
	_, _, err := rankOf(key)
	return err == nil
}

// clientInvoices gives one page of what a client sees: owed ones by their day, then what is coming, then the rest, the
// newest first. A client's invoices are few enough to sort.
func clientInvoices(ctx context.Context, tx bun.IDB, v auth.Viewer, state string, from paging.Place) ([]Invoice, paging.Turns, error) {
	q := tx.NewSelect().
		TableExpr("(?) AS x", invoices(tx, v).
			ColumnExpr("case when i.state in ('open', 'partial') then 0 when i.stage = 'approved' then 1 else 2 end as rank").
			ColumnExpr("case when i.stage in ('released', 'void') and i.state not in ('open', 'partial') then date '4000-01-01' - (i.issued_on - date '1900-01-01') else i.due_key end as key")).
		ColumnExpr("x.*").
		Limit(pageSize + 1)
	switch state {
	case "owed":
		q = q.Where("x.state IN ('open', 'partial')").Where("x.paid + x.reserved < x.total")
	case "processing":
		q = q.Where("x.state IN ('open', 'partial')").Where("x.reserved > 0")
	case "paid":
		q = q.Where("x.state = 'paid'")
	}
	q = q.OrderExpr("x.rank ?0, x.key ?0, x.id ?0", paging.Way(from.Back))
	if !from.At.IsZero() {
		rank, key, err := rankOf(from.At.Key)
		if err != nil {
			return nil, paging.Turns{}, err
		}
		q = q.Where("(x.rank, x.key, x.id) ? (?, ?::date, ?)", paging.Beyond(from.Back), rank, key.String(), from.At.ID)
	}
	type placed struct {
		Invoice
		Rank int
		Key  day.Day
	}
	var list []placed
	if err := q.Scan(ctx, &list); err != nil {
		return nil, paging.Turns{}, err
	}
	list, turns := paging.Cut(list, pageSize, from, func(i placed) paging.Cursor {
		return paging.Cursor{Key: rankKey(i.Rank, i.Key), ID: i.ID}
	})
	var rows []Invoice
	for _, one := range list {
		rows = append(rows, one.Invoice)
	}
	return rows, turns, nil
}

// comingSum is what will be asked for in one currency: approved, and not released yet.
type comingSum struct {
	Currency string
	Minor    int64
	N        int
}

// Amount is how much it is.
func (c comingSum) Amount() money.Amount { return money.Of(c.Minor, c.Currency) }

// comingSums are of what the viewer may see of it.
func comingSums(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]comingSum, error) {
	var list []comingSum
	q := tx.NewSelect().
		TableExpr("billing.invoice AS i").
		ColumnExpr("i.currency, sum(i.total)::bigint AS minor, count(*) AS n").
		Where("i.state = 'approved'").
		GroupExpr("i.currency").
		OrderExpr("i.currency")
	return list, visible(q, v).Scan(ctx, &list)
}
