package billing

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/id"
)

// parts is a draft that was merged into a consolidated invoice, or that can be.
func partsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, whole uuid.UUID) ([]Invoice, error) {
	var list []Invoice
	err := invoices(tx, v).Where("i.part_of = ?", whole).Order("pr.name", "i.id").Scan(ctx, &list)
	return list, err
}

// mergeable are a client's drafts and approved invoices of work, by project.
func mergeable(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID, some []uuid.UUID) ([]Invoice, error) {
	q := invoices(tx, v).
		Where("i.client_id = ?", client).
		Where("i.kind = 'work'").
		Where("i.stage IN ('draft', 'approved')").
		Where("i.number IS NULL"). // one from another program keeps its own
		Order("pr.name", "i.id").
		Limit(mostMerged + 1)
	if some != nil {
		q = q.Where("i.id IN (?)", bun.List(some)).For("UPDATE OF i")
	}
	var list []Invoice
	err := q.Scan(ctx, &list)
	return list, err
}

const mostMerged = 100

// consolidate makes one draft of several: their lines stand in it by project, and they are asked for with it alone.
// Whoever wrote on one of them wrote on it.
func consolidate(ctx context.Context, tx bun.IDB, v auth.Viewer, form draftForm, list []Invoice) (uuid.UUID, error) {
	first := list[0]
	var lines []Line
	var retained int64
	writers := []uuid.UUID{}
	for _, part := range list {
		own, err := linesOf(ctx, tx, v, part.ID)
		if err != nil {
			return uuid.Nil, err
		}
		if len(own) == 0 {
			return uuid.Nil, fault.Conflict("“" + part.Title + "” has no lines yet. Add one first, or leave it out.")
		}
		for _, l := range own {
			l.Position, l.Section, l.ProjectID = len(lines)+1, part.ID, part.ProjectID
			lines = append(lines, l)
		}
		retained += part.Retained
		writers = append(writers, part.Writers...)
	}
	whole, s := id.New(), sumOf(lines)
	_, err := tx.NewRaw(`
		insert into billing.invoice (firm_id, id, client_id, project_id, title, currency, due_on, net, tax, total, message, drafted_by, writers, kind, retained)
		values (?0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
			(select coalesce(array_agg(distinct w.w), '{}') from unnest(array_append(?12::uuid[], ?11::uuid)) as w (w) where w.w is not null), 'consolidated', ?13)`,
		v.FirmID(), whole, first.ClientID, first.ProjectID, form.Title, first.Currency, form.DueOn, s.Net, s.Tax, s.total(), form.Message,
		db.NullID(v.PersonID), pgdialect.Array(writers), retained).Exec(ctx)
	if err != nil {
		return whole, err
	}
	if err := putWays(ctx, tx, v, whole, form.Ways); err != nil {
		return whole, err
	}
	if err := putLines(ctx, tx, v, whole, lines, form.Title); err != nil {
		return whole, err
	}
	for _, part := range list {
		err := db.One(tx.NewRaw(`
			update billing.invoice
			set stage = 'merged', part_of = ?, approved_by = null, approved_at = null, version = version + 1, updated_at = now()
			where firm_id = ? and id = ? and version = ? and stage in ('draft', 'approved') and kind = 'work'`,
			whole, v.FirmID(), part.ID, part.Version).Exec(ctx))
		if errors.Is(err, sql.ErrNoRows) {
			return whole, errMoved
		}
		if err != nil {
			return whole, err
		}
	}
	return whole, nil
}

// takeApart makes drafts of the parts again, when the whole is deleted or void.
func takeApart(ctx context.Context, tx bun.IDB, v auth.Viewer, i Invoice) error {
	if i.Kind != Consolidated {
		return nil
	}
	_, err := tx.NewRaw(`
		update billing.invoice
		set stage = 'draft', part_of = null, version = version + 1, updated_at = now()
		where firm_id = ? and part_of = ? and stage = 'merged'`, v.FirmID(), i.ID).Exec(ctx)
	return err
}

// section is a part of a consolidated invoice as it was issued.
type section struct {
	InvoiceID     uuid.UUID // the whole
	ID, ProjectID uuid.UUID
	ProjectName   string
	Title         string
	Total         int64
}

// sectionsOf are the parts that consolidated invoices that the viewer may see are made of, by what their lines say.
func sectionsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, wholes ...uuid.UUID) ([]section, error) {
	var list []section
	err := tx.NewRaw(`
		select l.invoice_id, l.section as id, l.project_id, pr.name as project_name, coalesce(p.title, '') as title, sum(l.net + l.tax)::bigint as total
		from billing.line l
		join project pr on pr.firm_id = l.firm_id and pr.id = l.project_id
		left join billing.invoice p on p.firm_id = l.firm_id and p.id = l.section
		where l.firm_id = ? and l.invoice_id in (?) and l.section is not null
		group by l.invoice_id, l.section, l.project_id, pr.name, p.title
		order by l.invoice_id, min(l.position)`, v.FirmID(), bun.List(wholes)).Scan(ctx, &list)
	return list, err
}

// consolidatedOf are the consolidated invoices that a project has a part in.
func consolidatedOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) ([]Invoice, error) {
	var list []Invoice
	err := invoices(tx, v).
		Where("i.kind = 'consolidated'").
		Where("i.id IN (SELECT p.part_of FROM billing.invoice p WHERE p.firm_id = ? AND p.project_id = ? AND p.part_of IS NOT NULL)", v.FirmID(), project).
		OrderExpr("i.id DESC").
		Limit(shownOfClient).
		Scan(ctx, &list)
	return list, err
}
