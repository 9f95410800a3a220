package link

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
	"portico/platform/id"
	"portico/platform/search"
	"portico/platform/secret"
)

// Issue stores the link of a mail and answers its token and typed code (as ABCD-EFGH). A mail job that runs twice gets
// the same two, alive as long as its last run. Older links of the purpose end, for an invitation those of the contact
// (without one it is into the office); a job that comes late does not end the links of a newer mail: then its own is the one that has ended.
func Issue(ctx context.Context, tx bun.IDB, key secret.Key, n New) (token, code string, err error) {
	token, code = key.LinkToken(n.Outbox), key.LinkCode(n.Outbox)
	whose := bun.SafeQuery("l.person_id = ?", n.Person)
	switch {
	case n.Purpose == Invite && n.Contact == uuid.Nil: // into the office
		whose = bun.SafeQuery("l.person_id = ? and l.contact_id is null", n.Person)
	case n.Purpose == Invite:
		whose = bun.SafeQuery("l.contact_id = ?", n.Contact)
	}
	if n.Purpose != Email { // of a change of address there are two at once
		_, err = tx.NewRaw(`
			update link l
			set ended_at = now()
			where l.firm_id = ? and l.purpose = ? and ? and l.id < ? and l.ended_at is null`,
			n.Firm, n.Purpose, whose, n.Outbox).Exec(ctx)
		if err != nil {
			return "", "", fmt.Errorf("end older links: %w", err)
		}
	}
	_, err = tx.NewRaw(`
		insert into link as mine (firm_id, token_hash, id, purpose, person_id, contact_id, sent_to, code_hash, nonce_hash,
			return_to, expires_at, ended_at)
		select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, now() + ?::interval,
			case when ? <> 'email' and exists (
				select from link l where l.firm_id = ? and l.purpose = ? and ? and l.id > ?) then now() end
		on conflict (firm_id, token_hash) do update
		set expires_at = excluded.expires_at
		where mine.used_at is null and mine.ended_at is null`,
		n.Firm, secret.Hash(token), n.Outbox, n.Purpose, n.Person, db.NullID(n.Contact), n.SentTo, key.HashCode(code),
		n.NonceHash, n.ReturnTo, seconds(n.Purpose.Lifetime()),
		n.Purpose, n.Firm, n.Purpose, whose, n.Outbox).Exec(ctx)
	if err != nil {
		return "", "", fmt.Errorf("issue link: %w", err)
	}
	return token, code, nil
}

// IssueHandover makes a link into another firm for the viewer who is signed in to this one: tx is a transaction of that
// other firm, to is what auth.FindElsewhere found. It lives a minute, works once, and carries no second factor along.
func IssueHandover(ctx context.Context, tx bun.IDB, from auth.Viewer, to auth.Elsewhere, returnTo string) (token string, err error) {
	if !from.SignedIn() || from.Session.Duty != auth.NoDuty || from.ViewAs != uuid.Nil {
		return "", fault.SignIn()
	}
	token = secret.Token()
	err = db.One(tx.NewRaw(`
		insert into link (firm_id, token_hash, id, purpose, person_id, sent_to, return_to, expires_at)
		select p.firm_id, ?, ?, 'handover', p.id, p.email, ?, now() + ?::interval
		from person p
		where p.firm_id = ? and p.email = ?`,
		secret.Hash(token), id.New(), returnTo, seconds(Handover.Lifetime()), to.FirmID, from.Email).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.NotFound()
	}
	return token, err
}

// Peek says what a link is worth and changes nothing: a scanner may come first, and often.
func Peek(ctx context.Context, tx bun.IDB, firm uuid.UUID, token string) (Landing, error) {
	return peek(ctx, tx, firm, secret.Hash(token))
}

func peek(ctx context.Context, tx bun.IDB, firm uuid.UUID, tokenHash []byte) (Landing, error) {
	var row struct {
		Purpose     Purpose
		PersonID    uuid.UUID
		Name, Email string
		SentTo      string
		ContactID   uuid.UUID
		ClientName  string
		ReturnTo    string
		NonceHash   []byte
		ExpiresAt   time.Time
		Ended, Used bool
		Expired     bool
		Lasting     bool
		SamePerson  bool
	}
	err := tx.NewRaw(`
		select l.purpose, l.person_id, p.name, p.email, l.sent_to, l.contact_id, cl.name as client_name, l.return_to,
			l.nonce_hash, l.expires_at, l.ended_at is not null as ended, l.used_at is not null as used,
			l.expires_at <= now() as expired,
			f.links_last and l.created_at > now() - ?::interval as lasting,
			coalesce(ct.person_id = l.person_id, false) as same_person
		from link l
		join firm f on f.firm_id = l.firm_id
		join person p on p.firm_id = l.firm_id and p.id = l.person_id
		left join contact ct on ct.firm_id = l.firm_id and ct.id = l.contact_id
		left join client cl on cl.firm_id = ct.firm_id and cl.id = ct.client_id
		where l.firm_id = ? and l.token_hash = ?`, seconds(lasting), firm, tokenHash).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return Landing{State: Unknown}, nil
	}
	if err != nil {
		return Landing{}, fmt.Errorf("link: %w", err)
	}
	identities, err := auth.Identities(ctx, tx, firm, row.PersonID)
	if err != nil {
		return Landing{}, err
	}
	landing := Landing{
		Purpose: row.Purpose, PersonID: row.PersonID, Name: row.Name, SentTo: row.SentTo,
		ContactID: row.ContactID, ClientName: row.ClientName, ReturnTo: row.ReturnTo,
		NonceHash: row.NonceHash, ExpiresAt: row.ExpiresAt, Identities: identities, Again: row.Used || row.Expired,
	}
	if row.Purpose == Email { // where a sign-in goes on to, a change of address keeps the new one
		landing.NewEmail, landing.ReturnTo = row.ReturnTo, ""
	}
	landing.State = stateOf(facts{
		Purpose: row.Purpose, Ended: row.Ended, Used: row.Used, Expired: row.Expired, Lasting: row.Lasting,
		SameAddress: row.SentTo == row.Email, NamesContact: row.ContactID != uuid.Nil, SamePerson: row.SamePerson,
	}, identities, landing.Identity())
	return landing, nil
}

// Use spends a link: of any number at the same time one gets Live. All else is a state, not an error. The caller then
// starts the session (auth.Start) in the same transaction. An invitation counts as accepted from here on.
func Use(ctx context.Context, tx bun.IDB, firm uuid.UUID, token string) (Landing, error) {
	hash := secret.Hash(token)
	landing, err := peek(ctx, tx, firm, hash)
	if err != nil || landing.State != Live {
		return landing, err
	}
	err = db.One(tx.NewRaw(`
		update link l
		set used_at = coalesce(l.used_at, now())
		from firm f
		where l.firm_id = ? and l.token_hash = ? and f.firm_id = l.firm_id and l.ended_at is null
			and (l.used_at is null and l.expires_at > now()
				or f.links_last and l.purpose in ('invite', 'sign_in') and l.created_at > now() - ?::interval)`,
		firm, hash, seconds(lasting)).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) { // somebody was quicker: say what it is now
		return peek(ctx, tx, firm, hash)
	}
	if err != nil {
		return Landing{}, fmt.Errorf("use link: %w", err)
	}
	return used(ctx, tx, firm, landing)
}

// used does what follows from a link or code that has just been spent.
func used(ctx context.Context, tx bun.IDB, firm uuid.UUID, landing Landing) (Landing, error) {
	var err error
	switch landing.Purpose {
	case Invite:
		_, err = tx.NewRaw(`
			update contact
			set accepted_at = coalesce(accepted_at, now()), opened_at = coalesce(opened_at, now())
			where firm_id = ? and id = ?`, firm, landing.ContactID).Exec(ctx)
	case Email:
		landing.EmailChanged, err = changeEmail(ctx, tx, firm, landing)
	}
	return landing, err
}

// Typed is a code as a person typed it, and what says which links it may be for: the browser that asked, or an address.
type Typed struct {
	Code      string
	NonceHash []byte
	Email     string
}

// UseCode spends a typed code. Every try counts against all codes that it might have meant, so the caller must COMMIT
// whatever the answer: WrongCode is a state, not an error. A code works although its link has been used: scanners press
// buttons. When it is used, its link is used up too.
func UseCode(ctx context.Context, tx bun.IDB, key secret.Key, firm uuid.UUID, typed Typed) (Landing, error) {
	wrong := Landing{State: WrongCode}
	email, _ := auth.CleanEmail(typed.Email)
	if secret.Plain(typed.Code) == "" {
		return wrong, nil // cannot be a code: a slip of the finger costs no try
	}
	var candidates []struct{ TokenHash, CodeHash []byte }
	err := tx.NewRaw(`
		update link l
		set code_tries = l.code_tries + 1
		where l.firm_id = ?0 and l.purpose in ('invite', 'sign_in') and l.code_hash is not null
			and l.code_tries < ?1 and l.ended_at is null and l.expires_at > now()
			and (l.nonce_hash = ?2 or l.sent_to = ?3 and l.person_id = (
				select p.id from person p where p.firm_id = ?0 and p.email = ?3))
		returning l.token_hash, l.code_hash`,
		firm, MaxTries, typed.NonceHash, email).Scan(ctx, &candidates)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Landing{}, fmt.Errorf("try code: %w", err)
	}
	hash := key.HashCode(typed.Code)
	for _, c := range candidates {
		if !secret.Same(c.CodeHash, hash) {
			continue
		}
		landing, err := peek(ctx, tx, firm, c.TokenHash)
		if err != nil {
			return Landing{}, err
		}
		landing.Again = false // the code itself is fresh: it works once, and only in its time
		if landing.State == Used {
			landing.State = Live
		}
		if landing.State != Live {
			return landing, nil
		}
		_, err = tx.NewRaw(`
			update link
			set code_hash = null, used_at = coalesce(used_at, now())
			where firm_id = ? and token_hash = ?`, firm, c.TokenHash).Exec(ctx)
		if err != nil {
			return Landing{}, fmt.Errorf("use code: %w", err)
		}
		return used(ctx, tx, firm, landing)
	}
	return wrong, nil
}

// RevokeFor ends all links that name the contact, or one of the contacts.
func RevokeFor(ctx context.Context, tx bun.IDB, firm uuid.UUID, contacts ...uuid.UUID) error {
	_, err := tx.NewRaw(`
		update link set ended_at = now()
		where firm_id = ? and contact_id = any(?::uuid[]) and ended_at is null`, firm, pgdialect.Array(contacts)).Exec(ctx)
	return err
}

// RevokeForPerson ends all links of the person that name no contact.
func RevokeForPerson(ctx context.Context, tx bun.IDB, firm, person uuid.UUID) error {
	_, err := tx.NewRaw(`
		update link set ended_at = now()
		where firm_id = ? and person_id = ? and contact_id is null and ended_at is null`, firm, person).Exec(ctx)
	return err
}

// WhoFor finds whom a sign-in link for the typed address would go to; ok is false when there is nobody with access.
// It belongs into the worker: the form answers the same, with one outbox row, whoever is asked for.
func WhoFor(ctx context.Context, tx bun.IDB, firm uuid.UUID, typed string) (r Recipient, ok bool, err error) {
	email, valid := auth.CleanEmail(typed)
	if !valid {
		return Recipient{}, false, nil
	}
	var row struct {
		ID          uuid.UUID
		Name, Email string
		Locale      string
		LastHour    int
	}
	err = tx.NewRaw(`
		select p.id, p.name, p.email, p.locale, (
			select count(*) from link l
			where l.firm_id = p.firm_id and l.person_id = p.id and l.purpose in ('invite', 'sign_in')
				and l.created_at > now() - interval '1 hour') as last_hour
		from person p
		where p.firm_id = ? and p.email = ?`, firm, email).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return Recipient{}, false, nil
	}
	if err != nil {
		return Recipient{}, false, fmt.Errorf("who for: %w", err)
	}
	identities, err := auth.Identities(ctx, tx, firm, row.ID)
	if err != nil || len(identities) == 0 {
		return Recipient{}, false, err
	}
	return Recipient{row.ID, row.Name, row.Email, row.Locale, identities, row.LastHour}, true, nil
}

// NewAddress is a change of a person's own address. It happens when both links have been used: who took over a session
// cannot take the address along, and a typing error locks nobody out.
type NewAddress struct {
	Firm, Person uuid.UUID
	Contact      bool // it was asked for in the portal
	From, To     string
	ToOld, ToNew uuid.UUID // outbox rows of the two mails
}

// IssueChange stores both links and answers their tokens; it is what the job of either mail calls. Earlier changes
// under way end.
func IssueChange(ctx context.Context, tx bun.IDB, key secret.Key, c NewAddress) (toOld, toNew string, err error) {
	var taken bool
	err = tx.NewRaw(`select exists (select from person where firm_id = ? and email = ?)`, c.Firm, c.To).Scan(ctx, &taken)
	if err != nil {
		return "", "", err
	}
	if taken {
		return "", "", fault.Conflict("This address is in use already.")
	}
	_, err = tx.NewRaw(`
		update link set ended_at = now()
		where firm_id = ? and person_id = ? and purpose = 'email' and id not in (?, ?) and ended_at is null`,
		c.Firm, c.Person, c.ToOld, c.ToNew).Exec(ctx)
	if err != nil {
		return "", "", err
	}
	old := New{Firm: c.Firm, Purpose: Email, Outbox: c.ToOld, Person: c.Person, SentTo: c.From, ReturnTo: c.To}
	if toOld, _, err = Issue(ctx, tx, key, old); err != nil {
		return "", "", err
	}
	fresh := New{Firm: c.Firm, Purpose: Email, Outbox: c.ToNew, Person: c.Person, SentTo: c.To, ReturnTo: c.To}
	toNew, _, err = Issue(ctx, tx, key, fresh)
	return toOld, toNew, err
}

// changeEmail moves the person to the new address once the two links, to the old and to the new, have been used.
func changeEmail(ctx context.Context, tx bun.IDB, firm uuid.UUID, landing Landing) (changed bool, err error) {
	// the row lock makes two clicks at once wait for each other: the second one sees the first
	var old string
	err = tx.NewRaw("select email from person where firm_id = ? and id = ? for update", firm, landing.PersonID).Scan(ctx, &old)
	if err != nil {
		return false, err
	}
	var both bool
	err = tx.NewRaw(`
		select count(distinct l.sent_to) = 2 from link l
		where l.firm_id = ? and l.person_id = ? and l.purpose = 'email' and l.return_to = ? and l.sent_to in (?, ?)
			and l.used_at is not null and l.ended_at is null`,
		firm, landing.PersonID, landing.NewEmail, old, landing.NewEmail).Scan(ctx, &both)
	if err != nil || !both {
		return false, err
	}
	done, err := tx.NewRaw(`
		update person p set email = ?
		where p.firm_id = ? and p.id = ? and not exists (select from person o where o.firm_id = p.firm_id and o.email = ?)`,
		landing.NewEmail, firm, landing.PersonID, landing.NewEmail).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("change address: %w", err)
	}
	if n, _ := done.RowsAffected(); n == 0 {
		return false, fault.Conflict("This address has been taken by somebody else meanwhile.")
	}
	_, err = tx.NewRaw(`
		update contact set email = ?, version = version + 1, updated_at = now()
		where firm_id = ? and person_id = ?`, landing.NewEmail, firm, landing.PersonID).Exec(ctx)
	if err != nil {
		return false, err
	}
	if err := search.IndexPerson(ctx, tx, firm, landing.PersonID); err != nil {
		return false, err
	}
	_, err = tx.NewRaw(`
		update link set ended_at = now() where firm_id = ? and person_id = ? and ended_at is null`,
		firm, landing.PersonID).Exec(ctx)
	return err == nil, err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%d seconds", int64(d/time.Second)) }
