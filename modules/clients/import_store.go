package clients

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/people"
)

// known is a client that is there.
type known = people.Named

func contactsAmong(ctx context.Context, tx bun.Tx, v auth.Viewer, clients []uuid.UUID) (of map[uuid.UUID][]Contact, err error) {
	of = map[uuid.UUID][]Contact{}
	if len(clients) == 0 {
		return of, nil
	}
	var rows []Contact
	err = tx.NewRaw(contacts(v, "and ct.client_id = any(?::uuid[]) and ct.archived_at is null"), v.FirmID(), pgdialect.Array(clients)).Scan(ctx, &rows)
	for _, c := range rows {
		of[c.ClientID] = append(of[c.ClientID], c)
	}
	return of, err
}

func projectsAmong(ctx context.Context, tx bun.Tx, v auth.Viewer, clients []uuid.UUID) (of map[uuid.UUID][]Project, err error) {
	of = map[uuid.UUID][]Project{}
	if len(clients) == 0 {
		return of, nil
	}
	var rows []Project
	err = tx.NewRaw(projects(v, "and pr.client_id = any(?::uuid[])"), v.FirmID(), pgdialect.Array(clients)).Scan(ctx, &rows)
	for _, p := range rows {
		of[p.ClientID] = append(of[p.ClientID], p)
	}
	return of, err
}

// keysAmong are those of the wanted short names that some project has.
func keysAmong(ctx context.Context, tx bun.Tx, v auth.Viewer, records []*module.Record) (map[string]bool, error) {
	var wanted []string
	for _, r := range records {
		if key := r.State.(*undertaking).Key; key != "" {
			wanted = append(wanted, key)
		}
	}
	return takenKeys(ctx, tx, v, wanted)
}

func takenKeys(ctx context.Context, tx bun.Tx, v auth.Viewer, wanted []string) (map[string]bool, error) {
	taken := map[string]bool{}
	if len(wanted) == 0 {
		return taken, nil
	}
	var keys []string
	err := tx.NewRaw("select p.key from project p where p.firm_id = ? and p.key = any(?::text[])", v.FirmID(), pgdialect.Array(wanted)).Scan(ctx, &keys)
	for _, key := range keys {
		taken[key] = true
	}
	return taken, err
}

// keysTried are the numbers behind a suggested short name; beyond them a piece of an id makes it free.
const keysTried = 20

// keysFor gives each new project of a batch a short name that nobody has.
func keysFor(ctx context.Context, tx bun.Tx, v auth.Viewer, records []*module.Record) (func(key, name string) string, error) {
	var wanted []string
	for _, r := range records {
		u := r.State.(*undertaking)
		if r.Existing != uuid.Nil {
			continue
		}
		if u.Key != "" {
			wanted = append(wanted, u.Key)
			continue
		}
		key := keyFrom(u.Name)
		wanted = append(wanted, key)
		for n := 2; n <= keysTried; n++ {
			wanted = append(wanted, keyNext(key, n))
		}
	}
	taken, err := takenKeys(ctx, tx, v, wanted)
	return func(key, name string) string {
		if key == "" {
			key = keyFrom(name)
		}
		free := key
		for n := 2; taken[free]; n++ {
			if free = keyNext(key, n); n > keysTried {
				free = key + "-" + strings.ReplaceAll(id.New().String(), "-", "")[20:]
				break
			}
		}
		taken[free] = true
		return free
	}, err
}

// The rows of an import, as they are written: many in one statement.
type (
	clientInsert struct {
		bun.BaseModel `bun:"table:client,alias:c"`

		FirmID, ID                              uuid.UUID
		Name, Kind                              string
		Email, Phone                            string
		Street, City, Region, Postcode, Country string
		Notes                                   string
	}
	contactInsert struct {
		bun.BaseModel `bun:"table:contact,alias:ct"`

		FirmID, ID, ClientID             uuid.UUID
		Name, Title, Email, Phone, Notes string
		IsPrimary                        bool
		Rights                           []string `bun:",array"`
	}
	projectInsert struct {
		bun.BaseModel `bun:"table:project,alias:pr"`

		FirmID, ID, ClientID                    uuid.UUID
		Key, Name                               string
		Street, City, Region, Postcode, Country string
		Status, Summary, NextSteps, Notes       string
		StartsOn, EndsOn                        day.Day
		Currency                                string
		Shared                                  bool
	}
)

func insertBrought(ctx context.Context, tx bun.Tx, v auth.Viewer, b *brought) error {
	var clients []clientInsert
	for _, c := range b.clients {
		clients = append(clients, clientInsert{FirmID: v.FirmID(), ID: c.ID, Name: c.Name, Kind: c.Kind, Email: c.Email, Phone: c.Phone,
			Street: c.Street, City: c.City, Region: c.Region, Postcode: c.Postcode, Country: c.Country, Notes: c.Notes})
	}
	var contacts []contactInsert
	for _, c := range b.contacts {
		contacts = append(contacts, contactInsert{FirmID: v.FirmID(), ID: c.ID, ClientID: c.ClientID, Name: c.Name, Title: c.Title, Email: c.Email,
			Phone: c.Phone, Notes: c.Notes, IsPrimary: c.IsPrimary, Rights: rightNames(c)})
	}
	var projects []projectInsert
	for _, p := range b.projects {
		projects = append(projects, projectInsert{FirmID: v.FirmID(), ID: p.ID, ClientID: p.ClientID, Key: p.Key, Name: p.Name, Street: p.Street, City: p.City,
			Region: p.Region, Postcode: p.Postcode, Country: p.Country, Status: p.Status, Summary: p.Summary, NextSteps: p.NextSteps, Notes: p.Notes,
			StartsOn: p.StartsOn, EndsOn: p.EndsOn, Currency: p.Currency, Shared: p.Shared})
	}
	if len(clients) > 0 {
		if _, err := tx.NewInsert().Model(&clients).Exec(ctx); err != nil {
			return fmt.Errorf("import clients: %w", err)
		}
	}
	if len(contacts) > 0 {
		if _, err := tx.NewInsert().Model(&contacts).Exec(ctx); err != nil {
			return fmt.Errorf("import contacts: %w", err)
		}
	}
	if len(projects) > 0 {
		if _, err := tx.NewInsert().Model(&projects).Exec(ctx); err != nil {
			return fmt.Errorf("import projects: %w", err)
		}
	}
	return nil
}

// Of each kind of thing: those that nobody has changed or used since they came.
const (
	removeClients = `
		delete from client c using unnest(?::uuid[], ?::integer[]) as t (id, version)
		where c.firm_id = ? and c.id = t.id and c.version = t.version and c.archived_at is null and not c.portal_on
		returning c.id`
	removeContacts = `
		delete from contact ct using unnest(?::uuid[], ?::integer[]) as t (id, version)
		where ct.firm_id = ? and ct.id = t.id and ct.version = t.version and ct.person_id is null and ct.invited_at is null
			and not exists (select from contact_project cp where cp.firm_id = ct.firm_id and cp.contact_id = ct.id)
		returning ct.id`
	removeProjects = `
		delete from project p using unnest(?::uuid[], ?::integer[]) as t (id, version)
		where p.firm_id = ? and p.id = t.id and p.version = t.version
			and not exists (select from project_member m where m.firm_id = p.firm_id and m.project_id = p.id)
			and not exists (select from contact_project cp where cp.firm_id = p.firm_id and cp.project_id = p.id)
		returning p.id`
)

// removeUnused removes what nobody has changed or used since it came. What other sections have written about one of the
// things is found by their references: the statement fails, is taken back alone, and tried again with the halves.
func removeUnused(ctx context.Context, tx bun.Tx, v auth.Viewer, what string, traces []module.Trace, gone map[uuid.UUID]bool) error {
	if len(traces) == 0 {
		return nil
	}
	ids, versions := make([]uuid.UUID, len(traces)), make([]int, len(traces))
	for i, t := range traces {
		ids[i], versions[i] = t.ID, t.Version
	}
	statement := removeClients
	switch what {
	case "contact":
		statement = removeContacts
	case "project":
		statement = removeProjects
	}
	apart, err := tx.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	var removed []uuid.UUID
	err = apart.NewRaw(statement, pgdialect.Array(ids), pgdialect.Array(versions), v.FirmID()).Scan(ctx, &removed)
	if err == nil {
		for _, id := range removed {
			gone[id] = true
		}
		return apart.Commit()
	}
	if again := apart.Rollback(); again != nil {
		return again
	}
	if err := ignoreReferenced(err); err != nil {
		return fmt.Errorf("undo %s: %w", what, err)
	}
	if len(traces) == 1 {
		return nil
	}
	if err := removeUnused(ctx, tx, v, what, traces[:len(traces)/2], gone); err != nil {
		return err
	}
	return removeUnused(ctx, tx, v, what, traces[len(traces)/2:], gone)
}

// holdClients keeps the clients of a batch from being changed by others meanwhile, in one order for all.
func holdClients(ctx context.Context, tx bun.Tx, v auth.Viewer, ids []uuid.UUID) error {
	_, err := tx.NewRaw("select c.id from client c where c.firm_id = ? and c.id = any(?::uuid[]) order by c.id for no key update", v.FirmID(), pgdialect.Array(ids)).Exec(ctx)
	return err
}

// exportRows streams rows of a table by the order of ids: for exports.
func exportRows[T any](ctx context.Context, tx bun.Tx, page func(last uuid.UUID) ([]T, error), each func(T) (uuid.UUID, error)) error {
	last := uuid.Nil
	for {
		rows, err := page(last)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			if last, err = each(row); err != nil {
				return err
			}
		}
	}
}

func clientsPage(ctx context.Context, tx bun.Tx, v auth.Viewer, client, last uuid.UUID) (rows []Client, err error) {
	err = tx.NewRaw(clients(v, "and (? or c.id = ?) and c.id > ? order by c.id limit 1000"), v.FirmID(), client == uuid.Nil, client, last).Scan(ctx, &rows)
	return rows, err
}

type contactOfClient struct {
	ID                                            uuid.UUID
	Name, Title, Email, Phone, Notes, ClientName  string
	IsPrimary                                     bool
	Access                                        string
	InvitedAt, AcceptedAt, DisabledAt, ArchivedAt time.Time
}

func contactsPage(ctx context.Context, tx bun.Tx, v auth.Viewer, client, last uuid.UUID) (rows []contactOfClient, err error) {
	err = tx.NewRaw(`
		select ct.id, ct.name, ct.title, ct.email, ct.phone, ct.notes, ct.is_primary, ct.access, ct.invited_at, ct.accepted_at, ct.disabled_at, ct.archived_at,
			c.name as client_name
		from contact ct
		join client c on c.firm_id = ct.firm_id and c.id = ct.client_id
		where ct.firm_id = ? and (? or ct.client_id = ?) and ct.id > ?
		order by ct.id
		limit 1000`, v.FirmID(), client == uuid.Nil, client, last).Scan(ctx, &rows)
	return rows, err
}

func projectsPage(ctx context.Context, tx bun.Tx, v auth.Viewer, client, last uuid.UUID) (rows []Project, err error) {
	err = tx.NewRaw(projects(v, "and (? or pr.client_id = ?) and pr.id > ? order by pr.id limit 1000"), v.FirmID(), client == uuid.Nil, client, last).Scan(ctx, &rows)
	return rows, err
}
