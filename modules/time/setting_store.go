package time

import (
	"context"
	"database/sql"
	"errors"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/id"
)

func settingOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (Setting, error) {
	s := defaults
	err := tx.NewRaw(`
		select s.round_to, s.round_up, s.sunday_first, s.leads_approve, s.show_people, s.show_rate, s.markup, s.time_tax, s.expense_tax, s.version
		from time.setting s
		where s.firm_id = ?`, v.FirmID()).Scan(ctx, &s)
	if errors.Is(err, sql.ErrNoRows) {
		return defaults, nil
	}
	return s, err
}

// saveSetting writes it if nobody else has since.
func saveSetting(ctx context.Context, tx bun.IDB, v auth.Viewer, s Setting) error {
	err := db.One(tx.NewRaw(`
		insert into time.setting as s (firm_id, round_to, round_up, sunday_first, leads_approve, show_people, show_rate, markup, time_tax, expense_tax)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		on conflict (firm_id) do update
		set round_to = excluded.round_to, round_up = excluded.round_up, sunday_first = excluded.sunday_first, leads_approve = excluded.leads_approve,
			show_people = excluded.show_people, show_rate = excluded.show_rate, markup = excluded.markup, time_tax = excluded.time_tax, expense_tax = excluded.expense_tax,
			version = s.version + 1, updated_at = now()
		where s.version = ?`,
		v.FirmID(), s.RoundTo, s.RoundUp, s.SundayFirst, s.LeadsApprove, s.ShowPeople, s.ShowRate, s.Markup, s.TimeTax, s.ExpenseTax, s.Version).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errMoved
	}
	return err
}

// rates are the office's alone.
func rates(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("time.rate AS r").
		ColumnExpr("r.id, r.person_id, r.project_id, r.price, r.currency, coalesce(p.name, '') AS person, coalesce(pr.name, '') AS project").
		Join("LEFT JOIN person AS p ON p.firm_id = r.firm_id AND p.id = r.person_id").
		Join("LEFT JOIN project AS pr ON pr.firm_id = r.firm_id AND pr.id = r.project_id").
		Where("r.firm_id = ?", v.FirmID())
	if !forAll(v) {
		q = q.Where("false")
	}
	return q
}

// mostRates is more than a page should show; projects have their own page.
const mostRates = 500

func listRates(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) ([]Rate, error) {
	q := rates(tx, v).
		OrderExpr("r.project_id IS NOT NULL, lower(coalesce(pr.name, '')), r.person_id IS NOT NULL, lower(coalesce(p.name, '')), r.id").
		Limit(mostRates)
	if project != uuid.Nil {
		q = q.Where("r.project_id = ?", project)
	}
	var list []Rate
	err := q.Scan(ctx, &list)
	return list, err
}

func rateByID(ctx context.Context, tx bun.IDB, v auth.Viewer, id uuid.UUID) (Rate, error) {
	var r Rate
	err := rates(tx, v).Where("r.id = ?", id).Scan(ctx, &r)
	return r, db.Found(err)
}

// putRate says what an hour costs from now on.
func putRate(ctx context.Context, tx bun.IDB, v auth.Viewer, r Rate) error {
	_, err := tx.NewRaw(`
		insert into time.rate as r (firm_id, id, person_id, project_id, price, currency)
		values (?, ?, ?, ?, ?, ?)
		on conflict (firm_id, project_id, person_id) do update set price = excluded.price, currency = excluded.currency, updated_at = now()`,
		v.FirmID(), id.New(), db.NullID(r.PersonID), db.NullID(r.ProjectID), r.Price, r.Currency).Exec(ctx)
	return err
}

func dropRate(ctx context.Context, tx bun.IDB, v auth.Viewer, rate uuid.UUID) error {
	return db.Found(db.One(tx.NewRaw("delete from time.rate where firm_id = ? and id = ?", v.FirmID(), rate).Exec(ctx)))
}

func termsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (Terms, error) {
	t := Terms{ProjectID: project}
	err := tx.NewRaw(`
		select t.project_id, t.client_id, coalesce(t.agreed_minutes, 0) as agreed_minutes, t.lead_id, coalesce(p.name, '') as lead, t.version
		from time.terms t
		left join person p on p.firm_id = t.firm_id and p.id = t.lead_id
		where t.firm_id = ? and t.project_id = ?`, v.FirmID(), project).Scan(ctx, &t)
	if errors.Is(err, sql.ErrNoRows) {
		return Terms{ProjectID: project}, nil
	}
	return t, err
}

func saveTerms(ctx context.Context, tx bun.IDB, v auth.Viewer, t Terms) error {
	err := db.One(tx.NewRaw(`
		insert into time.terms as t (firm_id, project_id, client_id, agreed_minutes, lead_id)
		values (?, ?, ?, nullif(?, 0), ?)
		on conflict (firm_id, project_id) do update
		set agreed_minutes = excluded.agreed_minutes, lead_id = excluded.lead_id, version = t.version + 1, updated_at = now()
		where t.version = ?`, v.FirmID(), t.ProjectID, t.ClientID, t.AgreedMinutes, db.NullID(t.LeadID), t.Version).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errMoved
	}
	return err
}

// passLeads gives the projects that somebody leads to somebody else; to nobody it counts them.
func passLeads(ctx context.Context, tx bun.IDB, v auth.Viewer, from, to uuid.UUID) (n int, err error) {
	if to == uuid.Nil {
		err = tx.NewRaw("select count(*) from time.terms t where t.firm_id = ? and t.lead_id = ?", v.FirmID(), from).Scan(ctx, &n)
		return n, err
	}
	done, err := tx.NewRaw(`
		update time.terms set lead_id = ?, version = version + 1, updated_at = now()
		where firm_id = ? and lead_id = ?`, to, v.FirmID(), from).Exec(ctx)
	if err != nil {
		return 0, err
	}
	rows, err := done.RowsAffected()
	return int(rows), err
}
