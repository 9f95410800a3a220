package post

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/db"
)

// Lease is how long a mail can be on its way to the server. One that was noted as being handed over longer ago, and of
// which nothing is known since, counts as unsure.
const Lease = 15 * time.Minute

// Unsure is what people are told of a mail that perhaps went out.
const Unsure = "We cannot tell whether it arrived: the program stopped, or the line broke, while the mail was handed over."

// errHanded says that another copy of the job hands the same mail over at this moment.
var errHanded = errors.New("this mail is being handed over already")

// handing is the note that a mail is being handed over. It is written and taken back in transactions of its own, so
// that it outlives whatever becomes of the job.
type handing struct {
	pool *bun.DB
	firm uuid.UUID
	row  sent
	done bool
}

// begin writes the note before the content leaves.
func (h *handing) begin(ctx context.Context) error {
	if h.done {
		return nil
	}
	err := db.InTx(ctx, h.pool, h.firm, func(ctx context.Context, tx bun.Tx) error { return beginHanding(ctx, tx, h.row) })
	h.done = err == nil
	return err
}

// takeBack is for a mail that the server has certainly not taken: the job comes back to it. While the note cannot be
// taken back, it stays unsure.
func (h *handing) takeBack(ctx context.Context, why error) error {
	if !h.done {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := db.InTx(ctx, h.pool, h.firm, func(ctx context.Context, tx bun.Tx) error {
		return endHanding(ctx, tx, h.firm, h.row.ID, why.Error())
	})
	if err != nil {
		return fmt.Errorf("take back that a mail was handed over: %w", err)
	}
	return nil
}
