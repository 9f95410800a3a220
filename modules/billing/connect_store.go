package billing

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
)

// accounts is where every read of them begins.
func accounts(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	return tx.NewSelect().
		TableExpr("billing.account AS account").
		ColumnExpr("account.id, account.provider, account.title, account.live, account.hook_key, account.cards, account.banks, account.active, account.fields").
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
		insert into billing.account (firm_id, id, provider, title, live, credentials, hook_key, cards, banks, active, checked_at, created_by)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.FirmID(), a.ID, a.Provider, a.Title, a.Live, a.Credentials, a.HookKey, a.Cards, a.Banks, a.Active, bun.NullTime{Time: a.CheckedAt}, db.NullID(v.PersonID)).Exec(ctx)
	return err
}

// accountsOf are all of a firm's accounts, the newest first, with what is still under way there.
func accountsOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (list []connected, err error) {
	err = accounts(tx, v).
		ColumnExpr("(SELECT count(*) FROM billing.attempt AS a WHERE a.firm_id = account.firm_id AND a.account_id = account.id AND a.open) AS waiting").
		ColumnExpr("(SELECT max(e.received_at) FROM billing.event AS e WHERE e.firm_id = account.firm_id AND e.account_id = account.id) AS reported").
		Order("account.created_at DESC").
		Scan(ctx, &list)
	return list, err
}

// activateAccount makes one account the one in use, or none of them.
func activateAccount(ctx context.Context, tx bun.IDB, v auth.Viewer, account uuid.UUID) error {
	_, err := tx.NewRaw(`
		update billing.account set active = false, version = version + 1
		where firm_id = ? and active and id <> ?`, v.FirmID(), account).Exec(ctx)
	if err != nil || account == uuid.Nil {
		return err
	}
	_, err = tx.NewRaw(`
		update billing.account set active = true, version = version + 1
		where firm_id = ? and id = ? and not active`, v.FirmID(), account).Exec(ctx)
	if err != nil {
		return err
	}
	// with real money there is no more practising: what is open at the practice provider is given up
	_, err = tx.NewRaw(`
		update billing.attempt a set give_up = true, look_at = now()
		from billing.account old, billing.account new
		where a.firm_id = ?0 and a.status in ('waiting', 'created', 'submitting', 'unknown', 'requires_action', 'pending')
			and old.firm_id = a.firm_id and old.id = a.account_id and old.provider = 'sandbox'
			and new.firm_id = a.firm_id and new.id = ?1 and new.live`, v.FirmID(), account).Exec(ctx)
	return err
}

// onlyPractised reports whether an attempt was made at the practice provider and the firm takes real money by now.
func onlyPractised(ctx context.Context, tx bun.IDB, v auth.Viewer, a Attempt) (yes bool, err error) {
	err = tx.NewRaw(`
		select exists (select from billing.account ac where ac.firm_id = ?0 and ac.id = ?1 and ac.provider = 'sandbox')
			and exists (select from billing.account ac where ac.firm_id = ?0 and ac.active and ac.live)`, v.FirmID(), a.AccountID).Scan(ctx, &yes)
	return yes, err
}

// saveAccount writes what can be changed, if nobody else has meanwhile.
func saveAccount(ctx context.Context, tx bun.IDB, v auth.Viewer, a Account) error {
	err := db.One(tx.NewRaw(`
		update billing.account
		set cards = ?, banks = ?, fields = ?, credentials = ?, checked_at = ?, wrong = ?, version = version + 1
		where firm_id = ? and id = ? and version = ?`,
		a.Cards, a.Banks, a.Fields, a.Credentials, bun.NullTime{Time: a.CheckedAt}, a.Wrong, v.FirmID(), a.ID, a.Version).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Conflict("Somebody has changed this meanwhile. What you typed is still here: save again to replace theirs.")
	}
	return err
}

// noteCheck keeps whether the keys worked the last time; no words mean that they did.
func noteCheck(ctx context.Context, tx bun.IDB, v auth.Viewer, account uuid.UUID, at time.Time, wrong string) error {
	_, err := tx.NewRaw(`
		update billing.account
		set wrong = ?0, checked_at = case when ?0 = '' then ?1 else checked_at end
		where firm_id = ?2 and id = ?3`, wrong, at, v.FirmID(), account).Exec(ctx)
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
