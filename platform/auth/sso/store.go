package sso

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/secret"
)

// Get is what a firm has said about its provider; the zero Provider of a firm that has said nothing.
func Get(ctx context.Context, tx bun.IDB, firm uuid.UUID) (Provider, error) {
	var row struct {
		Name, Issuer, ClientID                 string
		ClientSecret                           []byte
		Domains                                []string `bun:",array"`
		Enabled, Required, SecondFactor, Joins bool
		ProvedAt                               time.Time
		Version                                int
	}
	err := tx.NewRaw(`
		select o.name, o.issuer, o.client_id, o.client_secret, o.domains, o.enabled, o.required, o.second_factor, o.joins,
			o.proved_at, o.version
		from sso_provider o
		where o.firm_id = ?`, firm).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return Provider{}, nil
	}
	if err != nil {
		return Provider{}, fmt.Errorf("provider of the firm: %w", err)
	}
	return Provider{
		Name: row.Name, Issuer: row.Issuer, ClientID: row.ClientID, Domains: row.Domains, Enabled: row.Enabled, Required: row.Required,
		SecondFactor: row.SecondFactor, Joins: row.Joins, ProvedAt: row.ProvedAt, Version: row.Version, sealed: row.ClientSecret,
	}, nil
}

const sealedFor = "sso client secret"

func (p Provider) open(key secret.Key, firm uuid.UUID) (string, error) {
	text, err := key.Open(sealedFor, p.sealed, firm[:])
	if err != nil {
		return "", fmt.Errorf("client secret of the provider: %w", err)
	}
	return string(text), nil
}

// Save keeps what a firm says about its provider. An empty clientSecret keeps the one there is. Whoever must come in by
// single sign-on from now on, and did not, is signed out by that (auth.Load).
func (d *Desk) Save(ctx context.Context, tx bun.IDB, v auth.Viewer, p Provider, clientSecret string) (Provider, error) {
	firm := v.FirmID()
	was, err := Get(ctx, tx, firm)
	if err != nil {
		return p, err
	}
	p.sealed = was.sealed
	err = p.check(d.Private, clientSecret)
	same := was.Issuer == p.Issuer && was.ClientID == p.ClientID
	switch {
	case err != nil:
		return p, err
	case clientSecret == "" && was.Issuer != p.Issuer:
		return p, fault.Field("client_secret", "Enter the secret again: the old one is not sent to another provider.")
	case p.Required && (!same || was.ProvedAt.IsZero()):
		return p, fault.Field("required", "First save without this, sign out, and sign in once with the provider. Then it is certain that nobody is locked out.")
	}
	if clientSecret != "" {
		p.sealed = d.Key.Seal(sealedFor, []byte(clientSecret), firm[:])
	}
	p.ProvedAt = was.ProvedAt
	if !same {
		p.ProvedAt = time.Time{}
	}
	err = db.One(tx.NewRaw(`
		insert into sso_provider as o (firm_id, name, issuer, client_id, client_secret, domains, enabled, required, second_factor,
			joins, proved_at)
		select ?, ?, ?, ?, ?, ?::text[], ?, ?, ?, ?, ? where ? = 0 or exists (select from sso_provider where firm_id = ?)
		on conflict (firm_id) do update
		set name = excluded.name, issuer = excluded.issuer, client_id = excluded.client_id, client_secret = excluded.client_secret,
			domains = excluded.domains, enabled = excluded.enabled, required = excluded.required,
			second_factor = excluded.second_factor, joins = excluded.joins, proved_at = excluded.proved_at,
			version = o.version + 1, updated_at = now()
		where o.version = ?`,
		firm, p.Name, p.Issuer, p.ClientID, p.sealed, pgdialect.Array(p.Domains), p.Enabled, p.Required, p.SecondFactor,
		p.Joins, bun.NullTime{Time: p.ProvedAt}, p.Version, firm, p.Version).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return p, fault.Conflict("Somebody has changed this while you had the page open. What you entered is kept below: look it over, then save again.")
	}
	if err != nil {
		return p, fmt.Errorf("save the provider: %w", err)
	}
	return Get(ctx, tx, firm)
}

// Spend uses a state up; a second time it is refused. Its row lives as long as the state could count.
func Spend(ctx context.Context, tx bun.IDB, firm uuid.UUID, state string) error {
	err := db.One(tx.NewRaw(`
		insert into challenge (firm_id, token_hash, kind, expires_at) values (?, ?, 'sso', now() + ?::interval)
		on conflict do nothing`, firm, secret.Hash(state), fmt.Sprintf("%d seconds", int64((Lifetime+time.Minute)/time.Second))).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return trouble(Stale, errors.New("the answer was used before"))
	}
	return err
}

// Guest is who stands behind a proof.
type Guest struct {
	Person uuid.UUID
	First  bool // the account was not known before
}

// Recognise finds the member of staff whose account it is: by the account, once it is known, else by the address that
// the provider vouches for. Whether the person may come in is not asked here (auth.Start).
func Recognise(ctx context.Context, tx bun.IDB, firm uuid.UUID, proof Proof) (Guest, error) {
	person, err := holder(ctx, tx, firm, proof)
	if err != nil || person != uuid.Nil {
		return Guest{Person: person}, err
	}
	err = tx.NewRaw(`
		select st.person_id
		from person p
		join staff st on st.firm_id = p.firm_id and st.person_id = p.id
		where p.firm_id = ? and p.email = ?`, firm, proof.Email).Scan(ctx, &person)
	if errors.Is(err, sql.ErrNoRows) {
		return Guest{}, &Failure{Trouble: Nobody, Email: proof.Email}
	}
	if err != nil {
		return Guest{}, fmt.Errorf("member of staff by address: %w", err)
	}
	return Guest{person, true}, Remember(ctx, tx, firm, person, proof)
}

// holder is the person whose account it is, and notes how the provider checked this time; Nil: nobody's yet.
func holder(ctx context.Context, tx bun.IDB, firm uuid.UUID, proof Proof) (person uuid.UUID, err error) {
	err = tx.NewRaw(`
		update sso_account set used_at = now(), said = ?
		where firm_id = ? and issuer = ? and subject = ?
		returning person_id`, proof.Said, firm, proof.Issuer, proof.Subject).Scan(ctx, &person)
	if errors.Is(err, sql.ErrNoRows) {
		return uuid.Nil, nil
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("person of the account: %w", err)
	}
	return person, nil
}

// Remember ties an account to a person, for good: one account of a provider a person.
func Remember(ctx context.Context, tx bun.IDB, firm, person uuid.UUID, proof Proof) error {
	err := db.One(tx.NewRaw(`
		insert into sso_account (firm_id, issuer, subject, person_id, said) values (?, ?, ?, ?, ?)
		on conflict do nothing`, firm, proof.Issuer, proof.Subject, person, proof.Said).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return &Failure{Trouble: Other, Email: proof.Email}
	}
	return err
}

// Prove notes that somebody has come in with the firm's provider as it is set up now.
func Prove(ctx context.Context, tx bun.IDB, firm uuid.UUID, p Provider) error {
	_, err := tx.NewRaw(`
		update sso_provider set proved_at = now()
		where firm_id = ? and issuer = ? and client_id = ? and (proved_at is null or proved_at < now() - interval '1 hour')`,
		firm, p.Issuer, p.ClientID).Exec(ctx)
	return err
}

// Account is one that a person has come with.
type Account struct {
	Issuer, Said      string
	CreatedAt, UsedAt time.Time
}

// AccountOf is the account of a person at the firm's present provider; ok is false when none is known.
func AccountOf(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID) (a Account, ok bool, err error) {
	err = tx.NewRaw(`
		select a.issuer, a.said, a.created_at, a.used_at
		from sso_account a
		join sso_provider o on o.firm_id = a.firm_id and o.issuer = a.issuer
		where a.firm_id = ? and a.person_id = ?`, v.FirmID(), person).Scan(ctx, &a)
	if errors.Is(err, sql.ErrNoRows) {
		return a, false, nil
	}
	return a, err == nil, err
}

// Forget unties a person from the accounts, so that the next sign-in goes by the address again.
func Forget(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID) error {
	_, err := tx.NewRaw("delete from sso_account where firm_id = ? and person_id = ?", v.FirmID(), person).Exec(ctx)
	return err
}
