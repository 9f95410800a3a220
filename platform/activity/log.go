package activity

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/db"
	"portico/platform/job"
	"portico/platform/live"
	"portico/platform/secret"
)

// Topic rings when a check has ended.
const Topic = "activity"

// VerifyNow is a check that somebody asked for.
var VerifyNow = job.New[struct{}]("activity:verify_now")

// Log seals and checks the logs of all firms.
type Log struct {
	Pool, Ops *bun.DB
	Key       secret.Key
	Bell      *live.Bell
	Log       *slog.Logger
}

// Handlers are the checks: each night, and when an owner asks.
func (l *Log) Handlers() []job.Handler {
	return []job.Handler{
		job.Every("41 3 * * *", "activity:verify", l.verify).Within(15 * time.Minute),
		VerifyNow.Handle(func(ctx context.Context, tx bun.Tx, firm uuid.UUID, _ struct{}) error {
			return l.verify(ctx, tx, firm)
		}).Within(15 * time.Minute),
	}
}

// verify checks one firm's log and writes down what it found. What waits is sealed first, so that the check says
// something of all that there is.
func (l *Log) verify(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	for after, more := uuid.Nil, true; more; more = after != uuid.Nil {
		var err error
		if after, err = SealSome(ctx, tx, l.Key, firm, after); err != nil {
			return err
		}
	}
	r, err := Verify(ctx, tx, l.Key, firm)
	if err != nil {
		return err
	}
	if !r.Sound() {
		l.Log.Error("activity log is broken: run portico check", "firm", firm, "troubles", int64(len(r.Troubles))+r.More)
	}
	if l.Bell != nil {
		l.Bell.Publish(ctx, firm, Topic)
	}
	return keep(ctx, tx, r)
}

// sealEvery is how often somebody looks for entries without seals: the window in which a removal would not show.
const sealEvery = 2 * time.Second

// Seal seals what waits, until ctx ends. Any number of workers may do so at once.
func (l *Log) Seal(ctx context.Context) {
	beat := time.NewTicker(sealEvery)
	defer beat.Stop()
	for broken := false; ; {
		err := l.SealAll(ctx)
		if err != nil && ctx.Err() == nil && !broken {
			l.Log.Warn("activity waits for its seals", "err", err)
		}
		broken = err != nil
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		}
	}
}

// SealAll seals all that waits now, each firm's in transactions of their own.
func (l *Log) SealAll(ctx context.Context) error {
	firms, err := Unsealed(ctx, l.Ops)
	if err != nil {
		return err
	}
	for _, firm := range firms {
		for after, more := uuid.Nil, true; more; more = after != uuid.Nil {
			err = db.InTx(ctx, l.Pool, firm, func(ctx context.Context, tx bun.Tx) error {
				after, err = SealSome(ctx, tx, l.Key, firm, after)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
