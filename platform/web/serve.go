package web

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/id"
)

var publicly = access.Public

func notFound(*Request) error { return fault.NotFound() }

// serve is what happens around every handler, in this order.
func (a *App) serve(module string, route Route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		began := a.Now()
		r := &Request{c: c, app: a, route: &route, module: module, id: id.New().String()[24:]}
		ctx := context.Background()
		if a.Prepare != nil {
			ctx = a.Prepare(ctx)
		}
		r.base, r.hooks = db.WithHooks(ctx)
		r.restart()
		defer func() { r.cancel() }()
		r.headers()

		err := r.run()
		if err != nil {
			err = r.refuse(err)
		}
		r.finish()
		if err == nil {
			r.compress()
		}
		if a.Observe != nil {
			a.Observe(route.Path, c.Method(), c.Response().StatusCode(), a.Now().Sub(began))
		}
		return err
	}
}

// restart begins the time that the answer may take.
func (r *Request) restart() {
	if r.cancel != nil {
		r.cancel()
	}
	r.ctx, r.cancel = context.WithTimeout(r.base, cmp.Or(r.route.Time, answerTime))
	r.c.SetUserContext(r.ctx)
}

func (r *Request) run() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	if r.c.Get("Content-Encoding") != "" { // a small body that unpacks to a gigabyte
		return fault.WrongType("Compressed requests are not taken.")
	}
	if r.route.NoFirm {
		return r.route.Handle(r)
	}
	if err := r.findFirm(); err != nil {
		return err
	}
	if err := r.sameSite(); err != nil {
		return err
	}
	if err := r.withinLimit(); err != nil {
		return err
	}
	if err := r.arrive(); err != nil {
		return err
	}
	return r.answer(func() error {
		if err := r.route.Handle(r); err != nil {
			return err
		}
		return r.commit()
	})
}

// answer takes a turn and a transaction, and lets in whom the route is for.
func (r *Request) answer(handle func() error) error {
	release, err := r.slot()
	if err != nil {
		return err
	}
	defer release()
	if err := r.open(); err != nil {
		return err
	}
	defer r.rollback()
	if err := r.admit(); err != nil {
		return err
	}
	return handle()
}

// arrive waits for the body before it takes a turn: whoever sends slowly keeps nobody else waiting. Small bodies are
// held in memory; large ones go to the disk, and only when their sender may send them.
func (r *Request) arrive() error {
	if r.reads() || r.route.Stream {
		return nil
	}
	began := r.app.Now()
	if r.route.Body > bodyBytes {
		if err := r.answer(func() error { return nil }); err != nil {
			return err
		}
		if err := r.parseBody(); err != nil {
			return err
		}
	} else if err := r.hold(); err != nil {
		return err
	}
	if r.app.Now().Sub(began) > time.Second {
		r.restart()
	}
	return nil
}

func (r *Request) findFirm() error {
	firm, moved, err := r.app.FirmAt(r.ctx, r.Host())
	if err != nil {
		return busy(err)
	}
	r.firm = firm
	if moved != "" {
		return movedTo(moved + string(r.c.Request().URI().RequestURI()))
	}
	return r.encrypted()
}

func (r *Request) withinLimit() error {
	if r.route.Limit == nil || r.app.Allow == nil {
		return nil
	}
	key := r.route.Limit.Name + ":" + r.firm.String() + ":" + neighbourhood(r.IP())
	if retry, ok := r.app.Allow(r.ctx, key, *r.route.Limit); !ok {
		return fault.TooMany("That was tried too often. Please wait a little.", retry)
	}
	return nil
}

// slot waits at most 2 s for a turn: under overload some are told so quickly, and the rest are served.
func (r *Request) slot() (release func(), err error) {
	select {
	case r.app.slots <- struct{}{}:
	default:
		timer := time.NewTimer(2 * time.Second)
		defer timer.Stop()
		select {
		case r.app.slots <- struct{}{}:
		case <-timer.C:
			return nil, fault.Unavailable(2 * time.Second)
		}
	}
	return func() { <-r.app.slots }, nil
}

// open begins the transaction and learns, in its first statement, who looks.
func (r *Request) open() (err error) {
	if r.reads() {
		r.tx, err = db.BeginRead(r.ctx, r.app.Pool, r.firm)
	} else {
		r.tx, err = db.Begin(r.ctx, r.app.Pool, r.firm)
	}
	if err != nil {
		return busy(err)
	}
	r.opened = true
	r.token = r.sessionCookie()
	r.viewer, err = r.app.Load(r.ctx, r.tx, r.firm, r.token)
	if err == nil {
		err = r.lookAs()
	}
	r.viewer.From = auth.Origin{IP: r.IP(), Agent: r.Agent()}
	return err
}

func (r *Request) reads() bool { return r.c.Method() == "GET" || r.c.Method() == "HEAD" }

// admit narrows the viewer to the scope of the address and asks whether the route is for them.
func (r *Request) admit() error {
	who := r.route.Who
	if err := r.onlyLooks(); err != nil {
		return err
	}
	if r.viewer.Firm.Suspended && who.Who != access.Anyone {
		return fault.NotFound()
	}
	if r.viewer.Side == auth.Portal && strings.HasPrefix(r.route.Path, "/portal/:scope") {
		narrowed, ok := r.viewer.InScope(r.Param("scope")) // what is no name is no project either
		if !ok {
			return fault.NotFound()
		}
		r.viewer = narrowed
	}
	if who.Who == access.ForClient && r.viewer.Side == auth.Portal && !r.viewer.Levels().Portal().On {
		return errClosed
	}
	if r.viewer.SignedIn() && r.viewer.Session.Duty != auth.NoDuty && !r.route.Duty && who.Who != access.Anyone {
		return errDuty
	}
	if r.viewer.May(who) {
		return nil
	}
	if !r.viewer.SignedIn() && who.Who != access.Nobody {
		return fault.SignIn()
	}
	return fault.NotFound()
}

func (r *Request) commit() error {
	if !r.opened {
		return nil
	}
	r.opened = false
	if err := r.tx.Commit(); err != nil {
		r.c.Response().ResetBody()
		return fmt.Errorf("commit: %w", err)
	}
	r.hooks.Run(r.ctx)
	return nil
}

func (r *Request) rollback() {
	if r.opened {
		r.opened = false
		_ = r.tx.Rollback()
	}
}

// EndTransaction commits early: what follows is slow and needs no rows, such as hashing a password.
func (r *Request) EndTransaction() error { return r.commit() }

// finish does what must not hold up or fail the answer.
func (r *Request) finish() {
	r.rollback()
	r.closeFiles()
	r.settle()
	for _, fn := range r.after {
		fn()
	}
	if r.viewer.Session.Stale && r.app.Touch != nil {
		v := r.viewer
		if err := r.deliver(func(ctx context.Context, tx bun.Tx) error { return r.app.Touch(ctx, tx, v) }); err != nil {
			r.Log().Warn("session not prolonged", "err", err)
		} else if r.preview == "" {
			r.SetSession(r.token)
		}
	}
}
