package billing

import (
	"context"
	"strconv"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

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

// stretch is a part of a client's list that an index has in order: one state of one rank.
type stretch struct {
	rank  int
	state State
	key   bun.Safe // what it is in the order of
}

// What is owed comes first, then what is coming, each by its day; then the rest, the newest first.
const (
	byDueDay bun.Safe = "i.due_key"
	byAge    bun.Safe = "date '4000-01-01' - (i.issued_on - date '1900-01-01')" // as in the index
)

var stretches = []stretch{{0, Open, byDueDay}, {0, Partial, byDueDay}, {1, State(Approved), byDueDay}, {2, Paid, byAge}, {2, State(Void), byAge}}

// clientInvoices gives one page of what a client sees. However many there are, a page's worth of each stretch is read.
func clientInvoices(ctx context.Context, tx bun.IDB, v auth.Viewer, state string, from paging.Place) ([]Invoice, paging.Turns, error) {
	rank, key, err := rankOf(from.At.Key)
	if err != nil && !from.At.IsZero() {
		return nil, paging.Turns{}, err
	}
	way, beyond := paging.Way(from.Back), paging.Beyond(from.Back)
	var parts []any
	for _, part := range stretches {
		after := schema.QueryAppender(bun.Safe("true"))
		if !from.At.IsZero() {
			if from.Back && part.rank > rank || !from.Back && part.rank < rank {
				continue
			}
			if part.rank == rank {
				after = bun.SafeQuery("(?, i.id) ? (?::date, ?)", part.key, beyond, key.String(), from.At.ID)
			}
		}
		if state == "paid" && part.state != Paid || (state == "owed" || state == "processing") && part.rank > 0 {
			continue
		}
		q := invoices(tx, v).
			ColumnExpr("? AS rank, ? AS key", part.rank, part.key).
			Where("i.state = ?", part.state).
			Where("?", after)
		switch state {
		case "owed":
			q = q.Where("i.paid + i.reserved < i.total")
		case "processing":
			q = q.Where("i.reserved > 0")
		}
		parts = append(parts, q.OrderExpr("?0 ?1, i.id ?1", part.key, way).Limit(pageSize+1))
	}
	type placed struct {
		Invoice
		Rank int
		Key  day.Day
	}
	var list []placed
	if len(parts) > 0 {
		either := strings.TrimSuffix(strings.Repeat("(?) union all ", len(parts)), " union all ")
		err := tx.NewRaw("select x.* from ("+either+") x order by x.rank ?, x.key ?, x.id ? limit ?", append(parts, way, way, way, pageSize+1)...).Scan(ctx, &list)
		if err != nil {
			return nil, paging.Turns{}, err
		}
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
