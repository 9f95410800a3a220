package bounce

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/db"
	"portico/platform/mail"
	"portico/platform/post"
)

// Desk is where all reports arrive.
type Desk struct {
	Pool, Ops *bun.DB
	Address   Address // the zero Address: there is none
	Secret    string  // what a webhook shows; "": there is none
	Now       func() time.Time
	Log       *slog.Logger
}

// A report is older than its mail and seldom by more than the five days that servers keep trying. Later ones, and those
// of the future, are nobody's.
const (
	oldest = 30 * 24 * time.Hour
	young  = time.Hour
)

// errEarly says that a mail may not have been written down yet: a report can be quicker than our own transaction.
var errEarly = errors.New("a report about a mail that is not known yet")

// Take keeps what is said of a mail. The same word twice is one word.
func (d *Desk) Take(ctx context.Context, id uuid.UUID, r mail.Report) error {
	if id.Version() != 7 || !r.Trouble() {
		return nil
	}
	sec, nsec := id.Time().UnixTime()
	age := d.Now().Sub(time.Unix(sec, nsec))
	if age > oldest || age < -young {
		return nil
	}
	firm, known, err := firmOf(ctx, d.Ops, id)
	if err != nil {
		return err
	}
	if !known {
		if age < young {
			return errEarly
		}
		return nil
	}
	err = db.InTx(ctx, d.Pool, firm, func(ctx context.Context, tx bun.Tx) error { return post.Reported(ctx, tx, firm, id, r) })
	if err == nil {
		d.Log.Info("a mail was reported", "mail", id.String(), "status", r.Status, "hard", r.Hard())
	}
	return err
}
