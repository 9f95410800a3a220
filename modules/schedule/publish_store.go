package schedule

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
)

// reasonsOf are the last words about each item that moved since the client was told last.
func reasonsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (map[uuid.UUID]string, error) {
	var rows []struct {
		ItemID uuid.UUID
		Reason string
	}
	err := tx.NewRaw(`
		select distinct on (sh.item_id) sh.item_id, sh.reason
		from schedule.shift sh
		where sh.firm_id = ? and sh.project_id = ? and sh.notice_id is null and sh.reason <> ''
		order by sh.item_id, sh.at desc, sh.id desc`, v.FirmID(), project).Scan(ctx, &rows)
	reasons := make(map[uuid.UUID]string, len(rows))
	for _, row := range rows {
		reasons[row.ItemID] = row.Reason
	}
	return reasons, err
}

func insertNotice(ctx context.Context, tx bun.IDB, v auth.Viewer, n Notice) error {
	_, err := tx.NewRaw(`
		insert into schedule.notice (firm_id, id, project_id, client_id, message, first, told, by_id) values (?, ?, ?, ?, ?, ?, ?, ?)`,
		v.FirmID(), n.ID, n.ProjectID, n.ClientID, n.Message, n.First, n.Told, db.NullID(v.PersonID)).Exec(ctx)
	if err != nil {
		return err
	}
	for _, c := range n.Changes {
		_, err := tx.NewRaw(`
			insert into schedule.change (firm_id, notice_id, item_id, kind, item_kind, position, title, old_title, old_start, old_end, new_start, new_end, reason)
			values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			v.FirmID(), n.ID, c.ItemID, c.Kind, c.ItemKind, c.Position, c.Title, c.OldTitle, c.Was.Start, c.Was.End, c.Now.Start, c.Now.End, c.Reason).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// putShown makes these items what the client sees.
func putShown(ctx context.Context, tx bun.IDB, v auth.Viewer, p Plan, list []Shown) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, len(list))
	phases, kinds, titles, texts, starts, ends, colors, waits, hows := make([]string, len(list)), make([]string, len(list)), make([]string, len(list)), make([]string, len(list)),
		make([]string, len(list)), make([]string, len(list)), make([]string, len(list)), make([]string, len(list)), make([]string, len(list))
	visible, sequences := make([]bool, len(list)), make([]int, len(list))
	for n, s := range list {
		ids[n], kinds[n], titles[n], texts[n], colors[n] = s.ID, string(s.Kind), s.Title, s.ClientText, s.Color
		starts[n], ends[n], visible[n], sequences[n] = s.StartOn.String(), s.EndOn.String(), s.Visible, s.Sequence
		if s.PhaseID != uuid.Nil {
			phases[n] = s.PhaseID.String()
		}
		var after []string
		for _, one := range s.AfterIds {
			after = append(after, one.String())
		}
		waits[n], hows[n] = "{"+strings.Join(after, ",")+"}", "{"+strings.Join(s.AfterKinds, ",")+"}"
	}
	_, err := tx.NewRaw(`
		insert into schedule.shown as s (firm_id, item_id, project_id, client_id, phase_id, kind, position, title, client_text, start_on, end_on, color,
			visible, after_ids, after_kinds, sequence, published_at)
		select ?, n.id, ?, ?, nullif(n.phase, '')::uuid, n.kind, n.position, n.title, n.text, n.a::date, n.b::date, n.color, n.visible, n.waits::uuid[],
			n.how::text[], n.sequence, now()
		from unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bool[], ?::text[], ?::text[], ?::int[])
			with ordinality as n (id, phase, kind, title, text, a, b, color, visible, waits, how, sequence, position)
		on conflict (firm_id, item_id) do update set phase_id = excluded.phase_id, kind = excluded.kind, position = excluded.position,
			title = excluded.title, client_text = excluded.client_text, start_on = excluded.start_on, end_on = excluded.end_on,
			color = excluded.color, visible = excluded.visible, after_ids = excluded.after_ids, after_kinds = excluded.after_kinds, sequence = excluded.sequence,
			published_at = case when s.sequence = excluded.sequence then s.published_at else excluded.published_at end`,
		v.FirmID(), p.ProjectID, p.ClientID,
		pgdialect.Array(ids), pgdialect.Array(phases), pgdialect.Array(kinds), pgdialect.Array(titles), pgdialect.Array(texts), pgdialect.Array(starts),
		pgdialect.Array(ends), pgdialect.Array(colors), pgdialect.Array(visible), pgdialect.Array(waits), pgdialect.Array(hows), pgdialect.Array(sequences)).Exec(ctx)
	return err
}

// sweep removes for good what was deleted since the last publication, and answers what.
func sweep(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) ([]uuid.UUID, error) {
	var gone []uuid.UUID
	err := tx.NewRaw(`
		select i.id from schedule.item i where i.firm_id = ? and i.project_id = ? and i.deleted_at is not null order by i.id`,
		v.FirmID(), project).Scan(ctx, &gone)
	if err != nil {
		return nil, err
	}
	if err := keepHidden(ctx, tx, v, gone); err != nil {
		return nil, err
	}
	return gone, forget(ctx, tx, v, project, gone)
}

// keepHidden marks what was once told of items that are hidden, before they are forgotten with the mark they carry.
func keepHidden(ctx context.Context, tx bun.IDB, v auth.Viewer, gone []uuid.UUID) error {
	_, err := tx.NewRaw(`
		update schedule.change c set hidden = true
		from schedule.item i
		where i.firm_id = ?0 and i.id = any(?1::uuid[]) and not i.client_visible and c.firm_id = ?0 and c.item_id = i.id`,
		v.FirmID(), pgdialect.Array(gone)).Exec(ctx)
	return err
}

// markPublished notes that the client was told of all that moved.
func markPublished(ctx context.Context, tx bun.IDB, v auth.Viewer, project, notice uuid.UUID) error {
	_, err := tx.NewRaw(`
		update schedule.shift set notice_id = ? where firm_id = ? and project_id = ? and notice_id is null`, notice, v.FirmID(), project).Exec(ctx)
	if err != nil {
		return err
	}
	return db.One(tx.NewRaw(`
		update schedule.plan set published_at = greatest(clock_timestamp(), changed_at), online = true, revision = revision + 1
		where firm_id = ? and project_id = ?`, v.FirmID(), project).Exec(ctx))
}

// notices is where every read of publications begins: staff read all, clients those of schedules that they see.
func notices(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("schedule.notice AS n").
		ColumnExpr(`n.id, n.project_id, n.client_id, n.message, n.first, n.told, n.at, pe.name AS by, pr.name AS project_name, pr.key AS project_key`).
		Join("JOIN schedule.plan AS p ON p.firm_id = n.firm_id AND p.project_id = n.project_id").
		Join("JOIN project AS pr ON pr.firm_id = n.firm_id AND pr.id = n.project_id").
		Join("LEFT JOIN person AS pe ON pe.firm_id = n.firm_id AND pe.id = n.by_id").
		Where("n.firm_id = ?", v.FirmID())
	switch v.Side {
	case auth.Office, auth.Program:
		return q
	case auth.Portal:
		return q.
			Where("p.online AND p.viewable").
			Where("n.client_id = ?", v.ClientID).
			Where("n.project_id = any(?::uuid[])", pgdialect.Array(v.ProjectIDs(section)))
	}
	return q.Where("false")
}

// noticesOf are the last publications, with what they changed of what the viewer may still see.
func noticesOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, most int) ([]Notice, error) {
	var list []Notice
	q := notices(tx, v)
	if project != uuid.Nil {
		q = q.Where("n.project_id = ?", project)
	}
	if err := q.Order("n.at DESC", "n.id DESC").Limit(int64(most)).Scan(ctx, &list); err != nil {
		return nil, err
	}
	return list, fillChanges(ctx, tx, v, list)
}

func noticesSeen(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) (seen []uuid.UUID, err error) {
	var list []Notice
	err = notices(tx, v).Where("n.id IN (?)", bun.List(ids)).Scan(ctx, &list)
	for _, n := range list {
		seen = append(seen, n.ID)
	}
	return seen, err
}

func noticeOf(ctx context.Context, tx bun.IDB, v auth.Viewer, notice uuid.UUID) (Notice, error) {
	list := make([]Notice, 1)
	if err := db.Found(notices(tx, v).Where("n.id = ?", notice).Scan(ctx, &list[0])); err != nil {
		return Notice{}, err
	}
	return list[0], fillChanges(ctx, tx, v, list)
}

// fillChanges reads the changes; of what is hidden by now, clients hear nothing.
func fillChanges(ctx context.Context, tx bun.IDB, v auth.Viewer, list []Notice) error {
	if len(list) == 0 {
		return nil
	}
	at := make(map[uuid.UUID]int, len(list))
	var ids []uuid.UUID
	for n, one := range list {
		at[one.ID] = n
		ids = append(ids, one.ID)
	}
	var rows []struct {
		Change
		NoticeID uuid.UUID
	}
	q := tx.NewSelect().
		TableExpr("schedule.change AS c").
		ColumnExpr("c.notice_id, c.item_id, c.kind, c.item_kind, c.position, c.title, c.old_title, c.old_start, c.old_end, c.new_start, c.new_end, c.reason").
		Where("c.firm_id = ?", v.FirmID()).
		Where("c.notice_id = any(?::uuid[])", pgdialect.Array(ids))
	if v.Side == auth.Portal {
		q = q.Where("NOT c.hidden").Where(`NOT EXISTS (
			SELECT FROM schedule.item AS i WHERE i.firm_id = c.firm_id AND i.id = c.item_id AND NOT i.client_visible)`)
	}
	if err := q.Order("c.position", "c.item_id").Scan(ctx, &rows); err != nil {
		return err
	}
	for _, row := range rows {
		row.spans()
		n := at[row.NoticeID]
		list[n].Changes = append(list[n].Changes, row.Change)
	}
	return nil
}

// historyOf is what a client was told of one item, the newest first.
func historyOf(ctx context.Context, tx bun.IDB, v auth.Viewer, item uuid.UUID) ([]itemChange, error) {
	var rows []struct {
		Notice
		Change
	}
	err := notices(tx, v).
		ColumnExpr("c.item_id, c.kind, c.item_kind, c.title, c.old_title, c.old_start, c.old_end, c.new_start, c.new_end, c.reason").
		Join("JOIN schedule.change AS c ON c.firm_id = n.firm_id AND c.notice_id = n.id AND c.item_id = ?", item).
		Join("JOIN schedule.item AS i ON i.firm_id = c.firm_id AND i.id = c.item_id AND i.client_visible").
		Order("n.at DESC").
		Limit(50).
		Scan(ctx, &rows)
	list := make([]itemChange, len(rows))
	for n, row := range rows {
		row.Change.spans()
		list[n] = itemChange{row.Change, row.At}
	}
	return list, err
}
