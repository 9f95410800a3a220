package authtest

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

func (s Story) write(ctx context.Context, tx bun.Tx) error {
	_, err := tx.NewRaw(`
		insert into firm (firm_id, key, name, portal_on, switches) values (?0, ?1, 'Oak & Stone', true, '{"billing": true}');
		insert into address (name, kind, firm_id) values (?1, 'key', ?0);
		insert into person (firm_id, id, email, name) values
			(?0, ?2, 'olive@oak.example', 'Olive Oak'), (?0, ?3, 'max@oak.example', 'Max Miller'), (?0, ?4, ?5, 'Ana Hart');
		insert into staff (firm_id, person_id, role) values (?0, ?2, 'owner'), (?0, ?3, 'member');
		insert into client (firm_id, id, name, portal_on, switches) values
			(?0, ?6, 'The Harts', true, '{"messages": true}'), (?0, ?7, 'The Birches', true, '{}');
		insert into contact (firm_id, id, client_id, person_id, name, email, access, rights, invited_at) values
			(?0, ?8, ?6, ?4, 'Ana Hart', ?5, 'portal', '{view_invoices,make_payments}', now());
		insert into project (firm_id, id, client_id, key, name, status, shared, switches, created_at) values
			(?0, ?9, ?6, 'kitchen', 'Kitchen', 'active', true, '{"billing": false}', now() - interval '1 day'),
			(?0, ?10, ?6, 'barn', 'Barn', 'archived', true, '{}', now()),
			(?0, ?11, ?6, 'shed', 'Shed', 'planned', false, '{}', now()),
			(?0, ?12, ?7, 'birch', 'Birch house', 'active', true, '{}', now())`,
		s.Firm, s.Key, s.Olive, s.Max, s.AnaPerson, AnaEmail, s.Harts, s.Birch, s.Ana, s.Kitchen, s.Barn, s.Shed, s.Birchs).Exec(ctx)
	return err
}

// Do runs one statement in the firm, as the program may.
func (s Story) Do(t testing.TB, query string, args ...any) {
	t.Helper()
	In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	})
}

// Int asks the firm for a number.
func (s Story) Int(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return tx.NewRaw(query, args...).Scan(ctx, &n) })
	return n
}

// Contact makes a person with that address a contact of a client, a portal user of it.
func (s Story) Contact(t testing.TB, contact, client, person uuid.UUID, email string) {
	t.Helper()
	s.Do(t, `
		insert into contact (firm_id, id, client_id, person_id, name, email, access, invited_at)
		values (?, ?, ?, ?, 'Ana Hart', ?, 'portal', now())`, s.Firm, contact, client, person, email)
}
