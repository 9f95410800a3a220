package dailylogs

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// who is somebody that a mail goes to.
type who struct {
	ID          uuid.UUID
	Name, Email string
}

func staffByID(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID) (who, error) {
	var w who
	err := tx.NewRaw(`
		select p.id, p.name, p.email
		from staff s
		join person p on p.firm_id = s.firm_id and p.id = s.person_id
		where s.firm_id = ? and s.person_id = ? and s.disabled_at is null`, v.FirmID(), person).Scan(ctx, &w)
	return w, found(err)
}

func contactByID(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) (who, error) {
	var w who
	err := tx.NewRaw(`
		select p.id, ct.name, case when ct.bounced_at is null then p.email else '' end as email
		from contact ct
		join person p on p.firm_id = ct.firm_id and p.id = ct.person_id
		where ct.firm_id = ? and ct.id = ?`, v.FirmID(), contact).Scan(ctx, &w)
	return w, found(err)
}

// teamOf are those who hear what a client says about a log: its author and the project's team, or, where nobody is left,
// owners and admins.
func teamOf(ctx context.Context, tx bun.IDB, v auth.Viewer, log uuid.UUID) (people []uuid.UUID, err error) {
	err = tx.NewRaw(`
		with team as (
			select s.person_id
			from dailylogs.log l
			join staff s on s.firm_id = l.firm_id and s.disabled_at is null and (s.person_id = l.author_id or exists (
				select from project_member m
				where m.firm_id = l.firm_id and m.project_id = l.project_id and m.person_id = s.person_id))
			where l.firm_id = ?0 and l.id = ?1)
		select t.person_id from team t
		union
		select s.person_id from staff s
		where s.firm_id = ?0 and s.disabled_at is null and s.role in ('owner', 'admin') and not exists (select from team)
		order by 1
		limit 50`, v.FirmID(), log).Scan(ctx, &people)
	return people, err
}

func clientName(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) (name string, err error) {
	err = tx.NewRaw(`select c.name from client c where c.firm_id = ? and c.id = ?`, v.FirmID(), client).Scan(ctx, &name)
	return name, found(err)
}
