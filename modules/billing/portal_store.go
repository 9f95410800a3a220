package billing

import (
	"context"
	"encoding/base64"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/money"
)

// place is where a page of a client's list begins: what is to be paid stands first, by its day; the rest by age.
type place struct {
	Rank int
	Key  day.Day
	ID   uuid.UUID
}

func (p place) String() string {
	if p.ID == uuid.Nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(append(p.ID[:], byte('0'+p.Rank)), p.Key.String()...))
}

func placeOf(text string) place {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != 27 || raw[16] < '0' || raw[16] > '9' {
		return place{}
	}
	key, err := day.Parse(string(raw[17:]))
	if err != nil {
		return place{}
	}
	return place{int(raw[16] - '0'), key, uuid.UUID(raw[:16])}
}

// clientInvoices gives one page of what a client sees: owed ones by their day, then what is coming, then the rest, the
// newest first. A client's invoices are few enough to sort.
func clientInvoices(ctx context.Context, tx bun.IDB, v auth.Viewer, state string, from place, back bool) ([]Invoice, page, error) {
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
	if back {
		q = q.OrderExpr("x.rank DESC, x.key DESC, x.id DESC")
	} else {
		q = q.OrderExpr("x.rank, x.key, x.id")
	}
	switch {
	case from.ID == uuid.Nil:
	case back:
		q = q.Where("(x.rank, x.key, x.id) < (?, ?::date, ?)", from.Rank, from.Key.String(), from.ID)
	default:
		q = q.Where("(x.rank, x.key, x.id) > (?, ?::date, ?)", from.Rank, from.Key.String(), from.ID)
	}
	var list []struct {
		Invoice
		Rank int
		Key  day.Day
	}
	if err := q.Scan(ctx, &list); err != nil {
		return nil, page{}, err
	}
	more := len(list) > pageSize
	list = list[:min(len(list), pageSize)]
	if back {
		slices.Reverse(list)
	}
	var p page
	var rows []Invoice
	for _, one := range list {
		rows = append(rows, one.Invoice)
	}
	if n := len(list); n > 0 {
		if more && back || !back && from.ID != uuid.Nil {
			p.Prev = place{list[0].Rank, list[0].Key, list[0].ID}.String()
		}
		if more && !back || back {
			p.Next = place{list[n-1].Rank, list[n-1].Key, list[n-1].ID}.String()
		}
	}
	return rows, p, nil
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
