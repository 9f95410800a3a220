package outbox

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/db"
)

// State is how far a promise is.
type State string

const (
	Waiting   State = "waiting"   // for its time, or for its next try
	Working   State = "working"   // rung: in the queue or running
	Failed    State = "failed"    // given up; a person may run it again or dismiss it
	Done      State = "done"      // kept
	Dismissed State = "dismissed" // given up, and a person said that this is all right
)

// stateOf is a row's state in SQL.
const stateOf = `case
	when o.dead_at is not null and o.done_at is not null then 'dismissed'
	when o.done_at is not null then 'done'
	when o.dead_at is not null then 'failed'
	when o.dispatches > 0 then 'working'
	else 'waiting' end`

// Row is a promise as the office sees it.
type Row struct {
	ID        uuid.UUID
	Kind      string
	State     State
	CreatedAt time.Time
	NextAt    time.Time // of a waiting one: when it is tried
	Tries     int
	LastError string
	EndedAt   time.Time // done, failed or dismissed; zero while open
}

// Counts are a firm's promises by state; Done counts the last day's.
type Counts struct{ Waiting, Working, Failed, Done int }

// Count counts a firm's promises.
func Count(ctx context.Context, tx bun.IDB, firm uuid.UUID) (Counts, error) {
	var c Counts
	err := tx.NewRaw(`
		select
			(select count(*) from outbox o where o.firm_id = ?0 and o.dispatches = 0 and o.done_at is null and o.dead_at is null) as waiting,
			(select count(*) from outbox o where o.firm_id = ?0 and o.dispatches > 0 and o.done_at is null and o.dead_at is null) as working,
			(select count(*) from outbox o where o.firm_id = ?0 and o.dead_at is not null and o.done_at is null) as failed,
			(select count(*) from outbox o where o.firm_id = ?0 and o.dead_at is null and o.done_at > now() - interval '1 day') as done`,
		firm).Scan(ctx, &c)
	return c, err
}

// Filter narrows a List.
type Filter struct {
	State  State     // "": all
	Before time.Time // of CreatedAt, for the next page; zero: from the newest
	Limit  int       // 0: 50
}

// List shows a firm's promises, the newest first.
func List(ctx context.Context, tx bun.IDB, firm uuid.UUID, f Filter) ([]Row, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	q := tx.NewSelect().
		TableExpr("outbox AS o").
		ColumnExpr("o.id, o.kind, o.created_at, o.next_at, o.tries, o.last_error").
		ColumnExpr(stateOf+" AS state").
		ColumnExpr("coalesce(o.done_at, o.dead_at) AS ended_at").
		Where("o.firm_id = ?", firm)
	switch f.State {
	case Waiting:
		q = q.Where("o.done_at IS NULL AND o.dead_at IS NULL AND o.dispatches = 0")
	case Working:
		q = q.Where("o.done_at IS NULL AND o.dead_at IS NULL AND o.dispatches > 0")
	case Failed:
		q = q.Where("o.dead_at IS NOT NULL AND o.done_at IS NULL")
	case Done:
		q = q.Where("o.done_at IS NOT NULL AND o.dead_at IS NULL")
	case Dismissed:
		q = q.Where("o.done_at IS NOT NULL AND o.dead_at IS NOT NULL")
	}
	if !f.Before.IsZero() {
		q = q.Where("o.created_at < ?", f.Before.UTC())
	}
	rows := []Row{}
	err := q.OrderExpr("o.created_at DESC, o.id DESC").Limit(int64(f.Limit)).Scan(ctx, &rows)
	return rows, err
}

// RunAgain gives a failed promise all its tries back, or runs a waiting one now; sql.ErrNoRows when it is neither.
func RunAgain(ctx context.Context, tx bun.IDB, firm, id uuid.UUID) error {
	err := db.One(tx.NewRaw(`
		update outbox set dead_at = null, tries = 0, dispatches = 0, next_at = now()
		where firm_id = ? and id = ? and done_at is null and (dead_at is not null or dispatches = 0)`, firm, id).Exec(ctx))
	if err == nil {
		db.AfterCommit(ctx, ring)
	}
	return err
}

// Dismiss takes a failed promise off the list without keeping it; sql.ErrNoRows when it has not failed.
func Dismiss(ctx context.Context, tx bun.IDB, firm, id uuid.UUID) error {
	return db.One(tx.NewRaw(`
		update outbox set done_at = now()
		where firm_id = ? and id = ? and done_at is null and dead_at is not null`, firm, id).Exec(ctx))
}
