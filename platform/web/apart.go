package web

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"runtime/debug"
	"time"

	"portico/platform/db"
	"portico/platform/view"
)

// errLost says that an earlier part took the transaction with it: what is left of the page has to be asked for again.
var errLost = errors.New("the transaction was lost in another part of the page")

// grace is how much later than PostgreSQL we give up ourselves: our way costs the connection.
const grace = 250 * time.Millisecond

// Apart does a part of a page that may fail, or take too long, without harm to the rest: panics, refused statements and
// the clock end the part alone. It reads; whatever it writes is taken back. Inside, Context is the part's own: what does
// not look at it cannot be stopped.
func (r *Request) Apart(within time.Duration, part func() error) (err error) {
	if !r.opened {
		return errLost
	}
	if end, ok := r.ctx.Deadline(); ok {
		if left := time.Until(end); left < within { // a part of a part
			within = left
		}
	}
	if within <= 0 {
		return context.DeadlineExceeded
	}
	whole := r.ctx
	back, err := db.Apart(whole, r.tx, within)
	if err != nil {
		r.rollback()
		return err
	}
	ctx, cancel := context.WithTimeout(whole, within+grace)
	title, toasts, after := r.Here().Title, len(r.toasts), len(r.after)
	r.ctx = ctx
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
		cancel()
		r.ctx, r.toasts, r.after, r.Here().Title = whole, r.toasts[:toasts], r.after[:after], title
		if lost := back(); lost != nil { // the clock ended a statement in the middle, and the connection with it
			r.rollback()
			err = errors.Join(err, lost)
		}
	}()
	return part()
}

// Drawn is a fragment as it will stand in another view.
func (r *Request) Drawn(part Part) (template.HTML, error) {
	b := view.Buffer()
	defer view.Return(b)
	if err := r.views().Draw(b, part.View, part.Data); err != nil {
		return "", err
	}
	return view.Safe(b.String()), nil
}

// Markup begins the rows of a hot list.
func (r *Request) Markup() *view.Markup { return view.NewMarkup(r.app.Assets) }
