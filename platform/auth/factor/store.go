package factor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/secret"
)

// Set is what a person has set up.
type Set struct {
	Password     bool
	TOTPAt       time.Time // zero: no authenticator app
	Passkeys     int
	RecoveryLeft int
}

// Second reports whether there is a second factor.
func (s Set) Second() bool { return !s.TOTPAt.IsZero() || s.Passkeys > 0 }

// Of tells what the viewer has set up.
func Of(ctx context.Context, tx bun.IDB, v auth.Viewer) (Set, error) {
	var set Set
	err := tx.NewRaw(`
		select p.password_hash <> '' as password, p.totp_at,
			(select count(*) from passkey k where k.firm_id = p.firm_id and k.person_id = p.id) as passkeys,
			(select count(*) from recovery_code r
				where r.firm_id = p.firm_id and r.person_id = p.id and r.used_at is null) as recovery_left
		from person p
		where p.firm_id = ? and p.id = ?`, v.FirmID(), v.PersonID).Scan(ctx, &set)
	if err != nil {
		return Set{}, fmt.Errorf("factors: %w", err)
	}
	return set, nil
}

// Holder is who may have a password; the zero Holder is nobody, and MatchPassword takes as long for it.
type Holder struct {
	PersonID     uuid.UUID
	Name, Email  string
	PasswordHash string
}

// HolderOf finds the person with the typed address; nobody is not an error.
func HolderOf(ctx context.Context, tx bun.IDB, firm uuid.UUID, typed string) (Holder, error) {
	email, _ := auth.CleanEmail(typed) // none asks for "", so that the work is the same
	var h Holder
	err := tx.NewRaw(`
		select p.id as person_id, p.name, p.email, p.password_hash
		from person p
		where p.firm_id = ? and p.email = ?`, firm, email).Scan(ctx, &h)
	if errors.Is(err, sql.ErrNoRows) {
		return Holder{}, nil
	}
	return h, err
}

// PasswordSignIn answers whose password it is, in the same time whether there is such a person or not. It opens its own
// short transactions: hashing waits for its turn, and no connection should wait with it. Call it outside of any.
func PasswordSignIn(ctx context.Context, pool *bun.DB, firm uuid.UUID, email, password string) (person uuid.UUID, ok bool, err error) {
	var h Holder
	err = db.InTx(ctx, pool, firm, func(ctx context.Context, tx bun.Tx) error {
		h, err = HolderOf(ctx, tx, firm, email)
		return err
	})
	if err != nil {
		return uuid.Nil, false, err
	}
	ok, rehash, err := MatchPassword(ctx, password, h.PasswordHash)
	if err != nil || !ok {
		return uuid.Nil, false, err
	}
	if rehash {
		if hash, err := HashPassword(ctx, password); err == nil {
			_ = db.InTx(ctx, pool, firm, func(ctx context.Context, tx bun.Tx) error { // the next sign-in tries again
				_, err := tx.NewRaw(`
					update person set password_hash = ? where firm_id = ? and id = ? and password_hash = ?`,
					hash, firm, h.PersonID, h.PasswordHash).Exec(ctx)
				return err
			})
		}
	}
	return h.PersonID, true, nil
}

// SetPassword stores a hash of HashPassword; the password has passed CheckPassword. A changed password ends all other
// sessions of the person.
func SetPassword(ctx context.Context, tx bun.IDB, v auth.Viewer, hash string) error {
	var had bool
	err := tx.NewRaw(`
		select password_hash <> '' from person where firm_id = ? and id = ? for update`, v.FirmID(), v.PersonID).Scan(ctx, &had)
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	err = db.One(tx.NewRaw(`
		update person set password_hash = ? where firm_id = ? and id = ?`, hash, v.FirmID(), v.PersonID).Exec(ctx))
	if err != nil || !had {
		return err
	}
	return auth.EndAll(ctx, tx, v.FirmID(), v.PersonID, v.Session.Hash)
}

// OfferTOTP gives what the page shows to set up an authenticator app. It stores nothing.
func OfferTOTP(ctx context.Context, tx bun.IDB, key secret.Key, v auth.Viewer) (Enrolment, error) {
	var lastStep int64
	err := tx.NewRaw("select totp_step from person where firm_id = ? and id = ?", v.FirmID(), v.PersonID).Scan(ctx, &lastStep)
	if err != nil {
		return Enrolment{}, fmt.Errorf("offer totp: %w", err)
	}
	return enrolment(offered(key, v, lastStep), v.Firm.Name, v.Email)
}

// ConfirmTOTP switches the offered app on when the code is right, elevates the session, and answers new recovery codes,
// to be shown once. An app set up before is replaced. Commit whatever the outcome.
func ConfirmTOTP(ctx context.Context, tx bun.IDB, key secret.Key, v auth.Viewer, code string, now time.Time) (codes []string, out Outcome, err error) {
	tries, err := countTry(ctx, tx, v)
	if err != nil || tries > maxTries {
		return nil, TooMany, err
	}
	var lastStep int64
	err = tx.NewRaw(`
		select totp_step from person where firm_id = ? and id = ? for update`, v.FirmID(), v.PersonID).Scan(ctx, &lastStep)
	if err != nil {
		return nil, Wrong, fmt.Errorf("confirm totp: %w", err)
	}
	raw := offered(key, v, lastStep)
	step, ok := stepOf(raw, code, lastStep, now)
	if !ok {
		return nil, Wrong, nil
	}
	err = db.One(tx.NewRaw(`
		update person set totp_secret = ?, totp_step = ?, totp_at = now() where firm_id = ? and id = ?`,
		key.Seal("totp", raw, bound(v.FirmID(), v.PersonID)...), step, v.FirmID(), v.PersonID).Exec(ctx))
	if err != nil {
		return nil, Wrong, fmt.Errorf("confirm totp: %w", err)
	}
	if err = accepted(ctx, tx, v); err != nil {
		return nil, Wrong, err
	}
	codes, err = NewRecoveryCodes(ctx, tx, key, v)
	return codes, Right, err
}

// RemoveTOTP switches the app off; recovery codes go with the last second factor.
func RemoveTOTP(ctx context.Context, tx bun.IDB, v auth.Viewer) error {
	_, err := tx.NewRaw(`
		update person set totp_secret = null, totp_at = null where firm_id = ? and id = ?`, v.FirmID(), v.PersonID).Exec(ctx)
	if err != nil {
		return err
	}
	return dropIdleRecovery(ctx, tx, v)
}

// NewRecoveryCodes replaces the person's recovery codes; they are shown once and stored as hashes.
func NewRecoveryCodes(ctx context.Context, tx bun.IDB, key secret.Key, v auth.Viewer) ([]string, error) {
	_, err := tx.NewRaw("delete from recovery_code where firm_id = ? and person_id = ?", v.FirmID(), v.PersonID).Exec(ctx)
	if err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCodes)
	for i := range codes {
		codes[i] = secret.Code()
		_, err := tx.NewRaw(`
			insert into recovery_code (firm_id, person_id, code_hash) values (?, ?, ?)`,
			v.FirmID(), v.PersonID, key.HashCode(codes[i])).Exec(ctx)
		if err != nil {
			return nil, fmt.Errorf("recovery codes: %w", err)
		}
	}
	return codes, nil
}

// CheckCode takes the viewer's TOTP or one of the recovery codes as second factor or step-up, and elevates the session
// when it is right. A code works once. Commit whatever the outcome: wrong ones are counted.
func CheckCode(ctx context.Context, tx bun.IDB, key secret.Key, v auth.Viewer, code string, now time.Time) (Outcome, error) {
	tries, err := countTry(ctx, tx, v)
	if err != nil || tries > maxTries {
		return TooMany, err
	}
	ok, err := spendTOTP(ctx, tx, key, v, code, now)
	if err == nil && !ok {
		ok, err = spendRecovery(ctx, tx, key, v, code)
	}
	if err != nil || !ok {
		return Wrong, err
	}
	return Right, accepted(ctx, tx, v)
}

// spendTOTP holds the person's row, so that of two uses of one code the second sees the first.
func spendTOTP(ctx context.Context, tx bun.IDB, key secret.Key, v auth.Viewer, code string, now time.Time) (bool, error) {
	var row struct {
		TotpSecret []byte
		TotpStep   int64
	}
	err := tx.NewRaw(`
		select p.totp_secret, p.totp_step from person p
		where p.firm_id = ? and p.id = ? and p.totp_at is not null
		for update`, v.FirmID(), v.PersonID).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("totp: %w", err)
	}
	raw, err := key.Open("totp", row.TotpSecret, bound(v.FirmID(), v.PersonID)...)
	if err != nil {
		return false, fmt.Errorf("totp secret: %w", err)
	}
	step, ok := stepOf(raw, code, row.TotpStep, now)
	if !ok {
		return false, nil
	}
	return true, db.One(tx.NewRaw(`
		update person set totp_step = ? where firm_id = ? and id = ?`, step, v.FirmID(), v.PersonID).Exec(ctx))
}

func spendRecovery(ctx context.Context, tx bun.IDB, key secret.Key, v auth.Viewer, code string) (bool, error) {
	if secret.Plain(code) == "" {
		return false, nil
	}
	err := db.One(tx.NewRaw(`
		update recovery_code set used_at = now()
		where firm_id = ? and person_id = ? and code_hash = ? and used_at is null`,
		v.FirmID(), v.PersonID, key.HashCode(code)).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// countTry counts before it is known whether the code is right; its row also makes tries of one person take turns.
func countTry(ctx context.Context, tx bun.IDB, v auth.Viewer) (tries int, err error) {
	err = tx.NewRaw(`
		insert into challenge as c (firm_id, token_hash, kind, person_id, tries, expires_at)
		values (?, ?, 'second_factor', ?, 1, now() + ?::interval)
		on conflict (firm_id, token_hash) do update
		set tries = case when c.expires_at <= now() then 1 else least(c.tries + 1, 1000) end,
			expires_at = case when c.expires_at <= now() then excluded.expires_at else c.expires_at end
		returning tries`,
		v.FirmID(), triesKey(v.PersonID), v.PersonID, fmt.Sprintf("%d seconds", int64(Pause/time.Second))).Scan(ctx, &tries)
	if err != nil {
		return 0, fmt.Errorf("count try: %w", err)
	}
	return tries, nil
}

// accepted forgets the wrong codes and elevates the session.
func accepted(ctx context.Context, tx bun.IDB, v auth.Viewer) error {
	_, err := tx.NewRaw(`
		delete from challenge where firm_id = ? and token_hash = ?`, v.FirmID(), triesKey(v.PersonID)).Exec(ctx)
	if err != nil {
		return err
	}
	return auth.Elevate(ctx, tx, v)
}
