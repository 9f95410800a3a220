package envelopes

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/search"
)

// account is a client, or one of its projects, as documents name it.
type account struct {
	ID, ClientID     uuid.UUID
	Name, ClientName string
	Currency, Status string
	Archived         bool // the client
	Shared           bool
	Email            string
	Street, City     string
	Region, Postcode string
}

func projectByID(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (account, error) {
	var p account
	err := tx.NewRaw(`
		select pr.id, pr.client_id, pr.name, cl.name as client_name, pr.currency, pr.status, pr.shared, cl.archived_at is not null as archived,
			pr.street, pr.city, pr.region, pr.postcode
		from project pr
		join client cl on cl.firm_id = pr.firm_id and cl.id = pr.client_id
		where pr.firm_id = ? and pr.id = ?`, v.FirmID(), project).Scan(ctx, &p)
	return p, db.Found(err)
}

func clientByID(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) (account, error) {
	var p account
	err := tx.NewRaw(`
		select cl.id, cl.id as client_id, cl.name, cl.name as client_name, fi.currency, cl.archived_at is not null as archived,
			cl.email, cl.street, cl.city, cl.region, cl.postcode
		from client cl
		join firm fi on fi.firm_id = cl.firm_id
		where cl.firm_id = ? and cl.id = ?`, v.FirmID(), client).Scan(ctx, &p)
	return p, db.Found(err)
}

const projectsOffered = 30

// projectChoices are projects to make a document for: of one client, those found by words, else the newest ones.
func projectChoices(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID, words []string) ([]account, error) {
	some := tx.NewSelect().
		TableExpr("project AS p").
		ColumnExpr("p.id, p.client_id, p.name, p.currency, p.status, p.shared, p.created_at").
		Where("p.firm_id = ?", v.FirmID()).
		Where("p.status <> 'archived'").
		OrderExpr("p.created_at DESC, p.id DESC").
		Limit(3 * projectsOffered) // some may be of clients that were put away
	if client != uuid.Nil {
		some = some.Where("p.client_id = ?", client)
	}
	var list []account
	err := tx.NewSelect().
		TableExpr("(?) AS pr", search.Projects(some, v.FirmID(), words)).
		ColumnExpr("pr.id, pr.client_id, pr.name, cl.name AS client_name, pr.currency, pr.status, pr.shared").
		Join("JOIN client cl ON cl.firm_id = ? AND cl.id = pr.client_id AND cl.archived_at IS NULL", v.FirmID()).
		OrderExpr("pr.created_at DESC, pr.id DESC").
		Limit(projectsOffered).
		Scan(ctx, &list)
	return list, err
}

// reader is somebody whom a document can go to.
type reader struct {
	ID              uuid.UUID // contact or person
	Name, Email     string
	Title           string
	Staff, Shut     bool // Shut: a contact without access any more
	Portal, Primary bool
}

// readersOf are the contacts of a client and the firm's staff, who are offered as recipients.
func readersOf(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) ([]reader, error) {
	var list []reader
	err := tx.NewRaw(`
		(select ct.id, ct.name, ct.email, ct.title, false as staff, ct.disabled_at is not null as shut,
			ct.access = 'portal' and ct.accepted_at is not null as portal, ct.is_primary as "primary"
		from contact ct
		where ct.firm_id = ?0 and ct.client_id = ?1 and ct.archived_at is null
		order by ct.is_primary desc, ct.name, ct.id
		limit 100)
		union all
		(select p.id, p.name, p.email, st.title, true, false, true, st.role = 'owner'
		from staff st
		join person p on p.firm_id = st.firm_id and p.id = st.person_id
		where st.firm_id = ?0 and st.disabled_at is null
		order by p.name, p.id
		limit 200)`, v.FirmID(), client).Scan(ctx, &list)
	return list, err
}
