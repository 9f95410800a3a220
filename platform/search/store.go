package search

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// Index writes the words by which clients and their projects are found; without ids, of the whole firm. Whoever writes
// a name, an address, a phone number of a client, contact or project calls it in the same transaction, after the write.
//
// It holds the clients' rows: two writers of one client take turns, and the second one sees what the first one wrote.
func Index(ctx context.Context, tx bun.IDB, firm uuid.UUID, clients ...uuid.UUID) error {
	some := len(clients) > 0
	var rows []struct {
		ID                 uuid.UUID
		Name, Email, Phone string
	}
	err := tx.NewRaw(`
		select c.id, c.name, c.email, c.phone from client c
		where c.firm_id = ? and (not ? or c.id = any(?::uuid[]))
		order by c.id
		for no key update`, firm, some, pgdialect.Array(clients)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("words of clients: %w", err)
	}
	found := make(map[uuid.UUID]*entry, len(rows))
	for _, row := range rows {
		e := &entry{words: Words(row.Name, row.Email), name: row.Name}
		e.add(Phone(row.Phone))
		found[row.ID] = e
	}
	if err := addContacts(ctx, tx, firm, some, clients, found); err != nil {
		return err
	}
	if err := put(ctx, tx, "client_word", "client_id", firm, some, clients, found); err != nil {
		return err
	}
	return indexProjects(ctx, tx, firm, some, clients, found)
}

// IndexContact is Index for the client of a contact.
func IndexContact(ctx context.Context, tx bun.IDB, firm, contact uuid.UUID) error {
	return indexFrom(ctx, tx, firm, "id", contact)
}

// IndexPerson is Index for all clients of which the person is a contact.
func IndexPerson(ctx context.Context, tx bun.IDB, firm, person uuid.UUID) error {
	return indexFrom(ctx, tx, firm, "person_id", person)
}

func indexFrom(ctx context.Context, tx bun.IDB, firm uuid.UUID, column string, id uuid.UUID) error {
	var clients []uuid.UUID
	err := tx.NewRaw("select distinct ct.client_id from contact ct where ct.firm_id = ? and ct.? = ?", firm, bun.Ident(column), id).Scan(ctx, &clients)
	if err != nil || len(clients) == 0 {
		return err
	}
	return Index(ctx, tx, firm, clients...)
}

type entry struct {
	words []string
	name  string
}

func (e *entry) add(words []string) {
	for _, w := range words {
		e.words = addWord(e.words, w)
	}
}

// addContacts leaves out archived ones: nobody looks for a client by somebody who was put away.
func addContacts(ctx context.Context, tx bun.IDB, firm uuid.UUID, some bool, clients []uuid.UUID, found map[uuid.UUID]*entry) error {
	var rows []struct {
		ClientID           uuid.UUID
		Name, Email, Phone string
	}
	err := tx.NewRaw(`
		select ct.client_id, ct.name, ct.email, ct.phone from contact ct
		where ct.firm_id = ? and (not ? or ct.client_id = any(?::uuid[])) and ct.archived_at is null`,
		firm, some, pgdialect.Array(clients)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("words of contacts: %w", err)
	}
	for _, row := range rows {
		if e := found[row.ClientID]; e != nil {
			e.add(Words(row.Name, row.Email))
			e.add(Phone(row.Phone))
		}
	}
	return nil
}

// indexProjects finds a project by its own words and by its client's name.
func indexProjects(ctx context.Context, tx bun.IDB, firm uuid.UUID, some bool, clients []uuid.UUID, found map[uuid.UUID]*entry) error {
	var rows []struct {
		ID, ClientID            uuid.UUID
		Name, Key, Street, City string
	}
	err := tx.NewRaw(`
		select p.id, p.client_id, p.name, p.key, p.street, p.city from project p
		where p.firm_id = ? and (not ? or p.client_id = any(?::uuid[]))`,
		firm, some, pgdialect.Array(clients)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("words of projects: %w", err)
	}
	projects := make(map[uuid.UUID]*entry, len(rows))
	ids := make([]uuid.UUID, 0, len(rows))
	for _, row := range rows {
		e := &entry{words: Words(row.Name, row.Key, row.Street, row.City)}
		if client := found[row.ClientID]; client != nil {
			e.add(Words(client.name))
		}
		projects[row.ID] = e
		ids = append(ids, row.ID)
	}
	return put(ctx, tx, "project_word", "project_id", firm, some, ids, projects)
}

const rowsAtOnce = 5000

// put replaces the words of the things that were looked at. A table and its column are names of ours.
func put(ctx context.Context, tx bun.IDB, table, column string, firm uuid.UUID, some bool, ids []uuid.UUID, entries map[uuid.UUID]*entry) error {
	_, err := tx.NewRaw("delete from ? where firm_id = ? and (not ? or ? = any(?::uuid[]))",
		bun.Ident(table), firm, some, bun.Ident(column), pgdialect.Array(ids)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	var words []string
	var of []uuid.UUID
	flush := func() error {
		if len(words) == 0 {
			return nil
		}
		_, err := tx.NewRaw(`
			insert into ? (firm_id, word, ?)
			select ?, w.word, w.id from unnest(?::text[], ?::uuid[]) as w (word, id)`,
			bun.Ident(table), bun.Ident(column), firm, pgdialect.Array(words), pgdialect.Array(of)).Exec(ctx)
		words, of = words[:0], of[:0]
		if err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
		return nil
	}
	for id, e := range entries {
		for _, word := range e.words {
			words, of = append(words, word), append(of, id)
		}
		if len(words) >= rowsAtOnce {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// Projects narrows a query of project AS p to those that are found by all the words: by name, place or client.
func Projects(q *bun.SelectQuery, firm uuid.UUID, words []string) *bun.SelectQuery {
	for n, word := range words {
		from, to := Beginning(word)
		if n == 0 {
			q = q.Where(`p.id IN (
				SELECT w.project_id FROM project_word w
				WHERE w.firm_id = ? AND w.word >= ? AND w.word < ?
				LIMIT 1000)`, firm, from, to)
			continue
		}
		q = q.Where("EXISTS (SELECT FROM project_word w WHERE w.firm_id = ? AND w.project_id = p.id AND w.word >= ? AND w.word < ?)", firm, from, to)
	}
	return q
}

// Known are those of the words that begin a word of the table, which is a module's own and has firm_id and word.
func Known(ctx context.Context, tx bun.IDB, firm uuid.UUID, table string, words []string) ([]string, error) {
	ends := make([]string, len(words))
	for i, word := range words {
		_, ends[i] = Beginning(word)
	}
	var known []string
	err := tx.NewRaw(`
		select typed.word from unnest(?::text[], ?::text[]) as typed (word, ending)
		where exists (select from ? w where w.firm_id = ? and w.word >= typed.word and w.word < typed.ending)`,
		pgdialect.Array(words), pgdialect.Array(ends), bun.Ident(table), firm).Scan(ctx, &known)
	if err != nil {
		return nil, fmt.Errorf("known words of %s: %w", table, err)
	}
	return known, nil
}
