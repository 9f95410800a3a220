package selections

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/db/paging"
	"portico/platform/fault"
)

// reach narrows a query over selections.selection AS s to what the viewer sees: staff and jobs all of their firm, a
// contact what was released in the projects in view.
func reach(v auth.Viewer) schema.QueryAppender {
	switch {
	case v.Side == auth.Office, v.Side == auth.Program:
		return bun.Safe("true")
	case v.Side != auth.Portal || !v.May(see):
		return bun.Safe("false")
	}
	return bun.SafeQuery("s.client_id = ? AND s.project_id = ANY(?::uuid[]) AND s.state <> 'draft'", v.ClientID, pgdialect.Array(v.ProjectIDs("selections")))
}

// selections is where every read begins: no viewer, no rows; and for clients, no columns that are staff's.
func selections(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("selections.selection AS s").
		ColumnExpr("s.id, s.client_id, s.project_id, s.category_id, s.room_id, s.allowance_id, s.kind, s.title, s.specification, s.instructions").
		ColumnExpr("s.due_on, s.required, s.several, s.may_decline, s.may_propose, s.open_ended, s.state, s.released_at, s.decided_at").
		ColumnExpr("s.ordered_on, s.version, s.created_at, s.changed_at").
		ColumnExpr("cl.name AS client_name, pr.name AS project_name, pr.key AS project_key, pr.currency").
		ColumnExpr("coalesce(ca.title, '') AS category, coalesce(ca.position, 1000000) AS category_position").
		ColumnExpr("coalesce(ro.title, '') AS room, coalesce(ro.position, 1000000) AS room_position").
		ColumnExpr("coalesce(bk.opens, 'nothing') AS opens").
		ColumnExpr("EXISTS (SELECT FROM selections.request rq WHERE rq.firm_id = s.firm_id AND rq.selection_id = s.id AND rq.state = 'open') AS asked").
		Join("JOIN client AS cl ON cl.firm_id = s.firm_id AND cl.id = s.client_id").
		Join("JOIN project AS pr ON pr.firm_id = s.firm_id AND pr.id = s.project_id").
		Join("LEFT JOIN selections.heading AS ca ON ca.firm_id = s.firm_id AND ca.id = s.category_id").
		Join("LEFT JOIN selections.heading AS ro ON ro.firm_id = s.firm_id AND ro.id = s.room_id").
		Join("LEFT JOIN selections.book AS bk ON bk.firm_id = s.firm_id AND bk.project_id = s.project_id").
		Where("s.firm_id = ?", v.FirmID()).
		Where("?", reach(v))
	if v.Side == auth.Portal {
		return q
	}
	return q.
		ColumnExpr("s.trade_info, s.notes, s.item_id, s.item_title, s.item_offset, s.order_notes").
		ColumnExpr("(SELECT count(*) FROM selections.choice c WHERE c.firm_id = s.firm_id AND c.selection_id = s.id) AS offered").
		ColumnExpr("(SELECT count(*) FROM selections.choice c WHERE c.firm_id = s.firm_id AND c.selection_id = s.id AND c.price IS NULL) AS to_price")
}

// ofProjects are the selections of some projects with all that belongs to them, in the order of their headings.
func ofProjects(ctx context.Context, tx bun.IDB, v auth.Viewer, projects []uuid.UUID) ([]Selection, error) {
	if len(projects) == 0 {
		return nil, nil
	}
	var list []Selection
	err := selections(tx, v).
		Where("s.project_id = ANY(?::uuid[])", pgdialect.Array(projects)).
		OrderExpr("s.project_id, ca.position NULLS LAST, ca.id, s.due_on NULLS LAST, lower(s.title), s.id").
		Limit(4*mostOf).
		Scan(ctx, &list)
	if err != nil {
		return nil, err
	}
	return list, fill(ctx, tx, v, list)
}

// byIDs are those of the selections that the viewer may see, with all that belongs to them, in the order of the ids.
func byIDs(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) ([]Selection, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var list []Selection
	if err := selections(tx, v).Where("s.id = ANY(?::uuid[])", pgdialect.Array(ids)).Scan(ctx, &list); err != nil {
		return nil, err
	}
	list = paging.Arrange(list, ids, func(s Selection) uuid.UUID { return s.ID })
	return list, fill(ctx, tx, v, list)
}

func byID(ctx context.Context, tx bun.IDB, v auth.Viewer, one uuid.UUID) (Selection, error) {
	list, err := byIDs(ctx, tx, v, []uuid.UUID{one})
	if err == nil && len(list) == 0 {
		err = fault.NotFound()
	}
	if err != nil {
		return Selection{}, err
	}
	return list[0], nil
}

// hold finds one and keeps others from changing it, and its allowance, until the transaction ends: every decision
// begins here. Selections are held before allowances, always.
func hold(ctx context.Context, tx bun.IDB, v auth.Viewer, one uuid.UUID) (Selection, error) {
	var allowance uuid.NullUUID
	err := tx.NewRaw(`select allowance_id from selections.selection where firm_id = ? and id = ? for update`, v.FirmID(), one).Scan(ctx, &allowance)
	if err != nil {
		return Selection{}, db.Found(err)
	}
	if allowance.Valid {
		_, err := tx.NewRaw(`select from selections.allowance where firm_id = ? and id = ? for update`, v.FirmID(), allowance.UUID).Exec(ctx)
		if err != nil {
			return Selection{}, err
		}
	}
	return byID(ctx, tx, v, one)
}

// fill adds allowances, choices and files in one statement each, however many selections there are.
func fill(ctx context.Context, tx bun.IDB, v auth.Viewer, list []Selection) error {
	if len(list) == 0 {
		return nil
	}
	ids, at := make([]uuid.UUID, len(list)), make(map[uuid.UUID]int, len(list))
	var pools []uuid.UUID
	for n, s := range list {
		ids[n], at[s.ID] = s.ID, n
		if s.AllowanceID != uuid.Nil {
			pools = append(pools, s.AllowanceID)
		}
	}
	allowances, err := allowancesByID(ctx, tx, v, pools)
	if err != nil {
		return err
	}
	choices, err := choicesOf(ctx, tx, v, ids)
	if err != nil {
		return err
	}
	all, err := filesOf(ctx, tx, v, ids)
	if err != nil {
		return err
	}
	byChoice := map[uuid.UUID][]File{}
	for _, f := range all {
		if f.ChoiceID != uuid.Nil {
			byChoice[f.ChoiceID] = append(byChoice[f.ChoiceID], f)
		} else {
			list[at[f.SelectionID]].Files = append(list[at[f.SelectionID]].Files, f)
		}
	}
	for _, c := range choices {
		s := &list[at[c.SelectionID]]
		c.Currency, c.Files = s.Currency, byChoice[c.ID]
		s.Choices = append(s.Choices, c)
	}
	for n := range list {
		if a, there := allowances[list[n].AllowanceID]; there {
			a.Currency = list[n].Currency
			list[n].Allowance = a
		}
	}
	return nil
}

// choicesOf are the choices of selections that the viewer was found to see. Clients get cost and markup only where the
// firm has opened its book, and never where they bought.
func choicesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, of []uuid.UUID) ([]Choice, error) {
	q := tx.NewSelect().
		TableExpr("selections.choice AS c").
		ColumnExpr("c.id, c.selection_id, c.title, c.text, c.link, c.by_client, c.version").
		ColumnExpr("p.choice_id IS NOT NULL AS picked, coalesce(p.approved, false) AS approved").
		ColumnExpr("CASE WHEN p.approved THEN p.price ELSE c.price END AS price").
		Join("LEFT JOIN selections.pick AS p ON p.firm_id = c.firm_id AND p.choice_id = c.id").
		Where("c.firm_id = ?", v.FirmID()).
		Where("c.selection_id = ANY(?::uuid[])", pgdialect.Array(of)).
		OrderExpr("c.position, c.id")
	if v.Side == auth.Portal {
		q = q.
			ColumnExpr("CASE WHEN bk.opens = 'all' OR bk.opens = 'chosen' AND p.choice_id IS NOT NULL THEN c.cost END AS cost").
			ColumnExpr("CASE WHEN bk.opens = 'all' OR bk.opens = 'chosen' AND p.choice_id IS NOT NULL THEN c.markup END AS markup").
			Join("JOIN selections.selection AS s ON s.firm_id = c.firm_id AND s.id = c.selection_id").
			Join("LEFT JOIN selections.book AS bk ON bk.firm_id = s.firm_id AND bk.project_id = s.project_id").
			Where("?", reach(v))
	} else {
		q = q.ColumnExpr("c.cost, c.markup, c.vendor")
	}
	var list []Choice
	err := q.Scan(ctx, &list)
	return list, err
}

// filesOf are the files of selections that the viewer was found to see; proofs of what was said to staff are staff's.
func filesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, of []uuid.UUID) ([]File, error) {
	q := tx.NewSelect().
		TableExpr("selections.file AS f").
		ColumnExpr("f.id, f.selection_id, f.choice_id, f.file_id, f.kind, f.by_client, f.created_by").
		ColumnExpr("fi.name, fi.media, fi.state, fi.width, fi.height").
		ColumnExpr("CASE WHEN f.by_client THEN coalesce(who.name, '') ELSE '' END AS author").
		Join("JOIN public.file AS fi ON fi.firm_id = f.firm_id AND fi.id = f.file_id").
		Join("LEFT JOIN person AS who ON who.firm_id = f.firm_id AND who.id = f.created_by").
		Where("f.firm_id = ?", v.FirmID()).
		Where("f.selection_id = ANY(?::uuid[])", pgdialect.Array(of)).
		OrderExpr("f.position, f.id")
	if v.Side == auth.Portal {
		q = q.Where("f.kind <> 'evidence'")
	}
	var list []File
	err := q.Scan(ctx, &list)
	return list, err
}

// pools is where reads of allowances begin: with what became of them. Drafts count as open: they will draw on it, too.
func pools(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("selections.allowance AS a").
		ColumnExpr("a.id, a.project_id, a.title, a.amount, a.shared, a.version").
		ColumnExpr("coalesce(sum(p.price) FILTER (WHERE p.approved), 0)::bigint AS approved").
		ColumnExpr("coalesce(sum(c.price) FILTER (WHERE NOT p.approved), 0)::bigint AS chosen").
		ColumnExpr("count(DISTINCT s.id) FILTER (WHERE s.kind = 'selection') AS uses").
		ColumnExpr(`(SELECT coalesce(sum(e.amount), 0)::bigint FROM selections.change e
			WHERE e.firm_id = a.firm_id AND e.allowance_id = a.id AND e.voided_at IS NULL) AS told`).
		ColumnExpr(`(SELECT count(*) FROM selections.change e
			WHERE e.firm_id = a.firm_id AND e.allowance_id = a.id AND e.voided_at IS NULL) AS live`).
		ColumnExpr("count(DISTINCT s.id) FILTER (WHERE s.kind = 'selection' AND s.state IN ('draft', 'released', 'selected')) AS open").
		Join("LEFT JOIN selections.selection AS s ON s.firm_id = a.firm_id AND s.allowance_id = a.id").
		Join("LEFT JOIN selections.pick AS p ON p.firm_id = s.firm_id AND p.selection_id = s.id").
		Join("LEFT JOIN selections.choice AS c ON c.firm_id = p.firm_id AND c.id = p.choice_id").
		Where("a.firm_id = ?", v.FirmID()).
		GroupExpr("a.firm_id, a.id")
	switch v.Side {
	case auth.Office, auth.Program:
		return q.ColumnExpr("a.notes")
	case auth.Portal:
		return q.Where("a.client_id = ?", v.ClientID)
	}
	return q.Where("false")
}

func allowancesByID(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) (map[uuid.UUID]Allowance, error) {
	byID := map[uuid.UUID]Allowance{}
	if len(ids) == 0 {
		return byID, nil
	}
	var list []Allowance
	err := pools(tx, v).Where("a.id = ANY(?::uuid[])", pgdialect.Array(ids)).Scan(ctx, &list)
	for _, a := range list {
		byID[a.ID] = a
	}
	return byID, err
}

// allowancesOf are all of a project.
func allowancesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, p project) ([]Allowance, error) {
	var list []Allowance
	err := pools(tx, v).Where("a.project_id = ?", p.ID).OrderExpr("a.shared DESC, lower(a.title), a.id").Limit(mostOf).Scan(ctx, &list)
	for n := range list {
		list[n].Currency = p.Currency
	}
	return list, err
}

// Heading is a category or a room.
type Heading struct {
	ID       uuid.UUID
	Kind     string
	Title    string
	Position int
	Uses     int
}

// headingsOf are the categories and rooms of a project, in their order; for staff.
func headingsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) ([]Heading, error) {
	var list []Heading
	err := tx.NewRaw(`
		select h.id, h.kind, h.title, h.position, (
			select count(*) from selections.selection s
			where s.firm_id = h.firm_id and (s.category_id = h.id or s.room_id = h.id)) as uses
		from selections.heading h
		where h.firm_id = ? and h.project_id = ?
		order by h.kind, h.position, h.id
		limit 400`, v.FirmID(), project).Scan(ctx, &list)
	return list, err
}

// project is one as selections name it.
type project struct {
	ID, ClientID     uuid.UUID
	Name, ClientName string
	Key, Currency    string
	Status           string
	StartsOn         day.Day
	Archived, Shared bool
	Opens            string
}

func projectByID(ctx context.Context, tx bun.IDB, v auth.Viewer, one uuid.UUID) (project, error) {
	var p project
	err := tx.NewRaw(`
		select pr.id, pr.client_id, pr.name, cl.name as client_name, pr.key, pr.currency, pr.status, pr.starts_on, pr.shared,
			pr.status = 'archived' or cl.archived_at is not null as archived, coalesce(b.opens, 'nothing') as opens
		from project pr
		join client cl on cl.firm_id = pr.firm_id and cl.id = pr.client_id
		left join selections.book b on b.firm_id = pr.firm_id and b.project_id = pr.id
		where pr.firm_id = ? and pr.id = ?`, v.FirmID(), one).Scan(ctx, &p)
	return p, db.Found(err)
}

// guard is asked before any picture or file is given to anybody. Clients get pictures under the name of what they show,
// so that the name of a file says nothing.
func guard(ctx context.Context, tx bun.IDB, v auth.Viewer, file uuid.UUID) (name string, err error) {
	q := tx.NewSelect().
		TableExpr("selections.file AS f").
		Join("JOIN selections.selection AS s ON s.firm_id = f.firm_id AND s.id = f.selection_id").
		Join("JOIN public.file AS fi ON fi.firm_id = f.firm_id AND fi.id = f.file_id").
		Join("LEFT JOIN selections.choice AS c ON c.firm_id = f.firm_id AND c.id = f.choice_id").
		Where("f.firm_id = ?", v.FirmID()).
		Where("f.file_id = ?", file).
		Where("?", reach(v)).
		Limit(1)
	if v.Side == auth.Portal {
		q = q.ColumnExpr("CASE WHEN f.kind = 'picture' THEN coalesce(c.title, s.title) ELSE fi.name END").Where("f.kind <> 'evidence'")
	} else {
		q = q.ColumnExpr("fi.name")
	}
	err = q.Scan(ctx, &name)
	return name, db.Found(err)
}

// moved is for writes that count only if nobody was quicker.
func moved(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Conflict("Somebody has changed this meanwhile. What you typed is still here: look at the page again, then save.")
	}
	return err
}
