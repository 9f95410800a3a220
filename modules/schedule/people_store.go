package schedule

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/search"
)

// account is a project as a schedule begins with it.
type account struct {
	ID, ClientID     uuid.UUID
	Name, ClientName string
	Status           string
	Shared, Archived bool
	Has              bool // a schedule
}

func projectByID(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (account, error) {
	var p account
	err := tx.NewRaw(`
		select pr.id, pr.client_id, pr.name, cl.name as client_name, pr.status, pr.shared, cl.archived_at is not null as archived,
			exists (select from schedule.plan s where s.firm_id = pr.firm_id and s.project_id = pr.id) as has
		from project pr
		join client cl on cl.firm_id = pr.firm_id and cl.id = pr.client_id
		where pr.firm_id = ? and pr.id = ?`, v.FirmID(), project).Scan(ctx, &p)
	return p, db.Found(err)
}

const projectsOffered = 30

// projectChoices are projects without a schedule: those found by words, else the newest ones.
func projectChoices(ctx context.Context, tx bun.IDB, v auth.Viewer, words []string) ([]account, error) {
	some := tx.NewSelect().
		TableExpr("project AS p").
		ColumnExpr("p.id, p.client_id, p.name, p.status, p.shared, p.created_at").
		Where("p.firm_id = ?", v.FirmID()).
		Where("p.status <> 'archived'").
		Where("NOT EXISTS (SELECT FROM schedule.plan AS s WHERE s.firm_id = ? AND s.project_id = p.id)", v.FirmID()).
		OrderExpr("p.created_at DESC, p.id DESC").
		Limit(3 * projectsOffered) // some may be of clients that were put away
	var list []account
	err := tx.NewSelect().
		TableExpr("(?) AS pr", search.Projects(some, v.FirmID(), words)).
		ColumnExpr("pr.id, pr.client_id, pr.name, cl.name AS client_name, pr.status, pr.shared").
		Join("JOIN client AS cl ON cl.firm_id = ? AND cl.id = pr.client_id AND cl.archived_at IS NULL", v.FirmID()).
		OrderExpr("pr.created_at DESC, pr.id DESC").
		Limit(projectsOffered).
		Scan(ctx, &list)
	return list, err
}

// mate is a member of staff who may be given an item.
type mate struct {
	ID   uuid.UUID
	Name string
	Team bool // works on the project
}

// matesOf are the active staff, those of the project first.
func matesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) ([]mate, error) {
	var list []mate
	err := tx.NewRaw(`
		select p.id, p.name, m.person_id is not null as team
		from staff st
		join person p on p.firm_id = st.firm_id and p.id = st.person_id
		left join project_member m on m.firm_id = st.firm_id and m.person_id = st.person_id and m.project_id = ?
		where st.firm_id = ? and st.disabled_at is null
		order by m.person_id is null, lower(p.name), p.id
		limit 300`, project, v.FirmID()).Scan(ctx, &list)
	return list, err
}

// openWith are the items that somebody has still to do.
func openWith(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID) (n int, err error) {
	err = tx.NewRaw(`
		select count(*) from schedule.item i
		where i.firm_id = ? and i.assignee_id = ? and i.progress < 100 and i.deleted_at is null`, v.FirmID(), person).Scan(ctx, &n)
	return n, err
}

func reassign(ctx context.Context, tx bun.IDB, v auth.Viewer, from, to uuid.UUID) error {
	_, err := tx.NewRaw(`
		update schedule.item set assignee_id = ?, version = version + 1, updated_at = now()
		where firm_id = ? and assignee_id = ? and progress < 100 and deleted_at is null`, to, v.FirmID(), from).Exec(ctx)
	return err
}

// index keeps the words by which an item is found.
func index(ctx context.Context, tx bun.IDB, v auth.Viewer, i Item) error {
	_, err := tx.NewRaw(`
		with gone as (
			delete from schedule.word where firm_id = ?0 and item_id = ?1 and not word = any(?2::text[]))
		insert into schedule.word (firm_id, word, item_id)
		select ?0, w, ?1 from unnest(?2::text[]) as w
		on conflict do nothing`, v.FirmID(), i.ID, pgdialect.Array(search.Words(i.Title, i.ClientTitle))).Exec(ctx)
	return err
}

// hit is an item that a search has found.
type hit struct {
	ID, ProjectID          uuid.UUID
	Title, Project, Client string
	Key                    string
	Kind                   Kind
	Start, End             string
}

// mostHits is how many items of one word are looked at.
const mostHits = 300

// findItems answers a search: staff find by what they call an item, clients by what they read.
func findItems(ctx context.Context, tx bun.IDB, v auth.Viewer, typed string, limit int) ([]hit, error) {
	words := search.Typed(typed)
	if len(words) == 0 {
		return nil, nil
	}
	longest := slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) })
	from, to := search.Beginning(longest)
	if v.Side == auth.Portal {
		return findSeen(ctx, tx, v, words, limit)
	}
	q := tx.NewSelect().
		TableExpr("(SELECT DISTINCT w.item_id FROM schedule.word AS w WHERE w.firm_id = ? AND w.word >= ? AND w.word < ? LIMIT ?) AS h", v.FirmID(), from, to, mostHits).
		ColumnExpr("i.id, i.project_id, i.title, i.kind, i.start_on::text AS start, i.end_on::text AS end, pr.name AS project, cl.name AS client, pr.key").
		Join("JOIN schedule.item AS i ON i.firm_id = ? AND i.id = h.item_id AND i.deleted_at IS NULL", v.FirmID()).
		Join("JOIN project AS pr ON pr.firm_id = i.firm_id AND pr.id = i.project_id AND pr.status <> 'archived'").
		Join("JOIN client AS cl ON cl.firm_id = pr.firm_id AND cl.id = pr.client_id")
	for _, word := range words {
		if word == longest {
			continue
		}
		from, to := search.Beginning(word)
		q = q.Where(`(EXISTS (SELECT FROM schedule.word AS w WHERE w.firm_id = ? AND w.item_id = i.id AND w.word >= ? AND w.word < ?)
			OR EXISTS (SELECT FROM project_word AS w WHERE w.firm_id = ? AND w.project_id = i.project_id AND w.word >= ? AND w.word < ?))`,
			v.FirmID(), from, to, v.FirmID(), from, to)
	}
	var list []hit
	err := q.OrderExpr("i.end_on DESC, i.id").Limit(int64(limit)).Scan(ctx, &list)
	return list, err
}

// findSeen looks through the little that one client sees.
func findSeen(ctx context.Context, tx bun.IDB, v auth.Viewer, words []string, limit int) ([]hit, error) {
	all, err := seenAll(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	var list []hit
	for _, s := range all {
		if len(list) < limit && fits(s.Title, words) {
			list = append(list, hit{
				ID: s.ID, ProjectID: s.ProjectID, Title: s.Title, Project: s.ProjectName, Key: s.ProjectKey, Kind: s.Kind, Start: s.StartOn.String(), End: s.EndOn.String(),
			})
		}
	}
	return list, nil
}
