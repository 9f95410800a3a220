package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

// holdAgreements are the contracts and proposals of a project; two that are taken over at once wait for each other.
func holdAgreements(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) ([]agreement, error) {
	if err := makeContract(ctx, tx, v, project); err != nil {
		return nil, err
	}
	if err := holdContract(ctx, tx, v, project); err != nil {
		return nil, err
	}
	var list []agreement
	err := tx.NewRaw(`
		select envelope_id, client_id, project_id, kind, title, amount, on_day
		from billing.agreement
		where firm_id = ? and project_id = ? and kind in ('contract', 'proposal')`, v.FirmID(), project).Scan(ctx, &list)
	return list, err
}

// addAgreement keeps a document; false when it was kept before.
func addAgreement(ctx context.Context, tx bun.IDB, v auth.Viewer, a agreement) (fresh bool, err error) {
	done, err := tx.NewRaw(`
		insert into billing.agreement (firm_id, envelope_id, client_id, project_id, kind, title, amount, on_day)
		values (?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (firm_id, envelope_id) do nothing`,
		v.FirmID(), a.EnvelopeID, a.ClientID, a.ProjectID, a.Kind, a.Title, a.Total, a.OnDay).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n == 1, err
}

func draftedFor(ctx context.Context, tx bun.IDB, v auth.Viewer, a agreement, invoice uuid.UUID) error {
	return db.One(tx.NewRaw("update billing.agreement set invoice_id = ? where firm_id = ? and envelope_id = ?", invoice, v.FirmID(), a.EnvelopeID).Exec(ctx))
}
