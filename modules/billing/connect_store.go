package billing

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/auth"
	"portico/platform/fault"
)

// accounts is where every read of them begins.
func accounts(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	return tx.NewSelect().
		TableExpr("billing.account AS account").
		ColumnExpr("account.id, account.provider, account.title, account.live, account.hook_key, account.cards, account.banks, account.active").
		ColumnExpr("account.checked_at, account.wrong, account.created_at, account.version, account.credentials").
		Where("account.firm_id = ?", v.FirmID())
}

func oneAccount(ctx context.Context, q *bun.SelectQuery) (a Account, err error) {
	err = q.Scan(ctx, &a)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.NotFound()
	}
	return a, err
}

func accountByID(ctx context.Context, tx bun.IDB, v auth.Viewer, account uuid.UUID) (Account, error) {
	return oneAccount(ctx, accounts(tx, v).Where("account.id = ?", account))
}

func accountByHook(ctx context.Context, tx bun.IDB, v auth.Viewer, key string) (Account, error) {
	return oneAccount(ctx, accounts(tx, v).Where("account.hook_key = ?", key))
}

// activeAccount is the account in use; ok is false when nothing can be paid online.
func activeAccount(ctx context.Context, tx bun.IDB, v auth.Viewer) (a Account, ok bool, err error) {
	a, err = oneAccount(ctx, accounts(tx, v).Where("account.active"))
	if fault.Is(err, fault.Missing) {
		return Account{}, false, nil
	}
	return a, err == nil, err
}

func addAccount(ctx context.Context, tx bun.IDB, v auth.Viewer, a Account) error {
	_, err := tx.NewRaw(`
		insert into billing.account (firm_id, id, provider, title, live, credentials, hook_key, cards, banks, active, created_by)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.FirmID(), a.ID, a.Provider, a.Title, a.Live, a.Credentials, a.HookKey, a.Cards, a.Banks, a.Active, nullID(v.PersonID)).Exec(ctx)
	return err
}

// keepEvent notes what a provider reported; fresh is false when it was noted before.
func keepEvent(ctx context.Context, tx bun.IDB, v auth.Viewer, account uuid.UUID, e gateway.Event, body []byte) (fresh bool, err error) {
	done, err := tx.NewRaw(`
		insert into billing.event (firm_id, account_id, id, type, object, ref, body)
		values (?, ?, ?, ?, ?, ?, ?)
		on conflict do nothing`, v.FirmID(), account, e.ID, e.Type, e.Object, e.Ref, body).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n == 1, err
}
