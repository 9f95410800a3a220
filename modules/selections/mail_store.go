package selections

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
)

// who is somebody that a mail goes to.
type who struct {
	ID                  uuid.UUID
	Name, Email, Locale string
}

func contactByID(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) (who, error) {
	var w who
	err := tx.NewRaw(`
		select p.id, ct.name, case when ct.bounced_at is null then p.email else '' end as email, p.locale
		from contact ct
		join person p on p.firm_id = ct.firm_id and p.id = ct.person_id
		where ct.firm_id = ? and ct.id = ?`, v.FirmID(), contact).Scan(ctx, &w)
	return w, found(err)
}

func staffByID(ctx context.Context, tx bun.IDB, v auth.Viewer, person uuid.UUID) (who, error) {
	var w who
	err := tx.NewRaw(`
		select p.id, p.name, p.email, p.locale
		from staff s
		join person p on p.firm_id = s.firm_id and p.id = s.person_id
		where s.firm_id = ? and s.person_id = ? and s.disabled_at is null`, v.FirmID(), person).Scan(ctx, &w)
	return w, found(err)
}

// contactsOf are a client's contacts, for whom staff may approve what they said.
func contactsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) ([]who, error) {
	var list []who
	err := tx.NewRaw(`
		select ct.id, ct.name from contact ct
		where ct.firm_id = ? and ct.client_id = ? and ct.archived_at is null
		order by ct.is_primary desc, ct.created_at, ct.id
		limit 200`, v.FirmID(), client).Scan(ctx, &list)
	return list, err
}

// teamOf are those who hear of a selection: the project's team, or, where there is none, the owners and admins.
func teamOf(ctx context.Context, tx bun.IDB, v auth.Viewer, selection uuid.UUID) (people []uuid.UUID, err error) {
	err = tx.NewRaw(`
		with team as (
			select m.person_id
			from selections.selection s
			join project_member m on m.firm_id = s.firm_id and m.project_id = s.project_id
			join staff st on st.firm_id = m.firm_id and st.person_id = m.person_id and st.disabled_at is null
			where s.firm_id = ?0 and s.id = ?1)
		select t.person_id from team t
		union
		select s.person_id from staff s
		where s.firm_id = ?0 and s.disabled_at is null and s.role in ('owner', 'admin') and not exists (select from team)
		order by 1
		limit 50`, v.FirmID(), selection).Scan(ctx, &people)
	return people, err
}

// takeReminders claims the selections whose clients are to be reminded now: each one once before its deadline, and once
// when it has passed by less than a fortnight.
func takeReminders(ctx context.Context, tx bun.IDB, v auth.Viewer, today day.Day, days int) ([]Selection, error) {
	var list []Selection
	err := tx.NewRaw(`
		update selections.selection s set reminders = case when s.due_on < ?1 then 2 else 1 end
		where s.firm_id = ?0 and s.state in ('released', 'selected') and s.kind = 'selection'
			and (s.due_on between ?1 and ?2 and s.reminders < 1 or s.due_on < ?1 and s.due_on > ?3 and s.reminders < 2)
		returning s.id, s.client_id, s.project_id, s.title`, v.FirmID(), today, today.Add(days), today.Add(-14)).Scan(ctx, &list)
	return list, err
}
