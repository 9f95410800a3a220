package setup

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/search"
)

// meant are the clients that a picking means, as a condition on client cl. Archived ones are none of them.
func (p picking) meant(v auth.Viewer) schema.QueryAppender {
	if !p.All {
		return bun.SafeQuery("cl.archived_at is null and cl.id = any(?::uuid[])", pgdialect.Array(p.IDs))
	}
	parts, args := []string{"cl.archived_at is null"}, []any(nil)
	if p.Kind != "" {
		parts, args = append(parts, "cl.kind = ?"), append(args, p.Kind)
	}
	if p.Portal != "" {
		parts, args = append(parts, "cl.portal_on = ?"), append(args, p.Portal == "on")
	}
	typed := search.Typed(p.Query)
	if p.Query != "" && len(typed) == 0 { // only signs were typed: they match nothing
		parts = append(parts, "false")
	}
	for _, word := range typed {
		from, to := search.Beginning(word)
		parts = append(parts, "cl.id in (select w.client_id from client_word w where w.firm_id = ? and w.word >= ? and w.word < ?)")
		args = append(args, v.FirmID(), from, to)
	}
	return bun.SafeQuery(strings.Join(parts, " and "), args...)
}

// countMeant counts them, up to most.
func countMeant(ctx context.Context, tx bun.IDB, v auth.Viewer, p picking, most int) (n int, err error) {
	if !p.All || p.Query != "" {
		err = tx.NewRaw(`
			select count(*) from (
				select from client cl where cl.firm_id = ? and ? limit ?
			) found`, v.FirmID(), p.meant(v), most).Scan(ctx, &n)
		return n, err
	}
	var parts []string
	var args []any
	for _, s := range p.stretches() {
		parts = append(parts, `
			(select cl.id from client cl
			where cl.firm_id = ? and cl.archived_at is null and cl.portal_on = ? and cl.kind = ?
			order by cl.sort_name -- which keeps it in the index
			limit ?)`)
		args = append(args, v.FirmID(), s.portal, s.kind, most)
	}
	args = append(args, most)
	err = tx.NewRaw("select count(*) from (select id from ("+strings.Join(parts, " union all ")+") found limit ?) found", args...).Scan(ctx, &n)
	return n, err
}

// stretch is a piece of the index that lists clients, with an order of its own.
type stretch struct {
	kind   string
	portal bool
}

// stretches are those that together are the list, without a search.
func (p picking) stretches() []stretch {
	var all []stretch
	for _, kind := range []string{"company", "household"} {
		for _, portal := range []string{"off", "on"} {
			if (p.Kind == "" || p.Kind == kind) && (p.Portal == "" || p.Portal == portal) {
				all = append(all, stretch{kind, portal == "on"})
			}
		}
	}
	return all
}

// pickRow is a client that can be ticked.
type pickRow struct {
	ID        uuid.UUID
	Name      string
	Kind      string
	PortalOn  bool
	UploadsOn bool
	SortName  string
}

// pickable lists clients to tick, by name, from a place on. With a search it looks at the first matches of it only.
func pickable(ctx context.Context, tx bun.IDB, v auth.Viewer, p picking, after pickRow, limit int) (rows []pickRow, err error) {
	p.All = true
	if p.Query != "" {
		err = tx.NewRaw(`
			with found as materialized (
				select cl.id, cl.name, cl.kind, cl.portal_on, cl.uploads_on, cl.sort_name
				from client cl
				where cl.firm_id = ? and ?
				limit 1000
			)
			select * from found cl
			where (cl.sort_name, cl.id) > (?, ?)
			order by cl.sort_name, cl.id
			limit ?`, v.FirmID(), p.meant(v), after.SortName, after.ID, limit).Scan(ctx, &rows)
		return rows, err
	}
	var parts []string
	var args []any
	for _, s := range p.stretches() {
		parts = append(parts, `
			(select cl.id, cl.name, cl.kind, cl.portal_on, cl.uploads_on, cl.sort_name
			from client cl
			where cl.firm_id = ? and cl.archived_at is null and cl.portal_on = ? and cl.kind = ? and (cl.sort_name, cl.id) > (?, ?)
			order by cl.sort_name, cl.id
			limit ?)`)
		args = append(args, v.FirmID(), s.portal, s.kind, after.SortName, after.ID, limit)
	}
	args = append(args, limit)
	err = tx.NewRaw("select * from ("+strings.Join(parts, " union all ")+") found order by sort_name, id limit ?", args...).Scan(ctx, &rows)
	return rows, err
}
