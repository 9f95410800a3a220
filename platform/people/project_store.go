package people

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/search"
)

// WorkOf lists the projects that a member of staff works on, those under way first; archived ones are history.
func WorkOf(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID) (all []Work, err error) {
	err = tx.NewRaw(`
		select m.project_id, pr.client_id, pr.name as project, cl.name as client, pr.status, m.role, m.visible
		from project_member m
		join project pr on pr.firm_id = m.firm_id and pr.id = m.project_id and pr.status <> 'archived'
		join client cl on cl.firm_id = pr.firm_id and cl.id = pr.client_id
		where m.firm_id = ? and m.person_id = ?
		order by array_position(array['active', 'planned', 'completed'], pr.status), lower(pr.name), pr.id
		limit 1000`, v.FirmID(), person).Scan(ctx, &all)
	if err != nil {
		return nil, fmt.Errorf("work of a member of staff: %w", err)
	}
	return all, nil
}

// WorkFor finds projects that a member of staff is not on, by the beginnings of words.
func WorkFor(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID, typed string, most int64) (found []Work, err error) {
	words := search.Typed(typed)
	if len(words) == 0 {
		return nil, nil
	}
	q := tx.NewSelect().
		TableExpr("project as pr").
		ColumnExpr("pr.id as project_id, pr.client_id, pr.name as project, cl.name as client, pr.status").
		Join("join client cl on cl.firm_id = pr.firm_id and cl.id = pr.client_id").
		Where("pr.firm_id = ?", v.FirmID()).
		Where("pr.status <> 'archived'").
		Where(`not exists (select from project_member m where m.firm_id = pr.firm_id and m.project_id = pr.id and m.person_id = ?)`, person)
	for _, word := range words {
		from, to := search.Beginning(word)
		q = q.Where(`exists (
			select from project_word w
			where w.firm_id = ? and w.project_id = pr.id and w.word >= ? and w.word < ?)`, v.FirmID(), from, to)
	}
	err = q.OrderExpr("pr.status = 'completed', lower(pr.name), pr.id").Limit(most).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("projects to join: %w", err)
	}
	return found, nil
}

// holdProject makes the changes of one team wait for each other.
func holdProject(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (w Work, err error) {
	err = tx.NewRaw(`
		select pr.id as project_id, pr.client_id, pr.name as project, pr.status
		from project pr
		where pr.firm_id = ? and pr.id = ?
		for no key update`, v.FirmID(), project).Scan(ctx, &w)
	return w, db.Found(err)
}

func join(ctx context.Context, tx bun.IDB, v auth.Viewer, person, project uuid.UUID, c Change) (joined bool, err error) {
	err = db.One(tx.NewRaw(`
		insert into project_member (firm_id, project_id, person_id, role, visible, position)
		select st.firm_id, ?, st.person_id, ?, ?,
			(select coalesce(max(m.position), -1) + 1 from project_member m where m.firm_id = st.firm_id and m.project_id = ?)
		from staff st
		where st.firm_id = ? and st.person_id = ? and st.disabled_at is null
		on conflict do nothing`,
		project, c.Role, c.Visible, project, v.FirmID(), person).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("join a project: %w", err)
	}
	return true, nil
}

func keepWork(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID, c Change) error {
	_, err := tx.NewRaw(`
		update project_member set role = ?, visible = ?
		where firm_id = ? and project_id = ? and person_id = ?`, c.Role, c.Visible, v.FirmID(), c.ProjectID, person).Exec(ctx)
	return err
}

func leave(ctx context.Context, tx bun.IDB, v auth.Viewer, person, project uuid.UUID) error {
	_, err := tx.NewRaw(`
		delete from project_member where firm_id = ? and project_id = ? and person_id = ?`, v.FirmID(), project, person).Exec(ctx)
	return err
}

// takeOver copies a membership to another active member of staff; no row when there is no such person.
func takeOver(ctx context.Context, tx bun.IDB, v auth.Viewer, project, from, to uuid.UUID) error {
	var works bool
	err := tx.NewRaw(`
		select true from staff st
		where st.firm_id = ? and st.person_id = ? and st.disabled_at is null
		for share`, v.FirmID(), to).Scan(ctx, &works)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		insert into project_member (firm_id, project_id, person_id, role, visible, contactable, position)
		select m.firm_id, m.project_id, ?, m.role, m.visible, m.contactable, m.position
		from project_member m
		where m.firm_id = ? and m.project_id = ? and m.person_id = ?
		on conflict do nothing`, to, v.FirmID(), project, from).Exec(ctx)
	if err != nil {
		return fmt.Errorf("take a project over: %w", err)
	}
	return nil
}
