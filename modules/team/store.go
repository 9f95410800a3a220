package team

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
)

// visible are the memberships that a client may see, of the projects in view: nobody who is hidden, nobody who has left.
func visible(ctx context.Context, tx bun.IDB, v auth.Viewer) (found []membership, err error) {
	ids := v.ProjectIDs(section)
	if len(ids) == 0 {
		return nil, nil
	}
	err = tx.NewRaw(`
		select m.person_id, f.id as photo_id, n.name, s.title, n.email, s.phone, s.show_photo, s.show_email, s.show_phone,
			p.name as project, m.role, m.contactable, exists (
				select from project_member o
				where o.firm_id = m.firm_id and o.person_id = m.person_id and o.role = s.title) as title_is_role
		from project_member m
		join project p on p.firm_id = m.firm_id and p.id = m.project_id
		join staff s on s.firm_id = m.firm_id and s.person_id = m.person_id
		join person n on n.firm_id = m.firm_id and n.id = m.person_id
		left join file f on f.firm_id = n.firm_id and f.id = n.photo_id and f.state = 'ready' and f.deleted_at is null
		where m.firm_id = ? and p.client_id = ? and p.id in (?) and p.shared and m.visible and s.disabled_at is null
		order by array_position(array['active', 'planned', 'completed'], p.status), p.starts_on nulls last, p.sort_name, p.id,
			m.position, n.name, n.id`,
		v.FirmID(), v.ClientID, bun.List(ids)).Scan(ctx, &found)
	return found, err
}

// project is whose team it is.
type project struct {
	ID, ClientID     uuid.UUID
	Name, ClientName string
	Shared           bool
}

func findProject(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (p project, err error) {
	err = tx.NewRaw(`
		select p.id, p.client_id, p.name, c.name as client_name, p.shared
		from project p
		join client c on c.firm_id = p.firm_id and c.id = p.client_id
		where p.firm_id = ? and p.id = ?`, v.FirmID(), id).Scan(ctx, &p)
	return p, db.Found(err)
}

// hold makes the changes of one team wait for each other.
func hold(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) error {
	var held int
	err := tx.NewRaw("select 1 from project p where p.firm_id = ? and p.id = ? for no key update", v.FirmID(), id).Scan(ctx, &held)
	return db.Found(err)
}

// members are all of a team, in the order in which clients see them.
func members(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (found []member, err error) {
	err = tx.NewRaw(`
		select m.person_id, n.name, s.title, n.photo_id, m.role, m.visible, m.contactable,
			s.show_email or (s.show_phone and s.phone <> '') as reachable, s.disabled_at is not null as disabled
		from project_member m
		join staff s on s.firm_id = m.firm_id and s.person_id = m.person_id
		join person n on n.firm_id = m.firm_id and n.id = m.person_id
		where m.firm_id = ? and m.project_id = ?
		order by m.position, n.name, n.id`, v.FirmID(), project).Scan(ctx, &found)
	return found, err
}

// colleague is a member of staff who is not on the team.
type colleague struct {
	ID          uuid.UUID
	Name, Title string
}

func colleagues(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (found []colleague, err error) {
	err = tx.NewRaw(`
		select n.id, n.name, s.title
		from staff s
		join person n on n.firm_id = s.firm_id and n.id = s.person_id
		where s.firm_id = ? and s.disabled_at is null and not exists (
			select from project_member m where m.firm_id = s.firm_id and m.project_id = ? and m.person_id = s.person_id)
		order by n.name, n.id
		limit 1000`, v.FirmID(), project).Scan(ctx, &found)
	return found, err
}

// join puts a colleague at the end of a team.
func join(ctx context.Context, tx bun.IDB, v auth.Viewer, p project, f addForm) (name string, err error) {
	if err := hold(ctx, tx, v, p.ID); err != nil {
		return "", err
	}
	err = tx.NewRaw(`
		select n.name from staff s
		join person n on n.firm_id = s.firm_id and n.id = s.person_id
		where s.firm_id = ? and s.person_id = ? and s.disabled_at is null`, v.FirmID(), f.Person).Scan(ctx, &name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fault.Field("person", "Choose somebody who works here.")
	}
	if err != nil {
		return "", err
	}
	done, err := tx.NewRaw(`
		insert into project_member (firm_id, project_id, person_id, role, visible, contactable, position)
		select ?, ?, ?, ?, ?, ?, coalesce(max(m.position), -1) + 1 from project_member m where m.firm_id = ? and m.project_id = ?
		on conflict do nothing`,
		v.FirmID(), p.ID, f.Person, f.Role, f.Visible, f.Contactable, v.FirmID(), p.ID).Exec(ctx)
	if err != nil {
		return name, fmt.Errorf("join the team: %w", err)
	}
	if n, _ := done.RowsAffected(); n == 0 {
		return name, fault.Field("person", name+" is on the team already.")
	}
	return name, nil
}

// keep writes a team as it is arranged.
func keep(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, all []member, gone *member) error {
	if gone != nil {
		_, err := tx.NewRaw("delete from project_member where firm_id = ? and project_id = ? and person_id = ?",
			v.FirmID(), project, gone.PersonID).Exec(ctx)
		if err != nil {
			return fmt.Errorf("leave the team: %w", err)
		}
	}
	for i, m := range all {
		err := db.One(tx.NewRaw(`
			update project_member set role = ?, visible = ?, contactable = ?, position = ?
			where firm_id = ? and project_id = ? and person_id = ?`,
			m.Role, m.Visible, m.Contactable, i, v.FirmID(), project, m.PersonID).Exec(ctx))
		if err != nil {
			return fmt.Errorf("keep the team: %w", err)
		}
	}
	return nil
}

// colleagueByID is one member of staff.
func colleagueByID(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID) (c colleague, err error) {
	err = tx.NewRaw(`
		select n.id, n.name, s.title
		from staff s
		join person n on n.firm_id = s.firm_id and n.id = s.person_id
		where s.firm_id = ? and s.person_id = ?`, v.FirmID(), person).Scan(ctx, &c)
	return c, db.Found(err)
}
