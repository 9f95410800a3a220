// Package authtest gives the tests of the front door a real PostgreSQL and a small story: a builder with an owner, a
// member of staff and the Harts, whose Ana is a portal user.
package authtest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/migrations"
	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/embedded"
	"portico/platform/id"
	"portico/platform/secret"
)

// URL is the database's; the pools are those of the program.
var (
	URL       string
	Pool, Ops *bun.DB
	Owner     *bun.DB
	Key       = secret.NewKey()
)

// Main is what TestMain does: it runs the tests beside a PostgreSQL of their own.
func Main(m *testing.M) int {
	dir, err := embedded.ThrowawayDir()
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	stores, err := embedded.Start(ctx, embedded.Options{Dir: dir, Postgres: true, Throwaway: true,
		RuntimeDir: embedded.SharedRuntime(os.Getenv, os.Geteuid())})
	if err != nil {
		fmt.Fprintln(os.Stderr, "PostgreSQL does not start:", err)
		return 1
	}
	defer func() { _ = stores.Stop(context.Background()) }()
	URL = stores.DatabaseURL
	if err := open(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "the schema cannot be made:", err)
		return 1
	}
	return m.Run()
}

func open(ctx context.Context) (err error) {
	if Owner, err = db.Open(URL, db.Options{MaxConns: 2}); err != nil {
		return err
	}
	if _, err = db.Migrate(ctx, Owner, []db.Source{{Name: "platform", Schema: "public", FS: migrations.FS}}); err != nil {
		return err
	}
	if Pool, err = db.Open(URL, db.Options{Role: db.App, MaxConns: 24}); err != nil {
		return err
	}
	Ops, err = db.Open(URL, db.Options{Role: db.Ops, MaxConns: 4})
	return err
}

// In runs fn in a transaction of the firm that commits.
func In(t testing.TB, firm uuid.UUID, fn func(ctx context.Context, tx bun.Tx) error) {
	t.Helper()
	if err := Try(t, firm, fn); err != nil {
		t.Fatal(err)
	}
}

// Try is In for what may be refused.
func Try(t testing.TB, firm uuid.UUID, fn func(ctx context.Context, tx bun.Tx) error) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return db.InTx(ctx, Pool, firm, fn)
}

// Story is one firm.
type Story struct {
	Firm                uuid.UUID
	Key                 string
	Olive, Max          uuid.UUID // owner and member; people
	Harts, Birch        uuid.UUID // clients
	Ana, AnaPerson      uuid.UUID // contact of the Harts
	Kitchen, Barn, Shed uuid.UUID // the Harts' projects: Barn is archived, Shed not shared
	Birchs              uuid.UUID // project of the Birches
}

// AnaEmail is Ana's address, the same in every firm.
const AnaEmail = "ana@hart.example"

// New tells the story once more, in a firm of its own.
func New(t testing.TB) Story {
	t.Helper()
	s := Story{
		Firm: id.New(), Olive: id.New(), Max: id.New(), Harts: id.New(), Birch: id.New(), Ana: id.New(), AnaPerson: id.New(),
		Kitchen: id.New(), Barn: id.New(), Shed: id.New(), Birchs: id.New(),
	}
	s.Key = "firm-" + strings.ReplaceAll(s.Firm.String(), "-", "")[20:]
	In(t, s.Firm, s.write)
	return s
}

// Viewer signs in and loads the viewer: contact uuid.Nil is the office.
func (s Story) Viewer(t testing.TB, person, contact uuid.UUID) (token string, v auth.Viewer) {
	t.Helper()
	In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
		token, err = auth.Start(ctx, tx, auth.NewSession{Firm: s.Firm, Person: person, Contact: contact})
		return err
	})
	return token, s.Load(t, token).Viewer
}

// Load answers who holds the token now.
func (s Story) Load(t testing.TB, token string) (l auth.Loaded) {
	t.Helper()
	In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
		l, err = auth.Load(ctx, tx, s.Firm, secret.Hash(token), time.Now())
		return err
	})
	return l
}

// Office is staff of that role as a viewer, without a session.
func (s Story) Office(person uuid.UUID, role access.Role) auth.Viewer {
	return auth.Viewer{Side: auth.Office, Firm: auth.Firm{ID: s.Firm}, PersonID: person, Role: role}
}

// Ana is Ana as a viewer, without a session.
func (s Story) AnaViewer() auth.Viewer {
	return auth.Viewer{Side: auth.Portal, Firm: auth.Firm{ID: s.Firm}, PersonID: s.AnaPerson, ContactID: s.Ana, ClientID: s.Harts, Email: AnaEmail}
}
