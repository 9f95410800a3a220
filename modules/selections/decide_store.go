package selections

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/fact"
	"portico/platform/id"
)

// savePick takes a choice or gives it back, and says so in the selection's state. Of a selection that allows one, the
// one before goes.
func savePick(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection, c Choice, on bool) error {
	_, err := tx.NewRaw(`
		delete from selections.pick
		where firm_id = ? and selection_id = ? and not approved and (choice_id = ? or ?)`, v.FirmID(), s.ID, c.ID, on && !s.Several).Exec(ctx)
	if err != nil {
		return err
	}
	if on {
		err := db.One(tx.NewRaw(`
			insert into selections.pick (firm_id, choice_id, client_id, selection_id, alone) values (?, ?, ?, ?, ?)`,
			v.FirmID(), c.ID, s.ClientID, s.ID, !s.Several).Exec(ctx))
		if err != nil {
			return err
		}
	}
	return db.One(tx.NewRaw(`
		update selections.selection s
		set state = case when exists (select from selections.pick p where p.firm_id = s.firm_id and p.selection_id = s.id) then 'selected' else 'released' end,
			version = version + 1, changed_at = now()
		where s.firm_id = ? and s.id = ? and s.state in ('released', 'selected')`, v.FirmID(), s.ID).Exec(ctx))
}

// approvePicks locks what is chosen at its price.
func approvePicks(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection) error {
	return db.One(tx.NewRaw(`
		update selections.pick p set approved = true, price = c.price, at = now()
		from selections.choice c
		where p.firm_id = ? and p.selection_id = ? and c.firm_id = p.firm_id and c.id = p.choice_id`, v.FirmID(), s.ID).Exec(ctx))
}

func dropPicks(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection) error {
	_, err := tx.NewRaw(`delete from selections.pick where firm_id = ? and selection_id = ?`, v.FirmID(), s.ID).Exec(ctx)
	return err
}

// setState moves a selection on; the caller holds it, and has asked whether it may.
func setState(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection, to State, now time.Time) error {
	return db.One(tx.NewRaw(`
		update selections.selection
		set state = ?0,
			released_at = case when ?0 = 'draft' then null else coalesce(released_at, ?1) end,
			decided_at = case when ?0 in ('approved', 'skipped', 'declined') then ?1::timestamptz end,
			ordered_on = case when ?0 = 'approved' then ordered_on end, order_notes = case when ?0 = 'approved' then order_notes else '' end,
			reminders = 0, version = version + 1, changed_at = ?1
		where firm_id = ?2 and id = ?3`, to, now, v.FirmID(), s.ID).Exec(ctx))
}

// standing is what has been approved of the selection's account, and whether nothing of it is open any more.
func standing(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection) (approved int64, decided bool, err error) {
	var row struct {
		Approved int64
		Open     int
	}
	err = tx.NewRaw(`
		select coalesce(sum(p.price) filter (where p.approved), 0)::bigint as approved,
			count(distinct s.id) filter (where s.kind = 'selection' and s.state in ('draft', 'released', 'selected')) as open
		from selections.selection s
		left join selections.pick p on p.firm_id = s.firm_id and p.selection_id = s.id
		where s.firm_id = ?0 and (s.id = ?1 and ?2::uuid is null or s.allowance_id = ?2::uuid)`, v.FirmID(), s.ID, db.NullID(s.AllowanceID)).Scan(ctx, &row)
	return row.Approved, row.Open == 0, err
}

// liveEffects are the changes that count of the selection's account.
func liveEffects(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection) ([]effect, error) {
	var list []effect
	err := tx.NewRaw(`
		select e.id, e.selection_id, e.amount, s.state in ('approved', 'skipped', 'declined') as stands
		from selections.change e
		join selections.selection s on s.firm_id = e.firm_id and s.id = e.selection_id
		where e.firm_id = ?0 and e.voided_at is null
			and (e.allowance_id is not distinct from ?2::uuid and (e.selection_id = ?1 or ?2::uuid is not null))
		order by e.id`, v.FirmID(), s.ID, db.NullID(s.AllowanceID)).Scan(ctx, &list)
	return list, err
}

func voidEffects(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.NewRaw(`update selections.change set voided_at = ? where firm_id = ? and id = any(?::uuid[])`, now, v.FirmID(), pgdialect.Array(ids)).Exec(ctx)
	return err
}

func addEffect(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection, b fact.Billable, on day.Day) error {
	_, err := tx.NewRaw(`
		insert into selections.change (firm_id, id, client_id, project_id, selection_id, allowance_id, text, amount, on_day)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.FirmID(), b.ID, s.ClientID, s.ProjectID, s.ID, db.NullID(s.AllowanceID), b.Text, b.Price, on).Exec(ctx)
	return err
}

// Effect is a change to the contract, as pages show it.
type Effect struct {
	ID       uuid.UUID
	Text     string
	Amount   int64
	OnDay    day.Day
	Voided   bool
	Invoiced bool
}

// effectsOf are the changes that a selection has made, the oldest first.
func effectsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection) ([]Effect, error) {
	var list []Effect
	err := tx.NewRaw(`
		select e.id, e.text, e.amount, e.on_day, e.voided_at is not null as voided, e.invoice_id is not null as invoiced
		from selections.change e
		where e.firm_id = ? and e.selection_id = ? and e.client_id = ?
		order by e.created_at, e.id
		limit 100`, v.FirmID(), s.ID, s.ClientID).Scan(ctx, &list)
	return list, err
}

// snapshot is a choice as it was when something was decided.
type snapshot struct {
	ID    uuid.UUID `json:"id"`
	Title string    `json:"title"`
	Price *int64    `json:"price"`
}

func addDecision(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection, d decision) error {
	picks := []snapshot{}
	for _, c := range d.picks {
		picks = append(picks, snapshot{c.ID, c.Title, c.Price})
	}
	body, err := json.Marshal(picks)
	if err != nil {
		return err
	}
	var allowance *int64
	if d.account.Has {
		allowance = &d.account.Allowance
	}
	_, err = tx.NewRaw(`
		insert into selections.decision (firm_id, id, client_id, selection_id, act, choices, allowance, used, difference, actor_id, actor_name, by_client,
			behalf, way, signature, reason, note, ip, at)
		values (?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce(?, now()))`,
		v.FirmID(), id.New(), s.ClientID, s.ID, d.act, string(body), allowance, d.account.Approved, d.difference, db.NullID(v.PersonID), v.Name,
		v.Side == auth.Portal, d.Name, d.Way, d.Signature, d.Reason, d.Note, v.From.IP, bun.NullTime{Time: d.at}).Exec(ctx)
	return err
}

// Decided is a decision, as pages show it. IP and Note are never read for clients.
type Decided struct {
	Act        string
	Choices    []snapshot `bun:"type:jsonb"`
	Allowance  *int64
	Difference int64
	ActorName  string
	ByClient   bool
	Behalf     string
	Way        string
	Signature  string
	Reason     string
	Note, IP   string
	At         time.Time
}

// decisionsOf are what was decided about a selection that the viewer was found to see, the newest first. Clients read
// what closed or opened it, not each step before.
func decisionsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection) ([]Decided, error) {
	q := tx.NewSelect().
		TableExpr("selections.decision AS d").
		ColumnExpr("d.act, d.choices, d.allowance, d.difference, d.actor_name, d.by_client, d.behalf, d.way, d.signature, d.reason, d.at").
		Where("d.firm_id = ?", v.FirmID()).
		Where("d.client_id = ?", s.ClientID).
		Where("d.selection_id = ?", s.ID).
		OrderExpr("d.at DESC, d.id DESC").
		Limit(200)
	if v.Side == auth.Portal {
		q = q.Where("d.act NOT IN ('chosen', 'withdrawn', 'unordered')")
	} else {
		q = q.ColumnExpr("d.note, d.ip")
	}
	var list []Decided
	err := q.Scan(ctx, &list)
	return list, err
}

// Request is a client's wish to change what is decided.
type Request struct {
	ID           uuid.UUID
	SelectionID  uuid.UUID
	Reason       string
	State        string
	Answer, Name string
	CreatedAt    time.Time
}

func requestsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection) ([]Request, error) {
	var list []Request
	err := tx.NewRaw(`
		select q.id, q.selection_id, q.reason, q.state, q.answer, q.name, q.created_at
		from selections.request q
		where q.firm_id = ? and q.selection_id = ? and q.client_id = ?
		order by q.created_at desc, q.id desc
		limit 50`, v.FirmID(), s.ID, s.ClientID).Scan(ctx, &list)
	return list, err
}

// addRequest keeps a wish; one that waits already stays as it is.
func addRequest(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection, reason string) (added bool, err error) {
	result, err := tx.NewRaw(`
		insert into selections.request (firm_id, id, client_id, selection_id, reason, person_id, name) values (?, ?, ?, ?, ?, ?, ?)
		on conflict (firm_id, selection_id) where state = 'open' do nothing`,
		v.FirmID(), id.New(), s.ClientID, s.ID, reason, v.PersonID, v.Name).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

func grantRequest(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection, now time.Time) error {
	_, err := tx.NewRaw(`
		update selections.request set state = 'granted', answered_at = ?
		where firm_id = ? and selection_id = ? and state = 'open'`, now, v.FirmID(), s.ID).Exec(ctx)
	return err
}

func refuseRequest(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection, answer string, now time.Time) error {
	return moved(db.One(tx.NewRaw(`
		update selections.request set state = 'refused', answer = ?, answered_at = ?
		where firm_id = ? and selection_id = ? and state = 'open'`, answer, now, v.FirmID(), s.ID).Exec(ctx)))
}

// setOrdered notes that it was ordered, or that it was not.
func setOrdered(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection, on day.Day, notes string) error {
	return moved(db.One(tx.NewRaw(`
		update selections.selection set ordered_on = ?, order_notes = ?, version = version + 1, changed_at = now()
		where firm_id = ? and id = ? and state = 'approved'`, on, notes, v.FirmID(), s.ID).Exec(ctx)))
}
