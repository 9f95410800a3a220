package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/search"
)

// visible narrows a query over billing.invoice AS i to what the viewer may see: staff and jobs all of their firm, a
// contact with the right to see invoices what was released for the projects in view; paid ones only where that area is
// on, and approved ones if the firm shows what is coming.
func visible(q *bun.SelectQuery, v auth.Viewer) *bun.SelectQuery {
	q = q.Where("i.firm_id = ?", v.FirmID())
	switch v.Side {
	case auth.Office, auth.Program:
		return q.Where("i.stage <> 'undone'") // an import that was taken back
	case auth.Portal:
		projects := v.ProjectIDs("billing")
		if !v.May(see) || len(projects) == 0 {
			return q.Where("false")
		}
		q = q.
			Where("i.client_id = ?", v.ClientID).
			Where("i.project_id IN (?)", bun.List(projects)).
			Where(`i.stage IN ('released', 'void')
				OR i.stage = 'approved' AND EXISTS (SELECT FROM billing.setting s WHERE s.firm_id = ? AND s.show_upcoming)`, v.FirmID())
		q = q.Where("i.kind <> 'consolidated' OR ?", whole(v, projects))
		paid := v.ProjectIDs("billing/paid")
		if !v.May(seePaid) || len(paid) == 0 {
			return q.Where("i.state <> 'paid'")
		}
		return q.Where("i.state <> 'paid' OR i.project_id IN (?)", bun.List(paid))
	}
	return q.Where("false")
}

// invoices is where every read of invoices begins.
func invoices(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("billing.invoice AS i").
		ColumnExpr("i.id, i.client_id, i.project_id, i.stage, i.state, i.number, i.title, i.currency, i.issued_on, i.due_on").
		ColumnExpr("i.net, i.tax, i.total, i.paid, i.reserved, i.kind, i.retainage_rate, i.retained, i.used, i.message, i.released_at, i.voided_at, i.version, i.created_at").
		ColumnExpr("i.pay_card, i.pay_bank, i.allow_over, coalesce(i.min_payment, 0) AS min_payment").
		ColumnExpr("cl.name AS client_name, pr.key AS project_key").
		ColumnExpr("CASE i.kind WHEN 'consolidated' THEN 'Several projects' ELSE pr.name END AS project_name").
		Join("JOIN client cl ON cl.firm_id = i.firm_id AND cl.id = i.client_id").
		Join("JOIN project pr ON pr.firm_id = i.firm_id AND pr.id = i.project_id")
	if v.Side != auth.Portal {
		q = q.ColumnExpr("i.notes, i.imported, i.drafted_by, i.writers, i.approved_at, i.void_reason, i.mailed_at, i.part_of")
	}
	return visible(q, v)
}

// invoiceByID gives one invoice, for staff with the names of who did what.
func invoiceByID(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID) (Invoice, error) {
	var i Invoice
	q := invoices(tx, v).Where("i.id = ?", invoice).ColumnExpr("i.issued_from, i.issued_to, i.issued_tax_name, i.issued_footer")
	if v.Side == auth.Office {
		q = q.
			ColumnExpr("d.name AS drafter, a.name AS approver, rl.name AS releaser, vo.name AS voider").
			Join("LEFT JOIN person d ON d.firm_id = i.firm_id AND d.id = i.drafted_by").
			Join("LEFT JOIN person a ON a.firm_id = i.firm_id AND a.id = i.approved_by").
			Join("LEFT JOIN person rl ON rl.firm_id = i.firm_id AND rl.id = i.released_by").
			Join("LEFT JOIN person vo ON vo.firm_id = i.firm_id AND vo.id = i.voided_by")
	}
	err := q.Scan(ctx, &i)
	return i, db.Found(err)
}

// linesOf are the lines of an invoice that the viewer may see.
func linesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID) ([]Line, error) {
	var lines []Line
	err := tx.NewRaw(`
		select l.position, l.text, l.quantity, l.price, l.discount, l.tax_rate, l.net, l.tax,
			case l.source when 'hand' then '' else l.source end as source, l.source_id, l.section, l.project_id
		from billing.line l
		where l.firm_id = ? and l.invoice_id = ?
		order by l.position`, v.FirmID(), invoice).Scan(ctx, &lines)
	return lines, err
}

// allocations are what stands on invoices that the viewer may see, to clients where they may see payments: what was taken
// back is not there any more.
func allocations(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("billing.allocation AS al").
		ColumnExpr("al.payment_id, al.invoice_id, sum(al.amount) AS amount, min(al.on_day) AS on_day").
		ColumnExpr("p.currency, p.method, p.number, p.reference, i.number AS invoice_number, i.title AS invoice_title, CASE i.kind WHEN 'consolidated' THEN 'Several projects' ELSE pr.name END AS project_name").
		Join("JOIN billing.payment p ON p.firm_id = al.firm_id AND p.id = al.payment_id").
		Join("JOIN billing.invoice i ON i.firm_id = al.firm_id AND i.id = al.invoice_id").
		Join("JOIN project pr ON pr.firm_id = i.firm_id AND pr.id = i.project_id").
		Where("al.firm_id = ?", v.FirmID()).
		GroupExpr("al.payment_id, al.invoice_id, p.currency, p.method, p.number, p.reference, i.number, i.title, i.kind, pr.name").
		Having("sum(al.amount) <> 0").
		OrderExpr("on_day, al.payment_id, invoice_number")
	return withPayments(visible(q, v), v)
}

// withPayments narrows a query over billing.invoice AS i for a client to the projects whose payments may be seen.
func withPayments(q *bun.SelectQuery, v auth.Viewer) *bun.SelectQuery {
	if v.Side != auth.Portal {
		return q
	}
	projects := v.ProjectIDs("billing/payments")
	if !v.May(seePayments) || len(projects) == 0 {
		return q.Where("false")
	}
	return q.Where("i.project_id IN (?)", bun.List(projects))
}

func allocationsOfInvoice(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID) ([]Allocation, error) {
	var list []Allocation
	err := allocations(tx, v).Where("al.invoice_id = ?", invoice).Scan(ctx, &list)
	return list, err
}

func allocationsOfPayments(ctx context.Context, tx bun.IDB, v auth.Viewer, payments ...uuid.UUID) ([]Allocation, error) {
	if len(payments) == 0 {
		return nil, nil
	}
	var list []Allocation
	err := allocations(tx, v).Where("al.payment_id IN (?)", bun.List(payments)).Scan(ctx, &list)
	return list, err
}

// payments is where every read of payments begins. Who sees all projects of a client sees what came in, on account too;
// in one project, or with some projects only, a client sees what of it stands on invoices there, and no more than that.
func payments(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("billing.payment AS p").
		ColumnExpr("p.id, p.client_id, p.project_id, p.method, p.number, p.currency, p.received_on, p.reference, p.reversed_at, p.created_at").
		Join("JOIN client cl ON cl.firm_id = p.firm_id AND cl.id = p.client_id").
		ColumnExpr("cl.name AS client_name").
		Where("p.firm_id = ?", v.FirmID()).
		Where("NOT p.undone")
	switch v.Side {
	case auth.Office, auth.Program:
		return q.
			ColumnExpr("p.amount, p.allocated, p.refunded, p.notes, p.reversal_reason, p.deposit_id, p.tax").
			ColumnExpr("pr.name AS project_name, rc.name AS recorder, rv.name AS reverser").
			Join("LEFT JOIN project pr ON pr.firm_id = p.firm_id AND pr.id = p.project_id").
			Join("LEFT JOIN person rc ON rc.firm_id = p.firm_id AND rc.id = p.recorded_by").
			Join("LEFT JOIN person rv ON rv.firm_id = p.firm_id AND rv.id = p.reversed_by")
	case auth.Portal:
		if !v.May(seePayments) {
			return q.Where("false")
		}
		stands := tx.NewSelect().
			TableExpr("billing.allocation AS al").
			ColumnExpr("al.payment_id, sum(al.amount) AS amount").
			Join("JOIN billing.invoice i ON i.firm_id = al.firm_id AND i.id = al.invoice_id").
			Where("al.firm_id = ?", v.FirmID()).
			GroupExpr("al.payment_id").
			Having("sum(al.amount) <> 0")
		stands = withPayments(visible(stands, v), v)
		if !v.Limited && v.Scope == nil { // the same sum as on the office's receipt, less what stands where the client does not look
			return q.
				ColumnExpr("p.amount - p.allocated + coalesce(st.amount, 0) AS amount, coalesce(st.amount, 0) AS allocated, p.refunded").
				Join("LEFT JOIN (?) AS st ON st.payment_id = p.id", stands).
				Where("p.client_id = ?", v.ClientID).
				Where("p.reversed_at IS NULL").
				Where("(p.method <> 'credit' OR st.amount IS NOT NULL)"). // a memo is of one project
				Where("p.amount - p.allocated + coalesce(st.amount, 0) > 0")
		}
		return q.
			ColumnExpr("st.amount, st.amount AS allocated").
			Join("JOIN (?) AS st ON st.payment_id = p.id", stands).
			Where("p.client_id = ?", v.ClientID)
	}
	return q.Where("false")
}

func paymentByID(ctx context.Context, tx bun.IDB, v auth.Viewer, payment uuid.UUID) (Payment, error) {
	var p Payment
	err := payments(tx, v).Where("p.id = ?", payment).Scan(ctx, &p)
	return p, db.Found(err)
}

// openInvoices are what a client owes, the oldest first.
func openInvoices(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID, most int) ([]Invoice, error) {
	var list []Invoice
	err := invoices(tx, v).
		Where("i.client_id = ?", client).
		Where("i.state IN ('open', 'partial')").
		Order("i.due_key", "i.id").
		Limit(int64(most)).
		Scan(ctx, &list)
	return list, err
}

// party is a client or project that is billed.
type party struct {
	ID, ClientID     uuid.UUID
	Name, ClientName string
	Currency         string
	Status           string
	Archived         bool // the client
	Shared           bool
	Street, City     string
	Region, Postcode string
	Country          string
}

func projectByID(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (party, error) {
	var p party
	err := db.Hot(ctx, tx, &p, `
		select pr.id, pr.client_id, pr.name, cl.name as client_name, pr.currency, pr.status, pr.shared, cl.archived_at is not null as archived
		from project pr
		join client cl on cl.firm_id = pr.firm_id and cl.id = pr.client_id
		where pr.firm_id = ? and pr.id = ?`, v.FirmID(), project)
	return p, some(p.ID, err)
}

// clientByID gives a client with the address to bill to.
func clientByID(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) (party, error) {
	var p party
	err := db.Hot(ctx, tx, &p, `
		select cl.id, cl.id as client_id, cl.name, cl.name as client_name, cl.archived_at is not null as archived,
			cl.street, cl.city, cl.region, cl.postcode, cl.country
		from client cl
		where cl.firm_id = ? and cl.id = ?`, v.FirmID(), client)
	return p, some(p.ID, err)
}

// ownHead is the firm's name and where it is.
func ownHead(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]string, error) {
	var f auth.Firm
	err := tx.NewRaw("select f.name, f.address, f.phone, f.email from firm f where f.firm_id = ?", v.FirmID()).
		Scan(ctx, &f.Name, &f.Address, &f.Phone, &f.Email)
	return letterhead(f), err
}

// projectChoices are projects to bill: those whose name, place or client begins with the words, else the newest that are
// under way.
func projectChoices(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID, words []string) ([]party, error) {
	some := tx.NewSelect().
		TableExpr("project AS p").
		ColumnExpr("p.id, p.client_id, p.name, p.currency, p.status, p.shared, p.created_at").
		Where("p.firm_id = ?", v.FirmID()).
		OrderExpr("p.created_at DESC, p.id DESC").
		Limit(3 * projectsOffered) // some may be of clients that were put away
	switch {
	case client != uuid.Nil:
		some = some.Where("p.client_id = ?", client).Where("p.status <> 'archived'")
	case len(words) > 0:
		some = some.Where("p.status <> 'archived'")
	default:
		some = some.Where("p.status = 'active'")
	}
	var list []party
	err := tx.NewSelect().
		TableExpr("(?) AS pr", search.Projects(some, v.FirmID(), words)).
		ColumnExpr("pr.id, pr.client_id, pr.name, cl.name AS client_name, pr.currency, pr.status, pr.shared").
		Join("JOIN client cl ON cl.firm_id = ? AND cl.id = pr.client_id AND cl.archived_at IS NULL", v.FirmID()).
		OrderExpr("pr.created_at DESC, pr.id DESC").
		Limit(projectsOffered).
		Scan(ctx, &list)
	return list, err
}

const projectsOffered = 20

// balance is what stands between a firm and a client in one currency.
type balance struct {
	Currency                  string
	Invoiced, Paid, Unapplied int64
}

// balances are the maintained totals: of all that the viewer may see, or, for staff, of one client or project. Money
// that stands on no invoice belongs to the client as such: a contact of some projects does not see it.
func balances(ctx context.Context, tx bun.IDB, v auth.Viewer, client, project uuid.UUID) ([]balance, error) {
	q := tx.NewSelect().
		TableExpr("billing.total AS t").
		ColumnExpr("t.currency, sum(t.invoiced)::bigint AS invoiced, sum(t.paid)::bigint AS paid, sum(t.unapplied)::bigint AS unapplied").
		Where("t.firm_id = ?", v.FirmID()).
		GroupExpr("t.currency").
		OrderExpr("t.currency")
	switch v.Side {
	case auth.Portal:
		projects := v.ProjectIDs("billing")
		if !v.May(see) || len(projects) == 0 {
			return nil, nil
		}
		q = q.Where("t.client_id = ?", v.ClientID)
		if wholeClient(v) {
			return wholeBalances(ctx, tx, v, projects)
		}
		q = q.Where("t.project_id IN (?)", bun.List(projects))
	case auth.Office, auth.Program:
		q = q.Where("t.client_id = ?", client)
		if project != uuid.Nil {
			q = q.Where("t.project_id = ?", project)
		}
	default:
		return nil, nil
	}
	var list []balance
	err := q.Scan(ctx, &list)
	return list, err
}

// wholeClient reports whether what belongs to no project is the viewer's, too.
func wholeClient(v auth.Viewer) bool { return v.Scope == nil && !v.Limited }

// late is what of the viewer's invoices is overdue in one currency.
type late struct {
	Currency string
	Amount   int64
	N        int
}

func lateOf(ctx context.Context, tx bun.IDB, v auth.Viewer, today day.Day) ([]late, error) {
	q := tx.NewSelect().
		TableExpr("billing.invoice AS i").
		ColumnExpr("i.currency, sum(i.total - i.paid)::bigint AS amount, count(*) AS n").
		Where("i.state IN ('open', 'partial')").
		Where("i.due_key < ?", today).
		GroupExpr("i.currency").
		OrderExpr("i.currency")
	var list []late
	err := visible(q, v).Scan(ctx, &list)
	return list, err
}

// some is db.Found for reads that say by the zero id that there is none.
func some(id uuid.UUID, err error) error {
	if err == nil && id == uuid.Nil {
		return fault.NotFound()
	}
	return db.Found(err)
}
