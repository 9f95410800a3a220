package notices_test

import (
	"context"
	netmail "net/mail"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/notices"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/job"
	"portico/platform/lang"
	"portico/platform/mail"
	"portico/platform/module"
	"portico/platform/notice"
	"portico/platform/portaltest"
	"portico/platform/post"
)

// The gazette is a section that does nothing but tell people of things.
var (
	news = notice.Kind{ID: "gazette:news", Title: "News", Help: "What the gazette has to say."}
	law  = notice.Kind{ID: "gazette:law", Title: "Law", Help: "What must be said.", Legal: true}
	wait = notice.Kind{ID: "gazette:wait", Title: "Waiting", Help: "Somebody waits.", Waits: true}
)

// told is one telling of one person.
type told struct {
	Contact, Item       uuid.UUID
	Kind, Title, Bundle string
}

var tell = job.New[told]("gazette:tell")

// gazette is a site with it; what is hidden may nobody see.
type gazette struct {
	*portaltest.Site
	t      testing.TB
	mu     *sync.Mutex
	hidden map[uuid.UUID]bool
}

func open(t testing.TB) gazette {
	t.Helper()
	g := gazette{t: t, mu: &sync.Mutex{}, hidden: map[uuid.UUID]bool{}}
	g.Site = portaltest.Open(t, notices.Module, module.Module{
		ID: "gazette", Title: "Gazette", Summary: "Tells people of things", Icon: "newspaper", Toggle: module.Always,
		Notices: []notice.Kind{news, law, wait},
		Mount: func(p module.Platform) (module.Section, error) {
			return module.Section{
				Jobs: []job.Handler{tell.Handle(func(ctx context.Context, tx bun.Tx, firm uuid.UUID, it told) error {
					return g.deliver(ctx, tx, p, firm, it)
				})},
				Still: func(_ context.Context, _ bun.Tx, _ auth.Viewer, items []uuid.UUID) ([]uuid.UUID, error) {
					return slices.DeleteFunc(items, g.hides), nil
				},
			}, nil
		},
	})
	return g
}

func (g gazette) hides(item uuid.UUID) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.hidden[item]
}

func (g gazette) hide(item uuid.UUID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.hidden[item] = true
}

// deliver is what the job of a section does: it asks whether the reader may see it, and hands in its letter.
func (g gazette) deliver(ctx context.Context, tx bun.Tx, p module.Platform, firm uuid.UUID, it told) error {
	if g.hides(it.Item) {
		return nil
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, p.Now())
	if err != nil {
		return err
	}
	v, ok, err := auth.ContactAs(ctx, tx, auth.System(firm), it.Contact, p.Now())
	if err != nil || !ok {
		return fault.IgnoreNotFound(err)
	}
	kind, _ := p.Notices.Kinds.Find(it.Kind)
	_, err = p.Notices.Deliver(ctx, tx, loaded.Firm, notice.Notice{
		Kind: kind, Item: it.Item, Bundle: it.Bundle, Path: "/portal/all", Many: func(_ *lang.Reader, n int) string { return "Several: " + string(rune('0'+n)) },
	}, post.Envelope{
		ID: job.Current(ctx).ID, Kind: tell.Name(), PersonID: v.PersonID, ContactID: it.Contact, To: netmail.Address{Name: v.Name, Address: v.Email},
	}, mail.Letter{Subject: it.Title, Greeting: "Hello", Lines: []string{it.Title}})
	return err
}

// promise promises a telling, as often as is said under the same id.
func (g gazette) promise(who string, it told, times int) (item uuid.UUID) {
	g.t.Helper()
	if it.Item == uuid.Nil {
		it.Item = id.New()
	}
	if it.Kind == "" {
		it.Kind = news.ID
	}
	it.Contact = g.Person(who).ContactID
	same := id.New()
	err := db.InTx(g.t.Context(), g.Pool, g.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		for range times {
			if _, err := tell.Enqueue(ctx, tx, g.FirmID(), it, job.ID(same)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		g.t.Fatal(err)
	}
	return it.Item
}

// subjects are the subjects of the mails to somebody, in order.
func (g gazette) subjects(who string) (list []string) {
	g.t.Helper()
	address := g.Person(who).Email
	for _, m := range g.Mails() {
		if m.Recipient == address {
			list = append(list, m.Subject)
		}
	}
	return list
}

func (g gazette) do(query string, args ...any) {
	g.t.Helper()
	if _, err := g.DB(g.t).NewRaw(query, args...).Exec(g.t.Context()); err != nil {
		g.t.Fatal(err)
	}
}

// now makes what was put off due.
func (g gazette) now(kind string) {
	g.t.Helper()
	g.do("update outbox set next_at = now(), dispatches = 0, tries = 0 where kind = ? and done_at is null", kind)
	g.Settle(g.t)
}

// digests lets the clock look for daily mails.
func (g gazette) digests() {
	g.t.Helper()
	g.do("insert into outbox (firm_id, id, kind, payload) values (?, ?, 'notice:find_digests', '{}')", g.FirmID(), id.New())
	g.Settle(g.t)
}

func (g gazette) choose(who string, kind notice.Kind, w notice.Ways) {
	g.t.Helper()
	err := db.InTx(g.t.Context(), g.Pool, g.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		return g.Notices.Choose(ctx, tx, g.FirmID(), g.Person(who).ID, map[string]notice.Ways{kind.ID: w})
	})
	if err != nil {
		g.t.Fatal(err)
	}
}
