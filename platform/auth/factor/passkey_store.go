package factor

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/secret"
)

// ListPasskeys lists the viewer's own.
func ListPasskeys(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]Passkey, error) {
	var rows []struct {
		ID                    []byte
		Name                  string
		CreatedAt, LastUsedAt time.Time
	}
	err := tx.NewRaw(`
		select k.id, k.name, k.created_at, k.last_used_at from passkey k
		where k.firm_id = ? and k.person_id = ?
		order by k.created_at, k.id`, v.FirmID(), v.PersonID).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("passkeys: %w", err)
	}
	passkeys := make([]Passkey, len(rows))
	for i, row := range rows {
		passkeys[i] = Passkey{passkeyID(row.ID), row.Name, row.CreatedAt, row.LastUsedAt}
	}
	return passkeys, nil
}

// RenamePasskey renames one of the viewer's own.
func RenamePasskey(ctx context.Context, tx bun.IDB, v auth.Viewer, passkey, name string) error {
	id, err := passkeyBytes(passkey)
	if err != nil {
		return err
	}
	return db.Found(db.One(tx.NewRaw(`
		update passkey set name = ? where firm_id = ? and person_id = ? and id = ?`,
		passkeyName(name), v.FirmID(), v.PersonID, id).Exec(ctx)))
}

// DeletePasskey removes one of the viewer's own.
func DeletePasskey(ctx context.Context, tx bun.IDB, v auth.Viewer, passkey string) error {
	id, err := passkeyBytes(passkey)
	if err != nil {
		return err
	}
	err = db.Found(db.One(tx.NewRaw(`
		delete from passkey where firm_id = ? and person_id = ? and id = ?`, v.FirmID(), v.PersonID, id).Exec(ctx)))
	if err != nil {
		return err
	}
	return dropIdleRecovery(ctx, tx, v)
}

func dropIdleRecovery(ctx context.Context, tx bun.IDB, v auth.Viewer) error {
	_, err := tx.NewRaw(`
		delete from recovery_code r
		where r.firm_id = ? and r.person_id = ?
			and not exists (select from person p where p.firm_id = r.firm_id and p.id = r.person_id and p.totp_at is not null)
			and not exists (select from passkey k where k.firm_id = r.firm_id and k.person_id = r.person_id)`,
		v.FirmID(), v.PersonID).Exec(ctx)
	return err
}

func addPasskey(ctx context.Context, tx bun.IDB, firm, person uuid.UUID, name string, credential *webauthn.Credential) (Passkey, error) {
	data, err := json.Marshal(credential)
	if err != nil {
		return Passkey{}, err
	}
	var createdAt time.Time
	err = tx.NewRaw(`
		insert into passkey (firm_id, id, person_id, name, credential)
		values (?, ?, ?, ?, ?::jsonb)
		on conflict do nothing
		returning created_at`, firm, credential.ID, person, name, string(data)).Scan(ctx, &createdAt)
	if errors.Is(err, sql.ErrNoRows) {
		return Passkey{}, fault.Conflict("This passkey is set up already.")
	}
	if err != nil {
		return Passkey{}, fmt.Errorf("add passkey: %w", err)
	}
	return Passkey{ID: passkeyID(credential.ID), Name: name, CreatedAt: createdAt}, nil
}

func keepPasskey(ctx context.Context, tx bun.IDB, firm, person uuid.UUID, credential *webauthn.Credential) error {
	data, err := json.Marshal(credential)
	if err != nil {
		return err
	}
	return db.One(tx.NewRaw(`
		update passkey set credential = ?::jsonb, last_used_at = now()
		where firm_id = ? and id = ? and person_id = ?`, string(data), firm, credential.ID, person).Exec(ctx))
}

// holder locks the person's passkeys: two answers with one counter must not both count.
func holder(ctx context.Context, tx bun.IDB, firm, person uuid.UUID) (keyHolder, error) {
	k := keyHolder{id: person}
	err := tx.NewRaw("select name, email from person where firm_id = ? and id = ?", firm, person).Scan(ctx, &k.name, &k.email)
	if errors.Is(err, sql.ErrNoRows) {
		return k, fault.NotFound()
	}
	if err != nil {
		return k, fmt.Errorf("holder of passkeys: %w", err)
	}
	var credentials []string
	err = tx.NewRaw(`
		select credential from passkey where firm_id = ? and person_id = ? order by created_at for update`,
		firm, person).Scan(ctx, &credentials)
	if err != nil {
		return k, fmt.Errorf("passkeys: %w", err)
	}
	for _, data := range credentials {
		var credential webauthn.Credential
		if err := json.Unmarshal([]byte(data), &credential); err != nil {
			return k, fmt.Errorf("passkey of %s: %w", person, err)
		}
		k.credentials = append(k.credentials, credential)
	}
	return k, nil
}

func putChallenge(ctx context.Context, tx bun.IDB, firm uuid.UUID, kind string, person uuid.UUID, token string, session *webauthn.SessionData) error {
	data, err := json.Marshal(session)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		insert into challenge (firm_id, token_hash, kind, person_id, data, expires_at)
		values (?, ?, ?, ?, ?::jsonb, now() + ?::interval)`,
		firm, secret.Hash(token), kind, uuid.NullUUID{UUID: person, Valid: person != uuid.Nil}, string(data),
		fmt.Sprintf("%d seconds", int64(ChallengeLifetime/time.Second))).Exec(ctx)
	return err
}

// takeChallenge gives a question once.
func takeChallenge(ctx context.Context, tx bun.IDB, firm uuid.UUID, kind string, person uuid.UUID, token string) (webauthn.SessionData, error) {
	var data string
	err := tx.NewRaw(`
		delete from challenge
		where firm_id = ? and token_hash = ? and kind = ? and person_id is not distinct from ? and expires_at > now()
		returning data`,
		firm, secret.Hash(token), kind, uuid.NullUUID{UUID: person, Valid: person != uuid.Nil}).Scan(ctx, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return webauthn.SessionData{}, fault.Invalid("That took too long. Please try again.")
	}
	if err != nil {
		return webauthn.SessionData{}, fmt.Errorf("challenge: %w", err)
	}
	var session webauthn.SessionData
	if err := json.Unmarshal([]byte(data), &session); err != nil {
		return webauthn.SessionData{}, fmt.Errorf("challenge: %w", err)
	}
	return session, nil
}
